"""The condition language: truth tables, a slow second evaluator, positions of mistakes, bounds and hostile text."""

from collections.abc import Mapping
from itertools import product

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from rules import conditions
from rules.conditions import Call, Compare, Junction, Kind, Literal, Name, Node, Not, Truth
from rules.faults import Fault, InvalidInput

QUIET = settings(max_examples=60, deadline=None, database=None)
SKILLS = ("beginner", "intermediate", "expert")
VOCABULARY: dict[str, Kind] = {
    "offline": Kind("yes/no"),
    "regulated": Kind("yes/no"),
    "size": Kind("number"),
    "rows": Kind("number"),
    "skill": Kind("one", SKILLS, ordered=True),
    "users": Kind("one", SKILLS, ordered=True),
    "horizon": Kind("one", ("short", "long"), ordered=True),
    "stage": Kind("one", ("research", "production")),
    "targets": Kind("many", ("android", "ios", "browser")),
    "wishes": Kind("ranked", ("speed", "ease", "cost")),
    "python": Kind("version", ("3.9", "3.10", "3.11"), ordered=True),
    "alt.run.android": Kind("level"),
    "alt.python.max": Kind("version"),
    "alt.reaches": Kind("set", ("android", "ios", "browser")),
    "alt.ok": Kind("flag"),
    "hardware.memory_gb": Kind("number"),
}


def compiled(text: str) -> conditions.Evaluate:
    node = conditions.parse(text)
    assert conditions.check(text, node, VOCABULARY) == []
    return conditions.compile_record(node, VOCABULARY)


def faults_of(text: str) -> list[Fault]:
    """Every fault of a text, from whichever stage finds it."""
    try:
        return conditions.check(text, conditions.parse(text), VOCABULARY)
    except InvalidInput as invalid:
        return list(invalid.faults)


# --- Truth -----------------------------------------------------------------------------------------------------------

TRUTHS: tuple[Truth, ...] = (True, False, None)
AND = {(True, True): True, (True, None): None, (None, True): None, (None, None): None}
OR = {(False, False): False, (False, None): None, (None, False): None, (None, None): None}


def known(**values: object) -> dict[str, object]:
    return {name.replace("__", "."): value for name, value in values.items() if value is not None}


@pytest.mark.parametrize(("a", "b"), list(product(TRUTHS, repeat=2)))
def test_and_or_and_not_follow_strong_kleene_logic(a: Truth, b: Truth) -> None:
    values = known(offline=a, alt__ok=b)
    assert compiled("offline and alt.ok")(values) is AND.get((a, b), False)
    assert compiled("offline or alt.ok")(values) is OR.get((a, b), True)
    assert compiled("not offline")(values) is (None if a is None else not a)


@pytest.mark.parametrize(("a", "b", "c"), list(product(TRUTHS, repeat=3)))
def test_junctions_of_three_do_not_depend_on_order_or_grouping(a: Truth, b: Truth, c: Truth) -> None:
    values = known(offline=a, alt__ok=b, regulated=c)
    for word in ("and", "or"):
        flat = compiled(f"offline {word} alt.ok {word} regulated")(values)
        assert flat is compiled(f"(offline {word} alt.ok) {word} regulated")(values)
        assert flat is compiled(f"regulated {word} (alt.ok {word} offline)")(values)


