"""A run is the same whoever answers its parts, in whatever order, however often they are killed."""

import json
import os
import resource
import shutil
import signal
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest.mock import Mock, call

import polars as pl
import pytest

from knowledge_base import pack, release
from portfolio import children, files, parts, passports, releases, running, scoring, writing
from portfolio.faults import Damaged, Stopped
from portfolio.parts import PartDone, Run, Spec
from portfolio.reading import open_source
from rules import engine
from rules.faults import InvalidInput
from rules.release import Release
from rules.requirements import parse
from tests import killing
from tests.conftest import PROFILE

ROWS = 700


@pytest.fixture(scope="module")
def document(small_pack_folder: Path) -> dict[str, Any]:
    return release.build(pack.load(small_pack_folder))


@pytest.fixture
def spec(document: dict[str, Any], small_release: Release) -> Spec:
    given = scoring.given_by(small_release, PROFILE)
    return Spec(document, given, {"top": 3, "scores": False, "passport": False}, "1.0", block_rows=64)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "projects.csv"
    path.write_text(killing.projects(ROWS, seed=3))
    return path


@pytest.fixture
def prepared(tmp_path: Path, source: Path, spec: Spec, small_release: Release) -> Callable[..., Run]:
    def make(name: str = "run", path: Path = source, spec: Spec = spec) -> Run:
        folder = tmp_path / name
        folder.mkdir()
        return parts.prepare(open_source([path], small_release.questionnaire), folder, spec)

    return make


def content(run: Run) -> dict[str, bytes]:
    """Everything that a run has written, by name."""
    return {path.name: path.read_bytes() for path in run.folder.iterdir()}


def test_a_run_is_a_folder_that_says_all_that_its_answers_depend_on(prepared: Callable[..., Run], source: Path) -> None:
    run = prepared()
    assert (run.parts, run.rows) == (11, ROWS)
    assert run.document["starts"] == list(range(0, ROWS, 64))
    assert run.document["sources"][0]["name"] == "projects.csv"
    text = (run.folder / "run.json").read_text()
    assert str(source.parent) not in text
    assert json.loads((run.folder / "places.json").read_bytes())["paths"] == [str(source)]
    assert parts.load(run.folder) == run
    again = prepared("again")
    assert content(again) == content(run), "the same files and the same question are the same run, byte for byte"


def test_what_a_run_is_asked_changes_its_passport(
    prepared: Callable[..., Run], spec: Spec, tmp_path: Path, small_release: Release
) -> None:
    other = tmp_path / "other.csv"
    other.write_text(killing.projects(ROWS, seed=4))
    named = [
        prepared("a"),
        prepared("b", spec=replace(spec, options={**spec.options, "top": 2})),
        prepared("c", spec=replace(spec, given=scoring.given_by(small_release, None))),
        prepared("d", spec=replace(spec, block_rows=128)),
        prepared("e", spec=replace(spec, engine="1.1")),
        prepared("f", path=other),
    ]
    assert len({run.passport for run in named}) == len(named)


def test_more_parts_than_can_be_named_are_refused_before_they_are_listed(
    prepared: Callable[..., Run], tmp_path: Path, spec: Spec, small_release: Release, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parts, "MAX_PARTS", 3)
    with pytest.raises(Damaged, match="take larger blocks"):
        prepared()
    assert len(list((tmp_path / "run").glob("in-*"))) == 3
    pl.DataFrame({"id": ["a"]}).write_parquet(tmp_path / "forged.parquet")
    claiming = open_source([tmp_path / "forged.parquet"], small_release.questionnaire)
    claiming.rows = 2**62
    with pytest.raises(Damaged, match="take larger blocks"):
        parts.prepare(claiming, tmp_path / "run", spec)


def test_processes_answer_as_one_does(prepared: Callable[..., Run]) -> None:
    one, several = prepared("one"), prepared("several")
    told: list[tuple[int, int]] = []
    alone = running.run(one.folder, 1, lambda counted, rows: told.append((counted.read, rows)))
    assert running.run(several.folder, 3) == alone
    assert (alone.read, alone.scored + alone.failed) == (ROWS, ROWS)
    assert 0 < alone.failed < ROWS
    assert told == [(min(64 * n, ROWS), ROWS) for n in range(12)]
    assert content(several) == content(one)


