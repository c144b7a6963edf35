"""A difference's parts add up, do not depend on an order, and each group is given what it did and nothing else."""

import json
from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from dataclasses import replace
from itertools import combinations, permutations
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge_base import builds, pack
from knowledge_base import release as releases
from rules import engine
from rules.decision import Decision
from rules.differences import swaps
from rules.differences.difference import (
    GROUPS,
    LISTED_CHANGES,
    Difference,
    RoleDifference,
    ScoreChange,
    Side,
    difference,
    shapley,
)
from rules.differences.hybrids import hybrid
from rules.faults import InvalidInput
from rules.hardware import Profile
from rules.release import compile_release
from tests.conftest import PROFILE
from tests.rules.builders import (
    CAPABILITIES,
    alternative,
    answers,
    compiled,
    decide,
    document,
    documents,
    gate,
    question,
    rule,
)

QUIET = settings(max_examples=40, deadline=None, database=None)
Doc = dict[str, Any]
PARTS = ("facts", "rules", "weights")
EVERYTHING = {"needs": "alt.has.kernels or not offline", "when": "team_size <= 5"}


# --- Two sides -------------------------------------------------------------------------------------------------------


def other_facts(draw: st.DrawFn, source: Doc) -> None:
    for by_member in source["grades"].values():
        for cell in by_member.values():
            if draw(st.booleans()):
                cell["mean"] = draw(st.sampled_from([0.0, 0.7, 2.0, 3.3]))
    for entry in source["alternatives"]:
        entry["facts"]["alt.run.android"] = draw(st.integers(0, 3))
    source["kin"] = source["kin"][1:]


def other_rules(draw: st.DrawFn, source: Doc) -> None:
    for entry in source["rules"][1:]:
        entry["when"] = draw(st.sampled_from([entry["when"], None, "offline", 'stage == "research"', "data_rows > 10"]))
    source["gates"] = [*source["gates"], gate("another", EVERYTHING["needs"], EVERYTHING["when"])]


def other_weights(draw: st.DrawFn, source: Doc) -> None:
    for entry in source["rules"]:
        entry["strength"] = draw(st.sampled_from([0.25, 1.0]))
        for criterion in entry["weights"]:
            entry["weights"][criterion] = draw(st.sampled_from([0.5, 1.0, 5.0]))
    source["priorities_weight"] = draw(st.sampled_from([1.0, 6.0]))


EDITS: Mapping[str, Callable[[st.DrawFn, Doc], None]] = {
    "facts": other_facts,
    "rules": other_rules,
    "weights": other_weights,
}


@st.composite
def pairs(draw: st.DrawFn, groups: Sequence[str] = GROUPS, *, grown: bool = False) -> tuple[Side, Side]:
    """Two sides that differ in some of these groups; `grown`: also in which things there are to know and to ask."""
    source = draw(documents(gates=True))
    after = deepcopy(source)
    touched = [group for group in groups if draw(st.booleans())]
    for group in PARTS:
        if group in touched:
            EDITS[group](draw, after)
    members = [entry["id"] for entry in source["alternatives"]]
    known = st.fixed_dictionaries({"known_frameworks": st.lists(st.sampled_from(members), unique=True)})
    said = draw(answers()) | draw(known)
    then = draw(answers()) | draw(known) if "answers" in touched else said
    if grown:
        then = _grow(draw, after, dict(then))
    profile = PROFILE if draw(st.booleans()) else None
    swapped = None if profile else PROFILE
    roles = ["training"]
    return Side(source, said, profile, roles), Side(after, then, swapped if "hardware" in touched else profile, roles)


