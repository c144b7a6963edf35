"""What a board is told of a portfolio that is done: counted once, in the background, and kept with it.

Where that takes longer than a caller should wait, the answer is 503 with `Retry-After`; the work goes on.
"""

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from advisor import portfolio_again, portfolio_views, portfolio_weights, portfolios
from advisor.errors import Fault, InvalidInput
from advisor.portfolio_sources import receiving
from advisor.portfolio_views import Filters
from api import uploads
from api.dependencies import EACH_KEY_ONCE, NO_QUERY, HouseDep
from api.reading import CURSOR_EXPECTED, ListQuery, encode, settled
from api.routes.portfolios import CREATED, JSON, SEEN, private
from api.routes.responses import Responses, refuses
from api.schemas import boards as shapes
from api.schemas.base import RoleName
from api.schemas.board_drift import DriftOut
from api.schemas.board_rows import OneRow, Rows
from api.schemas.portfolios import PortfolioOut
from rules.faults import shown

router = APIRouter(prefix="/portfolios", tags=["portfolios"])

TOLD = SEEN | refuses(404, 409, 422, 507)
CSV = "text/csv"
WEIGHED: Responses = {204: {"description": "It holds from now on."}}
DIGITS = 12  # of a cursor


class RoleQuery(BaseModel):
    """Of which role."""

    model_config = ConfigDict(extra="forbid")

    role: Annotated[RoleName, Field(description="The role to tell of.")] = "training"


class SetsQuery(RoleQuery):
    """Of which role, and how many frameworks."""

    k: Annotated[int, Field(ge=1, le=30, description="The greatest number of frameworks.")] = 8


class RowsQuery(ListQuery):
    """Which rows; what is left out does not narrow."""

    role: Annotated[RoleName, Field(description="Whose first place and confidence are meant.")] = "training"
    first: Annotated[str | None, Field(description="What comes first, by id; `none` where nothing does.")] = None
    stage: Annotated[str | None, Field(description="The answer to `stage`.")] = None
    target: Annotated[str | None, Field(description="One of the answers to `deploy_targets`.")] = None
    present: Annotated[str | None, Field(description="One of the answers to `existing_code`.")] = None
    confidence_from: Annotated[float | None, Field(ge=0, le=1, description="The least confidence.")] = None
    confidence_below: Annotated[float | None, Field(ge=0, le=1, description="Less confidence than this.")] = None


class AgainQuery(BaseModel):
    """From which release, and under which name."""

    model_config = ConfigDict(extra="forbid")

    release: Annotated[str | None, Field(description="The id of a release. Without one, the active one.")] = None
    name: Annotated[
        str | None, Field(description="What the new one is called; as the old one, with the time, if left out.")
    ] = None


RoleAsked = Annotated[RoleQuery, Query()]


def _told(request: Request, found: object) -> Response:
    return private(settled(request, encode(found)))


def _view(request: Request, view: Callable[..., dict[str, Any]], *asked: object) -> Response:
    return _told(request, view(*asked))


# --- What is counted -------------------------------------------------------------------------------------------------


@router.get(
    "/{portfolio}/summary",
    response_model=shapes.SummaryOut,
    responses=TOLD,
    dependencies=[EACH_KEY_ONCE],
    summary="What comes first in a portfolio",
)
def portfolio_summary(request: Request, house: HouseDep, portfolio: str, asked: RoleAsked) -> Response:
    """What comes first in a role, for how many projects, how clearly, and by stage and deployment target.

    409 until the portfolio is done; 503 with `Retry-After` while the answer is worked out for longer than a caller
    should wait. It is kept with the portfolio.
    """
    return _view(request, portfolio_views.summary, house, portfolio, asked.role)


@router.get(
    "/{portfolio}/consolidation",
    response_model=shapes.ConsolidationOut,
    responses=TOLD,
    dependencies=[EACH_KEY_ONCE],
    summary="The few frameworks that serve a portfolio",
)
def portfolio_consolidation(
    request: Request, house: HouseDep, portfolio: str, asked: Annotated[SetsQuery, Query()]
) -> Response:
    """For k = 1, 2, 3 ...: the k frameworks that leave the fewest projects out and lose the least score, whom they
    hurt, and whether no other set is better. Answers as `/summary` does while it is not done.
    """
    return _view(request, portfolio_views.consolidation, house, portfolio, asked.role, asked.k)


@router.get(
    "/{portfolio}/movers",
    response_model=shapes.MoversOut,
    responses=TOLD,
    dependencies=[EACH_KEY_ONCE],
    summary="Who should move",
)
def portfolio_movers(request: Request, house: HouseDep, portfolio: str, asked: RoleAsked) -> Response:
    """Which projects should leave the framework that their code depends on, which have to, and what that brings and
    costs. A move is recommended only where it pays with the probability that ties need.
    """
    return _view(request, portfolio_views.movers, house, portfolio, asked.role)


@router.get(
    "/{portfolio}/risk",
    response_model=shapes.RiskOut,
    responses=TOLD,
    dependencies=[EACH_KEY_ONCE],
    summary="What a portfolio stands on that may give way",
)
def portfolio_risk(request: Request, house: HouseDep, portfolio: str, asked: RoleAsked) -> Response:
    """Ends of life, vendors and licences of what the code depends on and of what comes first, from facts on file with
    their evidence; what is unknown is told as unknown.
    """
    return _view(request, portfolio_views.risk, house, portfolio, asked.role)


@router.get(
    "/{portfolio}/groups",
    response_model=shapes.GroupsOut,
    responses=TOLD,
    dependencies=[EACH_KEY_ONCE],
    summary="Groups of like projects",
)
def portfolio_groups(request: Request, house: HouseDep, portfolio: str, asked: RoleAsked) -> Response:
    """Groups of projects that answer alike, in words; none where they do not come back or are no more than chance."""
    return _view(request, portfolio_views.groups, house, portfolio, asked.role)


