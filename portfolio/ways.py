"""The way of each project to each of its targets, told once for all projects that it is the same for."""

from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from portfolio.scored import Interned, Places
from rules import stacks
from rules.compiled import Release
from rules.conditions import column_parts
from rules.conditions.columns import Bools, SetColumn, Sheet
from rules.conditions.sentences import LEVELS

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


def told(release: Release, sheet: Sheet, ranking: Mapping[str, Places], usable: Bools) -> Interned:
    """The ways of every row.

    Args:
        release: the knowledge.
        sheet: the projects.
        ranking: by role, (N, F) the members best first, -1 where there are no more or the role is not called for.
        usable: (N, F) the runtimes that no gate stops.
    """
    code = np.full(sheet.rows, -1, dtype=np.int32)
    targets = sheet.columns.get("deploy_targets")
    if not isinstance(targets, SetColumn):
        return Interned(code, ())
    ships = np.flatnonzero(np.logical_or.reduce([targets.holds(t) for t in targets.options if t != "none"]))
    if not len(ships):
        return Interned(code, ())
    keys = np.concatenate([_bytes(part[ships]) for part in _keys(sheet, ranking, usable)], axis=1)
    _, at, inverse = np.unique(keys, axis=0, return_index=True, return_inverse=True)
    texts: dict[str, int] = {}
    known = [texts.setdefault(_text(release, sheet, ranking, usable, row), len(texts)) for row in ships[at].tolist()]
    code[ships] = np.array(known, dtype=np.int32)[inverse.ravel()]
    return Interned(code, tuple(texts))


def _keys(sheet: Sheet, ranking: Mapping[str, Places], usable: Bools) -> Iterator[NDArray[np.generic]]:
    """All that a stack follows from, (N, any) each: rankings, the first server, usable runtimes, answers."""
    yield from (ranking["training"], ranking["runtime"], ranking["serving"][:, :1], np.packbits(usable, axis=1))
    for name in ANSWERS:
        found = sheet.columns.get(name)
        if isinstance(found, SetColumn):
            yield from (np.stack(found.words, axis=1), found.known[:, None])


def _bytes(part: NDArray[np.generic]) -> NDArray[np.uint8]:
    return np.ascontiguousarray(part).view(np.uint8).reshape(len(part), -1)


def _text(release: Release, sheet: Sheet, ranking: Mapping[str, Places], usable: Bools, row: int) -> str:
    """The ways of one row, as the decision of one project chooses them."""
    answers = {name: column_parts.value(sheet.columns[name], row) for name in ANSWERS if name in sheet.columns}
    values = {name: tuple(answer) for name, answer in answers.items() if isinstance(answer, list)}
    named = {name: [release.roles[name].members[i] for i in of[row].tolist() if i >= 0] for name, of in ranking.items()}
    runtimes = release.roles["runtime"].members
    open_to = frozenset(member for member, is_open in zip(runtimes, usable[row].tolist(), strict=True) if is_open)
    server = named["serving"][0] if named["serving"] else None
    planned = stacks.plan(release, values, named["training"], named["runtime"], open_to, server)
    return " | ".join(stack_text(stack) for stack in planned)
