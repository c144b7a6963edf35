"""`steelyard rule-of-thumb`: the tree as text, and a project's way through it."""

from collections.abc import Callable
from pathlib import Path

import pytest

from advisor import rule_of_thumb
from learning import fitting
from tests.commanding import Steelyard


@pytest.fixture(autouse=True)
def _small_samples(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fitting, "DRAWN", 4000)


def test_the_tree_is_shown_with_how_often_it_is_right(steelyard: Steelyard) -> None:
    shown = steelyard("rule-of-thumb", "--json").json()
    ended = steelyard("rule-of-thumb")
    assert ended.code == 0
    said = " ".join(ended.out.split())
    for tree in shown["roles"].values():
        assert f"of {tree['fidelity']['projects']:,} plausible projects" in said
        for line in tree["text"]:
            assert " ".join(line.split()) in said


def test_one_role_alone(steelyard: Steelyard) -> None:
    shown = steelyard("rule-of-thumb", "--role", "runtime", "--json").json()
    assert list(shown["roles"]) == ["runtime"]
    assert "Training" not in steelyard("rule-of-thumb", "--role", "runtime").out


def test_a_role_without_one_is_refused(steelyard: Steelyard) -> None:
    ended = steelyard("rule-of-thumb", "--role", "serving")
    assert ended.code == 2
    assert "a role with a rule of thumb: training, runtime" in ended.err


def test_a_project_is_led_through_and_set_beside_the_engine(
    steelyard: Steelyard, answers: Callable[[str], Path]
) -> None:
    path = answers("name: Phones\nanswers:\n  need: train\n  deploy_targets: [android]\n")
    found = steelyard("rule-of-thumb", path, "--json").json()
    ended = steelyard("rule-of-thumb", path)
    assert ended.code == 0
    said = " ".join(ended.out.split())
    assert said.startswith("Phones")
    for walked in found["roles"].values():
        assert said.count(walked["text"]) == 1
        assert "The engine agrees" not in said
        assert all(step["text"] in said for step in walked["path"])
        assert ("not answered, so no" in said) or all(step["known"] for step in walked["path"])


def test_faults_of_the_answers_have_their_place(steelyard: Steelyard, answers: Callable[[str], Path]) -> None:
    ended = steelyard("rule-of-thumb", answers("need: train\nstagee: x\n"))
    assert ended.code == 2
    assert "answers.yaml:2:9: answers: 'stagee'" in ended.err


def test_a_release_without_a_tree_says_so(
    steelyard: Steelyard, answers: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rule_of_thumb, "tree", lambda *_, **__: None)
    assert "too few alternatives" in steelyard("rule-of-thumb").out
    assert "no role that has a rule of thumb" in steelyard("rule-of-thumb", answers("need: train\n")).out
