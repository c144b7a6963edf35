"""Two releases compared in words: nothing where nothing differs, and every changed entry, once and by its id."""

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge_base.diff import LEAST_MOVE, Difference, differences
from tests.knowledge_base.conftest import Kept

Document = dict[str, Any]
QUIET = settings(max_examples=60, deadline=None, database=None)


def entry(document: Document, section: str, name: str) -> Any:
    found = document["questionnaire"]["questions"] if section == "questions" else document[section]
    return next(e for e in found if e["id"] == name)


def told(before: Document, after: Document) -> list[tuple[str, str, str]]:
    return [(d.kind, d.id, d.text) for d in differences(before, after)]


def test_a_release_does_not_differ_from_itself(small_document: Document) -> None:
    assert differences(small_document, small_document) == []
    assert differences(small_document, deepcopy(small_document)) == []


# --- Every changed entry is told -------------------------------------------------------------------------------------

Edit = Callable[[Document], Any]


def put(section: str, name: str, key: str, value: Any) -> Edit:
    return lambda document: entry(document, section, name).update({key: value})


def within(section: str, name: str, part: str, key: str, value: Any) -> Edit:
    return lambda document: entry(document, section, name)[part].update({key: value})


def drop(section: str, name: str) -> Edit:
    return lambda document: document[section].remove(entry(document, section, name))


def add(section: str, name: str, new: str) -> Edit:
    return lambda document: document[section].append({**deepcopy(entry(document, section, name)), "id": new})


def grade(criterion: str, name: str, by: float) -> Edit:
    def edit(document: Document) -> None:
        document["grades"][criterion][name]["mean"] += by

    return edit


def first_option(document: Document) -> None:
    entry(document, "questions", "stage")["options"].pop(0)


EDITS: dict[tuple[str, str], list[Edit]] = {
    ("setting", "as_of"): [lambda d: d.update(as_of="2026-12-01")],
    ("setting", "priorities_weight"): [lambda d: d.update(priorities_weight=3.0)],
    ("setting", "fusion"): [lambda d: d["fusion"].update(prior_mean=2.0)],
    ("setting", "confidence"): [lambda d: d["confidence"].update(interval_probability=0.5)],
    ("alternative", "caffe"): [
        drop("alternatives", "caffe"),
        put("alternatives", "caffe", "version", "9"),
        put("alternatives", "caffe", "summary", "New."),
        within("alternatives", "caffe", "lifecycle", "state", "deprecated"),
        within("alternatives", "caffe", "lifecycle", "evidence", ["facts"]),
        within("alternatives", "caffe", "licence", "permissive", False),
    ],
    ("alternative", "newcomer"): [add("alternatives", "jax", "newcomer")],
    ("fact", "pytorch python.max"): [
        within("alternatives", "pytorch", "capabilities", "python.max", {"value": "3.9", "evidence": ["facts"]}),
        within("alternatives", "pytorch", "capabilities", "python.max", {"value": "unknown", "evidence": []}),
        lambda d: entry(d, "alternatives", "pytorch")["capabilities"].pop("python.max"),
        lambda d: entry(d, "alternatives", "pytorch")["capabilities"]["python.max"].update(evidence=["survey-ease"]),
        lambda d: entry(d, "alternatives", "pytorch")["capabilities"]["python.max"].update(expires="2027-01-01"),
    ],
    ("grade", "tensorflow footprint"): [grade("footprint", "tensorflow", 0.6), grade("footprint", "tensorflow", -0.06)],
    ("path", "pytorch-litert"): [put("paths", "pytorch-litert", "level", 3), drop("paths", "pytorch-litert")],
    ("path", "new-path"): [add("paths", "pytorch-onnxruntime", "new-path")],
    ("evidence", "blog-small"): [
        put("evidence", "blog-small", "note", "Said it was small."),
        put("evidence", "blog-small", "verdict", "wrong"),
        drop("evidence", "blog-small"),
    ],
    ("evidence", "new-evidence"): [add("evidence", "facts", "new-evidence")],
    ("source", "blog"): [put("sources", "blog", "title", "A blog"), drop("sources", "blog")],
    ("criterion", "debugging"): [put("criteria", "debugging", "half_life_months", 1.0)],
    ("capability", "loads"): [put("capabilities", "loads", "text", "What it loads.")],
    ("rule", "small-team"): [
        within("rules", "small-team", "weights", "footprint", 3),
        put("rules", "small-team", "when", None),
        put("rules", "small-team", "argument", "Argued anew."),
        drop("rules", "small-team"),
    ],
    ("gate", "archived"): [put("gates", "archived", "text", "{name} is no more"), drop("gates", "archived")],
    ("question", "stage"): [
        first_option,
        put("questions", "stage", "text", "At what stage?"),
        lambda d: entry(d, "questions", "stage")["options"][0].update(label="Otherwise"),
    ],
    ("question", "contradictions"): [lambda d: d["questionnaire"].update(contradictions=[])],
    ("kin", "tensorflow jax"): [lambda d: d["kin"][0].update(value=0.6), lambda d: d["kin"].clear()],
}


