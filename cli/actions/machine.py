"""Look at this machine."""

from contextlib import suppress

from advisor import machine, verdicts
from advisor.errors import InvalidInput
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
            with suppress(InvalidInput):  # shown even where it is unfit to be read back
                render.show(to, verdicts.of_profile(found))
    return 0
