"""`/v1/hardware`: profiles of machines that recommendations may be about."""

from typing import Annotated, Any

from fastapi import APIRouter, Body, Response

from advisor import recommend
from api.dependencies import JSON_BODY, NO_QUERY, HouseDep
from api.reading import encode
from api.routes.responses import refuses
from api.schemas.operations import Stored

router = APIRouter(tags=["hardware"], dependencies=[NO_QUERY])


@router.post(
    "/hardware",
    status_code=201,
    response_model=Stored,
    dependencies=[JSON_BODY],
    responses=refuses(400, 409, 413, 415, 422),
    summary="Store a hardware profile",
)
def store_hardware(house: HouseDep, profile: Annotated[dict[str, Any], Body()]) -> Response:
    """Stores what `steelyard probe --json` prints, or a profile written by hand, under an id made from its content.

    Storing the same profile again gives the same id. The id is what `hardware` of a recommendation takes.
    """
    return Response(encode({"id": recommend.store_profile(house, profile)}), 201, media_type="application/json")
