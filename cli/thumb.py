"""A first idea: the command `rule-of-thumb`. Its action is imported by the command: start-up time."""

from typing import Annotated

import typer

from cli.choices import AsJson, Hardware, Role

thumb = typer.Typer(rich_markup_mode=None)


@thumb.command(name="rule-of-thumb", short_help="A few questions for a first idea.")
def rule_of_thumb(
    answers: Annotated[
        str | None,
        typer.Argument(
            metavar="[ANSWERS]",
            help="A file of answers, as `recommend` takes it, to be led through. Default: show the whole tree.",
        ),
    ] = None,
    hardware: Hardware = None,
    role: Annotated[
        Role | None,
        typer.Option("--role", help="Only this role: training or runtime. Default: both, or what is called for."),
    ] = None,
    as_json: AsJson = False,
) -> int:
    """Show the rule of thumb and how often it is right; with answers, where they lead and whether the engine agrees."""
    from cli.actions import rule_of_thumb as actions

    if answers is None:
        return actions.show(role.value if role else None, as_json=as_json)
    return actions.walk(answers, hardware, role.value if role else None, as_json=as_json)
