"""The trace of a recommendation as it goes out: every sum with its terms, beside what was recorded."""

from typing import Annotated, Literal

from pydantic import Field, JsonValue

from api.schemas.base import EvidenceIds, Out, Pair, RoleName, Share, told
from api.schemas.decision import (
    Changes,
    Considered,
    DrawsUsed,
    HardwareUsed,
    PolicyUsed,
    PreferencesUsed,
    ReleaseRef,
    Stack,
)
from api.schemas.knowledge import SourceKind, Verdict
from api.schemas.roles import (
    Accepted,
    Disagreement,
    FrameworkId,
    GateId,
    LayerName,
    NearMiss,
    Reliefs,
    RuleId,
    Waiver,
)

Residual = Annotated[float, told("What was summed here less what was recorded.")]
CriterionId = Annotated[str, told("Id of a criterion; see `/v1/criteria`.")]


class Conditional(Out):
    """When something counts, and the answers that this depends on."""

    when: Annotated[str | None, told("The condition as it is written; null: always.")]
    when_in_words: Annotated[str, told("The condition in words.")]
    answers: Annotated[dict[str, JsonValue], told("The answers and facts that it looks at.")]


# --- Rules -----------------------------------------------------------------------------------------------------------


class RuleTrace(Conditional):
    """One rule of a role."""

    rule: RuleId
    layer: LayerName
    text: Annotated[str, told("The rule in words.")]
    evidence: EvidenceIds


class RuleWaits(RuleTrace):
    """A rule that waits for an answer."""

    said: Literal["silent"]
    waits_for: Annotated[list[str], told("The questions that would let it speak.")]
    could_change: Annotated[bool, told("Whether speaking could change the first place.")]


class RuleQuiet(RuleTrace):
    """A rule that has nothing to say of the project."""

    said: Literal["did not apply"]
    why: Annotated[str, told("Why.")]


class RuleSpoke(RuleTrace):
    """A rule that spoke, and its share."""

    said: Literal["spoke"]
    strength: Annotated[Share, told("How loudly.")]
    weights: Annotated[dict[str, float], told("Weight by criterion.")]
    sum_of_weights: Annotated[float, told("Their sum.")]
    mass: Annotated[float, told("strength x sum_of_weights.")]
    share: Annotated[float, told("mass / W.")]
    recorded_share: Annotated[Share, told("As recorded.")]
    residual: Residual


class GivenBy(Out):
    """What one person says of a priority."""

    name: Annotated[str, told("The stakeholder; empty where a single person needs no name.")]
    say: Annotated[float, told("How much this word counts, relative to the others'.")]
    method: Annotated[Literal["ranked", "direct", "swing"], told("How it was said.")]
    weight: Annotated[Share, told("What it weighs to this person; 0: not named.")]


class Priority(Out):
    """How the weight of a priority makes the strength of its rule."""

    option: Annotated[str, told("The option of `priorities`.")]
    name: Annotated[str, told("It in words.")]
    full_strength: Annotated[Share, told("The strength at a weight of 1.")]
    weight: Annotated[Share, told("Its weight, for all.")]
    given_by: Annotated[list[GivenBy], told("Who gives it which weight.")]
    residual: Residual


class PrioritySpoke(RuleSpoke):
    """A rule of a priority that spoke."""

    priority: Annotated[Priority, told("Where its strength comes from.")]


# --- Grades ----------------------------------------------------------------------------------------------------------


class GradeTrace(Out):
    """A grade in [0, 1]."""

    name: Annotated[str, told("What the criterion is called.")]
    grade: Share
    sd: Annotated[float, told("Its standard deviation.")]


class Influence(Out):
    """How far one piece of evidence moves a grade."""

    evidence: Annotated[str, told("Its id.")]
    levels: Annotated[float, told("In levels from 0 to 4.")]


class GradeOfEvidence(GradeTrace):
    """A grade fused from evidence."""

    origin: Annotated[Literal["evidence"], told("Where it comes from.", alias="from")]
    level: Annotated[float, told("From 0 to 4: prior and influences together, kept within.")]
    level_sd: Annotated[float, told("Its standard deviation.")]
    known: Annotated[bool | None, told("Whether anything is on file.")]
    contested: Annotated[bool | None, told("Whether evidence disagrees.")]
    influences: Annotated[list[Influence], told("Largest first.")]
    prior: Annotated[float, told("Where it would stand without evidence.")]


