"""House policies: the laws of layering, every planted mistake listed at once, and documents written in bad faith."""

import copy
import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge_base import pack, release
from rules import canonical, policy
from rules.faults import Fault, InvalidInput
from rules.policy.reading import MAX_EXAMPLES, MAX_RULES, MAX_WAIVERS
from rules.release import Release, compile_release
from tests.rules.builders import alternative, answers, decide, document, documents, gate, rule

QUIET = settings(max_examples=30, deadline=None, database=None)
ROOT = Path(__file__).parents[2]
DAY = "2026-11-21"
Entry = dict[str, Any]


def house(name: Any = "acme", **rest: Any) -> Entry:
    return {"name": name, "owner": "Board", "summary": "For tests.", **rest}


def own_rule(name: str = "ours", **rest: Any) -> Entry:
    entry: Entry = {"id": name, "text": "Ours", "roles": ["training"], "when": "offline", "weights": {"speed": 2}}
    return entry | {"argument": "Because.", "examples": {"fires": [{"offline": True}], "silent": [{}]}} | rest


def own_gate(name: Any = "barred", **rest: Any) -> Entry:
    cases = {"stops": [{"alternative": "slow"}], "passes": [{"alternative": "quick"}, {"alternative": "odd"}]}
    entry: Entry = {"id": name, "effect": "exclude", "roles": ["training"], "when": None, "requires": "alt.has.kernels"}
    return entry | {"text": "{name} is barred", "argument": "Because.", "examples": cases} | rest


def factor(name: Any, by: float) -> Entry:
    return {"rule": name, "factor": by, "argument": "Because."}


def weights(name: str, **by: float) -> Entry:
    return {"rule": name, "weights": by, "argument": "Because."}


def waiver(name: Any, of: str, expires: Any = "2027-03-31", **rest: Any) -> Entry:
    return {"gate": name, "alternative": of, "owner": "Jane", "reason": "A trial.", "expires": expires, **rest}


MEMBERS = (
    alternative("quick", has__kernels=True, run__android=1),
    alternative("slow", has__kernels=False, run__android=3),
    alternative("odd", run__android=1, roles=["runtime", "training"]),
    alternative("phone", roles=["runtime"], run__android=0),
    alternative("lost", graded=False),
)
GRADES = {
    "speed": {"quick": (4.0, 0.5), "slow": (0.5, 0.2), "odd": (2.0, 1.0)},
    "ease": {"quick": (1.0, 0.5), "slow": (3.5, 0.2), "odd": (2.0, 1.0)},
}
RULES = (
    rule("base", {"speed": 1, "ease": 3}),
    rule("offline", {"speed": 5}, "offline", roles=["training"]),
    rule("fast", {"speed": 3, "ease": 1}, '"speed" in priorities', rank_of="speed"),
)
GATES = (
    gate("android", "alt.run.android >= 2", '"android" in deploy_targets'),
    gate("graded", "alt.graded", roles=["training"]),
    gate("careful", "alt.has.kernels", effect="caution"),
)


def source(**rest: Any) -> Entry:
    found = document(MEMBERS, GRADES, RULES, GATES, evidence=[{"id": "seen"}], **rest)
    runtime_only = {"id": "footprint", "name": "Footprint", "roles": ["runtime"], "affinity": None, "derived": None}
    found["criteria"].append(runtime_only)
    return found


def scores(release: Release, given_answers: Mapping[str, object]) -> dict[str, float]:
    result = decide(release, given_answers, roles=["training"]).roles["training"]
    return {place.framework: place.score for place in result.ranking}


def layered(*policies: Entry, over: Entry | None = None, day: str = DAY) -> Entry:
    return policy.apply(source() if over is None else over, policies, day)


def places(faults: Sequence[Fault]) -> list[str]:
    return [fault.path for fault in faults]


# --- Laws ------------------------------------------------------------------------------------------------------------


@QUIET
@given(documents(gates=True), answers())
def test_an_empty_policy_changes_nothing_but_the_list_of_layers(base: Entry, asked: dict[str, object]) -> None:
    over = layered(house(), over=base)
    assert {k: v for k, v in over.items() if k not in ("layers", "base")} == {
        k: v for k, v in base.items() if k != "layers"
    }
    plain, laid = compile_release(base), compile_release(over)
    assert (laid.id, laid.sha256) == (plain.id, plain.sha256) == (plain.id, canonical.digest(base))
    assert (plain.layers, plain.policy_sha256) == ((), None)
    assert [layer.name for layer in laid.layers] == ["acme"]
    assert laid.policy_sha256
    assert decide(laid, asked).roles == decide(plain, asked).roles


