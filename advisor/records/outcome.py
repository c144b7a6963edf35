"""What was chosen and how surely, what follows from it, and how to confirm it later."""

from collections.abc import Iterator, Mapping
from typing import Any

from advisor.records.blocks import Block, bullets, code, paragraph
from rules.accounts import memory, page, page_items
from rules.accounts.naming import Names, leaders, listed
from rules.accounts.phrases import lowered, waived
from rules.accounts.summary import by, nothing, spares, standing
from rules.accounts.telling import OPENINGS
from rules.conditions.sentences import LEVELS

FIRST_CLASS = 3
TWO = 2
SHOWN_FACTS = 3
ABOUT_CHANCES = (
    "Scores and probabilities are about the ranking under the rules and evidence of this release; what the team knows"
    " beyond its answers is not in them."
)

Document = Mapping[str, Any]


def outcome(document: Document, names: Names) -> list[Block]:
    """The chosen option and why, with an honest word on ties."""
    reasons = [_because(document, names, role) for role in document["roles"]]
    chosen = any(result["ranking"] for result in document["roles"].values())
    title = f"“{page.title(document, names)}”" if chosen else "none"
    ties = [_tie(result, names) for result in document["roles"].values()]
    said = [f"Chosen option: {title}, because {'; '.join(reasons)}.", *filter(None, ties)]
    return [paragraph(" ".join(said)), *([paragraph(ABOUT_CHANCES)] if chosen else [])]


def _because(document: Document, names: Names, role: str) -> str:
    result = document["roles"][role]
    said = standing(document, names, role) + by(result) if result["ranking"] else nothing(result, names)
    opening = OPENINGS[role]
    return f"{opening[:1].lower()}{opening[1:]}, {said}" if len(document["roles"]) > 1 else said


def _tie(result: Document, names: Names) -> str:
    tied = [names.framework(place["framework"]) for place in leaders(result)]
    if len(tied) == 1 or not tied:
        return ""
    if result.get("decides"):
        return str(result["decides"])
    which = "either" if len(tied) == TWO else "each"
    return (
        f"On what is known, {listed(tied)} cannot be told apart, so that {which} is as good a choice;"
        " what the team has worked with, or a trial, decides between them."
    )


def consequences(document: Document, names: Names) -> list[Block]:
    """What follows, good before neutral before bad."""
    found = [*_state(document, names), *_ways(document, names), *_memory(document), *_minded(document, names)]
    order = ("Good", "Neutral", "Bad")
    found.sort(key=lambda each: order.index(each[0]))
    return [*bullets([f"{word}, because {text}" for word, text in dict.fromkeys(found)])]


def _leading(document: Document) -> Iterator[tuple[str, Document]]:
    for role, result in document["roles"].items():
        for place in () if spares(result) else leaders(result):  # what nobody needs is not chosen
            yield role, place


def _state(document: Document, names: Names) -> Iterator[tuple[str, str]]:
    """Whether what leads is maintained, and the version that is on file."""
    entries = {entry["id"]: entry for entry in names.source["alternatives"]}
    for framework in dict.fromkeys(place["framework"] for _, place in _leading(document)):
        entry = entries[framework]
        state = entry["lifecycle"]["state"]
        version = f"; the release on file is {entry['version']} of {entry['version_date']}" if entry["version"] else ""
        if state == "active":
            yield "Good", f"{names.framework(framework)} is in active development{version}"
        else:
            held = "only maintained" if state == "maintenance" else state
            yield "Bad", f"{names.framework(framework)} is {held}{version}"


def _ways(document: Document, names: Names) -> Iterator[tuple[str, str]]:
    """How well each target is reached; the ways themselves are drawn below."""
    by_level: dict[int, list[str]] = {}
    for way in document["stack"]:
        by_level.setdefault(way["level"] if way["path"] else 0, []).append(names.framework(way["target"]))
    for level, targets in sorted(by_level.items(), reverse=True):
        if not level:
            yield "Bad", f"no way to {listed(targets, word='or')} is on file"
            continue
        said = f"the way{'s' if len(targets) > 1 else ''} to {listed(targets)} {'are' if len(targets) > 1 else 'is'}"
        is_best = level == FIRST_CLASS
        yield "Good" if is_best else "Bad", f"{said} {LEVELS[level]}{'' if is_best else ', not first-class'}"
    for way in document["stack"]:
        if way["note"]:
            yield "Neutral", f"of the way to {names.framework(way['target'])}: {way['note'].rstrip('.')}"


def _memory(document: Document) -> Iterator[tuple[str, str]]:
    found = document["feasibility"]
    if not found:
        return
    for way in found["ways"]:
        word = {"yes": "Good", "no": "Bad"}.get(way["answer"], "Neutral")
        yield word, _uncapped(memory.told(way)).rstrip(".")


def _minded(document: Document, names: Names) -> Iterator[tuple[str, str]]:
    """What those that lead do not pass, what is not on file of them, and where evidence disagrees."""
    for role, place in _leading(document):
        name = names.framework(place["framework"])
        for caution in place["cautions"]:
            if caution["gate"].startswith("lifecycle") or "Lifecycle:" in caution["found"]:
                continue  # told with its state
            leave = f", {waived(caution)}" if caution["waiver"] else ""
            yield "Bad", f"{lowered(caution['text'])} ({caution['found']}{leave})"
        facts = list(dict.fromkeys(_uncapped(names.fact(f)) for each in place["unverified"] for f in each["facts"]))
        if facts:
            yield "Neutral", f"of {name} nothing is on file about {listed(facts, SHOWN_FACTS)}"
        disputed = page_items.contested(document["roles"][role], names, place["framework"])
        if disputed:
            yield "Neutral", f"sources disagree about {name} on {listed(disputed, SHOWN_FACTS)}"


def _uncapped(text: str) -> str:
    """The text with a small first letter, where that begins a common word."""
    return text[:1].lower() + text[1:] if text[1:2].islower() else text


def confirmation(document: Document) -> list[Block]:
    """How to see later whether the decision still holds, and until when what was waived is."""
    waivers = {
        (caution["waiver"]["expires"], caution["waiver"]["layer"])
        for result in document["roles"].values()
        for place in result["ranking"]
        for caution in place["cautions"]
        if caution["waiver"]
    }
    made: list[Block] = [
        paragraph(
            code("steelyard replay FILE"),
            " on this record decides again from the inputs that it carries. It says whether the record is as it was"
            " written, whether the same release still gives this answer, and what newer knowledge changes.",
        )
    ]
    due = "a waiver of {} expires, and the decision has to be looked at again"
    return [*made, *bullets([f"On {expires} {due.format(layer)}" for expires, layer in sorted(waivers)])]
