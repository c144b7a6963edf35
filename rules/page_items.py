"""The lists on the page of a decision: what is out, what would bring it back, what is uncertain and would change it.

Plain text, one string an item; the page escapes and wraps them.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from rules.naming import Names, leaders, listed, ordinal
from rules.phrases import change, effect, gate_texts, relaxation, weight_change

MORE = "†"  # marks what more than one gate stops
SHOWN_WAYS_BACK = 3
SHOWN_FLIPS = 2
SHOWN_WEIGHTS = 2
SHOWN_CONTESTED = 3
SHOWN_QUESTIONS = 4

Document = Mapping[str, Any]


# --- Who is out ------------------------------------------------------------------------------------------------------


def out(result: Document, names: Names) -> list[str]:
    """Each excluded alternative under one gate; the gates that are then not told, in one item."""
    texts = gate_texts(result, names)
    stopped_by: dict[str, list[str]] = {}
    for entry in result["excluded"]:
        stopped_by.setdefault(entry["framework"], []).append(entry["gate"])
    told = _by_gate(stopped_by, names)
    said = []
    for gate, stopped in told.items():
        marked = [names.framework(f) + (MORE if len(stopped_by[f]) > 1 else "") for f in stopped]
        said.append(f"{texts[gate]}: {listed(sorted(marked, key=str.casefold))}")
    untold = [texts[gate] for gate in texts if gate not in told]
    if untold:
        said.append(f"{MORE} also stopped by: {'; '.join(untold)}")
    elif any(len(gates) > 1 for gates in stopped_by.values()):
        said.append(f"{MORE} stopped by another of these gates too")
    return said


def _by_gate(stopped_by: Mapping[str, Sequence[str]], names: Names) -> dict[str, list[str]]:
    """Every excluded alternative under the gate that stops most of those left to tell; most first.

    What is not graded stands under the first of its gates: that it is archived, say, tells more than that.
    """
    graded = [f for f in stopped_by if names.release.alternatives[f].graded]
    told: dict[str, list[str]] = {}
    while graded:
        sizes = Counter(gate for f in graded for gate in dict.fromkeys(stopped_by[f]))
        gate = sizes.most_common(1)[0][0]
        told[gate] = [f for f in graded if gate in stopped_by[f]]
        graded = [f for f in graded if gate not in stopped_by[f]]
    for framework, gates in stopped_by.items():
        if not names.release.alternatives[framework].graded:
            told.setdefault(gates[0], []).append(framework)
    return told


def back(result: Document, names: Names) -> list[str]:
    """The near misses, those with the same way back together."""
    ways: dict[str, list[str]] = {}
    for miss in result["near_misses"]:
        place = f"{names.framework(miss['framework'])} ({ordinal(miss['would_rank'])})"
        ways.setdefault(relaxation(miss, names), []).append(place)
    return [f"{listed(back)}: {way}" for way, back in list(ways.items())[:SHOWN_WAYS_BACK]]


# --- What is uncertain -----------------------------------------------------------------------------------------------


def uncertain(document: Document, names: Names, role: str) -> list[str]:
    """A tie, facts not on file, evidence that disagrees, and the questions that could change who is first."""
    result = document["roles"][role]
    said = []
    if len(leaders(result)) > 1:
        tied = listed([names.framework(place["framework"]) for place in leaders(result)])
        said.append(f"{tied} cannot be told apart: the lead is within what is uncertain of grades and weights")
    for place in leaders(result):
        name = names.framework(place["framework"])
        facts = dict.fromkeys(names.fact(fact) for each in place["unverified"] for fact in each["facts"])
        if facts:
            said.append(f"not verified for {name}, for nothing is on file: {listed(list(facts))}")
        disputed = _contested(result, names, place["framework"])
        if disputed:
            said.append(f"sources disagree about {name}: {listed(disputed, SHOWN_CONTESTED)}")
    return said + _waiting(document, names, role)


def _contested(result: Document, names: Names, framework: str) -> list[str]:
    """The criteria on which the evidence about an alternative disagrees, the heaviest first."""
    weight: dict[str, float] = {}
    for rule in result["rules"]:
        for criterion, each in rule["weights"].items():
            weight[criterion] = weight.get(criterion, 0.0) + rule["strength"] * each
    found = [c for c in weight if (c, framework) in names.contested]
    return [names.inside(c) for c in sorted(found, key=lambda c: (-weight[c], c))]


def _waiting(document: Document, names: Names, role: str) -> list[str]:
    """The questions that rules and gates wait for which could change the first place."""
    waiting = [s for s in document["silent_rules"] if s["role"] == role and s["could_change"]]
    questions = list(dict.fromkeys(q for each in waiting for q in each["questions"]))
    if not questions:
        return []
    kinds = "rule" if all(each["kind"] == "rule" for each in waiting) else "rule or gate"
    several = kinds if len(waiting) == 1 else f"{kinds.replace(' or ', 's or ')}s"
    who = f"{len(waiting)} {several} that could change who is first {'waits' if len(waiting) == 1 else 'wait'} for"
    return [f"{who} answers: {_questions(questions, names)}"]


# --- What would change it --------------------------------------------------------------------------------------------


def changes(document: Document, names: Names, role: str) -> list[str]:
    """Weights, answers given and open questions that would put another first or leave nothing."""
    flips = [f for f in document["changes"]["answers"] if f["role"] == role]
    weights = [w for w in document["changes"]["weights"] if w["role"] == role][:SHOWN_WEIGHTS]
    putting = [f for f in flips if f["winner"]]
    said = [weight_change(w, document["roles"][role], names) for w in weights]
    said += _flips([f for f in putting if f["from"] is not None], names)
    said += _flips([f for f in putting if f["from"] is None], names)
    emptying = dict.fromkeys(f["question"] for f in flips if not f["winner"])
    if emptying:
        said.append(f"some answers to {_questions(list(emptying), names)} would leave nothing")
    return said


def _flips(flips: Sequence[Document], names: Names) -> list[str]:
    """Changed answers to one question that put the same one first together."""
    groups: dict[tuple[str, str], list[Document]] = {}
    for flip in flips:
        groups.setdefault((flip["question"], flip["winner"]), []).append(flip)
    told = list(groups.values())
    said = [
        f"{change(names, each[0]['question'], each[0]['from'], [f['to'] for f in each])} would {effect(each[0], names)}"
        for each in told[:SHOWN_FLIPS]
    ]
    rest = dict.fromkeys(each[0]["question"] for each in told[SHOWN_FLIPS:])
    return [*said, f"so would other answers to {_questions(list(rest), names)}"] if rest else said


def _questions(questions: Sequence[str], names: Names) -> str:
    return listed([f"“{names.question(q)}”" for q in questions], SHOWN_QUESTIONS)
