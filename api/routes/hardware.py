"""`/v1/hardware`: profiles of machines that recommendations may be about, and known machines for "what if"."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from pydantic import Field
from starlette.exceptions import HTTPException

from advisor import feasibility as memory
from advisor import machines, profiles
from api.bodies import JsonBytes, json_object
from api.dependencies import NO_QUERY, HouseDep
from api.reading import ListQuery, ReaderDep, encode, settled
from api.routes.recommendations import as_not_found, possible
from api.routes.responses import KEPT, UNCHANGED, refuses, takes
from api.schemas.feasibility import FeasibilityOut
from api.schemas.hardware import MachineOut, Machines
from api.schemas.operations import Stored

router = APIRouter(tags=["hardware"])


class MachinesQuery(ListQuery):
    """What the list of known machines is asked with."""

    query: Annotated[
        str, Field(max_length=200, description="Words that must fit: names, aliases, processors, devices.")
    ] = ""
    of_class: Annotated[str | None, Field(alias="class", description="Only machines of this class.")] = None
    kind: Annotated[str | None, Field(description="Only machines with a device of this kind.")] = None


@router.post(
    "/hardware",
    status_code=201,
    response_model=Stored,
    responses=refuses(400, 409, 413, 415, 422),
    openapi_extra=takes({"type": "object"}),
    dependencies=[NO_QUERY],
    summary="Store a hardware profile",
)
def store_hardware(house: HouseDep, profile: JsonBytes) -> Response:
    """Stores what `steelyard probe --json` prints, or a profile written by hand, under an id made from its content.

    Storing the same profile again gives the same id and makes it the newest. Beyond the number that the service keeps
    (`STEELYARD_MAX_PROFILES`), those handed in longest ago give way. The id is what `hardware` of a recommendation
    takes. A profile is at most 256 KiB. One that is malformed, or says what no machine can say of itself, is refused
    and leaves nothing behind. Whatever it claims, it counts as the caller's profile, not as this server's.
    """
    if len(profile) > profiles.MAX_DOCUMENT_BYTES:
        raise HTTPException(413, f"A hardware profile is at most {profiles.MAX_DOCUMENT_BYTES} bytes.")
    return Response(encode({"id": profiles.store(house, json_object(profile))}), 201, media_type="application/json")


@router.post(
    "/hardware/feasibility",
    response_model=FeasibilityOut,
    responses=refuses(400, 413, 415, 422),
    openapi_extra=takes({"$ref": "#/components/schemas/FeasibilityIn"}),
    dependencies=[NO_QUERY],
    summary="Ask whether a model fits a device's memory",
)
def feasibility(house: HouseDep, request: JsonBytes) -> Response:
    """What a model takes to train, to tune by adapters and to serve, item by item with formulas, and what would fit.

    Each amount has a low, a typical and a high value. Nothing is stored, and no model is looked up.
    """
    return Response(encode(memory.ask(house, json_object(request))), media_type="application/json")


@router.get(
    "/hardware/catalogue", response_model=Machines, responses=UNCHANGED | refuses(422), summary="Known machines"
)
def catalogue(asked: Annotated[MachinesQuery, Query()], reader: ReaderDep) -> Response:
    """Machines to ask "what if" about, those that fit the words best first; `hardware` of each names it in a request.

    Each bears the day of what is known of it; in full it gives its sources. Nobody looked at a machine of yours.
    """
    return reader.page(
        asked, lambda _: machines.listing(asked.query, asked.kind, asked.of_class), state=machines.state()
    )


@router.get(
    "/hardware/catalogue/{machine}",
    response_model=MachineOut,
    responses=KEPT | refuses(404, 422),
    dependencies=[NO_QUERY],
    summary="A known machine in full",
)
def catalogue_machine(request: Request, machine: str) -> Response:
    """A known machine, by its name or an alias: its sources, the questions that it answers, and its profile."""
    name = possible(machine, "machine", machines.LONGEST_NAME)
    with as_not_found():
        return settled(request, encode(machines.one(name)))
