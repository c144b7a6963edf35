"""What a board is told of a portfolio that is done, as pages: a summary, few frameworks for all, who should move,
risks, groups, and every row down to its full decision.

Each page asks for one document, the same that `/v1/portfolios/{id}/…` gives. What takes long is worked out in the
background; the page says so and comes again.
"""

from collections.abc import Callable, Mapping
from typing import Annotated, Any, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from advisor import (
    pictures,
    portfolio_again,
    portfolio_drafts,
    portfolio_rows,
    portfolio_views,
    portfolio_weights,
    portfolios,
    recommend,
    words,
)
from advisor.errors import Fault, InvalidInput, Missing, NotYet
from advisor.house import House, Knowledge
from advisor.inputs import is_name
from advisor.names import Wording
from advisor.pictures import NARROW, WIDE, Picture
from advisor.portfolios import Seen
from api.dependencies import EACH_KEY_ONCE, NO_QUERY, HouseDep
from api.problems import NotFound
from api.reading import remade
from api.web.drawings import SVG
from api.web.portfolios import STATES
from api.web.rendering import page
from rules.accounts.naming import Names, names_of
from rules.compiled import ROLES
from rules.faults import nearest, shown

router = APIRouter(include_in_schema=False, prefix="/portfolios/{portfolio}")

Document = Mapping[str, Any]
EMPTY_IS_NONE = BeforeValidator(lambda given: given or None)
FAULTS_SHOWN = 10
ROWS_SHOWN = 25
GROUPED = ("stage", "deploy_targets")
PARTS = (
    ("", "Overview"),
    ("/consolidation", "Few frameworks"),
    ("/movers", "Who should move"),
    ("/risk", "Risks"),
    ("/groups", "Groups"),
    ("/sensitivity", "How sure"),
    ("/changes", "What changed"),
    ("/rows", "All rows"),
)
VERDICTS = {
    "stays": "Stay: what they have comes first",
    "not clear": "Stay: whether a move pays is not clear",
    "moves": "Should move",
    "ruled out": "Would gain, but rule a move out",
    "has to move": "Have to move: what they have is excluded or given up",
    "stranded": "Would have to move, and nothing is left",
    "not judged": "Not judged: what they have is on file without grades",
    "unknown": "Not known what they have",
}


class RoleAsked(BaseModel):
    """Which role a page is about."""

    model_config = ConfigDict(extra="forbid")

    role: Literal["training", "high_level", "serving", "runtime"] = "training"


class ConsolidationAsked(RoleAsked):
    """Up to how many frameworks."""

    k: Annotated[int, Field(ge=1, le=portfolio_views.MOST_UP_TO)] = 8


class RowsAsked(RoleAsked):
    """The filters of the rows, as their form sends them: an empty one is none."""

    first: Annotated[str | None, EMPTY_IS_NONE] = None
    stage: Annotated[str | None, EMPTY_IS_NONE] = None
    target: Annotated[str | None, EMPTY_IS_NONE] = None
    present: Annotated[str | None, EMPTY_IS_NONE] = None
    sure: Annotated[Literal["clear", "tied"] | None, EMPTY_IS_NONE] = None
    after: Annotated[int | None, Field(ge=0)] = None


# --- One page for each question --------------------------------------------------------------------------------------


@router.get("", dependencies=[EACH_KEY_ONCE])
def overview(request: Request, house: HouseDep, portfolio: str, asked: Annotated[RoleAsked, Query()]) -> Response:
    """How far a portfolio is; once it is done, what comes first in it."""
    seen = portfolios.get(house, portfolio)
    if seen["state"] != "done":
        return _private(page(request, "portfolio.html", {"p": seen, "states": STATES}))
    bad = portfolio_drafts.bad_rows(house, portfolio, FAULTS_SHOWN) if seen["failed"] else []
    more = {
        "bad": bad,
        "xlsx": portfolios.fits_workbook(seen),
        "again_of": portfolio_again.scored_from(house, portfolio),
    }
    drawn = ["firsts", *(f"firsts_{question}" for question in GROUPED)]
    return _told(request, house, seen, asked, portfolio_views.summary, "portfolio-done.html", drawn, more)


@router.get("/consolidation", dependencies=[EACH_KEY_ONCE])
def consolidation(
    request: Request, house: HouseDep, portfolio: str, asked: Annotated[ConsolidationAsked, Query()]
) -> Response:
    """The best 1, 2, 3 ... frameworks for all, what each set costs, and whom it hurts."""

    def make(house: House, portfolio: str, role: str) -> dict[str, Any]:
        return portfolio_views.consolidation(house, portfolio, role, asked.k)

    seen = portfolios.get(house, portfolio)
    return _told(request, house, seen, asked, make, "portfolio-few.html", [f"price_{asked.k}"])


