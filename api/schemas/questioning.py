"""What is asked of a recommendation afterwards, as it goes out: why not, against, what if, explained, compared."""

from typing import Annotated, Literal

from pydantic import Field, JsonValue

from api.schemas.base import Out, Pair, RoleName, Share, told
from api.schemas.decision import Changes, Decided
from api.schemas.knowledge import Role
from api.schemas.roles import Excluded, FrameworkId, GateId, LayerName, NearMiss, Reliefs, RuleId
from api.schemas.tracing import Traced

RecommendationId = Annotated[str, told("The recorded recommendation.")]

# --- Explained -------------------------------------------------------------------------------------------------------


class Line(Out):
    """A sentence for each role."""

    id: RecommendationId
    depth: Literal["line"]
    roles: Annotated[dict[RoleName, str], told("Who is first or tied, by how much, why, and what would change it.")]


class Page(Out):
    """A page to read and to paste in a document."""

    id: RecommendationId
    depth: Literal["page"]
    title: Annotated[str, told("What to do, in plain text.")]
    markdown: Annotated[str, told("The page; also given alone as `text/markdown`.")]


class Trace(Traced):
    """Everything that the recommendation was summed from."""

    depth: Literal["trace"]


Explanation = Annotated[Line | Page | Trace, Field(discriminator="depth")]

# --- Why not ---------------------------------------------------------------------------------------------------------


class Lost(Out):
    """How far one rule leaves an alternative behind the first."""

    rule: RuleId
    text: Annotated[str, told("The rule in words.")]
    behind_by: Annotated[float, told("Its part of the gap; negative where it is ahead.")]


class StandsExcluded(Out):
    """Not in the ranking of a role."""

    outcome: Literal["excluded"]
    gates: Annotated[list[Excluded], told("What keeps it out.")]
    near_miss: Annotated[NearMiss | None, told("The place it would take after one changed answer; null: none does.")]


class StandsRanked(Out):
    """In the ranking of a role."""

    outcome: Literal["ranked"]
    rank: Annotated[int, told("Its place.")]
    score: Share
    first: Annotated[str, told("Who is first.")]
    tied_with_first: Annotated[bool, told("Whether it cannot be told apart from the first.")]
    behind_by: Annotated[float, told("How far its score lies below the first's.")]
    where: Annotated[list[Lost], told("Rule by rule; they sum to `behind_by`.")]


class WhyNot(Out):
    """What a recorded recommendation says of one alternative in each role in which it stands."""

    framework: FrameworkId
    name: Annotated[str, told("What it is called.")]
    about: Annotated[str, told("What it is, in a sentence.")]
    successor: Annotated[str | None, told("Id of what follows it.")]
    plays: Annotated[list[Role], told("The roles it is on file for.")]
    roles: Annotated[
        dict[RoleName, Annotated[StandsExcluded | StandsRanked, Field(discriminator="outcome")]],
        told("Its standing in the roles of the recommendation."),
    ]
    reason: Annotated[str, told("Why it is not the answer, in sentences.")]


# --- One against another ---------------------------------------------------------------------------------------------


class GateBrief(Out):
    """A gate that keeps an alternative out."""

    gate: GateId
    layer: LayerName
    text: Annotated[str, told("What is wrong, in words.")]


class OutsideRanking(Out):
    """One of two that is excluded."""

    framework: FrameworkId
    outcome: Literal["excluded"]
    gates: Annotated[list[GateBrief], told("What keeps it out.")]


class InRanking(Out):
    """One of two that is ranked."""

    framework: FrameworkId
    outcome: Literal["ranked"]
    rank: Annotated[int, told("Its place.")]
    score: Share
    interval: Annotated[Pair, told("Lower and upper bound of the score.")]
    win_probability: Annotated[Share, told("How probable it is that it is first of all.")]
    tie_group: Annotated[int, told("Those of one group cannot be told apart.")]


class CriterionGap(Out):
    """One criterion's part of a rule's part of the gap."""

    criterion: Annotated[str, told("Id of a criterion; see `/v1/criteria`.")]
    weight: Annotated[float, told("Its weight in the rule.")]
    a: Annotated[Share, told("The grade of a.")]
    b: Annotated[Share, told("The grade of b.")]
    gap: Annotated[float, told("share of the criterion x (grade of a - grade of b).")]


class RuleGap(Out):
    """One rule's part of the gap."""

    rule: RuleId
    layer: LayerName
    text: Annotated[str, told("The rule in words.")]
    share: Annotated[Share, told("Its part of the whole weight.")]
    gap: Annotated[float, told("What it adds to a's score less what it adds to b's.")]
    criteria: Annotated[list[CriterionGap], told("Largest part first; they sum to `gap`.")]


class Reweighed(Out):
    """Another weight for one rule."""

    rule: RuleId
    text: Annotated[str, told("The rule in words.")]
    factor: Annotated[float, told("What its weight is multiplied by.")]
    share: Annotated[Share, told("Its share now.")]
    share_after: Annotated[Share, told("Its share then.")]


class JointChange(Out):
    """The least change of all weights together that levels the two."""

    distance: Annotated[float, told("Root of the sum of squares of (factor - 1).")]
    changes: Annotated[list[Reweighed], told("The rules that change.")]


