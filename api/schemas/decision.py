"""A recommendation as it goes out: one object that holds every number and reason of an answer."""

from typing import Annotated, Literal

from pydantic import AwareDatetime, Field, JsonValue

from api.schemas.base import Out

Share = Annotated[float, Field(ge=0, le=1)]
EvidenceIds = Annotated[list[str], Field(description="Ids of evidence; see `/v1/claims`.")]
RoleName = Literal["training", "high_level", "serving", "runtime"]


class ReleaseRef(Out):
    """The release of the knowledge base that answered."""

    id: str
    sha256: str


class HardwareUsed(Out):
    """Which hardware the answer is about, and what a profile added to the answers."""

    basis: Literal["answers", "profile"]
    label: str
    captured_at: str | None
    facts: dict[str, JsonValue]
    filled: Annotated[dict[str, JsonValue], Field(description="Questions that the profile answered.")]
    disagreements: list[str]


class Reason(Out):
    """What one rule said: its share of the score, its opinion, and what it adds against the field's mean."""

    rule: str
    layer: str
    text: str
    share: Share
    opinion: Share
    contribution: float
    evidence: EvidenceIds


class Caution(Out):
    """A soft gate that the alternative does not pass."""

    gate: str
    text: str
    found: str
    evidence: EvidenceIds


class Unverified(Out):
    """A gate that could not be decided because a fact is unknown."""

    gate: str
    facts: list[str]


class Ranked(Out):
    """One place in a ranking."""

    framework: str
    rank: int
    score: Share
    interval: Annotated[list[float], Field(min_length=2, max_length=2, description="Lower and upper bound.")]
    win_probability: Share
    rank_probabilities: list[Share]
    verdict: Literal["first", "tied for first", "behind"]
    tie_group: int
    reasons: Annotated[list[Reason], Field(description="Largest contribution first; they sum to score - field_mean.")]
    cautions: list[Caution]
    unverified: list[Unverified]


class Relaxation(Out):
    """One changed answer that would let an alternative in; null stands for no answer."""

    question: str
    before: Annotated[JsonValue, Field(alias="from")]
    after: Annotated[list[JsonValue], Field(alias="to", description="Answers that would do, nearest first.")]


class Excluded(Out):
    """One gate that keeps one alternative out."""

    framework: str
    gate: str
    layer: str
    text: str
    required: str
    found: str
    evidence: EvidenceIds
    relaxation: list[Relaxation]


class NearMiss(Out):
    """An excluded alternative that one changed answer would let in, with the place it would take."""

    framework: str
    score: Share
    would_rank: int
    gates: list[str]
    relaxation: list[Relaxation]


class Weighed(Out):
    """A rule that spoke, with what is needed to recompute its part."""

    rule: str
    layer: str
    text: str
    strength: Share
    share: Share
    weights: dict[str, float]


Grade = Annotated[list[float], Field(min_length=2, max_length=2, description="Grade and standard deviation in [0, 1].")]


class RoleResult(Out):
    """The answer for one role."""

    ranking: list[Ranked]
    excluded: list[Excluded]
    near_misses: list[NearMiss]
    field_mean: float
    margin: Annotated[float | None, Field(description="Score of the first less that of the second.")]
    rules: list[Weighed]
    grades: dict[str, dict[str, Grade]]


class Step(Out):
    """One step of a path, at a support level from 0 (none) to 3 (first-class)."""

    source: Annotated[str, Field(alias="from")]
    target: Annotated[str, Field(alias="to")]
    by: str
    level: int
    evidence: EvidenceIds


class Stack(Out):
    """The whole path to one deployment target; empty when no way is on file.

    `note` says why it does not end in the runtime that is ranked first, where it does not.
    """

    target: str
    level: int
    path: list[Step]
    note: str | None


class AnswerFlip(Out):
    """An answer that would put another alternative first; `winner` null: nothing would be left."""

    role: RoleName
    question: str
    before: Annotated[JsonValue, Field(alias="from")]
    after: Annotated[JsonValue, Field(alias="to")]
    winner: str | None


class WeightFlip(Out):
    """A rule whose weight, multiplied by `factor`, would bring `winner` level with the first."""

    role: RoleName
    rule: str
    share: Share
    factor: float
    share_after: Share
    winner: str


class Changes(Out):
    """What would flip the first place."""

    answers: list[AnswerFlip]
    weights: list[WeightFlip]


class Silent(Out):
    """A rule or gate that an unknown answer keeps silent."""

    role: RoleName
    kind: Literal["rule", "gate"]
    id: str
    text: str
    questions: list[str]
    could_change: bool


class Considered(Out):
    """What became of an alternative that was asked for by name."""

    framework: str
    version: str | None
    outcome: Literal["ranked", "excluded", "not a candidate"]
    text: str


class Signature(Out):
    """Ed25519 over the passport: who holds the public key (`/v1/signing-key`) can check it."""

    algorithm: Literal["Ed25519"]
    key_id: str
    signature: Annotated[str, Field(description="In Base64.")]


class Decision(Out):
    """A recommendation. `passport` hashes inputs, release, engine and result; `id` is made from it."""

    id: str
    created_at: AwareDatetime
    passport: str
    signature: Annotated[Signature | None, Field(description="Null where the service signs nothing.")]
    engine: str
    release: ReleaseRef
    hardware: HardwareUsed
    answers: Annotated[dict[str, JsonValue], Field(description="As understood.")]
    roles: Annotated[
        dict[RoleName, RoleResult], Field(description="The roles the answers call for, or those asked for.")
    ]
    stack: list[Stack]
    changes: Changes
    silent_rules: list[Silent]
    considered: list[Considered]


class Lost(Out):
    """How far one rule leaves an alternative behind the first."""

    rule: str
    text: str
    behind_by: float


class StandsExcluded(Out):
    """Not in the ranking of a role, and the gates that keep it out."""

    outcome: Literal["excluded"]
    gates: list[Excluded]


class StandsRanked(Out):
    """In the ranking of a role, and where it lost to the first."""

    outcome: Literal["ranked"]
    rank: int
    score: Share
    first: str
    behind_by: float
    where: list[Lost]


class WhyNot(Out):
    """What a recorded recommendation says of one alternative in each role that it plays."""

    framework: str
    about: str
    successor: str | None
    roles: dict[RoleName, StandsExcluded | StandsRanked]


class Replay(Out):
    """Whether deciding again from the recorded release and inputs gives the same."""

    id: str
    same: bool
    passport: str
    replayed_passport: str
    differences: Annotated[list[str], Field(description="Dotted paths of what differs, at most fifty.")]
