"""The way of each project to each of its targets, told once for all projects that it is the same for."""

from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from portfolio.interning import distinct, joined
from portfolio.scored import Interned, Places
from portfolio.spared import Spared
from rules import batch, reach, sparing, stacks
from rules.calling import Columns
from rules.compiled import Release
from rules.conditions import column_parts
from rules.conditions.columns import Bools, SetColumn, Sheet, Words
from rules.conditions.sentences import LEVELS

ANSWERS = ("deploy_targets", "serving_language", "weights_in", "approach")  # all that a stack looks at beside rankings


def stack_text(stack: stacks.Stack) -> str:
    """The way to one target, such as `android: pytorch --litert-torch--> litert`; weak steps say so."""
    if not stack.path:
        return f"{stack.target}: no way on file"
    text = f"{stack.target}: {stack.path[0].source}"
    for step in stack.path:
        level = f" ({LEVELS[step.level]})" if step.level < len(LEVELS) - 1 else ""
        text += level if step.target == stack.target else f" --{step.by}{level}--> {step.target}"
    return text


def told(
    release: Release,
    sheet: Sheet,
    ranking: Mapping[str, Places],
    usable: Bools,
    spared: Spared,
    memo: dict[tuple[object, ...], str] | None = None,
) -> Interned:
    """The ways of every row.

    Args:
        release: the knowledge.
        sheet: the projects.
        ranking: by role, (N, F) the members best first, -1 where there are no more or the role is not called for.
        usable: (N, F) the runtimes that no gate stops.
        spared: where no runtime is needed.
        memo: the ways told before; None: work out all, each by a decision's own means.
    """
    code = np.full(sheet.rows, -1, dtype=np.int32)
    targets = sheet.columns.get("deploy_targets")
    if not isinstance(targets, SetColumn):
        return Interned(code, ())
    ships = np.flatnonzero(np.logical_or.reduce([targets.holds(t) for t in targets.options if t != "none"]))
    if not len(ships):
        return Interned(code, ())
    found = None if memo is None else _chosen(release, sheet, ranking, usable, spared, ships)
    if found is None or memo is None:
        own = [_bytes(part[ships]) for part in _keys(sheet, ranking, usable, spared)]
        first, inverse = distinct(np.concatenate(own, axis=1))
        said = [_text(release, sheet, ranking, usable, spared, row) for row in ships[first].tolist()]
    else:
        first, inverse = distinct(found)
        said = _put_together(release, sheet, ships[first], found[first], memo)
    texts: dict[str, int] = {}
    known = [texts.setdefault(text, len(texts)) for text in said]
    code[ships] = np.array(known, dtype=np.int32)[inverse]
    return Interned(code, tuple(texts))


def nothing(rows: int) -> Interned:
    """No ways of any row."""
    return Interned(np.full(rows, -1, dtype=np.int32), ())


# --- Chosen by the compiled choice -----------------------------------------------------------------------------------


def _chosen(
    release: Release,
    sheet: Sheet,
    ranking: Mapping[str, Places],
    usable: Bools,
    spared: Spared,
    ships: NDArray[np.intp],
) -> NDArray[np.int64] | None:
    """For each row that ships what its ways follow from: start, server, whether the start is its own runtime, formats
    and a code for each target; None where a release has too many runtimes for it.
    """
    from portfolio import way_choice  # Numba takes a second to load

    made = way_choice.targets(release)
    if made is None:
        return None
    asked = Sheet(len(ships), {name: sheet.columns[name].take(ships) for name in ANSWERS if name in sheet.columns})
    servers = release.roles["serving"].members
    server = ranking["serving"][ships, 0] if servers else np.full(len(ships), -1, dtype=np.int16)
    alone = sparing.serves_by_itself(release, servers) if servers else np.zeros((2, 1), dtype=np.bool_)
    formats, answers = _formats(asked), Columns(asked)
    rows = way_choice.Rows(
        wanted=np.stack([answers.overlaps("deploy_targets", (target,)) for target in made.names], axis=1),
        usable=_word(usable[ships]),
        itself=batch.serving(release, asked),
        trained=ranking["training"][ships],
        runtimes=ranking["runtime"][ships],
        server=server,
        alone=alone[sparing.mixed(answers).astype(np.intp), np.maximum(server, 0)],
        formats=formats,
    )
    start = way_choice.starts(made.known, rows)
    codes, start = way_choice.choose(made.known, rows, spared.take(ships).by(start))
    able = np.zeros(len(ships), dtype=np.int64)
    led = np.flatnonzero(start >= 0)
    able[led] = rows.itself[led, start[led]]
    server = np.where((codes == way_choice.BY_SERVER).any(axis=1), server, -1)
    weights = np.where(start < 0, formats, np.uint64(0)).view(np.int64)
    return np.column_stack([start, server, able, *weights, codes]).astype(np.int64)


def _formats(sheet: Sheet) -> Words:
    """(words, N) the formats of weights that exist already."""
    weights = sheet.columns.get("weights_in")
    if not isinstance(weights, SetColumn):
        return np.zeros((1, sheet.rows), dtype=np.uint64)
    found = np.stack([np.where(weights.known, word, np.uint64(0)) for word in weights.words])
    if "none" in weights.options:
        word, bit = divmod(weights.options.index("none"), 64)
        found[word] &= ~np.uint64(1 << bit)
    return found


