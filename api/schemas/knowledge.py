"""The knowledge as it goes out: alternatives, grades, criteria, rules, gates, sources, claims."""

from typing import Annotated, Literal

from pydantic import Field, JsonValue

from api.schemas.base import Out, told

Role = Literal["training", "high_level", "serving", "runtime", "companion"]
LifecycleState = Literal["active", "maintenance", "deprecated", "archived"]
Verdict = Literal["holds", "outdated", "contested", "wrong", "unverifiable"]
SourceKind = Literal[
    "vendor_documentation",
    "release_note",
    "registry_metadata",
    "repository_file",
    "issue_thread",
    "survey",
    "benchmark",
    "paper",
    "own_measurement",
    "article",
]
Next = Annotated[str | None, Field(description="Cursor of the next page; null on the last.")]
Level = Annotated[float, Field(ge=0, le=4)]


class LifecycleBrief(Out):
    """Is it alive, since when, and what follows it."""

    state: LifecycleState
    since: str | None
    ends: Annotated[str | None, Field(description="An announced last day of service or support.")]
    successor: str | None
    note: str | None


class FrameworkBrief(Out):
    """An alternative in short."""

    id: str
    name: str
    roles: list[Role]
    graded: bool
    summary: str
    kind_note: str | None
    lifecycle: LifecycleBrief
    version: str | None
    version_date: str | None


class Frameworks(Out):
    """A page of alternatives."""

    items: list[FrameworkBrief]
    next: Next


class Lifecycle(LifecycleBrief):
    """The lifecycle with the evidence for it."""

    evidence: list[str]


class Licence(Out):
    """SPDX id where one exists, and what it allows."""

    spdx: str
    osi_approved: bool | None
    permissive: bool | None
    evidence: list[str]


class GradeOut(Out):
    """A grade from 0 to 4 fused from evidence; not `known`: nothing is on file, and the prior stands."""

    name: str
    mean: float
    sd: float
    known: bool
    contested: bool
    disputed: Annotated[list[str], Field(description="Ids of the evidence that is at odds with the rest.")]
    influences: Annotated[
        list[tuple[str, float]], Field(description="[evidence id, how far it moves the grade], largest first.")
    ]


class CapabilityValue(Out):
    """A fact about an alternative; `value` is a level 0..3, a number, a version range, a set, or "unknown"."""

    value: JsonValue
    evidence: list[str]
    note: str | None
    expires: str | None


class ComputedValue(Out):
    """A fact computed from others, such as the best path to a deployment target."""

    value: JsonValue
    evidence: list[str]


class Path(Out):
    """A conversion from one alternative or format to a runtime, at a support level 0..3."""

    id: str
    source: str
    target: str
    by: str
    level: int
    evidence: list[str]
    note: str | None


class Source(Out):
    """Where evidence comes from."""

    id: str
    kind: SourceKind
    publisher: str
    title: str
    url: str | None
    date: str
    accessed: str
    reliability: float
    seed: Annotated[int | None, Field(description="The number of a founding article, null for every other source.")]
    note: str | None


class Sources(Out):
    """A page of sources."""

    items: list[Source]
    next: Next


class Observed(Out):
    """An absolute observation: this alternative sits at this level of this criterion."""

    criterion: str
    alternative: str
    level: Level


class Compared(Out):
    """A comparative observation: one above another, by so much."""

    criterion: str
    better: str
    worse: str
    by: Literal["slightly", "clearly", "strongly"]


class Claim(Out):
    """A piece of evidence with its source and its verdict."""

    id: str
    source: Source
    locator: str
    as_of: str
    about: list[str]
    dimension: str | None
    note: str
    verdict: Verdict
    verdict_note: str | None
    verdict_evidence: list[str]
    contradicts: list[str]
    favours: Annotated[list[str], Field(description="The alternatives that it speaks for.")]
    disfavours: Annotated[list[str], Field(description="The alternatives that it speaks against.")]
    contested: Annotated[
        bool,
        Field(description="Its verdict says so, or it is at odds with the other evidence on a grade, or contradicted."),
    ]
    grades: list[Observed]
    comparisons: list[Compared]


class EvidencePage(Out):
    """A page of evidence."""

    items: list[Claim]
    next: Next


class Article(Out):
    """A founding article: how many claims it makes, and how many have each verdict."""

    article: int
    title: str
    date: str
    claims: int
    verdicts: dict[Verdict, int]


class Claims(Out):
    """A page of the articles' claims, and the articles."""

    articles: list[Article]
    items: list[Claim]
    next: Next


class Framework(FrameworkBrief):
    """An alternative in full."""

    lifecycle: Lifecycle
    licence: Licence | None
    governance: list[str] | None
    governance_evidence: list[str]
    grades: dict[str, GradeOut]
    capabilities: dict[str, CapabilityValue | ComputedValue]
    paths: list[Path]
    evidence: list[Claim]


class Rubric(Out):
    """What each whole level means."""

    level_0: str
    level_1: str
    level_2: str
    level_3: str
    level_4: str


class Derivation(Out):
    """How a grade is computed from a capability."""

    capability: str
    values: list[float]
    sd: float


class Criterion(Out):
    """A graded quality with its rubric."""

    id: str
    name: str
    group: str
    roles: list[Role]
    question: str
    is_not: str
    rubric: Rubric
    half_life_months: float
    prior_mean: float | None
    prior_sd: float | None
    derived: Derivation | None
    affinity: Annotated[str | None, Field(description="The question it measures nearness to.")]


class Criteria(Out):
    """A page of criteria."""

    items: list[Criterion]
    next: Next


class RuleOut(Out):
    """A weighted opinion: where `when` holds, these criteria count. `when` null: in every project."""

    kind: Literal["rule"]
    id: str
    layer: str
    text: str
    roles: list[Role]
    when: str | None
    rank_of: str | None
    strength: float
    weights: dict[str, float]
    argument: str
    evidence: list[str]


class WaiverOut(Out):
    """A house's leave for one alternative to pass the gate; a release as published has none."""

    alternative: Annotated[str, told("Id of an alternative.")]
    owner: Annotated[str, told("Who answers for it.")]
    reason: Annotated[str, told("Why it was given.")]
    expires: Annotated[str, told("The last day on which it counts, as YYYY-MM-DD.")]
    layer: Annotated[str, told("The policy that gives it.")]


class GateOut(Out):
    """What an alternative must satisfy where `when` holds; `effect` says whether failing excludes or only cautions."""

    kind: Literal["gate"]
    id: str
    layer: str
    text: str
    roles: list[Role]
    when: str | None
    requires: str
    effect: Literal["exclude", "caution"]
    argument: str
    evidence: list[str]
    waivers: Annotated[list[WaiverOut], told("Those in force; policies give them.")]


class Rules(Out):
    """A page of rules and gates."""

    items: list[Annotated[RuleOut | GateOut, Field(discriminator="kind")]]
    next: Next
