"""The answer for one role as it goes out: the ranking, what is excluded and how it would come back, and how sure."""

from typing import Annotated, Literal

from pydantic import JsonValue

from api.schemas.base import EvidenceIds, Out, Pair, Share, told

RuleId = Annotated[str, told("Id of a rule; see `/v1/rules`.")]
GateId = Annotated[str, told("Id of a gate; see `/v1/rules`.")]
FrameworkId = Annotated[str, told("Id of an alternative; see `/v1/frameworks`.")]
QuestionId = Annotated[str, told("Id of a question; see `/v1/questions`.")]
LayerName = Annotated[str, told("Who speaks: `shipped`, a policy's name, or `shipped+NAME` where one changed weights.")]


class Waiver(Out):
    """A house's leave for one alternative to pass one gate."""

    gate: GateId
    alternative: FrameworkId
    owner: Annotated[str, told("Who answers for it.")]
    reason: Annotated[str, told("Why it was given.")]
    expires: Annotated[str, told("The last day on which it counts, as YYYY-MM-DD.")]
    layer: Annotated[str, told("The policy that gives it.")]


class Reason(Out):
    """What one rule said of one alternative."""

    rule: RuleId
    layer: LayerName
    text: Annotated[str, told("The rule in words.")]
    share: Annotated[Share, told("The rule's part of the whole weight.")]
    opinion: Annotated[Share, told("The weighted mean of the grades that the rule looks at.")]
    contribution: Annotated[float, told("share x (opinion - mean opinion over the ranked).")]
    evidence: EvidenceIds


class Caution(Out):
    """A soft gate that the alternative does not pass, or a hard one that a house waives for it."""

    gate: GateId
    layer: LayerName
    text: Annotated[str, told("What is wrong, in words.")]
    found: Annotated[str, told("What is on file.")]
    evidence: EvidenceIds
    waiver: Annotated[Waiver | None, told("Why a gate that excludes only cautions here; null for a soft gate.")]


class Unverified(Out):
    """A gate that could not be decided because a fact is unknown."""

    gate: GateId
    facts: Annotated[list[str], told("The unknown facts.")]


class Ranked(Out):
    """One place in a ranking."""

    framework: FrameworkId
    rank: Annotated[int, told("1 for the first.")]
    score: Annotated[Share, told("sum of share x opinion over the rules that spoke.")]
    interval: Annotated[Pair, told("Lower and upper bound of the score at the release's stated probability.")]
    win_probability: Annotated[Share, told("How probable it is that this one is first.")]
    rank_probabilities: Annotated[list[Share], told("How probable each rank is, the first rank first.")]
    verdict: Annotated[Literal["first", "tied for first", "behind"], told("Its standing in a word.")]
    tie_group: Annotated[int, told("Those of one group cannot be told apart; 1 is the leading group.")]
    reasons: Annotated[list[Reason], told("Largest contribution first; they sum to score - field_mean.")]
    cautions: Annotated[list[Caution], told("What speaks against it without excluding it.")]
    unverified: Annotated[list[Unverified], told("Gates that lack a fact.")]


class Relaxation(Out):
    """One changed answer that would let an alternative in; null stands for no answer."""

    question: QuestionId
    before: Annotated[JsonValue, told("The answer now.", alias="from")]
    after: Annotated[list[JsonValue], told("Answers that would do, nearest first.", alias="to")]


class Excluded(Out):
    """One gate that keeps one alternative out."""

    framework: FrameworkId
    gate: GateId
    layer: LayerName
    text: Annotated[str, told("What is wrong, in words.")]
    required: Annotated[str, told("What the gate requires of an alternative for this project.")]
    found: Annotated[str, told("What is on file.")]
    evidence: EvidenceIds
    relaxation: Annotated[list[Relaxation], told("Single changed answers after which no gate stops it.")]


class NearMiss(Out):
    """An excluded alternative that one changed answer would let in, with the place it would take."""

    framework: FrameworkId
    score: Annotated[Share, told("Its score under the present answers.")]
    would_rank: Annotated[int, told("The place that this score takes among the ranked.")]
    gates: Annotated[list[str], told("The gates that keep it out.")]
    relaxation: Annotated[list[Relaxation], told("Single changed answers that let it in.")]


class Withdrawn(Out):
    """An answer to take back: one option of it, or all of it."""

    question: QuestionId
    option: Annotated[str | None, told("The option to take back; null: the whole answer.")]


class Relief(Out):
    """Answers that, all taken back together, let something in; no part of them does."""

    withdraw: Annotated[list[Withdrawn], told("What to take back.")]
    lets_in: Annotated[list[str], told("Ids of the alternatives that nothing excludes then.")]


class Reliefs(Out):
    """The smallest sets of answers whose taking back leaves something to choose from."""

    sets: Annotated[list[Relief], told("Smallest first.")]
    searched_size: Annotated[int, told("Every set of up to so many answers was tried.")]
    complete: Annotated[bool, told("Whether that is every set, so that there is no other.")]


