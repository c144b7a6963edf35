"""What can be typed: every command with its arguments, options and help. What a command does is in `cli.actions`.

Each action is imported by the command that needs it, not at the top: an import of the engine or the database would slow
down help, version and completion.
"""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(
    help="Weighs machine-learning frameworks against a project: a ranking, its reasons, and what would change it.",
    epilog="Exit codes: 0 done, 1 a no that you asked to fail on, 2 usage or bad input, 3 something outside failed.",
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
knowledge = typer.Typer(help="What is known about frameworks, and how it is known.", rich_markup_mode=None)
db = typer.Typer(help="The database.", rich_markup_mode=None)
signing_key = typer.Typer(help="The key that recommendations are signed with.", rich_markup_mode=None)
app.add_typer(knowledge, name="knowledge")
app.add_typer(db, name="db")
app.add_typer(signing_key, name="signing-key")


class Role(StrEnum):
    """The roles that can be ranked."""

    TRAINING = "training"
    HIGH_LEVEL = "high_level"
    SERVING = "serving"
    RUNTIME = "runtime"


class Verdict(StrEnum):
    """What was found of a piece of evidence."""

    HOLDS = "holds"
    OUTDATED = "outdated"
    CONTESTED = "contested"
    WRONG = "wrong"
    UNVERIFIABLE = "unverifiable"


class SourceKind(StrEnum):
    """Where a piece of evidence comes from."""

    VENDOR_DOCUMENTATION = "vendor_documentation"
    RELEASE_NOTE = "release_note"
    REGISTRY_METADATA = "registry_metadata"
    REPOSITORY_FILE = "repository_file"
    ISSUE_THREAD = "issue_thread"
    SURVEY = "survey"
    BENCHMARK = "benchmark"
    PAPER = "paper"
    OWN_MEASUREMENT = "own_measurement"
    ARTICLE = "article"


AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")]
Hardware = Annotated[
    str | None,
    typer.Option(
        "--hardware",
        metavar="local|FILE|ID",
        help="The machine: `local` looks at this one, FILE is a profile in JSON or YAML, ID one that is stored. "
        "Default: what the answers say.",
    ),
]
DecisionId = Annotated[str, typer.Argument(metavar="ID", help="The id of a recommendation, such as d-1a2b3c…")]


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version  # looks through installed packages: start-up time

        typer.echo(f"steelyard {version('steelyard')}")
        raise typer.Exit


@app.callback(invoke_without_command=True)
def _top(
    context: typer.Context,
    _version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


@app.command(short_help="Recommend frameworks for a project.")
def recommend(
    answers: Annotated[
        str,
        typer.Argument(
            metavar="ANSWERS",
            help="A file of answers in YAML or JSON (see examples/), or `-` for standard input.",
        ),
    ],
    hardware: Hardware = None,
    role: Annotated[
        list[Role] | None, typer.Option("--role", help="A role to rank; may be repeated. Default: what is called for.")
    ] = None,
    as_json: AsJson = False,
    no_store: Annotated[
        bool, typer.Option("--no-store", help="Do not record it; it can then not be asked about or replayed.")
    ] = False,
    expect: Annotated[
        str | None,
        typer.Option(
            metavar="FRAMEWORK", help="Exit with 1 unless this framework comes first, or ties for it, in some role."
        ),
    ] = None,
) -> int:
    """Recommend frameworks for a project, with reasons, exclusions and the way to each target."""
    from cli.actions import decisions

    roles = [str(each) for each in role] if role else None
    return decisions.recommend(answers, hardware, roles, as_json=as_json, store=not no_store, expect=expect)


@app.command(name="why-not", short_help="Say why a framework does not come first.")
def why_not(
    framework: Annotated[str, typer.Argument(metavar="FRAMEWORK", help="The id of a framework, such as jax.")],
    decision: Annotated[
        str | None, typer.Option(metavar="ID", help="The recommendation to ask. Default: the one recorded last.")
    ] = None,
    as_json: AsJson = False,
) -> int:
    """Say why a framework was excluded from a recommendation, or behind whom it came and where it lost."""
    from cli.actions import decisions

    return decisions.why_not(framework, decision, as_json=as_json)


@app.command(short_help="Decide a recommendation again and compare.")
def replay(decision: DecisionId, as_json: AsJson = False) -> int:
    """Decide a recorded recommendation again and compare every byte; exits with 1 when something differs."""
    from cli.actions import decisions

    return decisions.replay(decision, as_json=as_json)


@app.command(short_help="Check that a recommendation is unaltered and who signed it.")
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


@app.command(short_help="Look at this machine's hardware.")
def probe(as_json: AsJson = False) -> int:
    """Look at this machine: processor, memory, system and accelerators; what was not found, and why."""
    from cli.actions import machine

    return machine.probe(as_json=as_json)


@app.command(short_help="Answer a file of projects one by one.")
def score(
    source: Annotated[
        Path, typer.Argument(metavar="IN", help="Projects, one a row: .csv with a column for each question, or .jsonl.")
    ],
    target: Annotated[
        Path, typer.Option("--output", "-o", metavar="OUT", help="Where the answers go: .csv or .jsonl.")
    ],
    errors: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Where the faults of bad rows go. Default: beside OUT, as NAME.errors.ENDING."
        ),
    ] = None,
    hardware: Hardware = None,
    force: Annotated[bool, typer.Option("--force", help="Replace OUT and the errors file where they exist.")] = False,
    as_json: AsJson = False,
) -> int:
    """Answer a file of projects one by one; bad rows are reported in a file of their own."""
    from cli.actions import scoring

    return scoring.score(source, target, errors, hardware, force=force, as_json=as_json)


