"""Everything asked of a recorded decision afterwards: explain it, compare two of its alternatives, ask why not, try
another answer, set it against another decision.

What a decision says is looked up in the document that was recorded; only what it was not asked for is decided again.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal

from advisor import recommend
from advisor.house import House, Knowledge
from advisor.inputs import Inputs
from rules import requirements
from rules.accounts import against as pairs
from rules.accounts import page, telling, tracing
from rules.accounts.naming import Names, names_of
from rules.decision import ENGINE
from rules.differences import difference as differences
from rules.differences.difference import Side
from rules.faults import Fault, InvalidInput, nearest, shown
from storage.errors import Missing

Depth = Literal["line", "page", "trace"]


def explain(house: House, decision: str, depth: Depth) -> dict[str, Any]:
    """A recorded decision explained: a sentence for each role, a page in Markdown, or everything to recompute it by.

    Raises:
        Missing: no such decision, or its release is not stored.
    """
    document, names = opened(house, decision)
    told: Mapping[str, Any]
    if depth == "line":
        told = {"roles": telling.line(document, names)}
    elif depth == "page":
        told = page.page(document, names)
    else:
        told = tracing.trace(document, names)
    return {"id": decision, "depth": depth, **told}


def against(house: House, decision: str, a: str, b: str, role: str | None = None) -> dict[str, Any]:
    """Two alternatives of a recorded decision side by side, in one role or in every role that both play.

    Raises:
        InvalidInput: a name is not on file, or no role of the decision has both.
        Missing: no such decision, or its release is not stored.
    """
    document, names = opened(house, decision)
    roles = document["roles"]
    faults = [_unknown(each, names) for each in (a, b) if each not in names.release.alternatives]
    if role is not None and role not in roles:
        faults.append(Fault("role", shown(role), f"a role of the decision: {', '.join(roles)}", nearest(role, roles)))
    if not faults and a == b:
        faults.append(Fault("framework", shown(b), f"another alternative than {a!r}"))
    if faults:
        raise InvalidInput(faults)
    wanted = [role] if role else [r for r in roles if _plays(names, a, r) and _plays(names, b, r)]
    if not wanted:
        raise InvalidInput([Fault("framework", f"{a} and {b}", "two alternatives of one role of the decision")])
    found = [pairs.against(document, a, b, each, names.release) for each in wanted]
    return {"id": decision, "a": a, "b": b, "roles": {each["role"]: each for each in found}}


def why_not(house: House, decision: str, framework: str) -> dict[str, Any]:
    """What a recorded decision says of one alternative, whatever it is: ranked, excluded, or no candidate at all.

    Raises:
        InvalidInput: no alternative of that name.
        Missing: no such decision, or its release is not stored.
    """
    document, names = opened(house, decision)
    return telling.why_not(document, names, framework)


def what_if(house: House, decision: str, changed: Mapping[str, object], faults: Sequence[Fault] = ()) -> dict[str, Any]:
    """The decision under other answers, not recorded, and how much of the difference each of its inputs makes.

    Args:
        house: the parts to work with.
        decision: the id of a recorded decision.
        changed: answers by question in the place of the recorded ones; None takes an answer back.
        faults: what was found wrong in reading the changes; raised together with what is wrong in the answers.

    Raises:
        InvalidInput: with every fault of the changed answers.
        Missing: no such decision, or its release is not stored.
    """
    _, inputs = recommend.recalled(house, decision)
    unknown = inputs.answers.not_known
    answers = {**dict.fromkeys(unknown), **inputs.answers.document(), **changed}
    stated = inputs.answers.preferences if "priorities" not in changed else None
    try:
        parsed = requirements.parse(answers, inputs.known.release.questionnaire, stated.document() if stated else None)
    except InvalidInput as invalid:
        raise InvalidInput([*faults, *invalid.faults]) from None
    if faults:
        raise InvalidInput(faults)
    left = tuple(question for question in parsed.not_known if question in unknown)  # not what is taken back
    then = replace(inputs, answers=replace(parsed, not_known=left))
    return {
        "id": decision,
        "changed": dict(changed),
        "decision": then.decide(),
        "difference": differences.difference(_side(inputs), _side(then)).document(),
    }


def difference(house: House, before: str, after: str) -> dict[str, Any]:
    """What changed between two recorded decisions, and how much of it came from which inputs.

    Raises:
        Missing: no such decision, or a release is not stored.
    """
    sides = [_side(recommend.recalled(house, decision)[1]) for decision in (before, after)]
    return {"before": before, "after": after, **differences.difference(*sides).document()}


def opened(house: House, decision: str) -> tuple[dict[str, Any], Names]:
    """The document of a recorded decision, and the words of the release that it was made from.

    Raises:
        InvalidInput: it was made by another engine, and this one cannot tell of it.
        Missing: no such decision, or its release is not stored.
    """
    recorded, inputs = recommend.recalled(house, decision)
    document: dict[str, Any] = json.loads(recorded.document)
    if document["engine"] != ENGINE:
        made = f"made by engine {document['engine']}"
        raise InvalidInput([Fault("recommendation", made, f"one made by engine {ENGINE}: ask for it anew")])
    return document, names_of(inputs.known.release, inputs.known.document)


def known_to(house: House, decision: str) -> Knowledge:
    """The release that a recorded decision was made from, with the layers of its policies.

    Raises:
        Missing: no such decision, or its release is not stored.
    """
    return recommend.recalled(house, decision)[1].known


def _side(inputs: Inputs) -> Side:
    answers, stated = inputs.answers.document(), inputs.answers.preferences
    return Side(inputs.known.document, answers, inputs.profile, inputs.roles, stated.document() if stated else None)


def _plays(names: Names, framework: str, role: str) -> bool:
    return role in names.release.alternatives[framework].roles


def _unknown(name: str, names: Names) -> Fault:
    near = nearest(name, names.release.alternatives)
    return Fault("framework", shown(name), "the id of an alternative on file", near)


__all__ = ["Depth", "Missing", "against", "difference", "explain", "known_to", "opened", "what_if", "why_not"]
