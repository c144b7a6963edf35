"""What a stored project may say: checked against the active release, every fault at once, in the form that is kept.

An empty list among the answers is no answer and is not kept; null is "don't know" and is. A known machine is kept by
its own name, whatever alias it was given by.
"""

import json
from collections.abc import Callable
from typing import Any, TypedDict, Unpack, cast

from advisor import machines
from advisor.house import House
from advisor.inputs import NAME_EXPECTED, is_name, profile_of
from rules import requirements
from rules.faults import Fault, InvalidInput, nearest, shown
from rules.requirements import Questionnaire

MAX_ANSWERS_BYTES = 65_536
HARDWARE_EXPECTED = '"local", "catalogue:NAME" or the id of a stored profile'
LOCAL = "local"


class Says(TypedDict, total=False):
    """What a project says, whole or in part, not checked yet. `answers` are all answers, `asked` the whole list."""

    name: object
    answers: object
    hardware: object
    asked: object


class Kept(TypedDict, total=False):
    """The same, checked and in the form that is kept."""

    name: str
    answers: dict[str, Any]
    hardware: str | None
    asked: list[str]


def check(house: House, **says: Unpack[Says]) -> list[Fault]:
    """Every fault for which a project that says this would be refused; what is left out is not looked at.

    Raises:
        Missing: nothing has been published yet.
    """
    questionnaire = house.knowledge().release.questionnaire
    faults: list[Fault] = []
    if "name" in says and not is_name(says["name"]):
        faults.append(Fault("name", shown(says["name"]), NAME_EXPECTED))
    if "answers" in says:
        faults += _answer_faults(says["answers"], questionnaire)
    if "hardware" in says:
        faults += _hardware_faults(house, says["hardware"])
    if "asked" in says:
        faults += _asked_faults(says["asked"], questionnaire)
    return faults


def checked(house: House, says: Says) -> Kept:
    """What is said, in the form that is kept.

    Raises:
        InvalidInput: with every fault.
        Missing: nothing has been published yet.
    """
    if faults := check(house, **says):
        raise InvalidInput(faults)
    kept: dict[str, Any] = {**says}
    if isinstance(hardware := kept.get("hardware"), str) and hardware.startswith(machines.PREFIX):
        kept["hardware"] = machines.one(hardware.removeprefix(machines.PREFIX))["hardware"]  # not an alias, or misspelt
    if "name" in kept:
        kept["name"] = kept["name"].strip()
    if "asked" in kept:
        kept["asked"] = list(kept["asked"])
    return cast(Kept, kept)


def text(content: Kept) -> str:
    """What a revision keeps beside its name, as JSON."""
    kept = {"answers": content["answers"], "hardware": content["hardware"], "asked": content["asked"]}
    return json.dumps(kept, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def _answer_faults(given: object, questionnaire: Questionnaire) -> list[Fault]:
    if faults := _faults(lambda: requirements.parse(given, questionnaire)):
        return faults
    size = len(json.dumps(given).encode())
    return [Fault("answers", f"{size} bytes", f"at most {MAX_ANSWERS_BYTES} bytes")] if size > MAX_ANSWERS_BYTES else []


def _hardware_faults(house: House, given: object) -> list[Fault]:
    if given is None or given == LOCAL:  # this machine is looked at when a recommendation is asked for
        return []
    if not isinstance(given, str):
        return [Fault("hardware", shown(given), HARDWARE_EXPECTED)]
    faults = _faults(lambda: profile_of(house, given))
    return [Fault(fault.path, fault.value, HARDWARE_EXPECTED, fault.nearest) for fault in faults]


def _asked_faults(given: object, questionnaire: Questionnaire) -> list[Fault]:
    known = questionnaire.questions
    if not isinstance(given, list | tuple) or len(given) > len(known):
        value = f"a list of {len(given)}" if isinstance(given, list | tuple) else shown(given)
        return [Fault("asked", value, f"a list of at most {len(known)} question ids")]
    faults = []
    for index, each in enumerate(given):
        if not isinstance(each, str) or each not in known:
            faults.append(Fault(f"asked[{index}]", shown(each), "a question", nearest(each, known)))
        elif each in given[:index]:
            faults.append(Fault(f"asked[{index}]", shown(each), "a question that is not in the list already"))
    return faults


def _faults(read: Callable[[], object]) -> list[Fault]:
    try:
        read()
    except InvalidInput as invalid:
        return list(invalid.faults)
    return []
