"""The cases of a condition stand for all: whatever truth any answers give it, some case gives it too, and no other."""

from collections.abc import Iterator
from itertools import chain, combinations, product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules import cases
from rules.cases import Space
from rules.compiled import Release
from rules.conditions import Evaluate, Node, columns
from rules.release import condition
from tests.rules.builders import PYTHONS, QUESTIONS, SKILLS, TARGETS, alternative, compiled, document, question, rule

RELEASE = compiled(
    document(
        [alternative(name) for name in "abcdefgh"],
        {"x": {}},
        [rule("base", {"x": 1})],
        questions=[*QUESTIONS, question("data_gb", "number", unit="GB", minimum=0, maximum=50)],
    )
)
QUIET = settings(deadline=None)


def subsets(options: str | tuple[str, ...]) -> list[tuple[str, ...]]:
    return list(chain.from_iterable(combinations(options, size) for size in range(1, len(options) + 1)))


EVERY: dict[str, list[Any]] = {
    "offline": [None, True, False],
    "team_experience": [None, *SKILLS],
    "stage": [None, "research", "production"],
    "python_version": [None, *PYTHONS],
    "data_rows": [None, 0.0, 1.5, 5.0, 7.0, 10.0, 10.25, 10.5, 10.75, 11.0, 60.0, 100.0, 500.0, 1000.0],
    "data_gb": [None, 0.0, 1.5, 5.0, 7.0, 10.0, 10.25, 10.5, 10.75, 11.0, 50.0],
    "deploy_targets": [None, ("none",), *subsets(TARGETS[:3])],
    "train_os": [None, *subsets(("linux", "windows", "macos"))],
    "known_frameworks": [None, *subsets("abcdefgh")],
    "alt.id": [None, *"abcdefgh"],
    "alt.run.android": [None, 0, 1, 2, 3],
    "alt.python.max": [None, "3.8", "3.9", "3.9.5", "3.10", "3.10.9", "3.11", "3.12", "4.0"],
    "alt.rows.max": [None, -3.0, 0.0, 1.5, 5.0, 7.0, 10.0, 10.25, 10.5, 11.0, 60.0, 5000.0],
}
PARTS = [
    "offline", "not offline", "answered(offline)", 'team_experience <= "intermediate"', 'stage == "research"',
    'stage != "production"', "data_rows > 10", "data_rows <= 10.5", "data_rows == 10", "data_rows > 1000",
    "data_rows >= 0", "data_gb < data_rows", "data_gb == 10", 'python_version >= "3.11"', 'python_version < "3.9"',
    '"android" in deploy_targets', '"none" in deploy_targets', 'deploy_targets within ["android", "browser"]',
    'deploy_targets overlaps ["browser", "none"]', "count(deploy_targets) > 1", "count(deploy_targets) == 4",
    "answered(deploy_targets)", 'train_os within ["linux"]', "count(train_os) == 3", "count(train_os) < 2",
    "count(known_frameworks) > 2", '"a" in known_frameworks', "alt.id in known_frameworks", 'alt.id == "b"',
    "count(known_frameworks) == 8", "alt.run.android >= 2", "alt.run.android > 3", "python_version <= alt.python.max",
    'alt.python.max > "3.10"', "data_rows <= alt.rows.max", "answered(alt.rows.max)", "alt.rows.max < 5",
]  # fmt: skip
CONDITIONS = st.recursive(
    st.sampled_from(PARTS),
    lambda inner: st.one_of(
        st.tuples(inner, inner).map(lambda two: f"({two[0]} and {two[1]})"),
        st.tuples(inner, inner).map(lambda two: f"({two[0]} or {two[1]})"),
        inner.map(lambda one: f"not ({one})"),
    ),
    max_leaves=4,
)


def by_hand(evaluate: Evaluate, names: frozenset[str]) -> Iterator[bool | None]:
    for chosen in product(*(EVERY[name] for name in sorted(names))):
        yield evaluate({n: v for n, v in zip(sorted(names), chosen, strict=True) if v is not None})


def found(release: Release, node: Node) -> set[bool | None]:
    space = Space(release)
    every = space.cases(node)
    assert every.exact
    truth = space.conditions.compile(node)(every.sheet)
    return {{columns.FALSE: False, columns.UNKNOWN: None, columns.TRUE: True}[each] for each in truth.tolist()}


