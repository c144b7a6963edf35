"""Stored projects: what is asked with, and what goes out."""

from typing import Annotated, Any

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, JsonValue, StrictInt, WithJsonSchema

from api.schemas.base import Out, told
from api.schemas.knowledge import Next

MAX_REVISION = 2**31 - 1

# What these may be is said by the use case, together with every other fault.
Name = Annotated[
    Any,
    WithJsonSchema({"type": "string", "minLength": 1, "maxLength": 200}),
    Field(description="What people call it: one line."),
]
Answers = Annotated[
    Any,
    WithJsonSchema({"type": "object"}),
    Field(
        description="All answers so far, keyed by question ids (`/v1/questions`). Null means asked and not known, "
        "an empty list none of these; leave out what was not asked."
    ),
]
Hardware = Annotated[
    Any,
    WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "null"}]}),
    Field(
        description='"local", "catalogue:NAME" or the id of a stored profile; null: only what the answers say. '
        "To store a profile document, send it to `/v1/hardware` first."
    ),
]
AskedIds = Annotated[
    Any,
    WithJsonSchema({"type": "array", "items": {"type": "string"}}),
    Field(description="The ids of the questions that were asked, in their order."),
]


class ProjectIn(BaseModel):
    """A project to store."""

    model_config = ConfigDict(extra="forbid")

    name: Name
    answers: Answers
    hardware: Hardware = None
    asked: AskedIds = ()


class RevisionIn(BaseModel):
    """What changes in a project. What is left out stays as it is."""

    model_config = ConfigDict(extra="forbid")

    revision: Annotated[
        StrictInt, Field(ge=1, le=MAX_REVISION, description="The revision that the change was written for: the newest.")
    ]
    name: Name = None
    answers: Answers = None
    hardware: Hardware = None
    asked: AskedIds = None

    def changes(self) -> dict[str, Any]:
        """The parts that were given."""
        return {part: getattr(self, part) for part in self.model_fields_set if part != "revision"}


class ProjectBrief(Out):
    """A stored project without its answers."""

    id: Annotated[str, told("Random; whoever has it may read and change the project.")]
    name: Annotated[str, told("What people call it.")]
    revision: Annotated[int, told("The number of the newest revision.")]
    created_at: Annotated[AwareDatetime, told("When it was first stored.")]
    updated_at: Annotated[AwareDatetime, told("When the newest revision was saved.")]
    decision: Annotated[str | None, told("The id of the recommendation that was made for it last.")]


class Projects(Out):
    """A page of stored projects, the last created first."""

    items: Annotated[list[ProjectBrief], told("The projects.")]
    next: Next


class Project(Out):
    """A stored project at one of its revisions."""

    id: Annotated[str, told("Random; whoever has it may read and change the project.")]
    name: Annotated[str, told("What people call it.")]
    answers: Annotated[dict[str, JsonValue], told("As they were given; null means asked and not known.")]
    hardware: Annotated[str | None, told("What its recommendations take, unless told otherwise.")]
    asked: Annotated[list[str], told("The ids of the questions that were asked, in their order.")]
    revision: Annotated[int, told("The number of this revision; 1 is the first.")]
    newest: Annotated[int, told("The number of the newest revision.")]
    created_at: Annotated[AwareDatetime, told("When the project was first stored.")]
    updated_at: Annotated[AwareDatetime, told("When this revision was saved.")]
    decision: Annotated[str | None, told("The id of the recommendation that was made for the project last.")]
    decided_revision: Annotated[int | None, told("The revision that it was made from.")]


class RevisionBrief(Out):
    """A revision of a project without its answers."""

    revision: Annotated[int, told("Its number, which `revision` of the project's address takes.")]
    saved_at: Annotated[AwareDatetime, told("When it was saved.")]
    name: Annotated[str, told("What the project was called then.")]
    answered: Annotated[int, told("How many questions had an answer.")]
    dont_know: Annotated[int, told('How many were answered with "don\'t know".')]


class Revisions(Out):
    """A page of the revisions that are kept, the newest first."""

    items: Annotated[list[RevisionBrief], told("The revisions.")]
    next: Next
