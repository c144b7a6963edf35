"""Show what a wheel, a folder or a library holds."""

from pathlib import Path

from advisor import verdicts
from cli import output


def contents(path: Path, capability: str | None, *, as_json: bool) -> int:
    """Show what is inside; 2 where not everything could be read; see `cli.covering.coverage`."""
    found = verdicts.contents(path, capability)
    if as_json:
        output.emit_json(found)
    else:
        from cli.render import screen
        from cli.render import verdicts as render

        with screen.page() as to:
            render.contents(to, found)
    return 2 if found["faults"] else 0
