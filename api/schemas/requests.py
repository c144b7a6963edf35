"""What a recommendation is asked with."""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictStr, ValidationError, WithJsonSchema

from advisor import recommend
from advisor.errors import InvalidInput
from advisor.house import House
from api.faults import from_errors

MAX_ROLES = 16


class RecommendationIn(BaseModel):
    """Answers about a project, and how to answer."""

    model_config = ConfigDict(extra="forbid")

    answers: Annotated[
        dict[str, Any],
        Field(
            description="Keyed by question ids (`/v1/questions`). Leave out what is not known; a single value stands "
            "for a list of one.",
        ),
    ]
    hardware: Annotated[
        Any,  # what it may be is said by `recommend`, together with every other fault
        WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "object"}, {"type": "null"}]}),
        Field(
            description='"local" (the machine the service runs on), the id of a stored profile, or a profile document.'
        ),
    ] = None
    roles: Annotated[
        list[StrictStr] | None,
        Field(max_length=MAX_ROLES, description="Roles to rank; none: those the answers call for."),
    ] = None
    store: Annotated[StrictBool, Field(description="Record it, so that it can be asked for and replayed.")] = True
    release: Annotated[StrictStr | None, Field(description="Release to answer from; none: the active one.")] = None


def understood(house: House, body: Mapping[str, Any]) -> RecommendationIn:
    """The body as a model.

    Raises:
        InvalidInput: with every fault, those of the answers, the hardware and the roles included.
    """
    try:
        return RecommendationIn.model_validate(body)
    except ValidationError as invalid:
        errors = invalid.errors(include_url=False)
    wrong = {error["loc"][0] for error in errors if error["loc"]}
    sound = {key: value for key, value in body.items() if key not in wrong}
    more = recommend.check(
        house,
        sound.get("answers", {}),
        hardware_from=sound.get("hardware"),
        roles=sound.get("roles"),
        release=sound.get("release"),
    )
    raise InvalidInput([*from_errors(errors, list(RecommendationIn.model_fields)), *more])
