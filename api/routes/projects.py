"""`/v1/projects`: requirements that are kept under a link, with every revision, and recommendations for them.

The address of a project is all that it takes to read and change it, so nothing here ever names one that was not asked
for by its whole id, but for the list, which the operator may switch off.
"""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException

from advisor import projects
from api.bodies import JsonBytes, json_object
from api.dependencies import EACH_KEY_ONCE, NO_QUERY, HouseDep
from api.reading import ListAsked, bad_cursor, encode, mark, matches, sealed, tag_of, unmet, unsealed
from api.routes.recommendations import CREATED as RECOMMENDED
from api.routes.responses import TAG, Responses, refuses, takes
from api.schemas.decision import Decision
from api.schemas.projects import MAX_REVISION, Project, ProjectIn, Projects, RevisionIn, Revisions
from api.schemas.requests import options, whole

router = APIRouter(prefix="/projects", tags=["projects"])

LOCATION = {"schema": {"type": "string"}, "description": "Its address: the link to keep."}
CREATED: Responses = {201: {"description": "It is stored.", "headers": {"Location": LOCATION, "ETag": TAG}}}
TAGGED: Responses = {200: {"headers": {"ETag": TAG}}}
SEEN: Responses = {**TAGGED, 304: {"description": "The caller holds it already (If-None-Match)."}}
PRIVATE = {"Cache-Control": "private, no-cache"}  # the address is a secret that no shared cache should hold
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
    responses=CREATED | refuses(400, 413, 415, 422),
    dependencies=[NO_QUERY],
    openapi_extra=takes({"$ref": "#/components/schemas/ProjectIn"}),
    summary="Store a project",
)
def create_project(request: Request, house: HouseDep, body: JsonBytes) -> Response:
    """Stores what is known of a project as its first revision, under a new id that nobody can guess.

    Answers may be incomplete. All faults are listed at once, and nothing is stored then.
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
    dependencies=[EACH_KEY_ONCE],
    summary="All projects",
)
def list_projects(request: Request, house: HouseDep, asked: ListAsked) -> Response:
    """Every stored project without its answers, the last created first; 403 where the service does not list them."""
    if not house.list_projects:
        raise HTTPException(403, "This service does not list its projects; each is found by its link.")
    match _place(request, asked.cursor):
        case []:
            after = None
        case [str(at), str(last)]:
            after = at, last
        case _:
            raise bad_cursor(asked.cursor)
    try:
        page = projects.listing(house, asked.limit, after)
    except ValueError:
        raise bad_cursor(asked.cursor) from None
    following = sealed([*page.next, mark(request)]) if page.next else None
    return _seen(request, {"items": page.items, "next": following})


@router.get(
    "/{project}",
    response_model=Project,
    responses=SEEN | refuses(404, 422),
    dependencies=[EACH_KEY_ONCE],
    summary="One project",
)
def read_project(request: Request, house: HouseDep, project: str, at: Annotated[At, Query()]) -> Response:
    """A project at its newest revision, or at one of those that are kept."""
    return _seen(request, projects.get(house, project, at.revision))


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
    dependencies=[EACH_KEY_ONCE],
    summary="What a project said before",
)
def project_revisions(request: Request, house: HouseDep, project: str, asked: ListAsked) -> Response:
    """The revisions that are kept, the newest first, without their answers; `revision` of the project's address has one
    in full.
    """
    match _place(request, asked.cursor):
        case []:
            before = None
        case [int(before)] if 1 < before <= MAX_REVISION:
            pass
        case _:
            raise bad_cursor(asked.cursor)
    found = projects.revisions(house, project, asked.limit + 1, before)
    shown = found[: asked.limit]
    following = sealed([shown[-1]["revision"], mark(request)]) if len(found) > len(shown) else None
    return _seen(request, {"items": shown, "next": following})


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


def _place(request: Request, cursor: str | None) -> list[Any]:
    """The place in its list that a cursor leads to; empty for the first page.

    Raises:
        InvalidInput: it is a cursor of another list, or none.
    """
    if cursor is None:
        return []
    match unsealed(cursor):
        case [*place, str(of)] if of == mark(request):
            return place
    raise bad_cursor(cursor)


def _tagged(document: Mapping[str, Any], status: int) -> Response:
    body = encode(document)
    return Response(body, status, {"ETag": tag_of(body), **PRIVATE}, media_type="application/json")


def _seen(request: Request, document: Mapping[str, Any]) -> Response:
    """What there is to read, or 304 where the caller holds it."""
    found = _tagged(document, 200)
    if matches(request, found.headers["ETag"]):
        return Response(status_code=304, headers={"ETag": found.headers["ETag"], **PRIVATE})
    return found


def _require_match(request: Request, held: Mapping[str, Any]) -> None:
    if unmet(request, tag_of(encode(held))):
        raise HTTPException(412, "The project has changed since the ETag sent as If-Match was given; read it again.")


def _without(given: Mapping[str, Any], part: str) -> dict[str, Any]:
    return {key: value for key, value in given.items() if key != part}
