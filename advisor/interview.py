"""One question at a time: what to ask next, why, what each answer could do, and when there is nothing left to ask.

Nothing is stored; what was answered comes along with every call. Null is an answer, "don't know": it is never asked
again, and unknown to the engine. An empty list is one too, "none of these", and known.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from advisor import interview_words as words
from advisor import knowledge
from advisor.house import House
from advisor.inputs import Asked, Hardware, Inputs, gather
from advisor.names import Wording
from rules import asking, engine, machine, requirements
from rules.asking import Known
from rules.decision import RoleResult
from rules.faults import Fault, InvalidInput

SHOWN = 10  # places of a ranking


def next_question(
    house: House,
    answers: object,
    hardware: Hardware = None,
    roles: Sequence[str] | None = None,
    *,
    policy: object = None,
) -> dict[str, Any]:
    """What to ask next, and where the answer stands.

    Args:
        house: the parts to work with.
        answers: question id -> answer, or None for "don't know". They may contradict one another; what they say then is
            listed, and nothing counts as settled.
        hardware: as in `advisor.inputs.Asked`; what it answers is not asked.
        roles: the roles to rank; None for those the answers call for.
        policy: a house policy, as in `advisor.inputs.Asked`.

    Raises:
        InvalidInput: with every fault of answers, hardware, roles and policy.
        Missing: nothing has been published yet.
    """
    asked: Asked = {"hardware_from": hardware, "roles": roles, "policy": policy}
    inputs = gather(house, answers, asked, contradictory=True)
    given: Mapping[str, object] = answers if isinstance(answers, Mapping) else {}
    known, filled = _known(inputs, given)
    found = asking.next_question(inputs.known.release, known)
    contradictions = _contradictions(inputs)
    decision = engine.decide(inputs.known.release, inputs.answers, inputs.profile, roles, what_if=False)
    names = Wording(inputs.known)
    settled = found.settled and not contradictions
    left_open = words.left_open(decision.roles, names) if found.open else ""
    best = found.open[0].question if found.open and not settled else None
    return {
        "question": _question(inputs, best) if best else None,
        "why": words.why(found, names) if best else None,
        "could_change": words.outcomes(found, names) if best else [],
        "settled": settled,
        "settled_because": words.settled(found, names) + left_open if settled else None,
        "certainty": found.joint,
        "certainties": dict(found.certainty),
        "open_bits": round(found.bits, 4),
        "answered": len(known.given),
        "dont_know": len(known.declined),
        "filled": filled,
        "remaining": [{"question": each.question, "bits": round(each.bits, 4)} for each in found.open],
        "contradictions": contradictions,
        "roles": {
            r: {**_standing(result, names), "ranked": len(result.ranking)} for r, result in decision.roles.items()
        },
    }


def as_far_as_taken(
    house: House, answers: Mapping[str, object], hardware: Hardware
) -> tuple[dict[str, Any], Sequence[Fault]]:
    """`next_question` for a stored project, and the faults of what the active release does not take of it."""
    try:
        return next_question(house, answers, hardware), ()
    except InvalidInput as invalid:
        wrong = {re.split(r"[.\[]", fault.path.removeprefix("answers."))[0] for fault in invalid.faults}
        sound = {question: given for question, given in answers.items() if question not in wrong}
        return next_question(house, sound, None if "hardware" in wrong else hardware), invalid.faults


def check(house: House, answers: object, hardware: Hardware, roles: Any, policy: object) -> list[Fault]:
    """Every fault that `next_question` would refuse these inputs for."""
    asked: Asked = {"hardware_from": None if hardware == "local" else hardware, "roles": roles, "policy": policy}
    try:
        gather(house, answers, asked, contradictory=True)
    except InvalidInput as invalid:
        return list(invalid.faults)
    return []


def _known(inputs: Inputs, given: Mapping[str, object]) -> tuple[Known, dict[str, object]]:
    """(what is known of the project; what of it the hardware profile fills in)."""
    judged = machine.judged(inputs.known.release, inputs.profile)
    seen, values, _ = engine.understood(inputs.answers, inputs.profile, judged)
    declined = frozenset(q for q, answer in given.items() if answer is None and q not in values)
    return Known(inputs.answers.values, values, declined, tuple(inputs.roles or ())), dict(seen.filled)


def _question(inputs: Inputs, question: str) -> dict[str, Any]:
    """A question as the questionnaire lists it."""
    questions: list[dict[str, Any]] = inputs.known.document["questionnaire"]["questions"]
    entry = next(each for each in questions if each["id"] == question)
    return knowledge.as_asked(entry)


def _contradictions(inputs: Inputs) -> list[dict[str, Any]]:
    asked = inputs.known.release.questionnaire
    holding = {c.id for c in requirements.contradicted(inputs.answers.values, asked)}
    return [entry for entry in inputs.known.document["questionnaire"]["contradictions"] if entry["id"] in holding]


def _standing(result: RoleResult, names: Wording) -> dict[str, Any]:
    """The present ranking of a role, its first places, in short."""
    ranking = [
        {
            "framework": place.framework,
            "name": names.framework(place.framework),
            "rank": place.rank,
            "score": place.score,
            "interval": list(place.interval),
            "win_probability": place.win_probability,
            "tie_group": place.tie_group,
        }
        for place in result.ranking[:SHOWN]
    ]
    told = result.without.text if result.without and result.without.none_needed else None
    return {"ranking": ranking, "excluded": len({each.framework for each in result.excluded}), "instead": told}


__all__ = ["as_far_as_taken", "check", "next_question"]