class Comparison(Out):
    """How far a lies above b, and what would level them; compared as if no gate stopped either."""

    gap: Annotated[float, told("Score of a less score of b, as summed here.")]
    recorded_gap: Annotated[float | None, told("The same from the recorded scores; null where one is excluded.")]
    rules: Annotated[list[RuleGap], told("Largest part first; they sum to `gap`.")]
    level_by_one: Annotated[Reweighed | None, told("The one rule that levels them with the least change of its share.")]
    level_together: Annotated[JointChange | None, told("Null where no weights level them, or they are level.")]
    probability: Annotated[Share | None, told("How probable it is that a scores above b.")]


class RolePair(Out):
    """Two alternatives in one role."""

    role: Annotated[RoleName, told("The role.")]
    a: Annotated[InRanking | OutsideRanking, Field(discriminator="outcome", description="The standing of a.")]
    b: Annotated[InRanking | OutsideRanking, Field(discriminator="outcome", description="The standing of b.")]
    comparison: Annotated[Comparison | None, told("Null where one of them has no grades.")]


class Against(Out):
    """Two alternatives side by side, in every role that both play or in the one asked for."""

    id: RecommendationId
    a: FrameworkId
    b: FrameworkId
    roles: Annotated[dict[RoleName, RolePair], told("Role by role.")]


# --- Two decisions ---------------------------------------------------------------------------------------------------

Group = Literal["answers", "hardware", "facts", "rules", "weights"]
Parts = Annotated[dict[str, float], told("What each group of inputs adds (Shapley value); they sum to the change.")]
By = Annotated[list[list[Group]], told("The smallest sets of groups which, swapped alone, bring this about.")]


class ScoreChange(Out):
    """One alternative's score on both sides."""

    framework: FrameworkId
    before: Share
    after: Share
    parts: Parts


class LeadChange(Out):
    """Another first place."""

    before: Annotated[str | None, told("Who was first; null: nobody.")]
    after: Annotated[str | None, told("Who is first; null: nobody.")]
    gap_before: Annotated[float | None, told("How far the new first lay above the old one; null: one has no score.")]
    gap_after: Annotated[float | None, told("How far it lies above it now.")]
    parts: Annotated[Parts | None, told("What each group adds to that gap.")]
    by: By


class StatusChange(Out):
    """An alternative that came in or went out."""

    framework: FrameworkId
    before: Annotated[Literal["ranked", "excluded", "absent"], told("What it was.")]
    after: Annotated[Literal["ranked", "excluded", "absent"], told("What it is.")]
    gates_before: Annotated[list[str], told("The gates that excluded it.")]
    gates_after: Annotated[list[str], told("The gates that exclude it.")]
    by: By


class RoleDifference(Out):
    """What changed in one role."""

    scores: Annotated[list[ScoreChange], told("Of the members of both sides, best after first.")]
    lead: Annotated[LeadChange | None, told("Null where the same one is first.")]
    statuses: Annotated[list[StatusChange], told("What came in or went out.")]


class InputChange(Out):
    """One input that differs."""

    group: Group
    kind: Annotated[str, told("What kind of thing it belongs to: question, rule, framework ...")]
    id: Annotated[str, told("Which one.")]
    field: Annotated[str, told("Which of its fields; `exists`: only one side has the thing.")]
    before: JsonValue
    after: JsonValue


class DifferenceBody(Out):
    """What changed between two decisions, and how much of it came from which inputs."""

    release_before: Annotated[str, told("The release of the earlier one.")]
    release_after: Annotated[str, told("The release of the later one.")]
    groups: Annotated[list[Group], told("The groups of inputs that differ.")]
    roles: Annotated[dict[RoleName, RoleDifference], told("The roles that both are about.")]
    roles_added: Annotated[list[RoleName], told("Roles that only the later one is about.")]
    roles_removed: Annotated[list[RoleName], told("Roles that only the earlier one is about.")]
    changes: Annotated[dict[Group, list[InputChange]], told("What differs, by group.")]
    more: Annotated[dict[Group, int], told("How many changes of each group are left out.")]


class Difference(DifferenceBody):
    """The difference of two recorded recommendations."""

    before: Annotated[str, told("The earlier one.")]
    after: Annotated[str, told("The later one.")]


# --- What if ---------------------------------------------------------------------------------------------------------


class WaysBack(Out):
    """How excluded alternatives of a role would come back."""

    near_misses: Annotated[list[NearMiss], told("By one changed answer.")]
    reliefs: Annotated[Reliefs | None, told("By answers taken back, where nothing is left; null elsewhere.")]


class WhatCould(Out):
    """What would change a recorded recommendation, as it is recorded."""

    id: RecommendationId
    changes: Changes
    roles: Annotated[dict[RoleName, WaysBack], told("Role by role.")]


class WhatIf(Out):
    """A recorded recommendation under other answers; nothing is stored."""

    id: RecommendationId
    changed: Annotated[dict[str, JsonValue], told("The answers that were put in; null: taken back.")]
    decision: Annotated[Decided, told("The decision under them.")]
    difference: Annotated[DifferenceBody, told("What they change.")]


class Replay(Out):
    """Whether deciding again from the recorded release and inputs gives the same."""

    id: RecommendationId
    same: Annotated[bool, told("Whether it does, byte for byte.")]
    passport: Annotated[str, told("As recorded.")]
    replayed_passport: Annotated[str, told("As decided again.")]
    differences: Annotated[list[str], told("Dotted paths of what differs, at most fifty.")]
