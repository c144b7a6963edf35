"""`/v1/rule-of-thumb`: a small tree of questions, and how a project fares on it beside what the engine says."""

from fastapi import APIRouter, Request, Response

from advisor import rule_of_thumb as use_case
from api.bodies import JsonBytes, json_object
from api.dependencies import NO_QUERY, HouseDep
from api.reading import ReaderDep, encode, settled
from api.routes.recommendations import possible
from api.routes.responses import FOREVER, UNCHANGED, refuses, takes
from api.schemas.requests import understood
from api.schemas.rule_of_thumb import RuleOfThumb, Walked

router = APIRouter(dependencies=[NO_QUERY])


@router.get(
    "/rule-of-thumb",
    response_model=RuleOfThumb,
    responses=UNCHANGED | refuses(422),
    tags=["questionnaire"],
    summary="The rule of thumb",
)
def rule_of_thumb(reader: ReaderDep) -> Response:
    """A few questions in the place of the questionnaire, for a first idea: a decision tree for each role, fitted to the
    engine's own answers to many plausible projects, with how often it is right and where it goes wrong.

    That of the shipped release comes at once; that of another release is fitted when it is first asked for, which takes
    some seconds. House policies are not part of it.
    """
    return reader.one(lambda release: use_case.document(reader.house, release))


@router.post(
    "/rule-of-thumb",
    response_model=Walked,
    responses=refuses(400, 413, 415, 422),
    openapi_extra=takes({"$ref": "#/components/schemas/RecommendationIn"}),
    tags=["questionnaire"],
    summary="Walk the rule of thumb",
)
def walk_rule_of_thumb(house: HouseDep, body: JsonBytes) -> Response:
    """Takes what a recommendation takes, and says which questions of the tree the project meets, what the tree says,
    what the engine says, and which answers make the difference where they differ. Nothing is stored.
    """
    asked = understood(house, json_object(body))
    return Response(encode(use_case.for_answers(house, asked.answers, **asked.asked())), media_type="application/json")


@router.get(
    "/recommendations/{recommendation}/rule-of-thumb",
    response_model=Walked,
    responses=FOREVER | refuses(404, 422),
    tags=["recommendations"],
    summary="What the rule of thumb would have said",
)
def rule_of_thumb_beside(request: Request, house: HouseDep, recommendation: str) -> Response:
    """The same for a recorded recommendation, from the release that it was made from."""
    return settled(request, encode(use_case.for_decision(house, possible(recommendation))))
