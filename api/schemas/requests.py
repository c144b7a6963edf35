"""What a recommendation is asked with, and what is asked of it and stored for it."""

from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictStr, ValidationError, WithJsonSchema

from advisor import interview, recommend
from advisor.errors import Fault, InvalidInput
from advisor.house import House
from advisor.inputs import MAX_NAME_CHARACTERS, Asked
from api.faults import from_errors
from api.schemas.curation import ReleaseIn
from rules.engine import MAX_DRAWS

MAX_ROLES = 16
MAX_BELOW = 16
M = TypeVar("M", bound=BaseModel)
A_POLICY: list[dict[str, Any]] = [{"type": "string"}, {"type": "object"}]


class OptionsIn(BaseModel):
    """How to answer.

    What the hardware, the policies, the preferences, the draws and the day may be is said by the use case, together
    with every other fault.
    """

    model_config = ConfigDict(extra="forbid")

    hardware: Annotated[
        Any,
        WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "object"}, {"type": "null"}]}),
        Field(
            description='"local" (the machine the service runs on), "catalogue:NAME" (what if it were this machine of '
            "`/v1/hardware/catalogue`), the id of a stored profile, or a profile document."
        ),
    ] = None
    roles: Annotated[
        list[StrictStr] | None,
        Field(max_length=MAX_ROLES, description="Roles to rank; none: those the answers call for."),
    ] = None
    store: Annotated[StrictBool, Field(description="Record it, so that it can be asked for and replayed.")] = True
    release: Annotated[StrictStr | None, Field(description="Release to answer from; none: the active one.")] = None
    policy: Annotated[
        Any,
        WithJsonSchema({"anyOf": [*A_POLICY, {"type": "array", "items": {"anyOf": A_POLICY}}, {"type": "null"}]}),
        Field(description="A house policy, the id of a stored one, or a list of these, lowest layer first."),
    ] = None
    preferences: Annotated[
        Any,
        WithJsonSchema({"anyOf": [{"type": "object"}, {"type": "null"}]}),
        Field(description="What matters to whom, in the place of an answer to `priorities`."),
    ] = None
    draws: Annotated[
        Any,
        WithJsonSchema({"type": "integer", "minimum": 0, "maximum": MAX_DRAWS}),
        Field(description="How many times to draw grades and weights; 0: probabilities in closed form."),
    ] = 0
    as_of: Annotated[
        Any,
        WithJsonSchema({"anyOf": [{"type": "string", "format": "date"}, {"type": "null"}]}),
        Field(
            description="Answer as on this day (YYYY-MM-DD): from the newest release whose knowledge is not younger, "
            "or, before the first one, from what was known then; under the waivers that counted then; none: today, "
            "from the active release."
        ),
    ] = None

    def asked(self) -> Asked:
        """How it is asked for, besides the answers."""
        return _asked(vars(self))


class NextQuestionIn(BaseModel):
    """What was answered so far. What the parts may be is said by the use case, together with every other fault."""

    model_config = ConfigDict(extra="forbid")

    answers: Annotated[
        dict[str, Any],
        Field(
            description='Keyed by question ids (`/v1/questions`); null means "don\'t know" and is not asked again, '
            'an empty list "none of these".'
        ),
    ]
    hardware: Annotated[
        Any,
        WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "object"}, {"type": "null"}]}),
        Field(description="As for a recommendation; what it answers is not asked."),
    ] = None
    roles: Annotated[
        list[StrictStr] | None,
        Field(max_length=MAX_ROLES, description="Roles to rank; none: those the answers call for."),
    ] = None
    policy: Annotated[
        Any,
        WithJsonSchema({"anyOf": [*A_POLICY, {"type": "array", "items": {"anyOf": A_POLICY}}, {"type": "null"}]}),
        Field(description="A house policy, as for a recommendation."),
    ] = None


class RecommendationIn(OptionsIn):
    """Answers about a project, and how to answer."""

    name: Annotated[
        Any,
        WithJsonSchema(
            {"anyOf": [{"type": "string", "minLength": 1, "maxLength": MAX_NAME_CHARACTERS}, {"type": "null"}]}
        ),
        Field(
            description="What the project is called. The recommendation and its record carry it; it decides nothing."
        ),
    ] = None

    answers: Annotated[
        dict[str, Any],
        Field(
            description="Keyed by question ids (`/v1/questions`). Leave out what is not known, or say null where it "
            "was asked; a single value stands for a list of one, and an empty list says that it is none of these.",
        ),
    ]


