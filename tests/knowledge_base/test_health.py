"""What is known about the knowledge: counts against slow counts, worth against integrals and finite differences."""

from copy import deepcopy
from dataclasses import replace
from itertools import product
from math import sqrt
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge_base.health import Lean, Stale, criterion_weights, examine, expected_gain, sources_of
from knowledge_base.impact import Project
from rules.release import Release, compile_release
from tests.knowledge_base.conftest import Kept
from tests.rules.builders import alternative, decide, document, gate, rule

Document = dict[str, Any]
QUIET = settings(max_examples=60, deadline=None, database=None)
DAY = "2026-11-21"


@pytest.fixture(scope="module")
def small(small_document: Document) -> Release:
    return compile_release(small_document)


def evidence(name: str, source: str, alternative: str, level: float, **rest: Any) -> Document:
    told = {"criterion": "debugging", "alternative": alternative, "level": level}
    entry = {"id": name, "source": source, "locator": "1", "as_of": "2026", "about": [alternative], "note": "N."}
    return entry | {"verdict": "holds", "grades": [told], "comparisons": []} | rest


# --- Coverage, sources, lean -----------------------------------------------------------------------------------------

PIECES = st.lists(
    st.tuples(
        st.sampled_from(["docs", "survey", "blog", "bench"]),
        st.sampled_from(["pytorch", "jax", "tensorflow"]),
        st.sampled_from([0, 1, 2.5, 4]),
        st.sampled_from(["holds", "contested", "outdated", "wrong"]),
        st.sampled_from([None, "pytorch", "caffe"]),
    ),
    max_size=12,
)


@QUIET
@given(PIECES)
def test_sources_and_lean_against_a_slow_count(kept: Kept, pieces: list[Any]) -> None:
    copy = deepcopy(kept.document)
    bench = {**copy["sources"][0], "id": "bench", "kind": "benchmark", "publisher": "Somebody else"}
    copy["sources"] = [*copy["sources"], bench]
    copy["evidence"] = [{**e, "grades": [], "comparisons": []} for e in copy["evidence"]]
    for number, (source, name, level, verdict, above) in enumerate(pieces):
        piece = evidence(f"e{number}", source, name, level, verdict=verdict)
        if above not in (None, name):
            piece["comparisons"] = [{"criterion": "footprint", "better": above, "worse": name, "by": "clearly"}]
        copy["evidence"].append(piece)
    publishers = {"docs": "Tests", "survey": "Tests", "blog": "Tests", "bench": "Somebody else"}
    found = sources_of(copy)
    names = ("pytorch", "jax", "tensorflow", "caffe")
    for name, criterion in product(names, ("debugging", "footprint", "ease_of_use")):
        expected = set()
        for source, graded, _, verdict, above in pieces:
            compared = above not in (None, graded) and name in (above, graded)
            said = (criterion == "debugging" and graded == name) or (criterion == "footprint" and compared)
            if said and verdict in ("holds", "contested"):
                expected.add(publishers[source])
        assert found.get((name, criterion), set()) == expected
    lean = {each.alternative: each for each in examine(copy, compile_release(copy), [], DAY).lean}
    for name in names:
        counted = [(p[0] == "docs", p[2]) for p in pieces if p[1] == name and p[3] in ("holds", "contested")]
        if not counted:
            assert name not in lean
            continue
        own, others = ([level for is_own, level in counted if is_own == side] for side in (True, False))
        gap = sum(own) / len(own) - sum(others) / len(others) if own and others else None
        each = lean[name]
        assert (each.observations, each.own_share) == (len(counted), len(own) / len(counted))
        assert each.own_above_others == (pytest.approx(gap) if gap is not None else None)


def test_coverage_of_the_small_pack(small_document: Document, small: Release) -> None:
    found = {c.alternative: c for c in examine(small_document, small, [], DAY).coverage}
    assert set(found) == {"caffe", "jax", "litert", "onnxruntime", "pytorch", "tensorflow"}  # not the ungraded
    counts = {name: (c.known, c.possible, c.single_source) for name, c in found.items()}
    # Training has ease, debugging and footprint; runtimes have no debugging. What is derived is not counted.
    assert counts["pytorch"] == (2, 3, 2)
    assert counts["tensorflow"] == (1, 3, 1)  # the blog's footprint is outdated
    assert counts["caffe"] == (0, 3, 0)
    assert counts["litert"] == (1, 2, 1)
    assert (found["pytorch"].facts_known, found["pytorch"].facts_unknown) == (5, 0)
    copy = deepcopy(small_document)
    cells = next(a for a in copy["alternatives"] if a["id"] == "pytorch")["capabilities"]
    cells["python.max"] = {**cells["python.max"], "value": "unknown"}
    again = {c.alternative: c for c in examine(copy, small, [], DAY).coverage}
    assert (again["pytorch"].facts_known, again["pytorch"].facts_unknown) == (4, 1)


