"""`/v1/recommendations`: ask for a recommendation, read it again, replay it; what else it is asked is in `questioning`.

Recorded decisions are given as the bytes that were recorded.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from fastapi import APIRouter, Request, Response

from advisor import recommend
from advisor.errors import InvalidInput, Missing
from api.bodies import JsonBytes, json_object
from api.dependencies import NO_QUERY, HouseDep
from api.problems import NotFound
from api.reading import encode, matches
from api.routes.responses import FOREVER, Responses, refuses, takes
from api.schemas.decision import Decision
from api.schemas.questioning import Replay
from api.schemas.requests import RecommendationIn, understood

router = APIRouter(prefix="/recommendations", tags=["recommendations"], dependencies=[NO_QUERY])

LONGEST_ID = 40
CREATED: Responses = {
    201: {
        "description": "The recommendation, stored.",
        "headers": {"Location": {"schema": {"type": "string"}, "description": "Where it can be read again."}},
    },
    200: {"model": Decision, "description": "The recommendation, not stored (`store` was false)."},
}


@router.post(
    "",
    status_code=201,
    response_model=Decision,
    responses=CREATED | refuses(400, 409, 413, 415, 422),
    openapi_extra=takes({"$ref": "#/components/schemas/RecommendationIn"}),
    summary="Ask for a recommendation",
)
def create_recommendation(request: Request, house: HouseDep, body: JsonBytes) -> Response:
    """Ranks the alternatives for a project, with every reason, exclusion and path.

    The same answers, hardware, preferences, policies, draws and release give the same recommendation under the same id.
    All faults of a request are listed at once, and nothing is stored then.
    """
    asked = understood(house, json_object(body))
    given = recommend.answer(house, asked.answers, store=asked.store, **asked.asked())
    headers = {"Location": f"{request.url.path}/{given.id}"} if asked.store else None
    return Response(given.text, 201 if asked.store else 200, headers, media_type="application/json")


@router.get(
    "/{recommendation}",
    response_model=Decision,
    responses=FOREVER | refuses(404, 422),
    summary="Read a recommendation",
)
def get_recommendation(request: Request, house: HouseDep, recommendation: str) -> Response:
    """The recommendation as it was recorded, byte for byte."""
    text = recorded(house, recommendation)
    headers = {"ETag": f'"{recommendation}"', "Cache-Control": "no-cache"}
    if matches(request, headers["ETag"]):
        return Response(status_code=304, headers=headers)
    return Response(text, headers=headers, media_type="application/json")


@router.post(
    "/{recommendation}/replay",
    response_model=Replay,
    responses=refuses(404, 422),
    summary="Decide again and compare",
)
def replay(house: HouseDep, recommendation: str) -> Response:
    """Decides again from the recorded release and inputs, and says whether the result is the same."""
    return Response(encode(recommend.replay(house, possible(recommendation))), media_type="application/json")


def recorded(house: HouseDep, recommendation: str) -> str:
    """The text of a recorded recommendation.

    Raises:
        Missing: there is none.
    """
    return recommend.find(house, possible(recommendation))


def possible(name: str, kind: str = "recommendation", longest: int = LONGEST_ID) -> str:
    """The id itself, where such a one can exist.

    Raises:
        Missing: it cannot, and is not looked up.
    """
    if not (name.isascii() and name.isprintable() and len(name) <= longest):
        raise Missing(kind, name[:longest])
    return name


@contextmanager
def as_not_found() -> Iterator[None]:
    """A fault in what the address names is a 404, not a fault of the body."""
    try:
        yield
    except InvalidInput as invalid:
        if all(fault.path == "recommendation" for fault in invalid.faults):  # it is there, but of an older engine
            raise
        raise NotFound(invalid.faults) from invalid


__all__ = ["RecommendationIn", "as_not_found", "possible", "recorded", "router"]
