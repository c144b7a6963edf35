"""Known machines for "what if": found by words, shown with their sources, given as hardware profiles.

`search` finds, `get` gives one by name or alias, `Machine.document` is its profile (origin `catalogue`), which
`probes.parse` reads. The package knows no framework and looks at no machine; its files are read when they are first
asked for, never at import.
"""

from probes.catalogue.finding import LONGEST_NAME, NoMachine, get, machines, search
from probes.catalogue.reading import CLASSES, Machine, Source

__all__ = ["CLASSES", "LONGEST_NAME", "Machine", "NoMachine", "Source", "get", "machines", "search"]
