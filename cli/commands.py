"""What can be typed: every command with its arguments, options and help. What a command does is in `cli.actions`.

Each action is imported by the command that needs it, not at the top: an import of the engine or the database would slow
down help, version and completion.
"""

from pathlib import Path
from typing import Annotated

import typer

from cli.asking import asking, signing_key
from cli.choices import AsJson, Hardware, MachineClass, Over, Role, SourceKind, Verdict
from cli.consolidating import consolidating
from cli.covering import covering
from cli.curating import PackFolder, curating
from cli.interviewing import interviewing
from cli.measuring import measuring
from cli.memory import memory
from cli.probing import hardware as hardware_commands
from cli.scoring import scoring
from cli.thumb import thumb

app = typer.Typer(
    help="Weighs machine-learning frameworks against a project: a ranking, its reasons, and what would change it.",
    epilog="Exit codes: 0 done, 1 a no that you asked to fail on, 2 usage or bad input, 3 something outside failed.",
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
knowledge = typer.Typer(help="What is known about frameworks, and how it is known.", rich_markup_mode=None)
db = typer.Typer(help="The database.", rich_markup_mode=None)
policies = typer.Typer(help="House policies: an organisation's own rules.", rich_markup_mode=None)
app.add_typer(interviewing)
app.add_typer(asking)
app.add_typer(covering)
app.add_typer(consolidating)
app.add_typer(thumb)
app.add_typer(memory)
app.add_typer(measuring)
app.add_typer(scoring)
knowledge.add_typer(curating)
app.add_typer(knowledge, name="knowledge")
app.add_typer(policies, name="policy")
app.add_typer(db, name="db")
app.add_typer(hardware_commands, name="hardware")
app.add_typer(signing_key, name="signing-key")


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
            help="A file of answers in YAML or JSON (see examples/), `-` for standard input, or the id of a stored "
            "project.",
        ),
    ],
    hardware: Hardware = None,
    role: Annotated[
        list[Role] | None, typer.Option("--role", help="A role to rank; may be repeated. Default: what is called for.")
    ] = None,
    policy: Annotated[
        list[str] | None,
        typer.Option(
            metavar="FILE|ID",
            help="A house policy to answer under; may be repeated, lowest layer first. Default: what the answers say.",
        ),
    ] = None,
    draws: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            help="Draw grades and weights N times instead of the closed form (0). Default: what the answers say.",
        ),
    ] = None,
    as_of: Annotated[
        str | None,
        typer.Option(metavar="DAY", help="Answer for this day (YYYY-MM-DD): its knowledge, the waivers in force."),
    ] = None,
    release: Annotated[
        str | None, typer.Option(metavar="ID", help="A release to answer from. Default: the active one.")
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

    asked = decisions.Options(
        hardware=hardware,
        roles=[each.value for each in role] if role else None,
        policies=policy or [],
        draws=draws,
        as_of=as_of,
        release=release,
    )
    return decisions.recommend(answers, asked, as_json=as_json, store=not no_store, expect=expect)


@app.command(short_help="List the stored projects, the newest first.")
def projects(as_json: AsJson = False) -> int:
    """List the stored projects, the last created first; `recommend` takes the id of one."""
    from cli.actions import projects as actions

    return actions.listing(as_json=as_json)


@app.command(short_help="Look at this machine's hardware, or at another's profile.")
def probe(
    hardware: Annotated[
        str | None,
        typer.Option(
            metavar="local|catalogue:NAME|FILE|ID",
            help="Show this machine instead and what runs there; without software it counts as freshly set up.",
        ),
    ] = None,
    as_json: AsJson = False,
    push: Annotated[
        str | None,
        typer.Option(metavar="URL", help="Send the profile to this service: https, or this machine. --json shows it."),
    ] = None,
    key: Annotated[
        str | None, typer.Option(envvar="STEELYARD_KEY", show_envvar=True, help="The key of that service.")
    ] = None,
    insecure: Annotated[
        bool, typer.Option("--insecure", help="Let --push send over plain http to another machine.")
    ] = False,
    label: Annotated[str | None, typer.Option(metavar="TEXT", help="What the profile calls this machine.")] = None,
    compare: Annotated[
        str | None,
        typer.Option(metavar="FILE|ID", help="Say what changed since this profile instead: one in a file, or stored."),
    ] = None,
    standalone: Annotated[
        str | None,
        typer.Option(
            metavar="FILE|-", help="Write the probe as one Python file, for other machines, and look at none."
        ),
    ] = None,
) -> int:
    """Look at this machine: processor, memory, system and accelerators; what was not found, and why.

    Nothing is sent unless --push says where to.
    """
    from cli.actions import machine

    if standalone is not None:
        return machine.standalone(standalone)
    if compare is not None:
        return machine.diff(compare, hardware or "local", as_json=as_json)
    to = machine.Sending(push, key, insecure)
    if hardware is not None:
        return machine.judge(hardware, to, label, as_json=as_json)
    return machine.probe(to, label, as_json=as_json)


@app.command(short_help="Find a known machine to ask about.")
def catalogue(
    words: Annotated[
        list[str] | None,
        typer.Argument(metavar="[WORDS]...", help="What must fit: names, aliases, processors, devices. Default: all."),
    ] = None,
    of_class: Annotated[MachineClass | None, typer.Option("--class", help="Only machines of this class.")] = None,
    kind: Annotated[
        str | None, typer.Option(metavar="KIND", help="Only machines with a device of this kind, such as nvidia_gpu.")
    ] = None,
    show: Annotated[
        str | None, typer.Option("--show", metavar="NAME", help="Show one machine in full instead, by name or alias.")
    ] = None,
    as_json: AsJson = False,
) -> int:
    """Find a known machine for "what if": `--hardware catalogue:NAME` takes it. Each has its sources and their day."""
    from cli.actions import machine

    if show is not None:
        return machine.show(show, as_json=as_json)
    return machine.catalogue(" ".join(words or ()), of_class.value if of_class else None, kind, as_json=as_json)


@app.command()
def serve(
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="The port to listen on; 0 takes a free one.")] = 8000,
    workers: Annotated[
        int, typer.Option(min=0, max=1024, metavar="N", help="Processes that score portfolios; 0 leaves it to `work`.")
    ] = 1,
) -> int:
    """Run the service: the REST interface and the pages, and beside it what scores portfolios."""
    from cli.actions import service

    return service.serve(host, port, workers)


