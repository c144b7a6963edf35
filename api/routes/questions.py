"""`/v1/questions`: the questionnaire of the active release, whole or one question at a time."""

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from pydantic import Field

from advisor import interview, knowledge
from api.bodies import JsonBytes, json_object
from api.dependencies import NO_QUERY, HouseDep
from api.reading import MAX_LIMIT, ListQuery, ReaderDep, encode
from api.routes.responses import UNCHANGED, refuses, takes
from api.schemas import requests
from api.schemas.interview import NextQuestion
from api.schemas.questionnaire import Questions

router = APIRouter(tags=["questionnaire"])


class QuestionsQuery(ListQuery):
    """A questionnaire is wanted whole: its page holds all questions unless fewer are asked for."""

    limit: Annotated[int, Field(ge=1, le=MAX_LIMIT, description="Most questions on a page.")] = MAX_LIMIT


@router.get("/questions", response_model=Questions, responses=UNCHANGED | refuses(422), summary="The questionnaire")
def questions(asked: Annotated[QuestionsQuery, Query()], reader: ReaderDep) -> Response:
    """Every question with text, help, options and why it is asked, in the order they are asked. None is compulsory."""

    def part(name: str) -> Callable[[str], Any]:
        return lambda release: knowledge.questionnaire(reader.house, release)[name]

    return reader.page(
        asked,
        lambda release: knowledge.questionnaire(reader.house, release)["questions"],
        extra={"groups": part("groups"), "contradictions": part("contradictions")},
    )


@router.post(
    "/questions/next",
    response_model=NextQuestion,
    responses=refuses(400, 413, 415, 422),
    dependencies=[NO_QUERY],
    openapi_extra=takes({"$ref": "#/components/schemas/NextQuestionIn"}),
    summary="What to ask next",
)
def next_question(house: HouseDep, body: JsonBytes) -> Response:
    """The open question whose answer is expected to settle the most, why, what each answer could do, and the ranking as
    it stands; or why nothing must be asked any more. A person can always go on with what `remaining` lists.

    An answer of null means "don't know": it is not asked again. Nothing is stored; send all answers each time.
    """
    asked = requests.next_question(house, json_object(body))
    found = interview.next_question(house, asked.answers, asked.hardware, asked.roles, policy=asked.policy)
    return Response(encode(found), media_type="application/json")
