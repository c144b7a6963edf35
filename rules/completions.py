"""What a person would go on to answer: completions of the questionnaire, drawn from the stated priors given what is
answered already.

Questions are drawn in the order of the priors, each given those before it. What is answered already is not drawn: a row
counts for as much as the answer is likely beside what was drawn before it, which makes the rows a sample of what is
likely given all the answers (evidence weighting, now called likelihood weighting: Fung and Chang, Weighing and
integrating evidence for stochastic simulation in Bayesian networks, Uncertainty in Artificial Intelligence 5, 1990;
arXiv:1304.1504). Rows that contradict themselves are left out, which conditions on there being no contradiction. Where
what is answered was unlikely, few rows count for most; then more are drawn, and of these as many as were wanted are
kept, by systematic resampling (Kitagawa, Monte Carlo filter and smoother for non-Gaussian nonlinear state space models,
Journal of Computational and Graphical Statistics 5(1), 1-25, 1996).

Numbers come from one raw stream (`rules.streams`), dealt out by the names of questions and options, so the same seed
gives the same rows everywhere, in whatever order these are listed.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from rules import batch
from rules.compiled import Release
from rules.conditions import Kind, column_parts, columns
from rules.conditions.columns import TRUE, UNKNOWN, Column, Evaluate, NumberColumn, Sheet, TextColumn, TruthColumn
from rules.priors import NOTHING, Prior
from rules.streams import LEVELS, Draws, draws, stream

CONSIDERED = "considering"  # says what is told of, not what is best: it is never drawn
MORE = 4  # times as many are drawn where few count
FEW = 0.5  # of the rows, as many of equal weight as count for the same: 1 / sum(w^2), the effective sample size
LEAST = 1e-3  # no answer that the questionnaire takes is thought less likely than this, whatever is stated

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Drawn:
    """What was drawn for one question, N rows: `known` whether there is an answer; where there is, its value's index
    (`one`) or which values it names ((N, n), `NOTHING` where it names none; in a ranking: which one is first).
    """

    prior: Prior
    known: Bools
    index: NDArray[np.intp]
    held: Bools


@dataclass(frozen=True, eq=False)
class Completions:
    """N completed projects. `weight` (N,) sums to 1; `drawn` are the open questions, by question."""

    sheet: Sheet
    weight: Floats
    drawn: Mapping[str, Drawn]


class _Plan:
    """The priors of a release with their conditions ready for columns."""

    def __init__(self, release: Release) -> None:
        ready = batch.plan(release)
        self.contradictions = tuple(ready.conditions.compile(c.node) for c in release.questionnaire.contradictions)
        concerned = {q for c in release.questionnaire.contradictions for q in c.questions}
        looked_at = {name for prior in release.priors.of for name in prior.looks_at}
        self.needed = frozenset(ready.names | concerned | looked_at | {CONSIDERED}) & release.names.keys()
        drawn = self.needed - {CONSIDERED}
        self.priors = tuple(prior for prior in release.priors.of if prior.question in drawn)
        self.cases: Mapping[str, tuple[Evaluate, ...]] = {
            prior.question: tuple(ready.conditions.compile(case) for case in prior.cases) for prior in self.priors
        }


@lru_cache(maxsize=batch.RELEASES_PLANNED)
def _plan(release: Release) -> _Plan:
    return _Plan(release)


def complete(
    release: Release, values: Mapping[str, object], declined: Collection[str], seed: str, count: int
) -> Completions:
    """At most `count` completions of a project; fewer where some of those drawn contradict themselves.

    Where few of them count for most, `count` of equal weight, some of them alike.

    Args:
        release: with its priors.
        values: the answers and facts of the hardware that are known.
        declined: the questions that were answered with "don't know"; they stay unknown.
        seed: names the streams to draw from.
        count: how many to draw.
    """
    found = _drawn(release, values, declined, seed, count)
    if 1.0 / np.square(found.weight).sum() >= FEW * count:
        return found
    return _resampled(_drawn(release, values, declined, seed, MORE * count), count)


def _resampled(found: Completions, count: int) -> Completions:
    """So many rows of equal weight, each as often as its weight says, by equal steps through the sum of the weights."""
    steps = (np.arange(count) + 0.5) / count
    at = np.minimum(np.searchsorted(np.cumsum(found.weight), steps), len(found.weight) - 1)
    sheet, drawn = _taken(found.sheet, found.drawn, at)
    return Completions(sheet, np.full(count, 1.0 / count), drawn)


def _taken(sheet: Sheet, drawn: Mapping[str, Drawn], at: NDArray[np.intp]) -> tuple[Sheet, dict[str, Drawn]]:
    """Some rows."""
    kept = {q: Drawn(d.prior, d.known[at], d.index[at], d.held[at]) for q, d in drawn.items()}
    return Sheet(len(at), {name: column.take(at) for name, column in sheet.columns.items()}), kept


def _drawn(
    release: Release, values: Mapping[str, object], declined: Collection[str], seed: str, count: int
) -> Completions:
    """The same, each row counting for as much as the answers are likely."""
    ready = _plan(release)
    rows = np.zeros(count, dtype=np.intp)
    given = [name for name in ready.needed if values.get(name) is not None]
    sheet = Sheet(count, {name: columns.column(release.names[name], [values[name]]).take(rows) for name in given})
    weight = np.ones(count)
    drawn: dict[str, Drawn] = {}
    dealt = _deal([p for p in ready.priors if p.question not in values and p.question not in declined], seed, count)
    for prior in ready.priors:
        case = _case(ready.cases[prior.question], sheet)
        if prior.question in values or prior.question in declined:
            weight *= _likelihood(prior, values.get(prior.question))[case]
            continue
        found = _draw(prior, case, dealt[prior.question], count)
        drawn[prior.question] = found
        sheet.columns[prior.question] = _column(release.names[prior.question], found)
    return _sound(ready, sheet, weight, drawn)


def _sound(ready: _Plan, sheet: Sheet, weight: Floats, drawn: Mapping[str, Drawn]) -> Completions:
    """The rows that do not contradict themselves; all of them where every row does."""
    sound = np.ones(sheet.rows, dtype=np.bool_)
    for holds in ready.contradictions:
        sound &= holds(sheet) != TRUE
    if not sound.any():
        sound[:] = True
    if not sound.all():
        kept = np.flatnonzero(sound)
        sheet, drawn = _taken(sheet, drawn, kept)
        weight = weight[kept]
    return Completions(sheet, weight / weight.sum(), drawn)


def _case(cases: tuple[Evaluate, ...], sheet: Sheet) -> NDArray[np.intp]:
    """(N,) the first case that holds in each row, the last one where none does."""
    found = np.full(sheet.rows, len(cases), dtype=np.intp)
    for index in reversed(range(len(cases))):
        found[cases[index](sheet) == TRUE] = index
    return found


# --- Drawing ---------------------------------------------------------------------------------------------------------


def _deal(priors: Sequence[Prior], seed: str, count: int) -> Mapping[str, Draws]:
    """By question, the (2 or 2 + n, N) numbers that its answers are drawn with."""
    sizes = {p.question: 2 + (0 if p.kind == "one" else len(p.values)) for p in sorted(priors, key=_name)}
    numbers = draws(stream(seed), sum(sizes.values()), count)
    ends = np.cumsum(list(sizes.values())).tolist()
    return {q: numbers[end - size : end] for (q, size), end in zip(sizes.items(), ends, strict=True)}


def _name(prior: Prior) -> str:
    return prior.question


def _draw(prior: Prior, case: NDArray[np.intp], dealt: Draws, count: int) -> Drawn:
    size = len(prior.values)
    said, first, each = dealt[0], dealt[1], dealt[2:].T
    known = said < (prior.answered * LEVELS)[case]
    index, held = np.zeros(count, dtype=np.intp), np.zeros((count, 0), dtype=np.bool_)
    if not size:
        known = np.zeros(count, dtype=np.bool_)
    elif prior.kind == "one":
        index = _pick(prior.chance, case, first)
    elif prior.kind == "several":
        held = _several(prior, case, first, each) & known[:, None]
    else:
        index, held = _ranking(prior, case, first, each)
        held &= known[:, None]
    return Drawn(prior, known, index, held)


def _pick(chance: Floats, case: NDArray[np.intp], at: Draws | Floats) -> NDArray[np.intp]:
    """(N,) the index of a value, by its probabilities (rows of `chance` that sum to 1)."""
    edges = np.round(chance.cumsum(axis=1)[:, :-1] * LEVELS)
    found: NDArray[np.intp] = (at[:, None] >= edges[case]).sum(axis=1)
    return found


def _several(prior: Prior, case: NDArray[np.intp], at: Draws, each: Draws) -> Bools:
    """(N, n) each option by its own probability, given that at least one is named; those that stand alone by theirs.

    Where none comes up, the first of those named is drawn by the probability that it is the first. A draw that missed
    is even over what lies above the probability, so stretched over the whole it is one more draw for those behind.
    """
    together, alone = np.flatnonzero(~prior.alone), np.flatnonzero(prior.alone)
    chance = prior.chance[:, together]
    held = np.zeros(each.shape, dtype=np.bool_)
    held[:, together] = each[:, together] < (chance * LEVELS)[case]
    apart = prior.chance[:, alone].sum(axis=1)
    single = at < np.round(apart * LEVELS)[case]
    empty = np.flatnonzero(~held.any(axis=1) & ~single)
    if len(empty) and len(together):
        leading = chance * np.cumprod(np.hstack((np.ones((len(chance), 1)), 1 - chance[:, :-1])), axis=1)
        whole = leading.sum(axis=1, keepdims=True)
        spot = (at[empty] - (apart * LEVELS)[case[empty]]) / np.maximum(1 - apart[case[empty]], LEAST)
        first = _pick(leading / np.where(whole > 0, whole, 1.0), case[empty], spot)
        own = chance[case[empty]]
        again = (each[empty][:, together] - own * LEVELS) < own * (1 - own) * LEVELS
        again &= np.arange(len(together)) > first[:, None]
        held[np.ix_(empty, together)] = again
        held[empty, together[first]] = True
    if single.any():
        rows = np.flatnonzero(single)
        share = prior.chance[:, alone] / np.where(apart > 0, apart, 1.0)[:, None]
        spot = at[rows] / np.maximum(apart[case[rows]], LEAST)
        held[rows] = False
        held[rows, alone[_pick(share, case[rows], spot)]] = True
    return held


def _ranking(prior: Prior, case: NDArray[np.intp], at: Draws, each: Draws) -> tuple[NDArray[np.intp], Bools]:
    """((N, n) -> place of every value, -1 where it is not ranked; which one is first), drawn one after another.

    The least of exponential times at the rate of the weights comes first, and so on: the model of Luce (Individual
    Choice Behavior, 1959) and Plackett (The analysis of permutations, Applied Statistics 24(2), 193-202, 1975).
    """
    rate = np.maximum(prior.chance[case], 1e-9)
    time = -np.log((each + 0.5) / LEVELS) / rate
    place = time.argsort(axis=1, kind="stable").argsort(axis=1, kind="stable")
    edges = np.round(np.cumsum(prior.lengths)[:-1] * LEVELS)
    length = np.minimum(np.searchsorted(edges, at, side="right") + 1, len(prior.values))
    place = np.where(place < length[:, None], place, -1)
    return place, place == 0


def _column(kind: Kind, drawn: Drawn) -> Column:
    prior, known = drawn.prior, drawn.known
    if prior.kind == "one":
        if kind.sort == "number":
            return NumberColumn(
                np.where(known, np.array(prior.values or (0.0,), dtype=np.float64)[drawn.index], np.nan)
            )
        if kind.sort == "yes/no":
            said = np.array(prior.values, dtype=np.bool_)[drawn.index].astype(np.int8) * np.int8(TRUE)
            return TruthColumn(np.where(known, said, np.int8(UNKNOWN)))
        code = np.array([kind.options.index(value) for value in prior.values] or [0], dtype=np.int32)[drawn.index]
        return TextColumn(np.where(known, code, np.int32(-1)), kind.options)
    chosen = np.zeros((len(known), len(kind.options)), dtype=np.bool_)
    named = [value != NOTHING for value in prior.values]
    at = [kind.options.index(value) for value in prior.values if value != NOTHING]
    if prior.kind == "several":
        chosen[:, at] = drawn.held[:, named]
        return column_parts.held(chosen, known, kind.options)
    place = np.full(chosen.shape, -1, dtype=np.int16)
    place[:, at] = np.where(known[:, None], drawn.index, -1)
    return column_parts.held(place >= 0, known, kind.options, place)


# --- How likely what was answered is ---------------------------------------------------------------------------------


def _likelihood(prior: Prior, answer: object) -> Floats:
    """(V,) how likely an answer (None: "don't know") is in each case, to a factor; a ranking tells nothing of its."""
    if len(prior.answered) == 1 or not prior.values:
        return np.ones(len(prior.answered))
    said = np.clip(prior.answered, LEAST, 1 - LEAST)
    if answer is None:
        return 1 - said
    if prior.kind == "one":
        return said * np.maximum(prior.chance[:, _nearest(prior, answer)], LEAST)
    if prior.kind == "ranking":
        return said
    return said * _of_a_set(prior, answer if isinstance(answer, tuple) else ())


def _nearest(prior: Prior, answer: object) -> int:
    """The index of an answer; of a number: that of the value nearest to it in ratio."""
    if isinstance(answer, bool) or not isinstance(answer, float):
        return prior.values.index(answer) if answer in prior.values else 0
    values = np.array(prior.values, dtype=np.float64)
    return int(np.abs(np.log(np.maximum(values, LEAST)) - np.log(max(answer, LEAST))).argmin())


def _of_a_set(prior: Prior, named: tuple[object, ...]) -> Floats:
    chance = np.clip(prior.chance, LEAST, 1 - LEAST)
    apart = np.minimum(prior.chance[:, prior.alone].sum(axis=1), 1 - LEAST)
    if not named and NOTHING not in prior.values:
        return np.full(len(chance), LEAST)
    held = np.array([value in (named or (NOTHING,)) for value in prior.values])
    if (held & prior.alone).any():
        single: Floats = chance[:, held & prior.alone].max(axis=1)
        return single
    together = chance[:, ~prior.alone]
    missed = (1 - together).prod(axis=1)
    each = np.where(held[~prior.alone], together, 1 - together).prod(axis=1)
    found: Floats = (1 - apart) * each / np.maximum(1 - missed, LEAST)
    return found
