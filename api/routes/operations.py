"""`/healthz` and `/readyz`: is the process alive, and can it answer?"""

from fastapi import APIRouter, Response

from advisor.errors import Missing, Unavailable
from api.dependencies import NO_QUERY, HouseDep
from api.reading import encode
from api.routes.responses import refuses
from api.schemas.operations import Alive, Ready

router = APIRouter(tags=["operations"], dependencies=[NO_QUERY])


@router.get("/healthz", response_model=Alive, responses=refuses(422), summary="Is the process alive?")
async def healthz() -> Response:
    """Answers as long as the process does; looks at nothing else."""
    return Response(b'{"status":"alive"}', media_type="application/json")


@router.get("/readyz", response_model=Ready, responses=refuses(422), summary="Can it answer?")
def readyz(house: HouseDep) -> Response:
    """Ready when the database is reachable and a release is active; 503 with the reason otherwise."""
    try:
        known = house.knowledge().release
    except Missing:
        raise Unavailable("no release of the knowledge base is active; publish one") from None
    return Response(encode({"status": "ready", "release": known.id}), media_type="application/json")