class WhatIfIn(BaseModel):
    """Answers in the place of recorded ones."""

    model_config = ConfigDict(extra="forbid")

    answers: Annotated[
        dict[str, Any], Field(description="Keyed by question ids; null takes an answer back. The others stand.")
    ]


class PolicyIn(BaseModel):
    """A house policy to store."""

    model_config = ConfigDict(extra="forbid")

    policy: Annotated[
        Any,  # what it may be is said when it is stored
        WithJsonSchema({"type": "object"}),
        Field(description="The policy; `docs/policy.md` describes every field."),
    ]
    over: Annotated[
        Sequence[StrictStr],
        Field(max_length=MAX_BELOW, description="Ids of stored policies that lie below it, lowest first."),
    ] = ()


def release(body: Mapping[str, Any]) -> ReleaseIn:
    """The body as a model.

    Raises:
        InvalidInput: with every fault of its shape.
    """
    return _read(ReleaseIn, body)


def understood(house: House, body: Mapping[str, Any]) -> RecommendationIn:
    """The body as a model.

    Raises:
        InvalidInput: with every fault, those of all its parts included.
    """
    return whole(
        RecommendationIn, body, lambda sound: recommend.check(house, sound.pop("answers", {}), **_asked(sound))
    )


def options(house: House, body: Mapping[str, Any], answers: object, hardware: str | None) -> OptionsIn:
    """The body as a model, where answers and hardware are known already; the body may name other hardware.

    Raises:
        InvalidInput: with every fault, those of the answers included.
    """

    def check(sound: dict[str, Any]) -> list[Fault]:
        return recommend.check(house, answers, **_asked({"hardware": hardware, **sound}))

    return whole(OptionsIn, body, check)


def whole(model: type[M], body: Mapping[str, Any], check: Callable[[dict[str, Any]], Sequence[Fault]]) -> M:
    """The body as a model; where it has not the shape of one, `check` finds what is wrong with the parts that have.

    Raises:
        InvalidInput: with every fault.
    """
    try:
        return model.model_validate(body)
    except ValidationError as invalid:
        errors = invalid.errors(include_url=False)
    wrong = {error["loc"][0] for error in errors if error["loc"]}
    more = check({key: value for key, value in body.items() if key not in wrong})
    raise InvalidInput([*from_errors(errors, list(model.model_fields)), *more])


def next_question(house: House, body: Mapping[str, Any]) -> NextQuestionIn:
    """The body of `POST /v1/questions/next` as a model.

    Raises:
        InvalidInput: with every fault, those of all its parts included.
    """
    try:
        return NextQuestionIn.model_validate(body)
    except ValidationError as invalid:
        errors = invalid.errors(include_url=False)
    wrong = {error["loc"][0] for error in errors if error["loc"]}
    sound = {key: value for key, value in body.items() if key not in wrong}
    more = interview.check(
        house, sound.pop("answers", {}), sound.get("hardware"), sound.get("roles"), sound.get("policy")
    )
    raise InvalidInput([*from_errors(errors, list(NextQuestionIn.model_fields)), *more])


def _asked(given: Mapping[str, Any]) -> Asked:
    return {
        "hardware_from": given.get("hardware"),
        "roles": given.get("roles"),
        "release": given.get("release"),
        "policy": given.get("policy"),
        "preferences": given.get("preferences"),
        "name": given.get("name"),
        "draws": given.get("draws", 0),
        "as_of": given.get("as_of"),
    }


def changed(body: Mapping[str, Any]) -> dict[str, Any]:
    """The answers that a body of `what-if` changes.

    Raises:
        InvalidInput: with every fault of its shape.
    """
    return _read(WhatIfIn, body).answers


def policy(body: Mapping[str, Any]) -> PolicyIn:
    """The body as a model; the policy itself is checked when it is stored.

    Raises:
        InvalidInput: with every fault of its shape.
    """
    return _read(PolicyIn, body)


def _read(model: type[M], body: Mapping[str, Any]) -> M:
    try:
        return model.model_validate(body)
    except ValidationError as invalid:
        raise InvalidInput(from_errors(invalid.errors(include_url=False), list(model.model_fields))) from None