@QUIET
@given(CONDITIONS)
def test_cases_reach_every_truth_that_any_answers_reach_and_no_other(text: str) -> None:
    made = condition(text, RELEASE.names)
    names = made.questions | set(made.facts)
    sizes = 1
    for name in names:
        sizes *= len(EVERY[name])
    if sizes > 40_000:
        return
    assert found(RELEASE, made.node) == set(by_hand(made.evaluate, names)), text


@pytest.mark.parametrize(
    ("text", "truths"),
    [
        ("data_rows > 1000", {False, None}),
        ("data_rows >= 0", {True, None}),
        ("data_rows > 3 and data_rows < 4", {True, False, None}),
        ("data_rows > 4 and data_rows < 4", {False, None}),
        ("data_gb > data_rows and data_rows > 10 and data_gb < 10.5", {True, False, None}),
        ("data_gb > data_rows and data_rows > 50", {False, None}),
        ('"none" in deploy_targets and count(deploy_targets) > 1', {False, None}),
        ("count(train_os) > 3", {False, None}),
        ("count(known_frameworks) > 0", {True, None}),
        ('count(known_frameworks) == 1 and not ("a" in known_frameworks)', {True, False, None}),
        ("answered(offline) or not answered(offline)", {True}),
        ('alt.id in known_frameworks and not ("a" in known_frameworks) and alt.id != "b"', {True, False, None}),
        ('alt.id in known_frameworks and known_frameworks within ["a"] and alt.id != "a"', {False, None}),
        ("known_frameworks within considering and not (considering within known_frameworks)", {True, False, None}),
        ("known_frameworks within considering and not (considering overlaps known_frameworks)", {False, None}),
        ('hardware.nvidia_capability > "8.9" and hardware.nvidia_capability < "8.10"', {True, False, None}),
        ('hardware.nvidia_capability > "8.9" and hardware.nvidia_capability < "8.9"', {False, None}),
        ("hardware.memory_gb < 0 or hardware.memory_gb > 1e9", {True, False, None}),
        ("alt.run.android > 3", {False, None}),
    ],
)
def test_what_can_be_is_told_from_what_cannot(text: str, truths: set[bool | None]) -> None:
    assert found(RELEASE, condition(text, RELEASE.names).node) == truths


def test_contradicting_answers_are_no_case() -> None:
    odd = [{"id": "odd", "text": "Odd.", "when": 'offline and "android" in deploy_targets'}]
    both = '"android" in deploy_targets and offline'
    for contradictions, truths in (([], {True, False, None}), (odd, {False, None})):
        release = compiled(
            document([alternative("a")], {"x": {}}, [rule("base", {"x": 1})], contradictions=contradictions)
        )
        assert found(release, condition(both, release.names).node) == truths


def test_only_some_of_the_names_leave_the_others_unknown() -> None:
    node = condition("offline or data_rows > 10", RELEASE.names).node
    every = Space(RELEASE).cases(node, over=frozenset({"offline"}))
    assert [every.case(row) for row in range(every.sheet.rows)] == [{}, {"offline": True}, {"offline": False}]


@pytest.mark.parametrize("limit", ["MAX_ROWS", "MAX_SUBSETS"])
def test_too_many_cases_are_drawn_from_and_said_not_to_be_all(limit: str, monkeypatch: pytest.MonkeyPatch) -> None:
    node = condition(
        "known_frameworks within " + '["a", "b", "c", "d", "e"]' + " and data_rows > 10", RELEASE.names
    ).node
    assert Space(RELEASE).cases(node).exact
    monkeypatch.setattr(cases, limit, 16)
    drawn = Space(RELEASE).cases(node)
    assert not drawn.exact
    assert any(drawn.case(row).get("known_frameworks") == ("a", "b", "c", "d", "e") for row in range(drawn.sheet.rows))


def test_counts_of_sets_that_are_compared_with_each_other_are_not_exact() -> None:
    node = condition("known_frameworks overlaps considering and count(considering) > 2", RELEASE.names).node
    assert not Space(RELEASE).cases(node).exact
