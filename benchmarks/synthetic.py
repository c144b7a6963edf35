"""Made-up releases of any size, the same on every machine: a fixed seed makes the document, the engine compiles it.

The mix follows the shipped pack: a third of the questions are answered, conditions look at one or two questions,
gates ask for a support level or a yes/no fact, a few facts are not known, and a grade rests on up to six items of
evidence.
Nothing in a made-up release means anything; only its size and shape do.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rules.release import SCHEMA

SEED = 20261121
ANSWERED = 0.35
DOUBLED = 0.4  # share of conditions that join two comparisons
UNKNOWN_FACTS = 0.02
FAILING_FACTS = 0.04
TIED = 3  # every third criterion has grades that evidence ties together
CONFIDENCE = {"weight_relative_sd": 0.3, "tie_below_win_probability": 0.75, "interval_probability": 0.9}
KINDS = ("many", "many", "many", "number", "number", "one", "one", "yes/no")
OPTIONS = tuple(f"option-{letter}" for letter in "abcdef")
PRIORITIES = tuple(f"aim-{letter}" for letter in "abcdefgh")
NUMBERS = (10.0, 100.0, 1000.0)

Entry = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Size:
    """How much a made-up release holds; `asked` questions, or as many as go with the rules where it is 0."""

    alternatives: int
    criteria: int
    rules: int
    gates: int
    asked: int = 0

    @classmethod
    def parse(cls, text: str) -> "Size":
        """A size written as alternatives x criteria x rules x gates, such as `20x80x130x150`.

        Raises:
            ValueError: it is not four whole numbers, each at least 2.
        """
        parts = [int(part) for part in text.split("x")]
        if len(parts) != 4 or min(parts) < 2:
            raise ValueError(f"{text!r} is not four whole numbers from 2, such as 20x80x130x150")
        return cls(*parts)

    @property
    def questions(self) -> int:
        """How many questions go with it: the shipped pack asks 61 beside its 130 rules."""
        return self.asked or min(80, max(10, self.rules // 2))

    def __str__(self) -> str:
        return f"{self.alternatives}x{self.criteria}x{self.rules}x{self.gates}"


def document(size: Size) -> Entry:
    """The release document of a size."""
    draw = random.Random(f"{SEED} {size}")  # noqa: S311 - a fixed seed is the point
    questions = [_question(f"question_{i}", KINDS[i % len(KINDS)]) for i in range(size.questions - 1)]
    members = [f"framework-{i:02}" for i in range(size.alternatives)]
    criteria = [f"criterion_{i:02}" for i in range(size.criteria)]
    levels = [f"run.place_{i}" for i in range(max(4, size.gates // 3))]
    flags = [f"flag_{i}" for i in range(max(2, size.gates // 6))]
    return {
        "schema": SCHEMA,
        "as_of": "2026-11-21",
        "confidence": CONFIDENCE,
        "priorities_weight": 3.0,
        "questionnaire": {
            "groups": [{"id": "all", "name": "All", "text": "All."}],
            "questions": [*questions, _question("priorities", "ranked")],
            "contradictions": [],
        },
        "capabilities": [_capability(name, "level") for name in levels] + [_capability(name, "flag") for name in flags],
        "criteria": [
            {"id": name, "name": name, "roles": ["training"], "affinity": None, "derived": None} for name in criteria
        ],
        "alternatives": [_alternative(name, levels, flags, draw) for name in members],
        "rules": [_rule(i, size.rules, questions, criteria, draw) for i in range(size.rules)],
        "gates": [_gate(i, questions, levels, flags, draw) for i in range(size.gates)],
        "grades": (grades := {name: {member: _grade(draw) for member in members} for name in criteria}),
        "grade_covariance": {name: _ties(grades[name], draw) for name in criteria[::TIED]},
        "paths": [],
        "kin": [],
    }


def answers(size: Size, count: int) -> list[Entry]:
    """Made-up answers to a size's questions, `count` sets of them."""
    draw = random.Random(f"{SEED} {size} answers")  # noqa: S311 - a fixed seed is the point
    asked = {f"question_{i}": KINDS[i % len(KINDS)] for i in range(size.questions - 1)}
    return [
        {name: _answer(kind, draw) for name, kind in asked.items() if draw.random() < ANSWERED}
        | {"priorities": draw.sample(PRIORITIES, 3)}
        for _ in range(count)
    ]


def _answer(kind: str, draw: random.Random) -> object:
    if kind == "yes/no":
        return draw.random() < 0.5
    if kind == "number":
        return draw.choice((5.0, 50.0, 500.0, 5000.0))
    return draw.sample(OPTIONS, draw.choice((1, 1, 2, 3))) if kind == "many" else draw.choice(OPTIONS)


