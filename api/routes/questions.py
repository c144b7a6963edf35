"""`/v1/questions`: the questionnaire of the active release."""

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from pydantic import Field

from advisor import knowledge
from api.reading import MAX_LIMIT, ListQuery, ReaderDep
from api.routes.responses import UNCHANGED, refuses
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
