"""`/v1/proposals`, `/v1/releases`, `/v1/health`: changing the knowledge, and what a change does before it is made."""

from dataclasses import asdict
from typing import Any

from fastapi import APIRouter, Request, Response

from advisor import curation, documents, knowledge
from advisor.errors import Fault, InvalidInput
from advisor.house import House
from api.bodies import JsonBytes, json_object
from api.dependencies import NO_QUERY, HouseDep
from api.problems import Blocked, NotFound
from api.reading import ListAsked, ReaderDep, encode, settled
from api.routes.releases import release_out
from api.routes.responses import FOREVER, UNCHANGED, Responses, refuses, takes
from api.schemas import requests
from api.schemas.curation import (
    Differences,
    HealthOut,
    ProposalOut,
    ProposalsOut,
    Proposed,
    PublishedOut,
    ReviewOut,
    proposal_schema,
)
from rules.faults import nearest, shown

router = APIRouter(tags=["curation"])
CREATED: Responses = {
    201: {
        "description": "It is stored.",
        "headers": {"Location": {"schema": {"type": "string"}, "description": "Where it can be read again."}},
    }
}


@router.post(
    "/proposals",
    status_code=201,
    response_model=Proposed,
    responses=CREATED | refuses(400, 404, 409, 413, 415, 422),
    dependencies=[NO_QUERY],
    openapi_extra=takes(proposal_schema()),
    summary="Propose a change of the knowledge",
)
def propose(request: Request, house: HouseDep, body: JsonBytes) -> Response:
    """Checks a change against the active release's pack, stores it, and says what it would change in answers.

    Nothing is answered from it until a release takes it up. All faults are listed at once, and nothing is stored then.
    """
    info, review = curation.propose(house, json_object(body))
    headers = {"Location": f"{request.url.path}/{info.id}"}
    return Response(
        encode({"id": info.id, "review": curation.review_document(review)}), 201, headers, media_type="application/json"
    )


@router.get("/proposals", response_model=ProposalsOut, responses=UNCHANGED | refuses(422), summary="All proposals")
def list_proposals(asked: ListAsked, reader: ReaderDep) -> Response:
    """Every stored proposal without its content, newest first."""
    listed = curation.listing_document(reader.house)
    state = " ".join(f"{each['id']} {each['released']}" for each in listed)
    return reader.page(asked, lambda _release: listed, state=state)


@router.get(
    "/proposals/{proposal}",
    response_model=ProposalOut,
    responses=FOREVER | refuses(404, 422),
    dependencies=[NO_QUERY],
    summary="One proposal",
)
def read_proposal(request: Request, house: HouseDep, proposal: str) -> Response:
    """A stored proposal, as it was written."""
    text = _found(lambda: curation.get(house, proposal))
    return settled(
        request, encode({"id": proposal, "proposal": documents.decode(text.encode(), proposal, "yaml").value})
    )


@router.get(
    "/proposals/{proposal}/impact",
    response_model=ReviewOut,
    responses=refuses(404, 422),
    dependencies=[NO_QUERY],
    summary="What a proposal would change",
)
def proposal_impact(house: HouseDep, proposal: str) -> Response:
    """The differences in words and the answers that turn round, were the active release to take it up now."""
    _found(lambda: curation.get(house, proposal))
    return Response(encode(curation.review_document(curation.review(house, [proposal]))), media_type="application/json")


@router.post(
    "/releases",
    status_code=201,
    response_model=PublishedOut,
    responses=CREATED | refuses(400, 404, 409, 413, 415, 422),
    dependencies=[NO_QUERY],
    openapi_extra=takes({"$ref": "#/components/schemas/ReleaseIn"}),
    summary="Publish a release from proposals",
)
def publish_release(house: HouseDep, body: JsonBytes) -> Response:
    """Takes up proposals over the active release's pack and answers from the result.

    Where more answers turn round than the operator allows, nothing is published (409) unless `waive` says why.
    """
    asked = requests.release(json_object(body))
    done = curation.release(house, asked.proposals, asked.waive)
    if done.info is None:
        raise Blocked(done.review.impact.share, done.review.limit)
    document = {
        "release": release_out(done.info, done.info.id),
        "new": done.new,
        "review": curation.review_document(done.review),
    }
    return Response(encode(document), 201, {"Location": "/v1/releases"}, media_type="application/json")


@router.get(
    "/releases/{before}/diff/{after}",
    response_model=Differences,
    responses=FOREVER | refuses(404, 422),
    dependencies=[NO_QUERY],
    summary="How two releases differ, in words",
)
def diff_releases(request: Request, house: HouseDep, before: str, after: str) -> Response:
    """Facts, grades, evidence, rules and gates that were added, taken away or changed between two releases."""
    _require_releases(house, before, after)
    told = [asdict(each) for each in curation.differences(house, before, after)]
    return settled(request, encode({"before": before, "after": after, "differences": told}))


@router.get(
    "/releases/{release}/impact",
    response_model=ReviewOut,
    responses=UNCHANGED | refuses(404, 422),
    dependencies=[NO_QUERY],
    summary="What changed since a release",
)
def release_impact(reader: ReaderDep, release: str) -> Response:
    """The differences in words and the answers that turned round from this release to the active one."""
    house = reader.house
    _require_releases(house, release)
    return reader.one(
        lambda _: curation.review_document(curation.review_release(house, release)),
        state=f"{curation.tried_on(house)} {house.flip_limit}",
    )


@router.get(
    "/health",
    response_model=HealthOut,
    responses=UNCHANGED | refuses(422),
    dependencies=[NO_QUERY],
    summary="What is known, and how well",
)
def knowledge_health(reader: ReaderDep) -> Response:
    """How much is known, what is thin, old, one-sided or disputed, and what would be worth finding out next."""
    house = reader.house
    state = f"{house.now().date().isoformat()} {curation.tried_on(house)}"
    return reader.one(lambda _: asdict(curation.health(house)), state=state)


def _found(read: Any) -> str:
    try:
        return str(read())
    except InvalidInput as invalid:
        raise NotFound(invalid.faults) from None


def _require_releases(house: House, *names: str) -> None:
    on_file = [r.id for r in knowledge.listing(house)]
    faults = [Fault("release", shown(n), "the id of a stored release", nearest(n, on_file)) for n in names]
    unknown = [fault for fault, name in zip(faults, names, strict=True) if name not in on_file]
    if unknown:
        raise NotFound(unknown)
