"""`/v1/policies`: house policies, stored to be asked under."""

from typing import Any

from fastapi import APIRouter, Request, Response

from advisor import policies
from advisor.errors import Fault, InvalidInput, Missing
from advisor.house import House
from api.bodies import JsonBytes, json_object
from api.dependencies import NO_QUERY, HouseDep
from api.problems import NotFound
from api.reading import ListAsked, Place, ReaderDep, encode, settled
from api.routes.recommendations import possible
from api.routes.responses import FOREVER, KEPT, Responses, refuses, takes
from api.schemas import requests
from api.schemas.operations import Stored
from api.schemas.policies import Policies, Policy
from rules.faults import nearest, shown

router = APIRouter(prefix="/policies", tags=["policies"])
CREATED: Responses = {
    201: {
        "description": "The policy is stored.",
        "headers": {"Location": {"schema": {"type": "string"}, "description": "Where it can be read again."}},
    }
}


@router.post(
    "",
    status_code=201,
    response_model=Stored,
    responses=CREATED | refuses(400, 409, 413, 415, 422),
    dependencies=[NO_QUERY],
    openapi_extra=takes({"$ref": "#/components/schemas/PolicyIn"}),
    summary="Store a house policy",
)
def store_policy(request: Request, house: HouseDep, body: JsonBytes) -> Response:
    """Checks a policy against the active release, over the policies that lie below it, and stores it as it was written.

    Its id is made from its content: storing the same policy again gives the same id. The id is what `policy` of a
    recommendation takes. All faults are listed at once, and nothing is stored then.
    """
    given = requests.policy(json_object(body))
    _require_stored(house, given.over)
    try:
        name = policies.store(house, given.policy, given.over)
    except InvalidInput as invalid:  # what is wrong with one below is named by its place there
        told = [Fault(f.path.replace("policies[", "over[", 1), f.value, f.expected, f.nearest) for f in invalid.faults]
        raise InvalidInput(told) from None
    headers = {"Location": f"{request.url.path}/{name}"}
    return Response(encode({"id": name}), 201, headers, media_type="application/json")


@router.get("", response_model=Policies, responses=KEPT | refuses(422), summary="All house policies")
def list_policies(asked: ListAsked, reader: ReaderDep) -> Response:
    """Every stored policy without its content, newest first."""

    def rows(after: Place | None, most: int) -> list[tuple[Place, dict[str, str]]]:
        return [
            ((p.received_at, p.id), {"id": p.id, "name": p.name, "received_at": p.received_at.isoformat()})
            for p in policies.listing(reader.house, after, most)
        ]

    return reader.newest(asked, rows)


@router.get(
    "/{policy}",
    response_model=Policy,
    responses=FOREVER | refuses(404, 422),
    dependencies=[NO_QUERY],
    summary="One house policy",
)
def read_policy(request: Request, house: HouseDep, policy: str) -> Response:
    """A stored policy, as it was written."""
    try:
        document = policies.get(house, possible(policy, "policy"))
    except Missing:
        near = nearest(policy, _stored(house))
        raise NotFound([Fault("policy", shown(policy), "the id of a stored policy", near)]) from None
    return settled(request, encode({"id": policy, "policy": document}))


def _stored(house: House) -> list[str]:
    return [p.id for p in policies.listing(house)]


def _require_stored(house: House, over: Any) -> None:
    """Raises InvalidInput with every id that names no stored policy."""
    on_file = _stored(house) if over else []
    unknown = [(i, name) for i, name in enumerate(over) if name not in on_file]
    if unknown:
        expected = "the id of a stored policy"
        raise InvalidInput([Fault(f"over[{i}]", shown(n), expected, nearest(n, on_file)) for i, n in unknown])
