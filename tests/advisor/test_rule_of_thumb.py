"""The rule of thumb as a use case: the right tree for a release, and why a project departs from it."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from advisor import knowledge, recommend, rule_of_thumb
from advisor.house import House, Remembered
from knowledge_base.fingerprint import SHIPPED
from learning.tree import Leaf, Split, Tree, leaves
from rules import engine, requirements
from rules.faults import InvalidInput
from rules.release import Release
from storage.database import Database
from tests.conftest import NOW, PROFILE

COLUMNS: dict[str, Any] = {"approach": "classical_ml", "need": "train", "task": "classification", "modality": "tabular"}


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A house with the shipped pack."""
    database = Database(f"sqlite:///{tmp_path_factory.mktemp('shipped') / 'test.db'}")
    database.require_head()
    house = House(database, lambda: NOW, lambda: PROFILE)
    knowledge.publish(house, SHIPPED)
    yield house
    database.close()


@pytest.fixture(autouse=True)
def _nothing_kept() -> Iterator[None]:
    rule_of_thumb._kept.clear()
    yield
    rule_of_thumb._kept.clear()


@pytest.fixture
def fits(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The roles that were fitted, in order; fitting itself is left out."""
    found: list[str] = []

    def fitted(release: Release, role: str) -> Tree | None:
        found.append(role)
        return replace(rule_of_thumb._shipped()[role], release_sha256=release.sha256)

    monkeypatch.setattr(rule_of_thumb, "fitted", fitted)
    return found


# --- Which tree ------------------------------------------------------------------------------------------------------


def test_the_shipped_trees_are_those_of_the_shipped_release(shipped_release: Release) -> None:
    """Fitted anew they are the same: after a change of pack or engine, run scripts/refresh-rule-of-thumb."""
    trees = {role: rule_of_thumb.fitted(shipped_release, role) for role in rule_of_thumb.ROLES}
    found = {role: tree for role, tree in trees.items() if tree}
    assert rule_of_thumb.SHIPPED.read_text("utf-8") == rule_of_thumb.as_shipped(found)


def test_the_shipped_release_has_its_trees_without_fitting(shipped_release: Release, fits: list[str]) -> None:
    for role in rule_of_thumb.ROLES:
        tree = rule_of_thumb.tree(shipped_release, role)
        assert tree is not None
        assert tree.belongs_to(shipped_release)
    assert fits == []


def test_another_release_is_fitted_once(small_release: Release, fits: list[str]) -> None:
    for _ in range(2):
        tree = rule_of_thumb.tree(small_release, "training")
        assert tree is not None
        assert tree.release_sha256 == small_release.sha256
    assert fits == ["training"]
    rule_of_thumb.tree(small_release, "runtime")
    assert fits == ["training", "runtime"]


def test_a_stale_tree_is_not_used(
    shipped_release: Release, fits: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    document = json.loads(rule_of_thumb.SHIPPED.read_text("utf-8"))
    document["roles"]["training"]["release_sha256"] = "0" * 64
    document["roles"]["runtime"]["engine"] = "0"
    stale = tmp_path / "shipped.json"
    stale.write_text(json.dumps(document), "utf-8")
    monkeypatch.setattr(rule_of_thumb, "SHIPPED", stale)
    rule_of_thumb._shipped.cache_clear()
    try:
        for role in rule_of_thumb.ROLES:
            rule_of_thumb.tree(shipped_release, role)
    finally:
        rule_of_thumb._shipped.cache_clear()
    assert fits == ["training", "runtime"]


def test_the_document_holds_what_a_reader_needs(shipped: House) -> None:
    found = json.loads(json.dumps(rule_of_thumb.document(shipped)))
    release = shipped.knowledge().release
    assert found["release"] == {"id": release.id, "sha256": release.sha256}
    for role, tree in found["roles"].items():
        assert tree["role"] == role
        named = {leaf.framework for leaf in leaves(rule_of_thumb._shipped()[role].root)}
        assert named <= set(tree["names"]) <= set(release.alternatives)
        assert tree["names"]["pytorch" if role == "training" else "onnxruntime"] in " ".join(tree["text"])


# --- A project -------------------------------------------------------------------------------------------------------


def forced(monkeypatch: pytest.MonkeyPatch, role: str, framework: str) -> None:
    """Have the tree say one thing to everybody."""
    tree = replace(rule_of_thumb._shipped()[role], root=Leaf(framework, 10, 0.5, None, 0.0))
    monkeypatch.setattr(rule_of_thumb, "tree", lambda _, asked, **_how: tree if asked == role else None)


def walked(house: House, answers: dict[str, Any], role: str = "training", **asked: Any) -> dict[str, Any]:
    found: dict[str, Any] = rule_of_thumb.for_answers(house, answers, **asked)["roles"][role]
    return json.loads(json.dumps(found))  # type: ignore[no-any-return]


def test_a_plain_project_agrees_and_its_path_is_told(shipped: House) -> None:
    found = walked(shipped, COLUMNS)
    assert (found["verdict"], found["says"], found["engine"]["first"]) == ("agrees", "scikit-learn", "scikit-learn")
    assert found["because"] == []
    assert found["text"] == "The rule of thumb says scikit-learn. The engine says the same."
    assert any(step["question"] == "approach" and step["holds"] and step["known"] for step in found["path"])
    assert any(step["known"] is False and step["holds"] is False for step in found["path"])


def test_of_runtimes_that_nobody_needs_it_is_only_said_who_is_first(
    shipped: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = {**COLUMNS, "deploy_targets": ["server_cpu"], "serving_language": ["python"]}
    forced(monkeypatch, "runtime", "onnxruntime")
    found = walked(shipped, answers, "runtime")
    assert found["verdict"] == "agrees"
    assert found["text"].endswith("Of the runtimes, the engine puts ONNX Runtime first too.")


def test_the_path_is_that_of_the_tree(shipped: House) -> None:
    found = walked(shipped, COLUMNS)
    node = rule_of_thumb._shipped()["training"].root
    for step in found["path"]:
        assert isinstance(node, Split)
        assert step["text"] == node.asks.text
        node = node.yes if step["holds"] else node.no
    assert isinstance(node, Leaf)
    assert found["leaf"]["framework"] == found["says"] == node.framework


def test_what_makes_the_difference_is_what_taken_back_makes_them_agree(
    shipped: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    forced(monkeypatch, "training", "pytorch")
    answers = {"need": "train", "approach": "deep_learning", "train_hardware": "tpu", "train_devices": 64}
    found = walked(shipped, answers)
    assert found["engine"]["first"] == "jax"
    assert found["verdict"] in ("tied", "behind", "excluded")
    back = [each["question"] for each in found["because"]]
    assert back
    left = {q: a for q, a in answers.items() if q not in back}
    release = shipped.knowledge().release
    decided = engine.decide(release, requirements.parse(left, release.questionnaire), roles=["training"])
    assert decided.roles["training"].ranking[0].framework == "pytorch"
    assert "does not look at" in found["text"]
    assert all(each["text"] in found["text"] for each in found["because"])
    assert [each["answer"] for each in found["because"]] == [
        [answers[q]] if q == "train_hardware" else answers[q] for q in back
    ]


def test_several_answers_may_make_it_together(shipped: House) -> None:
    answers = {
        "approach": "deep_learning",
        "train_hardware": ["amd_gpu", "browser_gpu"],
        "end_users_install": True,
        "existing_code": "haiku",
    }
    found = walked(shipped, answers)
    back = [each["question"] for each in found["because"]]
    assert len(back) > 1
    release = shipped.knowledge().release

    def first(taken_back: list[str]) -> str:
        left = {q: a for q, a in answers.items() if q not in taken_back}
        asked = requirements.parse(left, release.questionnaire)
        return engine.decide(release, asked, roles=["training"], what_if=False).roles["training"].ranking[0].framework

    assert first(back) == "pytorch"
    assert all(first([q for q in back if q != each]) != "pytorch" for each in back)


def test_what_is_not_answered_is_named_where_nothing_else_makes_the_difference(shipped: House) -> None:
    found = walked(shipped, {"python_version": "3.12"})
    assert (found["says"], found["engine"]["first"]) == ("pytorch", "scikit-learn")
    assert found["because"] == []
    assert "the tree assumes no, here to “What kind of machine learning is it?”" in found["text"]


def test_what_a_gate_excludes_is_told_with_the_gate(shipped: House, monkeypatch: pytest.MonkeyPatch) -> None:
    forced(monkeypatch, "training", "caffe")
    found = walked(shipped, COLUMNS)
    assert found["verdict"] == "excluded"
    assert found["engine"]["behind"] is None
    assert found["engine"]["excluded"]
    assert found["engine"]["excluded"][0].rstrip(".") in found["text"]


def test_a_tie_is_called_one(shipped: House, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = walked(shipped, {"approach": "bayesian", "need": "train"})
    tied = [name for name in plain["engine"]["tied"] if name != plain["engine"]["first"]]
    assert tied, "another example is needed"
    forced(monkeypatch, "training", tied[0])
    found = walked(shipped, {"approach": "bayesian", "need": "train"})
    assert found["verdict"] == "tied"
    assert "cannot tell the two apart" in found["text"]


def test_where_nothing_is_left_there_is_nothing_to_agree_with(shipped: House) -> None:
    answers = {"need": "train", "training_language": "rust"}
    found = walked(shipped, answers, roles=["training"])
    assert found["engine"]["first"] is None, "another example is needed"
    assert found["verdict"] == "nothing"
    assert found["text"].endswith("The engine finds that nothing passes every gate.")


def test_hardware_fills_in_and_is_not_taken_back(shipped: House, monkeypatch: pytest.MonkeyPatch) -> None:
    forced(monkeypatch, "training", "jax")
    found = walked(shipped, {"need": "train", "approach": "deep_learning"}, hardware_from="local")
    assert {each["question"] for each in found["because"]} <= {"need", "approach"}


def test_only_called_roles_are_walked(shipped: House) -> None:
    found = rule_of_thumb.for_answers(shipped, {"need": "inference_only", "deploy_targets": "browser"})
    assert set(found["roles"]) == {"runtime"}


def test_bad_answers_are_refused_with_every_fault(shipped: House) -> None:
    with pytest.raises(InvalidInput) as caught:
        rule_of_thumb.for_answers(shipped, {"approach": "magic", "stagee": "x"})
    assert len(caught.value.faults) == 2


def test_a_recorded_decision_is_walked_from_its_own_release(shipped: House, small_pack_folder: Path) -> None:
    recorded = recommend.answer(shipped, COLUMNS)
    before = rule_of_thumb.for_decision(shipped, recorded.id)
    assert before == rule_of_thumb.for_answers(shipped, COLUMNS)
    release = shipped.knowledge().release.id
    knowledge.publish(shipped, small_pack_folder)
    assert shipped.knowledge().release.id != release
    assert rule_of_thumb.for_decision(shipped, recorded.id) == before


# --- What asking for it costs ----------------------------------------------------------------------------------------


def test_a_recorded_decision_is_walked_once_for_each_tree(
    shipped: House, fits: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    knowledge.publish(shipped, SHIPPED)
    asked: list[str] = []
    decide = engine.decide

    def counted(*given: Any, **how: Any) -> Any:
        asked.append("")
        return decide(*given, **how)

    monkeypatch.setattr(engine, "decide", counted)
    ids = [recommend.answer(shipped, {**COLUMNS, "team_size": size}).id for size in (3, 4)]
    asked.clear()
    first = [rule_of_thumb.for_decision(shipped, each) for each in ids]
    assert len(asked) == 2
    assert [rule_of_thumb.for_decision(shipped, each) for each in ids] == first
    assert len(asked) == 2
    monkeypatch.setattr(rule_of_thumb, "tree", lambda *_, **__: None)  # as for a release whose trees are not at hand
    assert rule_of_thumb.for_decision(shipped, ids[0])["roles"] == {}
    assert len(asked) == 3


def test_what_is_remembered_is_bounded_and_what_was_asked_for_last_stays() -> None:
    kept: Remembered[str, int] = Remembered(2)
    kept.keep("a", 1)
    kept.keep("b", 2)
    assert kept.get("a") == 1
    kept.keep("c", 3)
    kept.keep("a", 4)
    assert [kept.get(each) for each in "abc"] == [4, None, 3]


POLICY = {
    "name": "acme",
    "owner": "Board",
    "summary": "Ours.",
    "weights": [{"rule": "base", "factor": 0.5, "argument": "We have a platform team."}],
}


def test_a_policy_leaves_no_mark_on_what_others_are_told(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str | None] = []
    monkeypatch.setattr(rule_of_thumb, "fitted", lambda release, role: seen.append(release.policy_sha256))
    rule_of_thumb.for_answers(house, {"stage": "production"}, policy=POLICY)
    assert seen
    assert set(seen) == {None}


def test_only_the_active_release_is_fitted_on_request(house: House, fits: list[str]) -> None:
    for day in ("2026-10-01", "2026-10-02", "2026-10-03"):
        assert rule_of_thumb.for_answers(house, {"stage": "production"}, as_of=day)["roles"] == {}
    assert fits == []
    assert rule_of_thumb.for_answers(house, {"stage": "production"})["roles"]
    assert fits == ["training"]
