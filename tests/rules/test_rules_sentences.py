"""Conditions and facts as words for people."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules import conditions
from rules.conditions import Kind, labels, sentences
from rules.release import Release

NAMES = {
    "alt.run.android": Kind("level"),
    "alt.security": Kind("level"),
    "alt.python.max": Kind("version"),
    "alt.systems": Kind("set", ("linux", "windows")),
    "alt.ok": Kind("flag"),
    "alt.rows": Kind("number"),
    "rows": Kind("number"),
    "people": Kind("number"),
    "speed": Kind("number"),
    "python": Kind("version", ("3.9", "3.10"), ordered=True),
    "skill": Kind("one", ("beginner", "intermediate", "expert"), ordered=True),
    "offline": Kind("yes/no"),
    "systems": Kind("many", ("linux", "windows", "macos")),
    "hardware.os": Kind("one", ("linux", "windows")),
}
LABELS = {
    "alt.run.android": "Runs on Android",
    "alt.security": "Security fixes",
    "alt.security=2": "a stated policy",
    "alt.python.max": "Newest Python",
    "alt.systems": "Systems it runs on",
    "alt.ok": "It is fine",
    "alt.rows": "Most rows",
    "rows": "number of rows",
    "rows unit": "rows",
    "people": "team",
    "people unit": "people",
    "speed": "peak load",
    "speed unit": "1/s",
    "python": "oldest Python",
    "python=3.10": "Python 3.10",
    "skill": "skill of the team",
    "skill=beginner": "Beginner",
    "skill=intermediate": "Some years, or a course",
    "skill=expert": "Expert",
    "offline": "works offline",
    "systems": "target systems",
    "systems=linux": "Linux",
    "systems=windows": "Windows",
    "systems=macos": "macOS",
    "alt.systems=linux": "Linux",
    "hardware.os": "system of the machine",
}


@pytest.mark.parametrize(
    ("text", "values", "words"),
    [
        ("alt.run.android >= 2", {}, "Runs on Android: at least level 2 (official with limits)"),
        ("alt.run.android == 0", {}, "Runs on Android: level 0 (none)"),
        ("not alt.run.android == 0", {}, "Runs on Android: not level 0 (none)"),
        ("not alt.run.android >= 2", {}, "Runs on Android: below level 2 (official with limits)"),
        ("alt.security < 2", {}, "Security fixes: below level 2 (a stated policy)"),
        ("alt.security < 2.5", {}, "Security fixes: below level 2.5"),
        ("rows <= alt.rows", {"rows": 600.0}, "number of rows (600 rows) is at most the most rows"),
        ("rows <= alt.rows", {}, "number of rows is at most the most rows"),
        ("not rows <= alt.rows", {}, "number of rows is above the most rows"),
        ("rows >= 1e6", {}, "number of rows: at least 1,000,000 rows"),
        ("1000 > rows", {}, "number of rows: below 1,000 rows"),
        ("people == 1", {}, "team: 1 person"),
        ("people != 0.5", {}, "team: not 0.5 people"),
        ("speed < 20", {}, "peak load: below 20 per second"),
        ('python < "3.10"', {}, "oldest Python: below Python 3.10"),
        ("alt.python.max >= python", {"python": "3.10"}, "Newest Python is at least the oldest Python (Python 3.10)"),
        ('skill == "expert"', {}, "skill of the team: Expert"),
        ('skill != "expert"', {}, "skill of the team: not Expert"),
        ('not skill != "expert"', {}, "skill of the team: Expert"),
        ('skill < "expert"', {}, "skill of the team: Beginner or “Some years, or a course”"),
        ('"beginner" <= skill', {}, "skill of the team: Beginner, “Some years, or a course” or Expert"),
        ('skill > "expert"', {}, "skill of the team: none at all"),
        ('skill in ["beginner", "expert"]', {}, "skill of the team: Beginner or Expert"),
        ('not skill in ["beginner", "expert"]', {}, "skill of the team: neither Beginner nor Expert"),
        ("skill in []", {}, "skill of the team: none at all"),
        ("alt.ok", {}, "It is fine: yes"),
        ("not alt.ok", {}, "It is fine: no"),
        ("not not alt.ok", {}, "It is fine: yes"),
        ("alt.ok == false", {}, "It is fine: no"),
        ("not alt.ok == false", {}, "It is fine: yes"),
        ("offline == true", {"offline": True}, "works offline (yes): yes"),
        ("offline == alt.ok", {}, "works offline is the same as it is fine"),
        ("rows != alt.rows", {}, "number of rows is not the same as most rows"),
        ("true or not true", {}, "always or never"),
        ('"linux" in systems', {}, "target systems include Linux"),
        ('not ("linux" in systems)', {}, "target systems do not include Linux"),
        ("hardware.os in systems", {}, "target systems include system of the machine"),
        ('systems overlaps ["linux"]', {}, "target systems include Linux"),
        ('systems overlaps ["linux", "windows", "macos"]', {}, "target systems include Linux, Windows or macOS"),
        ('not systems overlaps ["linux", "windows"]', {}, "target systems include neither Linux nor Windows"),
        ('systems within ["linux", "macos"]', {}, "target systems include nothing but Linux and macOS"),
        ('not systems within ["linux"]', {}, "target systems include something other than Linux"),
        (
            "systems within alt.systems",
            {"systems": ("linux", "windows")},
            "everything in target systems (Linux, Windows) is also in systems it runs on",
        ),
        ("not systems within alt.systems", {}, "not everything in target systems is also in systems it runs on"),
        ("alt.systems overlaps systems", {}, "something in systems it runs on is also in target systems"),
        ("not (alt.systems overlaps systems)", {}, "nothing in systems it runs on is also in target systems"),
        ("answered(rows)", {}, "number of rows: answered"),
        ("not answered(rows)", {}, "number of rows: not answered"),
        ("answered(alt.rows)", {}, "Most rows: on file"),
        ("not answered(hardware.os)", {}, "system of the machine: not known"),
        ("count(systems) > 1", {}, "number of target systems: at least 2"),
        ("count(systems) != 2", {}, "number of target systems: not 2"),
        ("not count(systems) > 1", {}, "number of target systems: at most 1"),
        (
            "rows > 3 and rows < 9",
            {"rows": 5.0},
            "number of rows (5 rows): above 3 rows and number of rows: below 9 rows",
        ),
        (
            "alt.ok or rows > 3 and offline",
            {},
            "It is fine: yes or (number of rows: above 3 rows and works offline: yes)",
        ),
        (
            "alt.ok or (rows > 3 or offline)",
            {},
            "It is fine: yes or number of rows: above 3 rows or works offline: yes",
        ),
        ("not (alt.ok or rows > 3)", {}, "It is fine: no and number of rows: at most 3 rows"),
        (
            "not (alt.ok and (offline or rows > 3))",
            {},
            "It is fine: no or (works offline: no and number of rows: at most 3 rows)",
        ),
        (
            'alt.ok and systems overlaps ["linux", "macos"]',
            {},
            "It is fine: yes, and target systems include Linux or macOS",
        ),
        (
            '"linux" in systems or alt.ok or "macos" in systems',
            {},
            "target systems include Linux or macOS, or It is fine: yes",
        ),
        (
            '"linux" in systems and "macos" in systems',
            {},
            "target systems include Linux and target systems include macOS",
        ),
        ('skill == "expert" or skill == "beginner"', {}, "skill of the team: Expert or Beginner"),
        ('not (skill == "expert" or skill == "beginner")', {}, "skill of the team: neither Expert nor Beginner"),
        ("unheard_of > 3", {}, "unheard_of: above 3"),
    ],
)
def test_a_condition_in_words(text: str, values: dict[str, object], words: str) -> None:
    assert sentences.sentence(conditions.parse(text), NAMES, LABELS, values) == words


ATOMS = st.sampled_from(["alt.ok", "offline", "rows > 3", 'skill == "expert"', "answered(rows)", '"linux" in systems'])
TREES = st.recursive(
    ATOMS,
    lambda inner: st.one_of(
        st.builds("not ({})".format, inner),
        st.builds("({}) and ({})".format, inner, inner),
        st.builds("({}) or ({}) or ({})".format, inner, inner, inner),
    ),
    max_leaves=6,
)
SAID = {
    "It is fine: yes": "alt.ok",
    "It is fine: no": "(not alt.ok)",
    "works offline: yes": "offline",
    "works offline: no": "(not offline)",
    "number of rows: above 3 rows": "rows > 3",
    "number of rows: at most 3 rows": "rows <= 3",
    "number of rows: answered": "answered(rows)",
    "number of rows: not answered": "(not answered(rows))",
    "skill of the team: Expert": 'skill == "expert"',
    "skill of the team: not Expert": 'skill != "expert"',
    "target systems include Linux": '"linux" in systems',
    "target systems do not include Linux": '(not ("linux" in systems))',
}
VALUES = st.fixed_dictionaries(
    {},
    optional={
        "alt.ok": st.booleans(),
        "offline": st.booleans(),
        "rows": st.sampled_from([1.0, 3.0, 4.0]),
        "skill": st.sampled_from(["beginner", "expert"]),
        "systems": st.sampled_from([("linux",), ("macos",)]),
    },
)


@settings(max_examples=150, deadline=None, database=None)
@given(TREES, VALUES)
def test_a_sentence_says_what_the_condition_says(text: str, values: dict[str, object]) -> None:
    """The words read back as a condition, sentence by sentence, are true, false and unknown together with it."""
    node = conditions.parse(text)
    said = sentences.sentence(node, NAMES, LABELS, {})
    again = re.sub("|".join(sorted(map(re.escape, SAID), key=len, reverse=True)), lambda m: SAID[m[0]], said)
    back = conditions.parse(again)
    assert conditions.compile_record(back, NAMES)(values) is conditions.compile_record(node, NAMES)(values), said


@settings(max_examples=100, deadline=None, database=None)
@given(TREES)
def test_and_never_stands_beside_or_without_parentheses(text: str) -> None:
    said = sentences.sentence(conditions.parse(text), NAMES, LABELS, {})
    while "(" in said:
        inner = re.findall(r"\(([^()]*)\)", said)
        assert not any(" and " in part and " or " in part for part in inner), said
        said = re.sub(r"\([^()]*\)", "…", said)
    assert not (" and " in said and " or " in said), said


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (True, "yes"),
        (False, "no"),
        (3.0, "3"),
        (0.5, "0.5"),
        (("a", "b"), "a, b"),
        ((), "nothing"),
        ([True, 2.0], "yes, 2"),
        ("text", "text"),
    ],
)
def test_a_value_in_words(value: object, words: str) -> None:
    assert sentences.plain(value) == words


def test_what_was_found_names_every_fact_the_unknown_too() -> None:
    facts = ("alt.run.android", "alt.security", "alt.python.max", "alt.ok", "alt.systems")
    values = {"alt.run.android": 1, "alt.security": 2, "alt.ok": False, "alt.systems": ("linux", "windows")}
    assert sentences.found(facts, NAMES, LABELS, values) == (
        "Runs on Android: level 1 (third-party, experimental or frozen); Security fixes: level 2 (a stated policy); "
        "Newest Python: unknown; It is fine: no; Systems it runs on: Linux, windows"
    )


# --- The shipped pack ------------------------------------------------------------------------------------------------


def test_every_name_and_option_of_the_shipped_pack_has_words(shipped_release: Release) -> None:
    """Every question has a label of its own, and no two names of a kind are called the same."""
    called = shipped_release.labels
    for question in shipped_release.questionnaire.questions.values():
        assert question.label, question.id
        assert not question.label.endswith((".", "?"))
    for name, kind in shipped_release.names.items():
        assert called.get(name), name
        for option in kind.options:
            assert called.get(f"{name}={option}") or name in ("alt.lifecycle", "alt.governance"), (name, option)
    words = [words for name, words in called.items() if "=" not in name and not name.endswith(" unit")]
    assert len(set(words)) == len(words)


def test_no_condition_of_the_shipped_pack_is_said_with_an_id(shipped_release: Release) -> None:
    names, called = shipped_release.names, shipped_release.labels
    for role in shipped_release.roles.values():
        looked_at = [rule.when for rule in role.rules] + [c for g in role.gates for c in (g.when, g.requires)]
        for condition in (c for c in looked_at if c):
            said = sentences.sentence(condition.node, names, called, {})
            assert "_" not in said, said
            assert "alt." not in said, said


def test_a_few_gates_of_the_shipped_pack(shipped_release: Release) -> None:
    gates = {gate.id: gate for role in shipped_release.roles.values() for gate in role.gates}

    def said(condition: object) -> str:
        assert condition is not None
        return sentences.sentence(condition.node, shipped_release.names, shipped_release.labels, {})  # type: ignore[attr-defined]

    assert said(gates["archived"].requires) == "Lifecycle: deprecated, maintenance or active"
    supported = next(g for g in gates.values() if "security_support" in g.requires.text)
    assert said(supported.requires) == "Security fixes: at least level 2 (stated policy or prompt releases)"
    assert supported.when is not None
    large = next(g for g in gates.values() if g.requires.text == "alt.runtime_mb < artifact_mb")
    assert said(large.requires) == (
        "Size of the smallest official runtime that an application ships is below the size limit of model and runtime"
    )


def test_a_fact_with_levels_of_its_own_is_taken_apart() -> None:
    document = {
        "questionnaire": {"questions": []},
        "alternatives": [],
        "capabilities": [
            {"id": "fixes", "text": "Fixes: 0 none, 1 some, 2 most, 3 all.", "options_of": None, "unit": None},
            {"id": "mb", "text": "Size, 0 for none.", "options_of": None, "unit": "MB"},
        ],
    }
    table = labels.table(document)
    assert [table[f"alt.fixes{end}"] for end in ("", "=0", "=1", "=2", "=3")] == [
        "Fixes",
        "none",
        "some",
        "most",
        "all",
    ]
    assert (table["alt.mb"], table["alt.mb unit"]) == ("Size, 0 for none", "MB")