def test_no_policy_changes_nothing_at_all() -> None:
    assert layered() == source()


@QUIET
@given(documents(), answers(), st.sampled_from([0.25, 1, 3, 0.7]))
def test_one_factor_on_every_rule_changes_no_score(base: Entry, asked: dict[str, object], by: float) -> None:
    over = layered(house(weights=[factor(each["id"], by) for each in base["rules"]]), over=base)
    assert scores(compile_release(over), asked) == pytest.approx(scores(compile_release(base), asked), abs=1e-9)


@QUIET
@given(documents(), answers(), st.sampled_from([0.25, 2, 6]), st.data())
def test_a_factor_is_that_factor_in_the_weights_of_the_release(
    base: Entry, asked: dict[str, object], by: float, data: st.DataObject
) -> None:
    """Against the release as a curator would have written it; a priority by its strength, which weighs the same."""
    name = data.draw(st.sampled_from([each["id"] for each in base["rules"]]))
    over = layered(house(weights=[factor(name, by)]), over=base)
    written = copy.deepcopy(base)
    for each in written["rules"]:
        if each["id"] == name and each["rank_of"]:
            each["strength"] *= by
        elif each["id"] == name:
            each["weights"] = {criterion: weight * by for criterion, weight in each["weights"].items()}
    assert scores(compile_release(over), asked) == pytest.approx(scores(compile_release(written), asked), abs=1e-9)
    (spoken,) = (each for each in over["rules"] if each["id"] == name)
    assert spoken["layer"] == "shipped+acme"


@QUIET
@given(documents(), st.data())
def test_overriding_twice_is_overriding_once_by_the_product(base: Entry, data: st.DataObject) -> None:
    names = st.sampled_from([each["id"] for each in base["rules"]])
    chosen = data.draw(st.dictionaries(names, st.sampled_from([0.5, 4, 0.25]), min_size=1))
    again = data.draw(st.dictionaries(names, st.sampled_from([0.5, 2]), min_size=1))
    one = house("one", weights=[factor(name, by) for name, by in chosen.items()])
    two = house("two", weights=[factor(name, by) for name, by in again.items()])
    product = {name: chosen.get(name, 1) * again.get(name, 1) for name in chosen.keys() | again.keys()}
    at_once = house("both", weights=[factor(name, by) for name, by in product.items()])
    twice, once = (compile_release(layered(*each, over=base)) for each in ((one, two), (at_once,)))
    assert (twice.roles["training"].weight == once.roles["training"].weight).all()
    both = {rule.layer for rule in twice.roles["training"].rules if rule.id in chosen and rule.id in again}
    assert both <= {"shipped+one+two"}


def test_layering_in_two_steps_is_layering_in_one_and_keeps_the_base() -> None:
    one = house("one", rules=[own_rule("first")], waivers=[waiver("android", "quick")])
    two = house("two", weights=[factor("first", 0.5)], gates=[own_gate()], waivers=[waiver("barred", "slow")])
    assert layered(two, over=layered(one)) == layered(one, two)
    assert compile_release(layered(one, two)).sha256 == canonical.digest(source())
    by_id = {each["id"]: each["layer"] for each in layered(one, two)["rules"] + layered(one, two)["gates"]}
    assert by_id["first"] == "one+two"
    assert (by_id["barred"], by_id["base"], by_id["android"]) == ("two", "shipped", "shipped")


def test_a_release_from_before_there_were_layers_is_layered_like_any_other() -> None:
    old = source()
    old.pop("layers")
    old["gates"] = [{key: value for key, value in each.items() if key != "waivers"} for each in old["gates"]]
    assert compile_release(old).layers == ()
    over = compile_release(layered(house(waivers=[waiver("android", "quick")]), over=old))
    assert over.sha256 == canonical.digest(old)
    assert [set(each.waivers) for each in over.roles["training"].gates] == [{"quick"}, set(), set()]


