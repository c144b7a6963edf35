"""`/v1/hardware/{hardware}/verdicts`: what a stored machine can do with each framework."""

from fastapi import APIRouter, Response

from advisor import verdicts
from api.dependencies import NO_QUERY
from api.reading import ReaderDep
from api.routes.recommendations import as_not_found
from api.routes.responses import UNCHANGED, refuses
from api.schemas.verdicts import Verdicts

router = APIRouter(tags=["hardware"], dependencies=[NO_QUERY])


@router.get(
    "/hardware/{hardware}/verdicts",
    response_model=Verdicts,
    responses=UNCHANGED | refuses(404, 422),
    summary="What a stored machine can do with each framework",
)
def hardware_verdicts(reader: ReaderDep, hardware: str) -> Response:
    """For each framework whether its builds run on the machine, why, and the smallest change that would better it.

    The builds are those of the active release.
    """
    with as_not_found():
        return reader.one(lambda _: verdicts.of_stored(reader.house, hardware))
