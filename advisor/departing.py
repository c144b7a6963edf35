"""One project on the rule of thumb: the questions it meets, what the tree says, what the engine says, why they differ.

The engine's word is the answer. Why they differ is found by taking answers back and asking the engine again.
"""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from advisor.inputs import Inputs
from learning.tree import Leaf, Step, Tree, walk
from rules import batch, hardware
from rules.accounts.naming import Names, listed
from rules.conditions import Values
from rules.decision import Decision, RoleResult

SHOWN = 3
LEAST_BEHIND = 0.05  # points of the score that show
TOO_COARSE = "No answer that the tree leaves out makes the difference: its questions are too coarse for this project."
DIFFERING = ("tied", "behind", "excluded")


def told(tree: Tree, decided: Decision, inputs: Inputs, names: Names) -> dict[str, Any]:
    """A project's walk and how it compares with what the engine decided, as plain parts.

    `verdict` is `agrees`, `tied` (the engine cannot tell the two apart), `behind`, `excluded`, or `nothing` where
    nothing passes every gate. `because` holds the answers that make the difference.
    """
    values = _values(decided, inputs)
    steps, leaf = walk(tree, values)
    result = decided.roles[tree.role]
    verdict = _verdict(result, leaf.framework)
    because = turning(tree.role, leaf, steps, inputs, values) if verdict in DIFFERING else ()
    stops = [each.text for each in result.excluded if each.framework == leaf.framework]
    return {
        "path": [{"question": s.asks.question, "text": s.asks.text, "holds": s.holds, "known": s.known} for s in steps],
        "leaf": asdict(leaf),
        "says": leaf.framework,
        "engine": {
            "first": result.ranking[0].framework if result.ranking else None,
            "tied": [each.framework for each in result.ranking if each.tie_group == 1],
            "behind": _behind(result, leaf.framework),
            "excluded": stops if verdict == "excluded" else [],
        },
        "verdict": verdict,
        "because": [
            {"question": q, "text": names.question(q), "answer": inputs.answers.document().get(q)} for q in because
        ],
        "text": _text(leaf, result, verdict, stops, _because(because, leaf, steps, verdict, names, inputs), names),
    }


def _values(decided: Decision, inputs: Inputs) -> dict[str, object]:
    """The answers with what the hardware fills in, as the engine takes them."""
    filled = {q: tuple(v) if isinstance(v, list) else v for q, v in decided.hardware.filled.items()}
    facts = {f"hardware.{name}": value for name, value in decided.hardware.facts.items()}
    return {**inputs.answers.values, **filled, **facts}


def _verdict(result: RoleResult, says: str) -> str:
    if not result.ranking:
        return "nothing"
    place = next((each for each in result.ranking if each.framework == says), None)
    if place is None:
        return "excluded"
    return "agrees" if place.rank == 1 else "tied" if place.tie_group == 1 else "behind"


def _behind(result: RoleResult, says: str) -> float | None:
    """By how many points of the score the engine has what the tree says behind its first; None where it is out."""
    place = next((each for each in result.ranking if each.framework == says), None)
    return round(100 * (result.ranking[0].score - place.score), 1) if place else None


# --- Why they differ -------------------------------------------------------------------------------------------------


def turning(role: str, leaf: Leaf, steps: Sequence[Step], inputs: Inputs, values: Values) -> tuple[str, ...]:
    """The answers that make the difference: a few that, taken back together, let the engine say what the tree says.

    Only answers that the walk did not ask about are tried: one by one, then all of them, from which those are dropped
    that are not needed. Nothing where even that does not make them agree.
    """
    asked = {step.asks.question for step in steps}
    beside = [question for question in inputs.answers.values if question not in asked]
    if not beside:
        return ()
    tried = _firsts(role, inputs, values, [*([q] for q in beside), beside])
    alone = [q for q, first in zip(beside, tried, strict=False) if first == leaf.framework]
    if alone:
        return (alone[0],)
    needed = list(beside) if tried[-1] == leaf.framework else []
    for question in beside:
        fewer = [q for q in needed if q != question]
        if fewer and _firsts(role, inputs, values, [fewer]) == [leaf.framework]:
            needed = fewer
    return tuple(needed)


def _firsts(role: str, inputs: Inputs, values: Values, taken_back: Sequence[Sequence[str]]) -> list[str | None]:
    """What the engine puts first for each set of answers that is taken back."""
    release, stated = inputs.known.release, inputs.answers.preferences
    found = hardware.answers_from(inputs.profile) if inputs.profile else {}
    offered = {q: tuple(v) if isinstance(v, list) else v for q, v in found.items()}
    sheet = batch.varied(release, values, [dict.fromkeys(each) for each in taken_back], offered)
    first = batch.board(release, role, sheet, stated.weights if stated else None).first()
    members = release.roles[role].members
    return [members[place] if place >= 0 else None for place in first.tolist()]


# --- In words --------------------------------------------------------------------------------------------------------


def _text(leaf: Leaf, result: RoleResult, verdict: str, stops: Sequence[str], because: str, names: Names) -> str:
    """The comparison in a few sentences."""
    ours = names.framework(leaf.framework)
    says = f"The rule of thumb says {ours}."
    if verdict == "nothing":
        return f"{says} The engine finds that nothing passes every gate."
    first = names.framework(result.ranking[0].framework)
    behind = _behind(result, leaf.framework) or 0.0
    points = f"{behind:.1f} points" if behind >= LEAST_BEHIND else "less than 0.1 points"
    spared = result.without is not None and result.without.none_needed
    said = {
        "agrees": f"Of the runtimes, the engine puts {first} first too." if spared else "The engine says the same.",
        "tied": f"The engine puts {first} first, {points} ahead, and cannot tell the two apart.",
        "behind": f"The engine says {first}; {ours} is {points} behind.",
        "excluded": f"The engine says {first}; {ours} is excluded: {_first(stops)}",
    }[verdict]
    return " ".join(part for part in (says, said, because) if part)


def _first(stops: Sequence[str]) -> str:
    """The first of the gates in the way, as the end of a sentence."""
    return (stops[0] if stops else "a gate is in the way").rstrip(".") + "."


def _because(
    turned_by: Sequence[str], leaf: Leaf, steps: Sequence[Step], verdict: str, names: Names, inputs: Inputs
) -> str:
    """Which answers make the difference, or are missing; of what a gate excludes the gate has said it."""
    given = inputs.answers.document()
    if turned_by:
        told = listed([f"“{names.question(q)}” ({names.says(q, given[q])})" for q in turned_by])
        answer, it = ("answer", "it") if len(turned_by) == 1 else ("answers", "them")
        too = f"the engine too would say {names.framework(leaf.framework)}"
        return f"The tree does not look at your {answer} to {told}; without {it} {too}."
    if verdict not in ("tied", "behind"):
        return ""
    missing = list(dict.fromkeys(names.question(step.asks.question) for step in steps if not step.known))
    if missing:
        told = listed([f"“{text}”" for text in missing], SHOWN)
        return f"Where an answer is missing the tree assumes no, here to {told}; the engine counts it as unknown."
    return TOO_COARSE
