"""`/v1/claims`: the evidence, each piece with its source and its verdict."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from pydantic import Field

from advisor import knowledge
from advisor.errors import Fault, InvalidInput
from advisor.house import House
from api.reading import ListQuery, ReaderDep
from api.routes.responses import UNCHANGED, refuses
from api.schemas.knowledge import Claims, SourceKind, Verdict
from rules.faults import nearest, shown

router = APIRouter(tags=["knowledge"])


class ClaimsQuery(ListQuery):
    """Which claims are wanted; filters add up."""

    about: Annotated[str | None, Field(description="The id of an alternative.")] = None
    verdict: Annotated[Verdict | None, Field(description="What became of the claim.")] = None
    contested: Annotated[bool | None, Field(description="Whether evidence disagrees about what it says.")] = None
    source_kind: Annotated[SourceKind | None, Field(description="The kind of its source.")] = None


def filtered(house: House, asked: ClaimsQuery, release: str | None = None) -> list[dict[str, Any]]:
    """The claims that pass the filters.

    Raises:
        InvalidInput: `about` is not the id of an alternative.
    """
    if asked.about is not None:
        ids = [a["id"] for a in knowledge.frameworks(house, release)]
        if asked.about not in ids:
            expected = "the id of an alternative on file"
            raise InvalidInput([Fault("about", shown(asked.about), expected, nearest(asked.about, ids))])
    return knowledge.claims(
        house,
        about=asked.about,
        verdict=asked.verdict,
        contested=asked.contested,
        source_kind=asked.source_kind,
        release=release,
    )


@router.get("/claims", response_model=Claims, responses=UNCHANGED | refuses(422), summary="All evidence")
def claims(asked: Annotated[ClaimsQuery, Query()], reader: ReaderDep) -> Response:
    """Every observation on file: what a source says, since when, and what became of it (holds, outdated, wrong ...)."""
    return reader.page(asked, lambda release: filtered(reader.house, asked, release))
