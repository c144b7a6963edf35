"""What was chosen for each role and how surely, by which way it runs, and how to confirm it later."""

from collections.abc import Mapping
from typing import Any

from advisor.pictures.way import said as way_said
from advisor.records.blocks import Block, bullets, code, line, paragraph, strong
from rules.accounts import page
from rules.accounts.naming import LEAST, TITLES, Names, chance, gaps, leaders, listed, number, points, signed
from rules.accounts.phrases import quoted
from rules.accounts.summary import by, nothing, spares, standing, way_instead
from rules.scoring import SUM_DECIMALS

ABOUT_CHANCES = (
    "Scores and probabilities are about the ranking under the rules and evidence of this release; what the team knows"
    " beyond its answers is not in them."
)

Document = Mapping[str, Any]


def outcome(document: Document, names: Names) -> list[Block]:
    """The chosen option and why, role by role; the way to each target."""
    roles = document["roles"]
    is_chosen = any(result["ranking"] for result in roles.values())
    chosen = f"“{page.title(document, names, tied=False)}”" if is_chosen else "none"
    reasons = [(role, _because(document, names, role)) for role in roles]
    made: list[Block] = [paragraph(f"Chosen option: {chosen}, because {reasons[0][1]}.")]
    if len(reasons) > 1:
        told = [line(strong(TITLES[role]), f": {said}.") for role, said in reasons]
        made = [paragraph(f"Chosen option: {chosen}, because:"), *bullets(told)]
    ways = [way_said(way, names) for way in document["stack"]]
    made += [paragraph("The way to each target:"), *bullets(ways)] if ways else []
    return [*made, *([paragraph(ABOUT_CHANCES)] if is_chosen else [])]


def _because(document: Document, names: Names, role: str) -> str:
    """Why the first is the first; of those that are level, what decides between them; where else the way leads."""
    result = document["roles"][role]
    if not result["ranking"]:
        return nothing(result, names)
    other = way_instead(document, names.framework) if role == "runtime" else ""
    elsewhere = f". That is among runtimes alone: {other}" if other else ""
    tied = leaders(result)
    if spares(result) or len(tied) == 1:
        return standing(document, names, role) + by(result) + elsewhere
    on_file = f" {result['decides']}" if result.get("decides") else ""
    return f"{_level(document, names, tied)}.{on_file} {_decides(names, tied[0], tied[1])}{elsewhere}"


def _level(document: Document, names: Names, tied: list[Document]) -> str:
    """Who is named, with whom it is level, and by how little it leads."""
    first, second = (names.framework(place["framework"]) for place in tied[:2])
    others = listed([names.framework(place["framework"]) for place in tied[1:]])
    ahead = tied[0]["score"] - tied[1]["score"]
    drawn, sure = document["draws"], chance(tied[0]["win_probability"])
    often = f"in {sure} of {number(drawn['count'])} draws" if drawn else f"with a probability of {sure}"
    if round(ahead, SUM_DECIMALS) == 0:
        return f"{first} is level with {others} and scores the same as {second}; of these it is only named first"
    by_how_much = f"{points(ahead)} points" if ahead >= LEAST else "less than 0.1 points"
    lead = f"scores the most and is first {often}, though level with {others}"
    return f"{first} {lead}: on what is known, a lead of {by_how_much} over {second} does not set them apart"


def _decides(names: Names, one: Document, other: Document) -> str:
    """The rules that speak most for either of two that are level; without a full stop."""
    first, second = (names.framework(place["framework"]) for place in (one, other))
    found = gaps(one, other)
    for_one = [quoted(reason, signed(gap)) for gap, reason in found[:1] if gap >= LEAST]
    for_other = [quoted(reason, signed(-gap)) for gap, reason in found[-1:] if gap <= -LEAST]
    if not for_one and not for_other:
        return "No rule sets them apart: what the team has worked with, or a trial, decides"
    said = [f"{texts[0]} speaks for {name}" for texts, name in ((for_one, first), (for_other, second)) if texts]
    return (
        f"What decides: {', '.join(said)}; a team that weighs this otherwise, or knows {second} better,"
        f" does as well with {second}"
    )


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
