"""Look at this machine."""

from advisor import machine
from cli.actions import opening
from cli.render import hardware, screen


def probe(*, as_json: bool) -> int:
    """Show this machine's hardware profile; see `cli.commands.probe`."""
    found = machine.look(opening.settings())
    if as_json:
        screen.emit_json(found)
    else:
        with screen.page() as to:
            hardware.show(to, found)
    return 0
