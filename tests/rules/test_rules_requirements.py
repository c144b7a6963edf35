"""Answers become requirements, or every fault of them is listed."""

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules import requirements
from rules.faults import Fault, InvalidInput
from rules.release import Release, compile_release
from rules.requirements import Questionnaire, Requirements
from tests.rules.builders import QUESTIONS, alternative, document, question, rule

QUIET = settings(max_examples=60, deadline=None, database=None)


def questionnaire(*questions: dict[str, Any], contradictions: tuple[dict[str, str], ...] = ()) -> Questionnaire:
    source = document(
        [alternative("pytorch"), alternative("jax"), alternative("keras")],
        {"c": {}},
        [rule("base", {"c": 1})],
        questions=questions or QUESTIONS,
        contradictions=list(contradictions),
    )
    return compile_release(source).questionnaire


ASKED = questionnaire(
    contradictions=(
        {"id": "rows-offline", "when": "data_rows > 500 and offline", "text": "Too many rows for offline work."},
        {"id": "research-expert", "when": 'stage == "research" and team_size == 1', "text": "Nobody researches alone."},
    )
)


def parsed(**answers: object) -> Requirements:
    return requirements.parse(answers, ASKED)


def faults_in(answers: object, asked: Questionnaire) -> list[Fault]:
    """The faults of answers, none when they are understood."""
    try:
        requirements.parse(answers, asked)
    except InvalidInput as invalid:
        return list(invalid.faults)
    return []


def faults_of(answers: object, asked: Questionnaire = ASKED) -> list[Fault]:
    found = faults_in(answers, asked)
    assert found
    return found


# --- What is understood ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "given_answer", "understood"),
    [
        ("offline", True, True),
        ("offline", False, False),
        ("offline", "yes", True),
        ("offline", "no", False),
        ("data_rows", 0, 0.0),
        ("data_rows", 1000, 1000.0),
        ("data_rows", 12.5, 12.5),
        ("stage", "production", "production"),
        ("python_version", "3.10", "3.10"),
        ("python_version", 3.11, "3.11"),
        ("python_version", 3.9, "3.9"),
        ("train_os", ["windows"], ("windows",)),
        ("train_os", "windows", ("windows",)),
        ("train_os", ("windows", "linux"), ("linux", "windows")),
        ("train_os", ["macos", "windows", "linux"], ("linux", "windows", "macos")),
        ("train_os", ["linux", "linux"], ("linux",)),
        ("deploy_targets", ["none"], ("none",)),
        ("deploy_targets", "none", ("none",)),
        ("priorities", ["speed", "accuracy"], ("speed", "accuracy")),
        ("priorities", "cost", ("cost",)),
        ("known_frameworks", ["pytorch", "jax"], ("pytorch", "jax")),
        ("known_frameworks", ["jax", "pytorch"], ("pytorch", "jax")),
        ("considering", "jax", ("jax",)),
        ("considering", ["keras@3.12", "jax"], ("jax", "keras")),
    ],
)
def test_an_answer_is_understood_in_its_canonical_form(name: str, given_answer: object, understood: object) -> None:
    value = parsed(**{name: given_answer}).values
    assert dict(value) == {name: understood}
    assert type(value[name]) is type(understood)


@pytest.mark.parametrize("name", [q["id"] for q in QUESTIONS])
def test_null_is_unknown_not_no(name: str) -> None:
    assert replace(parsed(**{name: None}), not_known=()) == parsed()
    assert parsed().values == {}


@pytest.mark.parametrize("name", [q["id"] for q in QUESTIONS])
def test_null_says_that_it_was_asked_and_is_not_known(name: str) -> None:
    assert parsed(**{name: None}).not_known == (name,)
    assert parsed().not_known == ()
    assert name not in parsed(**{name: None}).document()


@pytest.mark.parametrize("nothing", [[], ()])
@pytest.mark.parametrize("asked", QUESTIONS, ids=lambda q: str(q["id"]))
def test_an_empty_list_is_none_of_these_where_a_list_is_asked_for(asked: dict[str, Any], nothing: object) -> None:
    name, options = asked["id"], [option["id"] for option in asked["options"]]
    if asked["kind"] not in requirements.MANY:
        assert [f.path for f in faults_of({name: nothing})] == [f"answers.{name}"]
        return
    found = parsed(**{name: nothing})
    said = next(((o,) for o in options if o in requirements.NONE_OF_THESE), ())
    assert dict(found.values) == {name: said}
    assert found.document() == {name: list(said)}
    assert parsed(**found.document()) == found


def test_an_option_that_says_none_of_these_is_what_an_empty_list_means() -> None:
    assert parsed(train_hardware=[]) == parsed(train_hardware=["none"])
    asked = questionnaire(question("chips", "many", ["x86", "other"]), question("os", "many", ["linux"]))
    assert dict(requirements.parse({"chips": [], "os": []}, asked).values) == {"chips": ("other",), "os": ()}
    assert [requirements.can_be_none(q) for q in asked.questions.values()] == [False, True]