def _grow(draw: st.DrawFn, after: Doc, then: dict[str, object]) -> dict[str, object]:
    """What only the later side has: a framework, a criterion with its weight, a question and an option with rules."""
    if draw(st.booleans()):
        after["alternatives"] = [*after["alternatives"][draw(st.integers(0, 1)) :], alternative("newcomer")]
        names = {entry["id"] for entry in after["alternatives"]}
        after["kin"] = [k for k in after["kin"] if {k["a"], k["b"]} <= names]
        kept = [name for name in then.get("known_frameworks", ()) if name in names]  # type: ignore[attr-defined]
        then["known_frameworks"] = [*kept, "newcomer"]
    if draw(st.booleans()):
        after["criteria"].append({**after["criteria"][0], "id": "novel", "name": "Novel", "affinity": None})
        names = {entry["id"] for entry in after["alternatives"]}
        after["grades"]["novel"] = {n: {"mean": len(n) % 4, "sd": 0.1, "influences": []} for n in names}
        after["rules"][0]["weights"]["novel"] = 2.0
    if draw(st.booleans()):
        after["questionnaire"]["questions"].append(question("audience", "one", ["few", "many"]))
        first = next(iter(after["grades"]))
        after["rules"].append(rule("crowd", {first: 3.0}, 'audience == "many"'))
        then["audience"] = "many"
    if draw(st.booleans()):
        targets = next(q for q in after["questionnaire"]["questions"] if q["id"] == "deploy_targets")
        targets["options"].append({"id": "car", "label": "car", "help": None})
        then["deploy_targets"] = ["server_cpu", "car"]
    return then


# --- Slow second formulas --------------------------------------------------------------------------------------------


def decided(side: Side) -> Decision:
    assert isinstance(side.answers, dict)
    return decide(compiled(side.document), side.answers, roles=side.roles, profile=side.profile)


def score_of(decision: Decision, role: str, member: str) -> float:
    """By hand from a decision, as docs/reading-an-answer.md has it."""
    result, total = decision.roles[role], 0.0
    for spoke in result.rules:
        weighed = sum(weight * result.grades[member][c][0] for c, weight in spoke.weights.items())
        total += spoke.share * weighed / sum(spoke.weights.values())
    return total


def mixed(before: Side, after: Side, swapped: frozenset[str]) -> Side:
    """The side with some groups of the later one, where both know and ask of the same things."""
    assert isinstance(before.document, dict)
    facts, rules, weights = (after.document if part in swapped else before.document for part in PARTS)
    weigh = {entry["id"]: entry for entry in weights["rules"]}
    made = dict(rules) | {key: facts[key] for key in ("alternatives", "grades", "kin", "paths", "grade_covariance")}
    made["rules"] = [
        entry | {"weights": weigh[entry["id"]]["weights"], "strength": weigh[entry["id"]]["strength"]}
        for entry in rules["rules"]
    ]
    made["priorities_weight"] = weights["priorities_weight"]
    return Side(
        made,
        (after if "answers" in swapped else before).answers,
        (after if "hardware" in swapped else before).profile,
        before.roles,
    )


def subsets(groups: Sequence[str]) -> list[frozenset[str]]:
    return [frozenset(s) for size in range(len(groups) + 1) for s in combinations(groups, size)]


def status(decision: Decision, role: str, name: str) -> str:
    result = decision.roles[role]
    if name in [place.framework for place in result.ranking]:
        return "ranked"
    return "excluded" if name in [entry.framework for entry in result.excluded] else "absent"


def by_name(found: RoleDifference) -> dict[str, ScoreChange]:
    return {change.framework: change for change in found.scores}


def training(found: Difference) -> RoleDifference:
    return found.roles["training"]


# --- Laws ------------------------------------------------------------------------------------------------------------


def test_the_glove_game_has_the_published_value() -> None:
    """Two right gloves and a left one: 1/6, 1/6 and 2/3 (en.wikipedia.org/wiki/Shapley_value, Glove game)."""
    worth = {s: [1.0 if "left" in s and len(s) > 1 else 0.0] for s in subsets(("right", "spare", "left"))}
    found = shapley(("right", "spare", "left"), worth)
    assert found["right"] == pytest.approx((1 / 6,))
    assert found["spare"] == pytest.approx((1 / 6,))
    assert found["left"] == pytest.approx((2 / 3,))


