"""A decision: one frozen value that holds every number and reason of an answer, and its document form.

"Why not X" is a lookup in it, never a second computation. Numbers in the document are rounded (sums to 12 decimals,
probabilities to 6), so that the same inputs give the same bytes everywhere.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rules import canonical, passport
from rules.changes import AnswerFlip, Unknown, WeightFlip
from rules.compiled import Layer, Waiver
from rules.disagreement import Disagreement
from rules.feasibility.project import Feasibility
from rules.gates import Relaxation
from rules.minimal import Reliefs
from rules.preferences import Preferences
from rules.scoring import SUM_DECIMALS
from rules.spared import Without
from rules.stacks import Stack

ENGINE = "7"
PROBABILITY_DECIMALS = 6


@dataclass(frozen=True, slots=True)
class Reason:
    """What one rule said of one alternative: its share of the score, its opinion in [0, 1] and what that adds."""

    rule: str
    layer: str
    text: str
    share: float
    opinion: float
    contribution: float
    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Caution:
    """A soft gate that the alternative does not pass, or a hard one that a house waives for it (`waiver`)."""

    gate: str
    layer: str
    text: str
    found: str
    evidence: tuple[str, ...]
    waiver: Waiver | None


@dataclass(frozen=True, slots=True)
class Unverified:
    """A gate that could not be decided because a fact about the alternative is unknown."""

    gate: str
    facts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Ranked:
    """One place in a ranking. `score` in [0, 1]; `interval` holds it with the release's stated probability."""

    framework: str
    rank: int
    score: float
    interval: tuple[float, float]
    win_probability: float
    rank_probabilities: tuple[float, ...]
    verdict: str
    tie_group: int
    reasons: tuple[Reason, ...]
    cautions: tuple[Caution, ...]
    unverified: tuple[Unverified, ...]


@dataclass(frozen=True, slots=True)
class Excluded:
    """One gate that keeps one alternative out: what it requires, what was found, and what would let it back in."""

    framework: str
    gate: str
    layer: str
    text: str
    required: str
    found: str
    evidence: tuple[str, ...]
    relaxation: tuple[Relaxation, ...]


@dataclass(frozen=True, slots=True)
class NearMiss:
    """An excluded alternative that one changed answer would let in.

    `score` and `would_rank` are those it then has, after the first value of its first relaxation.
    """

    framework: str
    score: float
    would_rank: int
    gates: tuple[str, ...]
    relaxation: tuple[Relaxation, ...]


@dataclass(frozen=True, slots=True)
class Weighed:
    """A rule that spoke, with all that is needed to recompute its part by hand."""

    rule: str
    layer: str
    text: str
    strength: float
    share: float
    weights: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class GatesAsked:
    """The gates that concern the project, and those that an unknown answer keeps silent; no other applies."""

    applied: tuple[str, ...]
    silent: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Accepted:
    """What the draws say of one ranked alternative.

    `wins` is the share of draws in which it outscored each of the field (1/2 for itself); `central_weights` the mean
    share of each rule in the draws that it led and `confidence_factor` how probable it is first under these; both None
    where it never led. Lahdelma and Salminen, Operations Research 49(3), 2001.
    """

    wins: Mapping[str, float]
    central_weights: Mapping[str, float] | None
    confidence_factor: float | None


@dataclass(frozen=True, slots=True)
class RoleResult:
    """The answer for one role.

    `grades` holds [grade, standard deviation] in [0, 1] per member and criterion; `reliefs` what could be taken back
    where every alternative is excluded; `quiet_rules` those that do not concern the project; `acceptability` what the
    draws say, by framework; `disagreement` where several stakeholders would each come out; `without` where nothing of
    the role is needed; `decides` what tells those that lead apart, in a sentence, where anything on file does.
    """

    role: str
    ranking: tuple[Ranked, ...]
    excluded: tuple[Excluded, ...]
    near_misses: tuple[NearMiss, ...]
    field_mean: float
    margin: float | None
    rules: tuple[Weighed, ...]
    grades: Mapping[str, Mapping[str, tuple[float, float]]]
    reliefs: Reliefs | None
    quiet_rules: tuple[str, ...]
    gates: GatesAsked
    acceptability: Mapping[str, Accepted] | None
    disagreement: Disagreement | None
    without: Without | None = None
    decides: str | None = None