def _word(held: Bools) -> Words:
    """(N,) some truth values as the bits of one word."""
    found = np.zeros((len(held), 8), dtype=np.uint8)
    found[:, : -(-held.shape[1] // 8)] = np.packbits(held, axis=1, bitorder="little")
    return found.view(np.uint64)[:, 0]


def _put_together(
    release: Release,
    sheet: Sheet,
    rows: NDArray[np.intp],
    found: NDArray[np.int64],
    memo: dict[tuple[object, ...], str],
) -> list[str]:
    """The ways of some rows from the code of each target, each told once for all rows with the same."""
    from portfolio.way_choice import NOT_ASKED

    targets = reach.ways(release).targets
    pieces: dict[str, int] = {}
    chosen = np.full((len(rows), len(targets)), -1, dtype=np.int32)
    for place, target in enumerate(targets):
        at = np.flatnonzero(found[:, place - len(targets)] != NOT_ASKED)
        key = _what_counts(release, place, found[at])
        first, alike = distinct(key)
        told = np.zeros(len(first), dtype=np.int32)
        for index, (row, own) in enumerate(zip(rows[at[first]].tolist(), map(tuple, key[first].tolist()), strict=True)):
            text = memo.get((place, *own))
            if text is None:
                start, server, _, _, code = own
                text = memo[(place, *own)] = stack_text(_stack(release, sheet, row, start, server, target, code))
            told[index] = pieces.setdefault(text, len(pieces))
        chosen[at, place] = told[alike]
    return joined(chosen, list(pieces), " | ")


def _what_counts(release: Release, place: int, found: NDArray[np.int64]) -> NDArray[np.int64]:
    """(n, 5) start, server, whether the start is its own runtime, format and code: -1 for what does not count here.

    Of the formats that exist already it is the first of those that the runtime takes best.
    """
    from portfolio import way_choice

    known = way_choice.targets(release).known  # type: ignore[union-attr]
    start, server, able = found[:, :3].T
    weights, code = found[:, 3 : -len(known.servers)], found[:, place - len(known.servers)]
    over = code < len(known.runs)
    at, taken = np.flatnonzero(over), np.full(len(code), -1)
    reached = np.minimum(known.loads[:, code[at]], known.runs[code[at], place]).T
    held = np.unpackbits(np.ascontiguousarray(weights[at]).view(np.uint8), axis=1, bitorder="little")
    levels = np.where(held[:, : reached.shape[1]], reached, 0)
    if levels.size:
        taken[at] = np.where(levels.any(axis=1), levels.argmax(axis=1), -1)
    own = over | (code == way_choice.BY_ITSELF)
    return np.column_stack(
        [
            np.where(own, start, -1),
            np.where(code == way_choice.BY_SERVER, server, -1),
            np.where(own, able, -1),
            taken,
            code,
        ]
    )


def _stack(release: Release, sheet: Sheet, row: int, start: int, server: int, target: str, code: int) -> stacks.Stack:
    from portfolio.way_choice import BY_ITSELF, BY_SERVER, NO_WAY

    if code == NO_WAY:
        return stacks.Stack(target, (), None)
    framework = [release.roles["training"].members[start]] if start >= 0 else []
    if code in (BY_ITSELF, BY_SERVER):
        (name,) = framework if code == BY_ITSELF else [release.roles["serving"].members[server]]
        step = stacks.run_by(release, name, target)
        return stacks.Stack(target, (step,) if step else (), None)
    over = [release.roles["runtime"].members[code]]
    values = {**_values(sheet, row), "deploy_targets": (target,)}
    return stacks.plan(release, values, framework, over, over)[0]


# --- By a decision's own means ---------------------------------------------------------------------------------------


def _keys(sheet: Sheet, ranking: Mapping[str, Places], usable: Bools, spared: Spared) -> Iterator[NDArray[np.generic]]:
    """All that a stack follows from, (N, any) each: rankings, the first server, usable runtimes, answers."""
    yield from (ranking["training"], ranking["runtime"], ranking["serving"][:, :1])
    yield from (np.packbits(each, axis=1) for each in (usable, spared.trained, spared.served))
    yield from (np.packbits(each, axis=1) for each in (spared.leads, spared.serves))
    for name in ANSWERS:
        found = sheet.columns.get(name)
        if isinstance(found, SetColumn):
            yield from (np.stack(found.words, axis=1), found.known[:, None])


def _bytes(part: NDArray[np.generic]) -> NDArray[np.uint8]:
    return np.ascontiguousarray(part).view(np.uint8).reshape(len(part), -1)


def _values(sheet: Sheet, row: int) -> dict[str, object]:
    answers = {name: column_parts.value(sheet.columns[name], row) for name in ANSWERS if name in sheet.columns}
    return {name: tuple(answer) for name, answer in answers.items() if isinstance(answer, list)}


def _text(
    release: Release, sheet: Sheet, ranking: Mapping[str, Places], usable: Bools, spared: Spared, row: int
) -> str:
    """The ways of one row, as the decision of one project chooses them."""
    values = _values(sheet, row)
    named = {name: [release.roles[name].members[i] for i in of[row].tolist() if i >= 0] for name, of in ranking.items()}
    runtimes = release.roles["runtime"].members
    open_to = frozenset(member for member, is_open in zip(runtimes, usable[row].tolist(), strict=True) if is_open)
    server = named["serving"][0] if named["serving"] else None
    targets = reach.ways(release).targets
    one = spared.take(np.array([row]))
    pairs = {
        (framework, target)
        for place, framework in enumerate(release.roles["training"].members)
        for target, alone in zip(targets, one.by(np.array([place]))[0].tolist(), strict=True)
        if alone
    }
    planned = stacks.plan(release, values, named["training"], named["runtime"], open_to, server, pairs)
    return " | ".join(stack_text(stack) for stack in planned)
