"""The document of a decision: the same bytes everywhere, another passport for other inputs, nothing that JSON lacks."""

import json
import math
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings

from rules import canonical
from rules.release import Release, compile_release
from rules.requirements import parse
from tests.conftest import PROFILE
from tests.rules.builders import alternative, answers, decide, document, documents, rule

QUIET = settings(max_examples=40, deadline=None, database=None)
ANSWERS: dict[str, object] = {
    "train_hardware": ["nvidia_gpu"],
    "train_os": "linux",
    "deploy_targets": ["android", "server_cpu"],
    "priorities": ["debugging", "cost"],
    "known_frameworks": ["jax"],
    "considering": ["mxnet@1.9", "pytorch", "litert"],
    "python_version": "3.14",
}

SCRIPT = """
import sys
from pathlib import Path
from knowledge_base import pack, release
from rules import canonical, engine, requirements
from rules.release import compile_release
from tests.conftest import PROFILE
from tests.rules.test_rules_decision import ANSWERS
built = release.build(pack.load(Path(sys.argv[1])))
compiled = compile_release(built)
parsed = requirements.parse(ANSWERS, compiled.questionnaire)
decision = engine.decide(compiled, parsed, PROFILE).document()
sys.stdout.buffer.write(canonical.dump(built) + canonical.dump(decision))
"""


def in_a_process_of_its_own(folder: Path, hash_seed: str) -> bytes:
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": str(Path(__file__).parents[2])}
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(folder)], env=environment, capture_output=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


def test_two_processes_give_the_same_bytes_for_release_and_decision(small_pack_folder: Path) -> None:
    first, second = (in_a_process_of_its_own(small_pack_folder, seed) for seed in ("1", "4242"))
    assert first == second
    assert len(first) > 10_000


def passport(release: Release, given_answers: Mapping[str, object], **rest: Any) -> str:
    found: str = decide(release, given_answers, **rest).document()["passport"]
    return found


def test_the_same_inputs_have_the_same_passport(small_release: Release) -> None:
    assert passport(small_release, ANSWERS) == passport(small_release, dict(reversed(ANSWERS.items())))
    shuffled = {**ANSWERS, "deploy_targets": ["server_cpu", "android"]}
    assert passport(small_release, ANSWERS) == passport(small_release, shuffled)


@pytest.mark.parametrize(
    "change",
    [
        {"train_os": "windows"},
        {"train_os": None},
        {"priorities": ["cost", "debugging"]},
        {"considering": ["mxnet@1.8", "pytorch", "litert"]},
        {"offline": False},
        {"data_rows": 0},
        {"team_size": 3.5},
    ],
)
def test_another_answer_is_another_passport(small_release: Release, change: dict[str, object]) -> None:
    assert passport(small_release, {**ANSWERS, **change}) != passport(small_release, ANSWERS)


@pytest.mark.parametrize(
    "change",
    [
        {"label": "another machine"},
        {"captured_at": "2026-11-22T00:00:00Z"},
        {"os": "windows"},
        {"usable_cores": 7.5},
        {"memory_limit_bytes": 2**30},
        {"cpu_features": ()},
        {"devices": ()},
        {"devices": (replace(PROFILE.devices[0], driver_version="550.1"),)},
        {"devices": (replace(PROFILE.devices[0], memory_bytes=2**30),)},
    ],
)
def test_another_machine_is_another_passport(small_release: Release, change: dict[str, Any]) -> None:
    here = passport(small_release, {}, profile=PROFILE)
    assert passport(small_release, {}, profile=replace(PROFILE, **change)) != here
    assert passport(small_release, {}) != here


def test_other_roles_or_another_release_are_another_passport(small_release: Release) -> None:
    here = passport(small_release, ANSWERS)
    assert passport(small_release, ANSWERS, roles=["training"]) != here
    assert passport(replace(small_release, sha256="0" * 64), ANSWERS) != here


def test_the_id_is_made_from_the_passport(small_release: Release) -> None:
    document = decide(small_release, ANSWERS).document()
    assert document["id"] == f"d-{document['passport'][:24]}"
    assert len(document["passport"]) == 64
    body = {k: v for k, v in document.items() if k not in ("id", "passport")} | {"asked_roles": []}
    assert canonical.digest(body) == document["passport"]


def _numbers(value: Any) -> list[float]:
    if isinstance(value, dict):
        return [n for item in value.values() for n in _numbers(item)]
    if isinstance(value, list):
        return [n for item in value for n in _numbers(item)]
    return [value] if isinstance(value, float) else []


@QUIET
@given(documents(gates=True), answers())
def test_the_document_is_plain_json_without_odd_numbers(
    source: dict[str, Any], given_answers: dict[str, object]
) -> None:
    document = decide(compile_release(source), given_answers, profile=PROFILE).document()
    assert json.loads(json.dumps(document, allow_nan=False)) == document
    for number in _numbers(document):
        assert math.isfinite(number)
        assert math.copysign(1, number) == 1 or number < 0, "minus zero"