@dataclass(frozen=True, slots=True)
class Silent:
    """A rule or gate that an unknown answer keeps silent, and whether it could change the first place."""

    role: str
    kind: str
    id: str
    text: str
    questions: tuple[str, ...]
    could_change: bool


@dataclass(frozen=True, slots=True)
class Considered:
    """What became of an alternative that was asked for by name."""

    framework: str
    version: str | None
    outcome: str
    text: str


@dataclass(frozen=True, slots=True)
class MachineVerdict:
    """What the builds on file say of an alternative on the machine of the profile: see `rules.builds`.

    `on` is the kind of device it would run on, `reason` the first, `change` the smallest change that would better it.
    """

    framework: str
    state: str
    on: str | None
    reason: str | None
    change: str | None


@dataclass(frozen=True, slots=True)
class Hardware:
    """Which hardware the answer is about: what the answers say, or a named profile that filled the gaps they leave.

    `source` says whose machine that is: `answers`, `this server`, `your profile` or `what if`. `verdicts` are those on
    the alternatives of the ranked roles, by id; empty without a profile, or without builds on file.
    `assumed` is what they take for granted of a machine whose software is open.
    """

    basis: str
    source: str
    label: str
    captured_at: str | None
    facts: Mapping[str, object]
    filled: Mapping[str, object]
    disagreements: tuple[str, ...]
    assumed: tuple[str, ...]
    verdicts: tuple[MachineVerdict, ...]


@dataclass(frozen=True, slots=True)
class Policy:
    """The house policies that the answer was given under, lowest first; `sha256` covers them and what is waived."""

    sha256: str
    layers: tuple[Layer, ...]


@dataclass(frozen=True, slots=True)
class Draws:
    """How many draws to make, and the digest of the inputs that they are made from."""

    count: int
    seed: str


@dataclass(frozen=True, slots=True)
class Changes:
    """What would change the first place: single answers and weights, and what each open question could do.

    `settled` names, by role, the open questions that alone could not change the first place.
    """

    answers: tuple[AnswerFlip, ...]
    weights: tuple[WeightFlip, ...]
    unknown: tuple[Unknown, ...]
    settled: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Decision:
    """A whole answer. `not_known` names the questions that were asked and that nobody could answer, `unweighed` the
    answered ones that nothing in the ranked roles looks at; `feasibility` is None where the size of the model or the
    memory is not known.

    `passport` hashes inputs, release, engine and result; `id` is made from it.
    """

    release_id: str
    release_sha256: str
    policy: Policy | None
    hardware: Hardware
    answers: Mapping[str, object]
    not_known: tuple[str, ...]
    preferences: Preferences | None
    asked_roles: tuple[str, ...]
    draws: Draws | None
    roles: Mapping[str, RoleResult]
    stack: tuple[Stack, ...]
    changes: Changes | None
    silent: tuple[Silent, ...]
    considered: tuple[Considered, ...]
    unweighed: tuple[str, ...]
    feasibility: Feasibility | None

    def document(self, name: str | None = None) -> dict[str, Any]:
        """The decision as JSON, but for `created_at`, which whoever records it adds; `name` is what it was made for."""
        body = {
            "engine": ENGINE,
            "name": name,
            "release": {"id": self.release_id, "sha256": self.release_sha256},
            "policy": plain(self.policy),
            "hardware": plain(self.hardware),
            "answers": dict(self.answers),
            "not_known": list(self.not_known),
            "preferences": _preferences(self.preferences) if self.preferences else None,
            "asked_roles": list(self.asked_roles),
            "draws": plain(self.draws),
            "roles": {role: _role(result) for role, result in self.roles.items()},
            "stack": [_stack(stack) for stack in self.stack],
            "changes": _changes(self.changes) if self.changes else None,
            "silent_rules": [plain(silent) for silent in self.silent],
            "considered": [plain(each) for each in self.considered],
            "unweighed": list(self.unweighed),
            "feasibility": plain(self.feasibility),
        }
        made = canonical.digest(body)
        return {"id": passport.name(made), "passport": made, **body}


