"""`/v1/hardware/{hardware}/verdicts`: what a machine can do with each framework."""

from fastapi import APIRouter, Response

from advisor import machines, profiles, verdicts
from api.dependencies import NO_QUERY
from api.reading import ReaderDep
from api.routes.recommendations import as_not_found, possible
from api.routes.responses import UNCHANGED, refuses
from api.schemas.verdicts import Verdicts

router = APIRouter(tags=["hardware"], dependencies=[NO_QUERY])


@router.get(
    "/hardware/{hardware}/verdicts",
    response_model=Verdicts,
    responses=UNCHANGED | refuses(404, 422),
    summary="What a machine can do with each framework",
)
def hardware_verdicts(reader: ReaderDep, hardware: str) -> Response:
    """For each framework whether its builds run on the machine, why, and the smallest change that would better it.

    The machine is a stored profile, `local` (the service's own) or `catalogue:NAME` (a known one). The builds are those
    of the active release. A machine that names no software is judged as freshly set up: `assumed` says what that means;
    a phone, a microcontroller or a browser is not judged. Right after the start the answer for `local` may be 503, as
    for its profile.
    """
    name = possible(hardware, "hardware profile", len(machines.PREFIX) + machines.LONGEST_NAME)
    with as_not_found():
        machine = profiles.named(reader.house, name)
    return reader.one(lambda _: verdicts.of_machine(reader.house, name, machine), state=verdicts.state(machine))
