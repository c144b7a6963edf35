"""What is known about the knowledge: how much of it there is, how thin, old, one-sided or disputed it is, and which
missing piece would matter most. A curator's work queue.

The worth of learning a grade exactly is the expected gain of the choice in points of the score, over the projects it
is asked for: the unit normal loss integral of Raiffa and Schlaifer, Applied Statistical Decision Theory, 1961. It
counts one grade at a time, and says nothing of what learning it would cost.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import erf, exp, pi, sqrt
from typing import Any

from knowledge_base.fusion import months_between
from knowledge_base.impact import Project, decided
from knowledge_base.lint import UNKNOWN
from rules.decision import RoleResult
from rules.release import Release

OWN_WORD = ("vendor_documentation", "release_note", "repository_file", "registry_metadata")
QUESTIONED_MARGIN = 0.5  # an unverified fact is taken to be as likely against as for

Document = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Coverage:
    """Of the grades that an alternative could have in its roles, how many rest on evidence, and on how many sources."""

    alternative: str
    known: int
    possible: int
    single_source: int
    facts_known: int
    facts_unknown: int


@dataclass(frozen=True, slots=True)
class Stale:
    """A cell past its day: the one it names, or the month in which its evidence grew too old for such a capability."""

    alternative: str
    capability: str
    expired: str


@dataclass(frozen=True, slots=True)
class Lean:
    """How an alternative's grades rest on its makers' own words.

    `own_share` is the share of its graded observations that come from documentation, release notes, its repository or
    its package; `own_above_others` how far these lie above the rest on the same criteria, in grade levels; None where
    the two do not meet.
    """

    alternative: str
    observations: int
    own_share: float
    own_above_others: float | None


@dataclass(frozen=True, slots=True)
class Contested:
    """A grade on which pieces of evidence disagree."""

    alternative: str
    criterion: str
    mean: float
    sd: float
    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Something worth finding out: the gain in points of the score (0 to 100) per project that it can be expected to
    bring, in how many projects it matters, and how many sources there are today.
    """

    kind: str
    alternative: str
    about: str
    worth: float
    projects: int
    sources: int


@dataclass(frozen=True, slots=True)
class Health:
    """Everything above; `queue` is sorted by worth, `projects` is how many it was measured on."""

    coverage: tuple[Coverage, ...]
    stale: tuple[Stale, ...]
    lean: tuple[Lean, ...]
    contested: tuple[Contested, ...]
    queue: tuple[Wanted, ...]
    projects: int


def examine(document: Document, release: Release, projects: Iterable[Project], day: str) -> Health:
    """The state of a release's knowledge on a day (YYYY-MM-DD), and what the projects would gain from more of it."""
    wanted, count = _wanted(document, release, projects)
    return Health(
        coverage=tuple(_coverage(document)),
        stale=tuple(_stale(document, day)),
        lean=tuple(_lean(document)),
        contested=tuple(_contested(document)),
        queue=tuple(wanted),
        projects=count,
    )


# --- What there is ---------------------------------------------------------------------------------------------------


def verdict_factors(document: Document) -> Mapping[str, float]:
    """What a verdict leaves of a piece's precision; a release of before it was told counts what stands."""
    told = document.get("fusion")
    return (
        told["verdict_factor"]
        if told
        else {"holds": 1.0, "contested": 1.0, "outdated": 0.0, "wrong": 0.0, "unverifiable": 0.0}
    )


def sources_of(document: Document) -> dict[tuple[str, str], set[str]]:
    """The publishers whose sources grade an alternative on a criterion, by (alternative, criterion).

    Two sources of one publisher are not independent and count once; what weighs nothing does not count.
    """
    publisher = {s["id"]: s["publisher"] for s in document["sources"]}
    weighing = verdict_factors(document)
    found: dict[tuple[str, str], set[str]] = defaultdict(set)
    for e in document["evidence"]:
        if weighing[e["verdict"]] <= 0:
            continue
        told = [(g["alternative"], g["criterion"]) for g in e["grades"]]
        told += [(c[side], c["criterion"]) for c in e["comparisons"] for side in ("better", "worse")]
        for key in told:
            found[key].add(publisher[e["source"]])
    return found


def _coverage(document: Document) -> list[Coverage]:
    behind = sources_of(document)
    curated = [c["id"] for c in document["criteria"] if not c["derived"] and not c["affinity"]]
    found = []
    for a in document["alternatives"]:
        if not a["graded"]:
            continue
        grades = {c: document["grades"][c][a["id"]] for c in curated if a["id"] in document["grades"].get(c, {})}
        cells = a["capabilities"].values()
        unknown = sum(cell["value"] == UNKNOWN for cell in cells)
        known = sum(grade["known"] for grade in grades.values())
        single = sum(len(behind[a["id"], c]) == 1 for c in grades)
        found.append(Coverage(a["id"], known, len(grades), single, len(cells) - unknown, unknown))
    return found


