"""Recommend, why not, replay."""

import json
from collections.abc import Sequence
from typing import Any

from advisor import knowledge
from advisor import recommend as use_case
from advisor.errors import Fault, InvalidInput
from advisor.house import House
from cli import files, output
from cli.actions import opening
from cli.problems import NO, Refused
from rules.faults import nearest, shown


def recommend(
    answers: str, hardware: str | None, roles: Sequence[str] | None, *, as_json: bool, store: bool, expect: str | None
) -> int:
    """Decide for the project in a file and show the decision; see `cli.commands.recommend`."""
    project = files.project(answers)
    machine = files.hardware(hardware, project.hardware)
    with opening.house() as house:
        if knowledge.newer_pack(house):
            output.notice("the shipped pack differs from the active release; use it with: steelyard knowledge publish")
        if expect is not None:
            _check_framework(house, expect)
        answer = project.locating(
            lambda: use_case.answer(
                house, project.answers, hardware_from=machine, roles=roles or project.roles, store=store
            ),
            elsewhere=["hardware"] if hardware else [],
        )
        document: dict[str, Any] = json.loads(answer.text)
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


def _check_framework(house: House, name: str) -> None:
    known = house.knowledge().release.alternatives
    if name not in known:
        raise InvalidInput([Fault("--expect", shown(name), "the id of a framework on file", nearest(name, known))])


def _leaders(document: dict[str, Any]) -> set[str]:
    rankings = [result["ranking"] for result in document["roles"].values()]
    return {p["framework"] for ranking in rankings for p in ranking if p["tie_group"] == ranking[0]["tie_group"]}


def why_not(framework: str, decision_id: str | None, *, as_json: bool) -> int:
    """Show what a recorded decision says of one framework; see `cli.commands.why_not`."""
    with opening.house() as house:
        document = json.loads(use_case.find(house, decision_id)) if decision_id else use_case.latest(house)
        found = {"decision": document["id"], **use_case.why_not(house, document, framework)}
        if as_json:
            output.emit_json(found)
        else:
            from cli.render import questioned, screen

            with screen.page() as to:
                questioned.show_why_not(to, found, house.knowledge(document["release"]["id"]))
    return 0


def replay(decision_id: str, *, as_json: bool) -> int:
    """Decide again and compare; see `cli.commands.replay`."""
    with opening.house() as house:
        found = use_case.replay(house, decision_id)
    if as_json:
        output.emit_json(found)
    else:
        from cli.render import questioned, screen

        with screen.page() as to:
            questioned.show_replay(to, found)
    return 0 if found["same"] else NO
