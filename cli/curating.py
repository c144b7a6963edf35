"""What a curator types: proposals, what they would change, releases, decided cases, the state of the knowledge.

What a command does is in `cli.actions.curation`, imported by the command that needs it, for start-up time.
"""

from pathlib import Path
from typing import Annotated

import typer

from cli.choices import AsJson

curating = typer.Typer(rich_markup_mode=None)
Proposals = Annotated[
    list[str] | None,
    typer.Option(
        "--proposal",
        metavar="ID",
        help="A stored proposal to apply to the active release's pack; may be repeated, in their order.",
    ),
]
PackFolder = Annotated[
    Path | None, typer.Argument(metavar="[FOLDER]", help="The folder of a pack. Default: the shipped one.")
]


@curating.command(short_help="Publish a pack, or proposals, as a release.")
def publish(
    folder: PackFolder = None,
    proposal: Proposals = None,
    waive: Annotated[
        str | None,
        typer.Option(metavar="REASON", help="Publish although more answers turn round than allowed; kept on record."),
    ] = None,
    again: Annotated[
        str | None, typer.Option(metavar="RELEASE", help="Answer from this stored release again; nothing is weighed.")
    ] = None,
    as_json: AsJson = False,
) -> int:
    """Publish a pack, or the active release's pack with proposals, and answer from it.

    A pack with a problem changes nothing. What turns round more answers than STEELYARD_FLIP_LIMIT allows is listed and
    not published (exit code 1) unless a reason is given.
    """
    from cli.actions import curation

    return curation.publish(folder, proposal or [], waive, again, as_json=as_json)


@curating.command(short_help="Check a proposed change, store it, and say what it would change.")
def propose(
    file: Annotated[str, typer.Argument(metavar="FILE", help="A proposal in YAML, or `-`; `draft` writes one.")],
    as_json: AsJson = False,
) -> int:
    """Check a proposed change against the active release's pack, store it, and say what it would change in answers."""
    from cli.actions import curation

    return curation.propose(file, as_json=as_json)


@curating.command(short_help="Write the frame of a proposal for a new version.")
def draft(
    framework: Annotated[str, typer.Argument(metavar="FRAMEWORK", help="The id of the framework it is about.")],
    version: Annotated[str, typer.Option(metavar="VERSION", help="The new version, such as 2.16.0.")],
    date: Annotated[str, typer.Option(metavar="DAY", help="The day it came out (YYYY-MM-DD).")],
    url: Annotated[str, typer.Option(metavar="URL", help="Where its release note can be read (https).")],
    title: Annotated[str | None, typer.Option(metavar="TEXT", help="The title of the release note.")] = None,
    author: Annotated[str, typer.Option(metavar="NAME", help="Who proposes it.")] = "unnamed",
) -> int:
    """Write a proposal in YAML that enters a release note: its source, a piece of evidence and the new version.

    Add to it what else the release note says, then hand it to `propose`.
    """
    from cli.actions import curation

    return curation.draft(framework, version, date, url, title, author)


@curating.command(short_help="List the stored proposals, or show one.")
def proposals(
    proposal: Annotated[str | None, typer.Argument(metavar="[ID]", help="The id of a stored proposal.")] = None,
    as_json: AsJson = False,
) -> int:
    """List the stored proposals, newest first, or show one as it was written."""
    from cli.actions import curation

    return curation.proposals(proposal, as_json=as_json)


@curating.command(short_help="Say in words how two releases differ.")
def diff(
    before: Annotated[str, typer.Argument(metavar="BEFORE", help="The id of a release.")],
    after: Annotated[
        str | None, typer.Argument(metavar="[AFTER]", help="The id of a release. Default: the active one.")
    ] = None,
    as_json: AsJson = False,
) -> int:
    """Say in words how two releases differ: facts, grades, evidence, rules."""
    from cli.actions import curation

    return curation.diff(before, after, as_json=as_json)


@curating.command(short_help="List the answers that a change turns round.")
def impact(
    against: Annotated[
        str | None,
        typer.Argument(
            metavar="[FOLDER|RELEASE]",
            help="A pack's folder, or a release that the active one followed. Default: the shipped pack.",
        ),
    ] = None,
    proposal: Proposals = None,
    as_json: AsJson = False,
) -> int:
    """List the shipped cases and recorded decisions whose first place a change turns round."""
    from cli.actions import curation

    return curation.impact(against, proposal or [], as_json=as_json)


@curating.command(short_help="Compare the answers with documented decisions of outside teams.")
def cases(
    folder: Annotated[Path | None, typer.Argument(metavar="[FOLDER]", help="Cases. Default: the shipped ones.")] = None,
    as_json: AsJson = False,
) -> int:
    """Compare the answers with documented decisions of outside teams, beside rules of thumb on the same cases."""
    from cli.actions import curation

    return curation.cases(folder, as_json=as_json)


@curating.command(short_help="Say what is thin, old, one-sided or disputed, and what to find out next.")
def health(
    most: Annotated[int, typer.Option("--most", min=1, max=10_000, help="How many items of the queue to show.")] = 20,
    as_json: AsJson = False,
) -> int:
    """Say how much is known, what is thin, old, one-sided or disputed, and what would be worth finding out next."""
    from cli.actions import curation

    return curation.health(most, as_json=as_json)
