"""No rank reversal: which alternatives are in the field never reorders the others, as it does with TOPSIS."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from pymcdm import methods, normalizations

from rules.release import compile_release
from tests.rules.builders import alternative, answers, decide, document, documents, gate, rule

QUIET = settings(max_examples=60, deadline=None, database=None)
Document = dict[str, Any]
WEIGHTS = {"speed": 4.0, "ease": 3.0, "support": 3.0}
FIELD = {"swift": (4, 2, 1), "easy": (3, 4, 0), "slow": (0, 3, 3)}  # levels of the criteria; none dominates another


def release_of(field: Mapping[str, Sequence[int]], **rest: Any) -> Document:
    """A release with these alternatives; what keeps one out is the capability `has.kernels`."""
    grades = {c: {name: (float(of[i]), 0.2) for name, of in field.items()} for i, c in enumerate(WEIGHTS)}
    members = [alternative(name, has__kernels=name != "slow") for name in field]
    return document(members, grades, [rule("base", WEIGHTS)], **rest)


def ours(source: Mapping[str, Any], given_answers: Mapping[str, object]) -> list[str]:
    decision = decide(compile_release(source), given_answers, roles=["training"])
    return [place.framework for place in decision.roles["training"].ranking]


def as_they_are(column: Any, cost: bool = False) -> Any:
    return column


def topsis(field: Mapping[str, Sequence[int]], normal: Any) -> list[str]:
    weights = np.array(list(WEIGHTS.values())) / sum(WEIGHTS.values())
    liked = methods.TOPSIS(normal)(np.array(list(field.values()), dtype=float), weights, np.ones(len(weights)))
    return [name for _, name in sorted(zip(-liked, field, strict=True))]


def without(field: Mapping[str, Sequence[int]], name: str) -> dict[str, Sequence[int]]:
    return {other: of for other, of in field.items() if other != name}


@pytest.mark.parametrize("normal", [normalizations.minmax_normalization, as_they_are])
def test_topsis_changes_its_first_place_when_the_last_one_leaves(normal: Any) -> None:
    """It measures distances from the field's own best and worst, and the one that leaves was the best at support."""
    first, second, last = topsis(FIELD, normal)
    assert last == "slow"
    assert topsis(without(FIELD, "slow"), normal) == [second, first]


@pytest.mark.parametrize("offline", [None, False, True])
def test_ours_does_not_whether_the_last_one_is_missing_or_excluded(offline: bool | None) -> None:
    given_answers = {"offline": offline}
    assert ours(release_of(without(FIELD, "slow")), given_answers) == ["swift", "easy"]
    kept_out = release_of(FIELD, gates=[gate("kernels", "alt.has.kernels", "offline")])
    assert ours(kept_out, given_answers) == ["swift", "easy", *(() if offline else ["slow"])]


def newcomer(source: Document, of: Sequence[str], levels: Mapping[str, float]) -> Document:
    """The release with alternatives more, all at these levels."""
    grades = {
        criterion: {**cells, **{name: {"mean": levels[criterion], "sd": 0.3, "influences": []} for name in of}}
        for criterion, cells in source["grades"].items()
    }
    return {**source, "alternatives": [*source["alternatives"], *map(alternative, of)], "grades": grades}


@QUIET
@given(documents(gates=True), answers(), st.data())
def test_whoever_comes_the_others_keep_order_and_scores(
    source: Document, given_answers: dict[str, object], data: st.DataObject
) -> None:
    """Copies, dominated and dominating ones, one or several, also beside gates that exclude some of the old ones."""
    levels: dict[str, float] = {}
    for criterion, cells in source["grades"].items():
        there = [cell["mean"] for cell in cells.values()]
        levels[criterion] = data.draw(st.sampled_from([0.0, min(there), max(there), 4.0]))
    new = data.draw(st.lists(st.sampled_from(["new-1", "new-2", "aaa"]), min_size=1, unique=True))
    before = decide(compile_release(source), given_answers, roles=["training"]).roles["training"].ranking
    larger = compile_release(newcomer(source, new, levels))
    after = decide(larger, given_answers, roles=["training"]).roles["training"].ranking
    kept = [place for place in after if place.framework not in new]
    assert [place.framework for place in kept] == [place.framework for place in before]
    assert [place.score for place in kept] == pytest.approx([place.score for place in before], abs=1e-12)


@QUIET
@given(documents(), answers(), st.data())
def test_whoever_is_kept_out_the_others_keep_their_order(
    source: Document, given_answers: dict[str, object], data: st.DataObject
) -> None:
    full = ours(source, {**given_answers, "team_size": 1})
    assume(len(full) > 1)
    out = data.draw(st.lists(st.sampled_from(full), min_size=1, max_size=len(full) - 1, unique=True))
    requires = " and ".join(f'alt.id != "{name}"' for name in out)
    gated = {**source, "gates": [gate("out", requires, "team_size <= 1")]}
    assert ours(gated, {**given_answers, "team_size": 1}) == [name for name in full if name not in out]
