"""Decided cases: what outside teams chose for needs that they wrote down, and how often a release says the same.

A case shows a class of error; it is never a reason for a rule. Answers are coded from the needs alone. Intervals of
shares are Wilson's (Journal of the American Statistical Association 22, 1927); the score of probabilities is Brier's
(Monthly Weather Review 78, 1950).
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import sqrt
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from knowledge_base import schema, yaml_files
from knowledge_base.checking import checked
from rules import engine, requirements
from rules.decision import RoleResult
from rules.faults import Fault, InvalidInput, nearest, shown
from rules.release import Release

Z_95 = 1.959964
BOUNDS = (0.0, 0.5, 0.75, 0.9, 1.0)  # of the stated probabilities, for calibration
TOP = 3


class CaseSource(schema.Entry):
    """Where a decision is written down."""

    title: schema.Text
    publisher: schema.Text
    url: Annotated[str, Field(pattern=r"^https?://\S+$", max_length=300)]
    date: schema.Day
    accessed: schema.Day


class Case(schema.Entry):
    """One decision of an outside team: needs in our own words, answers that follow from them, and the choice.

    `decided` is None where only a later confirmation (`reaffirmed`) is dated.
    """

    id: schema.Id
    team: schema.Text
    decided: schema.Day | None
    reaffirmed: schema.Day | None
    sources: Annotated[list[CaseSource], Field(min_length=1)]
    needs: Annotated[str, Field(min_length=1, max_length=4000)]
    answers: dict[str, Any]
    role: Literal["training", "high_level", "serving", "runtime"]
    choice: schema.Id
    acceptable: list[schema.Id]
    acceptable_because: schema.Text | None
    tags: list[schema.Id]

    @model_validator(mode="after")
    def _it_has_a_day(self) -> "Case":
        if not self.decided and not self.reaffirmed:
            raise ValueError("the day of the decision, or of a later confirmation of it")
        return self

    @model_validator(mode="after")
    def _what_is_accepted_is_argued(self) -> "Case":
        if bool(self.acceptable) != bool(self.acceptable_because):
            raise ValueError("acceptable_because exactly where something besides the choice is acceptable")
        return self


def load(folder: Path) -> list[Case]:
    """The cases in a folder, one a file, sorted by id.

    Raises:
        InvalidInput: with every fault of every file, each as `file:line:column`.
    """
    if not folder.is_dir():
        raise InvalidInput([Fault(str(folder), "this path", "a folder of cases")])
    faults: list[Fault] = []
    found: dict[str, Case] = {}
    for path in sorted(folder.glob("*.yaml")):
        try:
            document = yaml_files.read(path, path.name)
        except InvalidInput as invalid:
            faults.extend(invalid.faults)
            continue
        case = checked(document, document.value, (), Case, faults)
        if case is not None and case.id in found:
            faults.append(Fault(document.place(("id",)), shown(case.id), "an id not used by another case"))
        if case is not None:
            found[case.id] = case
    if faults:
        raise InvalidInput(faults)
    return [found[name] for name in sorted(found)]


def check(cases: Sequence[Case], release: Release) -> list[Fault]:
    """What a release does not know of the cases: alternatives, and answers that it does not take."""
    faults: list[Fault] = []
    for case in cases:
        for name in (case.choice, *case.acceptable):
            if name not in release.alternatives:
                near = nearest(name, release.alternatives)
                faults.append(Fault(case.id, shown(name), "the id of an alternative", near))
        try:
            requirements.parse(case.answers, release.questionnaire)
        except InvalidInput as invalid:
            faults += [Fault(f"{case.id}.{f.path}", f.value, f.expected, f.nearest) for f in invalid.faults]
    return faults


# --- Report ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Share:
    """`hits` of `count`, and the interval that holds the share with a probability of 95 %."""

    hits: int
    count: int
    low: float
    high: float

    @property
    def value(self) -> float:
        """The share itself, 0 where nothing is counted."""
        return self.hits / self.count if self.count else 0.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a release says of a case.

    `rank` is the place of the team's choice, None where it is not ranked (`stopped` is the gate's text then);
    `first` leads with `probability`; `tied` says whether the choice cannot be told apart from the first.
    """

    case: Case
    first: str | None
    probability: float
    rank: int | None
    tied: bool
    stopped: str | None

    @property
    def hit(self) -> bool:
        """Whether the team's choice comes first."""
        return self.first == self.case.choice

    @property
    def accepted(self) -> bool:
        """Whether the first is the choice or acceptable for the same needs."""
        return self.first is not None and self.first in (self.case.choice, *self.case.acceptable)


