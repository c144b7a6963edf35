"""`/v1/portfolios`: files of projects, scored in the background; taken in, followed, stopped, gone on with, fetched.

As with projects, the address of a portfolio is all that it takes to read, stop and take it away.
"""

import asyncio
import re
import time
from collections.abc import AsyncIterator, Iterable
from datetime import datetime
from typing import Annotated, Any, TypeVar

from fastapi import APIRouter, Depends, Header, Query, Request, Response
from fastapi.responses import FileResponse
from fastapi.sse import EventSourceResponse, ServerSentEvent
from pydantic import ValidationError
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from advisor import portfolios
from advisor.errors import InvalidInput, Missing
from advisor.portfolio_specs import Wanted
from advisor.portfolios import Seen
from api import uploads
from api.bodies import json_object
from api.dependencies import EACH_KEY_ONCE, NO_QUERY, HouseDep
from api.faults import from_errors
from api.reading import ListAsked, Place, ReaderDep, encode, settled
from api.routes.responses import Responses, refuses
from api.schemas.portfolios import (
    ErrorsQuery,
    PortfolioIn,
    PortfolioOptions,
    PortfolioOut,
    Portfolios,
    ResultsQuery,
    UploadQuery,
)
from api.watching import AGAIN_S, LATER_S, LONGEST_S, SeatDep

router = APIRouter(prefix="/portfolios", tags=["portfolios"])

