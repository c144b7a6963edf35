"""The shape of a pack: one strict model per kind of entry, unknown keys refused.

A model checks what one entry can show by itself (types, ranges, ids). Whether entries fit together (does the
evidence exist? is the condition well typed?) is `knowledge_base.lint`'s business.
"""

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, model_validator

Id = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(?:[-_.][a-z0-9]+)*$", max_length=80)]
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=1200)]
Label = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60)]
_calendar = AfterValidator(lambda day: date.fromisoformat(f"{day}-01-01"[:10]) and day)
Day = Annotated[str, StringConstraints(pattern=r"^[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?$"), _calendar]
Share = Annotated[float, Field(ge=0, le=1)]
Condition = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000)]

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
CapabilityKind = Literal["level", "number", "version", "set", "flag"]


class Entry(BaseModel):
    """Base of all entries: frozen, strict about types and about unknown keys."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Group(Entry):
    """A heading of the questionnaire."""

    id: Id
    name: Text
    text: Text


class Option(Entry):
    """One answer that a question accepts."""

    id: Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(?:[-_.][a-z0-9]+)*$", max_length=60)]
    label: Text
    help: Text | None


class Question(Entry):
    """One question: how it is asked, what it accepts and why it is asked. `label` names it within a sentence,
    and `none` says in the place of a list that it is none of these.

    `given` marks what a project finds and nobody changes for the sake of a framework, such as its data or its team.
    """

    id: Id
    group: Id
    kind: Literal["one", "many", "number", "yes/no", "ranked", "alternatives"]
    text: Text
    label: Label | None = None
    none: Label | None = None
    help: Text | None
    why: Text
    unit: Text | None
    minimum: float | int | None
    maximum: float | int | None
    ordered: bool
    with_version: bool
    given: bool = False
    exclusive: list[str]
    options: list[Option]


class Contradiction(Entry):
    """Answers that cannot be true together."""

    id: Id
    when: Condition
    text: Text


class Questionnaire(Entry):
    """`questions.yaml`."""

    groups: list[Group]
    questions: list[Question]
    contradictions: list[Contradiction]


class Capability(Entry):
    """A checkable kind of fact about an alternative, asked for in conditions as `alt.<id>`.

    Levels are 0 none, 1 third-party or experimental, 2 official but limited, 3 first-class. A cell is stale once its
    newest evidence is older than the shelf life, unless the cell states a day itself.
    """

    id: Id
    kind: CapabilityKind
    text: Text
    roles: list[Role]
    unit: Text | None = None
    options_of: Id | None = None
    shelf_life_months: Annotated[int, Field(gt=0, le=120)] | None = None


class Rubric(Entry):
    """What each whole level of a criterion means, in words two curators would apply alike."""

    level_0: Text
    level_1: Text
    level_2: Text
    level_3: Text
    level_4: Text


class Derivation(Entry):
    """A grade computed from one capability by a stated value function.

    `values` maps a support level (0..3) to a grade (0..4); `sd` is how sure the mapping is, in grade levels.
    """

    capability: Id
    values: Annotated[list[Annotated[float, Field(ge=0, le=4)]], Field(min_length=4, max_length=4)]
    sd: Annotated[float, Field(gt=0, le=2)]


class Affinity(Entry):
    """A grade that depends on the project: how near the alternative is to those named in a question."""

    question: Id


class Criterion(Entry):
    """A graded quality on an anchored scale from 0 to 4."""

    id: Id
    name: Text
    group: Id
    roles: list[Role]
    question: Text
    is_not: Text
    rubric: Rubric
    half_life_months: Annotated[float, Field(gt=0, le=1200)]
    prior_mean: Annotated[float, Field(ge=0, le=4)] | None = None
    prior_sd: Annotated[float, Field(gt=0, le=2)] | None = None
    derived: Derivation | None = None
    affinity: Affinity | None = None


class Source(Entry):
    """Where evidence comes from. `url` may be missing only where the locator of the evidence is enough.

    `seed` is the number of a founding article: its sentences are the claims that the project set out to judge.
    """

    id: Id
    kind: SourceKind
    publisher: Text
    title: Text
    url: Annotated[str, StringConstraints(pattern=r"^https://\S+$", max_length=300)] | None
    date: Day
    accessed: Day
    reliability: Annotated[float, Field(gt=0, le=1)] | None = None
    seed: Annotated[int, Field(ge=1, le=5)] | None = None
    note: Text | None = None


class Grade(Entry):
    """An absolute observation: this alternative sits at this level (0..4, halves allowed) of this criterion."""

    criterion: Id
    alternative: Id
    level: Annotated[float | int, Field(ge=0, le=4)]


class Comparison(Entry):
    """A comparative observation: `better` is above `worse` on this criterion, by so much."""

    criterion: Id
    better: Id
    worse: Id
    by: Literal["slightly", "clearly", "strongly"]


class Evidence(Entry):
    """One observation from one source, with its verdict and a note in our own words.

    Capabilities cite it, grades are fused from its observations, rules cite it for a premise (without an `about`).
    `favours` and `disfavours` give the direction in which it speaks of alternatives, whatever its verdict.
    """

    id: Id
    source: Id
    locator: Text
    as_of: Day
    about: list[Id]
    dimension: Text | None = None
    note: Text
    verdict: Verdict
    verdict_note: Text | None = None
    verdict_evidence: list[Id] = []
    contradicts: list[Id] = []
    favours: list[Id] = []
    disfavours: list[Id] = []
    grades: list[Grade] = []
    comparisons: list[Comparison] = []

    @model_validator(mode="after")
    def _a_verdict_is_argued(self) -> "Evidence":
        if self.verdict != "holds" and not self.verdict_note:
            raise ValueError(f"verdict {self.verdict!r} needs a verdict_note that says why")
        return self


class Cell(Entry):
    """The value of a capability for one alternative, with its evidence. `unknown` is one: looked for, not found."""

    value: Any
    evidence: list[Id]
    note: Text | None = None
    expires: Day | None = None


class Lifecycle(Entry):
    """Is it alive, since when, and what follows it; `ends` is an announced last day of service or support."""

    state: LifecycleState
    since: Day | None
    ends: Day | None = None
    successor: Id | None
    evidence: Annotated[list[Id], Field(min_length=1)]
    note: Text | None = None


class Licence(Entry):
    """SPDX id where one exists; whether the OSI approves it and whether it is permissive."""

    spdx: Text
    osi_approved: bool | None
    permissive: bool | None
    evidence: list[Id]


class Alternative(Entry):
    """A framework, runtime or tool on file. `graded` says whether its grades are curated in this pack."""

    id: Id
    name: Text
    roles: Annotated[list[Role], Field(min_length=1)]
    graded: bool
    summary: Text
    kind_note: Text | None = None
    lifecycle: Lifecycle
    licence: Licence | None
    governance: list[Literal["foundation_governed", "multi_vendor", "single_vendor", "community"]] | None
    governance_evidence: list[Id] = []
    version: Text | None
    version_date: Day | None
    capabilities: dict[Id, Cell]


class Path(Entry):
    """A conversion edge: from an alternative, by a converter, to a runtime, at a support level (0..3)."""

    id: Id
    source: Id
    target: Id
    by: Text
    level: Annotated[int, Field(ge=0, le=3)]
    evidence: Annotated[list[Id], Field(min_length=1)]
    note: Text | None = None


class Kin(Entry):
    """How much knowing (or depending on) one alternative helps with another, from 0 to 1; holds both ways."""

    a: Id
    b: Id
    value: Annotated[float, Field(gt=0, lt=1)]
    argument: Text


class RuleExamples(Entry):
    """Answers for which a rule fires and for which it does not; run in every evaluator on every build."""

    fires: Annotated[list[dict[str, Any]], Field(min_length=1)]
    silent: Annotated[list[dict[str, Any]], Field(min_length=1)]


class Rule(Entry):
    """When the condition holds, these criteria count with these weights. No condition: the base rule, always on.

    `rank_of` names an option of `priorities`: the strength is then its rank-order-centroid weight instead of 1, and the
    weights are shares of the pack's `priorities_weight` within each role.
    """

    id: Id
    text: Text
    roles: Annotated[list[Role], Field(min_length=1)]
    when: Condition | None
    rank_of: str | None = None
    strength: Annotated[float, Field(gt=0, le=1)] = 1.0
    weights: Annotated[dict[Id, Annotated[float | int, Field(gt=0, le=100)]], Field(min_length=1)]
    argument: Text
    evidence: list[Id]
    examples: RuleExamples | None = None


class GateCase(Entry):
    """Answers (and a hardware profile's facts) with an alternative, on which the gate must say what is listed."""

    alternative: Id
    answers: dict[str, Any] = {}
    hardware: dict[str, Any] = {}


class GateExamples(Entry):
    """Cases the gate stops and cases it lets pass."""

    stops: Annotated[list[GateCase], Field(min_length=1)]
    passes: Annotated[list[GateCase], Field(min_length=1)]


TemplateId = Annotated[str, StringConstraints(pattern=r"^[a-z0-9{}_]+(?:[-_.][a-z0-9{}_]+)*$", max_length=80)]


class Gate(Entry):
    """Excludes (or cautions about) an alternative when the project needs what it cannot do.

    `when` looks at the project only, `requires` at both; text may use {name}; `each` has a row of placeholders a gate.
    """

    id: TemplateId
    effect: Literal["exclude", "caution"]
    roles: Annotated[list[Role], Field(min_length=1)]
    when: Condition | None
    requires: Condition
    text: Text
    argument: Text
    evidence: list[Id] = []
    each: list[dict[str, str]] = []
    examples: GateExamples
