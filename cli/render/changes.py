"""What would change the winner: other answers, other weights, and the open questions worth answering."""

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.text import Text

from advisor.names import Wording
from advisor.words import TITLES, two_percents
from cli.render import phrases
from cli.render.screen import heading, line, paragraph, rows, section

SHOWN_FLIPS = 5
SHOWN_WEIGHTS = 2
SHOWN_QUESTIONS = 5
SHOWN_VALUES = 3

Document = Mapping[str, Any]


def show(to: Console, document: Document, names: Wording) -> None:
    """Print what would put another framework first, role by role."""
    changes = document["changes"]
    section(to, "What would change it")
    if not (changes["answers"] or changes["weights"] or changes["unknown"]):
        paragraph(to, "No other single answer and no open question puts another framework first.")
        return
    several = len(document["roles"]) > 1
    for role, result in document["roles"].items():
        flips = [f for f in changes["answers"] if f["role"] == role]
        where = f" ({TITLES[role].lower()})" if several else ""
        _answers(to, [f for f in flips if f["from"] is not None], f"Other answers{where}", names)
        _weights(to, [w for w in changes["weights"] if w["role"] == role], result, where, names)
        unknown = [u for u in changes["unknown"] if u["role"] == role]
        _open(to, unknown, [f for f in flips if f["from"] is None], f"Open questions{where}", names)
        _settled(to, changes["settled"].get(role, ()))


def _grouped(flips: Sequence[Document]) -> list[tuple[Document, list[object]]]:
    """Flips with the same effect together, those that put somebody first before those that leave nobody."""
    found: dict[tuple[str, str | None], tuple[Document, list[object]]] = {}
    for flip in flips:
        found.setdefault((flip["question"], flip["winner"]), (flip, []))[1].append(flip["to"])
    return sorted(found.values(), key=lambda each: each[0]["winner"] is None)


def _effect(flip: Document, names: Wording) -> str:
    return f"{names.framework(flip['winner'])} first" if flip["winner"] else "nothing left"


def _answers(to: Console, flips: Sequence[Document], title: str, names: Wording) -> None:
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


def _flip(flip: Document, after: Sequence[object], names: Wording) -> tuple[Text, Text]:
    is_ranked = names.is_ranked(flip["question"])
    change = phrases.change(flip["question"], flip["from"], after, is_ranked=is_ranked)
    return line("-"), line(f"{change}: ", (_effect(flip, names), "bold"))


def _weights(to: Console, weights: Sequence[Document], result: Document, where: str, names: Wording) -> None:
    if not weights:
        return
    texts = {rule["rule"]: rule["text"] for rule in result["rules"]}
    heading(to, f"Other weights{where}")
    cells = []
    for flip in weights[:SHOWN_WEIGHTS]:
        before, after = two_percents(flip["share"], flip["share_after"])
        text = f"{texts.get(flip['rule'], flip['rule'])}: {after} of the score instead of "
        effect = f"{names.framework(flip['winner'])} level with the first"
        cells.append((line("-"), line(f"{text}{before}: ", (effect, "bold"))))
    rows(to, cells)


def _open(to: Console, unknown: Sequence[Document], flips: Sequence[Document], title: str, names: Wording) -> None:
    """What the unanswered questions could do, those first of which most answers put somebody else first."""
    if not unknown:
        return
    heading(to, title)
    putting = [u for u in unknown if any(u["winners"])]
    putting.sort(key=lambda u: (-sum(u["winners"].values()) / u["answers"], u["question"]))
    rows(to, [(line("?"), _could(each, flips, names)) for each in putting[:SHOWN_QUESTIONS]])
    told = [each["question"] for each in putting]
    emptying = [u["question"] for u in unknown if u["question"] not in told]
    for what, questions in (("can change it too", told[SHOWN_QUESTIONS:]), ("some answers leave nothing", emptying)):
        if questions:
            paragraph(to, line((f"{what}: {', '.join(questions)}", "dim")), indent=2)


def _could(each: Document, flips: Sequence[Document], names: Wording) -> Text:
    """A question, how many of its answers change the first place, and which do."""
    question, count = each["question"], sum(each["winners"].values())
    effects = []
    for flip, after in _grouped([f for f in flips if f["question"] == question]):
        values = phrases.either([names.says(question, value) for value in after], SHOWN_VALUES)
        effects.append(f"{values}: {_effect(flip, names)}")
    of = f"[{question}, {count} of {each['answers']} answers] "
    return line(f"{names.question(question)} ", (of, "dim"), ("; ".join(effects[:2]), "bold"))


def _settled(to: Console, settled: Sequence[str]) -> None:
    if settled:
        others = phrases.counted(len(settled), "other open question", "other open questions")
        paragraph(to, line((f"{others} could not change it alone", "dim")), indent=2)