class GradeOfWays(GradeTrace):
    """A grade computed from the ways that are open to this project."""

    origin: Annotated[
        Literal["the ways open to this project, which are not all that the release has"],
        told("Where it comes from.", alias="from"),
    ]
    level: Annotated[float, told("From 0 to 4, for this project.")]
    level_in_release: Annotated[float, told("From 0 to 4, for any project.")]
    support: Annotated[int | None, told("Support level of the best way open to this project, 0 to 3; null: unknown.")]
    support_in_release: Annotated[int | None, told("That of the best way of all, 0 to 3; null: unknown.")]


class GradeOfNearness(GradeTrace):
    """A grade that measures how near an alternative is to those that the answers name."""

    origin: Annotated[Literal["nearness"], told("Where it comes from.", alias="from")]
    question: Annotated[str, told("The question that names them.")]
    nearness: Annotated[dict[str, float], told("To each of them; the grade is the largest.")]


class GradeOfNothing(GradeTrace):
    """A grade without evidence."""

    origin: Annotated[Literal["nothing on file"], told("Where it comes from.", alias="from")]


# --- Scores ----------------------------------------------------------------------------------------------------------


class Term(Out):
    """One criterion in an opinion."""

    criterion: CriterionId
    weight: Annotated[float, told("Its weight in the rule.")]
    grade: Share
    product: Annotated[float, told("weight x grade.")]


class Opinion(Out):
    """One rule's opinion of one alternative."""

    rule: RuleId
    terms: Annotated[list[Term], told("Criterion by criterion.")]
    sum_of_products: Annotated[float, told("Their sum.")]
    sum_of_weights: Annotated[float, told("The sum of the weights.")]
    opinion: Annotated[float, told("sum_of_products / sum_of_weights.")]
    share: Annotated[Share, told("The rule's share.")]
    part: Annotated[float, told("share x opinion.")]


class OpinionOfRanked(Opinion):
    """One rule's opinion of a ranked alternative, with what it contributes."""

    recorded_opinion: Annotated[Share, told("As recorded.")]
    mean_opinion: Annotated[float, told("Over the ranked.")]
    contribution: Annotated[float, told("share x (opinion - mean_opinion).")]
    recorded_contribution: Annotated[float, told("As recorded.")]
    residual: Residual


class FromMean(Out):
    """The score once more, from the field's mean."""

    sum: Annotated[float, told("Field mean and contributions.")]
    residual: Residual


class RankedTrace(Out):
    """The score of a ranked alternative, term by term."""

    framework: FrameworkId
    outcome: Literal["ranked"]
    rank: Annotated[int, told("Its place.")]
    tie_group: Annotated[int, told("Those of one group cannot be told apart.")]
    rules: Annotated[list[OpinionOfRanked], told("Rule by rule.")]
    score: Annotated[float, told("The sum of the parts.")]
    recorded_score: Annotated[Share, told("As recorded.")]
    residual: Residual
    sum_of_contributions: Annotated[float, told("The sum of the contributions.")]
    field_mean_and_contributions: FromMean


class ExcludedTrace(Out):
    """The score that an excluded alternative would have."""

    framework: FrameworkId
    outcome: Literal["excluded"]
    rules: Annotated[list[Opinion], told("Rule by rule.")]
    score_if_let_in: Annotated[float, told("The sum of the parts.")]


class FieldMean(Out):
    """The mean score of the ranked."""

    mean: Annotated[float, told("As summed here.")]
    recorded: Annotated[float, told("As recorded.")]
    residual: Residual


class Variance(Out):
    """How an interval comes about."""

    of_grades: Annotated[dict[str, float], told("(share of the criterion x sd)^2 by criterion.")]
    of_weights: Annotated[dict[str, float], told("(t x share x (opinion - score))^2 by rule.")]
    variance: Annotated[float, told("Their sum.")]
    interval: Annotated[Pair, told("score -/+ z x its root, kept within 0 and 1.")]
    recorded_interval: Annotated[Pair, told("As recorded; drawn, where there were draws.")]
    rank_probabilities: Annotated[list[Share], told("As recorded.")]


class Confidence(Out):
    """How sure, in closed form."""

    t: Annotated[float, told("Relative standard deviation of a weight.")]
    interval_probability: Annotated[Share, told("What an interval holds.")]
    tie_below_win_probability: Annotated[Share, told("Two of which neither beats the other so surely are tied.")]
    z: Annotated[float, told("The quantile that belongs to it.")]
    frameworks: Annotated[dict[str, Variance], told("By ranked alternative.")]
    covariances: Annotated[
        dict[str, list[tuple[str, str, float]]], told("[a, b, covariance] of grades that evidence ties, by criterion.")
    ]


# --- Gates -----------------------------------------------------------------------------------------------------------


