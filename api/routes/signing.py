"""`/v1/signing-key`: what a recommendation's signature is checked with."""

from fastapi import APIRouter, Response

from advisor import signing
from advisor.errors import Fault
from api.dependencies import NO_QUERY, HouseDep
from api.problems import NotFound
from api.reading import encode
from api.routes.responses import refuses
from api.schemas.operations import SigningKey

router = APIRouter(tags=["operations"], dependencies=[NO_QUERY])


@router.get(
    "/signing-key",
    response_model=SigningKey,
    responses=refuses(404, 422),
    summary="The key that checks signatures",
)
def signing_key(house: HouseDep) -> Response:
    """The public key of the service; 404 where it signs nothing. Keep it: it checks what was signed before a change."""
    if house.signing is None:
        raise NotFound([Fault("signing-key", "this service", "set up to sign recommendations")])
    return Response(encode(signing.described(house.signing.public)), media_type="application/json")