def test_the_order_of_entries_means_nothing() -> None:
    rules = [own_rule("b", weights={"speed": 2, "ease": 1}), own_rule("a"), own_rule("c")]
    gates = [own_gate("z"), own_gate("y", effect="caution")]
    waivers = [waiver("z", "slow"), waiver("android", "quick"), waiver("android", "odd")]
    changes = [factor("base", 0.5), factor("fast", 0), weights("offline", ease=1)]
    one = house(rules=rules, gates=gates, waivers=waivers, weights=changes)
    other = {name: value[::-1] if isinstance(value, list) else value for name, value in one.items()}
    found, again = layered(one), layered(other)
    for each in (found, again):
        each["layers"][0].pop("sha256")
    assert found == again


def test_applying_touches_neither_the_release_nor_the_policies() -> None:
    base, over = source(), house(gates=[own_gate()], weights=[factor("base", 2)], waivers=[waiver("android", "quick")])
    before = copy.deepcopy((base, over))
    policy.apply(base, [over], DAY)
    policy.check(over, base)
    assert (base, over) == before


def test_a_rule_of_a_house_speaks_as_one_of_the_release_would() -> None:
    over = compile_release(layered(house(rules=[own_rule(weights={"speed": 2, "ease": 1}, strength=0.5)])))
    same = rule("ours", {"speed": 2, "ease": 1}, "offline", strength=0.5, roles=["training"])
    written = compile_release(source() | {"rules": [*RULES, same]})
    for asked in ({"offline": True}, {"offline": False}, {}):
        assert scores(over, asked) == scores(written, asked)
    assert scores(over, {"offline": True}) != scores(compile_release(source()), {"offline": True})


def test_new_weights_replace_the_old_ones() -> None:
    over = compile_release(layered(house(weights=[weights("base", ease=2)])))
    assert scores(over, {}) == pytest.approx({"quick": 0.25, "slow": 0.875, "odd": 0.5})


def test_the_shares_of_a_priority_are_replaced_and_its_whole_stays() -> None:
    role = compile_release(layered(house(weights=[weights("fast", ease=7)]))).roles["training"]
    (row,) = (i for i, each in enumerate(role.rules) if each.id == "fast")
    assert role.total[row] == pytest.approx(2.5)
    assert {c.id: w for c, w in zip(role.criteria, role.weight[row], strict=True) if w} == pytest.approx({"ease": 2.5})


def test_a_factor_of_zero_silences_a_rule_and_the_layer_says_so() -> None:
    over = layered(house(weights=[factor("offline", 0), factor("fast", 0.0)]))
    assert [each["id"] for each in over["rules"]] == ["base"]
    assert compile_release(over).layers[0].silenced == ("fast", "offline")
    assert scores(compile_release(over), {"offline": True}) == scores(compile_release(source()), {})


def test_silencing_every_rule_of_a_role_leaves_nothing_to_rank_by() -> None:
    over = compile_release(layered(house(weights=[factor(each["id"], 0) for each in RULES])))
    assert over.roles["training"].rules == ()
    assert scores(over, {}) == {}


def test_a_silenced_rule_is_gone_for_the_layers_above_and_its_id_stays_taken() -> None:
    below = layered(house(weights=[factor("offline", 0)]))
    above = house("above", weights=[factor("offline", 2)], rules=[own_rule("offline")])
    assert places(policy.check(above, below)) == ["policy.rules[0].id", "policy.weights[0].rule"]


# --- Waivers ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "counts"), [("2026-11-21", True), ("2027-03-31", True), ("2027-04-01", False), ("2030-01-01", False)]
)
def test_a_waiver_counts_up_to_and_including_its_last_day(day: str, counts: bool) -> None:
    found = compile_release(layered(house(waivers=[waiver("android", "quick")]), day=day))
    (android,) = (each for each in found.roles["training"].gates if each.id == "android")
    (layer,) = found.layers
    assert set(android.waivers) == ({"quick"} if counts else set())
    assert [each.alternative for each in layer.expired] == ([] if counts else ["quick"])
    (told,) = android.waivers.values() if counts else layer.expired
    assert (told.gate, told.owner, told.reason, told.expires) == ("android", "Jane", "A trial.", "2027-03-31")
    assert told.layer == "acme"


