"""What a compiled release consists of: frozen values and arrays, from which every answer is given."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rules.builds import Absence, Build
from rules.conditions import Evaluate, Kind, Node
from rules.priors import Priors
from rules.requirements import Questionnaire

ROLES = ("training", "high_level", "serving", "runtime")
TOP_GRADE = 4.0
EVIDENCE_PER_REASON = 5

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition ready to run: text, tree, the questions and facts it looks at, the numbers it compares with."""

    text: str
    node: Node
    evaluate: Evaluate
    questions: frozenset[str]
    asked: tuple[str, ...]  # the same, sorted
    facts: tuple[str, ...]
    bounds: tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True)
class Alternative:
    """A framework, runtime or tool on file.

    `about` says in a sentence what it is; `facts` holds `alt.*` by name, `fact_evidence` what each rests on and
    `fact_notes` what is said beside some.
    """

    id: str
    name: str
    roles: tuple[str, ...]
    graded: bool
    about: str
    version: str | None
    successor: str | None
    facts: Mapping[str, object]
    fact_evidence: Mapping[str, tuple[str, ...]]
    fact_notes: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Criterion:
    """A criterion.

    `affinity` is the question whose named alternatives it measures nearness to, `derived` the capability that it is
    computed from with the grades (0..4) of its levels; most have neither.
    """

    id: str
    name: str
    affinity: str | None
    derived: tuple[str, tuple[float, ...]] | None


@dataclass(frozen=True, slots=True)
class Rule:
    """A weighted opinion; `when` is None for a base rule, `rank_of` an option of `priorities` or None."""

    id: str
    layer: str
    text: str
    when: Condition | None
    rank_of: str | None
    strength: float
    weights: Mapping[str, float]
    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Waiver:
    """A house's leave for one alternative to pass one gate, up to and including the day it expires."""

    gate: str
    alternative: str
    owner: str
    reason: str
    expires: str
    layer: str


@dataclass(frozen=True, slots=True)
class Layer:
    """A house policy over the shipped release: what it silenced, and which of its waivers count no longer."""

    name: str
    owner: str
    sha256: str
    silenced: tuple[str, ...]
    expired: tuple[Waiver, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """What a gate still asks of a project for some alternatives, once their facts are filled in.

    See `rules.conditions.residual`.
    """

    node: Node
    evaluate: Evaluate
    alternatives: frozenset[str]


@dataclass(frozen=True, eq=False)
class Gate:
    """A hard or soft gate.

    `parts` says of every candidate of the role what is left of the requirement: of those in `fails` that it never
    holds, of those in `not_known` (graded ones only) that it is never decided, and `open_parts` depend on the project.
    `looks_at_paths` says whether that includes the ways to targets, and so the runtimes a project can use; `waivers`
    holds those in force, by alternative.
    """

    id: str
    layer: str
    excludes: bool
    text: str
    when: Condition | None
    requires: Condition
    evidence: tuple[str, ...]
    parts: tuple[Part, ...]
    fails: tuple[str, ...]
    not_known: tuple[str, ...]
    open_parts: tuple[Part, ...]
    looks_at_paths: bool
    waivers: Mapping[str, Waiver]

    @property
    def questions(self) -> frozenset[str]:
        """The questions that its two conditions look at."""
        return self.requires.questions | (self.when.questions if self.when else frozenset())


@dataclass(frozen=True, slots=True)
class Role:
    """One role's arrays. F graded members, C criteria, R rules.

    Attributes:
        members: ids of the F graded alternatives, sorted.
        others: ids on file for the role that are not graded in this release.
        criteria: the C criteria in use.
        rules: the R rules that speak in this role.
        gates: the gates that guard it.
        grade: (F, C) posterior means as shares of the top grade, in [0, 1]; affinity columns are 0.
        grade_sd: (F, C) posterior standard deviations on the same scale.
        coupled: (column, (F, F) covariance on the same scale) of the criteria in which evidence ties grades.
        weight: (R, C) rule weights d_rc, >= 0; `weights` the same by name, without the zeros.
        total: (R,) sum of each rule's weights.
        opinion: (R, F) weighted mean of a member's grades under each rule, in [0, 1], affinities left out.
        evidence: for each rule and member, the evidence that moved its grades most.
        rules_on: the rules (by index) that look at a question, by question; `gates_on` the same for gates.
        bounds: the numbers that conditions compare a question with, ascending, by question.
    """

    name: str
    members: tuple[str, ...]
    others: tuple[str, ...]
    criteria: tuple[Criterion, ...]
    rules: tuple[Rule, ...]
    gates: tuple[Gate, ...]
    grade: Array
    grade_sd: Array
    coupled: tuple[tuple[int, Array], ...]
    weight: Array
    weights: tuple[Mapping[str, float], ...]
    total: Array
    opinion: Array
    evidence: Mapping[tuple[str, str], tuple[str, ...]]
    rules_on: Mapping[str, tuple[int, ...]]
    gates_on: Mapping[str, tuple[int, ...]]
    bounds: Mapping[str, tuple[float, ...]]


@dataclass(frozen=True, slots=True)
class Edge:
    """A conversion from an alternative by a converter to a runtime, with its support level 0..3."""

    id: str
    source: str
    target: str
    by: str
    level: int
    evidence: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Release:
    """Everything an answer is given from.

    `names` types what conditions mention and `labels` says it in words; `reach_questions` are those that decide which
    runtimes a project can use; `confidence` holds the stated numbers of
    ties and intervals. `layers` are the house policies over it, lowest first: `id` and `sha256` stay those of the
    release below them, and `policy_sha256` covers the policies with their waivers in force (None without any). `builds`
    are what can be installed, `absences` the kinds of device for which there is nothing; `priors` say what people are
    likely to answer.
    """

    id: str
    sha256: str
    as_of: str
    questionnaire: Questionnaire
    names: Mapping[str, Kind]
    labels: Mapping[str, str]
    alternatives: Mapping[str, Alternative]
    roles: Mapping[str, Role]
    edges: tuple[Edge, ...]
    kinship: Mapping[tuple[str, str], float]
    reach_questions: frozenset[str]
    confidence: Mapping[str, float]
    layers: tuple[Layer, ...]
    policy_sha256: str | None
    priors: Priors
    builds: tuple[Build, ...] = ()
    absences: tuple[Absence, ...] = ()
