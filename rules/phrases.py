"""Phrases about a recorded decision that the shorter tellings share: changed answers and weights, gates, ways back."""

from collections.abc import Mapping, Sequence
from typing import Any

from rules.naming import Names, listed, two_percents

SHOWN_VALUES = 3

Document = Mapping[str, Any]


def weight_change(flip: Document, result: Document, names: Names) -> str:
    """At which share of the score a rule brings another level with the first."""
    text = next((rule["text"] for rule in result["rules"] if rule["rule"] == flip["rule"]), flip["rule"])
    before, after = two_percents(flip["share"], flip["share_after"])
    return f"at {after} of the score instead of {before}, “{text}” would bring {names.framework(flip['winner'])} level"


def effect(flip: Document, names: Names) -> str:
    """What a changed answer that leaves something would do, after "would"."""
    return f"put {names.framework(flip['winner'])} first"


def change(names: Names, question: str, before: object, after: Sequence[object]) -> str:
    """A changed answer as the subject of a sentence: `answering “…” with Linux instead of Windows`."""
    ways: dict[str, list[str]] = {}
    for value in after:
        way, what = _way(names, question, before, value)
        ways.setdefault(way, []).append(what)
    asked = f"“{names.question(question)}”"
    instead = f" instead of {names.says(question, before)}" if before is not None else ""
    said = [
        f"{way} {listed(texts, SHOWN_VALUES, 'or')}{instead if way == 'with' else ''}"
        for way, texts in ways.items()
        if way != "open"
    ]
    if not said:
        return f"leaving {asked} open"
    return f"answering {asked} {' or '.join(said)}{' or leaving it open' if 'open' in ways else ''}"


def _way(names: Names, question: str, before: object, after: object) -> tuple[str, str]:
    """(how an answer differs from the one held, in what)."""
    if after is None:
        return "open", ""
    if not isinstance(before, list) or not isinstance(after, list):
        return "with", names.says(question, after)
    new, gone = [v for v in after if v not in before], [v for v in before if v not in after]
    if new and gone:
        return "with", names.says(question, after)
    if gone:
        return "without", names.says(question, gone)
    if names.is_ranked(question):
        return "with first", names.says(question, after[0])
    return "also with", names.says(question, new)


def relaxation(entry: Document, names: Names) -> str:
    """The changed answers that let an excluded alternative back in."""
    return ", or ".join(change(names, x["question"], x["from"], x["to"]) for x in entry["relaxation"][:SHOWN_VALUES])


def gate_texts(result: Document, names: Names) -> dict[str, str]:
    """What each gate that excludes somebody says, about nobody in particular."""
    texts: dict[str, dict[str, None]] = {}
    for entry in result["excluded"]:
        name = names.framework(entry["framework"])
        text = entry["text"].removeprefix(f"{name} ").replace(name, "it")
        texts.setdefault(entry["gate"], {})[text] = None
    return {gate: next(iter(said)) for gate, said in texts.items()}
