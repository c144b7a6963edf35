"""`/v1/hardware`: the probe for other machines, the profiles that were pushed, and what changed between two of them."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import cache

from fastapi import APIRouter, Request, Response

from advisor import machine, machines, profiles
from advisor.errors import Fault, InvalidInput, Missing
from advisor.house import House
from api.dependencies import NO_QUERY, HouseDep
from api.problems import NotFound
from api.reading import ListAsked, Place, ReaderDep, encode, settled
from api.routes.recommendations import possible
from api.routes.responses import FOREVER, KEPT, TAG, Responses, refuses
from api.schemas.profiles import ProfileChanges, ProfileOut, Profiles
from rules.faults import nearest, shown

router = APIRouter(prefix="/hardware", tags=["hardware"])
AGE = {"schema": {"type": "integer"}, "description": "Of `local`: how many seconds ago the machine was looked at."}
NEAR = 200  # so many of the newest profiles are looked at for the name that was meant
PROBE: Responses = {
    200: {"description": "The probe.", "content": {"text/x-python": {}}, "headers": {"ETag": TAG}},
    304: {"description": "The caller holds it already (If-None-Match)."},
}


@router.get("", response_model=Profiles, responses=KEPT | refuses(422), summary="All stored hardware profiles")
def list_hardware(asked: ListAsked, reader: ReaderDep) -> Response:
    """Every stored profile without its content, the one handed in last first."""

    def rows(after: Place | None, most: int) -> list[tuple[Place, dict[str, str]]]:
        return [
            ((p.received_at, p.id), {"id": p.id, "label": p.label, "received_at": p.received_at.isoformat()})
            for p in profiles.listing(reader.house, after, most)
        ]

    return reader.newest(asked, rows)


@router.get(
    "/probe.py",
    response_class=Response,
    responses=PROBE | refuses(422),
    dependencies=[NO_QUERY],
    summary="The probe for other machines",
)
def probe_file(request: Request) -> Response:
    """One Python file that looks at the machine it runs on, prints a profile, and pushes it here where it is told to.

    It needs Python 3.8 or newer and nothing else, and can be read before it is run.
    """
    return settled(request, _probe_file(), "text/x-python; charset=utf-8")


@router.get(
    "/{profile}",
    response_model=ProfileOut,
    responses=FOREVER | {200: {"headers": {"ETag": TAG, "Age": AGE}}} | refuses(404, 422),
    dependencies=[NO_QUERY],
    summary="One hardware profile",
)
def read_hardware(request: Request, house: HouseDep, profile: str) -> Response:
    """A stored profile; `local` is the newest of the service's own machine, which it looks at every ten minutes.

    No profile names a host or a user. Nothing is looked at while a request waits: right after the start the answer for
    `local` may be 503, with the time to wait in `Retry-After`.
    """
    with _as_not_found(house, "profile", profile, "the id of a stored profile, or local"):
        found = profiles.get(house, possible(profile, "hardware profile"))
    answer = settled(request, encode(found))
    if profile == profiles.LOCAL:
        answer.headers["Age"] = str(profiles.age_s(house, found["profile"]))
    return answer


@router.delete(
    "/{profile}",
    status_code=204,
    response_class=Response,
    responses=refuses(404, 422),
    dependencies=[NO_QUERY],
    summary="Remove a stored hardware profile",
)
def forget_hardware(house: HouseDep, profile: str) -> Response:
    """Removes a stored profile.

    Recommendations about it stand and can be replayed: each holds the profile that it was made from.
    """
    with _as_not_found(house, "profile", profile, "the id of a stored profile"):
        profiles.forget(house, possible(profile, "hardware profile"))
    return Response(status_code=204)


@router.get(
    "/{before}/diff/{after}",
    response_model=ProfileChanges,
    responses=FOREVER | refuses(404, 422),
    dependencies=[NO_QUERY],
    summary="What changed between two profiles",
)
def diff_hardware(request: Request, house: HouseDep, before: str, after: str) -> Response:
    """What changed since it worked: devices, rungs, drivers, limits and software, what most likely matters first.

    Each is an id, `local` or `catalogue:NAME`. Times, and memory that happens to be free, are no change.
    """
    for path, name in (("before", before), ("after", after)):
        with _as_not_found(house, path, name, "the id of a stored profile, local or catalogue:NAME"):
            profiles.named(house, possible(name, "hardware profile", len(machines.PREFIX) + machines.LONGEST_NAME))
    return settled(request, encode(profiles.diff(house, before, after)))


@cache
def _probe_file() -> bytes:
    return machine.standalone().encode()


@contextmanager
def _as_not_found(house: House, path: str, name: str, expected: str) -> Iterator[None]:
    """Say what address names no profile, and which of the newest ones is near."""
    try:
        yield
    except Missing:
        near = nearest(name, [profiles.LOCAL, *(p.id for p in profiles.listing(house, limit=NEAR))])
        raise NotFound([Fault(path, shown(name), expected, near)]) from None
    except InvalidInput as invalid:  # of the catalogue, which knows what is near
        raise NotFound([replace(fault, path=path) for fault in invalid.faults]) from None
