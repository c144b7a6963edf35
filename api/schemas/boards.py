"""What a board is told of a portfolio: what goes out."""

from typing import Annotated, Literal

from api.schemas.base import EvidenceIds, Out, Pair, RoleName, Share, told

FrameworkId = Annotated[str, told("The id of a framework.")]
FrameworkIds = Annotated[list[str], told("Ids of frameworks.")]
RowNumber = Annotated[int, told("Its number among the data rows, from 1.")]
Count = Annotated[int, told("How many projects.")]
NeedlessCount = Annotated[
    int | None,
    told(
        "How many of these need no runtime on any target; they are counted all the same. null: not known, other roles."
    ),
]
Weight = Annotated[float, told("What these projects count together, one each where there are no weights.")]
Lost = Annotated[float, told("The score lost, a mean over the projects that may use anything at all.")]
Quantiles = Annotated[dict[str, float], told("The loss of a project by the share of projects that lose no more.")]
Verdict = Literal["stays", "not clear", "moves", "ruled out", "has to move", "stranded", "not judged", "unknown"]


class Called(Out):
    """A project."""

    id: Annotated[str, told("What it is called.")]
    row: RowNumber


Examples = Annotated[list[Called], told("Some of these projects.")]


class Board(Out):
    """What every answer about a portfolio begins with."""

    portfolio: Annotated[str, told("The portfolio that this is about.")]
    release: Annotated[str, told("The id of the release that answered.")]
    role: Annotated[RoleName, told("The role that this is about.")]


class Whole(Board):
    """What every answer about all projects of a portfolio begins with."""

    silent: Annotated[
        int | None,
        told("How many of its scored rows answer nothing: they get what holds without any answer. null: not counted."),
    ]


# --- Summary ---------------------------------------------------------------------------------------------------------


class FirstOut(Out):
    """The projects in which a framework comes first."""

    framework: FrameworkId
    projects: Count
    weight: Weight
    clear: Annotated[int, told("In how many it comes first as clearly as ties need.")]
    stays: Annotated[int, told("In how many the present code depends on it.")]
    allowed: Annotated[int, told("For how many of all projects no gate excludes it.")]
    mean_score: Annotated[Share, told("Its mean score in them.")]
    mean_margin: Annotated[float | None, told("By how much it is ahead of the second there, where there is one.")]


class SummaryOut(Whole):
    """What comes first in a role, for whom, and how clearly."""

    projects: Annotated[int, told("How many projects call for the role.")]
    unranked: Annotated[int, told("How many of them are left without any allowed framework.")]
    needless: NeedlessCount
    weight: Annotated[float, told("What all of them count together.")]
    frameworks: Annotated[list[FirstOut], told("The frameworks that come first in any, by weight.")]
    by_group: Annotated[
        dict[str, dict[str, dict[str, int]]],
        told("By question (`stage`, `deploy_targets`) and answer, how often each framework comes first; '' is nobody."),
    ]


# --- Consolidation ---------------------------------------------------------------------------------------------------


class PartOut(Out):
    """A part of a portfolio under a set."""

    projects: Count
    hurt: Annotated[int, told("How many get less than their best.")]
    left_out: Annotated[int, told("How many are allowed nothing of the set.")]
    lost: Annotated[float, told("The score they lose in sum.")]


class OfBest(PartOut):
    """The projects that one framework is best for."""

    framework: FrameworkId


class OfGroup(PartOut):
    """The projects of a group."""

    question: Annotated[str, told("The question that makes the group.")]
    group: Annotated[str, told("The answer.")]


class CaseOut(Called):
    """A project under a set."""

    best: FrameworkId
    gets: Annotated[str | None, told("The best that the set has for it; null for nothing.")]
    loss: Annotated[float, told("The score it loses.")]
    weight: Annotated[float, told("How much it counts.")]