@settings(QUIET, max_examples=60)
@given(pairs(grown=True))
def test_parts_add_up_to_the_change_between_the_two_real_decisions(sides: tuple[Side, Side]) -> None:
    found = difference(*sides)
    ends = [decided(side) for side in sides]
    graded = [{a["id"] for a in side.document["alternatives"] if a["graded"]} for side in sides]
    assert set(by_name(training(found))) == graded[0] & graded[1]
    for change in training(found).scores:
        assert change.before == pytest.approx(score_of(ends[0], "training", change.framework), abs=1e-12)
        assert change.after == pytest.approx(score_of(ends[1], "training", change.framework), abs=1e-12)
        assert sum(change.parts.values()) == pytest.approx(change.after - change.before, abs=1e-9)
        assert all(change.parts[group] == 0.0 for group in GROUPS if group not in found.groups)
    changed = {s.framework: (s.before, s.after) for s in training(found).statuses}
    for name in graded[0] | graded[1]:
        was, now = (status(end, "training", name) for end in ends)
        assert changed.get(name) == (None if was == now else (was, now))
    for place in ends[1].roles["training"].ranking:
        if place.framework in by_name(training(found)):
            assert by_name(training(found))[place.framework].after == pytest.approx(place.score, abs=1e-12)


@QUIET
@given(pairs(grown=True))
def test_swapping_the_sides_negates_the_parts(sides: tuple[Side, Side]) -> None:
    there, back = difference(*sides), difference(sides[1], sides[0])
    assert there.groups == back.groups
    for name, change in by_name(training(there)).items():
        returned = by_name(training(back))[name]
        assert (returned.before, returned.after) == (change.after, change.before)
        for group in GROUPS:
            assert returned.parts[group] == pytest.approx(-change.parts[group], abs=1e-12)
    assert [(s.framework, s.before, s.after) for s in training(there).statuses] == [
        (s.framework, s.after, s.before) for s in training(back).statuses
    ]


@QUIET
@given(pairs())
def test_the_average_over_all_orders_is_the_same(sides: tuple[Side, Side]) -> None:
    found = difference(*sides)
    made = {swapped: decided(mixed(*sides, swapped)) for swapped in subsets(found.groups)}
    orders = list(permutations(found.groups))
    for change in training(found).scores:
        slow = dict.fromkeys(GROUPS, 0.0)
        for order in orders:
            for place, group in enumerate(order):
                with_it, without = frozenset(order[: place + 1]), frozenset(order[:place])
                gain = [score_of(made[s], "training", change.framework) for s in (with_it, without)]
                slow[group] += (gain[0] - gain[1]) / len(orders)
        assert dict(change.parts) == pytest.approx(slow, abs=1e-12)
    for was in training(found).statuses:
        bringing = [s for s in made if status(made[s], "training", was.framework) == was.after]
        least = min(len(s) for s in bringing)
        assert {frozenset(s) for s in was.by} == {s for s in bringing if len(s) == least}


@QUIET
@given(pairs(groups=()))
def test_the_same_twice_has_no_difference(sides: tuple[Side, Side]) -> None:
    found = difference(*sides)
    assert (found.groups, found.changes, found.more) == ((), {}, {})
    assert training(found).lead is None
    assert training(found).statuses == ()
    for change in training(found).scores:
        assert change.before == change.after
        assert set(change.parts.values()) == {0.0}


@QUIET
@given(st.sampled_from(GROUPS).flatmap(lambda group: st.tuples(st.just(group), pairs(groups=(group,)))))
def test_a_single_changed_group_has_the_whole_change(drawn: tuple[str, tuple[Side, Side]]) -> None:
    group, sides = drawn
    found = difference(*sides)
    assert set(found.groups) <= {group}
    for change in training(found).scores:
        assert change.parts[group] == pytest.approx(change.after - change.before, abs=1e-15)
    for was in training(found).statuses:
        assert was.by == ((group,),)


@QUIET
@given(pairs(grown=True))
def test_the_parts_of_the_lead_add_up_to_the_change_of_the_gap(sides: tuple[Side, Side]) -> None:
    found = training(difference(*sides))
    firsts = [next((p.framework for p in decided(side).roles["training"].ranking), None) for side in sides]
    if found.lead is None:
        assert firsts[0] == firsts[1]
        return
    assert firsts == [found.lead.before, found.lead.after]
    assert firsts[0] != firsts[1]
    assert found.lead.by
    scored = by_name(found)
    if found.lead.parts is None:
        assert not {found.lead.before, found.lead.after} <= scored.keys()
        return
    old, new = scored[str(found.lead.before)], scored[str(found.lead.after)]
    gaps = [new.before - old.before, new.after - old.after]
    assert [found.lead.gap_before, found.lead.gap_after] == gaps
    assert sum(found.lead.parts.values()) == pytest.approx(gaps[1] - gaps[0], abs=1e-9)


