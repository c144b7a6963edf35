"""Show the rule of thumb, and lead a project through it."""

from collections.abc import Mapping
from typing import Any

from advisor import rule_of_thumb as use_case
from advisor.errors import Fault, InvalidInput
from advisor.inputs import Asked
from cli import files, output
from cli.actions import opening
from cli.places import Places
from rules.faults import nearest, shown


def show(role: str | None, *, as_json: bool) -> int:
    """Show the trees; see `cli.thumb.rule_of_thumb`."""
    _require_one(role)
    with opening.house() as house:
        found = _only(use_case.document(house), role)
    if as_json:
        output.emit_json(found)
    else:
        from cli.render import rule_of_thumb, screen

        with screen.page() as to:
            rule_of_thumb.show(to, found)
    return 0


def walk(answers: str, hardware: str | None, role: str | None, *, as_json: bool) -> int:
    """Lead the project in a file through the trees; see `cli.thumb.rule_of_thumb`."""
    _require_one(role)
    project = files.project(answers)
    asked: Asked = {
        "hardware_from": files.hardware(hardware, project.hardware),
        "roles": [role] if role else project.roles,
        "policy": project.policy,
        "preferences": project.preferences,
    }
    places = {part: place for part, place in project.places().items() if part != "hardware" or hardware is None}
    with opening.house() as house:
        found = Places(places).locating(lambda: use_case.for_answers(house, project.answers, **asked))
        names = use_case.names_in(house.knowledge().release)
    if as_json:
        output.emit_json(found)
    else:
        from cli.render import rule_of_thumb, screen

        with screen.page() as to:
            rule_of_thumb.show_walks(to, found, names, project.name)
    return 0


def _only(found: Mapping[str, Any], role: str | None) -> dict[str, Any]:
    return {**found, "roles": {name: tree for name, tree in found["roles"].items() if role in (None, name)}}


def _require_one(role: str | None) -> None:
    if role is not None and role not in use_case.ROLES:
        expected = f"a role with a rule of thumb: {', '.join(use_case.ROLES)}"
        raise InvalidInput([Fault("--role", shown(role), expected, nearest(role, use_case.ROLES))])
