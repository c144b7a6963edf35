"""The pages that ask and answer: the questionnaire, a recommendation, and a look at the browser.

They call the use cases directly, as the routes under `/v1` do, and show what those return.
"""

import json
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Depends, FastAPI, Request, Response
from fastapi.responses import RedirectResponse
from fastapi.staticfiles import StaticFiles
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException

from advisor import knowledge, questioning, recommend, words
from advisor.errors import InvalidInput
from advisor.names import Names
from api.dependencies import NO_QUERY, HouseDep
from api.headers import SCRIPTED
from api.routes.recommendations import recorded
from api.web import form, library, rendering
from api.web.view import view

router = APIRouter(include_in_schema=False)
FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")


def install(app: FastAPI) -> None:
    """Add the pages and what they need to an application."""
    rendering.install(app)
    app.include_router(router)
    app.include_router(library.router)
    app.mount("/static", StaticFiles(directory=Path(__file__).parent / "static"), name="static")


async def _form(request: Request) -> FormData:
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() not in FORMS:
        raise HTTPException(415, "A form is expected; programs ask at /v1/recommendations.")
    return await request.form(max_files=0)


@router.get("/")
def ask(request: Request, house: HouseDep) -> Response:
    """The questionnaire; `?from=ID` fills in the answers of a recommendation, `?hardware=ID` a profile."""
    before = request.query_params.get("from")
    answers = json.loads(recorded(house, before))["answers"] if before else {}
    return _questionnaire(request, house, form.Sent(answers, request.query_params.get("hardware")), [])


@router.post("/", dependencies=[NO_QUERY])
def answer(request: Request, house: HouseDep, fields: Annotated[FormData, Depends(_form)]) -> Response:
    """Answer a filled-in questionnaire: to the recommendation, or back to the form with the faults in place."""
    sent = form.read(fields, knowledge.questionnaire(house)["questions"])
    try:
        given = recommend.answer(house, sent.answers, hardware_from=sent.hardware)
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
        "answers": {q: given if isinstance(given, list) else words.number(given) for q, given in sent.answers.items()},
        "hardware": sent.hardware,
        "faults": form.by_field(faults),
        "titles": {q["id"]: q["text"] for q in asked["questions"]},
        "count": len(faults),
        "ranks": form.RANKS,
        "release": known.release.id,
    }
    return rendering.page(request, "ask.html", values, 422 if faults else 200)


@router.get("/recommendations/{recommendation}", dependencies=[NO_QUERY])
def show(request: Request, house: HouseDep, recommendation: str) -> Response:
    """A recorded recommendation, to read."""
    document = json.loads(recorded(house, recommendation))
    names = Names(questioning.known_to(house, recommendation))
    return rendering.page(request, "decision.html", {"d": document, "v": view(document, names), "names": names})


@router.get("/hardware/browser", dependencies=[NO_QUERY])
def browser(request: Request) -> Response:
    """A page that looks at the browser it is opened in; it sends nothing before a person says so."""
    answer = rendering.page(request, "browser.html", {})
    answer.headers.update(SCRIPTED)
    return answer
