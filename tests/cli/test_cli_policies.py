"""House policies: checked with the place of every fault, stored, listed, shown, and answered under."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from tests.commanding import Steelyard

ACME = """\
name: acme
owner: Board ☃
summary: For tests.
rules:
  - id: acme-easy
    text: "We want what is easy"
    roles: [training]
    when: 'stage == "production"'
    weights: {ease_of_use: 2}
    argument: "Few hands."
    examples:
      fires: [{stage: production}]
      silent: [{stage: research}, {}]
gates:
  - id: acme-no-beginners
    effect: exclude
    roles: [training]
    when: 'team_experience == "beginner"'
    requires: 'alt.lifecycle == "archived"'
    text: "{name} is not for beginners"
    argument: "For tests."
    examples:
      stops: [{alternative: pytorch, answers: {team_experience: beginner}}]
      passes: [{alternative: caffe, answers: {team_experience: beginner}}]
weights:
  - {rule: base, factor: 0.5, argument: "Half."}
waivers:
  - {gate: acme-no-beginners, alternative: jax, owner: Joe, reason: "He knows it.", expires: "2020-03-31"}
"""
LAB = """\
name: lab
owner: Lab
summary: For tests.
weights:
  - {rule: acme-easy, factor: 2, argument: "More."}
"""
BAD = """\
name: acme
owner: Board
sumary: For tests.
gates:
  - id: acme-gate
    effect: exclude
    roles: [training]
    when: 'stage == "production" and
      stag == "x"'
    requires: 'alt.lifecyle > "archived"'
    text: "{name} is out"
    argument: "For tests."
    examples: {stops: [], passes: [{alternative: pytorch}]}
weights:
  - {rule: bse, factor: 0.5, argument: "Half."}
