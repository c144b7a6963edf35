"""Drift of stacks: on which targets the way from training to where it runs is another one under a later release."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from portfolio import scoring
from portfolio.board.asking import Projects
from portfolio.scoring import Options, Ready
from rules.release import Release

LISTED = 5


@dataclass(slots=True)
class Moved:
    """A change of way on a target: how many projects, how many of them with another first framework, and some, by
    (id, row).
    """

    projects: int = 0
    with_first: int = 0
    examples: list[tuple[str, int]] = field(default_factory=list)


@dataclass(slots=True)
class StackDrift:
    """What became of the stacks: `projects` compared, `changed` of them in any target, `ways` by (target, before,
    after), where an empty text stands for no way.
    """

    projects: int = 0
    changed: int = 0
    ways: dict[tuple[str, str, str], Moved] = field(default_factory=dict)


def stacks(before: Release, after: Release, blocks: Iterator[tuple[Projects, Projects]]) -> StackDrift:
    """Compare the stacks of the same projects, block by block, as each release understands them."""
    sides = [scoring.ready(release, {}, Options(top=1)) for release in (before, after)]
    found = StackDrift()
    for pair in blocks:
        (was, first), (now, then) = (_told(side, each) for side, each in zip(sides, pair, strict=True))
        for row, (old, new) in enumerate(zip(was, now, strict=True)):
            found.projects += 1
            if old == new:
                continue
            found.changed += 1
            called = (pair[1].id[row], pair[1].row[row])
            _add(found, _by_target(old), _by_target(new), first[row] != then[row], called)
    return found


def _told(side: Ready, projects: Projects) -> tuple[list[str], list[str]]:
    """(the stack of each project; what it is trained with)."""
    scored = scoring.score(side, projects.sheet)
    texts = [*scored.stack.texts, ""]  # -1 stands for nothing
    members = [*side.release.roles["training"].members, ""]
    first = scored.roles["training"].order[:, 0].tolist()
    return [texts[code] for code in scored.stack.code.tolist()], [members[index] for index in first]


def _by_target(text: str) -> dict[str, str]:
    parts = (each.partition(": ") for each in text.split(" | ")) if text else ()
    return {target: way for target, _, way in parts}


def _add(found: StackDrift, old: dict[str, str], new: dict[str, str], moved: bool, called: tuple[str, int]) -> None:
    for target in sorted({*old, *new}):
        was, now = old.get(target, ""), new.get(target, "")
        if was != now:
            entry = found.ways.setdefault((target, was, now), Moved())
            entry.projects += 1
            entry.with_first += moved
            if len(entry.examples) < LISTED:
                entry.examples.append(called)
