"""Look at this machine."""

from advisor import machine, verdicts
from cli import output
from cli.actions import opening


def probe(*, as_json: bool) -> int:
    """Show this machine's hardware profile; see `cli.commands.probe`."""
    found = machine.look(opening.settings())
    if as_json:
        output.emit_json(found)
    else:
        from cli.render import hardware, screen
        from cli.render import verdicts as render

        with screen.page() as to:
            hardware.show(to, found)
            render.show(to, verdicts.of_profile(found))
    return 0