def _question(name: str, kind: str) -> Entry:
    options = {"many": OPTIONS, "one": OPTIONS, "ranked": PRIORITIES}.get(kind, ())
    entry: Entry = dict.fromkeys(("help", "unit", "minimum", "maximum"))
    entry |= {"id": name, "group": "all", "kind": kind, "text": name, "why": name, "ordered": False}
    entry |= {"with_version": False, "exclusive": []}
    return entry | {"options": [{"id": option, "label": option, "help": None} for option in options]}


def _capability(name: str, kind: str) -> Entry:
    return {"id": name, "kind": kind, "options_of": None, "text": f"What {name} says."}


def _alternative(name: str, levels: Sequence[str], flags: Sequence[str], draw: random.Random) -> Entry:
    facts: Entry = {"alt.id": name, "alt.graded": True, "alt.lifecycle": "active"}
    for fact in (*levels, *flags):
        luck = draw.random()
        good, bad = (draw.choice((2, 3)), draw.choice((0, 1))) if fact in levels else (True, False)
        if luck >= UNKNOWN_FACTS:
            facts[f"alt.{fact}"] = bad if luck < UNKNOWN_FACTS + FAILING_FACTS else good
    return {
        "id": name,
        "name": name.title(),
        "roles": ["training"],
        "graded": True,
        "kind_note": None,
        "summary": f"{name.title()}, made up.",
        "version": "1.0",
        "lifecycle": {"successor": None},
        "facts": facts,
        "fact_evidence": {fact: [f"item-{draw.randrange(500)}"] for fact in facts},
    }


def _comparison(questions: Sequence[Entry], draw: random.Random) -> str:
    question = draw.choice(questions)
    name = question["id"]
    match question["kind"]:
        case "many":
            return f'"{draw.choice(OPTIONS)}" in {name}'
        case "one":
            return f'{name} == "{draw.choice(OPTIONS)}"'
        case "number":
            return f"{name} {draw.choice(('>=', '<'))} {draw.choice(NUMBERS):g}"
        case _:
            return f"{name} == {draw.choice(('true', 'false'))}"


def _condition(questions: Sequence[Entry], draw: random.Random) -> str:
    first = _comparison(questions, draw)
    if draw.random() >= DOUBLED:
        return first
    return f"{first} {draw.choice(('and', 'and', 'or'))} {_comparison(questions, draw)}"


def _rule(index: int, rules: int, questions: Sequence[Entry], criteria: Sequence[str], draw: random.Random) -> Entry:
    """Two base rules, a fifth on priorities, the rest on answers; the rules name every criterion in turn."""
    ranked = PRIORITIES[index % len(PRIORITIES)] if index % 5 == 4 else None
    own = [criteria[index % len(criteria)], *criteria[index + rules :: rules]]
    touched = dict.fromkeys([*own, *draw.sample(criteria, min(4, len(criteria)))])
    return {
        "id": f"rule-{index}",
        "layer": "shipped",
        "text": f"Rule {index} holds",
        "roles": ["training"],
        "when": None if ranked or index < 2 else _condition(questions, draw),
        "rank_of": ranked,
        "strength": 1.0,
        "weights": {name: draw.choice((0.5, 1, 1.5, 2, 3)) for name in touched},
        "evidence": [],
    }


def _gate(
    index: int, questions: Sequence[Entry], levels: Sequence[str], flags: Sequence[str], draw: random.Random
) -> Entry:
    """Every tenth gate concerns all projects, every seventh is soft, and one in eight lets an answer replace a fact."""
    flag = index % 4 == 3
    requires = f"alt.{draw.choice(flags)}" if flag else f"alt.{draw.choice(levels)} >= {draw.choice((1, 2, 2))}"
    if index % 8 == 5:
        requires += f" or {_comparison(questions, draw)}"
    return {
        "id": f"gate-{index}",
        "layer": "shipped",
        "effect": "caution" if index % 7 == 6 else "exclude",
        "text": "{name} fails " + f"gate {index}",
        "roles": ["training"],
        "when": None if index % 10 == 9 else _condition(questions, draw),
        "requires": requires,
        "evidence": [f"item-{draw.randrange(500)}"],
    }


def _grade(draw: random.Random) -> Entry:
    items = draw.sample(range(500), draw.randrange(7))
    influences = [[f"item-{item}", round(draw.uniform(-0.6, 0.6), 4)] for item in items]
    return {"mean": round(draw.uniform(0.5, 4.0), 4), "sd": round(draw.uniform(0.2, 0.8), 4), "influences": influences}


def _ties(grades: Entry, draw: random.Random) -> list[list[Any]]:
    """Covariances of half the members, two by two, with correlations as they are in the shipped pack."""
    members = draw.sample(sorted(grades), len(grades) // 2)
    pairs = [sorted(pair) for pair in zip(members[::2], members[1::2], strict=False)]
    return sorted([a, b, round(draw.uniform(0.01, 0.4) * grades[a]["sd"] * grades[b]["sd"], 6)] for a, b in pairs)