@pytest.mark.parametrize(
    ("text", "values", "truth"),
    [
        ("true", {}, True),
        ("false", {}, False),
        ("offline or not regulated and alt.ok", known(offline=True, regulated=True, alt__ok=False), True),
        ("(offline or not regulated) and alt.ok", known(offline=True, regulated=True, alt__ok=False), False),
        ("not offline == true", known(offline=False), True),
        ("not not offline", known(offline=False), False),
        ("offline == regulated", known(offline=False, regulated=False), True),
        ("offline != alt.ok", known(offline=False, alt__ok=True), True),
        ("offline == false", {}, None),
        ("size > 10", known(size=10.0), False),
        ("size >= 10", known(size=10.0), True),
        ("size < 1e3", known(size=999.5), True),
        ("size <= 0.5", known(size=0.5), True),
        ("10 < size", known(size=10.0), False),
        ("size == 3", known(size=3.0), True),
        ("size != 3", known(size=3.0), False),
        ("size == rows", known(size=0.0, rows=0.0), True),
        ("size > 0", known(size=0.0), False),
        ("size > 0", {}, None),
        ("size > rows", known(size=1.0), None),
        ("size == size", {}, None),
        ("alt.run.android >= 2", known(alt__run__android=2), True),
        ("alt.run.android >= 2", known(alt__run__android=0), False),
        ("alt.run.android < size", known(alt__run__android=1, size=1.5), True),
        ('skill == "expert"', known(skill="expert"), True),
        ('skill != "expert"', known(skill="beginner"), True),
        ('skill < "expert"', known(skill="intermediate"), True),
        ('skill >= "intermediate"', known(skill="beginner"), False),
        ('"intermediate" < skill', known(skill="expert"), True),
        ("skill > users", known(skill="expert", users="beginner"), True),
        ("skill <= users", known(skill="expert", users="beginner"), False),
        ('skill in ["beginner", "expert"]', known(skill="expert"), True),
        ('skill in ["beginner", "expert"]', known(skill="intermediate"), False),
        ('skill in ["beginner"]', {}, None),
        ("skill in []", known(skill="beginner"), False),
        ('"android" in targets', known(targets=("ios", "android")), True),
        ('"android" in targets', known(targets=("ios",)), False),
        ('"android" in targets', {}, None),
        ('not ("android" in targets)', known(targets=("ios",)), True),
        ('targets overlaps ["ios", "browser"]', known(targets=("android", "browser")), True),
        ('targets overlaps ["ios", "browser"]', known(targets=("android",)), False),
        ('targets within ["ios", "browser"]', known(targets=("ios",)), True),
        ('targets within ["ios", "browser"]', known(targets=("ios", "android")), False),
        ("targets within alt.reaches", known(targets=("ios",), alt__reaches=("ios", "browser")), True),
        ("targets within alt.reaches", known(targets=("ios",), alt__reaches=()), False),
        ("alt.reaches within targets", known(targets=("ios",), alt__reaches=()), False),
        ('targets within ["ios", "browser"]', known(targets=()), False),
        ('not (targets within ["ios"])', known(targets=()), True),
        ("targets within alt.reaches", known(targets=(), alt__reaches=("ios",)), False),
        ('"android" in targets', known(targets=()), False),
        ('targets overlaps ["ios", "browser"]', known(targets=()), False),
        ("count(targets) == 0", known(targets=()), True),
        ("answered(targets)", known(targets=()), True),
        ("alt.reaches overlaps targets", known(targets=("ios",), alt__reaches=()), False),
        ("targets overlaps alt.reaches", known(targets=("ios",)), None),
        ('"ease" in wishes', known(wishes=("cost", "ease")), True),
        ("count(wishes) >= 2", known(wishes=("cost", "ease")), True),
        ("count(targets) == 0", {}, None),
        ("answered(targets)", {}, False),
        ("answered(targets)", known(targets=("ios",)), True),
        ("answered(offline)", known(offline=False), True),
        ("answered(size)", known(size=0.0), True),
        ("not answered(alt.python.max)", {}, True),
        ('python < "3.10"', known(python="3.9"), True),
        ('python > "3.9"', known(python="3.10"), True),
        ('python == "3.10"', known(python="3.10"), True),
        ("python <= alt.python.max", known(python="3.9", alt__python__max="3.14"), True),
        ("python <= alt.python.max", known(python="3.11", alt__python__max="3.10.9"), False),
        ("python <= alt.python.max", known(python="3.9"), None),
        ("offline\n  or\n\tregulated", known(regulated=True), True),
        ("hardware.memory_gb < 16 or offline", known(offline=True), True),
    ],
)
def test_a_condition_is_as_true_as_its_table_says(text: str, values: Mapping[str, object], truth: Truth) -> None:
    assert compiled(text)(values) is truth


# --- A slow second evaluator -----------------------------------------------------------------------------------------

UNKNOWN = 0.5


def _slow(node: Node, values: Mapping[str, object]) -> float:
    """Kleene's logic as arithmetic: false 0, unknown 1/2, true 1; and is the minimum, or the maximum."""
    match node:
        case Junction("and", operands):
            return min(_slow(each, values) for each in operands)
        case Junction(_, operands):
            return max(_slow(each, values) for each in operands)
        case Not(operand):
            return 1 - _slow(operand, values)
        case Compare(operator, left, right):
            return _slow_comparison(operator, left, right, values)
        case _:
            value = _slow_value(node, values)
            return UNKNOWN if value is None else float(bool(value))


