"""`/v1/frameworks`: the alternatives on file, in short and in full."""

from fastapi import APIRouter, Response

from advisor import knowledge
from api.dependencies import NO_QUERY
from api.reading import ListAsked, ReaderDep
from api.routes.recommendations import as_not_found
from api.routes.responses import UNCHANGED, refuses
from api.schemas.knowledge import Framework, Frameworks

router = APIRouter(prefix="/frameworks", tags=["knowledge"])


@router.get("", response_model=Frameworks, responses=UNCHANGED | refuses(422), summary="All frameworks on file")
def frameworks(asked: ListAsked, reader: ReaderDep) -> Response:
    """Every framework, runtime and tool on file with its roles, lifecycle and successor."""
    return reader.page(asked, lambda release: knowledge.frameworks(reader.house, release))


@router.get(
    "/{framework}",
    response_model=Framework,
    responses=UNCHANGED | refuses(404, 422),
    dependencies=[NO_QUERY],
    summary="One framework in full",
)
def framework(reader: ReaderDep, framework: str) -> Response:
    """Grades, capabilities, conversion paths and lifecycle of one alternative, with all the evidence behind them."""
    with as_not_found():
        return reader.one(lambda release: knowledge.framework(reader.house, framework, release))