@dataclass(frozen=True, slots=True)
class Bin:
    """Cases whose leader was given a probability from `low` to below `high`: how often it was the choice."""

    low: float
    high: float
    stated: float
    found: Share


@dataclass(frozen=True, slots=True)
class Report:
    """How a release does on cases, beside rules of thumb on the same ones."""

    outcomes: tuple[Outcome, ...]
    top1: Share
    accepted: Share
    top3: Share
    bins: tuple[Bin, ...]
    brier: float
    baselines: Mapping[str, Share]


def wilson(hits: int, count: int, z: float = Z_95) -> Share:
    """A share with Wilson's score interval; [0, 1] where nothing is counted."""
    if count == 0:
        return Share(0, 0, 0.0, 1.0)
    p, spread = hits / count, z * z / count
    middle = (p + spread / 2) / (1 + spread)
    half = z / (1 + spread) * sqrt(p * (1 - p) / count + spread / (4 * count))
    return Share(hits, count, max(0.0, min(p, middle - half)), min(1.0, max(p, middle + half)))


def report(release: Release, cases: Sequence[Case]) -> Report:
    """Decide every case from its answers and compare with what the team chose."""
    outcomes = tuple(_outcome(release, case) for case in cases)
    count = len(outcomes)
    squares = [(o.probability - o.hit) ** 2 for o in outcomes]
    return Report(
        outcomes=outcomes,
        top1=wilson(sum(o.hit for o in outcomes), count),
        accepted=wilson(sum(o.accepted for o in outcomes), count),
        top3=wilson(sum(o.rank is not None and o.rank <= TOP for o in outcomes), count),
        bins=tuple(_bins(outcomes)),
        brier=sum(squares) / count if count else 0.0,
        baselines={
            name: wilson(sum(guess(case, cases) == case.choice for case in cases), count)
            for name, guess in BASELINES.items()
        },
    )


def _outcome(release: Release, case: Case) -> Outcome:
    asked = requirements.parse(case.answers, release.questionnaire)
    result: RoleResult = engine.decide(release, asked, None, [case.role], what_if=False).roles[case.role]
    place = {each.framework: each for each in result.ranking}
    first = result.ranking[0] if result.ranking else None
    chosen = place.get(case.choice)
    return Outcome(
        case=case,
        first=first.framework if first else None,
        probability=first.win_probability if first else 0.0,
        rank=chosen.rank if chosen else None,
        tied=bool(first and chosen and first.tie_group == chosen.tie_group),
        stopped=next((e.text for e in result.excluded if e.framework == case.choice), None),
    )


def _bins(outcomes: Sequence[Outcome]) -> list[Bin]:
    found = []
    for low, high in pairwise(BOUNDS):
        inside = [o for o in outcomes if low <= o.probability < high or (high == 1.0 and o.probability == 1.0)]
        stated = sum(o.probability for o in inside) / len(inside) if inside else 0.0
        found.append(Bin(low, high, stated, wilson(sum(o.hit for o in inside), len(inside))))
    return found


# --- Rules of thumb --------------------------------------------------------------------------------------------------


def _always_pytorch(_case: Case, _cases: Sequence[Case]) -> str:
    return "pytorch"


def _as_the_articles(case: Case, _cases: Sequence[Case]) -> str:
    """What the founding articles say in one line: TensorFlow for production, PyTorch for research."""
    return "tensorflow" if case.answers.get("stage") == "production" else "pytorch"


def _most_frequent(case: Case, cases: Sequence[Case]) -> str | None:
    """The choice made most often, in the same role and for a shared target, by the other cases; ties by name."""
    targets = _targets(case)
    others = [o for o in cases if o.id != case.id and o.role == case.role]
    alike = [o for o in others if targets & _targets(o)] or others
    counted = Counter(o.choice for o in alike)
    return min(counted, key=lambda name: (-counted[name], name), default=None)


def _targets(case: Case) -> set[str]:
    named = case.answers.get("deploy_targets") or []
    return set(named) if isinstance(named, list) else {str(named)}


BASELINES: Mapping[str, Callable[[Case, Sequence[Case]], str | None]] = {
    "always PyTorch": _always_pytorch,
    "production: TensorFlow, else PyTorch": _as_the_articles,
    "most frequent of the other cases for the target": _most_frequent,
}