def test_a_difference_of_nothing_is_written_as_zero_not_as_minus_zero() -> None:
    """The mean of equals may miss them by the last bit; that must not show."""
    names = "abcdefg"
    levels = {f"c{index}": index / 100 for index in range(400)}
    grades = {criterion: dict.fromkeys(names, (level, 0.1)) for criterion, level in levels.items()}
    rules = [rule(criterion, {criterion: 1}) for criterion in levels]
    release = compile_release(document([alternative(name) for name in names], grades, rules))
    for place in decide(release, {}, roles=["training"]).document()["roles"]["training"]["ranking"]:
        signs = {math.copysign(1, reason["contribution"]) for reason in place["reasons"]}
        assert signs == {1.0}


@QUIET
@given(documents(gates=True), answers())
def test_every_member_on_file_is_either_ranked_or_excluded(
    source: dict[str, Any], given_answers: dict[str, object]
) -> None:
    result = decide(compile_release(source), given_answers, roles=["training"]).roles["training"]
    ranked, excluded = {p.framework for p in result.ranking}, {e.framework for e in result.excluded}
    assert not ranked & excluded
    assert ranked | excluded == {a["id"] for a in source["alternatives"]}
    assert {miss.framework for miss in result.near_misses} == {e.framework for e in result.excluded if e.relaxation}


# --- Beside the ranking ----------------------------------------------------------------------------------------------


def test_what_was_considered_is_told_what_became_of_it(small_release: Release) -> None:
    found = {c.framework: c for c in decide(small_release, ANSWERS).considered}
    assert {name: (c.version, c.outcome) for name, c in found.items()} == {
        "pytorch": (None, "ranked"),
        "mxnet": ("1.9", "excluded"),
        "litert": (None, "ranked"),
    }
    assert "MXNet is archived" in found["mxnet"].text
    assert "Facts on file are for version 1.0, not 1.9" in found["mxnet"].text
    assert "rank 1 of" in found["pytorch"].text
    alone = decide(small_release, {"considering": ["litert", "caffe"]}, roles=["training"]).considered
    assert {c.framework: c.outcome for c in alone} == {"litert": "not a candidate", "caffe": "excluded"}
    assert "Its successor is PyTorch" in next(c.text for c in alone if c.framework == "caffe")


def test_a_profile_fills_what_the_answers_leave_open_and_only_that(small_release: Release) -> None:
    decision = decide(small_release, {"train_os": ["linux"]}, profile=PROFILE)
    assert decision.hardware.basis == "profile"
    assert decision.hardware.label == PROFILE.label
    assert set(decision.hardware.filled) == {"train_hardware", "train_devices", "accelerator_memory_gb"}
    assert decision.hardware.facts["memory_gb"] == 32.0
    assert decision.hardware.disagreements == ()
    assert "train_hardware" not in decision.answers
    filled_by_hand = parse(
        {"train_os": ["linux"], "train_hardware": ["cpu", "nvidia_gpu"]}, small_release.questionnaire
    )
    ranked = decide(small_release, filled_by_hand.document()).roles["training"].ranking
    assert [p.framework for p in decision.roles["training"].ranking] == [p.framework for p in ranked]


@pytest.mark.parametrize(
    ("given_answers", "named"),
    [
        ({"train_hardware": ["tpu", "nvidia_gpu"]}, ["tpu"]),
        ({"train_hardware": ["cpu"], "train_os": ["windows", "macos"]}, ["macos, windows"]),
        ({"train_hardware": ["amd_gpu"], "train_os": "macos"}, ["amd_gpu", "macos"]),
        ({"train_hardware": ["cpu", "nvidia_gpu"], "train_os": "linux"}, []),
        ({"train_hardware": ["none"]}, []),
        ({}, []),
    ],
)
def test_a_disagreement_between_answers_and_profile_is_told_and_the_answers_hold(
    small_release: Release, given_answers: dict[str, object], named: list[str]
) -> None:
    decision = decide(small_release, given_answers, profile=PROFILE)
    told = decision.hardware.disagreements
    assert [any(name in text for text in told) for name in named] == [True] * len(named)
    assert len(told) == len(named)
    assert not set(decision.hardware.filled) & given_answers.keys()


# --- Canonical bytes -------------------------------------------------------------------------------------------------


def test_equal_documents_have_equal_bytes_whatever_the_order_of_their_keys() -> None:
    assert (
        canonical.dump({"b": [1, {"d": None, "c": "ä"}], "a": True}) == '{"a":true,"b":[1,{"c":"ä","d":null}]}'.encode()
    )
    assert canonical.digest({"a": 1, "b": 2}) == canonical.digest({"b": 2, "a": 1})
    assert canonical.digest({}) == "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
def test_a_number_that_json_lacks_has_no_bytes(number: float) -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        canonical.dump([number])
