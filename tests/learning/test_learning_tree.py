"""A tree as a value: walked, told, written down and read again."""

import json
from dataclasses import replace

import pytest

from learning import tree as trees
from learning.features import Feature
from learning.tree import Fidelity, Leaf, Miss, Size, Split, Tree, outline, read, walk
from rules.decision import ENGINE
from rules.release import Release

BROWSER = Feature("deploy_targets", ("browser",), None, "Must it run in a web browser?")
ROWS = Feature("data_rows", (), 1000.0, "1,000 rows or more?")
TREE = Tree(
    role="training",
    release_id="r",
    release_sha256="abc",
    engine=ENGINE,
    seed="s",
    drawn=100,
    fitted=60,
    unanswered=0.05,
    root=Split(
        BROWSER,
        Leaf("js", 8, 0.75, "torch", 0.25),
        Split(ROWS, Leaf("torch", 20, 1.0, None, 0.0), Leaf("sk", 2, 0.5, "js", 0.5)),
    ),
    fidelity=Fidelity(30, 0.9, (0.744, 0.965), "torch", 0.6, 0.5, 1.5, 8.0, 0.25, 4),
    sizes=(Size(1, 0.6, 0.01), Size(3, 0.9, 0.005)),
    misses=(Miss("js", "torch", 2, 0.0667, "Offline?", 0.9, 0.1),),
)


def test_a_walk_tells_what_was_asked_and_what_was_not_known() -> None:
    steps, leaf = walk(TREE, {"data_rows": 5000.0})
    assert [(s.asks.question, s.holds, s.known) for s in steps] == [
        ("deploy_targets", False, False),
        ("data_rows", True, True),
    ]
    assert leaf.framework == "torch"
    assert walk(TREE, {"deploy_targets": ("browser", "ios")})[1].framework == "js"
    assert walk(TREE, {})[1].framework == "sk"


def test_every_part_survives_being_written_down() -> None:
    assert read(json.loads(json.dumps(TREE.document()))) == TREE
    alone = replace(TREE, root=Leaf("torch", 30, 0.6, None, 0.0), misses=(), sizes=())
    assert read(json.loads(json.dumps(alone.document()))) == alone


@pytest.mark.parametrize(
    "change",
    [{"schema": "steelyard/rule-of-thumb/0"}, {"fidelity": {}}, {"root": {"asks": {}}}, {"misses": [{"a": 1}]}],
)
def test_what_is_no_whole_tree_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="rule"):
        read({**json.loads(json.dumps(TREE.document())), **change})
    short = {key: value for key, value in TREE.document().items() if key != "root"}
    with pytest.raises(ValueError, match="root"):
        read(short)


def test_a_tree_of_another_release_or_engine_is_stale(small_release: Release) -> None:
    fresh = replace(TREE, release_sha256=small_release.sha256)
    assert fresh.belongs_to(small_release)
    assert not TREE.belongs_to(small_release)
    assert not replace(fresh, engine="0").belongs_to(small_release)


def test_the_outline_says_it_all() -> None:
    names = {"torch": "PyTorch", "js": "TensorFlow.js"}
    assert outline(TREE.root, names) == [
        "Must it run in a web browser?",
        "  yes: TensorFlow.js (75% of 8; else mostly PyTorch)",
        "  no: 1,000 rows or more?",
        "    yes: PyTorch (100% of 20)",
        "    no: sk (50% of 2; else mostly TensorFlow.js)",
    ]


def test_leaves_and_splits_are_all_there_in_order() -> None:
    assert [leaf.framework for leaf in trees.leaves(TREE.root)] == ["js", "torch", "sk"]
    assert [split.asks.question for split in trees.splits(TREE.root)] == ["deploy_targets", "data_rows"]