def test_own_words_are_those_of_the_makers(small_document: Document, small: Release) -> None:
    found = examine(small_document, small, [], DAY).lean
    assert found[-1] == Lean("tensorflow", 1, 0.0, None)
    assert found == tuple(sorted(found, key=lambda each: (-each.own_share, each.alternative)))


# --- Past their day --------------------------------------------------------------------------------------------------


def aged(document: Document, *, months: int | None, expires: str | None, accessed: str, as_of: str) -> Document:
    copy = deepcopy(document)
    for capability in copy["capabilities"]:
        capability["shelf_life_months"] = months if capability["id"] == "python.max" else None
    for source in copy["sources"]:
        source["accessed"] = accessed
    for piece in copy["evidence"]:
        piece["as_of"] = as_of
    cells = next(a for a in copy["alternatives"] if a["id"] == "pytorch")["capabilities"]
    cells["python.max"] = {**cells["python.max"], "expires": expires}
    return copy


@pytest.mark.parametrize(
    ("months", "expires", "accessed", "as_of", "expired"),
    [
        (None, None, "2020-01-01", "2019", None),
        (12, None, "2025-11-22", "2019", None),  # read anew within the year
        (12, None, "2025-11-20", "2019", "2026-11"),
        (12, None, "2024-02-29", "2024-03", "2025-03"),
        (18, None, "2020-07-01", "2024-12-31", "2026-06"),
        (None, "2026-11-20", "2026-11-21", "2026", "2026-11-20"),
        (None, "2026-11-21", "2026-11-21", "2026", None),
        (12, "2027-01-01", "2020-01-01", "2019", None),  # the day that it names goes before
    ],
)
def test_cells_past_their_day(
    small_document: Document, small: Release, months: int, expires: str, accessed: str, as_of: str, expired: str | None
) -> None:
    copy = aged(small_document, months=months, expires=expires, accessed=accessed, as_of=as_of)
    found = [s for s in examine(copy, small, [], DAY).stale if s.alternative == "pytorch"]
    assert found == ([Stale("pytorch", "python.max", expired)] if expired else [])


def test_what_is_unknown_has_no_day(small_document: Document, small: Release) -> None:
    copy = aged(small_document, months=None, expires="2020-01-01", accessed="2020-01-01", as_of="2019")
    next(a for a in copy["alternatives"] if a["id"] == "pytorch")["capabilities"]["python.max"]["value"] = "unknown"
    assert [s for s in examine(copy, small, [], DAY).stale if s.alternative == "pytorch"] == []


# --- Contested -------------------------------------------------------------------------------------------------------


def test_contested_grades_name_the_pieces_that_disagree(small_document: Document, small: Release) -> None:
    assert examine(small_document, small, [], DAY).contested == ()
    copy = deepcopy(small_document)
    copy["grades"]["debugging"]["jax"] |= {"contested": True, "disputed": ["facts", "survey-ease"]}
    (found,) = examine(copy, small, [], DAY).contested
    assert (found.alternative, found.criterion, found.evidence) == ("jax", "debugging", ("facts", "survey-ease"))


# --- Worth -----------------------------------------------------------------------------------------------------------


@QUIET
@given(st.floats(0, 3), st.floats(0.01, 2))
def test_the_expected_gain_is_the_integral_over_what_may_turn_out(gap: float, sd: float) -> None:
    """E[max(0, X)] with X normal about -gap: what a perfect answer adds to choosing the one ahead."""
    x = np.linspace(-gap - 12 * sd, -gap + 12 * sd, 200_001)
    density = np.exp(-(((x + gap) / sd) ** 2) / 2) / (sd * sqrt(2 * np.pi))
    integral = float(np.sum(np.maximum(x, 0) * density) * (x[1] - x[0]))
    assert expected_gain(gap, sd) == pytest.approx(integral, abs=1e-6 * sd)


def test_the_unit_normal_loss_as_tabled() -> None:
    """Raiffa and Schlaifer's G(u): .3989 at 0, .1978 at 0.5, .08332 at 1, .008491 at 2."""
    for u, loss in ((0.0, 0.3989), (0.5, 0.1978), (1.0, 0.08332), (2.0, 0.008491)):
        assert expected_gain(u, 1.0) == pytest.approx(loss, rel=5e-4)
    assert expected_gain(0.0, 0.0) == expected_gain(1.0, 0.0) == 0.0


def graded(grades: dict[str, dict[str, tuple[float, float]]]) -> Release:
    rules = [
        rule("base", {"ease": 2, "speed": 1}),
        rule("fast", {"speed": 5}, '"train" in need', strength=0.6),
        rule("unheard", {"ease": 3}, "offline"),
    ]
    return compile_release(document([alternative("a"), alternative("b"), alternative("c")], grades, rules))