class HurtOut(PartOut):
    """Whom a set hurts."""

    dependent: Annotated[int, told("How many projects' code depends on a framework of the role.")]
    moves: Annotated[int, told("How many of them would leave it.")]
    gets: Annotated[dict[str, int], told("How many projects each framework of the set serves.")]
    quantiles: Quantiles
    worst: Annotated[list[CaseOut], told("Those that lose most.")]
    by_best: Annotated[list[OfBest], told("By what is best for them.")]
    by_group: Annotated[list[OfGroup], told("By what they answer.")]


class BoundOut(Out):
    """What no set of the size can be below."""

    unserved: Annotated[float, told("The weight left without an allowed framework.")]
    loss: Lost


class NextSet(BoundOut):
    """The best set that is worse."""

    members: FrameworkIds


class SetOut(Out):
    """The best set of so many frameworks."""

    k: Annotated[int, told("How many frameworks.")]
    members: FrameworkIds
    unserved: Annotated[float, told("The weight of the projects that are allowed nothing of it.")]
    loss: Lost
    share_lost: Annotated[Share, told("The part of the score that all have with what is best for each.")]
    method: Annotated[str, told("How it was found.")]
    proven: Annotated[bool, told("Whether no set of the size is better.")]
    bound: Annotated[BoundOut | None, told("Where it is not proven: how much better one could be.")]
    equals: Annotated[int | None, told("How many other sets are as good, where they were counted.")]
    next: Annotated[NextSet | None, told("The next best set, where it was looked for.")]
    hurt: Annotated[HurtOut, told("Whom it hurts.")]


class ConsolidationOut(Whole):
    """The best 1, 2, 3 ... frameworks for a portfolio."""

    projects: Annotated[int, told("How many projects call for the role.")]
    unservable: Annotated[int, told("How many of them may use no framework at all; they are in nothing else.")]
    needless: NeedlessCount
    weight: Annotated[float, told("What the others count together.")]
    value: Annotated[float, told("Their mean score with what is best for each: what there is to lose.")]
    sets: Annotated[list[SetOut], told("By number of frameworks, up to the one that loses nothing.")]


# --- Movers, risk ----------------------------------------------------------------------------------------------------


class FlowOut(Out):
    """Projects that move from one framework to another."""

    present: FrameworkId
    target: FrameworkId
    verdict: Annotated[Verdict, told("Whether they should or have to.")]
    projects: Count
    weight: Weight
    mean_gain: Annotated[float | None, told("What a new project would gain; null where they have to move.")]
    mean_cost: Annotated[float | None, told("What moving costs, on the same scale.")]


class MoverOut(Called):
    """A project that should move."""

    weight: Annotated[float, told("How much it counts.")]
    present: FrameworkId
    target: FrameworkId
    gain: Annotated[float, told("What a new project would gain.")]
    cost: Annotated[float, told("What moving costs.")]
    net: Annotated[float, told("Gain less cost: the lead that its decision shows.")]
    interval: Annotated[Pair, told("The interval of the net gain; `interval_probability` says how sure it is.")]
    probability: Annotated[Share, told("That the net gain is positive.")]


class ForcedOut(Called):
    """A project that has to move."""

    weight: Annotated[float, told("How much it counts.")]
    present: FrameworkId
    target: FrameworkId
    gate: Annotated[str | None, told("The gate that excludes what its code depends on; null where that has no grades.")]
    why: Annotated[str, told("The same in words.")]


class MoversOut(Whole):
    """Who should move, who has to, and what it brings and costs."""

    pays_from: Annotated[Share, told("The probability of paying from which a project should move.")]
    interval_probability: Annotated[Share, told("With which probability an interval holds the net gain.")]
    verdicts: Annotated[dict[Verdict, int], told("How many projects of each.")]
    weights: Annotated[dict[Verdict, float], told("What these count together.")]
    flows: Annotated[list[FlowOut], told("From where to where, the greatest weight first.")]
    listed: Annotated[list[MoverOut], told("The clearest of those that should move; `verdicts` counts all.")]
    forced: Annotated[list[ForcedOut], told("The first of those that have to; `verdicts` counts all.")]


