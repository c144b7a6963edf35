"""The rows of a portfolio that is done: what goes out."""

from typing import Annotated, Any

from api.schemas.base import Out, RoleName, Share, told
from api.schemas.boards import Board, FrameworkId, FrameworkIds, RowNumber
from api.schemas.knowledge import Next


class PlaceOut(Out):
    """A place of a ranking."""

    framework: FrameworkId
    score: Share


class LeftOut(Out):
    """What is excluded."""

    framework: FrameworkId
    gate: Annotated[str, told("The first gate in its way.")]
    why: Annotated[str, told("The same in words.")]


class RowRole(Out):
    """What was answered in one role."""

    ranking: Annotated[list[PlaceOut], told("The first places, as many as were asked for.")]
    confidence: Annotated[Share | None, told("The probability that the first beats the second.")]
    margin: Annotated[float | None, told("By how much it is ahead.")]
    tied: FrameworkIds
    reasons: Annotated[list[str], told("What speaks most for the first.")]
    excluded: Annotated[list[LeftOut], told("What gates exclude.")]


class RowOut(Out):
    """A row that was scored."""

    row: RowNumber
    id: Annotated[str | None, told("Its id, where it has one.")]
    name: Annotated[str | None, told("Its name, where it has one.")]
    weight: Annotated[
        float | None, told("How much it counts for the board, as its file says; null where the file has no weights.")
    ]
    stage: Annotated[str | None, told("Its answer to `stage`.")]
    deploy_targets: Annotated[list[str] | None, told("Its answer to `deploy_targets`.")]
    existing_code: Annotated[list[str] | None, told("Its answer to `existing_code`.")]
    roles: Annotated[dict[RoleName, RowRole], told("By the roles that it calls for.")]
    runtime_needed: Annotated[
        bool | None, told("False where every target is reached without a runtime; null where none is called for.")
    ]
    stack: Annotated[str | None, told("The way to each target.")]


class OneRow(RowOut):
    """One row with all that it answers."""

    portfolio: Annotated[str, told("The portfolio that it is in.")]
    release: Annotated[str, told("The id of the release that answered.")]
    answers: Annotated[dict[str, Any], told("Its answers, as `POST /v1/recommendations` takes them.")]


class Rows(Board):
    """A page of rows, in their order; it may hold fewer than the limit and still have a next one."""

    items: Annotated[list[RowOut], told("The rows.")]
    next: Next
