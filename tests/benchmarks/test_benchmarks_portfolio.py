"""The benchmark of portfolios measures what it says: its files hold the projects drawn, and its runs do the work."""

import sys
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from benchmarks import portfolio, portfolio_inside, portfolio_rows
from portfolio.reading import open_source, parse
from rules.conditions.columns import NumberColumn, SetColumn
from rules.release import Release


@pytest.mark.parametrize("drawn", portfolio_rows.DRAWN)
def test_a_file_holds_the_projects_that_were_drawn(shipped_release: Release, tmp_path: Path, drawn: str) -> None:
    target = tmp_path / "projects.parquet"
    assert portfolio_rows.write(shipped_release, 300, target, drawn) == 300
    source = open_source([target], shipped_release.questionnaire)
    block = parse(source.slice(0, 300), 1, shipped_release.questionnaire, shipped_release.names, source.mapping)
    assert (block.sheet.rows, block.failed, block.id[299]) == (300, 0, "p300")
    for name, column in portfolio_rows.DRAWN[drawn](shipped_release, 300, "portfolio 0").columns.items():
        read = block.sheet.columns[name]
        if isinstance(column, SetColumn) and isinstance(read, SetColumn):
            assert np.array_equal(column.known, read.known)
            held = [np.where(column.known, word, 0) for word in column.words]
            assert all(np.array_equal(one, other) for one, other in zip(held, read.words, strict=True)), name
        if isinstance(column, NumberColumn) and isinstance(read, NumberColumn):
            assert np.array_equal(column.value, read.value, equal_nan=True), name


def test_a_command_is_timed_with_all_that_it_starts() -> None:
    child = "x = bytearray(60_000_000); sum(range(6_000_000))"
    code = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}], check=True); print('done')"
    found = portfolio.taken([sys.executable, "-c", code])
    assert found.said == "done\n"
    assert found.cpu_s > 0.05
    assert found.peak_mib > 50
    with pytest.raises(RuntimeError, match="ended with 3"):
        portfolio.taken([sys.executable, "-c", "raise SystemExit(3)"])


def test_doing_nothing_reads_and_writes_all_rows(tmp_path: Path) -> None:
    pl.DataFrame({"a": range(70_000)}).write_parquet(tmp_path / "in.parquet")
    found = portfolio_inside.nothing(*(str(tmp_path / f"{name}.parquet") for name in ("in", "in", "out")))
    assert found["read"] > 0 < found["write"]
    assert pl.read_parquet(tmp_path / "out.parquet")["a"].to_list() == list(range(65_536, 70_000))


def test_figures_are_told_by_the_row() -> None:
    run = portfolio.Taken(2.0, 4.0, 100.0, "")
    alone = portfolio.Taken(4.0, 3.0, 50.0, "")
    stages = dict.fromkeys(portfolio.STAGES, 0.5)
    nothing = {"read": 0.4, "write": 0.6}
    told = portfolio.figures(
        [portfolio.Measured(1_000_000, 999_999, 10_000_000, 20_000_000, run, alone, nothing, stages)],
        4000.0,
        2,
        "habits",
        (1.0, 1.5),
    )
    assert "| 1,000,000 | 2 | 500,000 | 2.0 | 4.0 | 4,000 | 100 | 1,000 | 4.0 x | 10 | 20 |" in told
    assert "| 1,000,000 | 1 | 250,000 | 4.0 | 3.0 | 3,000 | 50 | 1,000 | 3.0 x | 10 | 20 |" in told
    assert "4,000 µs a project of 200, 1,000 times" in told
    assert "| *writing and doing nothing* | 600 |" in told