def test_processes_are_started_where_there_is_enough_to_do_for_them(
    prepared: Callable[..., Run], spec: Spec, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two threads cost next to nothing; more than that are processes, which have to be worth it."""
    crews: list[int] = []

    def crew(_run: object, _left: object, most: int) -> Mock:
        crews.append(most)
        return Mock(answered=lambda _cancelled: ())

    monkeypatch.setattr(running, "_Crew", crew)
    monkeypatch.setattr(running, "cores", lambda: 4)
    run, slow = prepared(), prepared("slow", spec=replace(spec, options={**spec.options, "passport": True}))
    for rows_a_process in (64 * 8, 64 * 4, 64):
        monkeypatch.setattr(running, "WORTH_ROWS", rows_a_process)
        running.run(slow.folder)
        running.run(run.folder, 2)
        running.run(run.folder)
    assert crews == [4, 2, 2, 4, 2, 2, 4, 2, 4]


def test_a_release_that_is_compiled_is_not_compiled_again(
    prepared: Callable[..., Run], spec: Spec, small_release: Release, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (parts, releases):
        monkeypatch.setattr(module, "compile_release", None)
    run = prepared(spec=replace(spec, compiled=small_release))
    assert parts.release_of(run) is small_release


def test_a_part_that_is_done_is_left_as_it_is(prepared: Callable[..., Run]) -> None:
    run = prepared()
    done = parts.score_part(run, 3)
    moment = (run.folder / "out-00003.parquet").stat().st_mtime_ns
    assert parts.score_part(run, 3) == done == run.done(3)
    assert (run.folder / "out-00003.parquet").stat().st_mtime_ns == moment
    assert run.done(4) is None
    assert running.run(run.folder, 1).read == ROWS
    assert (run.folder / "out-00003.parquet").stat().st_mtime_ns == moment


def test_parquet_is_read_where_it_lies_and_answered_as_copied_rows_are(
    prepared: Callable[..., Run], tmp_path: Path
) -> None:
    frame = pl.DataFrame(
        {
            "id": [str(n) for n in range(300)],
            "stage": [("production", "research", None, "reserch")[n % 4] for n in range(300)],
            "team_size": [float(n % 7 + 1) for n in range(300)],
        }
    )
    frame.write_parquet(tmp_path / "a.parquet", row_group_size=50)
    frame.write_csv(tmp_path / "a.csv")
    sliced, copied = prepared("sliced", tmp_path / "a.parquet"), prepared("copied", tmp_path / "a.csv")
    assert not list(sliced.folder.glob("in-*"))
    assert len(list(copied.folder.glob("in-*"))) == copied.parts == sliced.parts == 5
    assert running.run(sliced.folder, 1) == running.run(copied.folder, 1)
    for part in range(5):
        name = f"out-{part:05d}.parquet"
        assert (sliced.folder / name).read_bytes() == (copied.folder / name).read_bytes()


def put(path: Path, content: bytes, changed_ns: int) -> None:
    path.write_bytes(content)
    os.utime(path, ns=(changed_ns, changed_ns))


def test_a_file_that_is_read_where_it_lies_is_compared_with_what_it_was(
    prepared: Callable[..., Run], tmp_path: Path
) -> None:
    path = tmp_path / "a.parquet"
    pl.DataFrame({"stage": ["production"] * 100 + ["research"] * 100}).write_parquet(path, compression="uncompressed")
    content, run = path.read_bytes(), prepared("sliced", path)
    assert parts.score_part(run, 0).scored == 64
    put(path, content, 1)
    assert parts.score_part(run, 1).scored == 64, "the same bytes at another time are the same"
    other = content.replace(b"production", b"prototypes")
    assert len(other) == len(content)
    put(path, other, 2)
    for _ in range(2):
        with pytest.raises(Damaged, match=r"a\.parquet has changed since the run was prepared"):
            parts.score_part(run, 2)
        parts._made_ready.cache_clear()  # as another process would find it
    put(path, content, 3)
    assert parts.score_part(run, 2).scored == 64


def test_passports_are_those_of_single_decisions(
    prepared: Callable[..., Run], spec: Spec, tmp_path: Path, small_release: Release
) -> None:
    path = tmp_path / "few.jsonl"
    considering = {"considering": ["jax@0.12"], "offline": True}
    answers: list[dict[str, Any]] = [{"stage": "production", "deploy_targets": ["android"]}, {}, considering]
    path.write_text("".join(json.dumps(each) + "\n" for each in answers))
    asked = replace(spec, options={**spec.options, "passport": True}, profile=passports.fields_of(PROFILE))
    run = prepared("run", path, asked)
    parts.score_part(run, 0)
    found = pl.read_parquet(run.folder / "out-00000.parquet")
    expected = [
        engine.decide(small_release, parse(each, small_release.questionnaire), PROFILE).document()["passport"]
        for each in answers
    ]
    assert found["passport"].to_list() == expected
    assert found.columns[:4] == ["row", "id", "name", "passport"]


def test_a_profile_comes_back_from_its_fields() -> None:
    again = passports.profile_from(json.loads(json.dumps(passports.fields_of(PROFILE))))
    assert again == PROFILE
    assert passports.profile_from(passports.fields_of(None)) is None


# --- Killed, stopped, full, damaged ----------------------------------------------------------------------------------


def killed(_: object) -> None:
    """A kill at this moment."""
    os.kill(os.getpid(), signal.SIGKILL)


def deadly(folder: str, pipe: Any, threads: int) -> None:
    """A process that kills itself at its second part, once for each mark that is left."""
    real = parts.score_part

    def at_a_random_moment(run: Run, part: int) -> PartDone:
        marks = sorted(Path(folder).glob("kill-*"))
        if part % 2 and marks:
            marks[0].unlink(missing_ok=True)
            setattr(os, "fsync", killed)  # noqa: B010  a file is written then, and has no name yet
        return real(run, part)

    parts.score_part = at_a_random_moment
    children.answer_parts(folder, pipe, threads)


def test_processes_that_are_killed_are_replaced_and_the_bytes_are_the_same(
    prepared: Callable[..., Run], monkeypatch: pytest.MonkeyPatch
) -> None:
    undisturbed, run = prepared("undisturbed"), prepared("run")
    running.run(undisturbed.folder, 1)
    for mark in range(3):
        (run.folder / f"kill-{mark}").touch()
    monkeypatch.setattr(running, "answer", deadly)
    monkeypatch.setattr(running, "THREADS", 0)
    counts = running.run(run.folder, 2)
    assert not list(run.folder.glob("kill-*"))
    assert len(list(run.folder.glob(".*.part"))) == 3, "each was killed in the middle of a file"
    files.sweep(run.folder)
    assert counts == running.run(undisturbed.folder, 1)
    assert content(run) == content(undisturbed)


def always_deadly(folder: str, pipe: Any, threads: int) -> None:
    """A process that dies at every part."""
    pipe.recv()
    os.kill(os.getpid(), signal.SIGKILL)


def test_a_part_that_ends_every_process_ends_the_run_with_a_reason(
    prepared: Callable[..., Run], monkeypatch: pytest.MonkeyPatch
) -> None:
    run = prepared()
    monkeypatch.setattr(running, "answer", always_deadly)
    monkeypatch.setattr(running, "MOST_DEATHS", 2)
    with pytest.raises(Damaged, match=r"2 processes ended at part \d+ \(the last with -9\)"):
        running.run(run.folder, running.THREADS + 1)


def test_a_thread_that_is_broken_off_or_not_heard_ends_without_a_word(
    prepared: Callable[..., Run], monkeypatch: pytest.MonkeyPatch
) -> None:
    run = prepared()
    unheard = Mock(recv=Mock(side_effect=[0, ConnectionResetError]))
    children.answer_until_closed(run.folder, unheard)
    assert unheard.send.call_args_list == [call(run.done(0))]
    monkeypatch.setattr(parts, "score_part", Mock(side_effect=KeyboardInterrupt))
    broken_off = Mock(recv=Mock(side_effect=[1, EOFError]))
    children.answer_until_closed(run.folder, broken_off)
    broken_off.send.assert_not_called()


def test_what_is_stopped_is_gone_on_with(prepared: Callable[..., Run]) -> None:
    undisturbed, run = prepared("undisturbed"), prepared("run")
    running.run(undisturbed.folder, 1)
    seen: list[int] = []
    for workers in (1, 2):
        seen.clear()
        with pytest.raises(Stopped):
            running.run(run.folder, workers, lambda counted, _: seen.append(counted.read), lambda: len(seen) > 3)
    assert running.run(run.folder, running.THREADS + 2).read == ROWS
    assert content(run) == content(undisturbed)


def test_preparing_is_stopped_and_begun_again(
    tmp_path: Path, source: Path, spec: Spec, small_release: Release, prepared: Callable[..., Run]
) -> None:
    folder = tmp_path / "halfway"
    folder.mkdir()
    rows: list[int] = []
    opened = open_source([source], small_release.questionnaire)
    with pytest.raises(Stopped):
        parts.prepare(opened, folder, spec, lambda: len(rows) == 3, rows.append)
    assert rows == [64, 128, 192]
    assert parts.load(folder) is None
    with pytest.raises(Damaged, match="no prepared run"):
        running.run(folder, 1)
    run = parts.prepare(opened, folder, spec)
    assert content(run) == content(prepared())


def test_a_full_disk_leaves_nothing_half_written(prepared: Callable[..., Run], monkeypatch: pytest.MonkeyPatch) -> None:
    """The system refuses to let files grow beyond a limit, which is what a quota does."""
    run = prepared()
    before = set(content(run))
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (500, hard))
    try:
        with pytest.raises(OSError, match=r"too large.*out-00000\.parquet"):
            parts.score_part(run, 0)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert set(content(run)) == before
    assert running.run(run.folder, 1).read == ROWS


def test_what_a_process_cannot_read_is_told_as_it_is(prepared: Callable[..., Run], tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    words = [f"{7919 * n % 1000:04d}" for n in range(200)]
    pl.DataFrame({"id": words, "stage": ["research"] * 200}).write_parquet(path, row_group_size=64)
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2 - 40] + bytes(40) + content[len(content) // 2 :])
    run = prepared("cut", path)
    with pytest.raises(InvalidInput) as caught:
        running.run(run.folder, running.THREADS + 1)
    assert [(fault.path, fault.expected) for fault in caught.value.faults] == [
        ("a.parquet", "a Parquet file that can be read")
    ]


def test_what_a_process_cannot_write_is_told_as_it_is(prepared: Callable[..., Run]) -> None:
    run = prepared()
    shutil.rmtree(run.folder / "in-00002.arrow", ignore_errors=True)
    (run.folder / "in-00002.arrow").unlink()
    for workers in (1, 2, running.THREADS + 1):
        with pytest.raises(FileNotFoundError):
            running.run(run.folder, workers)


@pytest.mark.parametrize(
    ("name", "change", "said"),
    [
        ("run.json", lambda text: text.replace(b'"rows":700', b'"rows":701'), "not one that this version wrote"),
        ("run.json", lambda text: text[:50], "cannot be read"),
        ("run.json", lambda text: text.replace(b"run/2", b"run/1"), "another version .*run/1.* has to be begun anew"),
        ("release.json", lambda text: text.replace(b'"as_of":"2026-', b'"as_of":"2025-'), "is not the release"),
    ],
)
def test_a_folder_that_was_changed_is_not_gone_on_with(
    prepared: Callable[..., Run], name: str, change: Callable[[bytes], bytes], said: str
) -> None:
    run = prepared()
    path = run.folder / name
    assert change(path.read_bytes()) != path.read_bytes()
    path.write_bytes(change(path.read_bytes()))
    with pytest.raises(Damaged, match=said):
        running.run(run.folder, 1)


def test_results_are_the_parts_in_order_and_errors_name_the_rows(prepared: Callable[..., Run], tmp_path: Path) -> None:
    run = prepared()
    counts = running.run(run.folder, 2)
    writing.assemble(run.folder, tmp_path / "out.parquet", "parquet")
    writing.assemble_errors(run.folder, tmp_path / "bad.csv", "csv")
    good = pl.read_parquet(tmp_path / "out.parquet")["row"].to_list()
    bad = pl.read_csv(tmp_path / "bad.csv", infer_schema=False)
    failed = {int(row) for row in bad["row"]}
    assert good == sorted(good)
    assert sorted({*good, *failed}) == list(range(1, ROWS + 1))
    assert (len(good), len(failed)) == (counts.scored, counts.failed)
    assert all(int(row) + 1 == int(line) for row, line in zip(bad["row"], bad["line"], strict=True))