def _slow_value(node: Node, values: Mapping[str, object]) -> object:
    if isinstance(node, Literal):
        return node.value
    if isinstance(node, Name):
        return values.get(node.name)
    assert isinstance(node, Call)
    inner = values.get(node.argument.name)
    if node.function == "answered":
        return node.argument.name in values
    return None if inner is None else len(list(inner))  # type: ignore[call-overload]


def _slow_comparison(operator: str, left: Node, right: Node, values: Mapping[str, object]) -> float:
    a, b = _slow_value(left, values), _slow_value(right, values)
    if a is None or b is None:
        return UNKNOWN
    sides = [VOCABULARY[side.name] for side in (left, right) if isinstance(side, Name)]
    if operator in ("in", "overlaps", "within"):
        group = set(b)  # type: ignore[call-overload]
        members = {a} if operator == "in" else set(a)  # type: ignore[call-overload]
        inside = bool(members) and members <= group  # nothing lies nowhere
        return float(bool(members & group) if operator == "overlaps" else inside)
    if any(kind.sort == "version" for kind in sides):
        a, b = ([int(part) for part in str(side).split(".")] for side in (a, b))
    elif operator not in ("==", "!=") and any(kind.sort == "one" for kind in sides):
        a, b = (sides[0].options.index(str(side)) for side in (a, b))
    order = 0 if a == b else -1 if a < b else 1  # type: ignore[operator]
    allowed = {"==": (0,), "!=": (-1, 1), "<": (-1,), "<=": (-1, 0), ">": (1,), ">=": (0, 1)}
    if isinstance(a, str | bool) or isinstance(b, str | bool):
        return float((a == b) is (operator == "=="))
    return float(order in allowed[operator])


NUMBERS = st.sampled_from(["0", "1", "2", "2.5", "100", "1e3"])
ORDERS = st.sampled_from(["==", "!=", "<", "<=", ">", ">="])
SIDES = st.sampled_from(["size", "rows", "alt.run.android", "hardware.memory_gb", "count(targets)", "count(wishes)"])
TARGETS = st.lists(st.sampled_from(["android", "ios", "browser"]), max_size=3)


def _listed(items: list[str]) -> str:
    return "[" + ", ".join(f'"{item}"' for item in items) + "]"


ATOMS = st.one_of(
    st.sampled_from(["offline", "regulated", "alt.ok", "true", "false", "answered(size)", "answered(alt.reaches)"]),
    st.builds("{} {} {}".format, SIDES, ORDERS, st.one_of(NUMBERS, SIDES)),
    st.builds("{} {} {}".format, NUMBERS, ORDERS, SIDES),
    st.builds('skill {} "{}"'.format, ORDERS, st.sampled_from(SKILLS)),
    st.builds("users {} skill".format, ORDERS),
    st.builds('stage {} "{}"'.format, st.sampled_from(["==", "!="]), st.sampled_from(["research", "production"])),
    st.builds('python {} "{}"'.format, ORDERS, st.sampled_from(["3.9", "3.10", "3.11"])),
    st.builds("alt.python.max {} python".format, ORDERS),
    st.builds("alt.ok {} offline".format, st.sampled_from(["==", "!="])),
    st.builds('"{}" in {}'.format, st.sampled_from(["ios", "browser"]), st.sampled_from(["targets", "alt.reaches"])),
    st.builds("skill in {}".format, st.lists(st.sampled_from(SKILLS), max_size=2).map(_listed)),
    st.builds(
        "{} {} {}".format,
        st.sampled_from(["targets", "alt.reaches"]),
        st.sampled_from(["overlaps", "within"]),
        st.one_of(TARGETS.map(_listed), st.just("targets")),
    ),
)
TEXTS = st.recursive(
    ATOMS,
    lambda inner: st.one_of(
        st.builds("not {}".format, inner.map("({})".format)),
        st.builds("{} and {}".format, inner, inner),
        st.builds("{} or {}".format, inner, inner),
        st.builds("({} or {}) and {}".format, inner, inner, inner),
    ),
    max_leaves=8,
)
VALUES = st.fixed_dictionaries(
    {},
    optional={
        "offline": st.booleans(),
        "regulated": st.booleans(),
        "alt.ok": st.booleans(),
        "size": st.sampled_from([0.0, 1.0, 2.5, 1000.0]),
        "rows": st.sampled_from([0.0, 1.0, 100.0]),
        "hardware.memory_gb": st.sampled_from([1.0, 2.5]),
        "alt.run.android": st.integers(0, 3),
        "skill": st.sampled_from(SKILLS),
        "users": st.sampled_from(SKILLS),
        "stage": st.sampled_from(["research", "production"]),
        "python": st.sampled_from(["3.9", "3.10", "3.11"]),
        "alt.python.max": st.sampled_from(["3.9", "3.10.4", "3.14"]),
        "targets": TARGETS.filter(bool).map(tuple),
        "alt.reaches": TARGETS.map(tuple),
        "wishes": st.permutations(["speed", "ease", "cost"]).map(tuple),
    },
)


