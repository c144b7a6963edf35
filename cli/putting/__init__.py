"""How a question is put to a person in a terminal, and what they may say to it: by menus, or by plain lines."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from advisor.errors import Fault
from rules.requirements import Option, Question

ANSWER, DONT_KNOW, OTHER, SHOW, STOP = "answer", "don't know", "another question", "recommendation", "stop"
COUNTED = ("devices", "parameters", "people", "rows")  # units that are things, not measures

Document = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Said:
    """What a person said: an answer, that they do not know, or what they want instead (`answer`: a question's id)."""

    kind: str
    answer: object = None


@dataclass(frozen=True, slots=True)
class Asked:
    """A question with all that may be answered, the answer so far, and why it comes now (None: a person wanted it).

    `names` are those of the frameworks, by id; `others` are the other questions: the open ones, those
    that would settle most first, then the answered.
    """

    question: Question
    options: Sequence[Option]
    given: object
    state: Document | None
    names: Mapping[str, str]
    others: Sequence[Question] = ()


class Asker(Protocol):
    """Someone who puts questions."""

    def tell(self, text: str) -> None:
        """Say something."""

    def put(self, asked: Asked, faults: Sequence[Fault]) -> Said:
        """Put a question; with `faults`, what was wrong with the last answer to it."""

    def settled(self, because: str, remaining: Sequence[Question]) -> Said:
        """Say that nothing needs to be asked any more; `remaining` could be answered all the same."""


def amount(unit: str) -> str:
    """What number a question with a unit wants."""
    if unit == "1/s":
        return "a number a second"
    return f"a number {'of' if unit in COUNTED else 'in'} {unit}"


def effects(asked: Asked) -> list[str]:
    """What each answer to a question could do, a line each."""
    if asked.state is None:
        return ["You chose it; it was not the question that would settle the most."]
    told = []
    for each in asked.state["could_change"]:
        firsts = [asked.names.get(winner, winner) if winner else "nothing" for winner in each["winners"].values()]
        told.append(f"{each['label']}: {' and '.join(firsts)} first{'' if each['changes'] else ' (as now)'}")
    return told


def faulty(fault: Fault) -> str:
    """A fault in a sentence."""
    near = f"; did you mean {fault.nearest}?" if fault.nearest else ""
    return f"{fault.value}: expected {fault.expected}{near}"
