"""What can be asked of a recorded recommendation: commands beside those of `cli.commands`.

Each action is imported by the command that needs it: start-up time.
"""

from pathlib import Path
from typing import Annotated

import typer

from cli.choices import AsJson, AskedDecision, DecisionId, Depth, RecordFormat, Role

asking = typer.Typer(rich_markup_mode=None)
signing_key = typer.Typer(help="The key that recommendations are signed with.", rich_markup_mode=None)


@asking.command(short_help="Explain a recommendation, briefly or sum by sum.")
def explain(
    decision: DecisionId,
    depth: Annotated[
        Depth,
        typer.Option(help="A sentence for each role, a page in Markdown, or everything to recompute it by."),
    ] = Depth.PAGE,
    as_json: AsJson = False,
) -> int:
    """Explain a recorded recommendation from what was recorded; nothing is decided again."""
    from cli.actions import questions

    return questions.explain(decision, depth.value, as_json=as_json)


@asking.command(short_help="Set two frameworks side by side.")
def compare(
    a: Annotated[str, typer.Argument(metavar="A", help="The id of a framework, such as pytorch.")],
    b: Annotated[str, typer.Argument(metavar="B", help="The id of another.")],
    decision: AskedDecision = None,
    role: Annotated[Role | None, typer.Option(help="Only this role. Default: every role that both play.")] = None,
    as_json: AsJson = False,
) -> int:
    """Set two frameworks of a recommendation side by side: where each is ahead, and what would level them."""
    from cli.actions import questions

    return questions.compare(a, b, decision, role.value if role else None, as_json=as_json)


@asking.command(name="why-not", short_help="Say why a framework does not come first.")
def why_not(
    framework: Annotated[str, typer.Argument(metavar="FRAMEWORK", help="The id of a framework, such as jax.")],
    decision: AskedDecision = None,
    as_json: AsJson = False,
) -> int:
    """Say of any framework on file why it is not the answer: excluded, behind another, or no candidate at all."""
    from cli.actions import questions

    return questions.why_not(framework, decision, as_json=as_json)


@asking.command(name="what-if", short_help="Try other answers without recording anything.")
def what_if(
    decision: DecisionId,
    changes: Annotated[
        list[str],
        typer.Argument(
            metavar="QUESTION=ANSWER...",
            help="Another answer to a question; several values are separated by commas, and nothing after the = takes "
            "the answer back; [] is none of these.",
        ),
    ],
    as_json: AsJson = False,
) -> int:
    """Decide a recommendation under other answers, record nothing, and show what changes and what it comes from."""
    from cli.actions import questions

    return questions.what_if(decision, changes, as_json=as_json)


@asking.command(short_help="Say what changed between two recommendations, and why.")
def diff(
    decision: DecisionId,
    other: Annotated[str, typer.Argument(metavar="OTHER", help="The id of a later one.")],
    as_json: AsJson = False,
) -> int:
    """Say what changed from one recommendation to another, and how much of it came from which inputs."""
    from cli.actions import questions

    return questions.diff(decision, other, as_json=as_json)


@asking.command(short_help="Say whether a recommendation still holds, and what changed.")
def replay(
    decision: Annotated[
        str,
        typer.Argument(
            metavar="ID|FILE",
            help="The id of a recorded recommendation; a file with its record (Markdown, HTML, PDF) or with a decision "
            "document; or `-` for standard input.",
        ),
    ],
    as_json: AsJson = False,
) -> int:
    """Decide a recommendation again, from its own release and from the active one; exits with 1 when it does not hold.

    A record that was altered does not hold; lines that were added to its Markdown do no harm.
    """
    from cli.actions import decisions

    return decisions.replay(decision, as_json=as_json)


@asking.command(short_help="Write the decision record that a team commits.")
def record(
    decision: Annotated[
        str | None,
        typer.Argument(metavar="[ID]", help="The id of a recommendation. Default: the one recorded last."),
    ] = None,
    form: Annotated[
        RecordFormat | None,
        typer.Option("--format", help="Default: what the file's ending says, or Markdown."),
    ] = None,
    target: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FILE|FOLDER", help="Where the record goes. Default: standard output."),
    ] = None,
    appendix: Annotated[
        bool, typer.Option("--appendix", help="Add everything that was weighed; in HTML and PDF with pictures.")
    ] = False,
) -> int:
    """Write an architecture decision record: context, drivers, options, outcome, evidence, and what would change it.

    The file carries what it was made from: `steelyard replay FILE` says later whether it still holds.
    """
    from cli.actions import decisions

    return decisions.record(decision, form.value if form else None, target, appendix=appendix)


@asking.command(short_help="Check that a recommendation is unaltered and who signed it.")
def verify(
    decision: Annotated[
        str,
        typer.Argument(
            metavar="ID|FILE",
            help="The id of a recorded recommendation, a file with a decision document, or `-` for standard input.",
        ),
    ],
    public_key: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="FILE", help="A public key in PEM that may have signed it; may be repeated. Default: our own."
        ),
    ] = None,
    as_json: AsJson = False,
) -> int:
    """Check that a recommendation is unaltered and signed by a known key; exits with 1 when it is not."""
    from cli.actions import signatures

    return signatures.verify(decision, public_key or [], as_json=as_json)


@signing_key.command(short_help="Make a key that signs recommendations.")
def create(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Where the private key goes; it must not exist yet.")],
    as_json: AsJson = False,
) -> int:
    """Make a private key in a new file that only its owner may read, and print the public key that checks it."""
    from cli.actions import signatures

    return signatures.create(file, as_json=as_json)
