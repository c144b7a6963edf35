"""`steelyard catalogue`, and `--hardware catalogue:NAME` wherever hardware is taken."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.commanding import Steelyard


def test_machines_are_listed_by_words_and_class(steelyard: Steelyard) -> None:
    ended = steelyard("catalogue", "jetson", "orin", "--class", "board")
    assert ended.code == 0
    assert "jetson-agx-orin-64gb" in ended.out
    assert "5 machines. What if: steelyard recommend ANSWERS --hardware catalogue:jetson-" in " ".join(
        ended.out.split()
    )
    assert "No known machine" in steelyard("catalogue", "zzzz").out


def test_the_list_is_a_document_for_programs(steelyard: Steelyard) -> None:
    found = steelyard("catalogue", "--kind", "trainium", "--json").json()["machines"]
    assert found
    assert all(row["devices"][0]["kind"] == "trainium" for row in found)


def test_one_machine_is_shown_with_its_sources_and_what_it_answers(steelyard: Steelyard) -> None:
    out = " ".join(steelyard("catalogue", "--show", "esp32-s3").out.split())
    for said in (
        "Hardware catalogue:esp32-s3-devkitc",
        "Memory 320 KiB",
        "deploy_targets = microcontroller",
        "artifact_mb = 8.389",
        "PlatformIO: Board Espressif ESP32-S3-DevKitC-1",
        "https://github.com/",
    ):
        assert said in out, said
    brochure = " ".join(steelyard("catalogue", "--show", "g5.xlarge").out.split())
    assert "1 x NVIDIA A10G (nvidia gpu), 22.35 GiB by the brochure, Ampere, compute capability 8.6" in brochure
    assert steelyard("catalogue", "--show", "g5.xlarge", "--json").json()["name"] == "aws-g5-xlarge"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("catalogue", "--show", "g5.xlarg"), "aws-g5-xlarge"),
        (("catalogue", "--kind", "nvidia"), "nvidia_gpu"),
        (("catalogue", "--class", "bord"), "board"),
        (("recommend", "-", "--hardware", "catalogue:pixle-9"), "catalogue:pixel-9"),
    ],
)
def test_what_is_not_there_is_told_with_the_nearest(
    steelyard: Steelyard, arguments: tuple[str, ...], said: str
) -> None:
    ended = steelyard(*arguments, stdin=b"stage: research")
    assert ended.code == 2
    assert said in ended.err


def test_hardware_of_the_catalogue_on_the_command_line_in_a_file_and_in_a_batch(
    steelyard: Steelyard, answers: Callable[..., Path], tmp_path: Path
) -> None:
    out = steelyard("recommend", "-", "--hardware", "catalogue:g5.xlarge", stdin=b"stage: research").out
    assert "hardware: AWS g5.xlarge: 1 x NVIDIA A10G (what if), as known on 2026-08-21" in " ".join(out.split())
    path = answers("answers: {stage: research}\nhardware: catalogue:pixel-9\n")
    assert steelyard("recommend", path, "--json").json()["hardware"]["filled"]["deploy_os"] == ["android"]
    rows = answers("stage\nresearch\n", "rows.csv")
    ended = steelyard("score", rows, "-o", tmp_path / "out.csv", "--hardware", "catalogue:pixel-9", "--json")
    assert ended.json()["scored"] == 1
