"""An announced end as a fact in years, and what a project's horizon makes of it."""

from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge_base import hindsight, pack, release
from knowledge_base.fusion import months_between
from knowledge_base.release import _years_left
from knowledge_base.schema import Lifecycle
from rules.release import Release, compile_release
from rules.vocabulary import NO_END_YEARS
from tests.knowledge_base.conftest import Plant
from tests.rules.builders import decide

GATE = """
- id: ends-within-the-horizon
  effect: caution
  roles: [training]
  when: 'answered(support_horizon_years)'
  requires: 'alt.years_left > support_horizon_years'
  text: "The announced end of {name} falls inside the project's horizon"
  argument: For tests.
  examples:
    stops: [{alternative: jax, answers: {support_horizon_years: 3}}]
    passes: [{alternative: pytorch, answers: {support_horizon_years: 3}}]
"""


def ending(ends: str | None) -> Lifecycle:
    return Lifecycle(state="maintenance", since=None, ends=ends, successor=None, evidence=["facts"])


@pytest.mark.parametrize(
    ("ends", "years"),
    [(None, NO_END_YEARS), ("2027-11-21", 1.0), ("2026-11-21", 0.0), ("2020-01-01", 0.0), ("2029-05-21", 2.5)],
)
def test_years_left_are_counted_from_the_day_of_the_pack(ends: str | None, years: float) -> None:
    assert _years_left(ending(ends), "2026-11-21") == pytest.approx(years, abs=0.01)


@settings(max_examples=60, deadline=None, database=None)
@given(st.dates(), st.dates())
def test_a_later_end_never_leaves_less(one: Any, other: Any) -> None:
    early, late = sorted((str(one), str(other)))
    assert _years_left(ending(early), "2026-11-21") <= _years_left(ending(late), "2026-11-21")
    assert _years_left(ending(late), "2026-11-21") == round(months_between("2026-11-21", late) / 12, 2)


@pytest.fixture
def ends(plant: Plant) -> dict[str, Any]:
    """The small pack with an end of JAX two years away, cited, and the gate."""
    lifecycle = 'lifecycle: {state: active, since: "2016", successor: null, evidence: [facts]}'
    ended = lifecycle.replace("successor", 'ends: "2028-11-21", successor')
    return release.build(pack.load(plant({"frameworks/jax.yaml": (lifecycle, ended), "gates/all.yaml": GATE})))


def cautioned(of: Release, horizon: float | None) -> dict[str, list[str]]:
    answers = {"need": "train"} if horizon is None else {"need": "train", "support_horizon_years": horizon}
    result = decide(of, answers, roles=["training"]).roles["training"]
    return {each.framework: [c.gate for c in each.cautions] for each in result.ranking}


def test_an_end_within_the_horizon_is_a_caution_and_one_beyond_is_none(ends: dict[str, Any]) -> None:
    (jax,) = (a for a in ends["alternatives"] if a["id"] == "jax")
    assert jax["facts"]["alt.years_left"] == 2.0
    assert jax["fact_evidence"]["alt.years_left"] == ["facts"]
    known = compile_release(ends)
    for horizon, stopped in ((None, False), (1.5, False), (2.0, True), (5, True)):
        found = cautioned(known, horizon)
        assert ("ends-within-the-horizon" in found["jax"]) == stopped, horizon
        assert "ends-within-the-horizon" not in found["pytorch"]


def test_an_end_that_was_not_yet_announced_was_not_known(ends: dict[str, Any]) -> None:
    document = deepcopy(ends)
    for day, known in (("2026-01-31", False), ("2026-02-01", True)):
        then = compile_release(hindsight.as_known(document, day))  # `facts` is of 2026-01
        assert ("ends-within-the-horizon" in cautioned(then, 5)["jax"]) == known


def test_the_shipped_gate_knows_the_end_that_is_announced(shipped_release: Release) -> None:
    left: dict[str, Any] = {name: a.facts["alt.years_left"] for name, a in shipped_release.alternatives.items()}
    assert all(0 <= years <= NO_END_YEARS for years in left.values())
    assert left["firebase-ml"] < 3
    assert left["pytorch"] == NO_END_YEARS