class Weighed(Out):
    """A rule that spoke, with what is needed to recompute its part."""

    rule: RuleId
    layer: LayerName
    text: Annotated[str, told("The rule in words.")]
    strength: Annotated[Share, told("How loudly it speaks; of a ranked priority, the part that its place gives it.")]
    share: Annotated[Share, told("Its part of the whole weight.")]
    weights: Annotated[dict[str, float], told("Weight by criterion.")]


class GatesAsked(Out):
    """Which gates concern the project; no other applies."""

    applied: Annotated[list[str], told("Gates whose condition the answers meet.")]
    silent: Annotated[list[str], told("Gates that an unknown answer keeps silent.")]


class Accepted(Out):
    """What the draws say of one ranked alternative (SMAA-2)."""

    wins: Annotated[dict[str, Share], told("Share of the draws in which it outscored each other; 1/2 for itself.")]
    central_weights: Annotated[dict[str, Share] | None, told("Mean share by rule where it led; null: it never did.")]
    confidence_factor: Annotated[Share | None, told("How probably it is first under its central weights.")]


class Spread(Out):
    """Between which weights stakeholders stand on one option."""

    option: Annotated[str, told("An option of `priorities`.")]
    low: Annotated[Share, told("The least weight that anybody gives it.")]
    low_by: Annotated[list[str], told("Who does.")]
    high: Annotated[Share, told("The greatest weight that anybody gives it.")]
    high_by: Annotated[list[str], told("Who does.")]


class View(Out):
    """What one stakeholder alone would get."""

    name: Annotated[str, told("The stakeholder.")]
    first: Annotated[str | None, told("Who comes first under these weights alone.")]
    tau_b: Annotated[
        Annotated[float, told("In [-1, 1].")] | None, told("Agreement with everybody's ranking (Kendall's tau-b).")
    ]


class Disagreement(Out):
    """How far several stakeholders disagree."""

    spreads: Annotated[list[Spread], told("By option, widest first.")]
    concordance: Annotated[Share | None, told("Agreement of all their rankings (Kendall's W); null: nothing ordered.")]
    views: Annotated[list[View], told("Stakeholder by stakeholder.")]


class Itself(Out):
    """One that runs the model itself on a target."""

    framework: FrameworkId
    role: Annotated[Literal["training", "serving"], told("The role in which it leads.")]
    target: Annotated[str, told("The target, an option of `deploy_targets`.")]
    level: Annotated[int, told("Its support there: 2 (official with limits) or 3 (first-class).")]
    evidence: EvidenceIds


class Without(Out):
    """Where a project can do without a runtime; none is needed where the first three lists after `itself` are empty."""

    itself: Annotated[list[Itself], told("Those that lead and run the model themselves.")]
    needed_on: Annotated[list[str], told("Targets on which one is needed.")]
    unverified: Annotated[list[str], told("Facts that the answers ask about and that are not on file of them.")]
    asked_by: Annotated[list[str], told("Rules that spoke and weigh what only runtimes are graded on.")]
    option: Annotated[str | None, told("The best ranked runtime that a way on file leads to; null: there is none.")]
    better_on: Annotated[list[str], told("Criteria on which that is graded better, the heaviest first.")]
    not_compared: Annotated[list[str], told("Criteria on which only runtimes are graded, the heaviest first.")]
    text: Annotated[str, told("Who runs the model itself where, and what follows.")]
    brings: Annotated[str, told("What a runtime would bring.")]


class RoleResult(Out):
    """The answer for one role."""

    ranking: Annotated[list[Ranked], told("Best first; empty where everything is excluded.")]
    excluded: Annotated[list[Excluded], told("One entry for each gate and alternative.")]
    near_misses: Annotated[list[NearMiss], told("Excluded alternatives that one changed answer lets in.")]
    field_mean: Annotated[float, told("Mean score of the ranked.")]
    margin: Annotated[float | None, told("Score of the first less that of the second.")]
    rules: Annotated[list[Weighed], told("The rules that spoke.")]
    grades: Annotated[dict[str, dict[str, Pair]], told("[grade, sd] in [0, 1] by alternative and criterion.")]
    reliefs: Annotated[Reliefs | None, told("How something would be left; null where something is.")]
    quiet_rules: Annotated[list[str], told("Rules whose condition the answers do not meet.")]
    gates: Annotated[GatesAsked, told("Which gates concern the project.")]
    acceptability: Annotated[dict[str, Accepted] | None, told("What the draws say; null where none were made.")]
    disagreement: Annotated[Disagreement | None, told("Null unless several stakeholders spoke.")]
    without: Annotated[Without | None, told("Where no runtime is needed; null for other roles, or where one is.")]
    decides: Annotated[str | None, told("What tells those that lead apart, where ways on file do.")]
