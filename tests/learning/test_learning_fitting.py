"""The fitted tree against the engine and against scikit-learn, row by row and in its own numbers."""

from collections import Counter, defaultdict
from functools import cache
from typing import Any

import numpy as np
import pytest
from sklearn.tree import DecisionTreeClassifier

from learning import features, fidelity, fitting, projects, pruning
from learning.fitting import Answered
from learning.tree import Leaf, Tree, leaves, walk
from rules import engine, requirements
from rules.compiled import Release
from rules.streams import LEVELS, draws, stream
from tests.rules.builders import QUESTIONS, alternative, compiled, document, gate, rule

DRAWN = 3000
Values = dict[str, Any]


@cache
def whole(release: Release, role: str) -> tuple[Tree, Answered, list[Values], list[str], np.ndarray[Any, Any]]:
    """(tree, what the engine says, held-out projects as records, what the engine puts first, which are held out)."""
    tree = fitting.fit(release, role, DRAWN)
    answered = fitting.answer(release, role, projects.sample(release, DRAWN, fitting.SEED))
    part = draws(stream(f"{fitting.SEED}:part"), 1, DRAWN)[0][answered.rows]
    held_out = part * fitting.HELD_OUT // LEVELS == 0
    rows = answered.rows[held_out].tolist()
    values = [dict(requirements.parse(answered.sample.answers(r), release.questionnaire).values) for r in rows]
    first = [release.roles[role].members[m] for m in answered.first[held_out].tolist()]
    return tree, answered, values, first, held_out


