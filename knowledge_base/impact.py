"""What a change of the knowledge does to answers: the same projects decided from two releases, side by side.

It knows neither where the projects come from nor whether a release may be published; the caller decides that.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from rules import engine, requirements
from rules.decision import RoleResult
from rules.faults import InvalidInput
from rules.hardware import Profile
from rules.release import Release


@dataclass(frozen=True, slots=True)
class Project:
    """A project to decide: a name for people, the answers as they were given, its hardware and the roles asked for."""

    name: str
    answers: object
    profile: Profile | None = None
    roles: Sequence[str] | None = None
    preferences: object = None


@dataclass(frozen=True, slots=True)
class Flip:
    """A role of a project whose first place changes; None where nothing is left.

    `tied` says that the two could not be told apart before or cannot now: such a flip changes no clear advice.
    `excluded` has the text of the gate that stops the former leader now.
    """

    project: str
    role: str
    before: str | None
    after: str | None
    tied: bool
    excluded: str | None


@dataclass(frozen=True, slots=True)
class Impact:
    """What two releases say of the same projects.

    Attributes:
        projects: how many were decided from both.
        answers: how many roles were ranked in both: what can flip.
        flips: every role whose leader changes.
        refused: projects whose answers the later release does not take any more, with the first fault.
    """

    projects: int
    answers: int
    flips: tuple[Flip, ...]
    refused: tuple[tuple[str, str], ...]

    @property
    def clear_flips(self) -> int:
        """Flips that are no change within a tie."""
        return sum(not flip.tied for flip in self.flips)

    @property
    def tried(self) -> int:
        """What the share is of: every answer, and one for each refused project."""
        return self.answers + len(self.refused)

    @property
    def share(self) -> float:
        """The share of answers in [0, 1] whose clear advice changes; a refused project counts as one."""
        counted = self.tried
        return (self.clear_flips + len(self.refused)) / counted if counted else 0.0


def impact(before: Release, after: Release, projects: Iterable[Project]) -> Impact:
    """Decide every project from both releases. A project that the earlier one does not take is left out."""
    return moved(((project, decided(before, project)) for project in projects), after)


def moved(before: Iterable[tuple[Project, Mapping[str, RoleResult] | str]], after: Release) -> Impact:
    """The same of projects that were decided before, for those who compare them with several releases."""
    flips: list[Flip] = []
    refused: list[tuple[str, str]] = []
    count = answers = 0
    for project, old in before:
        if isinstance(old, str):
            continue
        new = decided(after, project)
        if isinstance(new, str):
            refused.append((project.name, new))
            continue
        count += 1
        for role in old.keys() & new.keys():
            answers += 1
            flip = _flip(project.name, role, old[role], new[role])
            flips += [flip] if flip else []
    return Impact(count, answers, tuple(sorted(flips, key=lambda f: (f.tied, f.project, f.role))), tuple(refused))


def decided(release: Release, project: Project) -> Mapping[str, RoleResult] | str:
    """The result of each role; the first fault where the release does not take the answers."""
    try:
        asked = requirements.parse(project.answers, release.questionnaire, project.preferences)
        return engine.decide(release, asked, project.profile, project.roles, what_if=False).roles
    except InvalidInput as invalid:
        return str(invalid.faults[0])


def _flip(project: str, role: str, old: RoleResult, new: RoleResult) -> Flip | None:
    was, now = _leader(old), _leader(new)
    if was == now:
        return None
    tied = was is not None and now is not None and (_tied(old, was, now) or _tied(new, was, now))
    stopped = next((e.text for e in new.excluded if e.framework == was), None)
    return Flip(project, role, was, now, tied, stopped)


def _leader(result: RoleResult) -> str | None:
    return result.ranking[0].framework if result.ranking else None


def _tied(result: RoleResult, a: str, b: str) -> bool:
    group = {each.framework: each.tie_group for each in result.ranking}
    return a in group and group[a] == group.get(b)
