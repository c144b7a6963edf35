"""What is typed to measure frameworks on this machine. What the command does is in `cli.actions.measuring`."""

from pathlib import Path
from typing import Annotated

import typer

from cli.choices import AsJson

measuring = typer.Typer(rich_markup_mode=None)


@measuring.command(short_help="Measure frameworks on this machine.")
def measure(
    frameworks: Annotated[
        list[str] | None,
        typer.Argument(metavar="[FRAMEWORK]...", help="Ids of frameworks to measure. Default: all that can be."),
    ] = None,
    repeats: Annotated[
        int | None, typer.Option(metavar="K", help="Fresh processes for each cell. Default: 5; with --quick 2.")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Install and run what the plan lists, without asking.")] = False,
    quick: Annotated[
        bool, typer.Option("--quick", help="Little of everything: to see that it works, not to quote.")
    ] = False,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Make the environments anew, and take up no interrupted measurement.")
    ] = False,
    pin: Annotated[
        list[str] | None,
        typer.Option(metavar="REQUIREMENT", help="A version to measure, such as torch==2.13.0; may be repeated."),
    ] = None,
    given: Annotated[
        Path | None, typer.Option("--from", metavar="FILE", help="Measure nothing; take the measurement in this file.")
    ] = None,
    folder: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Write a page, pictures and the document here; prose on the page is kept."),
    ] = None,
    target: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="Write the document (JSON) to a new file.")
    ] = None,
    propose: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Write a proposal (YAML) with the evidence to a new file; changes nothing."),
    ] = None,
    as_json: AsJson = False,
) -> int:
    """Measure frameworks on this machine: size, start, training, answers and memory of the same small models.

    Each is installed into an environment of its own from pip's configured index, after you agree to the plan (--yes, or
    "yes" at the question). Without that the plan is shown and nothing is done.
    """
    from cli.actions import measuring as actions

    asked = actions.Options(
        frameworks=frameworks or [],
        repeats=repeats,
        yes=yes,
        quick=quick,
        fresh=fresh,
        pins=pin or [],
        given=given,
        folder=folder,
        target=target,
        propose=propose,
    )
    return actions.measure(asked, as_json=as_json)
