"""How far conclusions hang on the numbers of the evidence model: each is moved by itself and the same projects decided.

What is moved: the prior, the widths, how much each kind of source is believed, what a verdict leaves, the rubric's
steps, and the half-lives. The facts, rules and gates stay.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import median
from typing import Any

from knowledge_base import numbers
from knowledge_base.impact import Impact, Project, decided, moved
from knowledge_base.pack import Pack
from knowledge_base.release import judged
from rules.release import compile_release

Document = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Moved:
    """What moving one number does: to grades (levels, over the known ones) and to the answers for projects."""

    what: str
    before: str
    after: str
    median_grade: float
    greatest_grade: float
    impact: Impact


def study(pack: Pack, document: Document, projects: Iterable[Project]) -> list[Moved]:
    """Every number of the model moved by itself; `document` is the release built from the pack."""
    base = compile_release(document)
    before = [(project, decided(base, project)) for project in projects]
    found = []
    for what, was, now, other in variants(pack):
        changed = {**document, **judged(other)}
        shifts = _shifts(pack, document["grades"], changed["grades"])
        found.append(Moved(what, was, now, median(shifts), max(shifts), moved(before, compile_release(changed))))
    return found


def variants(pack: Pack) -> Iterator[tuple[str, str, str, Pack]]:
    """(what is moved, its value, the value it gets, the pack with it)."""
    fusion = pack.settings.fusion
    for name, values in (
        ("prior_mean", (1.0, 2.0)),
        ("prior_sd", (0.5, 1.5)),
        ("observation_sd", (0.35, 0.7)),
        ("comparison_sd", (0.35, 0.7)),
    ):
        for value in values:
            yield name, f"{getattr(fusion, name):g}", f"{value:g}", _with(pack, fusion.model_copy(update={name: value}))
    every = dict.fromkeys(numbers.Reliabilities.model_fields, 0.8)
    alike = fusion.model_copy(update={"reliability": numbers.Reliabilities(**every)})
    yield "reliability of every kind", "by kind", "0.8", _with(pack, alike)
    for kind in numbers.Reliabilities.model_fields:
        was = float(getattr(fusion.reliability, kind))
        halved = fusion.reliability.model_copy(update={kind: was / 2})
        changed = fusion.model_copy(update={"reliability": halved})
        yield f"reliability of {kind.replace('_', ' ')}", f"{was:g}", f"{was / 2:g}", _with(pack, changed)
    for value in (0.2, 0.8):
        factors = fusion.verdict_factor.model_copy(update={"contested": value})
        changed = fusion.model_copy(update={"verdict_factor": factors})
        yield "factor of contested", f"{fusion.verdict_factor.contested:g}", f"{value:g}", _with(pack, changed)
    for by in (0.5, 1.5):
        steps = fusion.difference_levels
        scaled = numbers.Differences(**{k: float(getattr(steps, k)) * by for k in numbers.Differences.model_fields})
        changed = fusion.model_copy(update={"difference_levels": scaled})
        yield "steps of comparisons", "1", f"{by:g}", _with(pack, changed)
    for by in (0.5, 2.0):
        aged = tuple(c.model_copy(update={"half_life_months": c.half_life_months * by}) for c in pack.criteria)
        yield "half-lives", "1", f"{by:g}", replace(pack, criteria=aged)


def _with(pack: Pack, fusion: numbers.Fusion) -> Pack:
    return replace(pack, settings=pack.settings.model_copy(update={"fusion": fusion}))


def _shifts(pack: Pack, before: Document, after: Document) -> Sequence[float]:
    """How far each curated grade that is known moves, in levels."""
    curated = [c.id for c in pack.criteria if not c.derived and not c.affinity]
    return [
        abs(after[criterion][name]["mean"] - grade["mean"])
        for criterion in curated
        for name, grade in before[criterion].items()
        if grade["known"]
    ]
