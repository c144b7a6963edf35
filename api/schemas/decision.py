"""A recommendation as it goes out: one object that holds every number and reason of an answer."""

from typing import Annotated, Literal

from pydantic import AwareDatetime, Field, JsonValue

from api.schemas.base import EvidenceIds, Out, RoleName, Share, told
from api.schemas.feasibility import Feasibility
from api.schemas.roles import FrameworkId, QuestionId, RoleResult, RuleId, Waiver


class ReleaseRef(Out):
    """The release of the knowledge base that answered."""

    id: Annotated[str, told("Its id; see `/v1/releases`.")]
    sha256: Annotated[str, told("The hash of its content.")]


class Layer(Out):
    """A house policy that the answer was given under."""

    name: Annotated[str, told("Its name, as reasons and gates give it under `layer`.")]
    owner: Annotated[str, told("Who answers for it.")]
    sha256: Annotated[str, told("The hash of its content.")]
    silenced: Annotated[list[str], told("Rules that it gives no weight.")]
    expired: Annotated[list[Waiver], told("Its waivers that counted no longer on the day of the answer.")]


class PolicyUsed(Out):
    """The house policies that the answer was given under."""

    sha256: Annotated[str, told("A hash of all of them, with the waivers that counted.")]
    layers: Annotated[list[Layer], told("Lowest first.")]


class PreferencesUsed(Out):
    """What was said to matter, and what it weighs."""

    stated: Annotated[dict[str, JsonValue], told("As understood: one person's word, or `stakeholders`.")]
    weights: Annotated[dict[str, Share], told("The weight of each option of `priorities`, for all; they sum to 1.")]


class DrawsUsed(Out):
    """The draws of grades and weights that probabilities were counted in."""

    count: Annotated[int, told("How many.")]
    seed: Annotated[str, told("The digest of the inputs that they were made from.")]


class MachineVerdict(Out):
    """What the builds on file say of an alternative on the machine of the profile."""

    framework: str
    state: Annotated[
        Literal["supported", "degraded", "fixable", "unknown", "impossible"],
        told("`fixable`: after a change of software; `degraded`: with a limit, which the reason names."),
    ]
    on: Annotated[str | None, told("The kind of device that it would run on.")]
    reason: Annotated[str | None, told("The first of the reasons.")]
    change: Annotated[str | None, told("The smallest change that would better it, in words.")]


class HardwareUsed(Out):
    """Which hardware the answer is about, and what a profile added to the answers."""

    basis: Annotated[Literal["answers", "profile"], told("Where it is known from.")]
    source: Annotated[
        Literal["answers", "this server", "your profile", "what if"],
        told("Whose machine it is: seen by the service itself, handed over, or one of the catalogue."),
    ]
    label: Annotated[str, told("What the machine is called.")]
    captured_at: Annotated[str | None, told("When the profile was taken.")]
    facts: Annotated[dict[str, JsonValue], told("What the profile says, as conditions see it.")]
    filled: Annotated[dict[str, JsonValue], told("Questions that the profile answered.")]
    disagreements: Annotated[list[str], told("Where the answers and the profile differ, in words.")]
    assumed: Annotated[list[str], told("What the verdicts take for granted where the profile leaves it open.")]
    verdicts: Annotated[list[MachineVerdict], told("On the alternatives of the ranked roles with builds on file.")]


class Step(Out):
    """One step of a path."""

    source: Annotated[str, told("Where it starts.", alias="from")]
    target: Annotated[str, told("Where it ends.", alias="to")]
    by: Annotated[str, told("What takes the step.")]
    level: Annotated[int, told("Support from 0 (none) to 3 (first-class).")]
    evidence: EvidenceIds


class Stack(Out):
    """The whole path to one deployment target."""

    target: Annotated[str, told("The target, an option of `deploy_targets`.")]
    level: Annotated[int, told("Support of the whole path: that of its weakest step.")]
    path: Annotated[list[Step], told("Empty when no way is on file.")]
    note: Annotated[str | None, told("Why it does not end in the runtime that is ranked first, where it does not.")]


class AnswerFlip(Out):
    """An answer that would put another alternative first."""

    role: Annotated[RoleName, told("In which role.")]
    question: QuestionId
    before: Annotated[JsonValue, told("The answer now; null: none.", alias="from")]
    after: Annotated[JsonValue, told("The other answer; null: none.", alias="to")]
    winner: Annotated[str | None, told("Who would come first; null: nothing would be left.")]


