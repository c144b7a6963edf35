"""The document: read back to the same, and refused with every fault."""

import copy
import json
from typing import Any

import pytest

from probes.measuring import documents
from probes.measuring.documents import parse
from rules.faults import InvalidInput
from tests.measured import document, measurement, run, subject

SUBJECTS = [subject("a", "pytorch"), subject("b", None, None)]
RUNS = [run("a", 0), run("a", 1, outcome="crashed", why="MemoryError"), run("a", 0, mode="predict", others=None)]


def faults(value: object) -> list[tuple[str, str]]:
    with pytest.raises(InvalidInput) as caught:
        parse(value)
    return [(fault.path, fault.expected) for fault in caught.value.faults]


def test_what_is_written_is_read_back() -> None:
    made = measurement(SUBJECTS, RUNS)
    assert parse(json.loads(documents.dump(made))) == made
    assert parse(documents.document(made)) == made
    assert documents.document(made) == document(SUBJECTS, RUNS)
    assert len([line for line in documents.dump(made).splitlines() if line.startswith('  {"subject"')]) == len(RUNS)


def test_one_without_runs_is_written_too() -> None:
    made = measurement(SUBJECTS, [])
    assert parse(json.loads(documents.dump(made))) == made


def changed(path: tuple[str | int, ...], value: Any) -> dict[str, Any]:
    made = copy.deepcopy(document(SUBJECTS, RUNS))
    holder: Any = made
    for step in path[:-1]:
        holder = holder[step]
    holder[path[-1]] = value
    return made


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("schema",), "steelyard/measurement/2"),
        (("surprise",), 1),
        (("made_at",), "yesterday"),
        (("made_by",), "two\nlines"),
        (("machine", "host", "os"), "amiga"),
        (("settings", "threads"), 0),
        (("settings", "threads"), True),
        (("settings", "batch"), "128"),
        (("settings", "data_sha256"), "abc"),
        (("subjects", 0, "state"), "perhaps"),
        (("subjects", 0, "install_mb"), float("inf")),
        (("runs", 0, "subject"), "c"),
        (("runs", 0, "task"), "chess"),
        (("runs", 0, "outcome"), "crashed"),
        (("runs", 1, "outcome"), "done"),
        (("runs", 0, "others"), 1.5),
        (("runs", 0, "told", "import_s"), -1.0),
        (("runs", 0, "told", "import_s"), float("nan")),
        (("runs", 0, "told", "losses"), [float("inf")]),
        (("runs", 0, "told", "losses"), [0.0] * 1001),
        (("runs", 0, "told", "warm_groups"), 4),
        (("runs", 0, "told", "prediction_p95_s"), 1e-9),
        (("runs", 0, "told", "memory_mb", "peak"), None),
        (("runs", 2, "mode"), "train"),
        (("runs",), {}),
    ],
)
def test_a_document_with_a_fault_is_refused(path: tuple[str | int, ...], value: Any) -> None:
    assert parse(document(SUBJECTS, RUNS))
    found = faults(changed(path, value))
    assert len(found) == 1
    assert found[0][0].startswith("measurement")


def test_all_faults_come_at_once_up_to_fifty() -> None:
    assert len(faults({"schema": "steelyard/measurement/1"})) > 5
    assert len(faults(document(SUBJECTS, [{"subject": "a"} for _ in range(100)]))) == documents.SHOWN_FAULTS
    assert faults("text")[0][0] == "measurement"
    assert faults(None)