# --- By hand ---------------------------------------------------------------------------------------------------------

GRADES = {"ease": {"ada": (4.0, 0.2), "bob": (1.0, 0.2)}, "speed": {"ada": (1.0, 0.2), "bob": (3.0, 0.2)}}
MEMBERS = (alternative("ada", has__kernels=True), alternative("bob", has__kernels=True))
RULES = (rule("base", {"ease": 2, "speed": 1}), rule("haste", {"speed": 3}, "offline"))


def base(**rest: Any) -> Doc:
    gates = rest.pop("gates", ())
    return deepcopy(document(MEMBERS, GRADES, RULES, gates, **rest))


def at(source: Doc, said: Mapping[str, object], profile: Profile | None = None) -> Side:
    return Side(source, dict(said), profile, ["training"])


def test_a_change_of_answer_and_weight_by_hand() -> None:
    after = base()
    after["rules"][1]["weights"]["speed"] = 6
    found = training(difference(at(base(), {}), at(after, {"offline": True})))
    # ada: base alone (2 x 1 + 0.25) / 3 = 0.75; with haste at 3: (2 + 0.25 + 0.75) / 6 = 0.5; at 6: 3.75 / 9 = 5/12.
    parts = by_name(found)["ada"].parts
    assert parts["answers"] == pytest.approx(((0.5 - 0.75) + (3.75 / 9 - 0.75)) / 2)
    assert parts["weights"] == pytest.approx((0 + 3.75 / 9 - 0.5) / 2)
    assert found.lead is not None
    assert (found.lead.before, found.lead.after, found.lead.by) == ("ada", "bob", (("answers",),))


def test_hardware_has_its_own_part() -> None:
    source = base()
    source["rules"].append(rule("roomy", {"speed": 3}, "hardware.memory_gb > 16"))
    found = difference(at(source, {}), at(source, {"stage": "research"}, PROFILE))
    assert found.groups == ("answers", "hardware")
    parts = by_name(training(found))["ada"].parts
    assert (parts["answers"], parts["hardware"]) == (0.0, -0.25)


def test_a_verdict_on_the_machine_is_hardware_and_a_build_is_a_fact() -> None:
    """The version of the C library is no fact by itself; that a build needs a newer one is."""
    needs_none = gate("machine", "not (alt.id in hardware.needs_change)", "answered(hardware.needs_change)")
    source = base(gates=(needs_none,))
    (wheels,) = (entry for entry in builds.shipped() if entry["id"] == "scikit-learn")
    source["builds"] = [wheels | {"id": "ada"}]
    old = replace(PROFILE, libc_version="2.12")
    found = difference(at(source, {}, PROFILE), at(source, {}, old))
    assert found.groups == ("hardware",)
    assert ("fact", "hardware.needs_change", "value", (), ("ada",)) in entries(found, "hardware")
    assert training(found).lead is not None
    found = difference(at(source, {}, old), at(source | {"builds": []}, {}, old))
    assert found.groups == ("facts",)
    assert entries(found, "facts") == [("builds", "ada", "exists", True, False)]
    assert training(found).lead is not None


@pytest.mark.parametrize("also", [{}, {"priorities_weight": 9.0}])
def test_the_ends_are_the_real_decisions_also_where_grades_are_missing(also: Mapping[str, object]) -> None:
    after = base() | dict(also)
    del after["grades"]["speed"]
    change = by_name(training(difference(at(base(), {}), at(after, {}))))["bob"]
    assert (change.before, change.after) == pytest.approx(((2 * 0.25 + 0.75) / 3, 2 * 0.25 / 3))


def test_a_status_that_needs_two_groups_names_both() -> None:
    before = base(gates=[gate("kernels", "alt.has.kernels", "offline")])
    after = deepcopy(before)
    after["alternatives"][0]["facts"]["alt.has.kernels"] = False
    (change,) = training(difference(at(before, {}), at(after, {"offline": True}))).statuses
    assert (change.framework, change.before, change.after) == ("ada", "ranked", "excluded")
    assert (change.gates_before, change.gates_after) == ((), ("kernels",))
    assert change.by == (("answers", "facts"),)
    (back,) = training(difference(at(after, {"offline": True}), at(before, {}))).statuses
    assert back.by == (("answers",), ("facts",))
    assert (back.gates_before, back.gates_after) == (("kernels",), ())


