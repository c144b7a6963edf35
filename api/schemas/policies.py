"""Stored house policies as they go out."""

from typing import Annotated

from pydantic import AwareDatetime, Field, JsonValue

from api.schemas.base import Out, told
from api.schemas.knowledge import Next


class PolicyBrief(Out):
    """A stored policy without its content."""

    id: Annotated[str, told("What `policy` of a recommendation takes.")]
    name: Annotated[str, told("The layer's name.")]
    received_at: Annotated[AwareDatetime, Field(description="When it was first stored.")]


class Policies(Out):
    """A page of stored policies, newest first."""

    items: Annotated[list[PolicyBrief], told("The policies.")]
    next: Next


class Policy(Out):
    """A stored policy."""

    id: Annotated[str, told("Made from its content.")]
    policy: Annotated[dict[str, JsonValue], told("As it was stored; `docs/policy.md` describes every field.")]
