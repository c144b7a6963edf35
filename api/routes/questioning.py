"""What a recorded recommendation is asked: explain it, one against another, why not, what if, against another one.

What it says is looked up in the record; only what it was not asked for is decided again, and never stored.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from advisor import questioning
from advisor.errors import InvalidInput
from advisor.questioning import Depth
from advisor.typed import typed
from api.bodies import JsonBytes, json_object
from api.dependencies import EACH_KEY_ONCE, NO_QUERY, HouseDep
from api.problems import NotFound
from api.reading import encode, settled
from api.routes.recommendations import as_not_found, possible, recorded
from api.routes.responses import FOREVER, Responses, refuses, takes
from api.schemas import requests
from api.schemas.base import RoleName
from api.schemas.questioning import Against, Difference, Explanation, WhatCould, WhatIf, WhyNot
from rules.requirements import Question

router = APIRouter(prefix="/recommendations/{recommendation}", tags=["recommendations"])

MARKDOWN = "text/markdown"
SEVERAL = ("many", "alternatives", "ranked")
EXPLAINED: Responses = {
    200: {**FOREVER[200], "content": {MARKDOWN: {"schema": {"type": "string"}}}},
    304: FOREVER[304],
}
ANSWERS: dict[str, Any] = {
    "name": "answers",
    "in": "query",
    "description": "Other answers: question ids as keys. Repeat a key, or put commas, for several values; an empty "
    "value takes the answer back.",
    "required": False,
    "style": "form",
    "explode": True,
    "schema": {"type": "object", "additionalProperties": {"type": "string"}},
}


class ExplanationQuery(BaseModel):
    """How deep to explain."""

    model_config = ConfigDict(extra="forbid")

    depth: Annotated[Depth, Field(description="A sentence for each role, a page, or everything.")] = "page"


class AgainstQuery(BaseModel):
    """Where to compare."""

    model_config = ConfigDict(extra="forbid")

    role: Annotated[RoleName | None, Field(description="One role; none: every role that both play.")] = None


@router.get(
    "/explanation",
    response_model=Explanation,
    responses=EXPLAINED | refuses(404, 422),
    dependencies=[EACH_KEY_ONCE],
    summary="Explain it",
)
def explanation(
    request: Request, house: HouseDep, recommendation: str, asked: Annotated[ExplanationQuery, Query()]
) -> Response:
    """The recorded recommendation in a sentence for each role, as a page, or with everything to recompute it by.

    The page comes as Markdown alone where `Accept` prefers `text/markdown`.
    """
    told = questioning.explain(house, possible(recommendation), asked.depth)
    if asked.depth == "page" and _prefers_markdown(request):
        return settled(request, told["markdown"].encode(), MARKDOWN)
    return settled(request, encode(told))


def _prefers_markdown(request: Request) -> bool:
    """Whether the caller would rather have Markdown than JSON (RFC 9110, 12.5.1); JSON where both are as welcome."""
    wanted: dict[str, float] = {}
    for each in request.headers.get("accept", "").split(","):
        kind, *parameters = (part.strip().lower() for part in each.split(";"))
        quality = next((p[2:] for p in parameters if p.startswith("q=")), "1")
        wanted[kind] = float(quality) if quality.replace(".", "", 1).isdecimal() else 0.0
    otherwise = wanted.get("application/json", wanted.get("application/*", wanted.get("*/*", 0.0)))
    return wanted.get(MARKDOWN, 0.0) > otherwise


@router.get(
    "/against/{a}/{b}",
    response_model=Against,
    responses=FOREVER | refuses(404, 422),
    dependencies=[EACH_KEY_ONCE],
    summary="One against another",
)
def against(
    request: Request, house: HouseDep, recommendation: str, a: str, b: str, asked: Annotated[AgainstQuery, Query()]
) -> Response:
    """Two alternatives side by side: the gap of their scores rule by rule, and what would level them."""
    try:
        found = questioning.against(house, possible(recommendation), a, b, asked.role)
    except InvalidInput as invalid:
        if all(fault.path in ("role", "recommendation") for fault in invalid.faults):  # neither is one of the two
            raise
        raise NotFound(invalid.faults) from invalid
    return settled(request, encode(found))


@router.get(
    "/why-not/{framework}",
    response_model=WhyNot,
    responses=FOREVER | refuses(404, 422),
    dependencies=[NO_QUERY],
    summary="Why not this one?",
)
def why_not(request: Request, house: HouseDep, recommendation: str, framework: str) -> Response:
    """What the recorded recommendation says of one alternative: what excludes it, where it lost, or why it is none."""
    with as_not_found():
        found = questioning.why_not(house, possible(recommendation), framework)
    return settled(request, encode(found))


@router.get(
    "/what-if",
    response_model=WhatCould | WhatIf,
    responses=FOREVER | refuses(404, 422),
    openapi_extra={"parameters": [ANSWERS]},
    summary="What would change it?",
)
def what_could(request: Request, house: HouseDep, recommendation: str) -> Response:
    """Without a query, what is recorded of what would change it. With answers in the query, the decision under these,
    not stored, and the difference that they make."""
    if not request.query_params:
        return settled(request, encode(_recorded_changes(json.loads(recorded(house, recommendation)))))
    questions = questioning.known_to(house, possible(recommendation)).release.questionnaire.questions
    changed = {key: _answer(request.query_params.getlist(key), questions.get(key)) for key in request.query_params}
    return settled(request, encode(questioning.what_if(house, recommendation, changed)))


@router.post(
    "/what-if",
    response_model=WhatIf,
    responses=refuses(400, 404, 413, 415, 422),
    dependencies=[NO_QUERY],
    openapi_extra=takes({"$ref": "#/components/schemas/WhatIfIn"}),
    summary="Under other answers",
)
def what_if(house: HouseDep, recommendation: str, body: JsonBytes) -> Response:
    """The decision with some answers changed, not stored, and the difference that they make."""
    changed = requests.changed(json_object(body))
    found = questioning.what_if(house, possible(recommendation), changed)
    return Response(encode(found), media_type="application/json")


@router.get(
    "/diff/{other}",
    response_model=Difference,
    responses=FOREVER | refuses(404, 422),
    dependencies=[NO_QUERY],
    summary="Against another recommendation",
)
def difference(request: Request, house: HouseDep, recommendation: str, other: str) -> Response:
    """What changed from this recommendation to another, and how much of it came from which inputs."""
    return settled(request, encode(questioning.difference(house, possible(recommendation), possible(other))))


def _recorded_changes(document: Mapping[str, Any]) -> dict[str, Any]:
    """What a recommendation records of what would change it; one made by an older engine records less."""
    roles = {
        role: {"near_misses": result["near_misses"], "reliefs": result.get("reliefs")}
        for role, result in document["roles"].items()
    }
    changes = document["changes"]
    told = {**changes, "unknown": changes.get("unknown", []), "settled": changes.get("settled", {})}
    return {"id": document["id"], "changes": told, "roles": roles}


def _answer(given: Sequence[str], question: Question | None) -> object:
    """The answer that a query string holds; what it may be is not decided here."""
    is_several = question is not None and question.kind in SEVERAL
    texts = [text.strip() for each in given for text in (each.split(",") if is_several else [each])]
    texts = [text for text in texts if text]
    if is_several or len(texts) > 1:
        return [] if texts == ["[]"] else texts or None
    if not texts or question is None:
        return texts[0] if texts else None
    try:
        answer = typed(texts[0], question)
    except InvalidInput:
        return texts[0]  # told with the other faults
    return int(answer) if isinstance(answer, float) and answer.is_integer() else answer