@settings(QUIET, max_examples=200)
@given(TEXTS, VALUES)
def test_the_compiled_condition_agrees_with_a_slow_evaluator(text: str, values: dict[str, object]) -> None:
    slow = {0.0: False, UNKNOWN: None, 1.0: True}[_slow(conditions.parse(text), values)]
    assert compiled(text)(values) is slow


@QUIET
@given(TEXTS, VALUES, st.data())
def test_learning_an_answer_never_overturns_what_was_already_true_or_false(
    text: str, values: dict[str, object], data: st.DataObject
) -> None:
    holds = compiled(text)
    mentioned = conditions.names(conditions.parse(text)) & values.keys()
    asked = {call.argument.name for call in conditions.walk(conditions.parse(text)) if isinstance(call, Call)}
    if "answered" in text or not mentioned:
        return  # `answered` is about knowing itself
    hidden = data.draw(st.sampled_from(sorted(mentioned)))
    before = holds({name: value for name, value in values.items() if name != hidden})
    assert before is None or before is holds(values), (hidden, asked)


# --- Mistakes --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "place", "nearest"),
    [
        ("ofline", "1:1", "offline"),
        ("offline and\n  regulatd", "2:3", "regulated"),
        ("alt.run.andriod >= 2", "1:1", "alt.run.android"),
        ('skill == "expret"', "1:10", "expert"),
        ('"androd" in targets', "1:1", "android"),
        ('targets within ["ios", "brwser"]', "1:24", "browser"),
        ("answered(sise)", "1:10", "size"),
        ("count(offline) > 0", "1:7", None),
        ("size", "1:1", None),
        ('"text"', "1:1", None),
        ("size > ", "1:7", None),
        ("size >> 3", "1:7", None),
        ("size = 3", "1:6", None),
        ("size > 3 3", "1:10", None),
        ("(offline", "1:9", None),
        ("offline)", "1:8", None),
        ("offline or", "1:11", None),
        ("and offline", "1:1", None),
        ("", "1:1", None),
        ("   ", "1:1", None),
        ('skill == "expert', "1:10", None),
        ('targets within ["ios" "browser"]', "1:23", None),
        ("targets within [ios]", "1:17", None),
        ("targets within [3]", "1:17", None),
        ("answered(not)", "1:10", None),
        ("answered offline", "1:10", None),
        ('skill > "beginner" < 3', "1:20", None),
        ("(offline and regulated) == true", "1:2", None),
        ("size == offline", "1:6", None),
        ("size > skill", "1:6", None),
        ('stage < "production"', "1:7", None),
        ("offline < true", "1:9", None),
        ('targets == "ios"', "1:9", None),
        ("size in targets", "1:6", None),
        ("targets in targets", "1:9", None),
        ("skill overlaps targets", "1:7", None),
        ('python >= "three"', "1:11", None),
        ('"a" == "b"', "1:5", None),
        ("offline ; regulated", "1:9", None),
    ],
)
def test_a_mistake_is_shown_at_its_line_and_column_with_the_nearest_name(
    text: str, place: str, nearest: str | None
) -> None:
    fault = faults_of(text)[0]
    assert (fault.path, fault.nearest) == (place, nearest)


def test_every_type_fault_of_a_condition_is_listed_at_once() -> None:
    faults = faults_of('ofline and\nskill == "novice" and\nsize > stage')
    assert [fault.path for fault in faults] == ["1:1", "2:10", "3:6"]


@pytest.mark.parametrize("operator", ["<", "<=", ">", ">="])
def test_two_different_scales_cannot_be_ordered(operator: str) -> None:
    """A condition that passes the check is total; there is no order between an option of one scale and of another."""
    assert [fault.path for fault in faults_of(f"skill {operator} horizon")] == ["1:7"]


