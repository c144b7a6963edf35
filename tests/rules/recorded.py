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
from rules.naming import Names, names_of
from tests.rules.builders import Answers, answers, compiled, decide, documents

EXAMPLES = tuple(sorted((Path(__file__).parents[2] / "examples").glob("*.yaml")))

Recorded = tuple[dict[str, Any], Names]


def record(source: Mapping[str, Any], given: Answers, roles: tuple[str, ...] | None = None) -> Recorded:
    """A decision from a release document as it would be read back, and the words of that release."""
    release = compiled(source)
    return _read_back(decide(release, given, roles=roles).document()), names_of(release, source)


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


@st.composite
def recorded(draw: st.DrawFn) -> Recorded:
    """Decisions of generated roles with gates, unknown facts, ties and unanswered questions."""
    source = draw(documents(gates=True))
    members = [a["id"] for a in source["alternatives"]]
    known = draw(st.lists(st.sampled_from(members), unique=True, max_size=2))
    given = {**draw(answers()), **({"known_frameworks": known} if known else {})}
    return record(source, given)