@router.get(
    "/{portfolio}/sensitivity",
    response_model=shapes.SensitivityOut,
    responses=TOLD,
    dependencies=[EACH_KEY_ONCE],
    summary="How far the best few frameworks hang on the evidence",
)
def portfolio_sensitivity(request: Request, house: HouseDep, portfolio: str, asked: RoleAsked) -> Response:
    """How often each set stays the best when grades and weights are drawn, and which pieces of evidence turn it."""
    return _view(request, portfolio_views.sensitivity, house, portfolio, asked.role)


@router.get(
    "/{before}/drift/{after}",
    response_model=DriftOut,
    responses=TOLD,
    dependencies=[EACH_KEY_ONCE],
    summary="What changed between two portfolios of the same projects",
)
def portfolio_drift(request: Request, house: HouseDep, before: str, after: str, asked: RoleAsked) -> Response:
    """What comes first otherwise and why (the gate, grade or rule that does it), who is excluded otherwise, and which
    ways to targets changed. Both are of the same projects on the same machine, as `POST /rescore` makes them; 422 for
    others.
    """
    return _view(request, portfolio_views.drift, house, before, after, asked.role)


# --- Rows ------------------------------------------------------------------------------------------------------------


@router.get(
    "/{portfolio}/rows",
    response_model=Rows,
    responses=TOLD,
    dependencies=[EACH_KEY_ONCE],
    summary="The rows of a portfolio",
)
def portfolio_rows(request: Request, house: HouseDep, portfolio: str, asked: Annotated[RowsQuery, Query()]) -> Response:
    """The rows that were scored, in their order, narrowed by what came first, stage, target, present framework and
    confidence. A page goes through a million rows at most: it may hold fewer than the limit and still have a next one.
    """
    filters: Filters = {
        "role": asked.role,
        "first": asked.first,
        "stage": asked.stage,
        "target": asked.target,
        "present": asked.present,
        "confidence_from": asked.confidence_from,
        "confidence_below": asked.confidence_below,
    }
    found = portfolio_views.rows(house, portfolio, filters, _after(asked.cursor), asked.limit)
    following = found["next"]
    return _told(request, {**found, "next": None if following is None else str(following)})


def _after(cursor: str | None) -> int | None:
    if cursor is None:
        return None
    if not (cursor.isascii() and cursor.isdigit() and len(cursor) <= DIGITS):
        raise InvalidInput([Fault("cursor", shown(cursor), CURSOR_EXPECTED)])
    return int(cursor)


@router.get(
    "/{portfolio}/rows/{number}",
    response_model=OneRow,
    responses=TOLD,
    dependencies=[NO_QUERY],
    summary="One row of a portfolio",
)
def portfolio_row(request: Request, house: HouseDep, portfolio: str, number: int) -> Response:
    """What one row answers, by its number among the data rows from 1, and what was answered to it; 404 for a bad row.

    `POST /v1/recommendations` decides its answers in full.
    """
    return _told(request, portfolio_views.row(house, portfolio, number))


# --- How much each project counts ------------------------------------------------------------------------------------


@router.put(
    "/{portfolio}/weights",
    status_code=204,
    response_class=Response,
    responses=WEIGHED | refuses(400, 404, 408, 409, 413, 415, 422, 507),
    dependencies=[NO_QUERY],
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {CSV: {"schema": {"type": "string"}, "example": "id,weight\nshop-7,120000\nrow 2,8500\n"}},
        }
    },
    summary="Say how much each project counts",
)
async def weigh_portfolio(request: Request, house: HouseDep, portfolio: str) -> Response:
    """CSV with the columns `id` and `weight`, a line for each project that was scored; `row N` stands for the id of one
    that has none. What a board is told goes by it from then on, in place of a column of weights; scores stay.
    """
    if uploads.kind_of(request) != CSV:
        raise HTTPException(415, f"Content-Type is expected to be {CSV}.")
    with receiving(portfolios.room_of(house), portfolios.WEIGHTS, None) as upload:
        await uploads.receive(request, upload)
        upload.end()
        await run_in_threadpool(portfolio_weights.keep, house, portfolio, upload.path)
    return Response(status_code=204)


@router.delete(
    "/{portfolio}/weights",
    status_code=204,
    response_class=Response,
    responses=WEIGHED | refuses(404, 422),
    dependencies=[NO_QUERY],
    summary="Take the weights away",
)
def level_portfolio(house: HouseDep, portfolio: str) -> Response:
    """Takes these weights away: a column of weights counts again where the file has one."""
    portfolio_weights.forget(house, portfolio)
    return Response(status_code=204)


# --- Again -----------------------------------------------------------------------------------------------------------


@router.post(
    "/{portfolio}/rescore",
    status_code=201,
    response_model=PortfolioOut,
    responses=CREATED | refuses(404, 409, 422, 507),
    dependencies=[EACH_KEY_ONCE],
    summary="Have the same projects scored again",
)
def rescore_portfolio(
    request: Request, house: HouseDep, portfolio: str, asked: Annotated[AgainQuery, Query()]
) -> Response:
    """Queues a new portfolio of the same projects, asked in the same way of the release that is active now, or of
    another one; `/drift` tells what changed when it is done. The old one stays, and may go without harm to the new one.
    """
    made = portfolio_again.rescore(house, portfolio, asked.release, asked.name)
    found = private(Response(encode(made), 201, media_type=JSON))
    found.headers["Location"] = f"{request.url.path.rsplit('/', 2)[0]}/{made['id']}"
    return found
