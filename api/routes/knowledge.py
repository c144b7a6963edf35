"""`/v1/criteria`, `/v1/rules`, `/v1/sources`: what the active release judges by, and where it has it from."""

from typing import Any

from fastapi import APIRouter, Response

from advisor import knowledge
from api.reading import ListAsked, ReaderDep
from api.routes.responses import UNCHANGED, refuses
from api.schemas.knowledge import Criteria, Rules, Sources

router = APIRouter(tags=["knowledge"])


@router.get("/criteria", response_model=Criteria, responses=UNCHANGED | refuses(422), summary="All criteria")
def criteria(asked: ListAsked, reader: ReaderDep) -> Response:
    """Every graded quality, with its question and the rubric that says what each level means."""
    return reader.page(asked, lambda release: knowledge.section(reader.house, "criteria", release))


@router.get("/rules", response_model=Rules, responses=UNCHANGED | refuses(422), summary="All rules and gates")
def rules(asked: ListAsked, reader: ReaderDep) -> Response:
    """Rules, which weigh, and then gates, which exclude or caution; each with its condition, argument and evidence."""

    def both(release: str) -> list[dict[str, Any]]:
        weigh = knowledge.section(reader.house, "rules", release)
        stop = knowledge.section(reader.house, "gates", release)
        return [*({"kind": "rule", **r} for r in weigh), *({"kind": "gate", **g} for g in stop)]

    return reader.page(asked, both)


@router.get("/sources", response_model=Sources, responses=UNCHANGED | refuses(422), summary="All sources")
def sources(asked: ListAsked, reader: ReaderDep) -> Response:
    """Where evidence comes from: kind, publisher, date, and how far it is believed."""
    return reader.page(asked, lambda release: knowledge.section(reader.house, "sources", release))
