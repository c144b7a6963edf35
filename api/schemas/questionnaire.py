"""The questionnaire as it goes out."""

from typing import Literal

from api.schemas.base import Out
from api.schemas.knowledge import Next


class Option(Out):
    """One answer that a question accepts."""

    id: str
    label: str
    help: str | None


class Question(Out):
    """One question: how it is asked, what it accepts and why it is asked.

    `none` says what an empty list answers, where it has words of its own. `given` answers are facts of the project,
    such as the kind of data: never told as a way to let a framework in.
    """

    id: str
    group: str
    kind: Literal["one", "many", "number", "yes/no", "ranked", "alternatives"]
    text: str
    label: str | None
    none: str | None
    help: str | None
    why: str
    unit: str | None
    minimum: float | None
    maximum: float | None
    ordered: bool
    with_version: bool
    given: bool
    exclusive: list[str]
    options: list[Option]


class Group(Out):
    """A heading of the questionnaire."""

    id: str
    name: str
    text: str


class Contradiction(Out):
    """Answers that cannot be true together."""

    id: str
    when: str
    text: str


class Questions(Out):
    """The questionnaire, in the order it is asked."""

    groups: list[Group]
    contradictions: list[Contradiction]
    items: list[Question]
    next: Next