@app.command()
def serve(
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="The port to listen on; 0 takes a free one.")] = 8000,
) -> int:
    """Run the service: the REST interface and the pages."""
    from cli.actions import service

    return service.serve(host, port)


@db.command(short_help="Bring the schema up to date.")
def upgrade(as_json: AsJson = False) -> int:
    """Bring the database's schema to the one that this version needs."""
    from cli.actions import service

    return service.upgrade(as_json=as_json)


PackFolder = Annotated[
    Path | None, typer.Argument(metavar="[FOLDER]", help="The folder of a pack. Default: the shipped one.")
]


@knowledge.command(short_help="List every problem of a pack.")
def lint(
    folder: PackFolder = None,
    strict: Annotated[bool, typer.Option("--strict", help="Exit with 1 for advice too.")] = False,
    as_json: AsJson = False,
) -> int:
    """List every problem of a pack with file, line and column, and advice on its rules; exits with 1 for a problem."""
    from cli.actions import library

    return library.lint(folder, strict=strict, as_json=as_json)


@knowledge.command(short_help="Publish a pack as a release.")
def publish(folder: PackFolder = None, as_json: AsJson = False) -> int:
    """Publish a pack as a release and answer from it; a pack with a problem changes nothing."""
    from cli.actions import library

    return library.publish(folder, as_json=as_json)


@knowledge.command(short_help="List the releases, newest first.")
def releases(as_json: AsJson = False) -> int:
    """List the releases in the database, newest first."""
    from cli.actions import library

    return library.releases(as_json=as_json)


@knowledge.command(short_help="Show what is known of a framework.")
def show(
    framework: Annotated[
        str | None, typer.Argument(metavar="[FRAMEWORK]", help="The id of a framework. Default: list all of them.")
    ] = None,
    as_json: AsJson = False,
) -> int:
    """Show what is known of a framework: state, grades, capabilities and ways to other tools, with the evidence."""
    from cli.actions import library

    return library.show(framework, as_json=as_json)


@knowledge.command(short_help="List the evidence on file.")
def claims(
    about: Annotated[str | None, typer.Option(metavar="FRAMEWORK", help="Only evidence about this framework.")] = None,
    verdict: Annotated[Verdict | None, typer.Option(help="Only evidence with this verdict.")] = None,
    contested: Annotated[
        bool | None, typer.Option(help="Only evidence that is contested, or only what is not.")
    ] = None,
    source_kind: Annotated[SourceKind | None, typer.Option(help="Only evidence from sources of this kind.")] = None,
    as_json: AsJson = False,
) -> int:
    """List the evidence on file with its source, day and verdict."""
    from cli.actions import library

    return library.claims(about, verdict, contested, source_kind, as_json=as_json)