class ExposureOut(Out):
    """Projects that stand on something that may give way."""

    of: Annotated[Literal["present", "first"], told("What the code depends on, or what comes first.")]
    framework: FrameworkId
    risk: Annotated[str, told("What may happen.")]
    projects: Count
    at_risk: Annotated[int, told("How many of them it concerns.")]
    weight: Annotated[float, told("What those that it concerns count together.")]
    unknown: Annotated[int, told("For how many it is not known.")]
    examples: Examples
    evidence: EvidenceIds


class RiskOut(Whole):
    """What a portfolio stands on that may give way."""

    projects: Annotated[dict[str, int], told("How many projects have a framework, by `present` and `first`.")]
    exposed: Annotated[dict[str, int], told("How many of them are exposed in any way.")]
    weight: Annotated[dict[str, float], told("What the exposed count together.")]
    several: Annotated[
        int, told("How many depend on several frameworks, and are looked at for the one that serves them best.")
    ]
    licence_policies: Annotated[
        int, told("How many projects state a licence policy; without any, licences are not among the exposures.")
    ]
    exposures: Annotated[list[ExposureOut], told("By framework and kind, the greatest weight first.")]


# --- Groups, sensitivity ---------------------------------------------------------------------------------------------


class SharedOut(Out):
    """What a group answers more or less often than the others."""

    text: Annotated[str, told("In words.")]
    question: Annotated[str, told("The question.")]
    inside: Annotated[int, told("How many of the group say so.")]
    outside: Annotated[int, told("How many of the others.")]


class GroupOut(Out):
    """A group of like projects."""

    projects: Annotated[int, told("How many of all projects are in it.")]
    weight: Weight
    sampled: Annotated[int, told("How many of the sample it was found in.")]
    more: Annotated[list[SharedOut], told("What they say more often.")]
    less: Annotated[list[SharedOut], told("What they say less often.")]


class TriedOut(Out):
    """A number of groups that was tried."""

    groups: Annotated[int, told("How many.")]
    rand_reseeded: Annotated[float, told("Adjusted Rand index over new starts.")]
    rand_subsampled: Annotated[float, told("The same over subsamples.")]
    explained: Annotated[float, told("The share of variance that the groups explain.")]
    by_chance: Annotated[float, told("The share that groups among shuffled answers do.")]
    passes: Annotated[bool, told("Whether they come back and are beyond chance.")]


class GroupsOut(Whole):
    """Groups of like projects; none where nothing is stable."""

    sampled: Annotated[int, told("How many projects were looked at.")]
    groups: Annotated[list[GroupOut], told("The groups.")]
    tried: Annotated[list[TriedOut], told("What was tried, and why it was taken or not.")]


class DrawnSet(Out):
    """A set that was best in some draws."""

    members: FrameworkIds
    share: Annotated[Share, told("In which share of them.")]


class SensitiveSet(Out):
    """The best set of a size, and what it is in draws of grades and weights."""

    k: Annotated[int, told("How many frameworks.")]
    members: FrameworkIds
    in_draws: Annotated[list[DrawnSet], told("The most frequent first.")]


class PivotOut(Out):
    """A piece of evidence without which another set is best."""

    evidence: Annotated[str, told("Its id.")]
    best: FrameworkIds
    without: FrameworkIds


class SensitivityOut(Whole):
    """How far the best few frameworks hang on the evidence."""

    projects: Annotated[int, told("How many projects were drawn.")]
    drawn: Annotated[int, told("How many times grades and weights were.")]
    sets: Annotated[list[SensitiveSet], told("By size.")]
    top: Annotated[str | None, told("What comes first most often, by weight.")]
    tops_in_draws: Annotated[dict[str, float], told("In which share of draws each does.")]
    pieces: Annotated[int, told("How many pieces of evidence there are.")]
    tried: Annotated[int, told("How many had to be left out in turn; the others were ruled out by a bound.")]
    pivots: Annotated[list[PivotOut], told("Those that turn a best set.")]