@pytest.fixture(params=["training", "runtime"])
def role(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_the_first_of_each_project_is_the_engines(shipped_release: Release, role: str) -> None:
    _, answered, values, first, held_out = whole(shipped_release, role)
    assert len(first) > 200
    rows = answered.rows[held_out].tolist()
    for row, name in list(zip(rows, first, strict=True))[:200]:
        asked = requirements.parse(answered.sample.answers(row), shipped_release.questionnaire)
        decided = engine.decide(shipped_release, asked, what_if=False).roles
        assert decided[role].ranking[0].framework == name
    assert len(values) == len(first)


def test_what_the_tree_says_of_itself_is_so(shipped_release: Release, role: str) -> None:
    """Every held-out project walked as a record, and all counted anew."""
    tree, _, values, first, _ = whole(shipped_release, role)
    came: dict[int, Counter[str]] = defaultdict(Counter)
    said = []
    for each, name in zip(values, first, strict=True):
        leaf = walk(tree, each)[1]
        came[id(leaf)][name] += 1
        said.append(leaf.framework)
    agree = sum(a == b for a, b in zip(said, first, strict=True))
    assert tree.fidelity.projects == len(first)
    assert tree.fidelity.agree == pytest.approx(agree / len(first), abs=1e-4)
    for leaf in leaves(tree.root):
        counted = came[id(leaf)]
        assert leaf.count == counted.total()
        if not leaf.count:  # none of the projects that were held out came here
            assert (leaf.share, leaf.next_framework, leaf.next_share) == (0.0, None, 0.0)
            continue
        assert leaf.share == pytest.approx(counted[leaf.framework] / leaf.count, abs=1e-4)
        others = Counter({name: n for name, n in counted.items() if name != leaf.framework})
        if others:
            assert leaf.next_framework is not None
            assert others[leaf.next_framework] == max(others.values())
            assert leaf.next_share == pytest.approx(max(others.values()) / leaf.count, abs=1e-4)
    missed = Counter((a, b) for a, b in zip(said, first, strict=True) if a != b)
    assert [m.count for m in tree.misses] == sorted(missed.values(), reverse=True)[: fidelity.GROUPS]
    assert all(missed[m.says, m.engine] == m.count for m in tree.misses)


def test_losses_exclusions_and_ties_are_the_engines(shipped_release: Release, role: str) -> None:
    tree, answered, values, first, held_out = whole(shipped_release, role)
    out, lost, tied, looked_at = 0, [], 0, 0
    wrong = 0
    for row, each, name in zip(answered.rows[held_out].tolist(), values, first, strict=True):
        says = walk(tree, each)[1].framework
        if says == name:
            continue
        wrong += 1
        asked = requirements.parse(answered.sample.answers(row), shipped_release.questionnaire)
        ranking = engine.decide(shipped_release, asked, roles=[role], what_if=False).roles[role].ranking
        place = next((p for p in ranking if p.framework == says), None)
        if place is None:
            out += 1
            continue
        lost.append(100 * (ranking[0].score - place.score))
        if looked_at < fidelity.TIES_LOOKED_AT:
            looked_at += 1
            tied += place.tie_group == 1
    found = tree.fidelity
    assert found.excluded == pytest.approx(out / wrong, abs=1e-4)
    assert found.lost_median == pytest.approx(float(np.median(lost)), abs=0.051)
    assert found.lost_most == pytest.approx(float(np.quantile(lost, 0.9)), abs=0.051)
    assert found.tied_of == looked_at
    assert found.tied == pytest.approx(tied / looked_at, abs=1e-4)


def test_it_beats_the_most_frequent_and_fits_a_page(shipped_release: Release, role: str) -> None:
    tree, _, _, first, _ = whole(shipped_release, role)
    found = tree.fidelity
    assert found.interval[0] > found.baseline_agree  # by more than chance
    assert found.baseline_agree == pytest.approx(first.count(found.baseline) / len(first), abs=1e-4)
    assert found.interval[0] < found.agree < found.interval[1]
    assert 3 <= len(list(leaves(tree.root))) <= fitting.MOST_LEAVES
    assert len(list(leaves(tree.root))) in {size.leaves for size in tree.sizes}
    assert {leaf.framework for leaf in leaves(tree.root)} <= set(shipped_release.roles[role].members)


def test_the_same_seed_gives_the_same_tree(shipped_release: Release) -> None:
    first = fitting.fit(shipped_release, "training", 1500)
    assert fitting.fit(shipped_release, "training", 1500) == first
    assert fitting.fit(shipped_release, "training", 1500, "another") != first


def test_a_grown_tree_says_what_scikit_learn_says() -> None:
    draw = np.random.default_rng(3)
    asked = draw.random((600, 7)) < 0.4
    first = np.where(asked[:, 2], 3, np.where(asked[:, 5] & ~asked[:, 1], 0, 5)) + (draw.random(600) < 0.1)
    grown = fitting.grow(asked, first, 7)
    peer = DecisionTreeClassifier(min_samples_leaf=max(1, round(fitting.LEAST_SHARE * 600)), random_state=0)
    peer.fit(asked.astype(np.float32), first)
    others = draw.random((500, 7)) < 0.5
    whole_tree = pruning.nested(grown)[0]
    unpruned = grown.no != pruning.NONE
    ends = pruning.ends(grown, unpruned, others)
    assert grown.counts[ends].argmax(axis=1).tolist() == peer.predict(others.astype(np.float32)).tolist()
    assert grown.counts[0].tolist() == np.bincount(first, minlength=7).tolist()
    same = pruning.ends(grown, whole_tree.asks, others)  # the largest of the nested ones only drops what says the same
    assert grown.counts[same].argmax(axis=1).tolist() == peer.predict(others.astype(np.float32)).tolist()


def small() -> Release:
    members = [alternative("a", run__android=0), alternative("b", run__android=1), alternative("c", run__android=3)]
    grades = {"x": {"a": (4.0, 0.5), "b": (1.0, 0.5), "c": (1.0, 0.5)}, "y": dict.fromkeys("abc", (3.0, 0.1))}
    gates = [gate("android", "alt.run.android >= 2", '"android" in deploy_targets')]
    return compiled(document(members, grades, [rule("base", {"x": 1, "y": 1})], gates))


def test_equals_are_named_as_the_engine_names_them() -> None:
    """Without `a`, `b` and `c` are level; the engine takes the first by name, and so does the tree."""
    release = small()
    twins = compiled(
        document(
            [alternative("b"), alternative("c")],
            {"x": {"b": (2.0, 0.5), "c": (2.0, 0.5)}},
            [rule("base", {"x": 1}), rule("android", {"x": 3}, '"android" in deploy_targets')],
        )
    )
    found = fitting.fit(twins, "training", 800)
    assert isinstance(found.root, Leaf)
    assert (found.root.framework, found.root.share, found.fidelity.agree) == ("b", 1.0, 1.0)
    assert found.misses == ()
    forked = fitting.fit(release, "training", 800)
    assert walk(forked, {"deploy_targets": ("android",)})[1].framework == "c"
    assert walk(forked, {})[1].framework == "a"
    assert forked.fidelity.agree == 1.0


def test_too_few_answers_are_no_rule_of_thumb() -> None:
    never = gate("never", "alt.run.android >= 2")
    nothing = document([alternative("a", run__android=0)], {"x": {"a": (4.0, 0.5)}}, [rule("base", {"x": 1})], [never])
    with pytest.raises(ValueError, match="too few"):
        fitting.fit(compiled(nothing), "training", 800)
    unasked = [q for q in QUESTIONS if q["id"] not in features.AT_ONCE]
    mute = document([alternative("a")], {"x": {"a": (4.0, 0.5)}}, [rule("base", {"x": 1})], questions=unasked)
    with pytest.raises(ValueError, match="too few"):
        fitting.fit(compiled(mute), "training", 800)


def test_an_interval_is_wilsons() -> None:
    low, high = fidelity.wilson(9, 10)  # Wilson's interval of 9 of 10, as statsmodels gives it
    assert (round(low, 4), round(high, 4)) == (0.5958, 0.9821)
    assert fidelity.wilson(0, 10)[0] == pytest.approx(0.0, abs=1e-12)
