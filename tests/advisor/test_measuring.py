"""Measuring as a use case: the plan to consent to, files that are written, documents that are read."""

import json
from pathlib import Path
from typing import Any

import pytest

from advisor import measuring
from advisor.errors import InvalidInput
from advisor.settings import Settings
from probes.measuring import documents, environments
from tests.measured import document, measurement, run, subject

FOUND = measurement([subject("a", "pytorch")], [run("a", repeat) for repeat in range(3)])


def test_the_plan_tells_what_is_missing_and_installs_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(environments, "make", lambda *_: pytest.fail("something was installed"))
    monkeypatch.setattr(environments, "ready", lambda _, needed: object() if needed == ("jax",) else None)
    meant = measuring.intention(Settings(home=tmp_path / "home"), ["jax", "lightgbm"], repeats=3)
    assert meant.missing() == {("lightgbm",): 200}
    told = meant.as_document()
    assert told["environments"] == [
        {"requirements": ["jax"], "about_mb": 600, "ready": True},
        {"requirements": ["lightgbm"], "about_mb": 200, "ready": False},
    ]
    assert (told["subjects"], told["repeats"], told["runs"]) == (["jax", "lightgbm"], 3, 3 * 5)
    assert told["threads"] >= 1
    assert not (tmp_path / "home").exists()


@pytest.mark.parametrize("repeats", [0, 101, -1])
def test_repeats_have_bounds(tmp_path: Path, repeats: int) -> None:
    with pytest.raises(InvalidInput, match="--repeats"):
        measuring.intention(Settings(home=tmp_path), repeats=repeats)


def test_a_page_keeps_its_prose_and_gets_document_and_pictures(tmp_path: Path) -> None:
    (tmp_path / "measurements.md").write_text("# Mine\n\nProse.\n", encoding="utf-8")
    written = measuring.write(FOUND, tmp_path)
    assert all(path.is_file() for path in written)
    text = (tmp_path / "measurements.md").read_text(encoding="utf-8")
    assert text.startswith("# Mine\n\nProse.\n")
    assert "(pictures/measurements-size.svg)" in text
    assert measuring.load(tmp_path / "measurements.json") == FOUND
    before = {path: path.read_bytes() for path in written}
    assert {path: path.read_bytes() for path in measuring.write(FOUND, tmp_path)} == before


@pytest.mark.parametrize(
    "content", [b"", b"{", b"\xff", b"[" * 100_000, b"{}", b'{"schema": "steelyard/measurement/1"}']
)
def test_what_is_no_measurement_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "m.json").write_bytes(content)
    with pytest.raises(InvalidInput):
        measuring.load(tmp_path / "m.json")


def test_a_document_that_is_too_long_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "MAX_DOCUMENT_BYTES", 1000)
    (tmp_path / "m.json").write_text(measuring.dump(FOUND))
    with pytest.raises(InvalidInput, match="more than 1000 bytes"):
        measuring.load(tmp_path / "m.json")


def test_programs_get_the_figures_beside_the_document() -> None:
    runs: list[dict[str, Any]] = [
        *(run("a", n, import_s=1.0 + n) for n in range(3)),
        run("a", task="cnn", losses=[1.0]),
    ]
    told = json.loads(json.dumps(measuring.told(measurement([subject("a", "pytorch")], runs)), allow_nan=False))
    assert told["measurement"] == document([subject("a", "pytorch")], runs)
    imported = told["cells"][0]["figures"]["import_s"]
    assert imported == {"median": 2.0, "mad": 1.0, "least": 1.0, "most": 3.0, "count": 3, "unsteady": True}
    assert (told["cells"][1]["parity"], told["cells"][1]["off"]) == ("differs", None)  # infinitely far is no number
