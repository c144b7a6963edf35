"""`/v1/claims`: what the founding articles say and whether it still holds; `/v1/evidence`: everything on file."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from pydantic import Field

from advisor import knowledge
from advisor.errors import Fault, InvalidInput
from advisor.house import House
from advisor.knowledge import Filters
from api.reading import ListQuery, ReaderDep
from api.routes.responses import UNCHANGED, refuses
from api.schemas.knowledge import Claims, EvidencePage, SourceKind, Verdict
from rules.faults import nearest, shown

router = APIRouter(tags=["knowledge"])


class EvidenceQuery(ListQuery):
    """Which evidence is wanted; filters add up."""

    about: Annotated[str | None, Field(description="The id of an alternative.")] = None
    verdict: Annotated[Verdict | None, Field(description="What became of it.")] = None
    contested: Annotated[bool | None, Field(description="Whether evidence disagrees about what it says.")] = None
    source_kind: Annotated[SourceKind | None, Field(description="The kind of its source.")] = None

    def filters(self) -> Filters:
        """The filters as the use case takes them."""
        return {
            "about": self.about,
            "verdict": self.verdict,
            "contested": self.contested,
            "source_kind": self.source_kind,
        }


class ClaimsQuery(ListQuery):
    """Which claims are wanted; filters add up."""

    about: Annotated[str | None, Field(description="The id of an alternative.")] = None
    verdict: Annotated[Verdict | None, Field(description="What became of the claim.")] = None
    contested: Annotated[bool | None, Field(description="Whether evidence disagrees about what it says.")] = None
    article: Annotated[int | None, Field(ge=1, le=5, description="The number of the article that says it.")] = None

    def filters(self) -> Filters:
        """The filters as the use case takes them."""
        return {"about": self.about, "verdict": self.verdict, "contested": self.contested, "article": self.article}


def require_on_file(house: House, about: str | None, release: str | None = None) -> None:
    """Refuse an `about` that is not the id of an alternative.

    Raises:
        InvalidInput: with the nearest id.
    """
    if about is not None:
        ids = [a["id"] for a in knowledge.frameworks(house, release)]
        if about not in ids:
            expected = "the id of an alternative on file"
            raise InvalidInput([Fault("about", shown(about), expected, nearest(about, ids))])


@router.get("/claims", response_model=Claims, responses=UNCHANGED | refuses(422), summary="Do the articles still hold?")
def claims(asked: Annotated[ClaimsQuery, Query()], reader: ReaderDep) -> Response:
    """Every claim of the five founding articles: what it says, in which direction, and what became of it and why."""

    def rows(release: str) -> list[dict[str, Any]]:
        require_on_file(reader.house, asked.about, release)
        return knowledge.claims(reader.house, release=release, **asked.filters())

    return reader.page(asked, rows, extra={"articles": lambda release: knowledge.tally(reader.house, release)})


@router.get("/evidence", response_model=EvidencePage, responses=UNCHANGED | refuses(422), summary="All evidence")
def evidence(asked: Annotated[EvidenceQuery, Query()], reader: ReaderDep) -> Response:
    """Every observation on file: what a source says, since when, and what became of it (holds, outdated, wrong ...)."""

    def rows(release: str) -> list[dict[str, Any]]:
        require_on_file(reader.house, asked.about, release)
        return knowledge.pieces(reader.house, release=release, **asked.filters())

    return reader.page(asked, rows)