def test_a_version_asked_for_is_kept_beside_the_name_and_joined_on_again() -> None:
    found = parsed(considering=["pytorch@2.14+cu126", "jax"])
    assert found.versions == {"pytorch": "2.14+cu126"}
    assert found.document()["considering"] == ["pytorch@2.14+cu126", "jax"]


def test_only_considering_takes_a_version() -> None:
    assert [f.path for f in faults_of({"known_frameworks": ["pytorch@2.14"]})] == ["answers.known_frameworks[0]"]


def test_minus_zero_is_zero_in_the_document() -> None:
    """Equal answers must give equal bytes, or the same project gets two passports."""
    assert json.dumps(parsed(data_rows=-0.0).document()) == json.dumps(parsed(data_rows=0).document())


# --- What is refused -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answers", "path", "nearest"),
    [
        ({"stagee": "production"}, "answers", "stage"),
        ({"Team-Size": 3}, "answers", "team_size"),
        ({"zzzz": 3}, "answers", None),
        ({3: 3}, "answers", None),
        ({"offline": "maybe"}, "answers.offline", None),
        ({"offline": 1}, "answers.offline", None),
        ({"offline": 0}, "answers.offline", None),
        ({"offline": [True]}, "answers.offline", None),
        ({"offline": {}}, "answers.offline", None),
        ({"data_rows": True}, "answers.data_rows", None),
        ({"data_rows": "12"}, "answers.data_rows", None),
        ({"data_rows": float("nan")}, "answers.data_rows", None),
        ({"data_rows": float("inf")}, "answers.data_rows", None),
        ({"data_rows": float("-inf")}, "answers.data_rows", None),
        ({"data_rows": 10**400}, "answers.data_rows", None),
        ({"data_rows": 10**5000}, "answers.data_rows", None),
        ({"data_rows": -(10**5000)}, "answers.data_rows", None),
        ({"data_rows": -1}, "answers.data_rows", None),
        ({"data_rows": 1000.0001}, "answers.data_rows", None),
        ({"data_rows": [1]}, "answers.data_rows", None),
        ({"team_size": 0}, "answers.team_size", None),
        ({"stage": "prodction"}, "answers.stage", "production"),
        ({"stage": ["production"]}, "answers.stage", None),
        ({"stage": True}, "answers.stage", None),
        ({"stage": ""}, "answers.stage", None),
        ({"python_version": 3}, "answers.python_version", None),
        ({"python_version": 3.1}, "answers.python_version", None),
        ({"train_os": "linus"}, "answers.train_os", "linux"),
        ({"train_os": ["linux", "widows"]}, "answers.train_os[1]", "windows"),
        ({"train_os": [None]}, "answers.train_os[0]", None),
        ({"train_os": [["linux"]]}, "answers.train_os[0]", None),
        ({"train_os": {"linux": True}}, "answers.train_os", None),
        ({"train_os": 3}, "answers.train_os", None),
        ({"train_os": ["linux"] * 65}, "answers.train_os", None),
        ({"deploy_targets": ["none", "android"]}, "answers.deploy_targets", None),
        ({"priorities": ["speed", "cost", "speed"]}, "answers.priorities", None),
        ({"known_frameworks": ["pytroch"]}, "answers.known_frameworks[0]", "pytorch"),
        ({"considering": ["pytorch@"]}, "answers.considering[0]", None),
        ({"considering": ["@2"]}, "answers.considering[0]", None),
        ({"considering": ["pytorch@" + "9" * 41]}, "answers.considering[0]", None),
        ({"considering": ["pytorch@\ud800"]}, "answers.considering[0]", None),
        ({"considering": ["pytorch@1\x00"]}, "answers.considering[0]", None),
        ({"considering": ["pytorch@1\n2"]}, "answers.considering[0]", None),
        ({"considering": ["pytorch@1", "jax", "pytorch@2"]}, "answers.considering[2]", None),
        ({"data_rows": 600, "offline": True}, "answers", None),
        ([], "answers", None),
        (None, "answers", None),
        ("stage", "answers", None),
    ],
)
def test_a_malformed_answer_is_one_fault_at_its_place(answers: object, path: str, nearest: str | None) -> None:
    (fault,) = faults_of(answers)
    assert fault.path == path
    if nearest is not None:
        assert fault.nearest == nearest
    assert fault.expected
    assert len(fault.value) <= 200


@pytest.mark.parametrize("bounds", [{"minimum": 1}, {"maximum": 9}, {}])
def test_a_number_may_be_bounded_on_one_side_only(bounds: dict[str, Any]) -> None:
    asked = questionnaire(question("size", "number", unit="people", **bounds))
    assert requirements.parse({"size": 5}, asked).values == {"size": 5.0}
    for outside in [0] * ("minimum" in bounds) + [10] * ("maximum" in bounds):
        assert [f.path for f in faults_of({"size": outside}, asked)] == ["answers.size"]


