"""What can be typed to have files of projects scored, and to work on what the service was handed."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from cli.choices import AsJson, Hardware

scoring = typer.Typer(rich_markup_mode=None)


class More(StrEnum):
    """What may come with the results."""

    SCORES = "scores"
    PASSPORT = "passport"


Sources = Annotated[
    list[Path] | None,
    typer.Argument(
        metavar="IN...",
        help="Projects, one a row: files (.csv, .tsv, .jsonl, .xlsx, .parquet), folders of them, or patterns.",
    ),
]
Target = Annotated[
    Path | None,
    typer.Option("--output", "-o", metavar="OUT", help="Results: .parquet, .csv, .tsv, .jsonl or .xlsx."),
]
Errors = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        help="Where the faults of bad rows go. Default: beside OUT, as NAME.errors.ENDING (CSV beside TSV and XLSX).",
    ),
]
Resume = Annotated[bool, typer.Option("--resume", help="Go on with what was interrupted.")]
Workers = Annotated[
    int | None,
    typer.Option(
        min=1, max=1024, metavar="N", help="Parts at once. Default: one for each processor, fewer for few rows."
    ),
]
On = Annotated[
    str | None,
    typer.Option(
        metavar="dask[=ADDRESS]", help="Work on a Dask cluster, by its scheduler's address, or one made here."
    ),
]
Columns = Annotated[
    list[str] | None,
    typer.Option(
        "--map",
        metavar="COLUMN=QUESTION",
        help="What a column means: a question, id, name, weight or packages; - leaves it out. May be repeated.",
    ),
]
Mapping = Annotated[
    str | None, typer.Option(metavar="FILE", help="What columns and words of the files mean, in YAML or JSON.")
]
Top = Annotated[
    int | None, typer.Option(min=1, max=20, metavar="K", help="How many places of each role are told. Default: 3.")
]
With = Annotated[
    list[More] | None, typer.Option("--with", help="What comes with them; passports are slow. May be repeated.")
]
Policies = Annotated[
    list[str] | None,
    typer.Option(metavar="FILE|ID", help="A house policy to answer under; may be repeated, lowest layer first."),
]
BlockRows = Annotated[
    int | None, typer.Option(min=64, max=1_048_576, metavar="N", help="Rows done at once. Default: 65536.")
]
Check = Annotated[
    bool, typer.Option("--check", help="Say how the files are understood and how many rows are bad; score nothing.")
]
Template = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="Write an empty file with every question instead: .csv, .xlsx or .jsonl."),
]
Force = Annotated[bool, typer.Option("--force", help="Replace files that exist, begin anew.")]


@scoring.command(short_help="Score files of projects.")
def score(
    sources: Sources = None,
    target: Target = None,
    errors: Errors = None,
    resume: Resume = False,
    workers: Workers = None,
    on: On = None,
    columns: Columns = None,
    mapping: Mapping = None,
    top: Top = None,
    more: With = None,
    hardware: Hardware = None,
    policy: Policies = None,
    block_rows: BlockRows = None,
    check: Check = False,
    template: Template = None,
    force: Force = False,
    as_json: AsJson = False,
) -> int:
    """Score files of projects, each as `recommend` would; bad rows are reported in a file of their own.

    What is interrupted, however that came about, is gone on with by the same command with --resume.
    """
    from cli.actions import scoring as actions

    if template is not None:
        return actions.template(template, force=force)
    told = [each.value for each in more or ()]
    options = actions.Options(hardware, policy or (), columns or (), mapping, top, told, block_rows)
    if check:
        return actions.check(sources or (), options, as_json=as_json)
    how = actions.How(resume, force, workers, on)
    return actions.score(sources or (), target, errors, options, how, as_json=as_json)


@scoring.command(short_help="Work on portfolios that the service was handed.")
def work() -> int:
    """Work on portfolios that the service was handed, until ended; start as many as there are processors to spare."""
    from cli.actions import scoring as actions

    return actions.work()
