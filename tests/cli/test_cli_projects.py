"""Stored projects on the command line: listed, and answered by their link."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from advisor import bootstrap, projects
from advisor.house import House
from advisor.settings import Settings
from cli.actions import projects as action
from tests.commanding import Steelyard

SAYS: dict[str, Any] = {"stage": "production", "need": ["train"], "team_size": None}


@pytest.fixture
def built(home: Path) -> Iterator[House]:
    """The house that the commands open."""
    house = bootstrap.build(Settings(home=home))
    yield house
    house.database.close()


def test_no_project(steelyard: Steelyard) -> None:
    assert steelyard("projects").out == "No project is stored.\n"
    assert steelyard("projects", "--json").json() == {"items": []}


def test_all_projects_are_listed_however_many_pages_that_takes(
    steelyard: Steelyard, built: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(action, "A_PAGE", 2)
    made = [projects.create(built, f"Project {number} ☃", SAYS) for number in range(5)]
    projects.revise(built, made[1]["id"], 1, name="Another name")
    listed = steelyard("projects", "--json").json()["items"]
    assert [each["id"] for each in listed] == [each["id"] for each in reversed(made)]
    assert [(each["name"], each["revision"]) for each in listed if each["id"] == made[1]["id"]] == [("Another name", 2)]
    screen = steelyard("projects").out
    assert all(each["id"] in screen for each in made)
    assert "Project 4 ☃" in screen


def test_settings_say_how_many_revisions_are_kept(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STEELYARD_PROJECT_REVISIONS", "2")
    house = bootstrap.build(Settings(home=home))
    link = projects.create(house, "r1", {})["id"]
    for seen in (1, 2):
        projects.revise(house, link, seen, name=f"r{seen + 1}")
    assert [each["name"] for each in projects.revisions(house, link)] == ["r3", "r2"]
    house.database.close()


def test_settings_say_how_many_projects_are_kept(
    steelyard: Steelyard, built: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STEELYARD_MAX_PROJECTS", "1")
    link = projects.create(built, "one", SAYS)["id"]
    refused = steelyard("ask")
    assert refused.code == 3
    assert "1 project is stored" in refused.err
    assert steelyard("ask", link).code == 0


def test_a_link_stands_for_the_answers(steelyard: Steelyard, built: House, answers: Callable[[str], Path]) -> None:
    made = projects.create(built, "Photo search", SAYS)
    asked = steelyard("recommend", made["id"], "--json")
    by_file = steelyard("recommend", answers(json.dumps({"name": "Photo search", "answers": SAYS})), "--json")
    assert (asked.code, asked.json()) == (0, by_file.json())
    assert projects.get(built, made["id"])["decision"] == asked.json()["id"]
    assert "Photo search" in steelyard("recommend", made["id"]).out


def test_options_go_before_what_the_project_says(steelyard: Steelyard, built: House) -> None:
    link = projects.create(built, "Photo search", SAYS, "catalogue:raspberry-pi-5-8gb")["id"]
    plain = steelyard("recommend", link, "--json").json()
    assert "Raspberry Pi 5" in plain["hardware"]["label"]
    other = steelyard("recommend", link, "--hardware", "catalogue:g5.xlarge", "--role", "training", "--json").json()
    assert other["hardware"]["label"] != plain["hardware"]["label"]
    assert other["asked_roles"] == ["training"]
    kept = steelyard("recommend", link, "--draws", "10", "--no-store", "--json").json()
    assert kept["draws"]["count"] == 10
    assert projects.get(built, link)["decision"] == other["id"]


def test_a_link_that_leads_nowhere(steelyard: Steelyard) -> None:
    ended = steelyard("recommend", "p-" + "0" * 32)
    assert (ended.code, ended.out) == (2, "")
    assert "no project" in ended.err
    assert steelyard("recommend", "p-" + "0" * 31).code == 2


def test_a_file_of_that_name_is_a_file(steelyard: Steelyard, tmp_path: Path) -> None:
    (tmp_path / ("p-" + "0" * 32)).write_text("{stage: research}")
    assert steelyard("recommend", "p-" + "0" * 32, "--json").json()["answers"] == {"stage": "research"}


def test_a_policy_in_a_file_keeps_the_places_of_its_faults(
    steelyard: Steelyard, built: House, answers: Callable[..., Path]
) -> None:
    link = projects.create(built, "Photo search", SAYS)["id"]
    policy = answers("name: acme\nowner: Board\nsumary: For tests.\n", "acme.yaml")
    ended = steelyard("recommend", link, "--policy", policy)
    assert ended.code == 2
    assert "acme.yaml:1:1: policy[0].summary" in ended.err
