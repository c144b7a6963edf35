"""Do other published methods rank as Steelyard does, and does an alternative nobody would take reorder the rest?

The allowed alternatives of a decision, with the grades and weights it came to, are ranked by TOPSIS, VIKOR and
PROMETHEE II. Then the field is changed in ways that concern none of the others: one alternative that is not first
leaves, a copy of the last comes, one dominated by the second comes. Steelyard itself is asked again with a release
changed so; the other methods get the changed table.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from statistics import median

import numpy as np

from benchmarks import neighbours, pymcdm_peer, sampling
from benchmarks.cases import Case
from benchmarks.neighbours import Document
from rules import engine
from rules.decision import RoleResult
from rules.release import Array, Release, compile_release
from rules.requirements import Requirements

OURS = "Steelyard"
METHODS = ("TOPSIS", "VIKOR", "PROMETHEE II")
LOWER_IS_BETTER = ("VIKOR",)
CHANGES = ("one leaves", "a copy of the last comes", "one dominated by the second comes")
DOMINATED = 0.9  # share of the second's grades that the dominated newcomer has
LEAST = 3  # alternatives in a ranking: with two there is nothing left to reorder
SAME = 1e-9


@dataclass(frozen=True, slots=True)
class Field:
    """The allowed alternatives of one role in one decision, best first.

    Attributes:
        given: the answers.
        names: F alternatives, the field's first one first.
        level: how many of them are tied with the first.
        grade: (F, C) grades in [0, 1].
        weight: (C,) effective weights of the criteria.
        score: (F,) Steelyard's scores.
    """

    given: Requirements
    role: str
    names: tuple[str, ...]
    level: int
    grade: Array
    weight: Array
    score: Array


@dataclass(frozen=True, slots=True)
class Agreement:
    """How one method ranks the same fields; `undefined` counts those on which it divides zero by zero.

    `same_first` and `level_first` are counts: the method's first is Steelyard's, or else tied with Steelyard's.
    Kendall's tau-b of the two rankings: its median and tenth percentile over the fields.
    """

    answers: str
    method: str
    fields: int
    undefined: int
    same_first: int
    level_first: int
    tau: float
    low_tau: float


@dataclass(frozen=True, slots=True)
class Reversal:
    """How often one change of the field turned the order of some of the others round, and who came first."""

    change: str
    method: str
    trials: int
    reordered: int
    new_first: int


@dataclass(frozen=True, slots=True)
class Panel:
    """The whole panel; `sets` counts the answers by where they are from."""

    sets: Mapping[str, int]
    agreements: tuple[Agreement, ...]
    reversals: tuple[Reversal, ...]


def panel(case: Case, count: int) -> Panel:
    """The panel over a case's own answers and `count` random sets of them."""
    groups = {"examples": list(case.inputs), "random answers": sampling.answers(case.release, count)}
    found = {name: [f for given in inputs for f in fields(case.release, given)] for name, inputs in groups.items()}
    agreements = [agreement(name, method, of) for name, of in found.items() if of for method in METHODS]
    changed = [reversals(change, case.document, [f for of in found.values() for f in of]) for change in CHANGES]
    sets = {name: len(inputs) for name, inputs in groups.items()}
    return Panel(sets, tuple(agreements), tuple(row for rows in changed for row in rows))


def fields(release: Release, given: Requirements) -> Iterator[Field]:
    """The rankings of a decision that are long enough, with what they were ranked by."""
    for name, result in engine.decide(release, given, what_if=False).roles.items():
        if len(result.ranking) >= LEAST:
            yield _field(release, given, name, result)


def _field(release: Release, given: Requirements, name: str, result: RoleResult) -> Field:
    role = release.roles[name]
    number = {rule.id: i for i, rule in enumerate(role.rules)}
    return Field(
        given,
        name,
        tuple(place.framework for place in result.ranking),
        sum(place.tie_group == 1 for place in result.ranking),
        pymcdm_peer.grades(role, result)[pymcdm_peer.allowed(role, result)],
        pymcdm_peer.weights(role, {number[weighed.rule]: weighed.strength for weighed in result.rules}),
        np.array([place.score for place in result.ranking]),
    )


def preferences(method: str, grade: Array, weight: Array) -> Array | None:
    """(F,) how much a method likes each alternative, more is better; None where it divides zero by zero."""
    with np.errstate(divide="ignore", invalid="ignore"):
        found = pymcdm_peer.rank(method, pymcdm_peer.telling(grade, weight))
    liked = -found if method in LOWER_IS_BETTER else found
    return liked if np.isfinite(liked).all() else None


def _signs(values: Array) -> Array:
    """(F, F) 1 where the row is above the column, -1 where below, 0 where they are level."""
    gap = np.subtract.outer(values, values)
    signs: Array = np.where(np.abs(gap) > SAME, np.sign(gap), 0.0)
    return signs


def tau_b(one: Array, other: Array) -> float:
    """Kendall's tau-b of two rankings, which allows for ties; 1 for the same, 0 where one of them is all level.

    Kendall, The treatment of ties in ranking problems, Biometrika 33(3), 1945.
    """
    a, b = _signs(one), _signs(other)
    whole = np.sqrt((a * a).sum() * (b * b).sum())
    return float((a * b).sum() / whole) if whole > 0 else 0.0