class WeightFlip(Out):
    """A rule whose weight, multiplied by `factor`, would bring `winner` level with the first."""

    role: Annotated[RoleName, told("In which role.")]
    rule: RuleId
    share: Annotated[Share, told("The rule's share now.")]
    factor: Annotated[float, told("What its weight is multiplied by.")]
    share_after: Annotated[Share, told("Its share then.")]
    winner: FrameworkId


class OpenQuestion(Out):
    """What answering one open question could do to the first place of a role."""

    role: Annotated[RoleName, told("In which role.")]
    question: QuestionId
    answers: Annotated[int, told("How many answers are possible.")]
    winners: Annotated[dict[str, int], told('How many of them put somebody else first, by whom; "": nothing is left.')]


class Changes(Out):
    """What would flip the first place."""

    answers: Annotated[list[AnswerFlip], told("Every single changed answer that does.")]
    weights: Annotated[list[WeightFlip], told("Single rules whose weight does, smallest change of share first.")]
    unknown: Annotated[list[OpenQuestion], told("Open questions that could.")]
    settled: Annotated[dict[RoleName, list[str]], told("Open questions that alone could not, by role.")]


class Silent(Out):
    """A rule or gate that an unknown answer keeps silent."""

    role: Annotated[RoleName, told("In which role.")]
    kind: Annotated[Literal["rule", "gate"], told("Which of the two it is.")]
    id: Annotated[str, told("Its id; see `/v1/rules`.")]
    text: Annotated[str, told("It in words.")]
    questions: Annotated[list[str], told("The questions whose answers it waits for.")]
    could_change: Annotated[bool, told("Whether speaking could change the first place.")]


class Considered(Out):
    """What became of an alternative that was asked for by name."""

    framework: FrameworkId
    version: Annotated[str | None, told("The version that was named.")]
    outcome: Annotated[Literal["ranked", "excluded", "not a candidate"], told("In a word.")]
    text: Annotated[str, told("In a sentence.")]


class Signature(Out):
    """Ed25519 over the passport: who holds the public key (`/v1/signing-key`) can check it."""

    algorithm: Literal["Ed25519"]
    key_id: Annotated[str, told("The key that signed.")]
    signature: Annotated[str, told("In Base64.")]


class Decided(Out):
    """A decision that need not be recorded. `passport` hashes inputs, release, engine and result."""

    id: Annotated[str, told("Made from the passport.")]
    passport: Annotated[str, told("SHA-256 of all that follows.")]
    engine: Annotated[str, told("The version of the engine that decided.")]
    name: Annotated[str | None, told("What the project is called; null where that was not said.")]
    release: ReleaseRef
    policy: Annotated[PolicyUsed | None, told("Null where no policy was given.")]
    hardware: HardwareUsed
    answers: Annotated[dict[str, JsonValue], told("As understood.")]
    not_known: Annotated[list[QuestionId], told("Questions answered with null: asked, and not known.")]
    preferences: Annotated[PreferencesUsed | None, told("Null where `priorities` says what matters, or nothing does.")]
    asked_roles: Annotated[list[RoleName], told("The roles that were asked for; empty: those the answers call for.")]
    draws: Annotated[DrawsUsed | None, told("Null where probabilities are in closed form.")]
    roles: Annotated[dict[RoleName, RoleResult], told("The roles the answers call for, or those asked for.")]
    stack: Annotated[list[Stack], told("The way to each deployment target.")]
    changes: Annotated[Changes, told("What would flip the first place.")]
    silent_rules: Annotated[list[Silent], told("Rules and gates that an unknown answer keeps silent.")]
    considered: Annotated[list[Considered], told("What became of those named under `considering`.")]
    unweighed: Annotated[list[str], told("Answered questions that nothing in the ranked roles looks at yet.")]
    feasibility: Annotated[Feasibility | None, told("Null where the size of the model or the memory is not known.")]


class Decision(Decided):
    """A recommendation, recorded unless that was not wanted; `passport` covers neither moment nor signature."""

    created_at: Annotated[AwareDatetime, Field(description="When it was first made.")]
    signature: Annotated[Signature | None, told("Null where the service signs nothing.")]
