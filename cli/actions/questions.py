"""Ask on about a recorded decision: explain, compare, why not, what if, difference."""

import json
from collections.abc import Sequence
from typing import Any

from advisor import questioning, recommend
from advisor.errors import Fault, InvalidInput
from advisor.house import House
from advisor.questioning import Depth
from advisor.typed import typed
from cli import output
from cli.actions import opening
from rules.faults import shown
from rules.requirements import Questionnaire

CHANGE_EXPECTED = "a change such as stage=research, deploy_targets=android,ios or team_size= to take an answer back"


def explain(decision: str, depth: Depth, *, as_json: bool) -> int:
    """Explain a decision; see `cli.asking.explain`."""
    with opening.house() as house:
        found = questioning.explain(house, decision, depth)
        if as_json:
            output.emit_json(found)
        else:
            from cli.render import explained, screen

            with screen.page() as to:
                explained.show(to, found, questioning.known_to(house, decision))
    return 0


def compare(a: str, b: str, decision: str | None, role: str | None, *, as_json: bool) -> int:
    """Set two frameworks side by side; see `cli.asking.compare`."""
    with opening.house() as house:
        asked, is_last = _asked(house, decision)
        found = {"decision": asked, **questioning.against(house, asked, a, b, role)}
        if as_json:
            output.emit_json(found)
        else:
            from cli.render import compared, screen

            with screen.page() as to:
                compared.show(to, found, questioning.known_to(house, asked), is_last=is_last)
    return 0


def why_not(framework: str, decision: str | None, *, as_json: bool) -> int:
    """Show what a recorded decision says of one framework; see `cli.asking.why_not`."""
    with opening.house() as house:
        asked, is_last = _asked(house, decision)
        found = {"decision": asked, **questioning.why_not(house, asked, framework)}
        if as_json:
            output.emit_json(found)
        else:
            from cli.render import questioned, screen

            with screen.page() as to:
                questioned.show_why_not(to, found, questioning.known_to(house, asked), is_last=is_last)
    return 0


def _asked(house: House, decision: str | None) -> tuple[str, bool]:
    """(the decision that was asked about, or the one recorded last; whether it is the latter by default)."""
    return (decision, False) if decision is not None else (recommend.latest(house)["id"], True)


def what_if(decision: str, changes: Sequence[str], *, as_json: bool) -> int:
    """Try other answers; see `cli.asking.what_if`."""
    with opening.house() as house:
        known = questioning.known_to(house, decision)
        changed, faults = _changed(changes, known.release.questionnaire)
        found = questioning.what_if(house, decision, changed, faults)
        if as_json:
            output.emit_json(found)
        else:
            from cli.render import differences, screen

            with screen.page() as to:
                differences.show_what_if(to, found, _recorded(house, decision), known)
    return 0


def _changed(changes: Sequence[str], questionnaire: Questionnaire) -> tuple[dict[str, object], list[Fault]]:
    """(answers by question, faults) from texts such as `stage=research`.

    A fault is a text that is no change, a second change of one question, and no number where one is asked for; which
    questions and options there are is the use case's business.
    """
    faults: list[Fault] = []
    found: dict[str, object] = {}
    for given in changes:
        name, equals, text = (part.strip() for part in given.partition("="))
        question = questionnaire.questions.get(name)
        if not equals or not name:
            faults.append(Fault("QUESTION=ANSWER", shown(given), CHANGE_EXPECTED))
        elif name in found:
            faults.append(Fault("QUESTION=ANSWER", shown(given), f"the only change of {name}"))
        else:
            found[name] = None
            try:
                found[name] = typed(text, question, ",") if text and question else text or None
            except InvalidInput as invalid:
                faults += invalid.faults
    return found, faults


def diff(decision: str, other: str, *, as_json: bool) -> int:
    """Show what changed between two decisions; see `cli.asking.diff`."""
    with opening.house() as house:
        found = questioning.difference(house, decision, other)
        if as_json:
            output.emit_json(found)
        else:
            from cli.render import differences, screen

            before, after = _recorded(house, decision), _recorded(house, other)
            with screen.page() as to:
                differences.show_diff(to, found, before, after, questioning.known_to(house, other))
    return 0


def _recorded(house: House, decision: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(recommend.find(house, decision))
    return document
