"""Portfolios as pages: a file handed in, looked at before any work, followed, stopped, gone on with, taken away.

What a board is told of one that is done is in `api.web.board`. As with projects, the address of a portfolio is all that
it takes; so it stands in no other page's address.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException

from advisor import knowledge, portfolio_drafts, portfolios
from advisor.errors import Fault, InvalidInput, NotYet
from advisor.portfolio_sources import ALL, TooLarge
from advisor.portfolio_specs import Wanted
from api.dependencies import EACH_KEY_ONCE, NO_QUERY, HouseDep
from api.uploads import PIECE
from api.web import form
from api.web.asking import as_posted
from api.web.rendering import page
from rules.faults import shown

router = APIRouter(include_in_schema=False, prefix="/portfolios")

LISTED = 50
SHOWN_COLUMNS = 200  # of a file, each with a list to choose from
MEDIA = {
    "csv": "text/csv; charset=utf-8",
    "jsonl": "application/x-ndjson",
    "txt": "text/plain; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
STATES = {"queued": "", "running": "", "done": "good", "failed": "bad", "cancelled": "warn"}
_PLACE = re.compile(r"([^_]{10,40})_(pf-[0-9a-f]{32})")

Posted = Annotated[FormData, Depends(as_posted)]
Document = Mapping[str, Any]


# --- All of them, and a file for a new one ---------------------------------------------------------------------------


@router.get("", dependencies=[EACH_KEY_ONCE])
def all_portfolios(request: Request, house: HouseDep, portfolio: str = "", after: str = "") -> Response:
    """Where a file is handed in, and those that are kept; `?portfolio=` leads to one by its id or address."""
    if not portfolio:
        return _all(request, house, [], after)
    name = portfolio.strip().partition("?")[0].rstrip("/").rpartition("/")[2]
    if not portfolios.is_id(name):
        expected = "the address of a portfolio, or its id, such as pf-1a2b…"
        return _all(request, house, [Fault("portfolio", shown(portfolio), expected)])
    return RedirectResponse(f"/portfolios/{name}", 303)


def _all(request: Request, house: HouseDep, faults: Sequence[Fault], after: str = "") -> Response:
    found = portfolios.listing(house, _place(after), LISTED + 1) if house.list_projects else []
    last = found[LISTED - 1] if len(found) > LISTED else None
    values = {
        "portfolios": found[:LISTED],
        "older": f"{last['created_at'].replace('+', '%2B')}_{last['id']}" if last else None,
        "are_listed": house.list_projects,
        "faults": faults,
        "states": STATES,
        "most": portfolios.room_of(house).max_bytes,
        "days": portfolios.room_of(house).days,
    }
    return _private(page(request, "portfolios.html", values, 422 if faults else 200))


def _place(after: str) -> tuple[datetime, str] | None:
    """Where a page of the list begins."""
    if not after:
        return None
    found = _PLACE.fullmatch(after)
    try:
        when = datetime.fromisoformat(found[1]) if found else None
    except ValueError:
        when = None
    if found is None or when is None:
        raise InvalidInput([Fault("after", shown(after), "a place in the list, as its own links name it")])
    return when, found[2]


@router.get("/template.{kind}", dependencies=[NO_QUERY])
def template(house: HouseDep, kind: str) -> Response:
    """An empty file of projects to fill in, or as text what may be answered."""
    content = portfolio_drafts.template(house, kind)
    name = "answers.txt" if kind == "txt" else f"projects.{kind}"
    return Response(content, media_type=MEDIA[kind], headers={"Content-Disposition": f'attachment; filename="{name}"'})


@router.post("", dependencies=[NO_QUERY])
def receive(request: Request, house: HouseDep, fields: Posted) -> Response:
    """Take a file, to be looked at; or the stored projects, to be scored."""
    try:
        if fields.get("projects") == ALL:
            made = portfolios.create_from(house, {"projects": ALL}, {})
            return RedirectResponse(f"/portfolios/{made['id']}", 303)
        return RedirectResponse(f"/portfolios/drafts/{_held(house, fields.get('file'))}", 303)
    except InvalidInput as invalid:
        return _all(request, house, invalid.faults)


def _held(house: HouseDep, file: object) -> str:
    if not isinstance(file, UploadFile) or not file.filename:
        raise InvalidInput([Fault("file", "nothing", "a file of projects")])
    with portfolios.uploading(house, file.filename, None) as upload:
        try:
            while piece := file.file.read(PIECE):
                upload.add(piece)
        except TooLarge as error:
            raise HTTPException(413, f"{str(error).capitalize()}.") from None
        return portfolio_drafts.hold(house, upload)


# --- A file that is looked at ----------------------------------------------------------------------------------------


@router.get("/drafts/{draft}", dependencies=[NO_QUERY])
def look(request: Request, house: HouseDep, draft: str) -> Response:
    """How a file is understood, before any work."""
    return _draft(request, house, draft, FormData())


@router.post("/drafts/{draft}", dependencies=[NO_QUERY])
def start(request: Request, house: HouseDep, draft: str, fields: Posted) -> Response:
    """Look again with what was said of the file, or have it scored."""
    if "start" not in fields:
        return _draft(request, house, draft, fields)
    try:
        made = portfolio_drafts.take_in(house, draft, _wanted(fields), _text(fields, "name") or None)
    except InvalidInput as invalid:
        return _draft(request, house, draft, fields, invalid.faults)
    return RedirectResponse(f"/portfolios/{made['id']}", 303)


def _draft(request: Request, house: HouseDep, draft: str, fields: FormData, faults: Sequence[Fault] = ()) -> Response:
    try:
        found = portfolio_drafts.look(house, draft, _wanted(fields))
    except InvalidInput as invalid:  # what was said of it has faults: the file as it is
        faults = [*faults, *invalid.faults]
        found = portfolio_drafts.look(house, draft, {})
    columns = found["columns"]
    asking = [c for c in columns if c["how"] == "not understood"]
    others = [c for c in columns if c["how"] != "not understood"]
    questions = knowledge.questionnaire(house)["questions"]
    told = list(dict.fromkeys(faults or found["faults"]))
    values = {
        "draft": draft,
        "found": found,
        "asking": asking[:SHOWN_COLUMNS],
        "others": others[: max(0, SHOWN_COLUMNS - len(asking))],
        "unseen": max(0, len(columns) - SHOWN_COLUMNS),
        "faults": told,
        "questions": questions,
        "questions_by": {q["id"]: q["text"] for q in questions},
        "sampled": any(c["sample"] for c in columns),
        "said": {name: _text(fields, name) for name in ("name", "words", "unknown", "decimal", "sheet", "rest")},
        "hardware": form.hardware(fields),
    }
    return _private(page(request, "draft.html", values, 422 if faults else 200))


def _wanted(fields: FormData) -> Wanted:
    """What a form says of a file.

    Raises:
        InvalidInput: with every line of words that cannot be understood.
    """
    pairs = zip(fields.getlist("header"), fields.getlist("meant"), strict=False)
    columns = {str(header): str(meant) for header, meant in pairs if header and meant}
    if _text(fields, "rest"):
        columns["*"] = "-"
    said: dict[str, Any] = {"columns": columns, "values": _words(_text(fields, "words"))}
    said["unknown"] = [each.strip() for each in _text(fields, "unknown").split(",") if each.strip()]
    said |= {name: text for name in ("decimal", "sheet") if (text := _text(fields, name))}
    return {"hardware_from": form.hardware(fields), "mapping": said}


def _words(text: str) -> dict[str, dict[str, list[str]]]:
    """What words in cells mean, by question, from lines like `deploy_targets: Phones = android; ios`."""
    found: dict[str, dict[str, list[str]]] = {}
    faults = []
    for line in filter(None, map(str.strip, text.splitlines())):
        question, colon, rest = line.partition(":")
        word, equals, meant = rest.rpartition("=")
        if not (colon and equals and question.strip() and word.strip()):
            faults.append(Fault("words", shown(line), "a line like “deploy_targets: Phones = android; ios”"))
            continue
        answers = [each.strip() for each in meant.split(";") if each.strip()]
        found.setdefault(question.strip(), {})[word.strip()] = answers
    if faults:
        raise InvalidInput(faults)
    return found


def _text(fields: FormData, name: str) -> str:
    found = fields.get(name)
    return found.strip() if isinstance(found, str) else ""


# --- The files of one that is done -----------------------------------------------------------------------------------


@router.get("/{portfolio}/results.{kind}", dependencies=[NO_QUERY])
def results(request: Request, house: HouseDep, portfolio: str, kind: str) -> Response:
    """To the results as a file, once it is written."""
    return _file(request, house, portfolio, "results", kind)


@router.get("/{portfolio}/errors.{kind}", dependencies=[NO_QUERY])
def errors(request: Request, house: HouseDep, portfolio: str, kind: str) -> Response:
    """To the faults of the bad rows as a file, once it is written."""
    return _file(request, house, portfolio, "errors", kind)


def _file(request: Request, house: HouseDep, portfolio: str, part: portfolios.Part, kind: str) -> Response:
    try:
        portfolios.written(house, portfolio, part, kind)
    except NotYet:
        return _private(page(request, "portfolio-file.html", {"p": portfolios.get(house, portfolio), "kind": kind}))
    return RedirectResponse(f"/v1/portfolios/{portfolio}/{part}?format={kind}", 303)


# --- Stopping, going on, taking away ---------------------------------------------------------------------------------


@router.post("/{portfolio}/cancel", dependencies=[NO_QUERY])
def cancel(house: HouseDep, portfolio: str) -> Response:
    """End the work on a portfolio."""
    return RedirectResponse(f"/portfolios/{portfolios.cancel(house, portfolio)['id']}", 303)


@router.post("/{portfolio}/retry", dependencies=[NO_QUERY])
def retry(house: HouseDep, portfolio: str) -> Response:
    """Go on with a portfolio that failed or was cancelled."""
    return RedirectResponse(f"/portfolios/{portfolios.retry(house, portfolio)['id']}", 303)


@router.post("/{portfolio}/delete", dependencies=[NO_QUERY])
def delete(house: HouseDep, portfolio: str) -> Response:
    """Take a portfolio away with its results."""
    portfolios.remove(house, portfolio)
    return RedirectResponse("/portfolios", 303)


def _private(found: Response) -> Response:
    """An answer that no cache keeps: it changes, and its address is a secret."""
    found.headers["Cache-Control"] = "no-store"
    return found
