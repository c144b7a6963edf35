"""`/v1/recommendations/{recommendation}/record`: the decision record of a recommendation, as a file to keep."""

import hashlib
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from advisor import records
from api.dependencies import EACH_KEY_ONCE, HouseDep
from api.reading import Kept, matches
from api.routes.recommendations import recorded
from api.routes.responses import FOREVER, TAG, Responses, refuses

router = APIRouter(prefix="/recommendations/{recommendation}", tags=["recommendations"])

KINDS: dict[str, str] = {
    "md": "text/markdown; charset=utf-8",
    "html": "text/html; charset=utf-8",
    "pdf": "application/pdf",
}
NAME = {"schema": {"type": "string"}, "description": "The name of a file for it."}
RECORD: Responses = {
    200: {
        "description": "The record.",
        "content": {kind.partition(";")[0]: {} for kind in KINDS.values()},
        "headers": {"ETag": TAG, "Content-Disposition": NAME},
    },
    304: FOREVER[304],
}


class RecordQuery(BaseModel):
    """In which form to write it."""

    model_config = ConfigDict(extra="forbid")

    format: Annotated[records.Format, Field(description="Markdown, a self-contained HTML file, or PDF.")] = "md"
    appendix: Annotated[bool, Field(description="Add everything that was weighed, with pictures.")] = False


@router.get(
    "/record",
    response_class=Response,
    responses=RECORD | refuses(404, 422),
    dependencies=[EACH_KEY_ONCE],
    summary="Its decision record",
)
def record(request: Request, house: HouseDep, recommendation: str, asked: Annotated[RecordQuery, Query()]) -> Response:
    """An architecture decision record in the form of MADR: context, drivers, options, outcome, evidence, passport:
    two or three pages, or more with an appendix.

    It carries what the decision was made from; `steelyard replay FILE` says later whether it still holds.
    """
    recorded(house, recommendation)
    made_with = sorted(records.tools(asked.format, appendix=asked.appendix).items())
    tag = (
        f'"{hashlib.sha256(repr((recommendation, asked.format, asked.appendix, made_with)).encode()).hexdigest()[:32]}"'
    )
    headers = {"ETag": tag, "Cache-Control": "no-cache"}
    if matches(request, tag):
        return Response(status_code=304, headers=headers)
    kept: Kept = request.app.state.kept
    body, name = kept.get(tag), kept.get(f"{tag} name")
    if body is None or name is None:
        written = records.record(house, recommendation, asked.format, appendix=asked.appendix)
        body, name = written.content, written.name.encode()
        kept.keep(tag, body)
        kept.keep(f"{tag} name", name)
    headers["Content-Disposition"] = f'attachment; filename="{name.decode()}"'
    return Response(body, headers=headers, media_type=KINDS[asked.format])
