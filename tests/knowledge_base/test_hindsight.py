"""Looking back: nothing that was written down after the day, and the same grades as a pack cut at that day."""

from copy import deepcopy
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge_base import hindsight, release
from knowledge_base.pack import Pack
from rules import canonical
from rules.release import compile_release, release_id
from tests.knowledge_base.conftest import Kept
from tests.rules.builders import decide

Document = dict[str, Any]
QUIET = settings(max_examples=60, deadline=None, database=None)
DAYS = st.dates(date(2020, 1, 1), date(2026, 11, 20)).map(str)


@pytest.fixture(scope="module")
def uneven(small_pack: Pack) -> Kept:
    """The small pack with days that differ: a source younger than what it tells of, and one read about long after."""
    dates = {"survey": "2026-03-15", "docs": "2024"}
    days = {"blog-small": "2023-05", "facts": "2022", "runtime-size": "2026-05-20", "survey-ease": "2025-06"}
    sources = tuple(s.model_copy(update={"date": dates.get(s.id, s.date)}) for s in small_pack.sources)
    evidence = tuple(e.model_copy(update={"as_of": days.get(e.id, e.as_of)}) for e in small_pack.evidence)
    pack = replace(small_pack, sources=sources, evidence=evidence)
    return Kept(pack, release.build(pack))


def over(when: str, day: str) -> bool:
    """The slow second way: whether a day lies after the last one of a year or month, or not before a day."""
    parts = [int(part) for part in when.split("-")]
    if len(parts) == 3:
        return date(*parts) <= date.fromisoformat(day)
    year, month = (parts[0] + 1, 1) if len(parts) == 1 or parts[1] == 12 else (parts[0], parts[1] + 1)
    return date(year, month, 1) <= date.fromisoformat(day)


def cited(document: Document) -> set[str]:
    """Every piece that something in a release rests on, its own list aside."""
    found = {e for entry in ("paths", "rules", "gates") for each in document[entry] for e in each["evidence"]}
    for a in document["alternatives"]:
        found |= {e for cell in a["capabilities"].values() for e in cell["evidence"]}
        found |= set(a["licence"]["evidence"]) if a["licence"] else set()
        found |= set(a["governance_evidence"])
    for by_member in document["grades"].values():
        found |= {e for grade in by_member.values() for e, _ in grade["influences"]}
    return found


@QUIET
@given(DAYS)
def test_nothing_rests_on_what_came_later(uneven: Kept, day: str) -> None:
    found = hindsight.as_known(uneven.document, day)
    source = {s["id"]: s for s in uneven.document["sources"]}
    young = {
        e["id"]
        for e in uneven.document["evidence"]
        if not over(e["as_of"], day) or not over(source[e["source"]]["date"], day)
    }
    history = {e for a in found["alternatives"] for e in a["lifecycle"]["evidence"]}
    assert not cited(found) & young
    assert {e["id"] for e in found["evidence"]} - history <= {e["id"] for e in uneven.document["evidence"]} - young
    for e in found["evidence"]:
        if e["id"] in young:  # kept only to say when a state began
            assert e["grades"] == e["comparisons"] == []
    assert {s["id"] for s in found["sources"]} == {e["source"] for e in found["evidence"]}
    for a in found["alternatives"]:
        for cell in a["capabilities"].values():
            assert cell["evidence"] or cell["value"] == "unknown"
        assert a["version_date"] is None or over(a["version_date"], day)
    compile_release(found)


@QUIET
@given(DAYS, DAYS)
def test_a_later_day_knows_all_that_an_earlier_one_did(uneven: Kept, one: str, other: str) -> None:
    early, late = sorted((one, other))
    then, later = ({e.id for e in hindsight.known_then(uneven.document, day)} for day in (early, late))
    assert then <= later
    facts = [
        {
            (a["id"], name)
            for a in hindsight.as_known(uneven.document, day)["alternatives"]
            for name, cell in a["capabilities"].items()
            if cell["value"] != "unknown"
        }
        for day in (early, late)
    ]
    assert facts[0] <= facts[1]


def cut(pack: Pack, day: str) -> Pack:
    """The pack as it would have been, cut by hand, entry by entry."""
    dates = {s.id: s.date for s in pack.sources}
    kept = tuple(e for e in pack.evidence if over(e.as_of, day) and over(dates[e.source], day))
    ids = {e.id for e in kept}
    verdicts = tuple(
        e.model_copy(update={"verdict": "holds"}) if e.verdict_evidence and not ids & set(e.verdict_evidence) else e
        for e in kept
    )
    alternatives = tuple(
        a.model_copy(
            update={
                "capabilities": {
                    name: cell if ids & set(cell.evidence) else cell.model_copy(update={"value": "unknown"})
                    for name, cell in a.capabilities.items()
                },
                "licence": a.licence if a.licence and ids & set(a.licence.evidence) else None,
                "governance": None if a.governance_evidence and not ids & set(a.governance_evidence) else a.governance,
                "governance_evidence": [e for e in a.governance_evidence if e in ids],
                "graded": a.graded and any(a.id in e.about for e in kept),
            }
        )
        for a in pack.alternatives
    )
    return replace(
        pack,
        settings=pack.settings.model_copy(update={"as_of": day}),
        evidence=verdicts,
        alternatives=alternatives,
        paths=tuple(p for p in pack.paths if ids & set(p.evidence)),
    )


