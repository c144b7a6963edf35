"""Phrases about a recorded decision that its tellings share: reasons, changed answers and weights, gates, ways back."""

from collections.abc import Mapping, Sequence
from typing import Any

from rules.accounts.naming import Names, counted, listed, two_percents

SHOWN_VALUES = 3

Document = Mapping[str, Any]


# --- Rules and their layers ------------------------------------------------------------------------------------------


def quoted(reason: Document, *notes: str) -> str:
    """What a rule says, with notes behind it, the last of them the house that it comes from or that weighed it."""
    behind = [*notes, *of_house(reason["layer"])]
    return f"“{reason['text']}”" + (f" ({', '.join(behind)})" if behind else "")


def of_house(layer: str) -> list[str]:
    """Which house a rule or gate is of, and which ones weighed it anew; nothing where all of it was shipped."""
    first, *weighed = layer.split("+")
    own = [f"rule of {first}"] if first not in ("shipped", "engine") else []
    return [*own, f"weighed by {listed(weighed)}"] if weighed else own


def weight_change(flip: Document, result: Document, names: Names) -> str:
    """At which share of the score a rule brings another level with the first."""
    said = next((quoted(rule) for rule in result["rules"] if rule["rule"] == flip["rule"]), flip["rule"])
    before, after = two_percents(flip["share"], flip["share_after"])
    return f"at {after} of the score instead of {before}, {said} would bring {names.framework(flip['winner'])} level"


def waived(caution: Document) -> str:
    """By whose leave a gate does not stop an alternative, and how long."""
    waiver = caution["waiver"]
    return f"waived by {waiver['layer']} until {waiver['expires']}"


def others_choice(result: Document, names: Names) -> str:
    """Whom stakeholders alone would put first who is not first; empty where all agree, or where there is only one."""
    if not result["disagreement"]:
        return ""
    wanted: dict[str, list[str]] = {}
    for view in result["disagreement"]["views"]:
        if view["first"] != result["ranking"][0]["framework"]:
            wanted.setdefault(view["first"], []).append(view["name"])
    said = [f"{listed(people)} alone would put {names.framework(first)} first" for first, people in wanted.items()]
    return listed(said)


# --- Answers ---------------------------------------------------------------------------------------------------------


def effect(flip: Document, names: Names) -> str:
    """What a changed answer that leaves something would do, after "would"."""
    return f"put {names.framework(flip['winner'])} first"


def open_question(unknown: Document, names: Names) -> str:
    """What answering an open question could do."""
    puts = {first: count for first, count in unknown["winners"].items() if first}
    who = sorted(puts, key=lambda first: (-puts[first], first))
    said = [f"put {listed([names.framework(f) for f in who], 2, 'or')} first"] if puts else []
    said += ["leave nothing"] if "" in unknown["winners"] else []
    count, whole = sum(unknown["winners"].values()), unknown["answers"]
    how_many = f"{count} of {counted(whole, 'answer')}" if count < whole else "any answer"
    return f"“{names.question(unknown['question'])}”: {how_many} would {' or '.join(said)}"


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
    if not before or (new and gone):
        return "with", names.says(question, after)
    if gone:
        return "without", names.says(question, gone)
    if names.is_ranked(question):
        return "with first", names.says(question, after[0])
    return "also with", names.says(question, new)


# --- What is out, and the ways back ----------------------------------------------------------------------------------


def relaxation(entry: Document, names: Names, most: int = SHOWN_VALUES) -> str:
    """The changed answers that let an excluded alternative back in."""
    return ", or ".join(change(names, x["question"], x["from"], x["to"]) for x in entry["relaxation"][:most])


def taken_back(relief: Document, names: Names) -> str:
    """The answers that have to be taken back together."""
    options: dict[str, list[str]] = {}
    for each in relief["withdraw"]:
        asked = options.setdefault(each["question"], [])
        asked += [names.says(each["question"], each["option"])] if each["option"] is not None else []
    asked_for = {q: f"the answer to “{names.question(q)}”" for q in options}
    said = [f"{listed(held)} from {asked_for[q]}" if held else asked_for[q] for q, held in options.items()]
    return f"taking back {listed(said)}"


def gate_texts(result: Document, names: Names, whom: str = "it") -> dict[str, str]:
    """What each gate that excludes somebody says, about nobody in particular, and which house asks it."""
    texts: dict[str, str] = {}
    for entry in result["excluded"]:
        name = names.framework(entry["framework"])
        text = lowered(entry["text"].removeprefix(f"{name} ").replace(name, whom))
        house = "" if entry["layer"] in ("shipped", "engine") else f" ({entry['layer']})"
        texts.setdefault(entry["gate"], f"{text}{house}")
    return texts


def lowered(text: str) -> str:
    """A sentence as the end of another; only a common word loses its capital, for a name may not."""
    head, space, rest = text.partition(" ")
    return f"{head.lower()}{space}{rest}" if head in ("A", "An", "The", "Not", "No") else text
