"""The benchmark over HTTP: what it asks, what it writes, and that it runs."""

import json
from itertools import count
from pathlib import Path

import pytest

from benchmarks import http, report


def test_what_was_never_asked_before_never_repeats_and_what_was_does() -> None:
    known = [b"one", b"two", b"three"]
    assert http._bodies(http.KINDS[1], known, 4, count()) == [b"one", b"two", b"three", b"one"]
    numbers = count(7)
    fresh = [body for _ in range(2) for body in http._bodies(http.KINDS[2], known, 5, numbers)]
    assert len(set(fresh)) == 10
    assert [json.loads(body)["answers"]["data_rows"] for body in fresh] == list(range(7, 17))


def test_figures_are_told_beside_doing_nothing_with_as_many_clients() -> None:
    found = [
        http.Answered(http.KINDS[0], 1, 10, 0.5, 0.6, 1000.0),
        http.Answered(http.KINDS[0], 4, 40, 2.0, 2.5, 1500.0),
        http.Answered(http.KINDS[2], 4, 40, 30.0, 41.0, 120.0),
    ]
    rows = http.text(found, 60_000, 0.1, 0.2).splitlines()[-3:]
    assert rows[2] == f"| {http.KINDS[2]} | 4 | 30.00 | 41.00 | 120 | 15.0 | 40 |"


def test_the_page_keeps_the_figures_of_the_other_command() -> None:
    page = f"a\n{report.BEGIN}\nold\n{report.END}\nb\n{http.MARKS[0]}\nold\n{http.MARKS[1]}\nc\n"
    once = report.inserted(page, "new", http.MARKS)
    assert once == f"a\n{report.BEGIN}\nold\n{report.END}\nb\n{http.MARKS[0]}\n\nnew\n\n{http.MARKS[1]}\nc\n"
    assert report.inserted(once, "new", http.MARKS) == once


def test_it_runs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page = tmp_path / "page.md"
    assert http.main(["--quick", "--clients", "1", "--markdown", str(page)]) == 0
    assert capsys.readouterr().out.strip() in page.read_text()
    assert all(f"| {kind} | 1 |" in page.read_text() for kind in http.KINDS)