GRADES = {
    "ease": {"a": (3.0, 0.4), "b": (2.0, 0.3), "c": (1.0, 0.9)},
    "speed": {"a": (2.0, 0.5), "b": (2.5, 0.6), "c": (0.5, 0.2)},
}


@pytest.mark.parametrize("answers", [{}, {"need": "train"}, {"need": "train", "offline": True}])
def test_criterion_weights_are_slopes_of_the_score(answers: dict[str, object]) -> None:
    step = 0.04  # of 4 levels
    base = decide(graded(GRADES), answers).roles["training"]
    weights = criterion_weights(base)
    assert sum(weights.values()) == pytest.approx(1.0)
    for criterion, name in product(GRADES, "abc"):
        moved = deepcopy(GRADES)
        mean, sd = moved[criterion][name]
        moved[criterion][name] = (mean + step, sd)
        after = decide(graded(moved), answers).roles["training"]
        score, now = ({e.framework: e.score for e in r.ranking}[name] for r in (base, after))
        assert weights[criterion] == pytest.approx((now - score) / (step / 4), rel=1e-6)


def queue(release: Release, projects: list[Project], **rest: Any) -> dict[tuple[str, str, str], Any]:
    shell: Document = {
        "sources": [],
        "evidence": [],
        "capabilities": [],
        "alternatives": [],
        "grades": {},
        "criteria": [],
    }
    shell |= {"fusion": {"verdict_factor": {}}, **rest}
    return {(w.kind, w.alternative, w.about): w for w in examine(shell, release, projects, DAY).queue}


def test_the_worth_of_a_grade_is_its_expected_gain_in_points_by_hand() -> None:
    """Draws of one grade, the others at their means: how much better the best then is than the one chosen now."""
    release = graded(GRADES)
    found = queue(release, [Project("p", {"need": "train"}, roles=("training",))])
    result = decide(release, {"need": "train"}, roles=["training"]).roles["training"]
    weights, score = criterion_weights(result), {e.framework: e.score for e in result.ranking}
    leader = result.ranking[0].framework
    normal = np.random.default_rng(4).standard_normal(400_000)
    for criterion, name in product(GRADES, "abc"):
        moved = {**score}
        drawn = score[name] + weights[criterion] * GRADES[criterion][name][1] / 4 * normal
        others = max(value for other, value in moved.items() if other != name)
        gain = np.maximum(drawn, others).mean() - (drawn.mean() if name == leader else score[leader])
        wanted = found.get(("grade", name, criterion))
        assert (wanted.worth if wanted else 0.0) == pytest.approx(100 * gain, abs=0.03)
    assert [w.worth for w in found.values()] == sorted((w.worth for w in found.values()), reverse=True)
    assert {w.projects for w in found.values()} == {1}


def test_the_worth_is_a_mean_over_the_projects_that_are_taken() -> None:
    release = graded(GRADES)
    one, bad = Project("p", {"need": "train"}, roles=("training",)), Project("q", {"nothing": 1})
    alone, both = queue(release, [one]), queue(release, [one, replace(one, name="r"), bad])
    assert {key: w.worth for key, w in both.items()} == {key: w.worth for key, w in alone.items()}
    assert {w.projects for w in both.values()} == {2}
    assert queue(release, []) == {}
    assert queue(release, [bad]) == {}


def test_a_fact_that_nobody_knows_of_the_leader_is_worth_half_its_lead() -> None:
    members = [alternative("a"), alternative("b", run__android=3)]
    grades = {"ease": {"a": (3.0, 0.1), "b": (1.0, 0.1)}}
    runs = gate("runs", "alt.run.android >= 2", '"android" in deploy_targets')
    release = compile_release(document(members, grades, [rule("base", {"ease": 1})], [runs]))
    found = queue(release, [Project("p", {"deploy_targets": "android"}, roles=("training",))])
    assert found["fact", "a", "run.android"].worth == pytest.approx(100 * 0.5 * 0.5)
    assert ("fact", "b", "run.android") not in found


def test_a_grade_that_rests_on_a_fact_is_wanted_as_the_fact(small_document: Document, small: Release) -> None:
    project = Project("p", {"deploy_targets": ["android"], "need": "train"}, roles=("training",))
    found = examine(small_document, small, [project], DAY)
    assert found.projects == 1
    abouts = {(w.kind, w.about) for w in found.queue}
    assert ("fact", "path.android") in abouts
    assert ("grade", "reach.android") not in abouts
    behind = sources_of(small_document)
    for wanted in found.queue:
        assert wanted.sources == len(behind.get((wanted.alternative, wanted.about), ()))