def test_a_new_framework_comes_with_the_facts_and_may_be_named_everywhere() -> None:
    before, after = base(gates=[gate("graded", "alt.graded")]), base(gates=[gate("graded", "alt.graded")])
    after["alternatives"].append(alternative("cleo", has__kernels=True))
    after["grades"]["ease"]["cleo"] = {"mean": 4.0, "sd": 0.2, "influences": []}
    after["grades"]["speed"]["cleo"] = {"mean": 4.0, "sd": 0.2, "influences": []}
    after["gates"].append(gate("not-bob", 'alt.id != "bob"', 'not ("cleo" in considering)'))
    found = training(difference(at(before, {}), at(after, {"considering": ["cleo@2.0"]})))
    assert [(s.framework, s.before, s.after, s.by) for s in found.statuses] == [
        ("cleo", "absent", "ranked", (("facts",),))
    ]
    assert set(by_name(found)) == {"ada", "bob"}
    assert found.lead is not None
    assert (found.lead.after, found.lead.parts, found.lead.by) == ("cleo", None, (("facts",),))


def test_a_new_question_means_nothing_to_the_old_rules() -> None:
    after = base()
    after["questionnaire"]["questions"].append(question("audience", "one", ["few", "many"]))
    after["rules"].append(rule("crowd", {"speed": 3.0}, 'audience == "many"'))
    found = difference(at(base(), {}), at(after, {"audience": "many"}))
    assert ("question", "audience", "exists", False, True) in entries(found, "rules")
    change = by_name(training(found))["ada"]
    assert change.after < change.before
    # Neither the answer without the rule nor the rule without the answer does anything.
    assert change.parts["answers"] == change.parts["rules"] == (change.after - change.before) / 2


def test_answers_that_the_other_side_calls_contradictory_are_compared_all_the_same() -> None:
    after = base(contradictions=[{"id": "both", "text": "Not both.", "when": 'offline and stage == "research"'}])
    found = difference(at(base(), {"offline": True, "stage": "research"}), at(after, {"stage": "research"}))
    assert found.groups == ("answers", "rules")
    assert by_name(training(found))["ada"].parts["answers"] == 0.25
    with pytest.raises(InvalidInput, match=r"before\.answers: the case 'both' \(Not both\)"):
        difference(at(after, {"offline": True, "stage": "research"}), at(after, {}))


def test_preferences_count_as_answers_and_are_whole_or_unknown_elsewhere() -> None:
    before, after = base(), base()
    for source in (before, after):
        source["rules"].append(rule("wish", {"speed": 1}, rank_of="speed"))
    priorities = next(q for q in after["questionnaire"]["questions"] if q["id"] == "priorities")
    stated = {"method": "direct", "weights": {"speed": 3, "ease": 1}}
    found = difference(at(before, {"priorities": ["ease"]}), replace(at(before, {}), preferences=stated))
    assert [c.id for c in found.changes["answers"]] == ["preferences", "priorities"]
    change = by_name(training(found))["ada"]
    speaking = 2.5 * 0.75  # of the priorities' 2.5, speed has three quarters
    assert change.after == pytest.approx((3 * 0.75 + speaking * 0.25) / (3 + speaking))
    assert change.parts["answers"] == change.after - change.before != 0
    priorities["options"].append({"id": "calm", "label": "calm", "help": None})
    stated = {"method": "direct", "weights": {"speed": 3, "calm": 1}}
    change = by_name(training(difference(at(before, {}), replace(at(after, {}), preferences=stated))))["ada"]
    assert change.parts["answers"] == change.parts["rules"] == (change.after - change.before) / 2 != 0
    with pytest.raises(InvalidInput, match=r"after\.preferences\S*: .*calm"):
        difference(at(after, {}), replace(at(before, {}), preferences=stated))