@router.get("/movers", dependencies=[EACH_KEY_ONCE])
def movers(request: Request, house: HouseDep, portfolio: str, asked: Annotated[RoleAsked, Query()]) -> Response:
    """Who should move, who has to, and what it brings and costs."""
    seen = portfolios.get(house, portfolio)
    more = {"means": VERDICTS, "in_brackets": words.in_brackets}
    return _told(request, house, seen, asked, portfolio_views.movers, "portfolio-movers.html", more=more)


@router.get("/risk", dependencies=[EACH_KEY_ONCE])
def risk(request: Request, house: HouseDep, portfolio: str, asked: Annotated[RoleAsked, Query()]) -> Response:
    """What the projects stand on that may give way."""
    seen = portfolios.get(house, portfolio)
    more = {"risks": words.RISKS, "several": words.several, "no_policy": words.NO_POLICY}
    return _told(request, house, seen, asked, portfolio_views.risk, "portfolio-risk.html", more=more)


@router.get("/groups", dependencies=[EACH_KEY_ONCE])
def groups(request: Request, house: HouseDep, portfolio: str, asked: Annotated[RoleAsked, Query()]) -> Response:
    """Groups of like projects."""
    seen = portfolios.get(house, portfolio)
    return _told(request, house, seen, asked, portfolio_views.groups, "portfolio-groups.html")


@router.get("/sensitivity", dependencies=[EACH_KEY_ONCE])
def sensitivity(request: Request, house: HouseDep, portfolio: str, asked: Annotated[RoleAsked, Query()]) -> Response:
    """How far the best few frameworks hang on the evidence."""
    seen = portfolios.get(house, portfolio)
    known = house.knowledge(seen["release"])
    more = {
        "clear": known.release.confidence["tie_below_win_probability"],
        "notes": {each["id"]: each["note"] for each in known.document["evidence"]},
    }
    return _told(request, house, seen, asked, portfolio_views.sensitivity, "portfolio-sensitivity.html", more=more)


@router.get("/changes", dependencies=[EACH_KEY_ONCE])
def changes(request: Request, house: HouseDep, portfolio: str, asked: Annotated[RoleAsked, Query()]) -> Response:
    """What changed since the portfolio that this one was scored again from; and where it is scored once more."""
    seen = portfolios.get(house, portfolio)
    before = portfolio_again.scored_from(house, portfolio)
    more = {"again_of": before, "gone": False, "active": house.knowledge().release.id}

    def make(house: House, portfolio: str, role: str) -> dict[str, Any]:
        try:
            return portfolio_views.drift(house, before, portfolio, role) if before else {"projects": 0}
        except Missing:
            portfolios.get(house, portfolio)  # or it was this one
            more["gone"] = True
            return {"projects": 0}

    return _told(request, house, seen, asked, make, "portfolio-changes.html", more=more)


@router.post("/rescore", dependencies=[NO_QUERY])
def rescore(house: HouseDep, portfolio: str) -> Response:
    """The same projects again, under the release that is active now, as a portfolio of their own."""
    return RedirectResponse(f"/portfolios/{portfolio_again.rescore(house, portfolio)['id']}", 303)


def _told(
    request: Request,
    house: House,
    seen: Seen,
    asked: RoleAsked,
    make: Callable[[House, str, str], dict[str, Any]],
    template: str,
    drawn: list[str] | None = None,
    more: Document | None = None,
) -> Response:
    """A page about one document; `found` is None where no project calls for the role, or it is not there yet."""
    known = house.knowledge(seen["release"])
    found, waits = None, False
    try:
        found = make(house, seen["id"], asked.role)
    except NotYet:
        waits = True
    except InvalidInput as invalid:
        if any(fault.path != "portfolio" for fault in invalid.faults):
            raise
    found = found if found and not _is_empty(found) else None
    figures = _figures(seen, found, asked.role, known, drawn or []) if found else {}
    values = {**_common(seen, asked, known), "found": found, "waits": waits, "figures": figures, **(more or {})}
    return _private(page(request, template, values))


def _is_empty(found: Document) -> bool:
    """Whether a document is about no project."""
    about = found.get("projects", found.get("sampled", found.get("verdicts")))
    return not (any(about.values()) if isinstance(about, Mapping) else about)


def _common(seen: Seen, asked: RoleAsked, known: Knowledge) -> dict[str, Any]:
    return {
        "p": seen,
        "states": STATES,
        "parts": PARTS,
        "roles": [(role, words.TITLES[role]) for role in ROLES],
        "asked": asked,
        "role": asked.role,
        "title": words.TITLES[asked.role],
        "names": Wording(known),
        "grouped": GROUPED,
        "needless": words.needless,
    }


# --- Rows ------------------------------------------------------------------------------------------------------------


