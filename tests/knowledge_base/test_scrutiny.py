"""Rules and gates that make no sense are refused, all at once, each at its place; exactly those, by brute force."""

from collections.abc import Iterator
from itertools import combinations, product
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge_base import pack, scrutiny
from knowledge_base import release as building
from rules.compiled import Gate
from rules.conditions import Values
from rules.gates import Both
from rules.release import Release, compile_release
from tests.knowledge_base.conftest import Plant, faults_of
from tests.rules.builders import alternative, compiled, document, gate, rule

RULES, GATES = "rules/all.yaml", "gates/all.yaml"


def place(folder: Path, file: str, anchor: str) -> str:
    text = (folder / file).read_text(encoding="utf-8")
    assert text.count(anchor) == 1, f"{anchor!r} stands {text.count(anchor)} times in {file}"
    before = text[: text.index(anchor)]
    return f"{file}:{before.count(chr(10)) + 1}:{len(before) - before.rfind(chr(10))}"


def a_rule(name: str, when: str, more: str = "") -> str:
    return (
        f"- {{id: {name}, text: A rule, roles: [training], weights: {{debugging: 1}}, argument: Tests., evidence: [],"
        f" {more}when: '{when}', examples: {{fires: [{{offline: true}}], silent: [{{offline: false}}]}}}}\n"
    )


def a_gate(name: str, when: str, requires: str, more: str = "", roles: str = "training") -> str:
    return (
        f"- {{id: {name}, effect: exclude, roles: [{roles}], text: A gate, argument: Tests., when: '{when}',"
        f" {more}requires: '{requires}',"
        " examples: {stops: [{alternative: caffe}], passes: [{alternative: jax}]}}\n"
    )


PLANTED_RULES = (
    a_rule("too-many", "team_size > 5 and team_size < 5")
    + a_rule("out-of-range", "support_horizon_years > 100")
    + a_rule("not-ranked", 'count(priorities) == 1 and "ease_of_use" in priorities', "rank_of: debugging, ")
    + a_rule("anyway", "answered(offline) or not answered(offline)")
    + a_rule("contradictory", "python_min > python_version")
)
ANDROID = '"android" in deploy_targets'
PLANTED_GATES = (
    a_gate("never", "count(train_os) > 4", "alt.graded")
    + a_gate("always", "offline or not offline or not answered(offline)", "alt.graded and alt.graded")
    + a_gate("nobody", "offline", "alt.run.server_cpu >= 0")
    + a_gate("everybody", "offline", "alt.run.server_cpu > 3")
    + a_gate("weaker", ANDROID, "alt.run.android >= 1", roles="runtime")
    + a_gate("active", "regulated", 'alt.lifecycle == "active"')
    + a_gate("resting", "regulated and offline", 'alt.lifecycle == "maintenance"')
    + a_gate("on-file", "offline", "alt.run.server_cpu >= 1", roles="runtime")
)
ALWAYS = "requires: 'alt.graded and alt.graded"
EXPECTED = [
    (RULES, "when: 'team_size > 5", "'too-many' is not a rule that can fire"),
    (RULES, "when: 'support_horizon_years > 100", "'out-of-range' is not a rule that can fire"),
    (RULES, "when: 'count(priorities) == 1", "'not-ranked' is not a rule that can fire"),
    (RULES, "when: 'answered(offline) or", "'anyway' is not a rule with a condition"),
    (RULES, "when: 'python_min > python_version", "'contradictory' is not a rule that can fire"),
    (GATES, "when: 'count(train_os) > 4", "'never' is not a gate that can apply"),
    (GATES, "when: 'offline or not offline", "'always' is not a gate with a condition"),
    (GATES, "requires: 'alt.run.server_cpu >= 0", "'nobody' is not a gate that can stop anything"),
    (GATES, "requires: 'alt.run.server_cpu > 3", "'everybody' is not a gate that anything can pass"),
    (GATES, "requires: 'alt.run.android >= 1", "'weaker' is not a gate that stops anything by itself: whatever it"),
    (
        GATES,
        "requires: 'alt.lifecycle == \"maintenance",
        "'resting' is not a gate that can be passed together with 'act",
    ),
    (GATES, "requires: 'alt.run.server_cpu >= 1", "'on-file' is not a gate that stops anything on file"),
]