@pytest.mark.parametrize("number", ["1e999", "9" * 400])
def test_a_number_beyond_floating_point_is_refused(number: str) -> None:
    assert [fault.path for fault in faults_of(f"size < {number}")] == ["1:8"]


@pytest.mark.parametrize("text", ["²", "3.²", "½"])
def test_a_version_of_odd_digits_is_a_fault_or_a_version_never_a_crash(text: str) -> None:
    for fault in faults_of(f'alt.python.max >= "{text}"'):
        assert fault.path == "1:19"


# --- Bounds ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "offline or " * 182 + "offline",
        "x" * (conditions.MAX_CHARACTERS + 1),
        " " * (conditions.MAX_CHARACTERS + 1),
        "(" * 1000,
        ")" * 1000,
        "[" * 1000,
        "(" * 900 + "offline" + ")" * 900,
        "(" * (conditions.MAX_DEPTH + 1) + "offline" + ")" * (conditions.MAX_DEPTH + 1),
        "not " * 390 + "offline",
        "not " * (conditions.MAX_DEPTH + 1) + "offline",
        "not (" * 100 + "offline" + ")" * 100,
        "not (not (" * conditions.MAX_DEPTH + "offline" + "))" * conditions.MAX_DEPTH,
        "size == " * 240 + "3",
        "targets within [" + '"ios", ' * 280,
        "( not " * 300,
        "answered(" * 200,
        "\n" * 3000,
    ],
)
def test_what_is_too_long_too_deep_or_too_many_is_refused_with_a_fault(text: str) -> None:
    with pytest.raises(InvalidInput):
        conditions.parse(text)


def test_what_just_fits_is_accepted_and_evaluated() -> None:
    depth = conditions.MAX_DEPTH - 1
    assert compiled("(" * depth + "offline" + ")" * depth)(known(offline=True)) is True
    assert compiled("not " * conditions.MAX_DEPTH + "offline")(known(offline=False)) is False
    side_by_side = " and ".join(["not offline"] * (conditions.MAX_DEPTH + 9))
    assert compiled(side_by_side)(known(offline=False)) is True
    wide = " or ".join(["true"] * (conditions.MAX_TOKENS // 2))
    assert compiled(wide)({}) is True


# --- Hostile text ----------------------------------------------------------------------------------------------------

HOSTILE = (
    '__import__("os").system("true")',
    "offline.__class__",
    "offline.__class__.__bases__ == true",
    "().__class__",
    "[x for x in targets]",
    "lambda: offline",
    "eval(offline)",
    "exec(offline)",
    "getattr(offline)",
    "answered(offline).__class__",
    "answered(__import__)",
    "count(targets.__len__) > 0",
    'open("/etc/passwd")',
    "offline if offline else offline",
    "size ** 2 > 1",
    "size + 1 > 1",
    'f"{offline}"',
    "'single'",
    "offline; import os",
    "offline # comment",
    "targets[0] == true",
    "\\u006fffline",
    "offl\u0456ne",
    "offline\x00",
    '"\ud800" in targets',
)


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_of_python_can_be_said(text: str) -> None:
    assert faults_of(text)


WORDS = st.sampled_from(
    [
        *VOCABULARY,
        "and",
        "or",
        "not",
        "in",
        "overlaps",
        "within",
        "true",
        "false",
        "answered",
        "count",
        "(",
        ")",
        "[",
        "]",
        ",",
        "==",
        "!=",
        "<",
        "<=",
        ">",
        ">=",
        '"ios"',
        '"3.9"',
        "3",
        "1e9",
        "0.5",
        '"',
        "=",
        "!",
        ".",
        "\n",
        "__class__",
    ]
)


@settings(QUIET, max_examples=200)
@given(
    st.one_of(
        st.text(max_size=80), st.lists(WORDS, max_size=25).map(" ".join), st.lists(WORDS, max_size=25).map("".join)
    )
)
@example("3.")
@example("1e")
@example('"\n"')
@example("\u0663 < size")
def test_random_text_is_understood_or_refused_with_a_place_inside_it(text: str) -> None:
    lines = text.count("\n") + 1
    faults = faults_of(text)
    for fault in faults:
        line, column = (int(part) for part in fault.path.split(":"))
        assert 1 <= line <= lines
        assert 1 <= column <= len(text) + 1
    assert faults or compiled(text)({}) in TRUTHS
