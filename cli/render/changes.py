"""What would change the winner: other answers, other weights, and the open questions worth answering."""

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.text import Text

from advisor.names import Names
from cli.render import phrases, roles
from cli.render.screen import heading, line, paragraph, rows, section

SHOWN_FLIPS = 5
SHOWN_WEIGHTS = 2
SHOWN_QUESTIONS = 5

Document = Mapping[str, Any]


def show(to: Console, document: Document, names: Names) -> None:
    """Print what would put another framework first, role by role."""
    flips, weights = document["changes"]["answers"], document["changes"]["weights"]
    silent = [each for each in document["silent_rules"] if each["could_change"]]
    if not (flips or weights or silent):
        section(to, "What would change it")
        paragraph(to, "No other single answer and no open question puts another framework first.")
        return
    section(to, "What would change it")
    several = len(document["roles"]) > 1
    for role, result in document["roles"].items():
        of_role = [f for f in flips if f["role"] == role]
        where = f" ({roles.TITLES[role].lower()})" if several else ""
        _answers(to, [f for f in of_role if f["from"] is not None], f"Other answers{where}", names)
        _weights(to, [w for w in weights if w["role"] == role], result, where, names)
        unknown = [f for f in of_role if f["from"] is None]
        _open(to, unknown, [s for s in silent if s["role"] == role], f"Open questions{where}", names)


def _grouped(flips: Sequence[Document]) -> list[tuple[Document, list[object]]]:
    """Flips with the same effect together, those that put somebody first before those that leave nobody."""
    found: dict[tuple[str, str | None], tuple[Document, list[object]]] = {}
    for flip in flips:
        found.setdefault((flip["question"], flip["winner"]), (flip, []))[1].append(flip["to"])
    return sorted(found.values(), key=lambda each: each[0]["winner"] is None)


def _effect(flip: Document, names: Names) -> str:
    return f"{names.framework(flip['winner'])} first" if flip["winner"] else "nothing left"


def _answers(to: Console, flips: Sequence[Document], title: str, names: Names) -> None:
    if not flips:
        return
    heading(to, title)
    groups = _grouped(flips)
    rows(to, [_flip(flip, after, names) for flip, after in groups[:SHOWN_FLIPS]])
    if len(groups) > SHOWN_FLIPS:
        others = dict.fromkeys(flip["question"] for flip, _ in groups[SHOWN_FLIPS:])
        paragraph(
            to, line((f"and {len(groups) - SHOWN_FLIPS} more, on {phrases.both(list(others), 6)}", "dim")), indent=2
        )


def _flip(flip: Document, after: Sequence[object], names: Names) -> tuple[Text, Text]:
    is_ranked = names.is_ranked(flip["question"])
    change = phrases.change(flip["question"], flip["from"], after, is_ranked=is_ranked)
    return line("-"), line(f"{change}: ", (_effect(flip, names), "bold"))


def _weights(to: Console, weights: Sequence[Document], result: Document, where: str, names: Names) -> None:
    if not weights:
        return
    texts = {rule["rule"]: rule["text"] for rule in result["rules"]}
    heading(to, f"Other weights{where}")
    cells = []
    for flip in weights[:SHOWN_WEIGHTS]:
        text = (
            f"{texts.get(flip['rule'], flip['rule'])}: {phrases.percent(flip['share_after'])} of the score instead of "
        )
        effect = f"{names.framework(flip['winner'])} level with the first"
        cells.append((line("-"), line(f"{text}{phrases.percent(flip['share'])}: ", (effect, "bold"))))
    rows(to, cells)


def _open(to: Console, flips: Sequence[Document], silent: Sequence[Document], title: str, names: Names) -> None:
    """Unanswered questions: those of which an answer that flips the winner is known, then in short the others."""
    if not flips and not silent:
        return
    heading(to, title)
    winning: dict[str, list[str]] = {}
    for flip, after in _grouped(flips):
        if flip["winner"]:
            values = phrases.either([names.says(flip["question"], value) for value in after], 3)
            winning.setdefault(flip["question"], []).append(f"{values}: {_effect(flip, names)}")
    cells = []
    for question, effects in list(winning.items())[:SHOWN_QUESTIONS]:
        text = line(f"{names.question(question)} ", (f"[{question}] ", "dim"), ("; ".join(effects[:2]), "bold"))
        cells.append((line("?"), text))
    rows(to, cells)
    emptying = [q for q in dict.fromkeys(f["question"] for f in flips if not f["winner"]) if q not in winning]
    others = list(winning)[SHOWN_QUESTIONS:]
    others += [q for each in silent for q in each["questions"] if q not in (*winning, *emptying)]
    for what, questions in (("can change it too", others), ("some answers leave nothing", emptying)):
        if questions:
            paragraph(to, line((f"{what}: {', '.join(dict.fromkeys(questions))}", "dim")), indent=2)
