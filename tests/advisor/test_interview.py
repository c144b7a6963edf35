"""One question at a time: the contract of the next question, its words, and what a person's answers do to it."""

import re
from dataclasses import replace
from typing import Any

import pytest

from advisor import interview, interview_words, knowledge
from advisor.house import House
from advisor.names import Wording
from rules import engine, requirements
from rules.accounts.naming import nothing
from rules.asking import Next, Outcome, Worth
from rules.decision import Ranked
from rules.faults import InvalidInput
from tests.house_rules import NOTHING_ALIVE

KEYS = {
    *("question", "why", "could_change", "settled", "settled_because", "certainty", "certainties", "open_bits"),
    *("answered", "dont_know", "filled", "remaining", "contradictions", "roles"),
}
SOME: dict[str, Any] = {"stage": "production", "need": ["train"]}


def to_the_end(house: House, truth: dict[str, Any], **asked: Any) -> tuple[list[str], dict[str, Any]]:
    """The questions asked of a person who answers so, and the last thing said."""
    told: dict[str, Any] = {}
    while True:
        found = interview.next_question(house, told, **asked)
        if found["question"] is None:
            return list(told), found
        assert found["question"]["id"] not in told
        told[found["question"]["id"]] = truth.get(found["question"]["id"])


def test_the_first_question(house: House) -> None:
    found = interview.next_question(house, {})
    assert found.keys() == KEYS
    listed = {q["id"]: q for q in knowledge.questionnaire(house)["questions"]}
    assert found["question"] == listed[found["question"]["id"]]
    assert not found["settled"]
    assert found["settled_because"] is None
    assert (found["answered"], found["dont_know"], found["filled"]) == (0, 0, {})
    assert next(each["question"] for each in found["remaining"]) == found["question"]["id"]
    assert {each["question"] for each in found["remaining"]} == listed.keys()
    bits = [each["bits"] for each in found["remaining"]]
    assert bits == sorted(bits, reverse=True)
    assert 0 < bits[0] <= found["open_bits"]
    assert found["roles"]["training"]["ranking"][0]["rank"] == 1


def test_what_each_answer_could_do_is_what_it_does(house: House) -> None:
    found = interview.next_question(house, SOME)
    assert found["could_change"]
    for outcome in found["could_change"]:
        after = interview.next_question(house, {**SOME, found["question"]["id"]: outcome["answer"]})
        needed = {role: each["ranking"] for role, each in after["roles"].items() if not each["instead"]}
        first = {role: ranking[0]["framework"] if ranking else None for role, ranking in needed.items()}
        assert outcome["winners"] == first
        assert 0 <= outcome["probability"] <= 1
        assert outcome["label"]


def test_the_reason_is_sentences_without_jargon(house: House) -> None:
    told = interview.next_question(house, SOME)["why"]
    assert told.endswith(".")
    assert 1 <= len(re.findall(r"[.;](?: |$)", told)) <= 4
    assert not re.search(r"bit|entropy|prior|_", told)


def test_that_none_of_the_answers_keeps_the_first_place_is_not_taken_for_giving_none(house: House) -> None:
    outcomes = tuple(Outcome(way, 0.5, {"training": way}, True) for way in ("jax", "keras"))
    found = Next(
        (Worth("known_frameworks", 1.0),), outcomes, {"training": "pytorch"}, 9.0, {}, 0.0, {}, False, False, 0, 0
    )
    names = Wording(house.knowledge())
    assert interview_words.why(found, names).startswith("So far "), "what it settles is told where that is much"
    assert interview_words.why(replace(found, bits=2.0), names).startswith("It is expected to settle most of what is")
    assert "So far PyTorch is the first training framework; with “JAX” it would be JAX" in interview_words.why(
        found, names
    )
    alike = replace(found, outcomes=tuple(replace(each, winners={"training": "jax"}) for each in outcomes))
    assert (
        interview_words.why(alike, names)
        == "So far PyTorch is the first training framework; with “JAX” or “keras” it would be JAX."
    )
    spared = replace(found, winners={})
    assert "So far no training framework is needed; with “JAX”" in interview_words.why(spared, names)
    nobody = replace(found, winners={"training": None})
    assert "So far every training framework is excluded; with “JAX”" in interview_words.why(nobody, names)
    yes = Outcome(True, 0.5, {"training": "jax"}, True)
    assert interview_words.label(yes, "offline", Wording(house.knowledge())) == "Yes"