def test_a_waiver_in_a_document_is_found_at_its_gate() -> None:
    over = layered(house(waivers=[waiver("android", "slow"), waiver("android", "quick")]))
    expected = waiver("android", "quick") | {"layer": "acme"}
    expected.pop("gate")
    found = {each["id"]: each["waivers"] for each in over["gates"]}
    assert found["android"][0] == expected
    assert [each["alternative"] for each in found["android"]] == ["quick", "slow"]
    assert found["careful"] == found["graded"] == []


def test_of_two_layers_the_upper_waiver_speaks_while_it_counts() -> None:
    lower = house("lower", waivers=[waiver("android", "quick", "2028-01-01", owner="Lower")])
    upper = house("upper", waivers=[waiver("android", "quick", "2027-01-01", owner="Upper")])
    for day, owner in (("2027-01-01", "Upper"), ("2027-01-02", "Lower")):
        (told,) = next(each["waivers"] for each in layered(lower, upper, day=day)["gates"] if each["id"] == "android")
        assert (told["owner"], told["layer"]) == (owner, owner.lower())


def test_the_hash_of_the_policies_covers_what_they_say_and_which_waivers_count() -> None:
    one, two = house("one", waivers=[waiver("android", "quick")]), house("two", weights=[factor("base", 2)])
    later = house("two", weights=[factor("base", 2.5)])
    stacks = [([one], DAY), ([one], "2027-04-01"), ([two], DAY), ([later], DAY), ([one, two], DAY), ([two, one], DAY)]
    found = [compile_release(layered(*each, day=day)).policy_sha256 for each, day in stacks]
    assert len(set(found)) == len(stacks)
    assert found[0] == compile_release(layered(one, day="2027-03-31")).policy_sha256


# --- What is refused -------------------------------------------------------------------------------------------------


def test_a_policy_that_fits_has_no_fault() -> None:
    hardware_case = {"alternative": "slow", "hardware": {"memory_gb": 4, "os": "linux", "accelerators": ["cpu"]}}
    fits = house(
        rules=[
            own_rule(evidence=["seen"]),
            own_rule("always", when=None, examples=None, roles=["training", "runtime"]),
            own_rule("small", when="hardware.memory_gb < 8", examples=None)
            | {"id": "by-answer", "when": "not offline"}
            | {"examples": {"fires": [{"offline": False}], "silent": [{}, {"offline": True}]}},
        ],
        gates=[
            own_gate(),
            own_gate("memory", when='hardware.memory_gb <= 8 and hardware.os == "linux"')
            | {"examples": {"stops": [hardware_case], "passes": [{"alternative": "slow"}]}},
        ],
        weights=[factor("base", 0.5), weights("offline", ease=1)],
        waivers=[waiver("barred", "slow"), waiver("android", "phone"), waiver("android", "quick", "2020-02-29")],
    )
    assert policy.check(fits, source()) == []


