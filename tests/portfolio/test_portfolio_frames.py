"""A board is told the same from results as from the projects that they were made of."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from portfolio.blocks import Block
from portfolio.board import asking, consolidation, frames, summary, terms
from portfolio.board.asking import Portfolio, Projects
from portfolio.board.table import NONE
from portfolio.reading import open_source, parse
from portfolio.results import frame, members
from portfolio.scoring import Options, ready, score
from rules.faults import InvalidInput
from rules.release import Release

EXAMPLE = Path(__file__).parents[2] / "examples" / "portfolio.csv"


@pytest.fixture(scope="module")
def block(shipped_release: Release) -> Block:
    source = open_source([EXAMPLE], shipped_release.questionnaire)
    (raw,) = source.frames()
    return parse(raw, 1, shipped_release.questionnaire, shipped_release.names, source.mapping)


@pytest.fixture(scope="module")
def results(shipped_release: Release, block: Block) -> pl.DataFrame:
    made = ready(shipped_release, {}, Options(scores=True))
    return frame(made, block, score(made, block.sheet))


def portfolio(block: Block) -> Portfolio:
    def blocks() -> Iterator[Projects]:
        yield Projects(block.id.to_list(), block.row.tolist(), block.sheet)

    return blocks


@pytest.mark.parametrize("role", ["training", "runtime"])
@pytest.mark.parametrize("ending", [".parquet", ".arrow"])
def test_tables_are_those_of_the_projects(
    shipped_release: Release, block: Block, results: pl.DataFrame, tmp_path: Path, role: str, ending: str
) -> None:
    file = tmp_path / f"results{ending}"
    results.write_parquet(file) if ending == ".parquet" else results.write_ipc(file)
    names = members(shipped_release)[role]
    read = list(frames.tables(frames.frames([file], role, 10), role, names))
    made = list(asking.tables(shipped_release, role, portfolio(block)))
    assert [i for each in read for i in each.id] == [i for each in made for i in each.id]
    assert len(read) > 1 or role == "runtime"
    for field in ("score", "sure"):
        ours, theirs = (np.concatenate([getattr(each, field) for each in tables]) for tables in (read, made))
        assert ours == pytest.approx(theirs, abs=2e-6, nan_ok=True)
    if role == "runtime":
        ours, theirs = (np.concatenate([each.needless for each in tables]) for tables in (read, made))
        assert ours.tolist() == theirs.tolist()
        assert 0 < ours.sum() < len(ours)
    else:
        assert all(each.needless is None for each in (*read, *made))
    for field in ("present", "first", "row"):
        ours, theirs = (np.concatenate([getattr(each, field) for each in tables]) for tables in (read, made))
        assert ours.tolist() == theirs.tolist()
        assert (ours != NONE).any()
    sets = [consolidation.best(terms.gather(tables), 4) for tables in (read, made)]
    assert [each.members for each in sets[0]] == [each.members for each in sets[1]]
    firsts = [summary.summary(tables, 0.75).by_framework for tables in (read, made)]
    assert {m: (e.projects, e.clear) for m, e in firsts[0].items()} == {
        m: (e.projects, e.clear) for m, e in firsts[1].items()
    }


def test_results_without_scores_are_refused(results: pl.DataFrame, tmp_path: Path) -> None:
    bare = results.drop("training_scores")
    bare.write_parquet(tmp_path / "bare.parquet")
    with pytest.raises(InvalidInput, match="training_scores"):
        list(frames.frames([tmp_path / "bare.parquet"], "training"))
    with pytest.raises(InvalidInput, match="training_scores"):
        list(frames.tables([bare], "training", ["a"]))


def test_scores_of_other_members_are_refused(results: pl.DataFrame) -> None:
    with pytest.raises(InvalidInput, match="2 scores, one for each member"):
        list(frames.tables([results], "training", ["a", "b"]))
