"""Lint and look through what is known."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

from advisor import knowledge as use_case
from advisor.errors import Fault, InvalidInput
from advisor.house import Knowledge
from advisor.knowledge import ReleaseInfo
from cli import output
from cli.actions import opening
from cli.problems import NO
from rules.faults import nearest, shown


def lint(folder: Path | None, *, strict: bool, as_json: bool) -> int:
    """List the problems of a pack, and advice on its rules; see `cli.commands.lint`."""
    require_folder(folder)
    problems, advice = use_case.review(folder)
    if as_json:
        listed = {"problems": [asdict(each) for each in problems], "advice": [asdict(each) for each in advice]}
        output.emit_json(listed)
    else:
        for problem in problems:
            output.emit(str(problem))
        for each in advice:
            role = f" ({each.role})" if each.role else ""
            output.emit(f"{each.path}: {each.kind}: {each.id}{role} {each.text}")
        output.emit(_counted(len(problems), "problem", "problems") or "No problems.")
        if advice:
            output.emit(_counted(len(advice), "piece of advice", "pieces of advice"))
    return NO if problems or (strict and advice) else 0


def _counted(count: int, one: str, several: str) -> str:
    return f"{count} {one if count == 1 else several}" if count else ""


def require_folder(folder: Path | None) -> None:
    """Refuse a folder that is not there."""
    if folder is not None and not folder.is_dir():
        raise InvalidInput([Fault("FOLDER", shown(str(folder)), "a folder that exists")])


def release_as_json(info: ReleaseInfo) -> dict[str, Any]:
    """A release without its content, as JSON."""
    document: dict[str, Any] = asdict(info)
    return {**document, "published_at": info.published_at.isoformat()}


def releases(*, as_json: bool) -> int:
    """List the releases; see `cli.commands.releases`."""
    with opening.house() as house:
        found = use_case.listing(house)
        active = house.knowledge().release.id
    if as_json:
        output.emit_json({"items": [release_as_json(info) for info in found], "active": active})
    else:
        from cli.render import library, screen

        with screen.page() as to:
            library.show_releases(to, found, active)
    return 0


def show(framework: str | None, *, as_json: bool) -> int:
    """List the frameworks, or show one; see `cli.commands.show`."""
    with opening.house() as house:
        known = house.knowledge()
        if framework is None:
            listed = use_case.frameworks(house, known.release.id)
            if as_json:
                output.emit_json({"items": listed})
            else:
                from cli.render import library, screen

                with screen.page() as to:
                    library.show_frameworks(to, listed)
            return 0
        found = use_case.framework(house, framework, known.release.id)
    if as_json:
        output.emit_json(found)
    else:
        from cli.render import library, screen

        with screen.page() as to:
            library.show_framework(to, found, known)
    return 0


def claims(
    about: str | None, verdict: str | None, contested: bool | None, article: int | None, *, as_json: bool
) -> int:
    """List the claims of the articles; see `cli.commands.claims`."""
    with opening.house() as house:
        known = house.knowledge()
        _require_on_file(about, known)
        found = use_case.claims(
            house, about=about, verdict=verdict, contested=contested, article=article, release=known.release.id
        )
        total = use_case.tally(house, known.release.id)
    if as_json:
        output.emit_json({"items": found, "articles": total})
    else:
        from cli.render import library, screen

        with screen.page() as to:
            library.show_claims(to, found, total)
    return 0


def evidence(
    about: str | None, verdict: str | None, contested: bool | None, source_kind: str | None, *, as_json: bool
) -> int:
    """List evidence; see `cli.commands.evidence`."""
    with opening.house() as house:
        known = house.knowledge()
        _require_on_file(about, known)
        found = use_case.pieces(
            house,
            about=about,
            verdict=verdict,
            contested=contested,
            source_kind=source_kind,
            release=known.release.id,
        )
    if as_json:
        output.emit_json({"items": found})
    else:
        from cli.render import library, screen

        with screen.page() as to:
            library.show_evidence(to, found)
    return 0


def _require_on_file(about: str | None, known: Knowledge) -> None:
    on_file = known.release.alternatives
    if about is not None and about not in on_file:
        raise InvalidInput([Fault("--about", shown(about), "the id of a framework on file", nearest(about, on_file))])
