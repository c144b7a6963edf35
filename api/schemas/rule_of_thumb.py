"""The rule of thumb as it goes out."""

from typing import Annotated, Any, Literal

from api.schemas.base import Out, Share, told

Names = Annotated[dict[str, str], told("The names of the alternatives that are spoken of, by id.")]


class FeatureOut(Out):
    """A question with yes or no for an answer. An unknown answer is no."""

    question: Annotated[str, told("The question of the questionnaire that it looks at.")]
    options: Annotated[list[str], told("Yes where the answer holds one of these; none: a number, or yes itself.")]
    at_least: Annotated[float | None, told("Yes where the number is this or more.")]
    text: str


class LeafOut(Out):
    """An end of the tree."""

    framework: str
    count: Annotated[int, told("Held-out projects that come here.")]
    share: Annotated[Share, told("Share of them for which the engine puts the same first.")]
    next_framework: Annotated[str | None, told("What the engine most often puts first otherwise.")]
    next_share: Share


class SplitOut(Out):
    """A question of the tree, and what each answer leads to."""

    asks: FeatureOut
    yes: "SplitOut | LeafOut"
    no: "SplitOut | LeafOut"


class FidelityOut(Out):
    """How well the tree does on projects that it was not fitted to."""

    projects: int
    agree: Annotated[Share, told("Share for which the tree names what the engine puts first.")]
    interval: Annotated[tuple[float, float], told("95 % interval of that share.")]
    baseline: Annotated[str, told("What is most often first.")]
    baseline_agree: Annotated[Share, told("How often always naming that would be right.")]
    excluded: Annotated[Share, told("Of the wrong ones, the share for which a gate excludes what is named.")]
    lost_median: Annotated[float, told("Points of the score (of 100) lost where it is wrong and not excluded.")]
    lost_most: Annotated[float, told("Nine of ten of these lose less.")]
    tied: Annotated[
        Share, told("Of those wrong and not excluded, the share that the engine cannot tell from its first.")
    ]
    tied_of: Annotated[int, told("How many were looked at for that.")]


class SizeOut(Out):
    """A size that could have been taken, with its share of right answers in cross-validation."""

    leaves: int
    agree: Share
    error: float


class MissOut(Out):
    """A group of held-out projects that the tree gets wrong, and the answer that tells them most from the others."""

    says: str
    engine: str
    count: int
    share: Share
    common: str
    common_in: Annotated[Share, told("Share of the group that answers it with yes.")]
    common_out: Annotated[Share, told("Share of the projects beside them that does.")]


class TreeOut(Out):
    """The rule of thumb of one role."""

    title: str
    names: Names
    text: Annotated[list[str], told("The tree as lines of text, indented.")]
    document_schema: Annotated[Literal["steelyard/rule-of-thumb/1"], told("The version of this form.", "schema")]
    role: str
    release_id: str
    release_sha256: str
    engine: str
    seed: str
    drawn: int
    fitted: int
    unanswered: Annotated[Share, told("Share of the projects that call for the role for which nothing is left.")]
    root: SplitOut | LeafOut
    fidelity: FidelityOut
    sizes: list[SizeOut]
    misses: list[MissOut]


class ReleaseOut(Out):
    """The release that it belongs to."""

    id: str
    sha256: str


class RuleOfThumb(Out):
    """The rules of thumb of the active release; a role is missing where there was too little to learn one from."""

    release: ReleaseOut
    engine: str
    roles: dict[str, TreeOut]


class StepOut(Out):
    """A question that the project met."""

    question: str
    text: str
    holds: bool
    known: Annotated[bool, told("Whether the project answers it; what it does not answer is no.")]


class EngineOut(Out):
    """What the engine says of the same project."""

    first: str | None
    tied: Annotated[list[str], told("What it cannot tell from its first, with it.")]
    behind: Annotated[float | None, told("Points of the score by which what the tree says is behind; null: excluded.")]
    excluded: Annotated[list[str], told("The gates that exclude what the tree says.")]


class TurningOut(Out):
    """An answer that the tree does not look at and that makes the difference."""

    question: str
    text: str
    answer: Any


class WalkOut(Out):
    """One project on the rule of thumb of one role."""

    path: list[StepOut]
    leaf: LeafOut
    says: str
    engine: EngineOut
    verdict: Literal["agrees", "tied", "behind", "excluded", "nothing"]
    because: list[TurningOut]
    text: str


class Walked(Out):
    """One project on the rule of thumb, in each role that it calls for and that has one."""

    release: ReleaseOut
    roles: dict[str, WalkOut]
