"""`/v1/hardware`: profiles of machines that recommendations may be about."""

from fastapi import APIRouter, Response

from advisor import feasibility as memory
from advisor import recommend
from api.bodies import JsonBytes, json_object
from api.dependencies import NO_QUERY, HouseDep
from api.reading import encode
from api.routes.responses import refuses, takes
from api.schemas.feasibility import FeasibilityOut
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


@router.post(
    "/hardware/feasibility",
    response_model=FeasibilityOut,
    responses=refuses(400, 413, 415, 422),
    openapi_extra=takes({"$ref": "#/components/schemas/FeasibilityIn"}),
    summary="Ask whether a model fits a device's memory",
)
def feasibility(house: HouseDep, request: JsonBytes) -> Response:
    """What a model takes to train, to tune by adapters and to serve, item by item with formulas, and what would fit.

    Each amount has a low, a typical and a high value. Nothing is stored, and no model is looked up.
    """
    return Response(encode(memory.ask(house, json_object(request))), media_type="application/json")
