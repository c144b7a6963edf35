"""Where every candidate is excluded: the smallest sets of answers which, taken back together, let something in."""

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console

from advisor.names import Wording
from advisor.words import plain
from cli.render import phrases
from cli.render.screen import heading, line, paragraph, rows

SHOWN_SETS = 6
SHOWN_NAMES = 6

Document = Mapping[str, Any]


def show(to: Console, found: Document | None, names: Wording) -> None:
    """Print the smallest sets and how far the search went; nothing where there was nothing to take back."""
    if found is None or not (found["sets"] or found["searched_size"]):
        return
    if not found["sets"]:
        paragraph(to, f"Taking back {_tried(found)} lets nothing in.")
        return
    heading(to, "The smallest sets of answers to take back")
    cells = []
    for each in found["sets"][:SHOWN_SETS]:
        lets_in = phrases.both([names.framework(name) for name in each["lets_in"]], SHOWN_NAMES)
        cells.append((line(("+", "green")), line(f"{_taken(each['withdraw'])}: lets in ", (lets_in, "bold"))))
    rows(to, cells)
    more = len(found["sets"]) - SHOWN_SETS
    if more > 0:
        paragraph(to, line((f"and {phrases.counted(more, 'more set', 'more sets')}", "dim")), indent=2)
    if not found["complete"]:
        paragraph(to, line((f"Sets of up to {_answers(found['searched_size'])} were tried.", "dim")), indent=2)


def _tried(found: Document) -> str:
    return "any of the answers" if found["complete"] else f"up to {_answers(found['searched_size'])} at once"


def _answers(count: int) -> str:
    return phrases.counted(count, "answer", "answers")


def _taken(withdraw: Sequence[Document]) -> str:
    """What to take back, the options of one question together."""
    options: dict[str, list[str]] = {}
    for each in withdraw:
        options.setdefault(each["question"], [])
        if each["option"] is not None:
            options[each["question"]].append(plain(each["option"]))
    said = [f"{phrases.both(taken)} from {q}" if taken else f"the answer to {q}" for q, taken in options.items()]
    return phrases.both(said)
