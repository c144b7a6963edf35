"""What can be asked of a file that holds a framework's code. The action is imported by the command: start-up time."""

from pathlib import Path
from typing import Annotated

import typer

from cli.choices import AsJson

covering = typer.Typer(rich_markup_mode=None)


@covering.command(short_help="Say which GPUs a wheel holds code for.")
def coverage(
    path: Annotated[
        Path,
        typer.Argument(metavar="WHEEL-OR-FOLDER", help="A wheel, a library, or a folder with all below it."),
    ],
    capability: Annotated[
        str | None,
        typer.Option(metavar="X.Y", help="Also say whether a device of this compute capability is covered."),
    ] = None,
    as_json: AsJson = False,
) -> int:
    """Say which generations of graphics processors a wheel really holds code for; nothing of it is loaded or run.

    Exits with 2 where something could not be read: what it holds is then not known.
    """
    from cli.actions import covering as actions

    return actions.contents(path, capability, as_json=as_json)
