"""Stored projects: what is known of one, kept under a link, revised by several people without losing anything.

The id is random: who has it may read, change and take away the project. A change names the revision that it was written
for and is refused where another one is the newest by now. An answer of null means "don't know": it was asked, and it is
unknown for the engine; an empty list is no answer and is not kept.
"""

import json
import re
import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Any, TypedDict, Unpack

from advisor import examples
from advisor import recommend as deciding
from advisor.house import House
from advisor.inputs import Asked
from advisor.project_content import Kept, Says, check, checked, text
from advisor.recommend import Answer
from storage import projects
from storage.errors import Missing, Superseded
from storage.projects import Revision, Stored

__all__ = [
    "UNNAMED",
    "Brief",
    "Past",
    "Project",
    "check",
    "create",
    "get",
    "is_id",
    "listing",
    "recommend",
    "remove",
    "revise",
    "revisions",
]

UNNAMED = "A project without a name"
_ID = re.compile(r"p-[0-9a-f]{32}")


class Brief(TypedDict):
    """A project in a list; times are ISO 8601 in UTC."""

    id: str
    name: str
    revision: int
    created_at: str
    updated_at: str
    decision: str | None


class Project(TypedDict):
    """A project at one of its revisions, which was saved at `updated_at`; `newest` is the newest there is.

    `decision` is the recommendation that was made for it last, from the revision `decided_revision`.
    """

    id: str
    name: str
    answers: dict[str, Any]
    hardware: str | None
    asked: list[str]
    revision: int
    newest: int
    created_at: str
    updated_at: str
    decision: str | None
    decided_revision: int | None


class Past(TypedDict):
    """A revision in a list: how many questions it answers, and how many with "don't know"."""

    revision: int
    saved_at: str
    name: str
    answered: int
    dont_know: int


def is_id(text: str) -> bool:
    """Whether a text has the form of a project's id."""
    return _ID.fullmatch(text) is not None


def create(
    house: House, name: object, answers: object, hardware: object = None, asked: Sequence[object] = ()
) -> Project:
    """Store a new project under a new, unguessable id.

    Args:
        house: the parts to work with.
        name: what people call it.
        answers: keyed by question ids; null means "don't know".
        hardware: None, "local", "catalogue:NAME" or the id of a stored profile.
        asked: the ids of the questions that were asked, in their order.

    Raises:
        InvalidInput: with every fault of all parts; nothing is stored.
        Missing: nothing has been published yet.
        Full: as many projects are stored as may be (`max_projects`).
    """
    says = checked(house, {"name": name, "answers": answers, "hardware": hardware, "asked": asked})
    project = f"p-{secrets.token_hex(16)}"
    with house.database.writing() as session:
        projects.create(session, project, says["name"], text(says), house.now(), house.max_projects)
        return _project(projects.get(session, project))


def get(house: House, project: str, revision: int | None = None) -> Project:
    """A project at a revision, None for the newest.

    Raises:
        Missing: no such project, or the revision is not kept (any more).
    """
    _require_id(project)
    with house.database.reading() as session:
        return _project(projects.get(session, project, revision))


def revise(house: House, project: str, revision_seen: int, **changes: Unpack[Says]) -> Project:
    """Save a changed project as its next revision. What is left out of the changes stays as it is.

    Changes that make no difference to the newest revision save nothing, whatever revision they were written for, so
    that one whose answer got lost may be sent again.

    Args:
        house: the parts to work with.
        project: its id.
        revision_seen: the revision that the changes were written for.
        changes: what it shall say; see `Says`.

    Raises:
        Missing: no such project.
        Superseded: `revision_seen` is not the newest revision; nothing is saved.
        InvalidInput: with every fault of the changes; nothing is saved.
    """
    found = get(house, project)
    says = checked(house, changes)
    if all(found[part] == said for part, said in says.items()):  # type: ignore[literal-required]
        return found
    if revision_seen != found["revision"]:
        raise Superseded(revision_seen, found["revision"])
    standing = Kept(name=found["name"], answers=found["answers"], hardware=found["hardware"], asked=found["asked"])
    new: Kept = {**standing, **says}
    with house.database.writing() as session:
        keep = house.project_revisions
        projects.revise(session, project, revision_seen, new["name"], text(new), house.now(), keep)
        return _project(projects.get(session, project))


def remove(house: House, project: str, revision_seen: int | None = None) -> None:
    """Take a project away with all its revisions; its recommendations stay recorded.

    Raises:
        Missing: no such project.
        Superseded: `revision_seen` is given and is not the newest revision.
    """
    _require_id(project)
    with house.database.writing() as session:
        projects.remove(session, project, revision_seen)


def listing(house: House, after: tuple[datetime, str] | None = None, limit: int = 50) -> list[Brief]:
    """At most so many projects, the last created first. Pages put together are the whole, whatever is stored meanwhile.

    Args:
        house: the parts to work with.
        after: when the last one of the page before was created, and its id; None for the first page.
        limit: how many.
    """
    with house.database.reading() as session:
        return [_brief(each) for each in projects.listing(session, limit, after)]


def revisions(house: House, project: str, before: int | None = None, limit: int = 50) -> list[Past]:
    """At most so many of the revisions that are kept, the newest first; only those before one, where it is given.

    Raises:
        Missing: no such project.
    """
    _require_id(project)
    with house.database.reading() as session:
        return [_past(each) for each in projects.revisions(session, project, limit, before)]


def recommend(house: House, project: str, *, store: bool = True, **asked: Unpack[Asked]) -> Answer:
    """A decision for the newest revision of a project, under its name; the project remembers it where it is stored.

    Args:
        house: the parts to work with.
        project: its id.
        store: record the decision.
        asked: how it is asked for; the hardware is the project's unless `hardware_from` is among it.

    Raises:
        Missing: no such project.
        InvalidInput: any part has faults, answers that the release does not know (any more) included.
    """
    found = get(house, project)
    called = None if found["name"] in (UNNAMED, examples.UNNAMED) else found["name"]
    given: Asked = {"hardware_from": found["hardware"], **asked, "name": called}
    answer = deciding.answer(house, found["answers"], store=store, **given)
    if store and (found["decision"], found["decided_revision"]) != (answer.id, found["revision"]):
        with house.database.writing() as session:
            projects.remember(session, project, found["revision"], answer.id)
    return answer


# --- What is read ----------------------------------------------------------------------------------------------------


def _require_id(project: str) -> None:
    if not is_id(project):
        raise Missing("project", project[:60])


def _brief(stored: Stored) -> Brief:
    head, at = stored.head, stored.at
    return {
        "id": head.id,
        "name": at.name,
        "revision": at.revision,
        "created_at": head.created_at.isoformat(),
        "updated_at": at.saved_at.isoformat(),
        "decision": head.decision,
    }


def _project(stored: Stored) -> Project:
    head, at = stored.head, stored.at
    content = json.loads(at.content)
    return {
        "id": head.id,
        "name": at.name,
        "answers": content["answers"],
        "hardware": content["hardware"],
        "asked": content["asked"],
        "revision": at.revision,
        "newest": head.newest,
        "created_at": head.created_at.isoformat(),
        "updated_at": at.saved_at.isoformat(),
        "decision": head.decision,
        "decided_revision": head.decided_revision,
    }


def _past(at: Revision) -> Past:
    answers = json.loads(at.content)["answers"]
    unknown = sum(value is None for value in answers.values())
    return {
        "revision": at.revision,
        "saved_at": at.saved_at.isoformat(),
        "name": at.name,
        "answered": len(answers) - unknown,
        "dont_know": unknown,
    }
