"""The columns of a scored portfolio say what the decisions of its projects say."""

import io
from math import isnan
from typing import Any

import numpy as np
import polars as pl
import pytest

from portfolio import interning, results, scoring
from portfolio.ways import stack_text
from rules import engine, sampling
from rules.compiled import ROLES
from rules.conditions.columns import Sheet
from rules.release import Release
from rules.requirements import parse
from tests.portfolio.projects import block, sheet_of

ROWS = 40


def framed(release: Release, sheet: Sheet, **options: Any) -> pl.DataFrame:
    ready = scoring.ready(release, {}, scoring.Options(**options))
    return results.frame(ready, block(sheet), scoring.score(ready, sheet))


def expected(result: dict[str, Any] | None, top: int) -> list[Any]:
    """What stands in the columns of one role, from a decision's document."""
    if result is None:
        return [None] * (2 * top + 6)
    ranking = result["ranking"]
    cells: list[Any] = []
    for place in range(top):
        held = ranking[place] if place < len(ranking) else {}
        cells += [held.get("framework"), held.get("score")]
    tied = sorted(p["framework"] for p in ranking[1:] if p["tie_group"] == 1)
    reasons = ranking[0]["reasons"] if ranking else []
    told = [r["text"] for r in reasons if r["contribution"] > 0] or [r["text"] for r in reasons]
    out: dict[str, str] = {}
    for entry in result["excluded"]:
        out.setdefault(entry["framework"], entry["gate"])
    return [
        *cells,
        result["margin"],
        tied or None,
        *(told + [None] * 3)[:3],
        {f"{name} ({gate})" for name, gate in out.items()} or None,
    ]


@pytest.mark.parametrize("top", [1, 3])
def test_every_column(shipped_release: Release, top: int) -> None:
    drawn = sampling.draw(shipped_release, ROWS, "frame")
    found = framed(shipped_release, drawn.sheet, top=top)
    seen = spared = 0
    for row, said in enumerate(found.iter_rows(named=True)):
        asked = parse(drawn.answers(row), shipped_release.questionnaire)
        decision = engine.decide(shipped_release, asked, what_if=False)
        document = decision.document()
        assert (said["row"], said["id"], said["name"]) == (row + 1, f"p{row}", f"p{row}")
        for role in ROLES:
            cells = [said[name] for name in found.columns if name.startswith(f"{role}_") and name != results.NEEDED]
            confidence = cells.pop(2 * top)
            cells[-1] = set(cells[-1]) if cells[-1] else None
            result = document["roles"].get(role)
            want = expected(result, top)
            assert cells == want
            assert (confidence is None) == (want[0] is None)
            seen += want[0] is not None
        runtime = decision.roles.get("runtime")
        none_needed = bool(runtime and runtime.without and runtime.without.none_needed)
        assert said[results.NEEDED] == (None if runtime is None else not none_needed)
        spared += none_needed
        assert said["stack"] == (" | ".join(stack_text(stack) for stack in decision.stack) or None)
    assert seen > ROWS
    assert spared > 0


def test_the_scores_for_the_board_and_what_is_used_at_present(shipped_release: Release) -> None:
    drawn = sampling.draw(shipped_release, ROWS, "board")
    found = framed(shipped_release, drawn.sheet, scores=True)
    members = results.members(shipped_release)
    for said in found.iter_rows(named=True):
        for role in ROLES:
            scores = dict(zip(members[role], said[f"{role}_scores"], strict=True))
            first = said[f"{role}_1"]
            known = {name: score for name, score in scores.items() if score == score}
            assert (max(known.values()) if known else None) == (known[first] if first else None)


def test_what_the_code_stands_on_is_the_best_of_what_it_uses(shipped_release: Release) -> None:
    used = [["catboost", "tensorflow"], ["equinox", "lightgbm"], ["jax", "equinox"], ["caffe"], [], ["onnxruntime"]]
    answers: list[dict[str, object]] = [{"existing_code": each, "deploy_targets": ["android"]} for each in used]
    asked = [parse(each, shipped_release.questionnaire) for each in answers]
    found = framed(shipped_release, sheet_of(shipped_release, asked), scores=True)
    training = results.members(shipped_release)["training"]
    places = [dict(zip(training, row, strict=True)) for row in found["training_scores"]]
    assert places[0]["tensorflow"] > places[0]["catboost"]
    assert [name for row in places[1:3] for name in ("equinox", "jax", "lightgbm") if isnan(row[name])] == [
        *("equinox", "jax"),
        *("equinox", "jax"),
    ]
    assert found["present"].to_list() == ["tensorflow", "lightgbm", "equinox", None, None, None]
    assert found["runtime_present"].to_list() == [None] * 5 + ["onnxruntime"]


def test_parts_have_the_same_types_and_bytes_and_go_together(shipped_release: Release) -> None:
    sheet = sampling.draw(shipped_release, ROWS, "parts").sheet
    whole = framed(shipped_release, sheet)
    halves = [
        framed(shipped_release, Sheet(ROWS // 2, {n: c.take(rows) for n, c in sheet.columns.items()}))
        for rows in np.split(np.arange(ROWS), 2)
    ]
    assert pl.concat(halves).drop("row", "id", "name").equals(whole.drop("row", "id", "name"))
    written = []
    for _ in range(2):
        file = io.BytesIO()
        framed(shipped_release, sheet).write_ipc(file, compression="lz4")
        written.append(file.getvalue())
    assert written[0] == written[1]


def test_nobody_and_nothing(small_release: Release) -> None:
    empty = framed(small_release, Sheet(0, {}), scores=True)
    assert empty.height == 0
    one = framed(small_release, sheet_of(small_release, [parse({}, small_release.questionnaire)]))
    assert one["stack"].to_list() == [None]
    assert one.columns == [c for c in empty.columns if not c.endswith(("_scores", "present"))]


def test_texts_of_many_rows_are_those_of_few() -> None:
    pieces = ["a", "", "größer", "b" * 40]
    chosen = np.array([[0, -1, 2], [-1, -1, -1], [3, 1, 0], [1, 1, -1], [2, 2, 2]], dtype=np.int32)
    few = interning.joined(chosen, pieces)
    assert few == ["a; größer", "", "b" * 40 + "; ; a", "; ", "größer; größer; größer"]
    assert interning.joined(np.tile(chosen, (300, 1)), pieces) == few * 300
