"""What all out-models share."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field


class Out(BaseModel):
    """Base of all out-models: strict, closed, without defaults."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, populate_by_name=True)


def told(description: str, alias: str | None = None) -> Any:
    """What a field is, for the description of the service; `alias` is its name in JSON where that is no name here."""
    return Field(description=description, alias=alias) if alias else Field(description=description)


Share = Annotated[float, Field(ge=0, le=1)]
RoleName = Literal["training", "high_level", "serving", "runtime"]
EvidenceIds = Annotated[list[str], told("Ids of evidence; see `/v1/claims`.")]
Pair = Annotated[list[float], Field(min_length=2, max_length=2)]
