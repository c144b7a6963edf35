"""Answers become requirements: checked against the questionnaire, in one canonical form, every fault listed.

An answer that is missing or null is unknown, a third truth value; it is never taken as "no". An empty list is one: none
of these. What an answer means for a recommendation is the rules' business, not this module's.
"""

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from rules import preferences
from rules.conditions import Evaluate, Kind, Node
from rules.faults import Fault, InvalidInput, nearest, shown
from rules.hardware import version_key
from rules.packages import Named
from rules.preferences import Preferences

MAX_ANSWERS = 500
MAX_LIST_ANSWERS = 64
MANY = ("many", "ranked", "alternatives")
EXISTING_CODE = "existing_code"  # the question that lists of packages answer too
NONE_OF_THESE = ("none", "other")  # the options that say so, where a question has one
_VERSION = re.compile(r"[0-9A-Za-z.+_-]{1,40}")


@dataclass(frozen=True, slots=True)
class Option:
    """One answer that a question accepts."""

    id: str
    label: str
    help: str | None


@dataclass(frozen=True, slots=True)
class Question:
    """One question. `minimum` and `maximum` bound a number, in `unit`; `exclusive` options stand alone.

    `label` names the question within a sentence, as `text` asks it. `given` answers are facts of the project: they are
    never named as a way to let an alternative in.
    """

    id: str
    group: str
    kind: str
    text: str
    help: str | None
    why: str
    unit: str | None
    minimum: float | None
    maximum: float | None
    ordered: bool
    with_version: bool
    exclusive: tuple[str, ...]
    options: tuple[Option, ...]
    label: str | None = None
    given: bool = False
    none: str | None = None


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Answers to `questions` that cannot be true together: those of which `holds` is true, the condition `node`."""

    id: str
    text: str
    holds: Evaluate
    node: Node
    questions: frozenset[str]


@dataclass(frozen=True, slots=True)
class Questionnaire:
    """All questions in the order they are asked, their groups (id, name, text) and what contradicts what.

    `packages` are the alternatives by what a project depends on that uses them, see `rules.packages`.
    """

    groups: tuple[tuple[str, str, str], ...]
    questions: Mapping[str, Question]
    contradictions: tuple[Contradiction, ...]
    alternatives: Mapping[str, str]  # id -> name
    packages: Named


Answer = str | float | bool | tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Requirements:
    """Answers as understood. `values` holds only what is known; `versions` what was asked for as `id@version`.

    `preferences` are what people said matters, where they said more than a ranking; `values` then holds the ranking
    that follows from them. `not_known` are the questions answered with null: asked, and not known.
    """

    values: Mapping[str, Answer]
    versions: Mapping[str, str]
    preferences: Preferences | None = None
    not_known: tuple[str, ...] = ()

    def document(self) -> dict[str, object]:
        """The answers as JSON: lists for several, plain values for one; versions joined on again."""
        shown_values: dict[str, object] = {}
        for question, value in self.values.items():
            if question == "priorities" and self.preferences is not None:
                continue
            if isinstance(value, tuple):
                at = self.versions if question == "considering" else {}
                shown_values[question] = [f"{v}@{at[v]}" if v in at else v for v in value]
            else:
                shown_values[question] = value
        return shown_values


def kinds(questionnaire: Questionnaire) -> dict[str, Kind]:
    """The type of each question, for the condition language."""
    return {q.id: kind_of(q, tuple(questionnaire.alternatives)) for q in questionnaire.questions.values()}


def kind_of(question: Question, alternatives: tuple[str, ...]) -> Kind:
    """The type of one question. Ordered options that are all versions compare as versions."""
    options = tuple(option.id for option in question.options)
    if question.kind == "alternatives":
        return Kind("many", alternatives)
    if question.kind == "one" and options and all(version_key(option) for option in options):
        return Kind("version", options, ordered=True)
    return Kind(question.kind, options, question.ordered)


def parse(
    answers: object, questionnaire: Questionnaire, stated: object = None, *, contradictory: bool = False
) -> Requirements:
    """Requirements from decoded JSON or YAML.

    A single value stands for a list of one; null and absence mean unknown; an empty list says that it is none of these
    (the option that says so, where there is one); numbers may be written as integers.

    Args:
        answers: an object keyed by question ids.
        questionnaire: what may be answered.
        stated: preferences, what matters to whom (`rules.preferences`), in the place of an answer to `priorities`.
        contradictory: let answers pass that contradict one another, as they may while somebody is still answering.

    Raises:
        InvalidInput: with every fault: unknown questions and options (with the nearest), wrong types, numbers out
            of range, options that exclude each other, contradictions.
    """
    if not isinstance(answers, Mapping):
        raise InvalidInput([Fault("answers", shown(answers), "an object keyed by question ids")])
    if len(answers) > MAX_ANSWERS:
        raise InvalidInput([Fault("answers", f"{len(answers)} answers", f"an object of at most {MAX_ANSWERS}")])
    faults: list[Fault] = []
    values: dict[str, Answer] = {}
    versions: dict[str, str] = {}
    for key in answers:
        if key not in questionnaire.questions:
            faults.append(Fault("answers", shown(key), "a question", nearest(key, questionnaire.questions)))
    for question in questionnaire.questions.values():
        given = answers.get(question.id)
        if given is not None:
            try:
                values[question.id] = answer(given, question, questionnaire, versions)
            except InvalidInput as invalid:
                faults.extend(invalid.faults)
    understood = _preferences(stated, values, questionnaire, faults)
    faults.extend(
        Fault("answers", f"the case {c.id!r} ({c.text.rstrip('.')})", "one that can be true")
        for c in contradicted(values, questionnaire)
        if not contradictory
    )
    if faults:
        raise InvalidInput(faults)
    not_known = tuple(q for q in questionnaire.questions if q in answers and answers[q] is None and q not in values)
    return Requirements(values, versions, understood, not_known)


def _preferences(
    document: object, values: dict[str, Answer], questionnaire: Questionnaire, faults: list[Fault]
) -> Preferences | None:
    """Preferences as stated; the ranking that follows from them is put in the place of an answer."""
    question = questionnaire.questions.get("priorities")
    if document is None or question is None:
        return None
    if "priorities" in values:
        faults.append(
            Fault("preferences", "a statement beside an answer to priorities", "accepted: give one of the two")
        )
    try:
        stated = preferences.parse(document, [option.id for option in question.options])
    except InvalidInput as invalid:
        faults.extend(invalid.faults)
        return None
    values["priorities"] = stated.ranking
    return stated


def possible(given: Mapping[str, Answer], name: str, after: object, questionnaire: Questionnaire) -> bool:
    """Whether `after` (None: unknown) could be answered to a question beside the others, which contradict nothing."""
    question = questionnaire.questions[name]
    if isinstance(after, tuple) and len(after) > 1 and any(alone in after for alone in question.exclusive):
        return False
    if isinstance(after, float) and within(question, after) != after:
        return False
    concerned = [c for c in questionnaire.contradictions if name in c.questions]
    return not concerned or not any(c.holds({**given, name: after}) for c in concerned)


def contradicted(values: Mapping[str, object], questionnaire: Questionnaire) -> list[Contradiction]:
    """The contradictions that hold among answers."""
    return [c for c in questionnaire.contradictions if c.holds(values)]


def consistent(values: Mapping[str, object], questionnaire: Questionnaire) -> bool:
    """Whether answers can be true together."""
    return not contradicted(values, questionnaire)


def none_of(question: Question) -> tuple[str, ...]:
    """The answer to a list that it is none of these: the option that says so, or no option at all."""
    return tuple(option.id for option in question.options if option.id in NONE_OF_THESE)[:1]


def can_be_none(question: Question) -> bool:
    """Whether an empty list is an answer to a question of its own: none of these, where no option says so."""
    return question.kind in ("many", "alternatives") and not none_of(question)


def within(question: Question, number: float) -> float:
    """The number that the question accepts which is nearest to this one."""
    low = number if question.minimum is None else max(number, question.minimum)
    return low if question.maximum is None else min(low, question.maximum)


def answer(given: object, question: Question, questionnaire: Questionnaire, versions: dict[str, str]) -> Answer:
    """One answer that is given (not null, no empty list), as `parse` understands it; `versions` is added to.

    Raises:
        InvalidInput: with every fault of the answer.
    """
    path = f"answers.{question.id}"
    match question.kind:
        case "number":
            return _number(given, question, path)
        case "yes/no":
            return _yes_no(given, path)
        case "one":
            return _option(given, [option.id for option in question.options], path)
        case _:
            return _options(given, question, questionnaire, path, versions)


def _number(given: object, question: Question, path: str) -> float:
    if isinstance(given, bool) or not isinstance(given, int | float) or not _finite(given):
        raise InvalidInput([Fault(path, shown(given), f"a number ({question.unit or 'no unit'})")])
    low, high = question.minimum, question.maximum
    if (low is not None and given < low) or (high is not None and given > high):
        bounds = " ".join(f"{word} {bound:.15g}" for word, bound in (("from", low), ("to", high)) if bound is not None)
        raise InvalidInput([Fault(path, shown(given), f"a number {bounds} ({question.unit})")])
    return float(given) + 0.0  # minus zero is zero


def _finite(number: float) -> bool:
    try:
        return math.isfinite(number)
    except OverflowError:
        return False


def _yes_no(given: object, path: str) -> bool:
    if isinstance(given, bool):
        return given
    if given in ("yes", "no"):
        return given == "yes"
    raise InvalidInput([Fault(path, shown(given), "yes or no (true or false)")])


def _option(given: object, options: Iterable[str], path: str) -> str:
    known = list(options)
    text = str(given) if isinstance(given, float) and version_key(known[0]) else given
    if isinstance(given, bool):  # YAML reads an unquoted yes or no as a truth value
        text = "yes" if given else "no"
    if isinstance(text, str) and text in known:
        return text
    # A version written as a number loses its last zero: 3.10 arrives as 3.1.
    meant = f"{text}0" if isinstance(text, str) and f"{text}0" in known else nearest(text, known)
    raise InvalidInput([Fault(path, shown(given), f"one of: {_listed(known)}", meant)])


def _listed(options: list[str]) -> str:
    return ", ".join(options) if len(options) <= 12 else ", ".join(options[:10]) + f" and {len(options) - 10} more"


def _options(
    given: object, question: Question, questionnaire: Questionnaire, path: str, versions: dict[str, str]
) -> tuple[str, ...]:
    items = given if isinstance(given, list | tuple) else [given]
    if len(items) > MAX_LIST_ANSWERS:
        raise InvalidInput([Fault(path, f"{len(items)} answers", f"at most {MAX_LIST_ANSWERS}")])
    known = (
        list(questionnaire.alternatives)
        if question.kind == "alternatives"
        else [option.id for option in question.options]
    )
    faults: list[Fault] = []
    chosen: list[str] = []
    for index, item in enumerate(items):
        where = f"{path}[{index}]" if isinstance(given, list | tuple) else path
        name = item
        if question.with_version and isinstance(item, str) and "@" in item:
            name, _, version = item.partition("@")
            if not _VERSION.fullmatch(version):
                faults.append(Fault(where, shown(item), "an id with a version, such as pytorch@2.14+cu126"))
            elif versions.setdefault(name, version) != version:
                faults.append(Fault(where, shown(item), f"one version of {name}"))
        try:
            chosen.append(_option(name, known, where))
        except InvalidInput as invalid:
            faults.extend(invalid.faults)
    faults.extend(_set_faults(chosen, question, path))
    if faults:
        raise InvalidInput(faults)
    if not chosen:
        return none_of(question)
    unique = dict.fromkeys(chosen)
    return tuple(unique) if question.kind == "ranked" else tuple(o for o in known if o in unique)


def _set_faults(chosen: list[str], question: Question, path: str) -> list[Fault]:
    if question.kind == "ranked" and len(set(chosen)) < len(chosen):
        return [Fault(path, shown(chosen), "a ranking that names each option once")]
    return [
        Fault(path, f"{alone!r} together with others", f"{alone!r} alone or not at all")
        for alone in question.exclusive
        if alone in chosen and len(set(chosen)) > 1
    ]
