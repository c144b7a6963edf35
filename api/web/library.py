"""The pages to look things up on: frameworks, criteria, claims, evidence, how much is known, the kinds of problems."""

from typing import Annotated, get_args

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from advisor import curation, knowledge
from advisor.errors import Fault
from advisor.names import Wording
from api.dependencies import NO_QUERY, HouseDep
from api.problems import KINDS, NotFound
from api.routes.claims import require_on_file
from api.routes.recommendations import as_not_found
from api.schemas.knowledge import SourceKind, Verdict
from api.web.rendering import page
from rules.faults import nearest, shown

router = APIRouter(include_in_schema=False)
CLAIMS_SHOWN = 50
EMPTY_IS_NONE = BeforeValidator(lambda given: given or None)


class EvidenceAsked(BaseModel):
    """The filters of the page, as its form sends them: an empty one is none."""

    model_config = ConfigDict(extra="forbid")

    about: Annotated[str | None, EMPTY_IS_NONE] = None
    verdict: Annotated[Verdict | None, EMPTY_IS_NONE] = None
    source_kind: Annotated[SourceKind | None, EMPTY_IS_NONE] = None
    start: Annotated[int, Field(ge=0, le=1_000_000)] = 0


class ClaimsAsked(BaseModel):
    """The filters of the page, as its form sends them: an empty one is none."""

    model_config = ConfigDict(extra="forbid")

    about: Annotated[str | None, EMPTY_IS_NONE] = None
    verdict: Annotated[Verdict | None, EMPTY_IS_NONE] = None
    article: Annotated[Annotated[int, Field(ge=1, le=5)] | None, EMPTY_IS_NONE] = None


@router.get("/frameworks", dependencies=[NO_QUERY])
def frameworks(request: Request, house: HouseDep) -> Response:
    """Every alternative on file."""
    known = house.knowledge()
    listed = sorted(
        knowledge.frameworks(house, known.release.id), key=lambda a: (not a["graded"], a["name"].casefold())
    )
    return page(request, "frameworks.html", {"frameworks": listed, "names": Wording(known)})


@router.get("/frameworks/{framework}", dependencies=[NO_QUERY])
def framework(request: Request, house: HouseDep, framework: str) -> Response:
    """One alternative, with grades and the evidence behind them."""
    known = house.knowledge()
    with as_not_found():
        found = knowledge.framework(house, framework, known.release.id)
    texts = {c["id"]: c["text"] for c in known.document["capabilities"]}
    texts |= {name.removeprefix("alt."): text for name, text in known.release.labels.items() if name[:4] == "alt."}
    return page(request, "framework.html", {"f": found, "texts": texts, "names": Wording(known)})


@router.get("/criteria", dependencies=[NO_QUERY])
def criteria(request: Request, house: HouseDep) -> Response:
    """Every quality that is graded, by group."""
    known = house.knowledge()
    found = known.document["criteria"]
    groups = {g: [c for c in found if c["group"] == g] for g in dict.fromkeys(c["group"] for c in found)}
    return page(request, "criteria.html", {"groups": groups, "names": Wording(known)})


@router.get("/criteria/{criterion}", dependencies=[NO_QUERY])
def criterion(request: Request, house: HouseDep, criterion: str) -> Response:
    """One criterion: its rubric, and every grade with the evidence behind it."""
    known = house.knowledge()
    found = {c["id"]: c for c in known.document["criteria"]}
    if criterion not in found:
        near = nearest(criterion, found)
        raise NotFound([Fault("criterion", shown(criterion), "the id of a criterion", near)])
    grades = known.document["grades"].get(criterion, {})
    ranked = sorted(grades.items(), key=lambda each: (not each[1]["known"], -each[1]["mean"], each[0]))
    return page(request, "criterion.html", {"c": found[criterion], "grades": ranked, "names": Wording(known)})


@router.get("/knowledge", dependencies=[NO_QUERY])
def state(request: Request, house: HouseDep) -> Response:
    """How much is known, how fresh it is, and where sources disagree."""
    known = house.knowledge()
    values = {
        "h": curation.state(house),
        "as_of": known.document["as_of"],
        "counts": {
            part: len(known.document[part]) for part in ("alternatives", "criteria", "evidence", "sources", "rules")
        },
        "names": Wording(known),
    }
    return page(request, "knowledge.html", values)


@router.get("/claims")
def claims(request: Request, house: HouseDep, asked: Annotated[ClaimsAsked, Query()]) -> Response:
    """What the founding articles say, and whether it still holds."""
    known = house.knowledge()
    require_on_file(house, asked.about, known.release.id)
    found = knowledge.claims(
        house, release=known.release.id, about=asked.about, verdict=asked.verdict, article=asked.article
    )
    values = {
        "claims": found,
        "articles": knowledge.tally(house, known.release.id),
        "asked": asked,
        "verdicts": knowledge.VERDICTS,
        "names": Wording(known),
    }
    return page(request, "claims.html", values)


@router.get("/evidence")
def all_evidence(request: Request, house: HouseDep, asked: Annotated[EvidenceAsked, Query()]) -> Response:
    """The evidence, filtered."""
    known = house.knowledge()
    require_on_file(house, asked.about, known.release.id)
    found = knowledge.pieces(
        house, release=known.release.id, about=asked.about, verdict=asked.verdict, source_kind=asked.source_kind
    )
    values = {
        "claims": found[asked.start : asked.start + CLAIMS_SHOWN],
        "total": len(found),
        "asked": asked,
        "step": CLAIMS_SHOWN,
        "verdicts": get_args(Verdict),
        "kinds": get_args(SourceKind),
        "names": Wording(known),
    }
    return page(request, "evidence-list.html", values)


@router.get("/evidence/{evidence}")
def evidence(request: Request, house: HouseDep, evidence: str, release: str | None = None) -> Response:
    """One piece of evidence, as it stood in the release that used it."""
    on_file = [r.id for r in knowledge.listing(house)]
    if release is not None and release not in on_file:
        expected = "the id of a stored release"
        raise NotFound([Fault("release", shown(release), expected, nearest(release, on_file))])
    known = house.knowledge(release)
    found = knowledge.evidence(house, [evidence], known.release.id)
    if evidence not in found:
        near = nearest(evidence, [e["id"] for e in known.document["evidence"]])
        raise NotFound([Fault("evidence", shown(evidence), "the id of a piece of evidence", near)])
    return page(request, "evidence.html", {"e": found[evidence], "names": Wording(known)})


@router.get("/problems", dependencies=[NO_QUERY])
def problems(request: Request) -> Response:
    """What each kind of problem means."""
    return page(request, "problems.html", {"kinds": KINDS})
