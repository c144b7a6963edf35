"""What changed between two portfolios of the same projects: what goes out."""

from typing import Annotated, Literal

from api.schemas.base import Out, told
from api.schemas.boards import Count, Examples, FrameworkId, Whole


class Sides(Out):
    """The earlier and the later one."""

    before: Annotated[str, told("The id of the earlier one.")]
    after: Annotated[str, told("The id of the later one.")]


class SideCounts(Out):
    """Projects that only one of the two calls on."""

    before: Count
    after: Count


class ChangeOut(Out):
    """Projects in which another framework comes first, for one cause."""

    before: Annotated[str | None, told("What came first; null for nothing.")]
    after: Annotated[str | None, told("What comes first now.")]
    parts: Annotated[
        list[Literal["facts", "rules", "weights"]], told("The fewest parts of the release that bring it about alone.")
    ]
    cause: Annotated[Literal["gate", "grade", "rule", "member"], told("What in them does most.")]
    id: Annotated[str, told("Its id: of a gate, a criterion, a rule or a framework.")]
    why: Annotated[str, told("The cause in words.")]
    projects: Count
    examples: Examples


class ExclusionChange(Out):
    """Projects that a framework is excluded from now, or is no longer."""

    framework: FrameworkId
    now: Literal["excluded", "allowed"]
    gate: Annotated[str, told("The gate that does, or did.")]
    why: Annotated[str, told("What it says, in words.")]
    projects: Count


class WayChange(Out):
    """Projects that take another way to a target."""

    target: Annotated[str, told("The target.")]
    before: Annotated[str | None, told("The way it was; null for none.")]
    after: Annotated[str | None, told("The way it is.")]
    projects: Count
    with_another_first: Annotated[int, told("In how many of them another framework is trained in.")]
    examples: Examples


class StackChanges(Out):
    """What became of the stacks."""

    projects: Count
    changed: Annotated[int, told("How many have another stack.")]
    ways: Annotated[list[WayChange], told("By target and way, the most first.")]


class DriftOut(Whole):
    """What changed from one portfolio to another one of the same projects."""

    portfolios: Sides
    releases: Sides
    unread: Annotated[int, told("How many rows only one of the two releases can read; they are in nothing else.")]
    parts: Annotated[list[str], told("In what the releases differ.")]
    projects: Annotated[int, told("How many call for the role under both.")]
    called_only: Annotated[SideCounts, told("How many call for it under one only.")]
    changed: Annotated[int, told("In how many another framework comes first.")]
    changes: Annotated[list[ChangeOut], told("By what came first, what does, and why; the most first.")]
    exclusions: Annotated[list[ExclusionChange], told("Who is excluded now, or no longer.")]
    stacks: StackChanges
