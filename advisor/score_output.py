"""What a scored file looks like: CSV for spreadsheets, JSON Lines for programs; results, and the faults of bad rows.

A text cell never becomes a formula. A file appears under its name only when it is complete.
"""

import csv
import json
import os
import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO

from advisor.project_rows import Row
from rules.conditions.sentences import LEVELS
from rules.faults import Fault

REASONS_SHOWN = 3
ROLES = ("training", "runtime")
ROLE_COLUMNS = (
    "first",
    "score",
    "win_probability",
    "tied_with",
    "runner_up",
    "margin",
    "excluded_count",
    "reasons",
)
COLUMNS = ("row", "id", "name", *(f"{role}_{column}" for role in ROLES for column in ROLE_COLUMNS), "stack")
ERROR_COLUMNS = ("row", "line", "column", "value", "reason", "nearest")

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
Cell = str | float | int | None


@contextmanager
def replacing(target: Path) -> Iterator[TextIO]:
    """A text file that takes the place of `target` when the block ends, and vanishes when it raises."""
    part = target.with_name(f".{target.name[:100]}.{secrets.token_hex(6)}.part")
    try:
        with part.open("x", encoding="utf-8", newline="") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)


def results_writer(file: TextIO, ending: str) -> Callable[[Row, Mapping[str, Any]], None]:
    """A function that writes the decision document of one row."""
    if ending == ".csv":
        write = _csv(file, COLUMNS)
        return lambda row, decision: write(_cells(row, decision))
    return lambda row, decision: _json(
        file,
        {"row": row.number, "id": row.id, "name": row.name, "passport": decision["passport"], "decision": decision},
    )


def errors_writer(file: TextIO, ending: str) -> Callable[[Row, Sequence[Fault]], None]:
    """A function that writes the faults of one row, each on a line."""
    if ending == ".csv":
        emit = _csv(file, ERROR_COLUMNS)
    else:

        def emit(cells: Sequence[Cell]) -> None:
            _json(file, dict(zip(ERROR_COLUMNS, cells, strict=True)))

    def write(row: Row, faults: Sequence[Fault]) -> None:
        for f in faults:
            emit((row.number, row.line, f.path, f.value, f"expected {f.expected}", f.nearest))

    return write


def _json(file: TextIO, value: object) -> None:
    file.write(json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False) + "\n")


def _csv(file: TextIO, columns: Sequence[str]) -> Callable[[Sequence[Cell]], None]:
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(columns)
    return lambda cells: writer.writerow([safe(cell) for cell in cells])


def safe(cell: Cell) -> Cell:
    """The cell, marked as text where a spreadsheet would take it for a formula."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell


def _cells(row: Row, decision: Mapping[str, Any]) -> list[Cell]:
    cells: list[Cell] = [row.number, row.id, row.name]
    for role in ROLES:
        cells += _role(decision["roles"].get(role))
    return [*cells, " | ".join(stack_text(stack) for stack in decision["stack"])]


def _role(result: Mapping[str, Any] | None) -> list[Cell]:
    """What one role came to, in the order of `ROLE_COLUMNS`; empty where the project does not call for the role."""
    if result is None:
        return [None] * len(ROLE_COLUMNS)
    excluded = len({e["framework"] for e in result["excluded"]})
    ranking = result["ranking"]
    if not ranking:
        return [*[None] * 6, excluded, None]
    first = ranking[0]
    tied = [p["framework"] for p in ranking[1:] if p["tie_group"] == first["tie_group"]]
    helping = [r for r in first["reasons"] if r["contribution"] > 0] or first["reasons"]
    return [
        first["framework"],
        first["score"],
        first["win_probability"],
        "; ".join(tied),
        ranking[1]["framework"] if len(ranking) > 1 else None,
        result["margin"],
        excluded,
        "; ".join(r["text"] for r in helping[:REASONS_SHOWN]),
    ]


def stack_text(stack: Mapping[str, Any]) -> str:
    """The way to one target on one line, such as `pytorch --litert-torch--> litert --> android`; weak steps say so."""
    if not stack["path"]:
        return f"no way on file to {stack['target']}"
    text: str = stack["path"][0]["from"]
    for step in stack["path"]:
        level = f" ({LEVELS[step['level']]})" if step["level"] < len(LEVELS) - 1 else ""
        by = level.strip() if step["to"] == stack["target"] else f"{step['by']}{level}"
        text += f" --{by}--> {step['to']}" if by else f" --> {step['to']}"
    return text
