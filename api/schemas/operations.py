"""Releases, receipts and the state of the service as they go out."""

from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from api.schemas.base import Out
from api.schemas.knowledge import Next


class ReleaseOut(Out):
    """A release of the knowledge base; answers are given from the active one unless another is named."""

    id: str
    sha256: str
    name: str
    as_of: str
    published_at: AwareDatetime
    active: bool
    proposals: Annotated[list[str], Field(description="Ids of the proposals that it took up, in their order.")]
    hindsight_of: Annotated[str | None, Field(description="The release that a look back at a past day was made from.")]
    waiver: Annotated[str | None, Field(description="Why it was published although it turned many answers round.")]


class Releases(Out):
    """A page of releases, newest first."""

    items: list[ReleaseOut]
    next: Next


class SigningKey(Out):
    """The public half of the key that recorded recommendations are signed with."""

    algorithm: Literal["Ed25519"]
    key_id: str
    public_key: Annotated[str, Field(description="In PEM.")]


class Stored(Out):
    """The id of what was stored, made from its content."""

    id: str


class Alive(Out):
    """The process answers."""

    status: Literal["alive"]


class Ready(Out):
    """The database is reachable and a release is active."""

    status: Literal["ready"]
    release: str
