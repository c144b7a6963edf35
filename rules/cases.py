"""Every case that some conditions can tell apart: a small sheet that stands for all answers and facts there can be.

For each name that the conditions mention, a few values stand for all: of a number one in each stretch that the compared
bounds cut, and each bound; of several options every subset of those that are mentioned, with others beside them as far
as a count can tell; and unknown. Names that are compared with each other get values for every order and overlap that
they can have. So what holds in every row holds for every project. Where the product is too large, rows are drawn from
it: what is found there is found, and what is not may be missed.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations, pairwise
from math import floor, prod

import numpy as np
from numpy.typing import NDArray

from rules.compiled import Release
from rules.conditions import Call, Compare, Kind, Literal, Name, Node, columns, names, walk
from rules.conditions.columns import SETS, TRUE, Column, Conditions, Sheet
from rules.hardware import version_key
from rules.requirements import Question, within
from rules.streams import LEVELS, draws, stream

MAX_ROWS = 200_000
DRAWN_ROWS = 20_000
MAX_SUBSETS = 1 << 14

Values = list[object]


@dataclass(frozen=True, slots=True)
class Cases:
    """The cases as a sheet; `values` are those that each name takes, `index` which of them in each row.

    `exact` says that there are no other cases.
    """

    sheet: Sheet
    values: Mapping[str, Values]
    index: Mapping[str, NDArray[np.intp]]
    exact: bool

    def case(self, row: int) -> dict[str, object]:
        """One case by name; what is unknown in it is left out."""
        found = {name: values[int(self.index[name][row])] for name, values in self.values.items()}
        return {name: value for name, value in found.items() if value is not None}

    def take(self, rows: NDArray[np.intp]) -> "Cases":
        """Some of the cases, which are then not all."""
        made = {name: column.take(rows) for name, column in self.sheet.columns.items()}
        index = {name: each[rows] for name, each in self.index.items()}
        return Cases(Sheet(len(rows), made), self.values, index, exact=False)


class Space:
    """The answers and facts that a release knows of, from which cases are taken."""

    def __init__(self, release: Release) -> None:
        self.conditions = Conditions(release.names)
        self._names = release.names
        self._questions = release.questionnaire.questions
        self._contradictions = [c.node for c in release.questionnaire.contradictions]
        self._columns: dict[tuple[str, tuple[object, ...]], Column] = {}

    def cases(self, *nodes: Node, over: frozenset[str] | None = None) -> Cases:
        """The cases of all names in some conditions, or only of those in `over`, the rest being unknown.

        Answers that contradict each other are left out; a name of no kind is unknown in all of them.
        """
        mentioned = frozenset(n for node in nodes for n in names(node) if n.partition("@")[0] in self._names)
        mentioned = mentioned if over is None else mentioned & over
        contradictions = [node for node in self._contradictions if names(node) <= mentioned]
        seen = _look(self._names, [*nodes, *contradictions])
        taken = {name: self._values(name, seen) for name in sorted(mentioned)}
        values = {name: [None, *found] for name, (found, _) in taken.items()}
        exact = all(whole for _, whole in taken.values())
        index, whole = _rows([len(each) for each in values.values()])
        made = {
            name: self._column(name, each).take(place)
            for (name, each), place in zip(values.items(), index, strict=True)
        }
        found = Cases(
            Sheet(len(index[0]) if index else 1, made), values, dict(zip(values, index, strict=True)), exact and whole
        )
        return self._sound(found, contradictions)

    def _sound(self, found: Cases, contradictions: Sequence[Node]) -> Cases:
        if not contradictions:
            return found
        wrong = np.logical_or.reduce([self.conditions.compile(node)(found.sheet) == TRUE for node in contradictions])
        kept = found.take(np.flatnonzero(~wrong))
        return Cases(kept.sheet, kept.values, kept.index, found.exact)

    def _column(self, name: str, values: Values) -> Column:
        """The column of some values; the same ones are asked for again and again."""
        key = (name, tuple(values))
        if key not in self._columns:
            self._columns[key] = columns.column(self.kind(name), values)
        return self._columns[key]

    def kind(self, name: str) -> Kind:
        """The type of a name; the way of one alternative has that of ways."""
        return self._names[name.partition("@")[0]]

    def _values(self, name: str, seen: "_Seen") -> tuple[Values, bool]:
        """(the values but unknown; whether they stand for all)."""
        kind, question = self.kind(name), self._questions.get(name)
        group = seen.group(name)
        kinds = {other: self.kind(other) for other in group}
        if kind.sort in ("yes/no", "flag"):
            return [True, False], True
        if kind.sort == "level":
            return [0.0, 1.0, 2.0, 3.0], True
        if kind.sort == "number":
            counted = any(other in seen.counted_with for other in group)
            return [*_numbers(self._cuts(group, seen), len(group), question)], not counted
        if kind.sort in SETS:
            return _sets(name, question, kinds, seen)
        if kind.ordered or kind.options == ():
            return [*(kind.options or _versions(seen, kinds))], True
        return [*_options(name, kinds, seen)], True

    def _cuts(self, group: Sequence[str], seen: "_Seen") -> list[float]:
        """The numbers that cut a group of names into stretches: the compared ones, and the least and greatest answers,
        or one beyond all others where there is none.
        """
        asked = [self._questions[name] for name in group if name in self._questions]
        ends = {end for q in asked for end in (q.minimum, q.maximum) if end is not None}
        cuts = sorted(ends.union(*(seen.bounds.get(name, set()) for name in group)))
        return [min([*cuts, 0.0]) - 1.0, *cuts, max([*cuts, 0.0]) + 1.0]


# --- What conditions look at -----------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Seen:
    """What each name is compared with: numbers, the numbers of a count, texts, and other names."""

    bounds: dict[str, set[float]] = field(default_factory=dict)
    counts: dict[str, set[float]] = field(default_factory=dict)
    texts: dict[str, set[str]] = field(default_factory=dict)
    beside: dict[str, set[str]] = field(default_factory=dict)
    counted_with: set[str] = field(default_factory=set)

    def group(self, name: str) -> tuple[str, ...]:
        """The name and all that it is compared with, one after another."""
        found, todo = {name}, [name]
        while todo:
            new = self.beside.get(todo.pop(), set()) - found
            found |= new
            todo += new
        return tuple(sorted(found))

    def texts_of(self, group: Sequence[str]) -> set[str]:
        return {text for name in group for text in self.texts.get(name, ())}


def _look(known: Mapping[str, Kind], nodes: Sequence[Node]) -> _Seen:
    seen = _Seen()
    for part in (part for node in nodes for part in walk(node)):
        if not isinstance(part, Compare):
            continue
        for side, other in ((part.left, part.right), (part.right, part.left)):
            match side, other:
                case Name(name), Literal(float() as bound):
                    seen.bounds.setdefault(name, set()).add(bound)
                case Call("count", Name(name)), Literal(float() as bound):
                    seen.counts.setdefault(name, set()).add(bound)
                case Name(name), Literal(str() as text):
                    seen.texts.setdefault(name, set()).add(text)
                case Name(name), Literal(tuple() as several):
                    seen.texts.setdefault(name, set()).update(several)
                case Name(name), Name(beside):
                    seen.beside.setdefault(name, set()).add(beside)
                case Call("count", Name(name)), Name() | Call():
                    seen.counted_with |= names(part)
                    seen.counts.setdefault(name, set()).add(float(len(known[name].options)))
                case _:
                    pass
    return seen


# --- Values that stand for all ---------------------------------------------------------------------------------------


def _numbers(cuts: Sequence[float], each: int, question: Question | None) -> Iterator[float]:
    """The cuts that can be answered and, in every stretch between two of them, `each` numbers."""
    cuts = [cut for cut in cuts if question is None or within(question, cut) == cut]
    yield from cuts
    for one, other in pairwise(cuts):
        yield from (one + (other - one) * (i + 1) / (each + 1) for i in range(each))


def _versions(seen: _Seen, kinds: Mapping[str, Kind]) -> Iterator[str]:
    """Versions that are compared with, and between any two of them one for each name without options: v, v.0, v.0.0."""
    free = sum(not kind.options for kind in kinds.values())
    stated = {version_key(text): text for text in seen.texts_of(tuple(kinds))}
    stated |= {version_key(text): text for kind in kinds.values() for text in kind.options}
    for text in ["0", *stated.values()]:
        yield from (text + ".0" * i for i in range(free + 1))


def _spare(kinds: Mapping[str, Kind], mentioned: set[str]) -> list[str]:
    """Options that no condition mentions, enough for every overlap of the names: one of each profile over the sets,
    and one for each name that holds a single option. A name by itself needs none.
    """
    if len(kinds) == 1:
        return []
    sets = sum(kind.sort in SETS for kind in kinds.values())
    common = [o for o in next(iter(kinds.values())).options if all(o in kind.options for kind in kinds.values())]
    return [o for o in common if o not in mentioned][: 2**sets - 1 + len(kinds) - sets]


def _options(name: str, kinds: Mapping[str, Kind], seen: _Seen) -> list[str]:
    """The options of one name that are mentioned, those spare for overlaps, and one other."""
    mentioned = seen.texts_of(tuple(kinds))
    told = mentioned | set(_spare(kinds, mentioned))
    rest = [option for option in kinds[name].options if option not in told]
    return [*(option for option in kinds[name].options if option in told), *rest[:1]]


def _sets(name: str, question: Question | None, kinds: Mapping[str, Kind], seen: _Seen) -> tuple[Values, bool]:
    """Every subset of what is mentioned, with up to as many others as a count can tell; exclusive options alone."""
    mentioned = seen.texts_of(tuple(kinds))
    told = mentioned | set(_spare(kinds, mentioned))
    options, alone = kinds[name].options, question.exclusive if question else ()
    together = [option for option in options if option in told and option not in alone]
    rest = [option for option in options if option not in told and option not in alone]
    counts = seen.counts.get(name, set())
    most = min(len(rest), max([1, *(floor(bound) + 1 for bound in counts)]))
    whole = 2 ** len(together) * (most + 1) <= MAX_SUBSETS
    sizes = range(len(together) + 1) if whole else sorted({0, 1, 2, len(together) - 1, len(together)})
    found: Values = [
        (*subset, *rest[:others])
        for size in sizes
        for subset in combinations(together, size)
        for others in range(most + 1)
        if size + others or question is None
    ]
    found += [(option,) for option in alone if option in told or not rest]
    overlapping = sum(kind.sort in SETS for kind in kinds.values()) > 1  # which others they share is not told apart
    return found, whole and not (counts and overlapping)


# --- Rows ------------------------------------------------------------------------------------------------------------


def _rows(sizes: Sequence[int]) -> tuple[list[NDArray[np.intp]], bool]:
    """(for every name, which of its values each row has; whether these are all combinations)."""
    total = prod(sizes)
    if total <= MAX_ROWS:
        return [each.ravel() for each in np.indices(sizes, dtype=np.intp)], True
    drawn = draws(stream("cases"), len(sizes), DRAWN_ROWS)
    return [row * size // LEVELS for row, size in zip(drawn, sizes, strict=True)], False
