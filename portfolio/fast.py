"""All roles over many projects by bits and the compiled kernel: what `portfolio.plain` says, for many rows."""

import numpy as np

from portfolio import bits, kernel, levels
from portfolio.compiling import remember
from portfolio.kernel_records import Found, Given, desk
from portfolio.planes import Planes, program, stacked
from portfolio.programs import PRIORITIES, RoleProgram, options_of, programs
from portfolio.scored import REASONS, Places, RoleScored
from portfolio.spared import Seen
from rules import calling
from rules.compiled import ROLES, Release
from rules.conditions.columns import Bools, SetColumn, Sheet, Words

Judged = tuple[dict[str, RoleScored], dict[str, Places], Bools, Seen]


def roles(release: Release, sheet: Sheet, top: int, *, board: bool) -> Judged:
    """(every role; by role (N, F) its whole ranking, -1 where there are no more; (N, F) the runtimes no gate stops; how
    to look at conditions).
    """
    remember()
    planes, ready = Planes(program(release), sheet), programs(release)
    called = {name: planes.everywhere & plane for name, plane in calling.roles_called(planes, release).items()}
    able = levels.itself(release, planes)
    leads = {}
    found: dict[str, RoleScored] = {}
    ranking: dict[str, Places] = {}
    usable = np.zeros((0, planes.width), dtype=np.uint64)
    for name in ("runtime", "training", "high_level", "serving"):  # ways lead over the runtimes that are usable
        role = ready[name]
        members = len(role.table.role.members)
        changed = np.zeros((0, members, levels.LEVELS, planes.width), dtype=np.uint64)
        if name == "training":
            changed = levels.put(release, planes, role.table, usable, able)
        plane = called[name]
        stopped, gate = _stopped(planes, role, plane)
        if name == "runtime":
            usable = planes.everywhere & ~stopped[:members]
        given = _given(release, planes, role, plane, stopped[:members], changed)
        asked = bits.unpacked(plane[None], sheet.rows)[:, 0]
        leads[name] = np.zeros((members, planes.width), dtype=np.uint64)
        found[name], ranking[name] = _judged(role, given, asked, gate, leads[name], top, board=board)
    look = Seen(
        planes,
        lambda node: planes.truth(planes.program.compile(node)),
        called,
        leads,
        able,
        planes.everywhere,
        lambda plane: bits.unpacked(plane[None], sheet.rows)[:, 0],
    )
    return {name: found[name] for name in ROLES}, ranking, bits.unpacked(usable, sheet.rows), look


def _stopped(planes: Planes, role: RoleProgram, called: Words) -> tuple[Words, Places]:
    """((K, words) whom gates stop; (N, K) the first gate that does, in the rows called)."""
    guards, candidates = role.guards, len(role.table.candidates)
    fails = np.empty((len(guards.when), planes.width), dtype=np.uint64)
    for part, (when, requires) in enumerate(zip(guards.when, guards.requires, strict=True)):
        concerned = planes.everywhere if when < 0 else planes.truth(when)[0]
        fails[part] = concerned if requires < 0 else concerned & planes.truth(requires)[1]
    stopped = np.zeros((candidates, planes.width), dtype=np.uint64)
    first = np.full((planes.sheet.rows, candidates), -1, dtype=np.int16)
    bits.stop(fails, guards.gates, guards.start, guards.candidates, called, stopped, first)
    return stopped, first


def _given(release: Release, planes: Planes, role: RoleProgram, called: Words, stopped: Words, changed: Words) -> Given:
    rows = planes.sheet.rows
    speaks = np.empty((len(role.rules), planes.width), dtype=np.uint64)
    for index, condition in enumerate(role.rules):
        speaks[index] = planes.everywhere if condition < 0 else planes.truth(condition)[0]
    ranked = planes.sheet.columns.get(PRIORITIES)
    place, length = np.zeros((0, 0), dtype=np.int16), np.zeros(0, dtype=np.int64)
    if isinstance(ranked, SetColumn) and ranked.place is not None:
        place = ranked.place
        length = np.asarray(sum(np.bitwise_count(word).astype(np.int64) for word in ranked.words))
    else:  # nothing is ranked: no rule on a priority speaks
        speaks[role.fixed.ranked >= 0] = 0
    named = np.stack(
        [_named(planes, release, each.question) for each in role.table.affinities]
        or [np.zeros((0, rows), dtype=np.uint64)]
    )
    strays = np.bitwise_or.reduce(changed.reshape(-1, planes.width), axis=0)
    return Given(called, speaks, stopped, place, length, named, changed, strays)


def _named(planes: Planes, release: Release, question: str) -> Words:
    """(words, N) the alternatives that a question names, a bit each."""
    options, column = options_of(release, question), planes.sheet.columns.get(question)
    count = max(1, -(-len(options) // bits.ROWS))
    if not isinstance(column, SetColumn):
        return np.zeros((count, planes.sheet.rows), dtype=np.uint64)
    if column.options != options:
        raise ValueError(f"{question} names other alternatives than the release has on file")
    return stacked(column.words)


def _judged(
    role: RoleProgram, given: Given, called: Bools, gate: Places, leads: Words, top: int, *, board: bool
) -> tuple[RoleScored, Places]:
    rows, members = len(called), len(role.table.role.members)
    found = Found(
        order=np.full((rows, members), -1, dtype=np.int16),
        score=np.full((rows, top), np.nan),
        confidence=np.full(rows, np.nan),
        margin=np.full(rows, np.nan),
        tied=np.zeros((rows, members), dtype=np.bool_),
        reasons=np.full((rows, REASONS), -1, dtype=np.int16),
        board=np.full((rows if board else 0, members), np.nan, dtype=np.float32),
        silent=np.zeros(rows, dtype=np.bool_),
        leads=leads,
    )
    kernel.rows(role.fixed, given, found, desk(role.fixed))
    silent = np.flatnonzero(found.silent)
    if len(silent):
        open_to = gate[silent, :members]
        gate[silent, :members] = np.where(open_to < 0, role.table.no_rule, open_to)
    order = np.full((rows, top), -1, dtype=np.int16)
    order[:, :members] = found.order[:, :top]
    scored = RoleScored(
        called,
        order,
        found.score,
        found.confidence,
        found.margin,
        found.tied,
        found.reasons,
        gate,
        found.board if board else None,
    )
    return scored, found.order