@QUIET
@given(DAYS)
def test_grades_are_those_of_a_pack_cut_at_the_day(uneven: Kept, day: str) -> None:
    found, expected = hindsight.as_known(uneven.document, day), release.judged(cut(uneven.pack, day))
    assert found["grades"] == expected["grades"]
    assert found["grade_covariance"] == expected["grade_covariance"]
    for ours, theirs in zip(found["alternatives"], expected["alternatives"], strict=True):
        for fact in theirs["facts"].keys() - {"alt.years_left", "alt.lifecycle"}:
            assert ours["facts"][fact] == theirs["facts"][fact], fact
        assert ours["facts"].keys() == theirs["facts"].keys()


def edited(document: Document, *, evidence: dict[str, Any] | None = None, **alternative: Any) -> Document:
    copy = deepcopy(document)
    next(e for e in copy["evidence"] if e["id"] == "blog-small").update(evidence or {})
    next(a for a in copy["alternatives"] if a["id"] == "caffe").update(alternative)
    return copy


@pytest.mark.parametrize(
    ("day", "verdict", "proof"),
    [("2025-01-01", "holds", []), ("2026-07-01", "outdated", ["survey-ease"])],
)
def test_a_verdict_is_given_only_from_the_day_of_what_proves_it(
    small_document: Document, day: str, verdict: str, proof: list[str]
) -> None:
    document = edited(small_document, evidence={"verdict_evidence": ["survey-ease"]})
    known = {e.id: e for e in hindsight.known_then(document, day)}
    assert (known["blog-small"].verdict, known["blog-small"].verdict_evidence) == (verdict, proof)
    grade = hindsight.as_known(document, day)["grades"]["footprint"]["tensorflow"]
    assert grade["known"] == (verdict == "holds")


def test_a_verdict_that_names_no_proof_stands(small_document: Document) -> None:
    known = {e.id: e for e in hindsight.known_then(small_document, "2022-01-01")}
    assert known["blog-small"].verdict == "outdated"


STATE = {"state": "archived", "since": "2024-05", "ends": "2027-01-01", "successor": "pytorch", "note": "Over."}


@pytest.mark.parametrize(
    ("since", "day", "expected"),
    [
        ("2024-05", "2024-04-30", ("active", None, None, None)),  # it had not begun
        ("2024-05", "2024-05-01", ("archived", "2024-05", None, None)),  # begun; what followed is told later
        ("2024-05", "2026-02-01", ("archived", "2024-05", "2027-01-01", "pytorch")),  # dead-proof is of 2026-01
        (None, "2026-01-31", ("active", None, None, None)),
        (None, "2026-02-01", ("archived", None, "2027-01-01", "pytorch")),
    ],
)
def test_the_state_of_a_project_is_told_from_its_dates(
    small_document: Document, since: str | None, day: str, expected: tuple[Any, ...]
) -> None:
    document = edited(small_document, lifecycle={**STATE, "since": since, "evidence": ["dead-proof"]})
    found = hindsight.as_known(document, day)
    state = next(a for a in found["alternatives"] if a["id"] == "caffe")["lifecycle"]
    assert tuple(state[key] for key in ("state", "since", "ends", "successor")) == expected
    assert state["evidence"] == ["dead-proof"]
    assert "dead-proof" in {e["id"] for e in found["evidence"]}
    excluded = decide(compile_release(found), {"need": "train"}, roles=["training"]).roles["training"].excluded
    assert ("archived" in {e.gate for e in excluded if e.framework == "caffe"}) == (state["state"] == "archived")


def test_the_look_back_says_of_what_it_is_one_and_is_named_anew(small_document: Document) -> None:
    found = hindsight.as_known(small_document, "2025-12-31")
    assert found["hindsight"] == {
        "of": release_id(small_document, canonical.digest(small_document)),
        "day": "2025-12-31",
    }
    assert found["as_of"] == "2025-12-31"
    names = {release_id(d, canonical.digest(d)) for d in (found, hindsight.as_known(small_document, "2025-12-30"))}
    assert len(names) == 2
    assert canonical.dump(found) == canonical.dump(hindsight.as_known(deepcopy(small_document), "2025-12-31"))


@pytest.mark.parametrize("day", ["2026-11-21", "2026-11-22", "2030-01-01"])
def test_only_days_before_the_release_are_looked_back_to(small_document: Document, day: str) -> None:
    with pytest.raises(ValueError, match="is not before 2026-11-21"):
        hindsight.as_known(small_document, day)


def test_a_release_that_does_not_say_how_it_was_fused_cannot_look_back(small_document: Document) -> None:
    older = {key: value for key, value in small_document.items() if key != "fusion"}
    with pytest.raises(ValueError, match="how its grades were fused"):
        hindsight.as_known(older, "2025-01-01")


def test_rules_and_questions_are_todays(small_document: Document) -> None:
    found = hindsight.as_known(small_document, "2020-06-01")
    assert [r["weights"] for r in found["rules"]] == [r["weights"] for r in small_document["rules"]]
    assert found["questionnaire"] == small_document["questionnaire"]
    assert found["gates"] == [{**g, "evidence": []} for g in small_document["gates"]]
