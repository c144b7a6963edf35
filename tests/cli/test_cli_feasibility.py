import json
from collections.abc import Callable
from pathlib import Path

import pytest

import probes
from tests.commanding import Steelyard
from tests.conftest import PROFILE


def test_the_screen_shows_items_formulas_answers_and_what_would_fit(steelyard: Steelyard) -> None:
    ended = steelyard("feasibility", "--parameters", "7e9", "--memory", "24 GiB")
    out = " ".join(ended.out.split())
    for said in (
        "7 billion parameters on 1 device, 24 GiB each",
        "Training the whole model no: 105 to",
        "optimiser 8 P (Adam: 2 of 4 bytes)",
        "- LoRA: 13.4 to 23.3 GiB, fits: yes",
        "room for keys and values: 1.09 to 10.8 GiB of each device, 1,467 to 393,283 tokens of all requests together,",
        "Serving the model",
        "docs/feasibility.md has the sources",
    ):
        assert said in out, said
    assert ended.code == 0


def test_json_is_one_document_and_needs_no_database(steelyard: Steelyard, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STEELYARD_DATABASE_URL", "sqlite:////nowhere/at/all.db")
    ended = steelyard(
        "feasibility", "--parameters", "8030261248", "--tuning", "serve", "--context", "8192", "--requests", "2",
        "--architecture", "32,4096,32,8,128,128256", "--json",
    )  # fmt: skip
    (way,) = ended.json()["ways"]
    assert {part["name"]: part["gib"][0] for part in way["parts"]}["keys and values"] == 2.0
    assert way["answer"] == "unknown"


def test_a_profile_in_a_file_is_taken(steelyard: Steelyard, tmp_path: Path) -> None:
    path = tmp_path / "machine.json"
    path.write_text(json.dumps(probes.document(PROFILE)))
    found = steelyard("feasibility", "--parameters", "7e9", "--hardware", path, "--json").json()
    assert found["hardware"] == PROFILE.label
    assert found["memory_bytes"] == 24 * 2**30


def test_a_known_machine_is_taken_without_a_database(steelyard: Steelyard, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STEELYARD_DATABASE_URL", "sqlite:////nowhere/at/all.db")
    found = steelyard("feasibility", "--parameters", "7e9", "--hardware", "catalogue:g5.xlarge", "--json").json()
    assert "A10G" in found["hardware"]
    assert 20 < found["memory_bytes"] / 2**30 < 24


def test_what_an_app_may_use_of_a_phone_is_not_known_and_of_a_function_it_is_the_limit(steelyard: Steelyard) -> None:
    asked = ("feasibility", "--parameters", "1e9", "--tuning", "serve", "--precision", "q4_k_m", "--json", "--hardware")
    (phone,) = steelyard(*asked, "catalogue:iphone-15-pro").json()["ways"]
    assert (phone["usable_gib"], phone["answer"]) == (None, "unknown")
    (function,) = steelyard(*asked, "catalogue:aws-lambda").json()["ways"]
    assert function["usable"] == "all of the limit"
    assert 0 < function["usable_gib"][0] <= 10


def test_of_a_net_on_a_microcontroller_only_the_weights_are_told_in_units_of_their_size(steelyard: Steelyard) -> None:
    asked = ("feasibility", "--parameters", "20000", "--hardware", "catalogue:arduino-nano-33-ble")
    out = " ".join(steelyard(*asked).out.split())
    assert "20,000 parameters on 1 device, 256 KiB each" in out
    assert "uncertain: 39.1 KiB, typically 39.1; 256 KiB may be used" in out
    assert "KiB to takes formula 39.1 39.1 weights" in out
    assert "Training" not in out
    (way,) = steelyard(*asked, "--json").json()["ways"]
    assert way["gib"] == [3.725e-05] * 3


def test_host_memory_is_shown_where_something_is_moved_there(steelyard: Steelyard, tmp_path: Path) -> None:
    path = tmp_path / "machine.json"
    path.write_text(json.dumps(probes.document(PROFILE)))
    asked = ("--parameters", "8e9", "--tuning", "full", "--hardware", path)
    out = " ".join(steelyard("feasibility", *asked, "--offload", "all", "--sharding", "zero3").out.split())
    assert "host memory: 201 GiB (18 P * 1.5); 24 to 32 GiB may be used" in out
    assert "in host memory" not in steelyard("feasibility", *asked).out


@pytest.mark.parametrize(
    ("text", "number"),
    [("7B", 7e9), ("350M", 350e6), ("1.5T", 1.5e12), ("20k", 2e4), ("8030261248", 8030261248), ("7e9", 7e9)],
)
def test_a_number_of_parameters_is_taken_as_people_write_it(steelyard: Steelyard, text: str, number: float) -> None:
    assert steelyard("feasibility", "--parameters", text, "--tuning", "serve", "--json").json()["parameters"] == number


@pytest.mark.parametrize("text", ["many", "7 apples", "7G", "-7B", "0", "1e999", "9999T", "", "nan", "B"])
def test_what_is_no_number_of_parameters_is_refused_with_what_is_one(steelyard: Steelyard, text: str) -> None:
    ended = steelyard("feasibility", f"--parameters={text}")
    assert ended.code == 2
    assert "parameters" in ended.err
    assert "a number from 1 to 1e+15" in ended.err


def test_every_fault_is_listed_with_the_nearest_name(steelyard: Steelyard) -> None:
    ended = steelyard("feasibility", "--parameters", "7e9", "--tuning", "qlorra", "--architecture", "32,x,1,1,1,1,1")
    assert ended.code == 2
    for said in ("did you mean 'qlora'", "architecture.hidden", "part 7"):
        assert said in ended.err, said


def test_a_recommendation_tells_what_does_not_fit_and_the_formulas(
    steelyard: Steelyard, answers: Callable[[str], Path]
) -> None:
    file = answers("{need: fine_tune, approach: llm, model_parameters: 13000000000, accelerator_memory_gb: 24}")
    out = " ".join(steelyard("recommend", file, "--no-store").out.split())
    assert "Training the whole model does not fit: it needs" in out
    assert "QLoRA" in out
    assert "8 P (Adam: 2 of 4 bytes)" in out
    document = steelyard("recommend", file, "--json").json()
    assert document["feasibility"]["cautions"][0].startswith("Training the whole model does not fit")
    page = steelyard("explain", document["id"]).out
    assert "Memory" in page
    assert "13 billion" not in document["feasibility"]["assumed"]


def test_a_recommendation_without_a_size_says_nothing_of_memory(
    steelyard: Steelyard, answers: Callable[[str], Path]
) -> None:
    file = answers("{need: fine_tune, approach: llm, accelerator_memory_gb: 24}")
    assert steelyard("recommend", file, "--no-store", "--json").json()["feasibility"] is None