def test_every_fault_is_listed_at_once_with_the_nearest_names() -> None:
    faults = faults_of(
        {
            "stge": "x",
            "stage": "reserch",
            "data_rows": 5000,
            "offline": "maybe",
            "train_os": ["linus", "mcos", "linux"],
            "deploy_targets": ["none", "android"],
            "considering": ["pytorch@", "jx"],
            "team_size": 3,
        }
    )
    assert sorted((f.path, f.nearest) for f in faults) == [
        ("answers", "stage"),
        ("answers.considering[0]", None),
        ("answers.considering[1]", "jax"),
        ("answers.data_rows", None),
        ("answers.deploy_targets", None),
        ("answers.offline", None),
        ("answers.stage", "research"),
        ("answers.train_os[0]", "linux"),
        ("answers.train_os[1]", "macos"),
    ]


def test_a_contradiction_is_told_beside_the_other_faults_in_its_own_words() -> None:
    faults = faults_of({"data_rows": 600, "offline": "yes", "stage": "research", "team_size": 1, "train_os": "amiga"})
    assert [f.path for f in faults] == ["answers.train_os", "answers", "answers"]
    assert "Too many rows" in faults[1].value
    assert "Nobody researches alone" in faults[2].value


@pytest.mark.parametrize("answers", [{"data_rows": 600}, {"data_rows": 600, "offline": False}, {"offline": True}])
def test_what_is_unknown_contradicts_nothing(answers: dict[str, object]) -> None:
    assert requirements.parse(answers, ASKED).values


def test_an_object_of_a_hundred_thousand_unknown_keys_gets_a_short_reply() -> None:
    """Looking for the nearest name of each would take minutes."""
    assert len(faults_of({f"stag{i}": i for i in range(100_000)})) <= 1000


# --- Laws ------------------------------------------------------------------------------------------------------------


def _answers_to(asked: Questionnaire) -> st.SearchStrategy[dict[str, Any]]:
    """Answers to a whole questionnaire, good ones, written in the ways that are allowed."""
    strategies: dict[str, st.SearchStrategy[Any]] = {}
    for q in asked.questions.values():
        options = [o.id for o in q.options] or list(asked.alternatives)
        plain = st.sampled_from([o for o in options if o not in q.exclusive] or options)
        match q.kind:
            case "number":
                low, high = q.minimum or 0, q.maximum or 0
                strategies[q.id] = st.floats(low, high) | st.integers(int(low), int(high))
            case "yes/no":
                strategies[q.id] = st.sampled_from([True, False, "yes", "no"])
            case "one":
                strategies[q.id] = st.sampled_from(options)
            case _:
                if q.with_version:
                    version = st.text("0123456789.+-_abc", min_size=1, max_size=12)
                    plain = plain | st.builds("{}@{}".format, plain, version)
                several = st.lists(plain, max_size=6, unique_by=lambda item: item.split("@")[0])
                strategies[q.id] = several | plain | st.none()
    return st.fixed_dictionaries({}, optional=strategies)


@QUIET
@given(st.data())
def test_what_was_understood_reads_back_as_itself(small_release: Release, data: st.DataObject) -> None:
    asked = small_release.questionnaire
    answers = data.draw(_answers_to(asked))
    wrong = faults_in(answers, asked)
    if wrong:  # only contradictions can be wrong with these
        assert {fault.path for fault in wrong} == {"answers"}
        return
    first = requirements.parse(answers, asked)
    asked_in_vain = dict.fromkeys(first.not_known)
    assert set(asked_in_vain) == {name for name, given in answers.items() if given is None}
    again = requirements.parse(json.loads(json.dumps({**first.document(), **asked_in_vain})), asked)
    assert again == first
    assert again.document() == first.document()


@QUIET
@given(st.data())
def test_the_order_of_a_set_of_answers_does_not_matter(data: st.DataObject) -> None:
    names = data.draw(st.lists(st.sampled_from(["linux", "windows", "macos"]), min_size=1))
    assert parsed(train_os=names) == parsed(train_os=sorted(names))


JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.sampled_from(["linux", "jax"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)


@settings(QUIET, max_examples=100)
@given(JSON | st.dictionaries(st.sampled_from([q["id"] for q in QUESTIONS]), JSON))
def test_any_json_is_understood_or_refused_with_places(answers: Any) -> None:
    for fault in faults_in(answers, ASKED):
        assert fault.path.startswith("answers")
        assert str(fault).encode("utf-8")


def test_a_very_deep_answer_is_refused_not_a_crash() -> None:
    deep: list[Any] = []
    for _ in range(100_000):
        deep = [deep]
    assert [f.path for f in faults_of({"stage": deep})] == ["answers.stage"]