class Found(Out):
    """What became of an alternative at a gate, and what is on file for it."""

    verdict: Annotated[
        Literal["excluded", "caution", "passed", "not stopped", "not asked"], told("`verdicts` says what each means.")
    ]
    found: Annotated[str, told("What is on file.")]
    evidence: EvidenceIds


class Waived(Out):
    """An alternative that a house lets pass a gate."""

    verdict: Literal["waived"]
    found: Annotated[str, told("What is on file.")]
    waiver: Annotated[Waiver, told("Who lets it pass, and why.")]
    evidence: EvidenceIds


class Unfound(Out):
    """An alternative for which a gate could not be decided."""

    verdict: Literal["unverified"]
    found: Annotated[str, told("What is on file.")]
    unknown: Annotated[list[str], told("The facts that are not.")]
    evidence: EvidenceIds


class GateTrace(Conditional):
    """One gate against every alternative on file for the role."""

    gate: GateId
    layer: LayerName
    text: Annotated[str, told("What is wrong, with {name} for the alternative.")]
    effect: Annotated[Literal["exclude", "caution"], told("What failing does.")]
    requires: Annotated[str, told("The requirement as it is written.")]
    requires_in_words: Annotated[str, told("The requirement in words.")]
    applies: Annotated[Literal["yes", "waits for an answer", "no"], told("Whether it concerns the project.")]
    waits_for: Annotated[list[str], told("The open questions that it looks at, where it may concern the project.")]
    evidence: EvidenceIds
    alternatives: Annotated[
        dict[str, Annotated[Found | Waived | Unfound, Field(discriminator="verdict")]], told("By alternative.")
    ]


# --- The whole -------------------------------------------------------------------------------------------------------


class RoleTrace(Out):
    """Everything behind the answer for one role."""

    W: Annotated[float, told("The sum of all masses.")]
    rules: Annotated[list[RuleSpoke | PrioritySpoke | RuleWaits | RuleQuiet], told("Those that spoke first.")]
    criteria: Annotated[dict[str, Share], told("The share of each criterion over all rules.")]
    grades: Annotated[
        dict[str, dict[str, GradeOfEvidence | GradeOfWays | GradeOfNearness | GradeOfNothing]],
        told("By alternative and criterion."),
    ]
    frameworks: Annotated[
        list[Annotated[RankedTrace | ExcludedTrace, Field(discriminator="outcome")]],
        told("The ranked as ranked, then the excluded that have grades."),
    ]
    field_mean: Annotated[FieldMean | None, told("Null where nothing is ranked.")]
    margin: Annotated[float | None, told("As recorded: score of the first less that of the second.")]
    confidence: Confidence
    gates: Annotated[list[GateTrace], told("Every gate of the role.")]
    near_misses: Annotated[list[NearMiss], told("As recorded.")]
    reliefs: Annotated[Reliefs | None, told("As recorded.")]
    acceptability: Annotated[dict[str, Accepted] | None, told("As recorded.")]
    disagreement: Annotated[Disagreement | None, told("As recorded.")]


class SourceBrief(Out):
    """Where a piece of evidence comes from."""

    title: str
    publisher: str
    kind: SourceKind
    date: str
    url: str | None
    reliability: Annotated[float, told("How far it is believed.")]


class EvidenceBrief(Out):
    """A piece of evidence that was used."""

    as_of: Annotated[str, told("The day that it speaks of.")]
    locator: Annotated[str, told("Where in the source.")]
    note: Annotated[str, told("What it says.")]
    verdict: Verdict
    verdict_note: Annotated[str | None, told("Why that is its verdict.")]
    source: SourceBrief


class Traced(Out):
    """Everything that a recommendation was summed from, with what it was made from."""

    id: Annotated[str, told("The recorded recommendation.")]
    passport: str
    engine: Annotated[str, told("The version of the engine that decided.")]
    release: ReleaseRef
    asked_roles: list[RoleName]
    policy: PolicyUsed | None
    preferences: PreferencesUsed | None
    draws: DrawsUsed | None
    hardware: HardwareUsed
    answers: Annotated[dict[str, JsonValue], told("As understood.")]
    verdicts: Annotated[dict[str, str], told("What each verdict of a gate means.")]
    formulas: Annotated[dict[str, str], told("How each number comes about.")]
    roles: Annotated[dict[RoleName, RoleTrace], told("Role by role.")]
    stack: list[Stack]
    changes: Changes
    considered: list[Considered]
    evidence: Annotated[dict[str, EvidenceBrief], told("Every piece that is cited, by id.")]
    largest_residual: Annotated[float, told("The largest difference between what was summed and what was recorded.")]