def test_every_planted_mistake_is_told_at_its_place_in_one_run(plant: Plant) -> None:
    folder = plant({RULES: PLANTED_RULES, GATES: PLANTED_GATES})
    told = {str(fault) for fault in faults_of(folder)}
    for file, anchor, says in EXPECTED:
        start = f"{place(folder, file, anchor)}: {says}"
        assert any(each.startswith(start) for each in told), start
    # The rest: examples that do not do what they say, and 'always', whose requirement 'not-graded' has anyway.
    rest = [each for each in told if "a case " not in each]
    assert [each for each in rest if not any(says in each for _, _, says in EXPECTED)] == [
        f"{place(folder, GATES, ALWAYS)}: 'always' is not a gate that stops anything by itself: whatever it stops, "
        "'not-graded' stops too"
    ]


def test_a_row_of_a_repeated_gate_is_told_at_the_row(plant: Plant) -> None:
    repeated = (
        "- {id: 'needs-{id}', effect: exclude, roles: [training], text: A gate, argument: Tests.,\n"
        "   when: 'team_size > {least}', requires: 'alt.run.server_cpu >= 2',\n"
        "   each: [{id: some, least: '5'},\n"
        "          {id: too-many, least: '1000000'}],\n"
        "   examples: {stops: [{alternative: caffe}], passes: [{alternative: jax}]}}\n"
    )
    folder = plant({GATES: repeated})
    at = place(folder, GATES, "{id: too-many")
    assert any(f.path == at and f.expected.startswith("a gate that can apply") for f in faults_of(folder))


def test_the_small_and_the_shipped_pack_make_sense(small_pack_folder: Path, shipped_release: Release) -> None:
    loaded = pack.load(small_pack_folder)
    assert scrutiny.faults(loaded, compile_release(building.build(loaded))) == []
    assert [f for f in scrutiny.look(shipped_release) if f.exact] == []
    assert list(scrutiny.idle(pack.load(), shipped_release)) == []


# --- Against brute force ---------------------------------------------------------------------------------------------

EVERY: dict[str, list[Any]] = {
    "offline": [None, True, False],
    "stage": [None, "research", "production"],
    "deploy_targets": [None, ("server_cpu",), ("android",), ("browser",), ("none",), ("android", "browser"),
                       ("server_cpu", "android"), ("server_cpu", "browser"), ("server_cpu", "android", "browser")],
    "data_rows": [None, 0.0, 5.0, 10.0, 55.0, 100.0, 500.0],
    "alt.run.android": [None, 0, 1, 2, 3],
    "alt.has.kernels": [None, True, False],
    "alt.rows.max": [None, -1.0, 0.0, 5.0, 10.0, 55.0, 100.0, 700.0],
}  # fmt: skip
WHEN = [
    None, "offline", "not offline", "offline and not offline", '"android" in deploy_targets',
    "count(deploy_targets) > 1",
    'deploy_targets within ["android"]', "answered(deploy_targets)", "answered(offline) or not answered(offline)",
    'offline and "android" in deploy_targets', 'stage == "research"', "data_rows > 10", "data_rows > 10 or offline",
]  # fmt: skip
REQUIRES = [
    "alt.run.android >= 1", "alt.run.android >= 2", "alt.run.android >= 0", "alt.run.android > 3", "alt.has.kernels",
    "not alt.has.kernels", "alt.has.kernels or not alt.has.kernels", "alt.has.kernels and alt.run.android >= 2",
    "alt.has.kernels or alt.run.android >= 2", "data_rows <= alt.rows.max", "alt.has.kernels or offline",
    "alt.rows.max > 10", "alt.rows.max < 10", "offline", "alt.run.android >= 2 or not answered(offline)",
]  # fmt: skip


def everything(gates: list[Gate]) -> Iterator[Values]:
    conditions = [c for g in gates for c in (g.when, g.requires) if c]
    names = sorted({name for c in conditions for name in (*c.questions, *c.facts)})
    for chosen in product(*(EVERY[name] for name in names)):
        yield {name: value for name, value in zip(names, chosen, strict=True) if value is not None}


def outcome(one: Gate, values: Values) -> tuple[bool, bool, bool]:
    """(applies, passes, stops) of a gate for one project and one set of facts, by the record evaluator."""
    applies = one.when is None or one.when.evaluate(values) is True
    both = Both(values, values)
    met = one.requires.evaluate(both)  # type: ignore[arg-type]
    return applies, applies and met is True, applies and met is False


Told = set[tuple[str, str, str | None]]


