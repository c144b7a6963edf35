"""Plans: who is chosen, which packages are pinned, what is needed."""

import pytest

from probes.measuring.plan import SUBJECTS, Effort, Plan, plan
from probes.measuring.running import STAGE
from rules.faults import InvalidInput


def planned(*chosen: str, pins: tuple[str, ...] = ()) -> Plan:
    return plan(chosen, Effort(), 2, pins)


def test_a_framework_stands_for_all_its_ways_and_a_way_for_itself() -> None:
    assert [each.id for each in planned("keras").subjects] == ["keras-tensorflow", "keras-jax", "keras-torch"]
    assert [each.id for each in planned("keras-jax", "numpy").subjects] == ["numpy", "keras-jax"]
    assert planned().subjects == SUBJECTS


def test_what_the_issue_names_is_there() -> None:
    wanted = {"pytorch", "tensorflow", "keras", "jax", "scikit-learn", "xgboost", "lightgbm", "onnxruntime", "litert"}
    assert wanted <= {each.framework for each in SUBJECTS}
    assert all((STAGE.parent / each.script).is_file() for each in SUBJECTS)
    assert len({each.id for each in SUBJECTS}) == len(SUBJECTS)


def test_ways_with_the_same_packages_share_an_environment_and_models_need_their_maker() -> None:
    assert list(planned("tensorflow", "keras-tensorflow").environments()) == [("tensorflow-cpu",)]
    assert list(planned("litert").environments()) == [("ai-edge-litert",), ("tensorflow-cpu",)]
    assert list(planned("onnxruntime", "openvino").environments()) == [("onnxruntime",), ("openvino",), ("onnx",)]


def test_a_round_is_every_pair_once_training_first() -> None:
    cells = [(subject.id, task, mode) for subject, task, mode in planned("scikit-learn", "litert").cells()]
    assert cells == [
        ("scikit-learn", "mlp", "train"),
        ("scikit-learn", "table", "train"),
        ("scikit-learn", "mlp", "predict"),
        ("litert", "mlp", "predict"),
        ("litert", "cnn", "predict"),
    ]


def test_a_pin_holds_wherever_its_package_is_needed() -> None:
    pinned = planned("pytorch", "keras-torch", pins=("torch==2.13.0",))
    assert [each.requirements for each in pinned.subjects] == [("torch==2.13.0", "numpy"), ("keras", "torch==2.13.0")]
    assert planned("scikit-learn", pins=("Scikit_Learn<2",)).subjects[0].requirements == ("Scikit_Learn<2",)


def test_every_fault_is_told_at_once() -> None:
    with pytest.raises(InvalidInput) as caught:
        planned("pytorhc", "jax", pins=("torch==", "jxa==1", "jax==0.10"))
    found = [(fault.path, fault.value, fault.nearest) for fault in caught.value.faults]
    assert found == [("FRAMEWORK", "'pytorhc'", "pytorch"), ("--pin", "'torch=='", None), ("--pin", "'jxa==1'", "jax")]


def test_a_pin_cannot_smuggle_an_option_to_pip() -> None:
    with pytest.raises(InvalidInput):
        planned("jax", pins=("--index-url=https://elsewhere/jax",))
