"""Priors of a pack: mistakes are told with their place, and what is stated is part of the release."""

from typing import Any

import pytest

from knowledge_base import diff, lint, pack, release
from knowledge_base.fingerprint import SHIPPED
from rules.release import compile_release
from tests.knowledge_base.conftest import Plant, faults_of

SETTLED = {"pack.yaml": "asking:\n  settled_at_probability: 0.8\n"}


@pytest.fixture(scope="session")
def stated() -> str:
    """The shipped priors, without the alternatives that the small pack does not have."""
    kept = []
    for entry in (SHIPPED / "priors.yaml").read_text("utf-8").split("\n- id: ")[1:]:
        name, _, rest = entry.partition("\n")
        alternatives = ("known_frameworks", "existing_code", "considering", "tried_and_rejected")
        rest = 'answered: 0.5\n  options: {pytorch: 0.5}\n  argument: "Tests."' if name in alternatives else rest
        kept.append(f"- id: {name}\n  {rest.strip()}\n")
    return "".join(line for line in "\n".join(kept).splitlines(keepends=True) if not line.startswith("  evidence"))


def test_a_pack_without_priors_keeps_its_bytes(small_document: dict[str, Any]) -> None:
    assert "asking" not in small_document
    priors = compile_release(small_document).priors
    assert priors.settled_at == 0.9
    assert {p.question for p in priors.of} == {q["id"] for q in small_document["questionnaire"]["questions"]}


def test_what_is_stated_is_in_the_release(plant: Plant, stated: str) -> None:
    folder = plant({"priors.yaml": stated, **SETTLED})
    assert lint.lint(pack.load(folder)) == []
    document = release.build(pack.load(folder))
    priors = compile_release(document).priors
    assert priors.settled_at == 0.8
    assert [p.question for p in priors.of][:3] == ["stage", "need", "approach"]
    assert all(entry["argument"] for entry in document["asking"]["priors"])


MISTAKES = [
    ("a question that there is not", ("- id: stage\n", "- id: stagee\n"), "stagee", "stage"),
    ("shares that do not add up", ("education: 0.15, research", "education: 0.25, research"), "a sum of 1.1", None),
    ("an option that there is not", ("{education: 0.15", "{educating: 0.15"), "educating", "education"),
    ("an option that is left out", ("education: 0.15, research: 0.3", "research: 0.45"), "no education", None),
    ("another kind of part", ("  chance_of_yes: 0.03\n", "  options: {often: 0.03}\n"), "on_device_training", None),
    (
        "numbers that it does not take",
        ("{low: 1, high: 1, share: 0.3}", "{low: 0, high: 0, share: 0.3}"),
        "0 to 0",
        None,
    ),
    ("a range from nothing", ("{low: 0.01, high: 10,", "{low: 0, high: 10,"), "0 to 10", None),
    (
        "a case that looks ahead",
        ("'stage == \"education\"', options: {beginner", "'offline and answered(priorities)', options: {beginner"),
        "priorities",
        None,
    ),
    ("a case that is none", ("'weights_in within [\"none\"]'", "'weights_in withn [\"none\"]'"), "when", None),
    (
        "none of these where an option says so",
        ("- id: interop\n", "- id: interop\n  none: 0.1\n"),
        "an option that says so",
        None,
    ),
    (
        "none of these where one is asked for",
        ("- id: retraining\n", "- id: retraining\n  none: 0.1\n"),
        "an option that says so",
        None,
    ),
    (
        "too much that stands alone",
        ("- id: approach\n", "- id: approach\n  none: 0.95\n"),
        "1.01 for none of these",
        None,
    ),
    ("lengths that do not add up", ("lengths: [0.1, 0.2", "lengths: [0.1, 0.3"), "a sum of 1.1", None),
    ("a question without one", ("- id: regulated\n", "- id: cloud\n"), "cloud", None),
    (
        "a chance above one",
        ("  answered: 0.97\n  options: {education", "  answered: 1.97\n  options: {education"),
        "1.97",
        None,
    ),
]


@pytest.mark.parametrize(("edit", "says", "near"), [m[1:] for m in MISTAKES], ids=[m[0] for m in MISTAKES])
def test_each_mistake_is_told_with_its_place(
    plant: Plant, stated: str, edit: tuple[str, str], says: str, near: str | None
) -> None:
    assert stated.count(edit[0]) == 1
    found = faults_of(plant({"priors.yaml": stated.replace(*edit)}))
    told = [fault for fault in found if says in f"{fault.value} {fault.path}" or says in fault.expected]
    assert told, found
    assert all(fault.path.startswith("priors.yaml") for fault in told)
    if near:
        assert any(fault.nearest == near for fault in told)


def test_a_question_left_out_is_told(plant: Plant, stated: str) -> None:
    cut = stated[: stated.index("- id: regulated")] + stated[stated.index("- id: priorities") :]
    assert [(f.path, f.value) for f in faults_of(plant({"priors.yaml": cut}))] == [("priors.yaml", "'regulated'")]


def test_every_shipped_prior_is_argued_and_every_question_has_one() -> None:
    shipped = pack.load()
    assert {p.id for p in shipped.priors} == {q.id for q in shipped.questionnaire.questions}
    assert all(p.evidence or "Stated judgement" in p.argument for p in shipped.priors)
    assert shipped.settings.asking is not None


def test_changed_priors_are_differences_of_releases(plant: Plant, stated: str) -> None:
    before = release.build(pack.load(plant({"priors.yaml": stated})))
    after = {**before, "asking": {**before["asking"], "settled_at_probability": 0.7}}
    after["asking"]["priors"] = [
        {**p, "answered": 0.5} if p["id"] == "stage" else p for p in before["asking"]["priors"]
    ]
    told = [(d.kind, d.id) for d in diff.differences(before, after)]
    assert told == [("setting", "asking"), ("prior", "stage")]
