"""What can be asked of hardware profiles: commands beside those of `cli.commands`.

Each action is imported by the command that needs it: start-up time.
"""

from typing import Annotated

import typer

from cli.choices import AsJson

hardware = typer.Typer(help="Hardware profiles: those that are stored, and what changed.", rich_markup_mode=None)


@hardware.command(short_help="Say what changed from one profile to another.")
def diff(
    before: Annotated[str, typer.Argument(metavar="BEFORE", help="A profile: FILE, stored ID, catalogue:NAME, local.")],
    after: Annotated[str, typer.Argument(metavar="[AFTER]", help="Another. Default: local, this machine.")] = "local",
    as_json: AsJson = False,
) -> int:
    """Say what changed since it worked: devices, drivers, limits, software; what most likely matters comes first."""
    from cli.actions import machine

    return machine.diff(before, after, as_json=as_json)


@hardware.command(name="list", short_help="List the stored profiles, newest first.")
def list_profiles(as_json: AsJson = False) -> int:
    """List the stored profiles, newest first."""
    from cli.actions import machine

    return machine.listing(as_json=as_json)


@hardware.command(short_help="Remove a stored profile.")
def forget(profile: Annotated[str, typer.Argument(metavar="ID", help="The id of a stored profile.")]) -> int:
    """Remove a stored profile. Recommendations about it stand: each holds the profile that it was made from."""
    from cli.actions import machine

    return machine.forget(profile)