EACH = [(key, which) for key, edits in EDITS.items() for which in range(len(edits))]


@QUIET
@given(st.lists(st.sampled_from(EACH), unique_by=lambda each: each[0], max_size=6))
def test_the_changed_entries_and_no_others_are_told(kept: Kept, edits: list[tuple[tuple[str, str], int]]) -> None:
    keys = [key for key, _ in edits]
    after = deepcopy(kept.document)
    for key, which in edits:
        EDITS[key][which](after)
    for before, now in ((kept.document, after), (after, kept.document)):
        found = differences(before, now)
        assert {(d.kind, d.id) for d in found} == set(keys)
        assert all(d.text and "None" not in d.text for d in found)
        assert differences(before, now) == found


@pytest.mark.parametrize(("key", "which"), EACH)
def test_each_single_edit_is_told(small_document: Document, key: tuple[str, str], which: int) -> None:
    after = deepcopy(small_document)
    EDITS[key][which](after)
    assert {(d.kind, d.id) for d in differences(small_document, after)} == {key}


# --- What is said ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("edit", "text"),
    [
        (put("alternatives", "pytorch", "version", "2.0"), "PyTorch: version is 2.0, was 1.0"),
        (put("alternatives", "pytorch", "version", None), "PyTorch: version is not stated, was 1.0"),
        (put("alternatives", "pytorch", "roles", []), "PyTorch: roles is empty, was training"),
        (drop("alternatives", "caffe"), "Caffe is no longer on file"),
        (
            within("alternatives", "pytorch", "capabilities", "run.android", {"value": 2, "evidence": ["facts"]}),
            "PyTorch: run.android is 2, was not stated",
        ),
        (grade("footprint", "tensorflow", 0.5), "TensorFlow, Footprint: 2.00 of 4, was 1.50"),
        (
            lambda d: d["grades"]["footprint"]["tensorflow"].update(known=True),
            "TensorFlow, Footprint: is known now",
        ),
        (drop("paths", "pytorch-litert"), "path pytorch-litert is gone: pytorch to litert by litert-torch, level 2"),
        (
            lambda d: entry(d, "evidence", "survey-ease").update(
                verdict="outdated", verdict_note="A newer one is out."
            ),
            "evidence survey-ease: outdated, was holds: A newer one is out.",
        ),
        (
            lambda d: entry(d, "rules", "small-team").update(weights={"ease_of_use": 4, "debugging": 0.5}),
            "rule small-team: weight of debugging is 0.5, was 0; weight of footprint is 0, was 1",
        ),
        (first_option, "question stage: without education"),
        (lambda d: d["kin"][0].update(value=0.6), "tensorflow and jax: kinship is 0.6, was 0.4"),
        (
            put("alternatives", "pytorch", "packages", [{"registry": "npm", "name": "t"}]),
            "PyTorch: packages added t (npm); taken away torch (pypi)",
        ),
        (put("capabilities", "loads", "text", "What it loads."), 'capability loads: text is "What it loads.", was '),
    ],
)
def test_words(small_document: Document, edit: Edit, text: str) -> None:
    after = deepcopy(small_document)
    edit(after)
    (found,) = told(small_document, after)
    assert found[2].startswith(text)


def test_a_grade_that_only_aged_is_passed_over(small_document: Document) -> None:
    for by, count in ((0.9 * LEAST_MOVE, 0), (1.1 * LEAST_MOVE, 1)):
        after = deepcopy(small_document)
        grade("footprint", "tensorflow", by)(after)
        assert len(differences(small_document, after)) == count


def test_a_moved_grade_cites_the_evidence_that_is_new_behind_it(small_document: Document) -> None:
    after = deepcopy(small_document)
    moved = after["grades"]["debugging"]["pytorch"]
    moved["mean"] -= 1
    moved["influences"] = [["survey-ease", -1.0], *moved["influences"]]
    assert differences(small_document, after) == [
        Difference("grade", "pytorch debugging", differences(small_document, after)[0].text, ("survey-ease",))
    ]


def test_what_an_older_release_did_not_have_yet_is_no_change(small_document: Document) -> None:
    older = deepcopy(small_document)
    for e in older["evidence"]:
        del e["favours"], e["disfavours"]
    for a in older["alternatives"]:
        del a["lifecycle"]["ends"], a["packages"], a["namesakes"]
    del older["fusion"]
    assert [d.id for d in differences(older, small_document)] == ["fusion"]
