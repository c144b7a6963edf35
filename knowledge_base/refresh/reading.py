"""One package of one alternative as it was read: what became of the question, its facts, its doubts."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

from knowledge_base.packages import TELLING, Package, Packages
from knowledge_base.refresh.findings import Findings, Release, findings
from knowledge_base.refresh.project import Project
from knowledge_base.refresh.traps import Trap, traps

Outcome = Literal["read", "absent", "failed", "not-asked"]


@dataclass(frozen=True, slots=True)
class Fetched:
    """What came of asking for a package: the project, or why there is none."""

    outcome: Outcome
    project: Project | None = None
    failure: str | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """A package of an alternative with what was fetched, its facts and its doubts."""

    alternative: str
    package: Package
    fetched: Fetched
    found: Findings | None
    traps: tuple[Trap, ...]

    @property
    def newest(self) -> Release | None:
        """The newest stable release that stands."""
        return self.found.newest if self.found else None

    @property
    def is_usable(self) -> bool:
        """Whether its facts may be proposed."""
        told = self.package.role in TELLING and bool(self.package.tells)
        return told and self.newest is not None and not any(each.stops for each in self.traps)


def judged(
    entries: Iterable[Packages], fetched: Mapping[str, Fetched], versions: Mapping[str, str | None], today: date
) -> list[Reading]:
    """Every package of the entries with its facts and doubts.

    Args:
        entries: the packages of alternatives.
        fetched: what came of asking, by package.
        versions: the versions on file, by alternative.
        today: the day of the reading.
    """
    return [each for entry in entries for each in _of(entry, fetched, versions.get(entry.id), today)]


def _of(entry: Packages, fetched: Mapping[str, Fetched], version: str | None, today: date) -> list[Reading]:
    facts = {each.name: findings(project, today) for each in entry.asked if (project := fetched[each.name].project)}
    main = next((facts.get(each.name) for each in entry.asked if each.role == "main"), None)
    readings = []
    for package in entry.asked:
        project, found = fetched[package.name].project, facts.get(package.name)
        doubts: list[Trap] = []
        if project and found:
            beside = main if package.role in ("part", "plug-in") else None
            on_file = version if "version" in package.tells else None
            doubts = traps(package, project, found, on_file=on_file, beside=beside, today=today)
        readings.append(Reading(entry.id, package, fetched[package.name], found, tuple(doubts)))
    return readings