def by_hand(gates: list[Gate]) -> Told:
    seen = {one.id: [outcome(one, values) for values in everything([one])] for one in gates}
    found = {(kind, one, None) for one, outcomes in seen.items() for kind in alone(outcomes)}
    stopping = [one for one in gates if any(stops for _, _, stops in seen[one.id])]
    return found.union(*(pair(one, other) for one, other in combinations(stopping, 2)))


def alone(seen: list[tuple[bool, bool, bool]]) -> Iterator[str]:
    applies, passes, stops = (any(column) for column in zip(*seen, strict=True))
    if not applies:
        yield "never-applies"
        return
    if not stops:
        yield "stops-nobody"
    elif not passes:
        yield "stops-everybody"


def pair(one: Gate, other: Gate) -> Told:
    """What holds of two gates, `other` the later one."""
    seen = [(outcome(one, values), outcome(other, values)) for values in everything([one, other])]
    found: Told = set()
    if all(a[2] for a, b in seen if b[2]):
        found.add(("shadowed", other.id, one.id))
    elif all(b[2] for a, b in seen if a[2]):
        found.add(("shadowed", one.id, other.id))
    both = [(a[1], b[1]) for a, b in seen if a[0] and b[0]]
    if any(a for a, _ in both) and any(b for _, b in both) and (True, True) not in both:
        found.add(("contradicting", other.id, one.id))
    return found


@settings(deadline=None)
@given(st.lists(st.tuples(st.sampled_from(WHEN), st.sampled_from(REQUIRES)), min_size=1, max_size=3))
def test_gates_are_judged_as_brute_force_judges_them(pairs: list[tuple[str | None, str]]) -> None:
    gates = [gate(f"g{i}", requires, when) for i, (when, requires) in enumerate(pairs)]
    release = compiled(document([alternative("a")], {"x": {}}, [rule("base", {"x": 1})], gates))
    found = scrutiny.look(release)
    assert all(each.exact for each in found)
    judged = list(release.roles["training"].gates)
    always = {g.id for g in judged if g.when and all(g.when.evaluate(v) for v in everything([g]))}
    assert {f.id for f in found if f.kind == "always-true"} == always
    assert {(f.kind, f.id, f.other) for f in found if f.kind != "always-true"} == by_hand(judged)


@pytest.mark.parametrize(
    ("roles", "effect", "kinds"),
    [
        ((["training"], ["training"]), "exclude", {"shadowed"}),
        ((["training"], ["training", "runtime"]), "exclude", {"shadowed"}),
        ((["training", "runtime"], ["training"]), "exclude", set()),
        ((["training"], ["runtime"]), "exclude", set()),
        ((["training"], ["training"]), "caution", set()),
    ],
)
def test_a_gate_is_shadowed_only_where_the_other_guards_too(
    roles: tuple[list[str], list[str]], effect: str, kinds: set[str]
) -> None:
    gates = [
        gate("one", "alt.run.android >= 1", "offline", roles=roles[0]),
        gate("other", "alt.run.android >= 2", "offline", roles=roles[1], effect=effect),
    ]
    release = compiled(document([alternative("a")], {"x": {}}, [rule("base", {"x": 1})], gates))
    assert {f.kind for f in scrutiny.look(release)} == kinds


@pytest.mark.parametrize(
    ("when", "requires", "kinds"),
    [
        ("offline and not answered(stage)", "alt.run.android >= 2", set()),
        ("offline", "alt.run.android >= 2 or answered(stage)", set()),
        ("offline", "false", {"shadowed", "stops-everybody"}),
    ],
)
def test_what_else_is_answered_counts_where_a_gate_asks_for_it(when: str, requires: str, kinds: set[str]) -> None:
    gates = [gate("one", "alt.run.android >= 1", "offline"), gate("other", requires, when)]
    release = compiled(document([alternative("a")], {"x": {}}, [rule("base", {"x": 1})], gates))
    assert {f.kind for f in scrutiny.look(release)} == kinds


def test_what_cannot_be_shown_for_all_cases_is_no_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    gates = [gate("never", "alt.has.kernels", "data_rows > 5 and data_rows < 5 and offline and team_size > 3")]
    release = compiled(document([alternative("a")], {"x": {}}, [rule("base", {"x": 1})], gates))
    assert [f.exact for f in scrutiny.look(release)] == [True]
    monkeypatch.setattr("rules.cases.MAX_ROWS", 20)
    assert [(f.kind, f.exact) for f in scrutiny.look(release)] == [("never-applies", False)]