def agreement(answers: str, method: str, of: Sequence[Field]) -> Agreement:
    """How a method ranks some fields beside Steelyard."""
    pairs = [(field, preferences(method, field.grade, field.weight)) for field in of]
    ranked = [(field, liked) for field, liked in pairs if liked is not None]
    firsts = [(field, int(np.argmax(liked))) for field, liked in ranked]
    taus = [tau_b(field.score, liked) for field, liked in ranked]
    return Agreement(
        answers,
        method,
        len(of),
        len(of) - len(ranked),
        sum(first == 0 for _, first in firsts),
        sum(0 < first < field.level for field, first in firsts),
        median(taus) if taus else 0.0,
        float(np.quantile(taus, 0.1)) if taus else 0.0,
    )


# --- Rank reversal ---------------------------------------------------------------------------------------------------


def reversals(change: str, document: Document, of: Sequence[Field]) -> list[Reversal]:
    """One change tried on all fields, by Steelyard and by each method."""
    rows = [_own_reversal(change, document, of)]
    for method in METHODS:
        trials = [trial for field in of for trial in _trials(change, method, field)]
        rows.append(_counted(change, method, trials))
    return rows


def _counted(change: str, method: str, trials: Sequence[tuple[bool, bool]]) -> Reversal:
    return Reversal(change, method, len(trials), sum(a for a, _ in trials), sum(b for _, b in trials))


def _trials(change: str, method: str, field: Field) -> Iterator[tuple[bool, bool]]:
    """For each way to make a change: (whether some of the others turned round, whether another one comes first)."""
    before = preferences(method, field.grade, field.weight)
    if before is None:
        return
    order = np.argsort(-before, kind="stable").tolist()
    if change == CHANGES[0]:
        for gone in order[1:]:
            kept = [i for i in range(len(order)) if i != gone]
            yield from _compared(before[kept], preferences(method, field.grade[kept], field.weight))
        return
    comes = field.grade[order[-1]] if change == CHANGES[1] else DOMINATED * field.grade[order[1]]
    after = preferences(method, np.vstack([field.grade, comes]), field.weight)
    yield from _compared(before, after[:-1] if after is not None else None)


def _compared(before: Array, after: Array | None) -> Iterator[tuple[bool, bool]]:
    """A pair has turned round when the better one is now the worse one; ties that open or close do not count."""
    if after is not None:
        turned = _signs(before) * _signs(after) < 0
        yield bool(turned.any()), bool(turned[np.argmax(before)].any())


def _own_reversal(change: str, document: Document, of: Sequence[Field]) -> Reversal:
    """Steelyard decides again on a changed release; any other order of the others at all counts."""
    share = 1.0 if change == CHANGES[1] else DOMINATED
    change_of = neighbours.without if change == CHANGES[0] else partial(neighbours.with_another, share=share)
    made = cache(lambda name: compile_release(change_of(document, name)))
    trials = []
    for field in of:
        one = field.names[-1] if change == CHANGES[1] else field.names[1]
        for name in field.names[1:] if change == CHANGES[0] else [one]:
            result = engine.decide(made(name), field.given, what_if=False, roles=[field.role]).roles[field.role]
            new = [place.framework for place in result.ranking]
            others = [other for other in new if other in field.names]
            kept = [other for other in field.names if other in others]
            if (name not in new) if change == CHANGES[0] else (len(new) > len(field.names)):
                trials.append((others != kept, others[0] != kept[0]))
    return _counted(change, OURS, trials)


# --- In words --------------------------------------------------------------------------------------------------------


def text(found: Panel) -> str:
    """The panel as a section in Markdown."""
    sets = " and ".join(f"{count} sets of answers ({name})" for name, count in found.sets.items())
    lines = [
        "### Robustness of the ranking",
        "",
        f"{sets}; of these every ranking of at least {LEAST} allowed alternatives, at the grades and weights of the "
        "decision.",
        "",
        "| answers | method | rankings | same first place | another, which Steelyard ties with its own | tau-b, median "
        "| tau-b, 10th percentile |",
        "| --- | --- | ---: | ---: | ---: | ---: | ---: |",
    ]
    for a in found.agreements:
        ranked = a.fields - a.undefined
        away = ranked - a.same_first
        same, level = _share(a.same_first, ranked), f"{a.level_first} of {away}" if away else ""
        lines.append(f"| {a.answers} | {a.method} | {ranked} | {same} | {level} | {a.tau:.2f} | {a.low_tau:.2f} |")
    lines += [
        "",
        "| what changes | method | trials | others turn round | another one comes first |",
        "| --- | --- | ---: | ---: | ---: |",
    ]
    for r in found.reversals:
        turned, new = (f"{n:,} ({_share(n, r.trials)})" for n in (r.reordered, r.new_first))
        lines.append(f"| {r.change} | {r.method} | {r.trials:,} | {turned} | {new} |")
    return "\n".join([*lines, "", _reading(found)])


def _reading(found: Panel) -> str:
    counts = []
    for method in (OURS, *METHODS):
        rows = [row for row in found.reversals if row.method == method]
        counts.append(f"{method} {sum(r.reordered for r in rows):,} of {sum(r.trials for r in rows):,}")
    away = sum(a.fields - a.undefined - a.same_first for a in found.agreements)
    level = sum(a.level_first for a in found.agreements)
    return (
        f"Changed fields in which some of the others turned round: {', '.join(counts)}. Where another method puts "
        f"another alternative first, Steelyard had called that one tied with its own first in {level} of {away} cases."
    )


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.0%}" if whole else "-"
