"""The columns of a scored portfolio: one row a project, texts told once and pointed at.

Names, the texts of rules and who may be excluded by which gate are `pl.Enum`s of the release, so that every part of a
portfolio has the same types; `stack`, which has too many forms to list beforehand, is `pl.Categorical`. Which member
each number of `R_scores` belongs to says `members`.
"""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any, Protocol

import numpy as np
import polars as pl
from numpy.typing import NDArray

from portfolio.board.asking import using
from portfolio.board.table import depends_on
from portfolio.handing import listed
from portfolio.scored import REASONS, RoleScored, Scored
from portfolio.scoring import Ready
from portfolio.tables import Table, tables
from rules.compiled import ROLES, Array, Release
from rules.conditions.columns import Sheet

NO_RULE = "no-rule-speaks"
NEEDED = "runtime_needed"
RELEASES_KEPT = 8


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
    and so on to the number of places wanted; `R_confidence`, `R_margin`; `R_tied`, a list of the others in the first's
    place by name; `R_reason_1` to `R_reason_3`, what speaks most for the first; `R_excluded`, a list of `a (gate)`,
    each with the first gate in its way. Then, if asked for, `runtime_needed`, false where every target is reached
    without one, and `stack`, the way to each target; with `scores` asked for also `present`, which of those in
    `existing_code` that are trained in the code stands on (`portfolio.board.table.depends_on`), for the other roles
    `R_present`, and `R_scores`, NaN for the excluded. Null where there is nothing to say.
    """
    known = tables(ready.release)
    columns = [pl.Series("row", block.row), block.id.alias("id"), block.name.alias("name")]
    columns += [pl.Series("weight", block.weight)] if block.weight is not None else []
    for name in ROLES:
        columns += _role(name, known[name], scored.roles[name], ready.options.top)
    if ready.options.stack:
        called = pl.Series(scored.roles["runtime"].called)
        columns += [pl.Series(NEEDED, ~scored.needless).set(~called, None)] if scored.needless is not None else []
        texts = pl.Series(scored.stack.texts, dtype=pl.String).cast(pl.Categorical)
        columns.append(_pointed("stack", texts, scored.stack.code))
    if ready.options.scores:
        graded = {name: found for name, found in scored.roles.items() if ready.release.roles[name].members}
        columns += [_present(ready.release, block.sheet, name, graded[name]) for name in ROLES if name in graded]
        columns += [_scores(name, graded[name]) for name in ROLES if name in graded]
    return pl.DataFrame(columns)


def _role(name: str, table: Table, found: RoleScored, top: int) -> Iterable[pl.Series]:
    known = pl.Enum(table.role.members)
    names = pl.Series(table.role.members, dtype=known)
    for place in range(top):
        yield _pointed(f"{name}_{place + 1}", names, found.order[:, place])
        yield _number(f"{name}_{place + 1}_score", found.score[:, place])
    yield _number(f"{name}_confidence", found.confidence)
    yield _number(f"{name}_margin", found.margin)
    itself = np.arange(len(table.role.members))[:, None]
    yield listed(f"{name}_tied", found.tied.view(np.int8) - np.int8(1), itself, known)
    rules = [rule.text for rule in table.role.rules]
    texts = pl.Series(rules, dtype=pl.Enum(list(dict.fromkeys(rules))))
    for place in range(REASONS):
        yield _pointed(f"{name}_reason_{place + 1}", texts, found.reasons[:, place])
    yield listed(f"{name}_excluded", found.gate, *_excluded(table))


def _pointed(name: str, texts: pl.Series, code: NDArray[np.integer[Any]]) -> pl.Series:
    """The texts that codes point at, null at -1."""
    unsigned = code.view(f"u{code.itemsize}")  # where -1 is more than there are texts
    found: pl.Series = texts.extend_constant(None, 1)[np.minimum(unsigned, len(texts)).astype(np.uint32)]
    return found.alias(name)


def _number(name: str, numbers: Array) -> pl.Series:
    return pl.Series(name, numbers, nan_to_null=True)


@lru_cache(maxsize=4 * RELEASES_KEPT)
def _excluded(table: Table) -> tuple[NDArray[np.uint32], pl.Enum]:
    """((K, G + 1) which text says that a gate stops a candidate; the texts, of those that it may stop)."""
    role = table.role
    may = [{c for part in gate.parts for c in part.alternatives} for gate in role.gates] + [set(role.members)]
    ids = [*(gate.id for gate in role.gates), NO_RULE]
    said: dict[str, int] = {}
    place = np.zeros((len(table.candidates), len(ids)), dtype=np.uint32)
    for k, candidate in enumerate(table.candidates):
        for g in (g for g, stopped in enumerate(may) if candidate in stopped):
            place[k, g] = said.setdefault(f"{candidate} ({ids[g]})", len(said))
    return place, pl.Enum(list(said))


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
