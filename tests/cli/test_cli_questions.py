"""What is asked of a recorded recommendation: explain, compare, why not, what if, difference."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cli.render import phrases
from tests.commanding import Steelyard

PHONE = b"{train_hardware: nvidia_gpu, train_os: windows, deploy_targets: android, stage: production}"
TRAIN = b"{deploy_targets: android, need: train, team_experience: beginner, stage: research}"


def _flat(text: str) -> str:
    return " ".join(text.split())


@pytest.fixture
def phone(steelyard: Steelyard) -> str:
    identity: str = steelyard("recommend", "-", "--json", stdin=PHONE).json()["id"]
    return identity


@pytest.fixture
def train(steelyard: Steelyard) -> str:
    identity: str = steelyard("recommend", "-", "--json", stdin=TRAIN).json()["id"]
    return identity


# --- Explain ---------------------------------------------------------------------------------------------------------


def test_a_line_is_a_sentence_for_each_role(steelyard: Steelyard, train: str) -> None:
    as_json = steelyard("explain", train, "--depth", "line", "--json").json()
    assert list(as_json["roles"]) == ["training", "runtime"]
    out = steelyard("explain", train, "--depth", "line").out
    assert _flat(out) == _flat(" ".join(as_json["roles"].values()))


def test_a_page_is_its_markdown_where_no_terminal_lays_it_out(steelyard: Steelyard, train: str) -> None:
    page = steelyard("explain", train, "--json").json()
    assert page["depth"] == "page"
    assert steelyard("explain", train).out == page["markdown"]


def test_a_page_is_laid_out_on_a_terminal(steelyard: Steelyard, train: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    out = steelyard("explain", train, "--depth", "page").out
    assert "\x1b[" in out
    assert "##" not in out
    assert max(len(line) for line in _without_colours(out).splitlines()) <= 80


def _without_colours(text: str) -> str:
    return "".join(part.partition("m")[2] if index else part for index, part in enumerate(text.split("\x1b[")))


def test_the_trace_shows_every_number_of_a_score(steelyard: Steelyard, train: str) -> None:
    out = steelyard("explain", train, "--depth", "trace").out
    trace = steelyard("explain", train, "--depth", "trace", "--json").json()
    flat = _flat(out)
    for each in trace["roles"].values():
        for rule in each["rules"]:
            assert rule["rule"] in flat
        for framework in each["frameworks"]:
            if framework["outcome"] == "ranked":
                assert f"score {framework['score']:.12f}, recorded {framework['recorded_score']}" in flat
                for row in framework["rules"]:
                    assert f"{row['share']:.6f} x {row['opinion']:.6f} = {row['part']:.6f}" in flat
    assert f"differ by at most {trace['largest_residual']:.1e}" in flat
    assert trace["largest_residual"] < 1e-9


def test_a_score_can_be_summed_up_from_the_printed_trace(steelyard: Steelyard, train: str) -> None:
    parts, totals = 0.0, []
    for line in steelyard("explain", train, "--depth", "trace").out.splitlines():
        words = line.split()
        if words[:1] == ["score"]:
            totals.append((parts, float(words[1].rstrip(","))))
            parts = 0.0
        elif len(words) > 4 and (words[1], words[3]) == ("x", "="):
            assert float(words[0]) * float(words[2]) == pytest.approx(float(words[4]), abs=2e-6)
            parts += float(words[4])
    assert len(totals) == 4
    for summed, score in totals:
        assert summed == pytest.approx(score, abs=1e-5)


def test_an_unknown_depth_is_a_usage_error(steelyard: Steelyard, train: str) -> None:
    ended = steelyard("explain", train, "--depth", "novel")
    assert (ended.code, ended.out) == (2, "")
    assert "'line', 'page', 'trace'" in ended.err


# --- Compare ---------------------------------------------------------------------------------------------------------


def test_two_that_are_ranked_side_by_side(steelyard: Steelyard, train: str) -> None:
    found = steelyard("compare", "jax", "pytorch", "--decision", train, "--json").json()["roles"]["training"]
    out = _flat(steelyard("compare", "jax", "pytorch", "--decision", train).out)
    assert f"JAX and PyTorch in {train}" in out
    assert "the one recorded last" not in out
    assert f"PyTorch is {100 * -found['comparison']['gap']:.1f} points ahead of JAX" in out
    assert (
        f"PyTorch scores higher with a probability of {phrases.percent(1 - found['comparison']['probability'])}." in out
    )
    assert "Where PyTorch is ahead" in out
    assert "of the score): reach" in out
    assert "Runtime" not in out


def test_an_excluded_one_is_compared_as_if_no_gate_stopped_it(steelyard: Steelyard, phone: str) -> None:
    out = _flat(steelyard("compare", "pytorch", "tensorflow").out)
    assert f"in {phone}, the one recorded last" in out
    assert "TensorFlow excluded x TensorFlow has no NVIDIA build for windows" in out
    assert "As if no gate stopped either, " in out


def test_one_without_grades_has_nothing_to_compare(steelyard: Steelyard, phone: str) -> None:
    out = _flat(steelyard("compare", "pytorch", "mxnet").out)
    assert "One of them has no grades, so that there is nothing to compare." in out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["pytorch", "tensorflo"], "did you mean 'tensorflow'?"),
        (["pytorch", "pytorch"], "is not another alternative than 'pytorch'"),
        (["pytorch", "litert"], "is not two alternatives of one role of the decision"),
        (["pytorch", "jax", "--role", "serving"], "is not a role of the decision: training, runtime"),
        (["pytorch", "jax", "--decision", "d-none"], "no recommendation 'd-none' is stored"),
    ],
)
def test_what_cannot_be_compared_is_bad_input(
    steelyard: Steelyard, phone: str, arguments: list[str], said: str
) -> None:
    ended = steelyard("compare", *arguments)
    assert (ended.code, ended.out) == (2, "")
    assert said in ended.err
    assert steelyard("compare", *arguments, "--json").problem()["exit_code"] == 2


def test_nothing_recorded_leaves_nothing_to_ask(steelyard: Steelyard) -> None:
    for command in (["compare", "jax", "pytorch"], ["why-not", "jax"]):
        ended = steelyard(*command)
        assert (ended.code, ended.out) == (2, "")


# --- Why not ---------------------------------------------------------------------------------------------------------


def test_why_not_names_the_gate_with_both_values_and_the_way_back(steelyard: Steelyard, phone: str) -> None:
    out = _flat(steelyard("why-not", "tensorflow").out)
    assert f"TensorFlow tensorflow, in {phone}, the one recorded last" in out
    assert "For training, TensorFlow is excluded" in out
    assert "Training: excluded" in out
    assert "x TensorFlow has no NVIDIA build for windows" in out
    assert "needed: " in out
    assert "found: " in out
    assert "What would let it back in: answer train_hardware with" in out
    assert "or answer train_os with linux or wsl2 instead of windows; or leave train_os open." in out


def test_why_not_names_who_is_ahead_and_where(steelyard: Steelyard, train: str) -> None:
    out = steelyard("why-not", "jax").out
    assert "Training: 3rd with" in out
    assert "Where JAX loses to" in out


def test_why_not_of_the_first_says_that_it_is_first(steelyard: Steelyard, phone: str) -> None:
    out = steelyard("why-not", "pytorch").out
    assert "PyTorch is first" in out
    assert "Training: it comes 1st with" in out


def test_why_not_answers_for_every_alternative_on_file(steelyard: Steelyard, phone: str) -> None:
    for each in steelyard("knowledge", "show", "--json").json()["items"]:
        found = steelyard("why-not", each["id"], "--json").json()
        assert (found["framework"], found["decision"]) == (each["id"], phone)
        assert _flat(found["reason"]) in _flat(steelyard("why-not", each["id"]).out)


def test_why_not_asks_the_named_decision_or_the_last(steelyard: Steelyard, phone: str, train: str) -> None:
    assert steelyard("why-not", "jax", "--decision", phone, "--json").json()["decision"] == phone
    assert steelyard("why-not", "jax", "--decision", train, "--json").json()["decision"] == train
    assert steelyard("why-not", "jax", "--json").json()["decision"] in (phone, train)  # recorded in one second
    assert "recorded last" not in steelyard("why-not", "jax", "--decision", phone).out


def test_why_not_of_an_unknown_name_offers_the_nearest(steelyard: Steelyard, phone: str) -> None:
    ended = steelyard("why-not", "tensorflo")
    assert (ended.code, ended.out) == (2, "")
    assert "did you mean 'tensorflow'?" in ended.err


# --- What if ---------------------------------------------------------------------------------------------------------


def test_other_answers_show_what_changes(steelyard: Steelyard, phone: str) -> None:
    out = _flat(steelyard("what-if", phone, "train_os=linux", "team_experience=beginner", "stage=").out)
    assert f"What if against {phone}; nothing is recorded" in out
    assert "[train_os] Linux instead of Windows" in out
    assert "[team_experience]" in out
    assert "[stage] No answer instead of Production" in out
    same = _flat(steelyard("what-if", phone, "stage=production", "team_size=").out)
    assert "[stage] Production, as before" in same
    assert "[team_size] No answer, as before" in same
    assert "PyTorch is still first." in out
    assert "+ TensorFlow: ranked, was excluded, no longer stopped by train-nvidia-windows" in out
    assert "out → 2 TensorFlow" in out


def test_another_first_is_said_with_the_gap(steelyard: Steelyard, train: str) -> None:
    out = _flat(steelyard("what-if", train, "tried_and_rejected=pytorch", "known_frameworks=jax,tensorflow").out)
    found = steelyard("what-if", train, "known_frameworks=jax,tensorflow", "--json").json()
    assert found["changed"] == {"known_frameworks": ["jax", "tensorflow"]}
    assert found["decision"]["answers"]["known_frameworks"] == ["jax", "tensorflow"]
    lead = found["difference"]["roles"]["training"]["lead"]
    assert lead is not None
    assert f"is first instead of {'PyTorch' if lead['before'] == 'pytorch' else 'TensorFlow'}." in out


def test_what_if_records_nothing(steelyard: Steelyard, phone: str) -> None:
    then = steelyard("what-if", phone, "stage=research", "--json").json()["decision"]["id"]
    assert then != phone
    assert steelyard("replay", then).code == 2


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("offline=yes", True),
        ("team_size=3", 3.0),
        ("deploy_targets=android, ios", ["android", "ios"]),
        ("stage = research", "research"),
        ("python_version=3.10", "3.10"),
    ],
)
def test_an_answer_is_read_as_its_question_asks(steelyard: Steelyard, phone: str, text: str, value: object) -> None:
    found = steelyard("what-if", phone, text, "--json").json()
    ((question, given),) = found["changed"].items()
    assert given == value
    assert found["decision"]["answers"][question] == value


def test_every_fault_of_the_changes_is_listed(steelyard: Steelyard, phone: str) -> None:
    ended = steelyard("what-if", phone, "stge=research", "stage", "team_size=many", "stage=research", "stage=")
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.splitlines() == [
        "steelyard: The input has faults (4 faults)",
        "  QUESTION=ANSWER: 'stage' is not a change such as stage=research, deploy_targets=android,ios or team_size= "
        "to take an answer back",
        "  team_size: 'many' is not a number written like 1234.5 (people)",
        "  QUESTION=ANSWER: 'stage=' is not the only change of stage",
        "  answers: 'stge' is not a question (did you mean 'stage'?)",
    ]
    ended = steelyard("what-if", phone, "stage=reserch", "deploy_targets=androd,ios", "stge=", "stage=research")
    assert ended.code == 2
    assert "'stage=research' is not the only change of stage" in ended.err
    assert "answers: 'stge' is not a question" in ended.err
    assert "answers.stage: 'reserch'" in ended.err
    assert "did you mean 'research'?" in ended.err
    assert "answers.deploy_targets[0]: 'androd'" in ended.err


# --- Difference ------------------------------------------------------------------------------------------------------


def test_a_difference_names_what_differs_and_how_much_it_makes(
    steelyard: Steelyard, phone: str, train: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "120")
    ended = steelyard("diff", phone, train)
    found = steelyard("diff", phone, train, "--json").json()
    out = _flat(ended.out)
    assert f"What changed from {phone} to {train}" in out
    assert found["groups"] == ["answers"]
    assert "Answers that differ" in out
    assert "[train_os] No answer instead of Windows" in out
    assert "+ TensorFlow: ranked, was excluded, no longer stopped by train-nvidia-windows" in out
    for score in found["roles"]["training"]["scores"]:
        assert sum(score["parts"].values()) == pytest.approx(score["after"] - score["before"], abs=1e-9)


POLICY = {
    "name": "acme",
    "owner": "Board",
    "summary": "For tests.",
    "gates": [
        {
            "id": "acme-stop",
            "effect": "exclude",
            "roles": ["training"],
            "when": 'stage == "research"',
            "requires": 'alt.lifecycle == "archived"',
            "text": "{name} is not old enough",
            "argument": "For tests.",
            "examples": {
                "stops": [{"alternative": "pytorch", "answers": {"stage": "research"}}],
                "passes": [{"alternative": "caffe", "answers": {"stage": "research"}}],
            },
        }
    ],
    "weights": [{"rule": "base", "factor": 0.25, "argument": "Less."}],
}


def test_a_policy_is_a_difference_of_rules_and_weights(
    steelyard: Steelyard, train: str, answers: Callable[..., Path]
) -> None:
    policy = answers(json.dumps(POLICY), "acme.json")
    other: str = steelyard("recommend", "-", "--json", "--policy", policy, stdin=TRAIN).json()["id"]
    out = _flat(steelyard("diff", train, other).out)
    assert "Nobody is first instead of PyTorch, from rules." in out
    assert "x PyTorch: excluded, was ranked, stopped by acme-stop, from rules" in out
    assert "place framework before after change rules weights" in out
    assert "gate acme-stop: new" in out
    assert "rule base: debugging 0.25 instead of 1" in out
    back = _flat(steelyard("diff", other, train).out)
    assert "PyTorch is first instead of nobody, from rules and weights together." in back
    assert "gate acme-stop: gone" in back


def test_the_same_decision_differs_in_nothing(steelyard: Steelyard, phone: str) -> None:
    out = _flat(steelyard("diff", phone, phone).out)
    assert "Both were made from the same answers, hardware and knowledge." in out
    assert "is still first" in out


def test_roles_that_only_one_side_has_are_named(steelyard: Steelyard, train: str) -> None:
    other = steelyard("recommend", "-", "--json", "--role", "training", stdin=TRAIN).json()["id"]
    assert "This role is no longer answered." in steelyard("diff", train, other).out
    assert "This role is now answered too." in steelyard("diff", other, train).out


# --- All of them -----------------------------------------------------------------------------------------------------

ASKED: list[list[str]] = [
    ["explain", "ID"],
    ["explain", "ID", "--depth", "line"],
    ["explain", "ID", "--depth", "trace"],
    ["compare", "pytorch", "jax"],
    ["why-not", "jax"],
    ["what-if", "ID", "stage=education"],
    ["diff", "ID", "ID"],
]


@pytest.mark.parametrize("command", ASKED, ids=" ".join)
def test_under_json_there_is_one_document(steelyard: Steelyard, phone: str, command: list[str]) -> None:
    ended = steelyard(*(phone if word == "ID" else word for word in command), "--json")
    assert (ended.code, ended.err) == (0, "")
    found: Any = json.loads(ended.out)
    assert phone in (found.get("id"), found.get("decision"), found.get("before"))


@pytest.mark.parametrize("width", [50, 80, 200])
@pytest.mark.parametrize("command", ASKED[1:], ids=" ".join)
def test_lines_fit_the_terminal(
    steelyard: Steelyard, phone: str, command: list[str], width: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    lines = steelyard(*(phone if word == "ID" else word for word in command)).out.splitlines()
    assert lines
    assert max(len(line) for line in lines) <= min(width, 120)
    assert [line for line in lines if line != line.rstrip()] == []


@pytest.mark.parametrize(
    "command",
    [["explain", "d-none"], ["what-if", "d-none", "stage=research"], ["diff", "d-none", "d-none"]],
    ids=" ".join,
)
def test_an_unknown_decision_is_bad_input(steelyard: Steelyard, command: list[str]) -> None:
    ended = steelyard(*command)
    assert (ended.code, ended.out) == (2, "")
    assert ended.err == "steelyard: no recommendation 'd-none' is stored\n"


def test_preferences_are_a_difference_of_what_people_said(steelyard: Steelyard) -> None:
    def recorded(preferences: str) -> str:
        text = f"answers: {{need: train}}\npreferences: {preferences}".encode()
        identity: str = steelyard("recommend", "-", "--json", stdin=text).json()["id"]
        return identity

    one = recorded("{method: direct, weights: {memory: 3, debugging: 1.5}}")
    two = recorded("{stakeholders: [{name: Ann, say: 2, method: ranked, ranking: [memory, debugging]}]}")
    out = _flat(steelyard("diff", one, two).out)
    said = "Ann (ranked, say 2): memory, debugging instead of one person (direct): debugging 1.5, memory 3"
    assert f"What matters [preferences] {said}" in out


def test_a_first_that_only_a_gate_kept_out_is_said_to_be_so(
    steelyard: Steelyard, train: str, answers: Callable[..., Path]
) -> None:
    waiver = {"gate": "acme-stop", "owner": "Jo", "reason": "Tested.", "expires": "2999-01-01"}
    waivers = [{**waiver, "alternative": name} for name in ("tensorflow", "jax")]
    policy = answers(json.dumps({**POLICY, "weights": [], "waivers": waivers}), "acme.json")
    gated = steelyard("recommend", "-", "--json", "--policy", policy, stdin=TRAIN).json()["id"]
    kept_out = "Gates, not scores, kept PyTorch from being first before."
    assert kept_out in steelyard("diff", gated, train).out
    back = steelyard("diff", train, gated).out
    assert "TensorFlow is first instead of PyTorch." in back
    assert "Gates, not scores" not in back
