"""What makes the facts of a package doubtful or void: names borne by others, empty shells, abandonment, odd versions.

A trap that `stops` keeps every fact of the package out of a proposal; the others are told beside it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from packaging.version import InvalidVersion, Version

from knowledge_base.packages import TELLING, Package
from knowledge_base.refresh import identity
from knowledge_base.refresh.findings import Findings, Release
from knowledge_base.refresh.project import Project

PLUG_IN_LAG = timedelta(days=365)
SILENCE = timedelta(days=730)
BACKWARDS_LAG = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Trap:
    """One doubt about a package, in words; whether it keeps its facts from being proposed."""

    kind: str
    text: str
    stops: bool


def traps(
    package: Package, project: Project, found: Findings, *, on_file: str | None, beside: Findings | None, today: date
) -> list[Trap]:
    """Every doubt about a package.

    Args:
        package: what is on file of it.
        project: what the index says.
        found: its facts on the day.
        on_file: the version on file, where the package tells it.
        beside: the facts of the alternative's main package, for a plug-in or a part.
        today: the day of the reading.
    """
    doubts = [*_status(project), *_emptiness(project, found), *_by_role(package, found)]
    if package.role in TELLING or package.role == "plug-in":
        doubts += [*_identity(package, found), *_shell(found), *_versions(found, on_file)]
    if beside is not None:
        doubts += _left_behind(package, found, beside)
    elif package.role == "main":
        doubts += _silent(found, today)
    return doubts


def _status(project: Project) -> Iterator[Trap]:
    if project.status and project.status != "active":
        reason = f": {project.status_reason}" if project.status_reason else ""
        text = f"the index marks the project as {project.status}{reason}"
        yield Trap(f"status-{project.status[:20]}", text, project.status == "quarantined")


def _emptiness(project: Project, found: Findings) -> Iterator[Trap]:
    if not found.releases:
        more = f"; {project.unread} files cannot be told apart" if project.unread else ""
        yield Trap("no-files", f"the index offers no file of it{more}", True)
    elif found.newest is None and not found.stable:
        last = found.releases[-1]
        yield Trap("pre-releases-only", f"it has pre-releases only, the last being {_told(last)}", True)
    elif found.newest is None:
        yield Trap("all-yanked", "every stable release of it is yanked", True)


def _by_role(package: Package, found: Findings) -> Iterator[Trap]:
    note = f" ({package.note.rstrip('.')})" if package.note else ""
    last = found.newest or (found.releases[-1] if found.releases else None)
    state = f"; its newest release is {_told(last)}" if last else ""
    if package.role == "namesake":
        yield Trap("namesake", f"it only bears the name{note}{state}", True)
    elif package.role == "renamed_from":
        yield Trap("renamed", f"it is a former name{note}{state}", True)


def _identity(package: Package, found: Findings) -> Iterator[Trap]:
    addresses = found.information.addresses if found.information else ()
    summary = found.information.summary if found.information else None
    if not package.expect:
        return
    if not addresses:
        yield Trap(
            "no-address", "the index gives no address of the project, so that its identity was not checked", False
        )
    elif not identity.bears(addresses, package.expect):
        given = ", ".join(identity.normal(each) for each in addresses[:3])
        text = f"it gives other addresses ({given}) than expected ({', '.join(package.expect)})"
        yield Trap("other-home", text, True)
    if identity.says_moved(summary):
        yield Trap("says-moved", f"its summary sends readers elsewhere: {summary!r}", True)


def _shell(found: Findings) -> Iterator[Trap]:
    summary = found.information.summary if found.information else None
    if identity.says_placeholder(summary):
        yield Trap("placeholder", f"its summary says that it is a placeholder: {summary!r}", True)
    elif identity.is_hollow(found):
        size = sum(file.size_bytes or 0 for file in found.releases[-1].files)
        text = f"it looks like a placeholder: {len(found.releases)} releases, the newest of {size:,} bytes in all"
        yield Trap("placeholder", text.replace("1 releases", "1 release"), True)
    if found.information and "Development Status :: 7 - Inactive" in found.information.classifiers:
        yield Trap("inactive", "it calls itself inactive", False)


def _versions(found: Findings, on_file: str | None) -> Iterator[Trap]:
    newest = found.newest
    if newest is None:
        return
    above = [each for each in found.stable if each.version > newest.version]
    if above:
        reason = f": {above[-1].yanked_reason}" if above[-1].yanked_reason else ""
        yield Trap("newest-yanked", f"its newest release, {_told(above[-1])}, is yanked{reason}", False)
    if newest.day and found.latest and found.latest.day and found.latest.version != newest.version:
        gap = found.latest.day - newest.day
        if gap > BACKWARDS_LAG:
            text = f"its numbers went backwards: {_told(newest)} is the highest, {_told(found.latest)} came last"
            yield Trap("backwards", text, True)
    known = _version(on_file)
    if known is not None and known > newest.version and not any(each.version == known for each in above):
        missing = "" if any(each.version == known for each in found.releases) else ", which the index does not have"
        text = f"the version on file is {on_file}{missing}; the newest stable one is {_told(newest)}"
        yield Trap("older-than-on-file", text, True)


def _left_behind(package: Package, found: Findings, beside: Findings) -> Iterator[Trap]:
    own, theirs = found.newest or (found.releases or (None,))[-1], beside.newest
    if own and theirs and own.day and theirs.day and theirs.day - own.day > PLUG_IN_LAG:
        what = "an abandoned plug-in" if package.role == "plug-in" else "a package that fell behind"
        text = f"it looks like {what}: {_told(own)} is its newest release, {beside.package} is at {_told(theirs)}"
        yield Trap("abandoned", text, package.role in TELLING)


def _silent(found: Findings, today: date) -> Iterator[Trap]:
    last = found.last_day
    if last and today - last > SILENCE:
        yield Trap("silent", f"nothing was released since {last.isoformat()}", False)


def _version(text: str | None) -> Version | None:
    try:
        return Version(text) if text else None
    except InvalidVersion:
        return None


def _told(release: Release) -> str:
    return f"{release.version} of {release.day.isoformat()}" if release.day else str(release.version)
