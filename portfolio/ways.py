"""The way of each project to each of its targets, told once for all projects that it is the same for."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from portfolio.interning import distinct
from portfolio.scored import Interned, Places
from rules import batch, reach, stacks
from rules.compiled import Release
from rules.conditions import column_parts
from rules.conditions.columns import Bools, SetColumn, Sheet, Words
from rules.conditions.sentences import LEVELS

REMEMBERED = 1_000_000
LOW, SERVES_ALL = np.uint64(0xFFFF), np.uint64(1 << 63)  # see `portfolio.way_keys`
ANSWERS = ("deploy_targets", "serving_language", "weights_in")  # all that a stack looks at beside rankings


def stack_text(stack: stacks.Stack) -> str:
    """The way to one target, such as `android: pytorch --litert-torch--> litert --> android`; weak steps say so."""
    if not stack.path:
        return f"{stack.target}: no way on file"
    text = f"{stack.target}: {stack.path[0].source}"
    for step in stack.path:
        level = f" ({LEVELS[step.level]})" if step.level < len(LEVELS) - 1 else ""
        by = level.strip() if step.target == stack.target else f"{step.by}{level}"
        text += f" --{by}--> {step.target}" if by else f" --> {step.target}"
    return text


def told(
    release: Release,
    sheet: Sheet,
    ranking: Mapping[str, Places],
    usable: Bools,
    memo: dict[bytes, str] | None = None,
) -> Interned:
    """The ways of every row.

    Args:
        release: the knowledge.
        sheet: the projects.
        ranking: by role, (N, F) the members best first, -1 where there are no more or the role is not called for.
        usable: (N, F) the runtimes that no gate stops.
        memo: the ways worked out before, by what they follow from; None: work out all, each by a decision's own means.
    """
    code = np.full(sheet.rows, -1, dtype=np.int32)
    targets = sheet.columns.get("deploy_targets")
    if not isinstance(targets, SetColumn):
        return Interned(code, ())
    ships = np.flatnonzero(np.logical_or.reduce([targets.holds(t) for t in targets.options if t != "none"]))
    if not len(ships):
        return Interned(code, ())
    if memo is None or not _fits(release):
        keys = np.concatenate([_bytes(part[ships]) for part in _keys(sheet, ranking, usable)], axis=1)
        first, inverse = distinct(keys)
        said = [_text(release, sheet, ranking, usable, row, None) for row in ships[first].tolist()]
    else:
        found = _short_keys(release, sheet, ranking, usable, ships)
        first, inverse = distinct(found)
        said = _remembered(
            release, sheet, ranking, usable, list(zip(ships[first].tolist(), found[first], strict=True)), memo
        )
    texts: dict[str, int] = {}
    known = [texts.setdefault(text, len(texts)) for text in said]
    code[ships] = np.array(known, dtype=np.int32)[inverse]
    return Interned(code, tuple(texts))


def _fits(release: Release) -> bool:
    """Whether keys have room for every runtime and target."""
    from portfolio import way_keys  # Numba takes a second to load

    return way_keys.reached(release) is not None


def nothing(rows: int) -> Interned:
    """No ways of any row."""
    return Interned(np.full(rows, -1, dtype=np.int32), ())


def _short_keys(
    release: Release, sheet: Sheet, ranking: Mapping[str, Places], usable: Bools, ships: NDArray[np.intp]
) -> Words:
    from portfolio import way_keys  # Numba takes a second to load

    known, targets, weights = (
        way_keys.reached(release),
        sheet.columns["deploy_targets"],
        sheet.columns.get("weights_in"),
    )
    if known is None or not isinstance(targets, SetColumn):
        raise TypeError("the ways of this release have no short keys")
    wanted = np.stack([targets.holds(target) for target in known.targets], axis=1)[ships]
    held = [*weights.words, weights.known.astype(np.uint64)] if isinstance(weights, SetColumn) else []
    formats = np.stack([part[ships] for part in held], axis=1) if held else np.zeros((len(ships), 0), dtype=np.uint64)
    ranked = [ranking[role][ships] for role in ("training", "runtime", "serving")]
    return way_keys.keys(
        known, _word(wanted), _word(usable[ships]), batch.serving(release, sheet)[ships], ranked, formats
    )


def _word(held: Bools) -> Words:
    """(N,) some truth values as the bits of one word."""
    found = np.zeros((len(held), 8), dtype=np.uint8)
    found[:, : -(-held.shape[1] // 8)] = np.packbits(held, axis=1, bitorder="little")
    return found.view(np.uint64)[:, 0]


def _remembered(
    release: Release,
    sheet: Sheet,
    ranking: Mapping[str, Places],
    usable: Bools,
    asked: Sequence[tuple[int, Words]],
    memo: dict[bytes, str],
) -> list[str]:
    """The texts of some rows with their keys, worked out where nobody had that key before."""
    if len(memo) > REMEMBERED:
        memo.clear()
    for row, key in asked:
        if (own := key.tobytes()) not in memo:
            start, end = int(key[0] & LOW) - 1, key[2]
            if end & SERVES_ALL:
                memo[own] = _over_one(release, sheet, row, start, int(end & LOW), int(key[1]), memo)
            else:
                memo[own] = _text(release, sheet, ranking, usable, row, start)
    return [memo[key.tobytes()] for _, key in asked]


def _over_one(
    release: Release, sheet: Sheet, row: int, start: int, end: int, wanted: int, memo: dict[bytes, str]
) -> str:
    """The ways of one row that all end alike, each worked out once for all rows with the same."""
    framework, runtimes = release.roles["training"].members[start], release.roles["runtime"].members
    over = [runtimes[end]] if end < len(runtimes) and runtimes[end] != framework else []
    language = sheet.columns.get("serving_language")
    spoken = column_parts.value(language, row) if language else None
    told = []
    for place, target in enumerate(reach.ways(release).targets):
        if wanted >> place & 1:
            values: dict[str, object] = {"deploy_targets": (target,)}
            values |= {"serving_language": tuple(spoken)} if isinstance(spoken, list) else {}
            able = reach.serves_itself(release.alternatives[framework], values)
            own = f"{start} {end} {place} {able}".encode()
            if own not in memo:
                memo[own] = stack_text(stacks.plan(release, values, [framework], over, over)[0])
            told.append(memo[own])
    return " | ".join(told)


def _keys(sheet: Sheet, ranking: Mapping[str, Places], usable: Bools) -> Iterator[NDArray[np.generic]]:
    """All that a stack follows from, (N, any) each: rankings, the first server, usable runtimes, answers."""
    yield from (ranking["training"], ranking["runtime"], ranking["serving"][:, :1], np.packbits(usable, axis=1))
    for name in ANSWERS:
        found = sheet.columns.get(name)
        if isinstance(found, SetColumn):
            yield from (np.stack(found.words, axis=1), found.known[:, None])


def _bytes(part: NDArray[np.generic]) -> NDArray[np.uint8]:
    return np.ascontiguousarray(part).view(np.uint8).reshape(len(part), -1)


def _text(
    release: Release, sheet: Sheet, ranking: Mapping[str, Places], usable: Bools, row: int, start: int | None
) -> str:
    """The ways of one row, as the decision of one project chooses them; `start` names the framework they start from,
    -1 for none, where that is known.
    """
    answers = {name: column_parts.value(sheet.columns[name], row) for name in ANSWERS if name in sheet.columns}
    values = {name: tuple(answer) for name, answer in answers.items() if isinstance(answer, list)}
    named = {name: [release.roles[name].members[i] for i in of[row].tolist() if i >= 0] for name, of in ranking.items()}
    runtimes = release.roles["runtime"].members
    open_to = frozenset(member for member, is_open in zip(runtimes, usable[row].tolist(), strict=True) if is_open)
    server = named["serving"][0] if named["serving"] else None
    frameworks = release.roles["training"].members
    trained = named["training"] if start is None else [frameworks[start]] if start >= 0 else []
    planned = stacks.plan(release, values, trained, named["runtime"], open_to, server)
    return " | ".join(stack_text(stack) for stack in planned)