MISTAKES = house(
    "shipped",
    owner=" ",
    sumary="A key too many, and a key that is missing.",
    rules=[
        own_rule("base"),
        own_rule("a", when="offlin and data_rows > 5", weights={"sped": 2}),
        own_rule("b", when="offline and alt.has.kernels"),
        own_rule("c", when="data_rows >", argument="", strength=0),
        own_rule("d", weights={"footprint": 1, "speed": -1}, roles=["training"]),
        own_rule("e", examples={"fires": [{"offline": False}, {"ofline": True}], "silent": [{"offline": True}]}),
        own_rule("f", roles=["trainning"], evidence=["sen"]),
        own_rule("g", when=None),
        own_rule("h", examples=None),
        own_rule("e", examples={"fires": [{"data_rows": -1}], "silent": []}),
        "not a rule",
    ],
    gates=[
        own_gate("android"),
        own_gate("w", requires="alt.has.kernel", effect="forbid", text="{nam} is out"),
        own_gate("x", when="alt.has.kernels", examples={"stops": [{"alternative": "quik"}], "passes": [{}]}),
        own_gate("y", examples={"stops": [{"alternative": "quick"}], "passes": [{"alternative": "slow"}]}),
        own_gate("z", examples={"stops": [{"alternative": "slow", "hardware": {"memory": 1, "os": "linus"}}]}),
    ],
    weights=[
        factor("bas", 1),
        factor("base", -1),
        factor("offline", 1e-9),
        factor("offline", 1) | {"weights": {"footprint": 1}},
        {"rule": "fast", "argument": "Neither."},
        weights("ours"),
    ],
    waivers=[
        waiver("androit", "quick"),
        waiver("android", "quik", owner=""),
        waiver("android", "quick", "2027-02-29"),
        waiver("android", "quick", "31.3.2027"),
        waiver("careful", "slow"),
        waiver("graded", "phone"),
        waiver("graded", "lost"),
        waiver("w", "slow"),
    ],
)
PLANTED = [
    ("policy", "the key 'sumary'", "summary"),
    ("policy.name", "'shipped'", None),
    ("policy.owner", "' '", None),
    ("policy.summary", "nothing", None),
    ("policy.rules[0].id", "'base'", None),
    ("policy.rules[1].when, 1:1", "'offlin'", "offline"),
    ("policy.rules[1].weights", "'sped'", "speed"),
    ("policy.rules[2].when, 1:13", "'alt.has.kernels'", None),
    ("policy.rules[3].when, 1:12", "'the end'", None),
    ("policy.rules[3].argument", "''", None),
    ("policy.rules[3].strength", "0", None),
    ("policy.rules[4].weights.speed", "-1", None),
    ("policy.rules[4].weights", "'footprint'", None),
    ("policy.rules[5].examples.fires[0]", "{'offline': False}", None),
    ("policy.rules[5].examples.fires[1]", "'ofline'", "offline"),
    ("policy.rules[5].examples.silent[0]", "{'offline': True}", None),
    ("policy.rules[6].roles[0]", "'trainning'", "training"),
    ("policy.rules[6].evidence[0]", "'sen'", "seen"),
    ("policy.rules[7].examples", "given", None),
    ("policy.rules[8].examples", "a condition without examples", None),
    ("policy.rules[9].id", "'e'", None),
    ("policy.rules[9].examples.silent", "a list of 0", None),
    ("policy.rules[9].examples.fires[0].data_rows", "-1", None),
    ("policy.rules[10]", "'not a rule'", None),
    ("policy.gates[0].id", "'android'", None),
    ("policy.gates[1].effect", "'forbid'", None),
    ("policy.gates[1].requires, 1:1", "'alt.has.kernel'", "alt.has.kernels"),
    ("policy.gates[1].text", "'{nam} is out'", None),
    ("policy.gates[2].when, 1:1", "'alt.has.kernels'", None),
    ("policy.gates[2].examples.stops[0].alternative", "'quik'", "quick"),
    ("policy.gates[2].examples.passes[0].alternative", "nothing", None),
    ("policy.gates[3].examples.stops[0]", "'quick'", None),
    ("policy.gates[3].examples.passes[0]", "'slow'", None),
    ("policy.gates[4].examples.stops[0].hardware", "the key 'memory'", "memory_gb"),
    ("policy.gates[4].examples.stops[0].hardware.os", "'linus'", None),
    ("policy.gates[4].examples.passes", "nothing", None),
    ("policy.weights[0].rule", "'bas'", "base"),
    ("policy.weights[1].factor", "-1", None),
    ("policy.weights[2].factor", "1e-09", None),
    ("policy.weights[3]", "an override", None),
    ("policy.weights[3].rule", "'offline'", None),
    ("policy.weights[3].weights", "'footprint'", None),
    ("policy.weights[4]", "an override", None),
    ("policy.weights[5].rule", "'ours'", None),
    ("policy.weights[5].weights", "an object of 0 keys", None),
    ("policy.waivers[0].gate", "'androit'", "android"),
    ("policy.waivers[1].alternative", "'quik'", "quick"),
    ("policy.waivers[1].owner", "''", None),
    ("policy.waivers[2].expires", "'2027-02-29'", None),
    ("policy.waivers[3].expires", "'31.3.2027'", None),
    ("policy.waivers[3]", "quick at android", None),
    ("policy.waivers[4].gate", "'careful'", None),
    ("policy.waivers[5].alternative", "'phone'", None),
    ("policy.waivers[6].alternative", "'lost'", None),
]


def test_every_planted_mistake_is_listed_at_once_and_nothing_else_is() -> None:
    mistakes = {key: value for key, value in MISTAKES.items() if key != "summary"}
    found = policy.check(mistakes, source())
    assert [(f.path, f.value) for f in found] == [(path, value) for path, value, _ in PLANTED]
    for fault, (path, _, near) in zip(found, PLANTED, strict=True):
        assert near is None or fault.nearest == near, path
        assert fault.expected


