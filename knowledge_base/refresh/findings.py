"""What the files of a package add up to: its newest release, its pace, its builds. Facts only, no judgement.

A stable release is one whose version is no pre-release and no development release (PEP 440). A release is yanked when
all its files are.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from packaging.version import Version

from knowledge_base.refresh.builds import Builds, Span, builds, span
from knowledge_base.refresh.project import File, Information, Project

MONTHS_12 = timedelta(days=365)
MONTHS_24 = timedelta(days=730)


@dataclass(frozen=True, slots=True)
class Release:
    """One version: the day its first file came, whether it is withdrawn, and its files."""

    version: Version
    day: date | None
    yanked: bool
    yanked_reason: str | None
    files: tuple[File, ...]

    @property
    def is_stable(self) -> bool:
        """Whether it is no pre-release."""
        return not self.version.is_prerelease


@dataclass(frozen=True, slots=True)
class Findings:
    """A package's facts on one day.

    Attributes:
        releases: every release, lowest version first.
        newest: the highest stable version that is not yanked; without stable ones None.
        latest: the stable release, not yanked, that came last; it differs from `newest` where numbers went backwards
            or an older line is still cared for.
        stable_in_12_months, stable_in_24_months: stable releases up to the day; None where days are not given.
        builds, pythons, requires_python: of `newest`.
    """

    package: str
    releases: tuple[Release, ...]
    newest: Release | None
    latest: Release | None
    stable_in_12_months: int | None
    stable_in_24_months: int | None
    builds: Builds
    pythons: Span
    requires_python: str | None
    information: Information | None

    @property
    def stable(self) -> tuple[Release, ...]:
        """The stable releases, yanked ones too."""
        return tuple(each for each in self.releases if each.is_stable)

    @property
    def yanked(self) -> tuple[Release, ...]:
        """The releases that were withdrawn."""
        return tuple(each for each in self.releases if each.yanked)

    @property
    def last_day(self) -> date | None:
        """The day of the last release of any kind."""
        return max((each.day for each in self.releases if each.day), default=None)


def findings(project: Project, today: date) -> Findings:
    """The facts of a package as of a day."""
    releases = tuple(sorted(_releases(project), key=lambda each: each.version))
    standing = [each for each in releases if each.is_stable and not each.yanked]
    newest = standing[-1] if standing else None
    dated = [each for each in standing if each.day]
    files = newest.files if newest else ()
    found = builds(each for each in files if not each.yanked)
    information = _of(project.information, newest)
    requires = _requires(files, information)
    classifiers = information.classifiers if information else ()
    return Findings(
        package=project.name,
        releases=releases,
        newest=newest,
        latest=max(dated, key=lambda each: (each.day or date.min, each.version), default=None),
        stable_in_12_months=_since(releases, today, MONTHS_12),
        stable_in_24_months=_since(releases, today, MONTHS_24),
        builds=found,
        pythons=span(found, requires, classifiers),
        requires_python=requires,
        information=information,
    )


def _releases(project: Project) -> list[Release]:
    by_version: Mapping[Version, list[File]] = defaultdict(list)
    for file in project.files:
        by_version[file.version].append(file)
    return [
        Release(
            version=version,
            day=min((file.uploaded for file in files if file.uploaded), default=None),
            yanked=all(file.yanked for file in files),
            yanked_reason=next((file.yanked_reason for file in files if file.yanked_reason), None),
            files=tuple(files),
        )
        for version, files in by_version.items()
    ]


def _of(information: Information | None, newest: Release | None) -> Information | None:
    """What a project says of itself, without what holds for another release than the newest."""
    if information is None or newest is None or information.version is None:
        return information
    if information.version == str(newest.version):
        return information
    return Information(
        version=information.version,
        summary=information.summary,
        addresses=information.addresses,
        licence_expression=information.licence_expression,
        licence_text=information.licence_text,
        classifiers=(),
        requires_python=None,
    )


def _requires(files: tuple[File, ...], information: Information | None) -> str | None:
    given = [file.requires_python for file in files if file.requires_python]
    return given[0] if given else information.requires_python if information else None


def _since(releases: tuple[Release, ...], today: date, span: timedelta) -> int | None:
    stable = [each for each in releases if each.is_stable]
    if any(each.day is None for each in stable):
        return None
    return sum(today - span < each.day <= today for each in stable if each.day)
