"""The pages that ask everything at once, and answer: the whole questionnaire and a recommendation.

They call the use cases directly, as the routes under `/v1` do, and show what those return.
"""

import json
import re
from typing import Annotated, Any
from urllib.parse import urlsplit

from fastapi import APIRouter, Depends, FastAPI, Request, Response
from fastapi.responses import RedirectResponse
from starlette.datastructures import FormData

from advisor import knowledge, questioning, recommend, rule_of_thumb, words
from advisor.errors import InvalidInput
from advisor.names import Wording
from api.dependencies import NO_QUERY, HouseDep
from api.routes.recommendations import possible, recorded
from api.web import board, drawings, form, interview, library, machines, portfolios, reference, rendering, thumb, trying
from api.web.asking import as_posted
from api.web.assets import FOLDER, Assets
from api.web.view import view

router = APIRouter(include_in_schema=False)
ROW = re.compile(r"/portfolios/pf-[0-9a-f]{32}/rows/[0-9]{1,12}")


def install(app: FastAPI) -> None:
    """Add the pages and what they need to an application."""
    rendering.install(app)
    app.include_router(interview.router)
    app.include_router(router)
    app.include_router(trying.router)
    app.include_router(drawings.router)
    app.include_router(thumb.router)
    app.include_router(portfolios.router)
    app.include_router(board.router)
    app.include_router(machines.router)
    app.include_router(library.router)
    app.include_router(reference.router)
    app.mount("/static", Assets(directory=FOLDER), name="static")


@router.get("/questionnaire")
def ask(request: Request, house: HouseDep) -> Response:
    """The questionnaire; `?from=ID` fills in what a recommendation was made from, `?hardware=ID` a profile."""
    before = request.query_params.get("from")
    found = json.loads(recorded(house, before)) if before else {"answers": {}}
    answers = {**found["answers"], **dict.fromkeys(found.get("not_known", ()))}
    machine = request.query_params.get("hardware") or (recommend.machine(house, before) if before else None)
    sent = form.Sent(answers, machine, found.get("name"))
    return _questionnaire(request, house, sent, [])


@router.post("/questionnaire", dependencies=[NO_QUERY])
def answer(request: Request, house: HouseDep, fields: Annotated[FormData, Depends(as_posted)]) -> Response:
    """Answer a filled-in questionnaire: to the recommendation, or back to the form with the faults in place."""
    sent = form.read(fields, knowledge.questionnaire(house)["questions"])
    try:
        given = recommend.answer(house, sent.answers, hardware_from=sent.hardware, name=sent.name)
    except InvalidInput as invalid:
        return _questionnaire(request, house, sent, list(invalid.faults))
    return RedirectResponse(f"/recommendations/{given.id}", 303)


def _questionnaire(request: Request, house: HouseDep, sent: form.Sent, faults: list[Any]) -> Response:
    known = house.knowledge()
    asked = knowledge.questionnaire(house, known.release.id)
    groups = [
        {**group, "questions": [q for q in asked["questions"] if q["group"] == group["id"]]}
        for group in asked["groups"]
    ]
    values = {
        "groups": groups,
        "alternatives": known.document["alternatives"],
        "answers": {
            q: given if isinstance(given, list) else words.number(given)
            for q, given in sent.answers.items()
            if given is not None
        },
        "not_known": [q for q, given in sent.answers.items() if given is None],
        "hardware": sent.hardware,
        "name": sent.name,
        "faults": form.by_field(faults),
        "titles": {q["id"]: q["text"] for q in asked["questions"]},
        "count": len(faults),
        "ranks": form.RANKS,
        "release": known.release.id,
    }
    return rendering.page(request, "ask.html", values, 422 if faults else 200)


@router.get("/recommendations/{recommendation}", dependencies=[NO_QUERY])
def show(request: Request, house: HouseDep, recommendation: str) -> Response:
    """A recorded recommendation, to read; who comes from a row of a portfolio finds the way back.

    That is told by the header alone: the address of a portfolio is a secret, and this one may be passed on.
    """
    document, words_of = questioning.opened(house, possible(recommendation))
    names = Wording(questioning.known_to(house, recommendation))
    thumb_says = rule_of_thumb.for_decision(house, recommendation)["roles"]
    came = urlsplit(request.headers.get("referer", "")).path
    back = came if ROW.fullmatch(came) else None
    values = {"d": document, "v": view(document, names), "names": names, "thumb": thumb_says, "back": back}
    return rendering.page(request, "decision.html", {**values, "figures": drawings.figures(house, document, words_of)})
