"""The columns of a scored portfolio: one row a project, texts told once and pointed at.

Names and the texts of rules are `pl.Enum`s of the release, so that every part of a portfolio has the same types; what
has too many forms to list beforehand (`R_tied`, `R_excluded`, `stack`) is `pl.Categorical`. Which member each number of
`R_scores` belongs to says `members`.
"""

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any, Protocol

import numpy as np
import polars as pl
from numpy.typing import NDArray

from portfolio.board.asking import using
from portfolio.board.table import depends_on
from portfolio.interning import distinct, joined
from portfolio.scored import REASONS, RoleScored, Scored
from portfolio.scoring import Ready
from portfolio.tables import Table, tables
from rules.compiled import ROLES, Array, Release
from rules.conditions.columns import Bools, Sheet

NO_RULE = "no-rule-speaks"


class Rows(Protocol):
    """The good rows of a block: numbers among the data rows from 1, labels, answers, and weights if there are any."""

    @property
    def row(self) -> NDArray[np.int64]: ...  # noqa: D102
    @property
    def id(self) -> pl.Series: ...  # noqa: D102
    @property
    def name(self) -> pl.Series: ...  # noqa: D102
    @property
    def sheet(self) -> Sheet: ...  # noqa: D102
    @property
    def weight(self) -> Array | None: ...  # noqa: D102


def members(release: Release) -> Mapping[str, tuple[str, ...]]:
    """By role the members whose scores stand in `R_scores`, in this order."""
    return {role: release.roles[role].members for role in ROLES}


def frame(ready: Ready, block: Rows, scored: Scored) -> pl.DataFrame:
    """The results of a block, a row for each of its good rows.

    `row`, `id`, `name`, and `weight` if the file has one. For each role R that a project calls for: `R_1`, `R_1_score`
    and so on to the number of places wanted; `R_confidence`, `R_margin`; `R_tied`, the others in the first's place
    by name (`a; b`); `R_reason_1` to `R_reason_3`, what speaks most for the first; `R_excluded` (`a (gate); b
    (gate)`), each with the first gate in its way. Then `stack`, the way to each target, if asked for; with `scores`
    asked for also `present`, which of those in `existing_code` that are trained in the code stands on
    (`portfolio.board.table.depends_on`), for the other roles `R_present`, and `R_scores`, NaN for the excluded.
    Null where there is nothing to say.
    """
    known = tables(ready.release)
    columns = [pl.Series("row", block.row), block.id.alias("id"), block.name.alias("name")]
    columns += [pl.Series("weight", block.weight)] if block.weight is not None else []
    for name in ROLES:
        columns += _role(name, known[name], scored.roles[name], ready.options.top)
    if ready.options.stack:
        texts = pl.Series(scored.stack.texts, dtype=pl.String).cast(pl.Categorical)
        columns.append(_pointed("stack", texts, scored.stack.code))
    if ready.options.scores:
        graded = {name: found for name, found in scored.roles.items() if ready.release.roles[name].members}
        columns += [_present(ready.release, block.sheet, name, graded[name]) for name in ROLES if name in graded]
        columns += [_scores(name, graded[name]) for name in ROLES if name in graded]
    return pl.DataFrame(columns)


def _role(name: str, table: Table, found: RoleScored, top: int) -> Iterable[pl.Series]:
    names = pl.Series(table.role.members, dtype=pl.Enum(table.role.members))
    for place in range(top):
        yield _pointed(f"{name}_{place + 1}", names, found.order[:, place])
        yield _number(f"{name}_{place + 1}_score", found.score[:, place])
    yield _number(f"{name}_confidence", found.confidence)
    yield _number(f"{name}_margin", found.margin)
    yield _told(f"{name}_tied", found.tied, found.called, partial(_tied, table))
    rules = [rule.text for rule in table.role.rules]
    texts = pl.Series(rules, dtype=pl.Enum(list(dict.fromkeys(rules))))
    for place in range(REASONS):
        yield _pointed(f"{name}_reason_{place + 1}", texts, found.reasons[:, place])
    yield _told(f"{name}_excluded", found.gate, found.called, partial(_excluded, table))


def _pointed(name: str, texts: pl.Series, code: NDArray[np.integer[Any]]) -> pl.Series:
    """The texts that codes point at, null at -1."""
    unsigned = code.view(f"u{code.itemsize}")  # where -1 is more than there are texts
    found: pl.Series = texts.extend_constant(None, 1)[np.minimum(unsigned, len(texts)).astype(np.uint32)]
    return found.alias(name)


def _number(name: str, numbers: Array) -> pl.Series:
    return pl.Series(name, numbers, nan_to_null=True)


def _told(name: str, found: NDArray[Any], called: Bools, text: Callable[[NDArray[Any]], list[str]]) -> pl.Series:
    """A text for every row that the role is called for, made once for each distinct row of an array."""
    code = np.full(len(called), -1, dtype=np.int32)
    asked = found[called]
    first, code[called] = distinct(asked)
    texts = pl.Series([told or None for told in text(asked[first])], dtype=pl.String)
    return _pointed(name, texts.cast(pl.Categorical), code)


def _tied(table: Table, held: NDArray[Any]) -> list[str]:
    place = np.arange(held.shape[1], dtype=np.int32)
    return joined(np.where(held, place, np.int32(-1)), list(table.role.members))


def _excluded(table: Table, gate: NDArray[Any]) -> list[str]:
    gates = [*(g.id for g in table.role.gates), NO_RULE]
    pieces = [f"{candidate} ({name})" for candidate in table.candidates for name in gates]
    base = np.arange(gate.shape[1], dtype=np.int32) * len(gates)
    return joined(np.where(gate < 0, np.int32(-1), base + gate), pieces)


def _scores(name: str, found: RoleScored) -> pl.Series:
    scores = found.board if found.board is not None else np.zeros((len(found.called), 0), dtype=np.float32)
    return pl.Series(f"{name}_scores", scores, dtype=pl.Array(pl.Float32, scores.shape[1]))


def present(role: str) -> str:
    """The column that tells which member of a role the present code depends on."""
    return "present" if role == "training" else f"{role}_present"


def _present(release: Release, sheet: Sheet, name: str, found: RoleScored) -> pl.Series:
    members = release.roles[name].members
    scores = np.full((sheet.rows, len(members)), np.nan, dtype=np.float32)
    if found.board is not None:
        scores[found.called] = found.board[found.called]
    code = depends_on(scores, using(sheet, members))
    return _pointed(present(name), pl.Series(members, dtype=pl.Enum(members)), code)
