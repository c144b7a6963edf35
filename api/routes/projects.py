"""`/v1/projects`: requirements that are kept under a link, with every revision, and recommendations for them.

The address of a project is all that it takes to read and change it, so nothing here ever names one that was not asked
for by its whole id, but for the list, which the operator may switch off.
"""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException

from advisor import projects
from advisor.errors import Fault, InvalidInput
from advisor.projects import Brief, Past
from api.bodies import JsonBytes, json_object
from api.dependencies import EACH_KEY_ONCE, NO_QUERY, HouseDep
from api.reading import CURSOR_EXPECTED, ListAsked, Place, ReaderDep, encode, settled, tag_of, unmet
from api.routes.recommendations import CREATED as RECOMMENDED
from api.routes.responses import TAG, Responses, refuses, takes
from api.schemas.decision import Decision
from api.schemas.projects import MAX_REVISION, Project, ProjectIn, Projects, RevisionIn, Revisions
from api.schemas.requests import options, whole
from rules.faults import shown

router = APIRouter(prefix="/projects", tags=["projects"])

_NUMBER = re.compile(r"[1-9][0-9]{0,8}")
LOCATION = {"schema": {"type": "string"}, "description": "Its address: the link to keep."}
CREATED: Responses = {201: {"description": "It is stored.", "headers": {"Location": LOCATION, "ETag": TAG}}}
TAGGED: Responses = {200: {"headers": {"ETag": TAG}}}
SEEN: Responses = {**TAGGED, 304: {"description": "The caller holds it already (If-None-Match)."}}
GONE: Responses = {204: {"description": "It is gone, with all its revisions."}}


class At(BaseModel):
    """Which revision of a project."""

    model_config = ConfigDict(extra="forbid")

    revision: Annotated[
        int | None, Field(ge=1, le=MAX_REVISION, description="The number of a revision; none: the newest.")
    ] = None


@router.post(
    "",
    status_code=201,
    response_model=Project,
    responses=CREATED | refuses(400, 409, 413, 415, 422),
    dependencies=[NO_QUERY],
    openapi_extra=takes({"$ref": "#/components/schemas/ProjectIn"}),
    summary="Store a project",
)
def create_project(request: Request, house: HouseDep, body: JsonBytes) -> Response:
    """Stores what is known of a project as its first revision, under a new id that nobody can guess.

    Answers may be incomplete. All faults are listed at once, and nothing is stored then. Nor is it where as many
    projects are stored as `STEELYARD_MAX_PROJECTS` says (`409`): none gives way by itself.
    """
    given = whole(ProjectIn, json_object(body), lambda sound: projects.check(house, **sound))
    made = projects.create(house, given.name, given.answers, given.hardware, given.asked)
    found = _tagged(made, 201)
    found.headers["Location"] = f"{request.url.path}/{made['id']}"
    return found


@router.get(
    "",
    response_model=Projects,
    responses=SEEN | refuses(403, 422),
    summary="All projects",
)
def list_projects(house: HouseDep, asked: ListAsked, reader: ReaderDep) -> Response:
    """Every stored project without its answers, the last created first; 403 where the service does not list them."""
    if not house.list_projects:
        raise HTTPException(403, "This service does not list its projects; each is found by its link.")

    def rows(after: Place | None, most: int) -> list[tuple[Place, Brief]]:
        found = projects.listing(house, after, most)
        return [((datetime.fromisoformat(each["created_at"]), each["id"]), each) for each in found]

    return _private(reader.newest(asked, rows))


@router.get(
    "/{project}",
    response_model=Project,
    responses=SEEN | refuses(404, 422),
    dependencies=[EACH_KEY_ONCE],
    summary="One project",
)
def read_project(request: Request, house: HouseDep, project: str, at: Annotated[At, Query()]) -> Response:
    """A project at its newest revision, or at one of those that are kept."""
    return _private(settled(request, encode(projects.get(house, project, at.revision))))