def _stale(document: Document, day: str) -> list[Stale]:
    when = {e["id"]: e["as_of"] for e in document["evidence"]}
    read = {e["id"]: e["source"] for e in document["evidence"]}
    accessed = {s["id"]: s["accessed"] for s in document["sources"]}
    life = {c["id"]: c.get("shelf_life_months") for c in document["capabilities"]}
    found = []
    for a in document["alternatives"]:
        for name, cell in a["capabilities"].items():
            if cell["value"] == UNKNOWN:
                continue
            newest = max((max(when[e], accessed[read[e]]) for e in cell["evidence"]), default=None)
            months = life.get(name)
            if cell["expires"]:
                expired = cell["expires"] if cell["expires"] < day else None
            else:
                too_old = newest and months and months_between(newest, day) > months
                expired = _months_on(newest, months) if newest and months and too_old else None
            if expired:
                found.append(Stale(a["id"], name, expired))
    return sorted(found, key=lambda s: (s.expired, s.alternative, s.capability))


def _months_on(start: str, months: int) -> str:
    """The month so many months after a day, month or year (the middle of what is not said)."""
    years, month = divmod(int(start[:4]) * 12 + int(start[5:7] or 7) - 1 + months, 12)
    return f"{years:04d}-{month + 1:02d}"


def _lean(document: Document) -> list[Lean]:
    kind = {s["id"]: s["kind"] for s in document["sources"]}
    weighing = verdict_factors(document)
    levels: dict[str, dict[str, dict[bool, list[float]]]] = defaultdict(
        lambda: defaultdict(lambda: {True: [], False: []})
    )
    for e in document["evidence"]:
        if weighing[e["verdict"]] > 0:
            own = kind[e["source"]] in OWN_WORD
            for g in e["grades"]:
                levels[g["alternative"]][g["criterion"]][own].append(g["level"])
    found = []
    for name in sorted(levels):
        by_criterion = levels[name].values()
        told, others = (sum(len(each[side]) for each in by_criterion) for side in (True, False))
        gaps = [_mean(each[True]) - _mean(each[False]) for each in by_criterion if each[True] and each[False]]
        found.append(Lean(name, told + others, told / (told + others), _mean(gaps) if gaps else None))
    return sorted(found, key=lambda lean: (-lean.own_share, lean.alternative))


def _mean(values: list[float]) -> float:
    return sum(values) / len(values)


def _contested(document: Document) -> list[Contested]:
    return [
        Contested(name, criterion, grade["mean"], grade["sd"], tuple(grade["disputed"]))
        for criterion, by_member in sorted(document["grades"].items())
        for name, grade in sorted(by_member.items())
        if grade["contested"]
    ]


# --- What is missing -------------------------------------------------------------------------------------------------


def expected_gain(gap: float, sd: float) -> float:
    """What knowing a normal difference of standard deviation `sd` exactly is worth, when the better choice is ahead
    by `gap` >= 0: sd x (phi(u) - u (1 - Phi(u))) with u = gap / sd. Raiffa and Schlaifer 1961.
    """
    if sd <= 0:
        return 0.0
    u = gap / sd
    return sd * (exp(-u * u / 2) / sqrt(2 * pi) - u * 0.5 * (1 - erf(u / sqrt(2))))


def criterion_weights(result: RoleResult) -> dict[str, float]:
    """By how much the score, in [0, 1], moves with each grade in [0, 1]: the rules' shares spread over criteria."""
    found: dict[str, float] = defaultdict(float)
    known = next(iter(result.grades.values()), {})
    for rule in result.rules:
        counted = {c: w for c, w in rule.weights.items() if c in known}
        total = sum(counted.values())
        for criterion, weight in counted.items():
            found[criterion] += rule.share * weight / total
    return found


def _wanted(document: Document, release: Release, projects: Iterable[Project]) -> tuple[list[Wanted], int]:
    behind = sources_of(document)
    facts = {c["id"]: c["derived"]["capability"] for c in document["criteria"] if c["derived"]}
    worth: dict[tuple[str, str, str], float] = defaultdict(float)
    seen: dict[tuple[str, str, str], int] = defaultdict(int)
    count = 0
    for project in projects:
        results = decided(release, project)
        if isinstance(results, str):
            continue
        count += 1
        for result in results.values():
            for (kind, name, about), gain in _gains(result):
                key = ("fact", name, facts[about]) if about in facts else (kind, name, about)
                worth[key] += gain
                seen[key] += 1
    found = [
        Wanted(
            kind,
            name,
            about,
            round(100 * worth[kind, name, about] / count, 6),
            seen[kind, name, about],
            len(behind.get((name, about), ())),
        )
        for kind, name, about in worth
    ]
    return sorted(found, key=lambda w: (-w.worth, w.alternative, w.about)), count


def _gains(result: RoleResult) -> list[tuple[tuple[str, str, str], float]]:
    """What each grade and each unverified fact of one ranking is worth, in the units of the score."""
    if len(result.ranking) < 2:
        return []
    weights = criterion_weights(result)
    first, second = result.ranking[0], result.ranking[1]
    found = []
    for each in result.ranking:
        rival = second if each is first else first
        gap = abs(each.score - rival.score)
        for criterion, (_, sd) in result.grades[each.framework].items():
            gain = expected_gain(gap, weights.get(criterion, 0.0) * sd)
            if gain > 0:
                found.append((("grade", each.framework, criterion), gain))
    # Were the leader stopped by what nobody knows, its lead over the next would be lost.
    lost = QUESTIONED_MARGIN * (first.score - second.score)
    facts = {fact for each in first.unverified for fact in each.facts}
    return found + [(("fact", first.framework, fact.removeprefix("alt.")), lost) for fact in sorted(facts) if lost > 0]