@db.command(short_help="Bring the schema up to date.")
def upgrade(as_json: AsJson = False) -> int:
    """Bring the database's schema to the one that this version needs."""
    from cli.actions import service

    return service.upgrade(as_json=as_json)


PolicyFile = Annotated[str, typer.Argument(metavar="FILE", help="A policy in YAML or JSON, or `-`.")]


@knowledge.command(short_help="List every problem of a pack.")
def lint(
    folder: PackFolder = None,
    strict: Annotated[bool, typer.Option("--strict", help="Exit with 1 for advice too.")] = False,
    as_json: AsJson = False,
) -> int:
    """List every problem of a pack with file, line and column, and advice on its rules; exits with 1 for a problem."""
    from cli.actions import library

    return library.lint(folder, strict=strict, as_json=as_json)


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


About = Annotated[str | None, typer.Option(metavar="FRAMEWORK", help="Only what is about this framework.")]
Judged = Annotated[Verdict | None, typer.Option(help="Only what has this verdict.")]
Disputed = Annotated[bool | None, typer.Option(help="Only what is contested, or only what is not.")]


@knowledge.command(short_help="Say which sentences of the founding articles still hold.")
def claims(
    about: About = None,
    verdict: Judged = None,
    contested: Disputed = None,
    article: Annotated[int | None, typer.Option(min=1, max=5, help="Only the claims of this article.")] = None,
    as_json: AsJson = False,
) -> int:
    """Say which sentences of the five founding articles still hold: every claim with its verdict and why."""
    from cli.actions import library

    return library.claims(about, verdict, contested, article, as_json=as_json)


@knowledge.command(short_help="List the evidence on file.")
def evidence(
    about: About = None,
    verdict: Judged = None,
    contested: Disputed = None,
    source_kind: Annotated[SourceKind | None, typer.Option(help="Only evidence from sources of this kind.")] = None,
    as_json: AsJson = False,
) -> int:
    """List the evidence on file with its source, day and verdict."""
    from cli.actions import library

    return library.evidence(about, verdict, contested, source_kind, as_json=as_json)


@knowledge.command(short_help="Propose changes from the package index.")
def refresh(
    only: Annotated[
        list[str] | None,
        typer.Option(metavar="ID", help="Only the packages of this framework; may be repeated. Default: of all."),
    ] = None,
    target: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FILE", help="Where the proposal goes. Default: standard output."),
    ] = None,
    as_json: AsJson = False,
) -> int:
    """Ask the configured package index for the packages on file, and write a proposal in YAML; it changes nothing."""
    from cli.actions import refreshing

    return refreshing.refresh(only or [], target, as_json=as_json)


@policies.command(short_help="List every problem of a policy.")
def check(file: PolicyFile, over: Over = None, as_json: AsJson = False) -> int:
    """List every problem of a policy with file, line and column; exits with 1 when there is one."""
    from cli.actions import policies as actions

    return actions.check(file, over or [], as_json=as_json)


@policies.command(short_help="Store a policy, so that its id stands for it.")
def add(file: PolicyFile, over: Over = None, as_json: AsJson = False) -> int:
    """Check a policy and store it; a policy with a problem changes nothing."""
    from cli.actions import policies as actions

    return actions.add(file, over or [], as_json=as_json)


@policies.command(name="list", short_help="List the stored policies, newest first.")
def list_policies(as_json: AsJson = False) -> int:
    """List the stored policies, newest first."""
    from cli.actions import policies as actions

    return actions.listing(as_json=as_json)


@policies.command(name="show", short_help="Show a stored policy.")
def show_policy(
    policy: Annotated[str, typer.Argument(metavar="ID", help="The id of a stored policy, such as p-1a2b3c…")],
    as_json: AsJson = False,
) -> int:
    """Show a stored policy as YAML, which `policy add` takes again."""
    from cli.actions import policies as actions

    return actions.show(policy, as_json=as_json)