@router.patch(
    "/{project}",
    response_model=Project,
    responses=TAGGED | refuses(400, 404, 409, 412, 413, 415, 422),
    dependencies=[NO_QUERY],
    openapi_extra=takes({"$ref": "#/components/schemas/RevisionIn"}),
    summary="Change a project",
)
def revise_project(request: Request, house: HouseDep, project: str, body: JsonBytes) -> Response:
    """Saves what changes as the next revision. `answers` replaces all answers, and null in it means "don't know".

    Where another revision than the one that the change was written for is the newest by now, nothing is saved (409).
    What changes nothing saves nothing. `If-Match` may be sent too (412).
    """
    held = projects.get(house, project)
    given = whole(RevisionIn, json_object(body), lambda sound: projects.check(house, **_without(sound, "revision")))
    _require_match(request, held)
    return _tagged(projects.revise(house, project, given.revision, **given.changes()), 200)


@router.delete(
    "/{project}",
    status_code=204,
    response_class=Response,
    responses=GONE | refuses(404, 409, 412, 422),
    dependencies=[NO_QUERY],
    summary="Take a project away",
)
def delete_project(request: Request, house: HouseDep, project: str) -> Response:
    """Takes a project away with all its revisions; recommendations that were made for it stay recorded.

    With `If-Match` only where it is still the version that was read (412).
    """
    held = projects.get(house, project)
    _require_match(request, held)
    projects.remove(house, project, held["revision"] if "if-match" in request.headers else None)
    return Response(status_code=204)


@router.get(
    "/{project}/revisions",
    response_model=Revisions,
    responses=SEEN | refuses(404, 422),
    summary="What a project said before",
)
def project_revisions(house: HouseDep, project: str, asked: ListAsked, reader: ReaderDep) -> Response:
    """The revisions that are kept, the newest first, without their answers; `revision` of the project's address has one
    in full.
    """

    def rows(after: Place | None, most: int) -> list[tuple[Place, Past]]:
        if after is not None and not _NUMBER.fullmatch(after[1]):
            raise InvalidInput([Fault("cursor", shown(asked.cursor), CURSOR_EXPECTED)])
        found = projects.revisions(house, project, int(after[1]) if after else None, most)
        return [((datetime.fromisoformat(each["saved_at"]), str(each["revision"])), each) for each in found]

    return _private(reader.newest(asked, rows))


@router.post(
    "/{project}/recommendations",
    status_code=201,
    response_model=Decision,
    responses=RECOMMENDED | refuses(400, 404, 409, 413, 415, 422),
    dependencies=[NO_QUERY],
    openapi_extra=takes({"$ref": "#/components/schemas/OptionsIn"}),
    summary="Ask for a recommendation for a project",
)
def recommend_project(house: HouseDep, project: str, body: JsonBytes) -> Response:
    """Ranks the alternatives for a project as its newest revision describes it; the body says how to answer.

    The hardware is the project's unless the body names another, or null for none. The project remembers the last
    recommendation that was stored.
    """
    found = projects.get(house, project)
    given = options(house, json_object(body), found["answers"], found["hardware"])
    asked = given.asked()
    if "hardware" not in given.model_fields_set:
        del asked["hardware_from"]
    answer = projects.recommend(house, project, store=given.store, **asked)
    headers = {"Location": f"/v1/recommendations/{answer.id}"} if given.store else None
    return Response(answer.text, 201 if given.store else 200, headers, media_type="application/json")


def _tagged(document: Mapping[str, Any], status: int) -> Response:
    body = encode(document)
    return _private(Response(body, status, {"ETag": tag_of(body)}, media_type="application/json"))


def _private(found: Response) -> Response:
    """An answer that no shared cache should hold: its address is a secret."""
    found.headers["Cache-Control"] = "private, no-cache"
    return found


def _require_match(request: Request, held: Mapping[str, Any]) -> None:
    if unmet(request, tag_of(encode(held))):
        raise HTTPException(412, "The project has changed since the ETag sent as If-Match was given; read it again.")


def _without(given: Mapping[str, Any], part: str) -> dict[str, Any]:
    return {key: value for key, value in given.items() if key != part}
