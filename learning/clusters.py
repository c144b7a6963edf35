"""Groups of like projects: k-means over what they answer, believed only where the groups come back and stand out.

The number of groups is the one whose groups explain most beyond chance, or a smaller one that other shuffles might have
put before it, of those numbers that pass two tests:

* stable: fitted again from other starting points, and to other halves-and-more of the projects, the groups agree with
  an adjusted Rand index of at least `STABLE` on average, both times (L. Hubert and P. Arabie, Comparing partitions,
  Journal of Classification 2, 1985; subsampling as in U. von Luxburg, Clustering stability: an overview, Foundations
  and Trends in Machine Learning 2(3), 2010);
* beyond chance: they explain `BEYOND` times as much of the variance as groups of projects whose answers are shuffled
  among them question by question, so that nothing goes together any more (after R. Tibshirani, G. Walther and T.
  Hastie, Estimating the number of clusters in a data set via the gap statistic, JRSS B 63(2), 2001).

Where no number passes there are no clear groups, and that is the answer. Groups are made by options and by yes and no:
what is not known counts as not said, and numbers only help to describe what was found, since a bound makes no kind.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score
from threadpoolctl import threadpool_limits

from learning import features
from learning.features import Feature
from rules.compiled import Release
from rules.conditions.columns import Bools, Sheet

STABLE = 0.8
BEYOND = 1.5  # times what chance explains
MOST_GROUPS = 8
LEAST_PROJECTS = 20
FITS = 6  # again, of each sort
SHUFFLED = 3
PART = 0.8  # of the projects in a subsample
STARTS = 4
LEAST_SHARE = 0.02  # of the projects that say a thing, or do not, for it to tell groups apart
CLEAR = 3.0  # standard errors between the share in a group and elsewhere
TOLD = 5

Values = NDArray[np.float64]
Labels = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Tried:
    """A number of groups: how stable they are (mean adjusted Rand indices), how much of the variance they explain, and
    how much groups among shuffled answers do.
    """

    groups: int
    reseeded: float
    subsampled: float
    explained: float
    by_chance: float
    apart: float

    @property
    def lead(self) -> float:
        """How much more they explain than chance does."""
        return self.explained - self.by_chance

    @property
    def passes(self) -> bool:
        """Whether such groups are believed."""
        return min(self.reseeded, self.subsampled) >= STABLE and self.explained >= BEYOND * self.by_chance


@dataclass(frozen=True, slots=True)
class Shared:
    """What a group says more or less often than the others: in words, with how many of each say it."""

    text: str
    question: str
    inside: int
    outside: int


@dataclass(frozen=True, slots=True)
class Group:
    """A group: how many projects, what they say more often than the others, and what less often."""

    size: int
    more: tuple[Shared, ...]
    less: tuple[Shared, ...]


@dataclass(frozen=True, slots=True)
class Clusters:
    """The groups of some projects, largest first; none where nothing is stable and beyond chance.

    `tried` has the numbers of groups that were looked at; `centre` (groups, features) where each lies.
    """

    projects: int
    groups: tuple[Group, ...]
    tried: tuple[Tried, ...]
    asked: tuple[Feature, ...]
    centre: Values

    def assign(self, sheet: Sheet) -> Labels:
        """(n,) the group of each project of a sheet: the one that lies nearest."""
        held = _held(self.asked, sheet).astype(np.float64)
        distance = (self.centre**2).sum(axis=1) - 2 * held @ self.centre.T
        nearest: Labels = distance.argmin(axis=1)
        return nearest


def clusters(release: Release, role: str, sheet: Sheet) -> Clusters:
    """The groups of the projects of a sheet, by what the engine looks at in a role."""
    told = _telling(features.all_of(release, role), sheet)
    asked = tuple(f for f in told if f.at_least is None)
    none = Clusters(sheet.rows, (), (), asked, np.zeros((0, len(asked))))
    if sheet.rows < LEAST_PROJECTS or not asked:
        return none
    held, sheet = _ordered(_held(asked, sheet), sheet)
    values = held.astype(np.float64)
    most = min(MOST_GROUPS, sheet.rows // 5, len(np.unique(held, axis=0)))
    with threadpool_limits(1):  # many small fits: threads would only wait for each other
        tried = tuple(_tried(values, asked, count) for count in range(2, most + 1))
    passing = [each for each in tried if each.passes]
    if not passing:
        return Clusters(sheet.rows, (), tried, asked, none.centre)
    best = max(passing, key=lambda each: (each.lead, -each.groups))
    # Of leads that other shuffles may have put the other way round the one of the fewest groups: it comes back.
    noise = max(each.apart for each in tried)
    chosen = next(each for each in passing if each.lead >= best.lead - noise)
    fitted = _fit(values, chosen.groups, 0)
    labels = fitted.labels_
    order = sorted(range(chosen.groups), key=lambda g: (-int((labels == g).sum()), int((labels == g).argmax())))
    groups = tuple(_group(told, _held(told, sheet), labels == g) for g in order)
    return Clusters(sheet.rows, groups, tried, asked, fitted.cluster_centers_[order])


def _telling(every: Sequence[Feature], sheet: Sheet) -> tuple[Feature, ...]:
    """What some projects say and some do not; single options only, since their unions say the same again."""
    least = max(2.0, LEAST_SHARE * sheet.rows)
    single = [f for f in every if len(f.options) < 2 and f.at_least != features.STATED]
    counts = {f: int(f.column(sheet).sum()) for f in single}
    return tuple(f for f, count in counts.items() if least <= count <= sheet.rows - least)


def _held(asked: Sequence[Feature], sheet: Sheet) -> Bools:
    columns = [f.column(sheet) for f in asked]
    return np.stack(columns, axis=1) if columns else np.zeros((sheet.rows, 0), dtype=np.bool_)


def _ordered(held: Bools, sheet: Sheet) -> tuple[Bools, Sheet]:
    """The projects in an order that they themselves say: starting points are drawn by place."""
    alike = np.unique(held, axis=0, return_inverse=True)[1].reshape(-1)
    order = np.argsort(alike, kind="stable")
    return held[order], Sheet(sheet.rows, {name: column.take(order) for name, column in sheet.columns.items()})


def _fit(values: Values, groups: int, seed: int) -> KMeans:
    return KMeans(groups, n_init=STARTS, random_state=seed).fit(values)


def _tried(values: Values, asked: Sequence[Feature], groups: int) -> Tried:
    reference = _fit(values, groups, 0)
    again = [_fit(values, groups, seed).labels_ for seed in range(1, FITS + 1)]
    random = np.random.Generator(np.random.PCG64(groups))
    parts = []
    for seed in range(FITS):
        rows = random.permutation(len(values))[: int(PART * len(values))]
        parts.append(_fit(values[rows], groups, seed).predict(values))
    chance = [_explained(shuffled, _fit(shuffled, groups, 0)) for shuffled in _shuffles(values, asked, random)]
    return Tried(
        groups,
        float(np.mean([adjusted_rand_score(reference.labels_, each) for each in again])),
        float(np.mean([adjusted_rand_score(reference.labels_, each) for each in parts])),
        _explained(values, reference),
        max(chance),
        max(chance) - min(chance),
    )


def _shuffles(values: Values, asked: Sequence[Feature], random: np.random.Generator) -> Iterator[Values]:
    """The projects with the answers to each question dealt out among them anew."""
    questions = np.array([f.question for f in asked])
    for _ in range(SHUFFLED):
        shuffled = values.copy()
        for question in dict.fromkeys(questions.tolist()):
            own = np.flatnonzero(questions == question)
            shuffled[:, own] = values[random.permutation(len(values))][:, own]
        yield shuffled


def _explained(values: Values, fitted: KMeans) -> float:
    """The share of the variance that lies between the groups."""
    whole = float(((values - values.mean(axis=0)) ** 2).sum())
    return 1.0 - float(fitted.inertia_) / whole


def _group(asked: Sequence[Feature], held: Bools, ours: Bools) -> Group:
    """A group in words: what its share differs in most from the others', by more than chance."""
    inside, outside = int(ours.sum()), int((~ours).sum())
    found: list[tuple[float, Shared]] = []
    for place, feature in enumerate(asked):
        a, b = int(held[ours, place].sum()), int(held[~ours, place].sum())
        pooled = (a + b) / (inside + outside)
        error = np.sqrt(pooled * (1 - pooled) * (1 / inside + 1 / max(outside, 1)))
        gap = a / inside - b / max(outside, 1)
        if abs(gap) >= CLEAR * error:
            found.append((gap, Shared(feature.text, feature.question, a, b)))
    found.sort(key=lambda each: (-abs(each[0]), each[1].text))
    found = list({(shared.question, gap > 0): (gap, shared) for gap, shared in reversed(found)}.values())[::-1]
    more = [shared for gap, shared in found if gap > 0][:TOLD]
    return Group(inside, tuple(more), tuple(shared for gap, shared in found if gap < 0)[:TOLD])


def sizes(found: Clusters, blocks: Iterable[tuple[Sheet, NDArray[np.int64]]]) -> list[tuple[int, int]]:
    """By group: how many projects of some sheets belong to it, and what they count, each by its weight."""
    counted = np.zeros((2, len(found.groups)), dtype=np.int64)
    for sheet, weight in blocks:
        labels = found.assign(sheet)
        np.add.at(counted[0], labels, 1)
        np.add.at(counted[1], labels, weight)
    return [(projects, weight) for projects, weight in counted.T.tolist()]