def test_dont_know_counts_and_is_not_asked_again(house: House) -> None:
    first = interview.next_question(house, {})["question"]["id"]
    found = interview.next_question(house, {first: None})
    assert (found["answered"], found["dont_know"]) == (0, 1)
    assert first not in {each["question"] for each in found["remaining"]}


def test_none_of_these_is_known_and_told_as_such(house: House) -> None:
    found = interview.next_question(house, {"known_frameworks": []})
    assert (found["answered"], found["dont_know"]) == (1, 0)
    assert "known_frameworks" not in {each["question"] for each in found["remaining"]}
    names = Wording(house.knowledge())
    amounts = ("requests_per_second", 50), ("model_parameters", 7e10), ("team_size", 1)
    assert [names.says(*each) for each in amounts] == ["50 a second", "70 billion parameters", "1 person"]
    assert (names.says("known_frameworks", []), names.says("priorities", [])) == ("none so far", "nothing")
    assert (names.opens("known_frameworks", []), names.opens("offline", True)) == ("None so far", "Yes")
    assert nothing(replace(names.questions["known_frameworks"], none=None)) == "none of these"
    assert interview_words.label(Outcome((), 0.5, {}, False), "known_frameworks", names) == "None of these"


@pytest.mark.parametrize(
    ("question", "before", "after", "told"),
    [
        ("train_os", ["linux", "windows"], ["linux", "macos"], ("macOS added; Windows left out", "(still Linux)")),
        ("train_os", ["linux", "windows"], ["linux"], ("Windows left out", "(still Linux)")),
        ("train_os", ["linux"], ["macos"], ("macOS", "instead of Linux")),
        ("train_os", ["linux"], ["linux"], ("Linux", "instead of Linux")),
        ("train_os", None, ["linux"], ("Linux", "instead of no answer")),
        ("priorities", ["memory", "debugging"], ["debugging"], ("Debugging", "instead of Memory, Debugging")),
        ("stage", "research", None, ("No answer", "instead of Research")),
    ],
)
def test_a_changed_list_is_told_by_what_came_and_what_went(
    house: House, question: str, before: object, after: object, told: tuple[str, str]
) -> None:
    assert Wording(house.knowledge()).change(question, before, after) == told


def test_what_hardly_anybody_answers_is_not_named(house: House) -> None:
    said = (("wheels_only", 0.0, None), ("no_compiler", 0.5, "jax"), ("air_gapped", 0.5, "pytorch"))
    outcomes = tuple(Outcome((one,), chance, {"training": winner}, winner != "pytorch") for one, chance, winner in said)
    found = Next(
        (Worth("install_limits", 0.1),), outcomes, {"training": "pytorch"}, 1.0, {}, 0.5, {}, False, False, 9, 9
    )
    assert "excluded" not in interview_words.why(found, Wording(house.knowledge()))
    never = replace(found, outcomes=outcomes[::2])
    assert "every one would be excluded" in interview_words.why(never, Wording(house.knowledge()))


def test_how_sure_it_is_is_said_of_the_whole_and_of_the_least_sure_part(house: House) -> None:
    found = Next((), (), {"training": "pytorch"}, 1.0, {"training": 0.95, "runtime": 0.93}, 0.9, {}, True, False, 9, 9)
    told = interview_words.settled(replace(found, open=(Worth("offline", 0.1),)), Wording(house.knowledge()))
    assert "holds as a whole" in told
    assert "in 90\N{NO-BREAK SPACE}% of the likely ways" in told
    assert told.endswith("Least sure is that no runtime is needed, which holds in 93\N{NO-BREAK SPACE}%.")
    other = replace(found, open=(Worth("offline", 0.1),), certainty={"training": 0.92, "runtime": 0.93})
    told = interview_words.settled(other, Wording(house.knowledge()))
    assert "Least sure is PyTorch as the first training framework, which holds" in told
    one = replace(found, open=(Worth("offline", 0.1),), certainty={"training": 0.95}, joint=0.95)
    told = interview_words.settled(one, Wording(house.knowledge()))
    assert told.startswith(
        "PyTorch stays the first training framework, or level with the first, in 95\N{NO-BREAK SPACE}%"
    )
    nobody = replace(one, winners={"training": None})
    told = interview_words.settled(nobody, Wording(house.knowledge()))
    assert told.startswith("That every training framework is excluded holds in 95\N{NO-BREAK SPACE}%")


