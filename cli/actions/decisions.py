"""Recommend, and replay what was recommended."""

import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from advisor import knowledge, projects
from advisor import recommend as use_case
from advisor.documents import Written
from advisor.errors import Fault, InvalidInput
from advisor.house import House
from advisor.inputs import Asked
from cli import files, output, program
from cli.actions import opening
from cli.files import Project
from cli.places import Places
from cli.problems import NO, Refused
from rules.faults import nearest, shown

if TYPE_CHECKING:
    from advisor.records import Format

MAX_RECORD_BYTES = 2**26


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line asks for; what it leaves out (None, or no policies) is as the file of answers says."""

    hardware: str | None
    roles: Sequence[str] | None
    policies: Sequence[str]
    draws: int | None
    as_of: str | None
    release: str | None


def recommend(answers: str, options: Options, *, as_json: bool, store: bool, expect: str | None) -> int:
    """Decide for the project in a file, or a stored one, and show the decision; see `cli.commands.recommend`."""
    link = answers if projects.is_id(answers) and not files.is_path(answers) else None
    project = files.Project(None, False, None) if link else files.project(answers)
    asked, places = _asked(project, options)
    with opening.house() as house:
        if knowledge.newer_pack(house):
            publish = program.called("knowledge publish")
            output.notice(f"the shipped pack differs from the active release; use it with: {publish}")
        if expect is not None:
            _check_framework(house, expect)
        if link:
            project = replace(project, name=projects.get(house, link)["name"])
            answer = places.locating(lambda: projects.recommend(house, link, store=store, **asked))
        else:
            answer = places.locating(lambda: use_case.answer(house, project.answers, store=store, **asked))
        document: dict[str, Any] = json.loads(answer.text)
        _say_if_looked_back(house, document)
        if as_json:
            output.emit_document(answer.text)
        else:
            from cli.render import decision, screen

            heading = decision.Heading(project.name, project.source, is_stored=store)
            with screen.page() as to:
                decision.show(to, house, document, heading)
    if expect is not None and expect not in _leaders(document):
        leaders = ", ".join(sorted(_leaders(document))) or "nothing"
        raise Refused(f"{expect} does not come first in any role: {leaders} does")
    return 0


def _say_if_looked_back(house: House, document: dict[str, Any]) -> None:
    looked_back = house.knowledge(document["release"]["id"]).document.get("hindsight")
    if looked_back:
        output.notice(
            f"a look back: from what {looked_back['of']} holds that was known on {looked_back['day']}; a fact whose"
            " evidence is younger is unknown and excludes nothing"
        )


def _asked(project: Project, options: Options) -> tuple[Asked, Places]:
    """How the decision is asked for, and where each part of it was read; the command line goes before the file."""
    places = project.places()
    policies = [files.policy(each) for each in options.policies]
    given = {"hardware": options.hardware is not None, "policy": bool(policies), "draws": options.draws is not None}
    places = {part: place for part, place in places.items() if not given.get(part)}
    places |= {f"policy[{i}]": (each, "") for i, each in enumerate(policies) if isinstance(each, Written)}
    asked: Asked = {
        "hardware_from": files.hardware(options.hardware, project.hardware),
        "roles": options.roles or project.roles,
        "release": options.release,
        "policy": [each.value if isinstance(each, Written) else each for each in policies] or project.policy,
        "preferences": project.preferences,
        "name": " ".join((project.name or "").split()) or None,
        "draws": project.draws if options.draws is None else options.draws,
        "as_of": options.as_of,
    }
    if asked["draws"] is None:
        del asked["draws"]
    if project.written is None and options.hardware is None:
        del asked["hardware_from"]  # a stored project says it itself
    return asked, Places(places)


def _check_framework(house: House, name: str) -> None:
    known = house.knowledge().release.alternatives
    if name not in known:
        raise InvalidInput([Fault("--expect", shown(name), "the id of a framework on file", nearest(name, known))])


def _leaders(document: dict[str, Any]) -> set[str]:
    rankings = [result["ranking"] for result in document["roles"].values()]
    return {p["framework"] for ranking in rankings for p in ranking if p["tie_group"] == ranking[0]["tie_group"]}


def replay(decision: str, *, as_json: bool) -> int:
    """Decide again and compare; see `cli.asking.replay`."""
    from advisor import records  # few commands need it: start-up time

    given = files.content(decision, "DECISION", MAX_RECORD_BYTES) if files.is_given(decision) else decision
    with opening.house() as house:
        found = records.still_holds(house, given)
    if as_json:
        output.emit_json(found)
    else:
        from cli.render import questioned, screen

        with screen.page() as to:
            questioned.show_replay(to, found)
    return 0 if found["holds"] else NO


def record(decision: str | None, form: str | None, target: Path | None, *, appendix: bool) -> int:
    """Write the record of a decision; see `cli.asking.record`."""
    from advisor import records  # few commands need it: start-up time

    chosen = _form(form, target)
    with opening.house() as house:
        name = use_case.latest(house)["id"] if decision is None else decision
        written = records.record(house, name, chosen, appendix=appendix)
    if target is None:
        output.emit_bytes(written.content)
        return 0
    path = target / written.name if target.is_dir() else target
    path.write_bytes(written.content)
    output.notice(f"the record is in {path}")
    return 0


def _form(form: str | None, target: Path | None) -> "Format":
    """The form that was asked for, or that the file's ending stands for; Markdown where neither says it."""
    from advisor.records import FORMATS

    ending = target.suffix.lower().removeprefix(".") if target else ""
    found = form or (ending if ending in FORMATS else "md")
    if target is None and found == "pdf" and sys.stdout.isatty():
        raise InvalidInput([Fault("--output", "nothing", "a file, for a PDF is not for a terminal")])
    return cast("Format", found)
