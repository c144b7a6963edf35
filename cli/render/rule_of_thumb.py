"""The rule of thumb on a terminal: the tree with its fidelity, and one project's way through it."""

from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.text import Text

from advisor.words import TITLES, percent
from cli.render.screen import heading, line, paragraph, rows

Document = Mapping[str, Any]
STYLES = {"agrees": "green", "tied": "green", "behind": "yellow", "excluded": "red", "nothing": "red"}


def show(to: Console, found: Document) -> None:
    """Print every tree: its questions, what it ends in, how often it is right."""
    if not found["roles"]:
        to.print("There are too few alternatives in this release to make a rule of thumb of.")
    for role, tree in found["roles"].items():
        measured = tree["fidelity"]
        heading(to, f"{TITLES[role]}, as a rule of thumb")
        to.print()
        for each in tree["text"]:
            indent = len(each) - len(each.lstrip())
            paragraph(to, each.lstrip(), indent=2 + indent)
        to.print()
        paragraph(
            to,
            f"Right for {percent(measured['agree'])} of {measured['projects']:,} plausible projects; always saying "
            f"{tree['names'][measured['baseline']]} for {percent(measured['baseline_agree'])}. What you cannot "
            "answer is no. Behind each end: for how many of its projects the engine says the same.",
        )
    if found["roles"]:
        to.print()
        to.print(line(("Your own way through it: steelyard rule-of-thumb ANSWERS", "dim")))


def show_walks(to: Console, found: Document, names: Mapping[str, str], name: str | None) -> None:
    """Print a project's way through each tree, and what the engine says."""
    if name:
        to.print(line((name, "bold")))
    if not found["roles"]:
        to.print("These answers call for no role that has a rule of thumb.")
    for role, walked in found["roles"].items():
        heading(to, f"{TITLES[role]}: {names[walked['says']]}")
        rows(to, [_step(each) for each in walked["path"]])
        to.print()
        paragraph(to, line((walked["text"], STYLES[walked["verdict"]])))
        paragraph(to, line((_often(walked["leaf"], names), "dim")))


def _step(step: Document) -> tuple[Text, Text]:
    answer = "yes" if step["holds"] else "no"
    open_still = "" if step["known"] else "  not answered, so no"
    return line((answer, "bold" if step["known"] else "dim")), line(step["text"], (open_still, "dim"))


def _often(leaf: Document, names: Mapping[str, str]) -> str:
    other = leaf["next_framework"]
    behind = f", and else most often {names[other]} first" if other else ""
    said = (
        f"Of {leaf['count']:,} plausible projects that come here the engine puts {names[leaf['framework']]} first for"
    )
    return f"{said} {percent(leaf['share'])}{behind}."