"""
ANSWERS = b"{stage: production, team_experience: beginner, need: train}"


@pytest.fixture
def acme(answers: Callable[..., Path]) -> Path:
    return answers(ACME, "acme.yaml")


def _flat(text: str) -> str:
    return " ".join(text.split())


# --- Check and add ---------------------------------------------------------------------------------------------------


def test_a_good_policy_has_no_problems(steelyard: Steelyard, acme: Path) -> None:
    ended = steelyard("policy", "check", acme)
    assert (ended.code, ended.out, ended.err) == (0, "No problems.\n", "")
    assert steelyard("policy", "check", acme, "--json").json() == {"problems": []}
    assert steelyard("policy", "check", "-", stdin=ACME.encode()).code == 0


def test_every_problem_is_listed_with_its_place(steelyard: Steelyard, answers: Callable[..., Path]) -> None:
    path = answers(BAD, "bad.yaml")
    ended = steelyard("policy", "check", path)
    assert (ended.code, ended.err) == (1, "")
    lines = ended.out.splitlines()
    places = [line.removeprefix(str(path)).split(": ")[:2] for line in lines[:-1]]
    assert [":3:9", "policy"] in places  # the unknown key, where it stands
    assert [":9:7", "policy.gates[0].when, 1:27"] in places  # the very character of a folded condition
    assert [":10:16", "policy.gates[0].requires, 1:1"] in places
    assert [":15:12", "policy.weights[0].rule"] in places
    assert "did you mean 'summary'?" in ended.out
    assert "did you mean 'base'?" in ended.out
    assert lines[-1] == f"{len(places)} problems"
    as_json = steelyard("policy", "check", path, "--json")
    assert (as_json.code, as_json.err) == (1, "")
    assert [each["at"] for each in as_json.json()["problems"]] == [f"{path}{place}" for place, _ in places]


def test_a_policy_with_a_problem_is_not_stored(steelyard: Steelyard, answers: Callable[..., Path]) -> None:
    path = answers(BAD, "bad.yaml")
    ended = steelyard("policy", "add", path)
    assert (ended.code, ended.out) == (2, "")
    assert f"{path}:15:12: policy.weights[0].rule: 'bse'" in ended.err
    assert steelyard("policy", "list", "--json").json() == {"items": []}
    assert steelyard("policy", "list").out == "No policy is stored.\n"


@pytest.mark.parametrize("command", ["check", "add"])
def test_what_is_no_policy_file_is_bad_input(steelyard: Steelyard, answers: Callable[..., Path], command: str) -> None:
    ended = steelyard("policy", command, "nowhere.yaml")
    assert (ended.code, ended.out) == (2, "")
    assert "FILE: 'nowhere.yaml' is not a file that exists" in ended.err
    assert steelyard("policy", command, answers("a: [", "broken.yaml")).code == 2
    ended = steelyard("policy", command, answers("[1]", "list.yaml"))
    assert "is not an object" in ended.out + ended.err


def test_a_policy_is_stored_once_under_its_content(steelyard: Steelyard, acme: Path) -> None:
    ended = steelyard("policy", "add", acme)
    name = steelyard("policy", "add", acme, "--json").json()["id"]
    assert re.fullmatch(r"p-[0-9a-f]{24}", name)
    assert ended.out.splitlines() == [
        f"Stored: {name}",
        f"Answer under it: steelyard recommend ANSWERS --policy {name}",
    ]
    (item,) = steelyard("policy", "list", "--json").json()["items"]
    assert (item["id"], item["name"]) == (name, "acme")
    assert name in steelyard("policy", "list").out


def test_a_shown_policy_is_the_stored_one(steelyard: Steelyard, acme: Path, answers: Callable[..., Path]) -> None:
    name = steelyard("policy", "add", acme, "--json").json()["id"]
    shown = steelyard("policy", "show", name).out
    assert yaml.safe_load(shown) == yaml.safe_load(ACME)
    assert steelyard("policy", "show", name, "--json").json() == yaml.safe_load(ACME)
    assert steelyard("policy", "add", answers(shown, "again.yaml"), "--json").json()["id"] == name


def test_a_policy_may_build_on_those_below_it(steelyard: Steelyard, acme: Path, answers: Callable[..., Path]) -> None:
    lab = answers(LAB, "lab.yaml")
    assert "'acme-easy' is not a rule of a lower layer" in steelyard("policy", "check", lab).out
    below = steelyard("policy", "add", acme, "--json").json()["id"]
    assert steelyard("policy", "check", lab, "--over", below).code == 0
    ended = steelyard("policy", "add", lab, "--over", below)
    assert f"recommend ANSWERS --policy {below} --policy p-" in ended.out


@pytest.mark.parametrize("command", [["show", "p-none"], ["check", "FILE", "--over", "p-none"]])
def test_an_unknown_policy_is_bad_input(steelyard: Steelyard, acme: Path, command: list[str]) -> None:
    ended = steelyard("policy", *(acme if word == "FILE" else word for word in command))
    assert (ended.code, ended.out, ended.err) == (2, "", "steelyard: no policy 'p-none' is stored\n")


# --- Answering under policies ----------------------------------------------------------------------------------------


def test_the_screen_says_which_layer_spoke(steelyard: Steelyard, acme: Path) -> None:
    out = _flat(steelyard("recommend", "-", "--policy", acme, stdin=b"{stage: production, need: train}").out)
    assert "House policy: acme (Board ☃)" in out
    assert "We want what is easy" in out
    assert "[acme]" in out
    assert "[shipped+acme]" in out
    assert "Its waiver for JAX (gate acme-no-beginners, Joe) expired on 2020-03-31 and counts no longer." in out


def test_a_waived_gate_is_a_caution_with_owner_reason_and_day(
    steelyard: Steelyard, answers: Callable[..., Path]
) -> None:
    policy = yaml.safe_load(ACME)
    policy["waivers"] = [{**policy["waivers"][0], "alternative": "pytorch", "expires": "2999-03-31"}]
    path = answers(json.dumps(policy), "waived.json")
    out = _flat(steelyard("recommend", "-", "--policy", path, stdin=ANSWERS).out)
    assert "Mind with PyTorch" in out
    assert "PyTorch is not for beginners" in out
    assert "[acme]; waived until 2999-03-31 by Joe: He knows it." in out
    assert "x is not for beginners [acme]" in out


def test_a_waiver_counts_on_the_day_that_is_asked_for(steelyard: Steelyard, acme: Path) -> None:
    command = ("recommend", "-", "--policy", acme, "--json")
    release = steelyard("knowledge", "releases", "--json").json()["active"]
    then = steelyard(*command, "--as-of", "2020-03-01", "--release", release, stdin=ANSWERS).json()
    assert [place["framework"] for place in then["roles"]["training"]["ranking"]] == ["jax"]
    assert steelyard(*command, stdin=ANSWERS).json()["roles"]["training"]["ranking"] == []


def test_where_nothing_is_left_the_smallest_sets_are_told(steelyard: Steelyard, acme: Path) -> None:
    out = _flat(steelyard("recommend", "-", "--policy", acme, stdin=ANSWERS).out)
    assert "Nothing is left: every candidate is excluded." in out
    assert "The smallest sets of answers to take back + the answer to team_experience: lets in JAX, PyTorch" in out


def test_policies_are_layered_lowest_first(steelyard: Steelyard, acme: Path, answers: Callable[..., Path]) -> None:
    lab = answers(LAB, "lab.yaml")
    below = steelyard("policy", "add", acme, "--json").json()["id"]
    found = steelyard("recommend", "-", "--json", "--policy", below, "--policy", lab, stdin=ANSWERS).json()
    assert [layer["name"] for layer in found["policy"]["layers"]] == ["acme", "lab"]
    ended = steelyard("recommend", "-", "--policy", lab, "--policy", below, stdin=ANSWERS)
    assert ended.code == 2
    assert f"{lab}:5:12: policy[0].weights[0].rule: 'acme-easy'" in ended.err


def test_the_command_line_goes_before_the_file(steelyard: Steelyard, acme: Path) -> None:
    text = json.dumps({"answers": {"stage": "research"}, "policy": yaml.safe_load(LAB.replace("acme-easy", "base"))})
    found = steelyard("recommend", "-", "--json", stdin=text.encode()).json()
    assert [layer["name"] for layer in found["policy"]["layers"]] == ["lab"]
    found = steelyard("recommend", "-", "--json", "--policy", acme, stdin=text.encode()).json()
    assert [layer["name"] for layer in found["policy"]["layers"]] == ["acme"]


def test_faults_of_policies_name_their_own_file(steelyard: Steelyard, answers: Callable[..., Path], acme: Path) -> None:
    bad, project = answers(BAD, "bad.yaml"), answers("stge: research", "a.yaml")
    ended = steelyard("recommend", project, "--policy", acme, "--policy", bad, "--policy", "p-none")
    assert (ended.code, ended.out) == (2, "")
    assert "  policy[2]: 'p-none' is not a policy or the id of a stored one" in ended.err
    assert f"  {project}:1:7: answers: 'stge' is not a question (did you mean 'stage'?)" in ended.err
    ended = steelyard("recommend", project, "--policy", acme, "--policy", bad)
    assert f"  {bad}:15:12: policy[1].weights[0].rule: 'bse'" in ended.err
    project = answers("answers: {}\npolicy: [p-other]", "b.yaml")  # what the file says does not count, and is no place
    ended = steelyard("recommend", project, "--policy", "p-none")
    assert ended.err.splitlines()[1:] == ["  policy[0]: 'p-none' is not a policy or the id of a stored one"]
    within = answers(f"answers: {{stage: research}}\npolicy:\n{_indented(BAD)}", "within.yaml")
    ended = steelyard("recommend", within)
    assert f"  {within}:17:14: policy.weights[0].rule: 'bse'" in ended.err
    assert f"  {within}:11:9: policy.gates[0].when, 1:27: " in ended.err


def _indented(text: str) -> str:
    return "".join(f"  {line}\n" for line in text.splitlines())


def test_a_waiver_is_shown_of_whoever_is_ranked(steelyard: Steelyard, answers: Callable[..., Path]) -> None:
    policy = yaml.safe_load(ACME)
    waiver = {**policy["waivers"][0], "expires": "2999-03-31"}
    policy["waivers"] = [{**waiver, "alternative": name} for name in ("jax", "pytorch", "tensorflow")]
    out = steelyard("recommend", "-", "--policy", answers(json.dumps(policy), "w.json"), stdin=ANSWERS).out
    assert [f"Mind with {name}" in out for name in ("JAX", "PyTorch", "TensorFlow")] == [True] * 3
