"""How routes declare what they take and may answer; `api.openapi` completes this into documented examples."""

from typing import Any

from api.problems import Problem

Responses = dict[int | str, dict[str, Any]]

TAG = {"schema": {"type": "string"}, "description": "Changes when the answer does; send it back as If-None-Match."}
RELEASE = {"schema": {"type": "string"}, "description": "The id of the release that answered."}
FOREVER: Responses = {
    200: {"headers": {"ETag": TAG}},
    304: {"description": "The caller holds it already (If-None-Match); it never changes."},
}
UNCHANGED: Responses = {
    200: {"headers": {"ETag": TAG, "Steelyard-Release": RELEASE}},
    304: {"description": "The caller holds the present answer already (If-None-Match)."},
}

KEPT: Responses = {200: {"headers": {"ETag": TAG}}, 304: UNCHANGED[304]}


def takes(schema: dict[str, Any]) -> dict[str, Any]:
    """The JSON body of a request, for routes that read it through `api.bodies`, where the framework does not see it."""
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}


def refuses(*statuses: int) -> Responses:
    """Problem answers with these statuses; 500 and 503 are always possible."""
    return {status: {"model": Problem} for status in (*statuses, 500, 503)}