def test_applying_lists_the_faults_of_all_policies_and_blames_each_for_its_own_only() -> None:
    lower = house("lower", rules=[own_rule("good"), own_rule("poor", weights={})], owner=3)
    upper = house("upper", weights=[factor("good", 2), factor("god", 2)])
    with pytest.raises(InvalidInput) as caught:
        policy.apply(source(), [lower, upper, house("lower"), 7], "2026-02-30")
    assert places(caught.value.faults) == [
        "as_of",
        "policies[0].owner",
        "policies[0].rules[1].weights",
        "policies[1].weights[1].rule",
        "policies[2].name",
        "policies[3]",
    ]
    assert caught.value.faults[3].nearest == "good"


def test_no_more_than_sixteen_layers() -> None:
    many = [house(f"layer-{index}", weights=[factor("base", 0.001)]) for index in range(16)]
    found = compile_release(layered(*many))
    assert scores(found, {"offline": True})["quick"] == pytest.approx(1)
    with pytest.raises(InvalidInput, match="at most 16"):
        layered(house("one-more"), over=layered(*many))


@pytest.mark.parametrize(
    "day",
    ["2026-13-01", "2026-00-10", "2026-04-31", "1900-02-29", "0000-01-01", "2026-1-1", "2026-01-01\n", "٢٠٢٦-01-01"],
)
def test_a_day_that_is_on_no_calendar_is_refused(day: str) -> None:
    assert places(policy.check(house(waivers=[waiver("android", "quick", day)]), source())) == [
        "policy.waivers[0].expires"
    ]


@pytest.mark.parametrize("day", ["2028-02-29", "2000-02-29", "2026-12-31", "9999-01-01"])
def test_a_day_of_the_calendar_is_accepted(day: str) -> None:
    assert policy.check(house(waivers=[waiver("android", "quick", day)]), source()) == []


# --- Bad faith -------------------------------------------------------------------------------------------------------


def deep(levels: int = 5000) -> object:
    found: object = "bottom"
    for _ in range(levels):
        found = [found]
    return found


@pytest.mark.parametrize(
    ("hostile", "place"),
    [
        (None, "policy"),
        ([], "policy"),
        (house(rules={}), "policy.rules"),
        (house(rules=[own_rule()] * (MAX_RULES + 1)), "policy.rules"),
        (house(waivers=[waiver("android", "quick")] * (MAX_WAIVERS + 1)), "policy.waivers"),
        (house(name=["acme"]), "policy.name"),
        (house(name="a" * 81), "policy.name"),
        (house(name="acme\n"), "policy.name"),
        (house(name="Acme"), "policy.name"),
        (house(name="one+two"), "policy.name"),
        (house(owner="a\x00b"), "policy.owner"),
        (house(owner="\ud800"), "policy.owner"),
        (house(owner="x" * 1201), "policy.owner"),
        (house(owner=deep()), "policy.owner"),
        (dict[Any, Any](house()) | {7: "x"}, "policy"),
        (dict[Any, Any](house()) | {("a",): "x"}, "policy"),
        (house(weights=[factor("base", float("nan"))]), "policy.weights[0].factor"),
        (house(weights=[factor("base", 10**400)]), "policy.weights[0].factor"),
        (house(weights=[factor("base", 10**5000)]), "policy.weights[0].factor"),
        (house(weights=[factor("base", True)]), "policy.weights[0].factor"),
        (house(weights=[factor(["base"], 1)]), "policy.weights[0].rule"),
        (house(weights=[{"rule": "base", "weights": {3: 1}, "argument": "x"}]), "policy.weights[0].weights"),
        (house(weights=[weights("base", speed=float("inf"))]), "policy.weights[0].weights.speed"),
        (house(waivers=[waiver("android", "quick", 20270331)]), "policy.waivers[0].expires"),
        (house(waivers=[waiver({}, "quick")]), "policy.waivers[0].gate"),
        (house(rules=[own_rule(when="offline" + " and offline" * 5000)]), "policy.rules[0].when, 1:1"),
        (house(rules=[own_rule(when=deep())]), "policy.rules[0].when"),
        (house(rules=[own_rule(when="__import__('os')")]), "policy.rules[0].when, 1:12"),
        (house(rules=[own_rule(examples={"fires": [deep()], "silent": [{}]})]), "policy.rules[0].examples.fires[0]"),
        (
            house(rules=[own_rule(examples={"fires": [{"offline": True}] * (MAX_EXAMPLES + 1), "silent": [{}]})]),
            "policy.rules[0].examples.fires",
        ),
        (house(gates=[own_gate({"a": 1})]), "policy.gates[0].id"),
    ],
    ids=[str(index) for index in range(31)],
)
def test_a_hostile_document_is_refused_with_its_place(hostile: object, place: str) -> None:
    faults = policy.check(hostile, source())
    assert place in places(faults)
    assert all(len(str(fault)) < 3000 for fault in faults)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("memory_gb", "8"),
        ("memory_gb", True),
        ("memory_gb", float("inf")),
        ("memory_gb", 10**400),
        ("avx", 1),
        ("os", ["linux"]),
        ("accelerators", "cpu"),
        ("accelerators", ["abacus"]),
        ("nvidia_driver", 5),
        ("nvidia_driver", "9" * 5000),
    ],
)
def test_a_fact_of_the_hardware_that_is_none_is_refused(name: str, value: object) -> None:
    case = {"alternative": "slow", "hardware": {name: value}}
    entry = own_gate(examples={"stops": [case], "passes": [{"alternative": "quick"}]})
    expected = [f"policy.gates[0].examples.stops[0].hardware.{name}"]
    assert places(policy.check(house(gates=[entry]), source())) == expected