def test_of_a_list_the_options_that_are_understood_stay() -> None:
    before = base(gates=[gate("android", "alt.run.android >= 2", '"android" in deploy_targets')])
    after = deepcopy(before)
    targets = next(q for q in after["questionnaire"]["questions"] if q["id"] == "deploy_targets")
    targets["options"].append({"id": "car", "label": "car", "help": None})
    before["alternatives"][0]["facts"]["alt.run.android"] = 0
    after["alternatives"][0]["facts"]["alt.run.android"] = 0
    then = {"deploy_targets": ["android", "car"]}
    (change,) = training(difference(at(before, {}), at(after, then))).statuses
    assert (change.framework, change.by) == ("ada", (("answers",),))


def test_a_new_criterion_counts_where_it_is_weighed() -> None:
    after = base()
    after["criteria"].append({**after["criteria"][0], "id": "novel", "name": "Novel"})
    after["grades"]["novel"] = {"ada": {"mean": 0.0, "sd": 0.1, "influences": []}}
    after["rules"][0]["weights"]["novel"] = 3.0
    found = difference(at(base(), {}), at(after, {}))
    assert found.groups == ("facts", "rules", "weights")
    change = by_name(training(found))["ada"]
    assert change.parts["weights"] == change.after - change.before == -0.375
    assert (change.parts["facts"], change.parts["rules"]) == (0.0, 0.0)


def test_a_fact_of_another_kind_is_unknown_to_the_other_rules() -> None:
    before = base(gates=[gate("rows", "alt.rows.max >= 100")])
    before["alternatives"][0]["facts"]["alt.rows.max"] = 10
    after = base(gates=[gate("rows", 'alt.rows.max >= "1.2"')])
    after["capabilities"] = [{**c, "kind": "version"} if c["id"] == "rows.max" else c for c in CAPABILITIES]
    after["alternatives"][0]["facts"]["alt.rows.max"] = "1.3"
    (change,) = training(difference(at(before, {}), at(after, {}))).statuses
    assert (change.before, change.after) == ("excluded", "ranked")
    assert change.by == (("facts",), ("rules",))


def test_a_criterion_that_became_an_affinity_is_not_graded_twice() -> None:
    before, after = base(), base()
    after["criteria"][1]["affinity"] = "known_frameworks"
    del after["grades"]["speed"]
    found = difference(at(before, {}), at(after, {"known_frameworks": ["bob"]}))
    for swapped in subsets(PARTS):
        opinions = compiled(hybrid(before, after, swapped)).roles["training"].opinion
        if "rules" in swapped:
            assert opinions[1].tolist() == [0.0, 0.0]
    change = by_name(training(found))["bob"]
    assert change.after == pytest.approx((2 * 0.25 + 1.0) / 3)


def test_a_rule_of_one_side_keeps_its_weights_and_ranked_ones_their_scale() -> None:
    before, after = base(), base()
    before["rules"].append(rule("wish", {"speed": 1}, rank_of="speed"))
    after["priorities_weight"] = 30.0
    made = hybrid(before, after, frozenset({"weights"}))
    kept = compiled(made).roles["training"]
    assert kept.total.tolist() == [3.0, 3.0, 2.5]
    before["rules"][-1]["priorities_weight"] = 7.0  # as a house policy leaves it
    assert compiled(hybrid(before, after, frozenset({"weights"}))).roles["training"].total[-1] == 7.0
    after["rules"].append(rule("wish", {"speed": 2}, rank_of="speed"))
    assert compiled(hybrid(before, after, frozenset({"weights"}))).roles["training"].total[-1] == 30.0


def test_where_no_rule_speaks_every_score_is_nothing() -> None:
    before = deepcopy(document(MEMBERS, GRADES, [rule("old", {"ease": 1}, "offline")]))
    after = deepcopy(document(MEMBERS, GRADES, [rule("new", {"speed": 1}, 'stage == "research"')]))
    found = training(difference(at(before, {"offline": True}), at(after, {"stage": "research"})))
    change = by_name(found)["ada"]
    assert (change.before, change.after) == (1.0, 0.25)
    assert change.parts["answers"] == change.parts["rules"] == -0.375
    assert found.statuses == ()


def test_roles_of_one_side_are_named() -> None:
    both = difference(Side(base(), {}), Side(base(), {"deploy_targets": ["android"]}))
    assert (list(both.roles), both.roles_added, both.roles_removed) == (["training"], ("runtime",), ())
    asked = difference(Side(base(), {}, None, ["runtime"]), Side(base(), {}))
    assert (asked.groups, list(asked.roles)) == ((), [])
    assert (asked.roles_added, asked.roles_removed) == (("training",), ("runtime",))