POLL_S = 0.5
_EVENT = re.compile(r"[0-9]{1,18}")
M = TypeVar("M", bound=PortfolioOptions)
JSON = "application/json"
MEDIA: dict[str, str] = {
    "parquet": "application/vnd.apache.parquet",
    "csv": "text/csv; charset=utf-8",
    "tsv": "text/tab-separated-values; charset=utf-8",
    "jsonl": "application/x-ndjson",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
LOCATION = {"schema": {"type": "string"}, "description": "Its address: the link to keep."}
CREATED: Responses = {201: {"description": "It is queued.", "headers": {"Location": LOCATION}}}
SEEN: Responses = {
    200: {"headers": {"ETag": {"schema": {"type": "string"}, "description": "Changes when the answer does."}}},
    304: {"description": "The caller holds it already (If-None-Match)."},
}
GONE: Responses = {204: {"description": "It is gone, with its results."}}


def _file(formats: Iterable[str]) -> Responses:
    kinds = {MEDIA[each].partition(";")[0]: {"schema": {"type": "string", "format": "binary"}} for each in formats}
    name = {"schema": {"type": "string"}, "description": "The name of a file for it."}
    return {200: {"description": "The file.", "content": kinds, "headers": {"Content-Disposition": name}}}


def _takes() -> dict[str, Any]:
    """The bodies of a request that takes a portfolio in."""
    options = {"type": "string", "contentMediaType": JSON, "description": "`PortfolioOptions` as a JSON text."}
    file = {"type": "string", "format": "binary"}
    parts = {"file": file, "options": options}
    form = {"schema": {"type": "object", "properties": parts, "required": ["file"]}}
    content = {JSON: {"schema": {"$ref": "#/components/schemas/PortfolioIn"}}, uploads.FORM: form}
    content |= {kind: {"schema": file} for kind in uploads.KINDS}
    return {"requestBody": {"required": True, "content": content}}


# --- Taking in -------------------------------------------------------------------------------------------------------


@router.post(
    "",
    status_code=201,
    response_model=PortfolioOut,
    responses=CREATED | refuses(400, 408, 409, 413, 415, 422, 507),
    dependencies=[EACH_KEY_ONCE],
    openapi_extra=_takes(),
    summary="Have a file of projects scored",
)
async def create_portfolio(request: Request, house: HouseDep, said: Annotated[UploadQuery, Query()]) -> Response:
    """Takes a file of projects in and scores it in the background; `/events` tells how far it is.

    The body is the file itself (CSV, TSV, JSON Lines, XLSX, Parquet), or a form with the parts `file` and `options`, or
    JSON that names stored projects or a file of the service. A file whose columns are not understood is refused with
    every fault; bad rows are not: they are told of in the errors when the others are scored.
    """
    kind = uploads.kind_of(request)
    if kind == JSON:
        made = await run_in_threadpool(_referred, house, await _bounded(request))
    elif kind == uploads.FORM:
        made = await _from_form(request, house, said)
    elif kind in uploads.KINDS:
        form = said.format or uploads.KINDS[kind]
        with portfolios.uploading(house, said.file, form) as upload:
            await uploads.receive(request, upload)
            made = await run_in_threadpool(portfolios.create, house, upload, {})
    else:
        known = ", ".join((JSON, uploads.FORM, *uploads.KINDS))
        raise HTTPException(415, f"Content-Type is expected to be one of: {known}.")
    found = private(Response(encode(made), 201, media_type=JSON))
    found.headers["Location"] = f"{request.url.path}/{made['id']}"
    return found


async def _from_form(request: Request, house: HouseDep, said: UploadQuery) -> Seen:
    async with uploads.Form(request, request.app.state.max_body_bytes) as form:
        options = _options(PortfolioOptions, json_object(form.options))
        with portfolios.uploading(house, said.file or form.name, said.format) as upload:
            async for piece in form.pieces():
                await uploads.add(upload, piece)
            return await run_in_threadpool(portfolios.create, house, upload, _wanted(options), options.name)


def _referred(house: HouseDep, body: bytes) -> Seen:
    given = _options(PortfolioIn, json_object(body))
    return portfolios.create_from(house, given.source, _wanted(given), given.name)


async def _bounded(request: Request) -> bytes:
    most: int = request.app.state.max_body_bytes
    held = bytearray()
    async for piece in request.stream():
        held += piece
        if len(held) > most:
            raise HTTPException(413, f"The body is larger than {most} bytes.")
    return bytes(held)


def _options(model: type[M], body: dict[str, Any]) -> M:
    try:
        return model.model_validate(body)
    except ValidationError as invalid:
        names = [field.alias or name for name, field in model.model_fields.items()]
        raise InvalidInput(from_errors(invalid.errors(include_url=False), names)) from None


def _wanted(given: PortfolioOptions) -> Wanted:
    return {
        "hardware_from": given.hardware,
        "policy": given.policy,
        "as_of": given.as_of,
        "release": given.release,
        "top": given.top,
        "more": given.more,
        "mapping": given.mapping,
        "columns": given.columns,
        "block_rows": given.block_rows,
    }


# --- Following -------------------------------------------------------------------------------------------------------


@router.get("", response_model=Portfolios, responses=SEEN | refuses(403, 422), summary="All portfolios")
def list_portfolios(house: HouseDep, asked: ListAsked, reader: ReaderDep) -> Response:
    """Every portfolio that is kept, the last created first; 403 where the service lists neither these nor projects."""
    if not house.list_projects:
        raise HTTPException(403, "This service does not list its portfolios; each is found by its link.")

    def rows(after: Place | None, most: int) -> list[tuple[Place, Seen]]:
        found = portfolios.listing(house, after, most)
        return [((datetime.fromisoformat(each["created_at"]), each["id"]), each) for each in found]

    return private(reader.newest(asked, rows))


@router.get(
    "/{portfolio}",
    response_model=PortfolioOut,
    responses=SEEN | refuses(404, 422),
    dependencies=[NO_QUERY],
    summary="One portfolio",
)
def read_portfolio(request: Request, house: HouseDep, portfolio: str) -> Response:
    """A portfolio as it stands."""
    return private(settled(request, encode(portfolios.get(house, portfolio))))


def _present(house: HouseDep, portfolio: str) -> Seen:
    return portfolios.get(house, portfolio)


@router.get(
    "/{portfolio}/events",
    response_class=EventSourceResponse,
    responses=refuses(404, 422),
    dependencies=[NO_QUERY],
    summary="How far it is, as it goes on",
)
async def portfolio_events(
    house: HouseDep,
    portfolio: str,
    now: Annotated[Seen, Depends(_present)],
    seated: SeatDep,
    last_event_id: Annotated[
        str | None, Header(description="The id of the last event that was seen; only later ones are told.")
    ] = None,
) -> AsyncIterator[ServerSentEvent]:
    """Server-sent events named by the portfolio's state, each with all of it as JSON; the last one tells of its end.

    Each event stands for itself, so that one who was away needs the latest only: what a browser's `EventSource` sends
    as `Last-Event-ID` when it connects again is understood. The stream ends after ten minutes, and at once where
    too many are listening; `retry` says when to connect again.
    """
    over = time.monotonic() + (LONGEST_S if seated else 0)
    retry = 1000 * (AGAIN_S if seated else LATER_S)
    told = int(last_event_id) if last_event_id and _EVENT.fullmatch(last_event_id) else 0
    while True:
        if now["changed"] > told or (portfolios.has_ended(now) and now["changed"] != told):
            told = now["changed"]
            yield ServerSentEvent(data=now, event=now["state"], id=str(told), retry=retry)
        if portfolios.has_ended(now):
            return
        if time.monotonic() >= over:
            yield ServerSentEvent(retry=retry)  # also to him who knew all there was to tell
            return
        await asyncio.sleep(POLL_S)
        try:
            now = await run_in_threadpool(portfolios.get, house, portfolio)
        except Missing:  # it was taken away meanwhile
            yield ServerSentEvent(data={"id": portfolio}, event="gone")
            return


@router.get(
    "/{portfolio}/results",
    response_class=Response,
    responses=_file(portfolios.RESULTS) | refuses(404, 409, 422, 507),
    dependencies=[EACH_KEY_ONCE],
    summary="Its results",
)
def portfolio_results(house: HouseDep, portfolio: str, asked: Annotated[ResultsQuery, Query()]) -> Response:
    """The results of a portfolio that is done (409 before): one row for each good row, in the order of the file.

    A format is written when it is asked for first (503 with `Retry-After` where that takes longer than a caller should
    wait), Parquet before. Text never becomes a formula of a spreadsheet.
    """
    return _sent(house, portfolio, "results", asked.format)


@router.get(
    "/{portfolio}/errors",
    response_class=Response,
    responses=_file(portfolios.ERRORS) | refuses(404, 409, 422, 507),
    dependencies=[EACH_KEY_ONCE],
    summary="Its bad rows",
)
def portfolio_errors(house: HouseDep, portfolio: str, asked: Annotated[ErrorsQuery, Query()]) -> Response:
    """Every fault of every bad row: row, line, column, value, reason, nearest valid name."""
    return _sent(house, portfolio, "errors", asked.format)


def _sent(house: HouseDep, portfolio: str, part: portfolios.Part, form: str) -> Response:
    path = portfolios.written(house, portfolio, part, form)
    return private(FileResponse(path, media_type=MEDIA[form], filename=f"{portfolio}-{part}.{form}"))


# --- Stopping, going on, taking away ---------------------------------------------------------------------------------


@router.post(
    "/{portfolio}/cancel",
    response_model=PortfolioOut,
    responses=refuses(404, 409, 422),
    dependencies=[NO_QUERY],
    summary="Stop the work on a portfolio",
)
def cancel_portfolio(house: HouseDep, portfolio: str) -> Response:
    """Ends the work (409 where it has ended already); what is done stays done, and `/retry` goes on with it."""
    return private(Response(encode(portfolios.cancel(house, portfolio)), media_type=JSON))


@router.post(
    "/{portfolio}/retry",
    response_model=PortfolioOut,
    responses=refuses(404, 409, 422),
    dependencies=[NO_QUERY],
    summary="Go on with a portfolio",
)
def retry_portfolio(house: HouseDep, portfolio: str) -> Response:
    """Goes on with a portfolio that failed or was cancelled (409 for others), from where it ended."""
    return private(Response(encode(portfolios.retry(house, portfolio)), media_type=JSON))


@router.delete(
    "/{portfolio}",
    status_code=204,
    response_class=Response,
    responses=GONE | refuses(404, 422),
    dependencies=[NO_QUERY],
    summary="Take a portfolio away",
)
def delete_portfolio(house: HouseDep, portfolio: str) -> Response:
    """Ends the work on a portfolio and takes it away with its results."""
    portfolios.remove(house, portfolio)
    return Response(status_code=204)


def private(found: Response) -> Response:
    """An answer that no shared cache should hold: its address is a secret."""
    found.headers["Cache-Control"] = "private, no-cache"
    return found
