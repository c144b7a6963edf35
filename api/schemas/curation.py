"""Changes of the knowledge as they come in and go out: proposals, reviews, differences, impact, health."""

from collections.abc import Sequence
from typing import Annotated, Any

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, JsonValue, StrictStr

from api.schemas.base import Out, RoleName
from api.schemas.knowledge import Next
from api.schemas.operations import ReleaseOut

MAX_PROPOSALS = 100
Share = Annotated[float, Field(ge=0, le=1)]


class ReleaseIn(BaseModel):
    """Which proposals to take up, in their order."""

    model_config = ConfigDict(extra="forbid")

    proposals: Annotated[
        Sequence[StrictStr],
        Field(
            min_length=1,
            max_length=MAX_PROPOSALS,
            description="Ids of stored proposals, applied in this order to the active release's pack.",
        ),
    ]
    waive: Annotated[
        StrictStr | None,
        Field(
            min_length=1,
            max_length=1000,
            description="Why it may be published although more answers turn round than allowed; kept on record.",
        ),
    ] = None


class DifferenceOut(Out):
    """One difference of two releases, in words, with the evidence that the new state cites."""

    kind: str
    id: str
    text: str
    evidence: list[str]


class Differences(Out):
    """How two releases differ."""

    before: str
    after: str
    differences: list[DifferenceOut]


class FlipOut(Out):
    """A first place that changes; `tied`: the two could not be told apart before or cannot now."""

    project: str
    role: RoleName
    before: str | None
    after: str | None
    tied: bool
    excluded: Annotated[str | None, Field(description="The gate that stops the former first, where one does.")]


class ImpactOut(Out):
    """What two releases answer for the same projects: shipped cases and recorded decisions."""

    projects: int
    answers: int
    flips: list[FlipOut]
    refused: Annotated[
        list[tuple[str, str]], Field(description="[project, fault]: answers that are not taken any more.")
    ]
    clear_flips: Annotated[int, Field(description="Flips that are no change within a tie.")]
    share: Annotated[
        Share,
        Field(description="Clear flips and refused projects, of all answers and refused projects; 0 where none is."),
    ]


class ReviewOut(Out):
    """What a change would do, against the active release."""

    release: Annotated[str, Field(description="The id that the changed knowledge has, or would have.")]
    active: str | None
    differences: list[DifferenceOut]
    impact: ImpactOut
    limit: Share
    blocked: Annotated[bool, Field(description="More turns round than allowed: publishing it needs a reason.")]


class ProposalBrief(Out):
    """A stored proposal without its content."""

    id: str
    title: str
    author: str
    received_at: AwareDatetime
    released: Annotated[bool, Field(description="The active release has taken it up.")]


class ProposalsOut(Out):
    """A page of proposals, newest first."""

    items: list[ProposalBrief]
    next: Next


class ProposalOut(Out):
    """A proposal as it was written."""

    id: str
    proposal: dict[str, JsonValue]


class Proposed(Out):
    """A proposal that was stored, and what it would change."""

    id: str
    review: ReviewOut


class PublishedOut(Out):
    """A release that was made from proposals, and what it changed."""

    release: ReleaseOut
    new: bool
    review: ReviewOut


class CoverageOut(Out):
    """How many grades of an alternative rest on evidence, and how many facts are known."""

    alternative: str
    known: int
    possible: int
    single_source: int
    facts_known: int
    facts_unknown: int


class StaleOut(Out):
    """A fact past its day."""

    alternative: str
    capability: str
    expired: str


class LeanOut(Out):
    """How an alternative's grades rest on its makers' own words, and how far these lie above the rest, in levels."""

    alternative: str
    observations: int
    own_share: Share
    own_above_others: float | None


class ContestedOut(Out):
    """A grade on which evidence disagrees."""

    alternative: str
    criterion: str
    mean: float
    sd: float
    evidence: list[str]


class WantedOut(Out):
    """Something worth finding out: what the choice can be expected to gain, in points of the score per project."""

    kind: str
    alternative: str
    about: str
    worth: float
    projects: int
    sources: int


class HealthOut(Out):
    """The state of the knowledge, and a queue of what to find out next, the most worthwhile first."""

    coverage: list[CoverageOut]
    stale: list[StaleOut]
    lean: list[LeanOut]
    contested: list[ContestedOut]
    queue: list[WantedOut]
    projects: int


def proposal_schema() -> dict[str, Any]:
    """The shape of a proposal, in short; every fault of one is told when it is sent."""
    return {
        "type": "object",
        "required": ["proposal"],
        "additionalProperties": False,
        "properties": {
            "proposal": {"type": "object", "description": "title, author, reason, created (YYYY-MM-DD)"},
            "set": {"type": "array", "items": {"type": "object"}, "description": "kind, id, path, from, to"},
            "add": {"type": "object", "description": "New entries by kind: sources, evidence, alternatives, paths, …"},
            "remove": {"type": "array", "items": {"type": "object"}, "description": "kind, id"},
            "notes": {"type": "array", "items": {"type": "string"}},
        },
    }
