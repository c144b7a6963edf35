"""A board's questions: the commands `consolidate` and `drift`. Their actions are imported by them: start-up time."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from cli.choices import AsJson, Hardware, Role
from cli.scoring import Columns, Mapping, Policies

consolidating = typer.Typer(rich_markup_mode=None)


class Also(StrEnum):
    """What else a board may be told."""

    SUMMARY = "summary"
    MOVERS = "movers"
    RISK = "risk"
    GROUPS = "groups"
    SENSITIVITY = "sensitivity"


@consolidating.command(short_help="Find the few frameworks that serve many projects.")
def consolidate(
    sources: Annotated[
        list[Path],
        typer.Argument(
            metavar="IN...",
            help="Files, folders or patterns of projects as `score` takes them; or results of "
            "`score --with scores` as one Parquet file.",
        ),
    ],
    role: Annotated[Role, typer.Option("--role", help="The role.")] = Role.TRAINING,
    up_to: Annotated[int, typer.Option("--up-to", metavar="K", min=1, help="The greatest number of frameworks.")] = 8,
    weights: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="How much each project counts: CSV with the columns id and weight. Default: the column weight of IN.",
        ),
    ] = None,
    also: Annotated[
        list[Also] | None, typer.Option("--also", help="What else to tell of the portfolio; may be repeated.")
    ] = None,
    picture: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Also draw what is lost against how many, as SVG.")
    ] = None,
    hardware: Hardware = None,
    columns: Columns = None,
    mapping: Mapping = None,
    policy: Policies = None,
    as_json: AsJson = False,
) -> int:
    """Find the 1, 2, 3 ... frameworks that lose the least over a portfolio of projects, and whom they hurt."""
    from cli.actions import consolidating as actions

    told = [each.value for each in also or ()]
    asked = actions.Options(role.value, up_to, weights, told, hardware, policy or [], columns or [], mapping)
    return actions.consolidate(sources, asked, picture, as_json=as_json)


@consolidating.command(short_help="Tell what another release changes for many projects.")
def drift(
    sources: Annotated[
        list[Path],
        typer.Argument(
            metavar="IN...", help="Files, folders or patterns of projects, one a row, as `score` takes them."
        ),
    ],
    before: Annotated[str, typer.Option(metavar="RELEASE", help="The earlier release, by its id.")],
    after: Annotated[
        str | None, typer.Option(metavar="RELEASE", help="The later release. Default: the active one.")
    ] = None,
    role: Annotated[Role, typer.Option("--role", help="The role.")] = Role.TRAINING,
    hardware: Hardware = None,
    columns: Columns = None,
    mapping: Mapping = None,
    policy: Policies = None,
    as_json: AsJson = False,
) -> int:
    """Tell what comes first otherwise under a later release and why, who is excluded otherwise, and by which ways."""
    from cli.actions import drifting as actions

    asked = actions.Options(role.value, before, after, hardware, policy or [], columns or [], mapping)
    return actions.drift(sources, asked, as_json=as_json)