def plain(value: Any) -> Any:
    """A frozen value as JSON: records as objects, sequences as lists, numbers rounded to the sums' decimals."""
    if isinstance(value, str):
        return value
    if isinstance(value, float):
        return round(value, SUM_DECIMALS) + 0.0
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in value.items()}
    if hasattr(value, "__slots__"):
        return {name: plain(getattr(value, name)) for name in value.__slots__}
    return value


def _preferences(stated: Preferences) -> dict[str, Any]:
    return {"stated": stated.document(), "weights": plain(stated.weights)}


def _relaxation(change: Relaxation) -> dict[str, Any]:
    return {"question": change.question, "from": plain(change.before), "to": plain(change.after)}


def _flip(flip: AnswerFlip) -> dict[str, Any]:
    changed = {"question": flip.question, "from": plain(flip.before), "to": plain(flip.after)}
    return {"role": flip.role, **changed, "winner": flip.winner}


def _changes(changes: Changes) -> dict[str, Any]:
    return {
        "answers": [_flip(flip) for flip in changes.answers],
        "weights": [plain(flip) for flip in changes.weights],
        "unknown": [plain(unknown) for unknown in changes.unknown],
        "settled": plain(changes.settled),
    }


def _stack(stack: Stack) -> dict[str, Any]:
    path = [
        {"from": s.source, "to": s.target, "by": s.by, "level": s.level, "evidence": list(s.evidence)}
        for s in stack.path
    ]
    return {"target": stack.target, "level": stack.level, "path": path, "note": stack.note}


def _role(result: RoleResult) -> dict[str, Any]:
    return {
        "ranking": [_ranked(place) for place in result.ranking],
        "excluded": [plain(e) | {"relaxation": [_relaxation(x) for x in e.relaxation]} for e in result.excluded],
        "near_misses": [plain(n) | {"relaxation": [_relaxation(x) for x in n.relaxation]} for n in result.near_misses],
        "field_mean": plain(result.field_mean),
        "margin": plain(result.margin),
        "rules": plain(result.rules),
        "grades": plain(result.grades),
        "reliefs": _reliefs(result.reliefs) if result.reliefs else None,
        "quiet_rules": list(result.quiet_rules),
        "gates": plain(result.gates),
        "acceptability": _probabilities(result.acceptability),
        "disagreement": plain(result.disagreement),
        "without": plain(result.without),
        "decides": result.decides,
    }


def _reliefs(reliefs: Reliefs) -> dict[str, Any]:
    sets = [
        {
            "withdraw": [{"question": q, "option": option} for q, option in relief.withdraw],
            "lets_in": list(relief.lets_in),
        }
        for relief in reliefs.sets
    ]
    return {"sets": sets, "searched_size": reliefs.searched_size, "complete": reliefs.complete}


def _ranked(place: Ranked) -> dict[str, Any]:
    document: dict[str, Any] = plain(place)
    document["win_probability"] = _probability(place.win_probability)
    document["rank_probabilities"] = [_probability(p) for p in place.rank_probabilities]
    document["interval"] = [_probability(bound) for bound in place.interval]
    return document


def _probabilities(value: Any) -> Any:
    """A frozen value as JSON, its numbers rounded to the decimals of probabilities."""
    found = plain(value)
    if isinstance(found, dict):
        return {key: _probabilities(item) for key, item in found.items()}
    return _probability(found) if isinstance(found, float) else found


def _probability(value: float) -> float:
    return round(value, PROBABILITY_DECIMALS) + 0.0
