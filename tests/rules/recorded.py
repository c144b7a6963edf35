"""Recorded decisions for tests of what is told about them: documents as JSON, beside the words of their release."""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from hypothesis import strategies as st

from knowledge_base import pack
from knowledge_base.release import build
from rules import engine, policy, requirements
from rules.accounts.naming import Names, names_of
from tests.rules.builders import Answers, alternative, answers, compiled, decide, document, documents, gate, rule

EXAMPLES = tuple(sorted((Path(__file__).parents[2] / "examples").glob("*.yaml")))

Recorded = tuple[dict[str, Any], Names]


def record(
    source: Mapping[str, Any], given: Answers, roles: tuple[str, ...] | None = None, stated: object = None, **how: Any
) -> Recorded:
    """A decision from a release document as it would be read back, and the words of that release.

    `stated` are preferences and `how` goes to `engine.decide`: `draws`, `what_if`.
    """
    release = compiled(source)
    required = requirements.parse(given, release.questionnaire, stated)
    return _read_back(engine.decide(release, required, roles=roles, **how).document()), names_of(release, source)


def under(source: Mapping[str, Any], *policies: Mapping[str, Any]) -> dict[str, Any]:
    """The release document with house policies over it, as of the day of the tests."""
    return policy.apply(source, policies, "2026-11-21")


def house(**entries: Any) -> dict[str, Any]:
    """A policy named acme with the given rules, gates, weights or waivers."""
    return {"name": "acme", "owner": "Board", "summary": "For tests.", **entries}


@cache
def shipped() -> Names:
    """The words of the shipped release."""
    source = json.loads(json.dumps(build(pack.load())))
    return names_of(compiled(source), source)


@cache
def example(path: Path) -> dict[str, Any]:
    """The decision for one of the shipped examples."""
    return _read_back(decide(shipped().release, yaml.safe_load(path.read_text())["answers"]).document())


def _read_back(document: dict[str, Any]) -> dict[str, Any]:
    decoded: dict[str, Any] = json.loads(json.dumps(document))
    return decoded


def waived(expires: str = "2027-03-31") -> tuple[dict[str, Any], dict[str, Any]]:
    """A release in which a gate stops both alternatives, and a policy that waives it for one and weighs a rule anew."""
    facts = [alternative("a", has__kernels=False), alternative("b", has__kernels=False)]
    source = document(
        facts, {"c": {"a": (3, 0.1), "b": (2, 0.1)}}, [rule("base", {"c": 1})], [gate("g", "alt.has.kernels")]
    )
    leave = {"gate": "g", "alternative": "a", "owner": "Jane", "reason": "Signed.", "expires": expires}
    anew = {"rule": "base", "factor": 2, "argument": "For tests."}
    return source, house(waivers=[leave], weights=[anew])


TWO_PEOPLE = {
    "stakeholders": [
        {"name": "Ann", "say": 2, "method": "ranked", "ranking": ["ease", "cost"]},
        {"name": "Bo", "say": 1, "method": "direct", "weights": {"speed": 3, "cost": 1}},
    ]
}


class _Made(tuple[dict[str, Any], Names]):
    """A decision with the words of its release that shows itself in short."""

    def __repr__(self) -> str:
        shown = ("answers", "preferences", "draws", "roles")
        return json.dumps({key: self[0][key] for key in shown} | {"rules": self[1].source["rules"]})[:20000]


@st.composite
def recorded(draw: st.DrawFn) -> Recorded:
    """Decisions of generated roles with gates, unknown facts, ties and unanswered questions.

    Some rest on draws, some on the preferences of two people, and some were not asked what would change them.
    """
    source = draw(documents(gates=True))
    members = [a["id"] for a in source["alternatives"]]
    known = draw(st.lists(st.sampled_from(members), unique=True, max_size=2))
    given = {**draw(answers()), **({"known_frameworks": known} if known else {})}
    stated = draw(st.sampled_from([None, None, TWO_PEOPLE]))
    if stated:
        given.pop("priorities", None)
    how: dict[str, Any] = {"draws": draw(st.sampled_from([0, 0, 50])), "what_if": draw(st.booleans())}
    return _Made(record(source, given, stated=stated, **how))
