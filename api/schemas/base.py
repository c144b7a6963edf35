"""What all out-models share."""

from pydantic import BaseModel, ConfigDict


class Out(BaseModel):
    """Base of all out-models: strict, closed, without defaults."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, populate_by_name=True)
