"""Projects in a house: checked whole, kept by revision, revised by one of two at a time, recommended for."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from advisor import examples, profiles, projects, recommend
from advisor.errors import Full, InvalidInput, Missing, Superseded
from advisor.house import House
from advisor.projects import Project
from tests.conftest import NOW
from tests.threads import at_once

ANSWERS: dict[str, Any] = {"stage": "production", "need": ["train"], "team_size": None, "novelty": None}
ASKED = ["need", "stage", "team_size", "novelty"]
LINK = re.compile(r"p-[0-9a-f]{32}")


@pytest.fixture
def house(house: House) -> House:
    """A house whose clock goes on by a minute whenever it is read."""
    minutes = count()
    return replace(house, now=lambda: NOW + timedelta(minutes=next(minutes)))


@pytest.fixture
def made(house: House) -> Project:
    """A stored project."""
    return projects.create(house, "Photo search", ANSWERS, asked=ASKED)


def faults(refused: pytest.ExceptionInfo[InvalidInput]) -> list[tuple[str, str | None]]:
    """(path, nearest) of every fault."""
    return [(fault.path, fault.nearest) for fault in refused.value.faults]


def count_of(house: House) -> int:
    """How many projects are stored."""
    return len(projects.listing(house, limit=500))


def test_a_project_comes_back_as_it_was_said(house: House) -> None:
    made = projects.create(house, "  Photo search ☃ ", ANSWERS, "catalogue:raspberry-pi-5-8gb", ASKED)
    assert LINK.fullmatch(made["id"])
    assert made == {
        "id": made["id"],
        "name": "Photo search ☃",
        "answers": ANSWERS,
        "hardware": "catalogue:raspberry-pi-5-8gb",
        "asked": ASKED,
        "revision": 1,
        "newest": 1,
        "created_at": made["created_at"],
        "updated_at": made["created_at"],
        "decision": None,
        "decided_revision": None,
    }
    assert projects.get(house, made["id"]) == projects.get(house, made["id"], 1) == made
    assert json.loads(json.dumps(made)) == made


def test_no_two_projects_share_a_link_even_where_they_say_the_same(house: House) -> None:
    links = {projects.create(house, "one", {})["id"] for _ in range(20)}
    assert len(links) == 20
    assert all(projects.is_id(link) for link in links)


def test_dont_know_and_none_of_these_are_kept_as_two_answers(house: House) -> None:
    made = projects.create(house, "one", {"novelty": None, "known_frameworks": [], "stage": "research"})
    assert made["answers"] == {"novelty": None, "known_frameworks": [], "stage": "research"}
    turned: dict[str, Any] = {"novelty": [], "known_frameworks": None}
    assert projects.revise(house, made["id"], 1, answers=turned)["answers"] == turned


def test_a_known_machine_is_kept_by_its_own_name(house: House) -> None:
    made = projects.create(house, "one", {}, "catalogue:Raspberry Pi 5 8GB\x00\ud800")
    assert made["hardware"] == "catalogue:raspberry-pi-5-8gb"


def test_every_fault_of_every_part_is_told_at_once_and_nothing_is_stored(house: House) -> None:
    with pytest.raises(InvalidInput) as refused:
        projects.create(
            house, "a\nb", {"stage": "prodution", "tem_size": 3}, "locale", ["neeed", "stage", "stage", 7, "\ud800"]
        )
    assert faults(refused) == [
        ("name", None),
        ("answers", "team_size"),
        ("answers.stage", "production"),
        ("hardware", "local"),
        ("asked[0]", "need"),
        ("asked[2]", None),
        ("asked[3]", None),
        ("asked[4]", None),
    ]
    assert count_of(house) == 0


@pytest.mark.parametrize("name", ["", "   ", "x" * 201, "a\x00", "a\nb", "\u202eabc", "\ud800", None, 7, ["a"], {}])
def test_names_that_are_refused(house: House, made: Project, name: Any) -> None:
    with pytest.raises(InvalidInput) as refused:
        projects.create(house, name, {})
    assert faults(refused) == [("name", None)]
    with pytest.raises(InvalidInput) as refused:
        projects.revise(house, made["id"], 1, name=name)
    assert faults(refused) == [("name", None)]
    assert projects.get(house, made["id"]) == made


@pytest.mark.parametrize("hardware", [7, ["local"], {"schema": "x"}, True, "", "h-0", "catalogue:nothing", "x" * 9999])
def test_hardware_that_is_refused(house: House, hardware: Any) -> None:
    with pytest.raises(InvalidInput) as refused:
        projects.create(house, "one", {}, hardware)
    assert [path for path, _ in faults(refused)] == ["hardware"]
    assert refused.value.faults[0].expected == '"local", "catalogue:NAME" or the id of a stored profile'


@pytest.mark.parametrize("asked", ["need", {"need": 1}, 7, None, ["need"] * 10_000])
def test_a_list_of_questions_asked_that_is_refused(house: House, asked: Any) -> None:
    with pytest.raises(InvalidInput) as refused:
        projects.create(house, "one", {}, None, asked)
    assert faults(refused) == [("asked", None)]


@pytest.mark.parametrize(
    ("answers", "paths"),
    [
        (None, ["answers"]),
        ([], ["answers"]),
        ({f"q{n}": None for n in range(501)}, ["answers"]),
        ({"need": ["train"] * 65}, ["answers.need"]),
        ({"need": {"train": 1}}, ["answers.need"]),
        ({"team_size": float("nan")}, ["answers.team_size"]),
        ({"team_size": 10**400}, ["answers.team_size"]),
        ({"deploy_targets": ["none", "android"]}, ["answers.deploy_targets"]),
    ],
)
def test_answers_that_are_refused(house: House, answers: Any, paths: list[str]) -> None:
    with pytest.raises(InvalidInput) as refused:
        projects.create(house, "one", answers)
    assert [path for path, _ in faults(refused)] == paths


def test_answers_that_are_each_sound_and_too_large_together_are_refused(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("advisor.project_content.MAX_ANSWERS_BYTES", 40)
    with pytest.raises(InvalidInput) as refused:
        projects.create(house, "one", {"need": ["train"] * 4})
    assert [(f.path, f.value, f.expected) for f in refused.value.faults] == [
        ("answers", "46 bytes", "at most 40 bytes")
    ]
    assert projects.create(house, "one", {"need": ["train"] * 3})["answers"] == {"need": ["train"] * 3}


def test_a_stored_profile_and_this_machine_are_taken_by_name_and_nothing_is_looked_at(house: House) -> None:
    def look() -> Any:
        raise AssertionError("nobody asked for a look")

    quiet = replace(house, probe=look)
    named = profiles.store(house, {"schema": "steelyard/hardware-profile/1", "host": {"os": "linux"}})
    assert projects.create(quiet, "one", {}, named)["hardware"] == named
    assert projects.create(quiet, "two", {}, "local")["hardware"] == "local"


# --- Revisions -------------------------------------------------------------------------------------------------------


def test_a_change_is_the_next_revision_and_what_it_leaves_out_stays(house: House, made: Project) -> None:
    second = projects.revise(house, made["id"], 1, name="Photo finder")
    third = projects.revise(house, made["id"], 2, answers={"stage": "research"}, hardware="local", asked=["stage"])
    fourth = projects.revise(house, made["id"], 3, hardware=None)
    assert second == {**made, "name": "Photo finder", "revision": 2, "newest": 2, "updated_at": second["updated_at"]}
    assert (third["name"], third["answers"], third["hardware"]) == ("Photo finder", {"stage": "research"}, "local")
    assert (third["asked"], fourth["asked"], fourth["hardware"]) == (["stage"], ["stage"], None)
    assert made["updated_at"] < second["updated_at"] < third["updated_at"] < fourth["updated_at"]
    for each in (made, second, third, fourth):
        assert projects.get(house, made["id"], each["revision"]) == {**each, "newest": 4}
    assert [(p["revision"], p["answered"], p["dont_know"]) for p in projects.revisions(house, made["id"])] == [
        (4, 1, 0),
        (3, 1, 0),
        (2, 2, 2),
        (1, 2, 2),
    ]
    assert [p["revision"] for p in projects.revisions(house, made["id"], 4, 2)] == [3, 2]


def test_a_change_for_another_revision_is_refused_with_the_newest_and_nothing_is_lost(
    house: House, made: Project
) -> None:
    projects.revise(house, made["id"], 1, name="by Ann")
    for seen in (1, 3):
        with pytest.raises(Superseded) as told:
            projects.revise(house, made["id"], seen, name="by Bob")
        assert (told.value.seen, told.value.newest) == (seen, 2)
    assert projects.get(house, made["id"])["name"] == "by Ann"
    assert projects.revise(house, made["id"], 2, name="by Bob")["revision"] == 3


def test_what_changes_nothing_saves_nothing_so_that_it_can_be_sent_again(house: House, made: Project) -> None:
    turned = dict(reversed(ANSWERS.items()))
    assert projects.revise(house, made["id"], 1, answers=turned, asked=ASKED, name="Photo search ") == made
    assert projects.revise(house, made["id"], 1) == made
    second = projects.revise(house, made["id"], 1, name="Photo finder")
    assert projects.revise(house, made["id"], 1, name="Photo finder") == second
    assert len(projects.revisions(house, made["id"])) == 2
    assert projects.revise(house, made["id"], 2, asked=ASKED[::-1])["revision"] == 3


def test_a_truth_value_is_not_taken_for_the_number_that_it_equals(house: House) -> None:
    made = projects.create(house, "one", {"team_size": 1})
    with pytest.raises(InvalidInput):
        projects.revise(house, made["id"], 1, answers={"team_size": True})


def test_only_what_changes_is_checked(house: House, made: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """Answers that a later release does not know can be read, and the project be renamed."""
    known = house.knowledge()
    questionnaire = known.release.questionnaire
    fewer = {name: q for name, q in questionnaire.questions.items() if name != "novelty"}
    later = replace(known, release=replace(known.release, questionnaire=replace(questionnaire, questions=fewer)))
    monkeypatch.setattr(House, "knowledge", lambda *_: later)
    assert projects.revise(house, made["id"], 1, name="Photo finder")["answers"] == ANSWERS
    for act in (
        lambda: projects.revise(house, made["id"], 2, answers={**ANSWERS, "stage": "research"}),
        lambda: projects.recommend(house, made["id"]),
    ):
        with pytest.raises(InvalidInput) as refused:
            act()
        assert [path for path, _ in faults(refused)] == ["answers"]


def test_only_so_many_revisions_are_kept(house: House) -> None:
    few = replace(house, project_revisions=2)
    made = projects.create(few, "r1", {})
    for seen in (1, 2, 3):
        projects.revise(few, made["id"], seen, name=f"r{seen + 1}")
    assert [p["name"] for p in projects.revisions(few, made["id"])] == ["r4", "r3"]
    with pytest.raises(Missing):
        projects.get(few, made["id"], 2)
    alone = replace(house, project_revisions=1)
    assert projects.revise(alone, made["id"], 4, name="r5")["revision"] == 5
    assert len(projects.revisions(alone, made["id"])) == 1


def test_of_two_writers_at_once_one_is_told_and_both_changes_end_up_in(house: House, made: Project) -> None:
    questions = ["team_size", "data_rows", "data_gb", "latency_ms"]

    def answer(question: str) -> int:
        told = 0
        while True:
            seen = projects.get(house, made["id"])
            try:
                projects.revise(house, made["id"], seen["revision"], answers={**seen["answers"], question: 5})
            except Superseded as other:
                told += other.newest > other.seen
            else:
                return told

    at_once(*(partial(answer, question) for question in questions))
    found = projects.get(house, made["id"])
    assert found["revision"] == 1 + len(questions)
    assert {question: found["answers"][question] for question in questions} == dict.fromkeys(questions, 5)


@pytest.mark.parametrize(
    "link", ["", "p-0", "p-" + "0" * 32, "p-" + "A" * 32, "p-" + "\u0660" * 32, "\x00", "x" * 9999]
)
def test_a_link_that_leads_nowhere_is_missing_and_none_like_it_is_named(house: House, made: Project, link: str) -> None:
    for act in (
        lambda: projects.get(house, link),
        lambda: projects.revisions(house, link),
        lambda: projects.revise(house, link, 1, name="one"),
        lambda: projects.remove(house, link),
        lambda: projects.recommend(house, link),
    ):
        with pytest.raises(Missing) as told:
            act()
        assert made["id"] not in str(told.value)
        assert len(str(told.value)) < 400


def test_a_project_that_was_taken_away_is_gone(house: House, made: Project) -> None:
    other = projects.create(house, "another", {})
    projects.revise(house, made["id"], 1, name="Photo finder")
    with pytest.raises(Superseded):
        projects.remove(house, made["id"], 1)
    projects.remove(house, made["id"], 2)
    with pytest.raises(Missing):
        projects.get(house, made["id"])
    assert [each["id"] for each in projects.listing(house)] == [other["id"]]


# --- Recommendations -------------------------------------------------------------------------------------------------


def test_a_recommendation_is_the_one_for_the_answers_and_the_project_remembers_it(house: House, made: Project) -> None:
    answer = projects.recommend(house, made["id"])
    assert answer == recommend.answer(house, ANSWERS, name=made["name"])
    decided = json.loads(answer.text)
    known = {key: value for key, value in ANSWERS.items() if value is not None}
    without = json.loads(recommend.answer(house, known).text)
    assert decided["name"] == made["name"]
    assert set(decided["not_known"]) == {*ANSWERS} - {*known}
    differing = {key for key in decided if decided[key] != without[key]}
    assert differing - {"created_at"} == {"id", "passport", "name", "not_known"}, (
        "don't know is unknown, and a name decides nothing"
    )
    assert projects.get(house, made["id"]) == {**made, "decision": answer.id, "decided_revision": 1}
    assert projects.listing(house)[0]["decision"] == answer.id


@pytest.mark.parametrize("name", [projects.UNNAMED, examples.UNNAMED])
def test_what_has_no_name_is_not_called_by_one(house: House, name: str) -> None:
    made = projects.create(house, name, ANSWERS)
    assert json.loads(projects.recommend(house, made["id"]).text)["name"] is None


def test_the_last_recommendation_of_the_newest_revision_stands(house: House, made: Project) -> None:
    first = projects.recommend(house, made["id"])
    changed = projects.revise(house, made["id"], 1, answers={"stage": "research"})
    assert (changed["decision"], changed["decided_revision"]) == (first.id, 1)
    second = projects.recommend(house, made["id"])
    drawn = projects.recommend(house, made["id"], draws=10)
    assert len({first.id, second.id, drawn.id}) == 3
    found = projects.get(house, made["id"])
    assert (found["decision"], found["decided_revision"]) == (drawn.id, 2)
    projects.recommend(house, made["id"], store=False)
    assert projects.get(house, made["id"]) == found
    assert projects.recommend(house, made["id"]) == second
    assert projects.get(house, made["id"])["decision"] == second.id


def test_the_hardware_is_the_projects_unless_another_or_none_is_named(house: House) -> None:
    link = projects.create(house, "one", {"need": ["train"]}, "catalogue:raspberry-pi-5-8gb")["id"]

    def basis(**asked: Any) -> str:
        return str(json.loads(projects.recommend(house, link, **asked).text)["hardware"]["label"])

    assert "Raspberry Pi 5" in basis()
    assert basis(hardware_from="local") == "test machine"
    assert basis(hardware_from=None) == "what the answers say"


def test_a_project_that_goes_while_it_is_decided_leaves_the_recommendation(
    house: House, made: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    decide = recommend.answer

    def slow(*asked: Any, **options: Any) -> recommend.Answer:
        found = decide(*asked, **options)
        projects.remove(house, made["id"])
        return found

    monkeypatch.setattr(recommend, "answer", slow)
    answer = projects.recommend(house, made["id"])
    assert recommend.find(house, answer.id) == answer.text


# --- Lists -----------------------------------------------------------------------------------------------------------


def pages(house: House, limit: int) -> Iterator[list[str]]:
    after = None
    while page := projects.listing(house, after, limit):
        yield [each["id"] for each in page]
        after = datetime.fromisoformat(page[-1]["created_at"]), page[-1]["id"]


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(number=st.integers(0, 9), limit=st.integers(1, 5), same_moment=st.booleans())
def test_pages_are_the_whole_while_projects_come(house: House, number: int, limit: int, same_moment: bool) -> None:
    for each in projects.listing(house, limit=500):
        projects.remove(house, each["id"])
    here = replace(house, now=lambda: NOW) if same_moment else house
    before = [projects.create(here, f"project {n}", {})["id"] for n in range(number)]
    found: list[str] = []
    for page in pages(here, limit):
        assert len(page) <= limit
        found += page
        projects.create(replace(house, now=lambda: NOW + timedelta(days=9)), "newer", {})
    assert sorted(found) == sorted(before)
    assert same_moment or found == before[::-1]


# --- How many --------------------------------------------------------------------------------------------------------


def test_a_full_house_takes_no_more_and_lets_none_go(house: House) -> None:
    small = replace(house, max_projects=2)
    links = [projects.create(small, name, {})["id"] for name in ("one", "two")]
    with pytest.raises(Full, match="2 projects are stored, and no more are kept: take one away"):
        projects.create(small, "three", {})
    assert {each["id"] for each in projects.listing(small)} == set(links)
    projects.revise(small, links[0], 1, name="still one")
    projects.remove(small, links[1])
    assert projects.create(small, "three", {})["name"] == "three"
    assert count_of(small) == 2