def test_a_thousand_unknown_keys_are_counted_not_listed() -> None:
    faults = policy.check(house() | {f"key{index}": 1 for index in range(1000)}, source())
    assert len(faults) == 17
    assert "984 more" in faults[-1].value


WORDS = st.sampled_from(
    ["id", "when", "fires", "silent", "base", "android", "quick", "offline", "speed", "training", "2027-01-01", "seen"]
)
JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5), WORDS),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.one_of(WORDS, st.text()), inner, max_size=4)
    ),
    max_leaves=8,
)


@QUIET
@given(st.data())
def test_whatever_stands_in_a_field_is_understood_or_refused(data: st.DataObject) -> None:
    entry = data.draw(st.sampled_from([own_rule(), own_gate(), factor("base", 2), waiver("android", "quick")]))
    field = data.draw(st.sampled_from(sorted(entry)))
    section = {"effect": "gates", "strength": "rules", "factor": "weights", "expires": "waivers"}
    where = next((section[key] for key in section if key in entry), "rules")
    changed = house(**{where: [entry | {field: data.draw(JSON)}]})
    if policy.check(changed, source()):
        with pytest.raises(InvalidInput):
            policy.apply(source(), [changed], DAY)
    else:
        compile_release(policy.apply(source(), [json.loads(json.dumps(changed))], DAY))


# --- The page --------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def shipped_document() -> Entry:
    return release.build(pack.load())


def written() -> Entry:
    found = re.search(r"```yaml\n(.*?)```", (ROOT / "docs" / "policy.md").read_text(encoding="utf-8"), re.DOTALL)
    assert found
    loaded: Entry = yaml.safe_load(found[1])
    return loaded


def test_the_example_of_the_page_fits_the_shipped_release_and_uses_every_field(shipped_document: Entry) -> None:
    example = written()
    assert policy.check(example, shipped_document) == []
    over = policy.apply(shipped_document, [example], DAY)
    spoken = {each["id"]: each["layer"] for each in over["rules"] + over["gates"]}
    assert {spoken["acme-hire-for-it"], spoken["acme-permissive-in-products"]} == {"acme"}
    assert {spoken["base-training"], spoken["long-horizon"]} == {"shipped+acme"}
    assert compile_release(over).sha256 == canonical.digest(shipped_document)
    page = (ROOT / "docs" / "policy.md").read_text(encoding="utf-8")
    for section in ("rules", "gates", "weights", "waivers"):
        for field in {key for entry in example[section] for key in entry}:
            assert f"`{field}`" in page, field


@pytest.mark.parametrize("roles", [[], "training", None])
def test_weights_are_not_blamed_for_roles_that_are_none(roles: Any) -> None:
    faults = policy.check(house(rules=[own_rule(roles=roles)]), source())
    assert places(faults) == ["policy.rules[0].roles"]