@router.get("/rows", dependencies=[EACH_KEY_ONCE])
def rows(request: Request, house: HouseDep, portfolio: str, asked: Annotated[RowsAsked, Query()]) -> Response:
    """The rows that were scored, filtered, some at a time."""
    seen = portfolios.get(house, portfolio)
    known = house.knowledge(seen["release"])
    clear = known.release.confidence["tie_below_win_probability"]
    filters: portfolio_rows.Filters = {
        "role": asked.role,
        "first": asked.first,
        "stage": asked.stage,
        "target": asked.target,
        "present": asked.present,
        "confidence_from": clear if asked.sure == "clear" else None,
        "confidence_below": clear if asked.sure == "tied" else None,
    }
    found = portfolio_rows.rows(house, portfolio, filters, asked.after, ROWS_SHOWN)
    kept = {name: value for name, value in asked.model_dump(exclude={"after"}).items() if value is not None}
    questions = known.release.questionnaire.questions
    values = {
        **_common(seen, asked, known),
        "found": found,
        "filtered": len(kept) > 1,
        "first_page": urlencode(kept),
        "next": urlencode({**kept, "after": found["next"]}) if found["next"] is not None else None,
        "firsts": known.release.roles[asked.role].members,
        "options": {name: questions[name].options for name in GROUPED},
        "codes": sorted(known.release.names["existing_code"].options),
    }
    return _private(page(request, "portfolio-rows.html", values))


@router.get("/rows/{number}", dependencies=[NO_QUERY])
def row(request: Request, house: HouseDep, portfolio: str, number: int) -> Response:
    """One row: what it answers, and what was found for it."""
    seen = portfolios.get(house, portfolio)
    found = portfolio_rows.row(house, portfolio, number)
    values = {**_common(seen, RoleAsked(), house.knowledge(seen["release"])), "r": found, "titles": words.TITLES}
    return _private(page(request, "portfolio-row.html", values))


@router.post("/rows/{number}/decision", dependencies=[NO_QUERY])
def decide(house: HouseDep, portfolio: str, number: int) -> Response:
    """The full decision for one row, recorded as any other: from the same release, policies and machine."""
    found = portfolio_rows.row(house, portfolio, number)
    called = found["name"] or found["id"]
    asked = portfolio_rows.asked_of(house, portfolio)
    asked["name"] = called if is_name(called) else None
    given = recommend.answer(house, found["answers"], **asked)
    return RedirectResponse(f"/recommendations/{given.id}", 303)


# --- Pictures --------------------------------------------------------------------------------------------------------


@router.get("/pictures/{role}/{name}.svg", dependencies=[EACH_KEY_ONCE])
def picture(
    request: Request,
    house: HouseDep,
    portfolio: str,
    role: str,
    name: str,
    palette: Literal["light", "dark"] = "light",
    width: Literal["640", "336"] = "640",
) -> Response:
    """One picture of a portfolio that is done, whose results never change."""
    seen = portfolios.get(house, portfolio)

    def draw() -> bytes:
        known = house.knowledge(seen["release"])
        kind, _, about = name.partition("_")
        if kind == "price" and about.isascii() and about.isdigit() and len(about) < 3:
            found = portfolio_views.consolidation(house, portfolio, role, int(about))
        else:
            found = portfolio_views.summary(house, portfolio, role)
        made = _drawn(found, name, names_of(known.release, known.document), int(width))
        if made is None:
            near = nearest(name, ["firsts", *(f"firsts_{question}" for question in GROUPED)])
            raise NotFound([Fault("picture", shown(name), "a picture of this portfolio", near)])
        return pictures.draw(made, palette).encode()

    depends = f"{seen['passport']} {portfolio_weights.digest(house, portfolio)} {pictures.edition()}"
    return _private(remade(request, depends, draw, SVG))


def _drawn(found: Document, name: str, names: Names, width: int) -> Picture | None:
    """The picture of a name from its document; None where there is nothing to draw, or no such picture."""
    kind, _, about = name.partition("_")
    if kind == "price" and "sets" in found:
        return pictures.price(found, names, width=width)
    if name == "firsts":
        return pictures.firsts(found, names, width=width)
    return pictures.firsts_by(found, about, names, width=width) if kind == "firsts" and about in GROUPED else None


def _figures(seen: Seen, found: Document, role: str, known: Knowledge, wanted: list[str]) -> dict[str, Any]:
    """What a page needs to show pictures; see `api.web.drawings.figure`."""
    names = names_of(known.release, known.document)
    figures = {}
    for name in wanted:
        wide, narrow = (_drawn(found, name, names, width) for width in (WIDE, NARROW))
        if wide and narrow:
            first, *lines = wide.text.split("\n")
            figures[name.partition("_")[0] if name.startswith("price") else name] = {
                "src": f"/portfolios/{seen['id']}/pictures/{role}/{name}.svg",
                "title": wide.title,
                "says": first,
                "lines": lines,
                "wide": (wide.width, wide.height),
                "narrow": (narrow.width, narrow.height),
            }
    return figures


def _private(found: Response) -> Response:
    """An answer that no shared cache keeps: its address is a secret."""
    found.headers["Cache-Control"] = "private, no-cache"
    return found