# --- What differs ----------------------------------------------------------------------------------------------------


def entries(found: Difference, group: str) -> list[tuple[str, str, str, object, object]]:
    return [(c.kind, c.id, c.field, c.before, c.after) for c in found.changes[group]]


def test_what_differs_is_listed_plainly() -> None:
    before = base(gates=[gate("old", "alt.has.kernels"), gate("kept", "alt.has.kernels", "offline")])
    after = base(gates=[gate("kept", "alt.has.kernels", "not offline"), gate("new", "alt.graded")])
    after["rules"] = [*after["rules"][:1], rule("haste", {"speed": 4, "ease": 1}, "not offline", strength=0.5)]
    after["rules"].append(rule("more", {"ease": 1}))
    after["priorities_weight"] = 3.0
    after["confidence"]["interval_probability"] = 0.8
    after["alternatives"][1]["facts"] |= {"alt.lifecycle": "deprecated", "alt.rows.max": 5}
    after["grades"]["ease"]["bob"] |= {"mean": 2.0}
    after["kin"] = [{"a": "ada", "b": "bob", "value": 0.5}]
    found = difference(at(before, {"offline": True}), at(after, {"offline": False, "team_size": 3}, PROFILE))
    assert found.groups == GROUPS
    assert entries(found, "answers") == [
        ("question", "offline", "value", True, False),
        ("question", "team_size", "value", None, 3.0),
    ]
    assert ("fact", "hardware.os", "value", None, "linux") in entries(found, "hardware")
    assert ("fact", "train_devices", "value", None, 1) in entries(found, "hardware")
    assert entries(found, "facts") == [
        ("framework", "bob", "alt.lifecycle", "active", "deprecated"),
        ("framework", "bob", "alt.rows.max", None, 5),
        ("framework", "bob", "grade.ease", [1.0, 0.2], [2.0, 0.2]),
        ("kin", "ada - bob", "exists", False, True),
    ]
    assert entries(found, "rules") == [
        ("rule", "haste", "when", "offline", "not offline"),
        ("rule", "more", "exists", False, True),
        ("gate", "kept", "when", "offline", "not offline"),
        ("gate", "new", "exists", False, True),
        ("gate", "old", "exists", True, False),
        ("release", "confidence", "value", before["confidence"], after["confidence"]),
    ]
    assert entries(found, "weights") == [
        ("release", "priorities_weight", "value", 2.5, 3.0),
        ("rule", "haste", "strength", 1.0, 0.5),
        ("rule", "haste", "weights.ease", None, 1),
        ("rule", "haste", "weights.speed", 3, 4),
    ]


def test_facts_of_the_ranked_come_first_and_the_rest_are_counted() -> None:
    many = [alternative(f"aside{i:03}", roles=["companion"]) for i in range(LISTED_CHANGES + 5)]
    before = deepcopy(document([*many, *MEMBERS], GRADES, RULES))
    after = deepcopy(before)
    for entry in after["alternatives"]:
        entry["facts"]["alt.lifecycle"] = "deprecated"
    found = difference(at(before, {}), at(after, {}))
    assert [c.id for c in found.changes["facts"]][:3] == ["ada", "bob", "aside000"]
    assert (len(found.changes["facts"]), dict(found.more)) == (LISTED_CHANGES, {"facts": 7})


def test_who_said_it_is_no_difference() -> None:
    after = base() | {"as_of": "2026-12-01", "base": {"id": "2026-11-21-abc", "sha256": "abc"}}
    after["rules"][0]["layer"] = "shipped+house"
    found = difference(at(base(), {}), at(after, {}))
    assert found.groups == ()
    assert found.release_before == compiled(base()).id
    assert found.release_after == "2026-11-21-abc"


def test_the_same_said_in_other_words_is_no_difference() -> None:
    found = difference(
        at(base(), {"train_os": "linux", "offline": "yes"}), at(base(), {"train_os": ["linux"], "offline": True})
    )
    assert found.groups == ()