def test_an_interview_ends_and_says_why(house: House) -> None:
    asked, last = to_the_end(house, SOME)
    assert len(asked) < len(knowledge.questionnaire(house)["questions"])
    assert last["settled"]
    assert last["settled_because"].endswith(".")
    assert (last["why"], last["could_change"]) == (None, [])
    assert last["remaining"], "a person can go on"


def test_everything_answered(house: House) -> None:
    everything = dict.fromkeys(q["id"] for q in knowledge.questionnaire(house)["questions"])
    found = interview.next_question(house, everything)
    assert (found["question"], found["remaining"]) == (None, [])
    assert found["settled_because"] == "Every question is answered."
    assert found["certainty"] == 1.0


def test_the_machine_answers_what_it_can(house: House) -> None:
    found = interview.next_question(house, {"train_os": None}, "local")
    assert found["filled"]["train_hardware"] == ["cpu", "nvidia_gpu"]
    assert found["filled"]["train_os"] == ["linux"]
    assert (found["answered"], found["dont_know"]) == (0, 0)
    assert not {"train_hardware", "train_os"} & {each["question"] for each in found["remaining"]}


def test_contradictions_are_told_and_nothing_is_settled(house: House) -> None:
    told: dict[str, object] = {q["id"]: None for q in knowledge.questionnaire(house)["questions"]}
    told |= {"python_min": "3.14", "python_version": "3.11"}
    found = interview.next_question(house, told)
    assert [each["id"] for each in found["contradictions"]] == ["python-range"]
    assert not found["settled"]
    assert found["question"] is None  # there is none left


def test_a_house_policy_is_heeded(house: House) -> None:
    plain = interview.next_question(house, {"stage": "production"})
    strict = interview.next_question(house, {"stage": "production"}, policy=NOTHING_ALIVE)
    assert plain["roles"]["training"]["ranking"]
    assert not strict["roles"]["training"]["ranking"]


def test_what_stopping_leaves_open_is_said(house: House) -> None:
    known = house.knowledge()
    answers = requirements.parse({"deploy_targets": ["desktop"]}, known.release.questionnaire)
    runtime = engine.decide(known.release, answers, what_if=False).roles["runtime"]
    first, second = (replace(place, tie_group=1) for place in runtime.ranking)

    def left_open(*ranking: Ranked) -> str:
        return interview_words.left_open({"runtime": replace(runtime, ranking=ranking, without=None)}, Wording(known))

    names = " and ".join(known.release.alternatives[each.framework].name for each in (first, second))
    assert left_open(first, replace(second, tie_group=2)) == ""
    assert left_open(first, second) == f" Tied for the first runtime are {names}: more answers may set them apart."
    assert left_open().startswith(" No runtime is left: ")


def test_roles_that_are_asked_for(house: House) -> None:
    found = interview.next_question(house, {}, roles=["runtime"])
    assert found["roles"].keys() == {"runtime"}
    assert found["certainties"].keys() == {"runtime"}


@pytest.mark.parametrize("answers", [{"stag": "production", "need": ["trian"]}, {"stage": 3, "data_rows": "many"}])
def test_every_fault_is_told(house: House, answers: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput) as caught:
        interview.next_question(house, answers, "nowhere", ["runtimes"])
    assert len(caught.value.faults) == 4
    assert interview.check(house, answers, "nowhere", ["runtimes"], None) == list(caught.value.faults)
