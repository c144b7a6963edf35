"""The questionnaire in a terminal."""

from typing import Annotated

import typer

from cli.choices import Hardware

interviewing = typer.Typer(rich_markup_mode=None)


@interviewing.command(short_help="Be asked, one question at a time.")
def ask(
    project: Annotated[
        str | None,
        typer.Argument(metavar="PROJECT", help="A project to go on with, such as p-1a2b3c…; none: a new one."),
    ] = None,
    name: Annotated[str | None, typer.Option(help="What a new project is called.")] = None,
    answers: Annotated[
        str | None,
        typer.Option("--from", metavar="ANSWERS", help="A file of answers that a new project begins with."),
    ] = None,
    hardware: Hardware = None,
    plain: Annotated[
        bool, typer.Option("--plain", help="Lines instead of menus, as always where there is no terminal.")
    ] = False,
) -> int:
    """Be asked the question whose answer would settle the most, until nothing open can change the first place.

    Every answer is saved at once: stop when you like and go on with the project's id, here or on the page. “Don't know”
    is an answer. At the end comes the recommendation.
    """
    from cli.actions import interviewing as action

    return action.ask(project, name=name, answers=answers, hardware=hardware, plain=plain)