def test_the_document_is_json_with_rounded_numbers() -> None:
    source = base()
    source["rules"][1]["weights"] = {"speed": 4}
    found = difference(at(source, {}), at(source, {"offline": True, "train_os": ["linux", "macos"]}, PROFILE))
    written = found.document()
    assert json.loads(json.dumps(written, allow_nan=False)) == written
    ada = next(s for s in written["roles"]["training"]["scores"] if s["framework"] == "ada")
    assert (ada["before"], ada["after"]) == (0.75, round(3.25 / 7, 12))
    assert ada["parts"] == dict.fromkeys(GROUPS, 0.0) | {"answers": round(3.25 / 7 - 0.75, 12)}
    assert list(ada["parts"]) == list(GROUPS)
    assert written["changes"]["answers"][1]["after"] == ["linux", "macos"]


# --- Bad input and cost ----------------------------------------------------------------------------------------------


def test_every_fault_of_both_sides_is_told() -> None:
    after = base()
    after["alternatives"].append(alternative("cleo"))
    wrong = Side(base(), {"ofline": True, "known_frameworks": ["cleo"]}, None, ["trainin"])
    with pytest.raises(InvalidInput) as caught:
        difference(wrong, Side(after, {"team_size": 0, "stage": "produktion"}))
    assert [(fault.path, fault.nearest) for fault in caught.value.faults] == [
        ("before.roles", "training"),
        ("before.answers", "offline"),
        ("before.answers.known_frameworks[0]", None),
        ("after.answers.team_size", None),
        ("after.answers.stage", "production"),
    ]


@pytest.mark.parametrize("given_answers", [None, [], "offline"])
def test_answers_that_are_no_object_are_refused(given_answers: object) -> None:
    with pytest.raises(InvalidInput, match=r"after\.answers: .* an object keyed by question ids"):
        difference(at(base(), {}), Side(base(), given_answers))


def test_one_release_is_compiled_once_and_no_decision_made_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    made: dict[str, int] = {"compile": 0, "decide": 0}

    def counted(name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **named: Any) -> Any:
            made[name] += 1
            return real(*args, **named)

        return call

    monkeypatch.setattr(swaps, "compile_release", counted("compile", compile_release))
    monkeypatch.setattr(engine, "decide", counted("decide", engine.decide))
    difference(at(base(), {}), at(base(), {}))
    assert made == {"compile": 1, "decide": 1}
    difference(at(base(), {}), at(base(), {"offline": True}, PROFILE))
    assert made == {"compile": 2, "decide": 5}
    after = base(gates=[gate("new", "alt.graded")])
    after["priorities_weight"] = 3.0
    after["kin"] = [{"a": "ada", "b": "bob", "value": 0.5}]
    difference(at(base(), {}), at(after, {"offline": True}, PROFILE))
    assert made == {"compile": 10, "decide": 37}


# --- The shipped release ---------------------------------------------------------------------------------------------


def test_a_changed_answer_and_a_changed_weight_on_the_shipped_release() -> None:
    shipped = releases.build(pack.load())
    after = deepcopy(shipped)
    changed = next(entry for entry in after["rules"] if entry["id"] == "base-training")
    changed["weights"] = {c: w * 3 if c == "ease_of_use" else w for c, w in changed["weights"].items()}
    said = {"team_experience": "beginner", "train_os": ["linux"]}
    then = {"team_experience": "expert", "train_os": ["windows"]}
    sides = Side(shipped, said), Side(after, then)
    found = difference(*sides)
    assert found.groups == ("answers", "weights")
    assert [(c.id, c.field) for c in found.changes["weights"]] == [("base-training", "weights.ease_of_use")]
    ends = [decided(side) for side in sides]
    for change in training(found).scores:
        assert change.after == pytest.approx(score_of(ends[1], "training", change.framework), abs=1e-12)
        assert sum(change.parts.values()) == pytest.approx(change.after - change.before, abs=1e-9)
        assert change.parts["facts"] == change.parts["rules"] == change.parts["hardware"] == 0.0
    assert any(change.parts["weights"] and change.parts["answers"] for change in training(found).scores)
    stopped = {s.framework: s for s in training(found).statuses}
    assert stopped["mlx"].gates_after == ("train-os-windows",)
    assert all(s.by == (("answers",),) for s in stopped.values())
    assert len(json.dumps(found.document())) < 40_000
