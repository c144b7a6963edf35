"""One module per resource. A route parses, calls one use case and renders; nothing is decided here."""
