"""Look at this machine, and at those of the catalogue."""

from contextlib import suppress

from advisor import machine, machines, verdicts
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
                render.show(to, verdicts.of_profile(found), found.get("conflicts", ()))
    return 0


def catalogue(words: str, of_class: str | None, kind: str | None, *, as_json: bool) -> int:
    """List the known machines that fit; see `cli.commands.catalogue`."""
    found = machines.listing(words, kind, of_class)
    if as_json:
        output.emit_json({"machines": found})
    else:
        from cli.render import machines as render
        from cli.render import screen

        with screen.page() as to:
            render.listing(to, found)
    return 0


def show(name: str, *, as_json: bool) -> int:
    """Show a known machine in full; see `cli.commands.catalogue`."""
    found = machines.one(name)
    if as_json:
        output.emit_json(found)
    else:
        from cli.render import machines as render
        from cli.render import screen

        with screen.page() as to:
            render.show(to, found)
    return 0
