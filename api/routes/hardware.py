"""`/v1/hardware`: profiles of machines that recommendations may be about."""

from fastapi import APIRouter, Response

from advisor import recommend
from api.bodies import JsonBytes, json_object
from api.dependencies import NO_QUERY, HouseDep
from api.reading import encode
from api.routes.responses import refuses, takes
from api.schemas.operations import Stored

router = APIRouter(tags=["hardware"], dependencies=[NO_QUERY])


@router.post(
    "/hardware",
    status_code=201,
    response_model=Stored,
    responses=refuses(400, 409, 413, 415, 422),
    openapi_extra=takes({"type": "object"}),
    summary="Store a hardware profile",
)
def store_hardware(house: HouseDep, profile: JsonBytes) -> Response:
    """Stores what `steelyard probe --json` prints, or a profile written by hand, under an id made from its content.

    Storing the same profile again gives the same id. The id is what `hardware` of a recommendation takes.
    """
    return Response(
        encode({"id": recommend.store_profile(house, json_object(profile))}), 201, media_type="application/json"
    )
