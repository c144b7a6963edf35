"""The questionnaire as a form: from what was sent to answers, and from faults back to the fields they belong to.

What an answer means, and whether it is one, is not decided here.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from starlette.datastructures import FormData

from advisor.errors import Fault
from rules.requirements import NONE_OF_THESE

RANKS = 5
HARDWARE = "hardware"
PROFILE = "hardware.profile"
VERSIONS = ".versions"
NAME = "name"
NOT_KNOWN = "not_known"  # hidden: the questions that stay "don't know" while nothing is answered
NONE = ".none"  # the box "None of these" beside those of a question
BESIDE = "none of these"  # beside options that are named: to be refused
YES_NO = {"yes": True, "no": False}
_SPACES = re.compile(r"[\s_']")
_QUESTION = re.compile(r"answers\.([a-z_0-9]+)")


@dataclass(frozen=True, slots=True)
class Sent:
    """What a form holds: answers by question (None: don't know), which hardware it is about, the project's name."""

    answers: dict[str, Any]
    hardware: str | None
    name: str | None


def read(form: FormData, questions: Sequence[Mapping[str, Any]]) -> Sent:
    """The answers in a form. Empty fields are unknown; fields that are no question are kept, to be refused."""
    names = {HARDWARE, PROFILE, NAME, NOT_KNOWN} | {q["id"] + part for q in questions for part in ("", VERSIONS, NONE)}
    answers: dict[str, Any] = {key: "" for key in form if key not in names}
    for question in questions:
        given = _given(form, question)
        if given not in (None, "", []) or question["id"] + NONE in form:
            answers[question["id"]] = given
    unknown = dict.fromkeys(_texts(form, NOT_KNOWN))
    return Sent({**unknown, **answers}, hardware(form), next(iter(_texts(form, NAME)), None))


def can_be_none(question: Mapping[str, Any]) -> bool:
    """Whether "None of these" is an answer to a question beside its options (`rules.requirements.can_be_none`)."""
    is_list = question["kind"] in ("many", "alternatives")
    return is_list and not any(option["id"] in NONE_OF_THESE for option in question["options"])


def _texts(form: FormData, name: str) -> list[str]:
    return [text.strip() for text in form.getlist(name) if isinstance(text, str) and text.strip()]


def _given(form: FormData, question: Mapping[str, Any]) -> Any:
    texts = _texts(form, question["id"])
    if question["kind"] in ("many", "alternatives", "ranked"):
        named = [*texts, *_versions(form, question)]
        return [*named, BESIDE] if named and question["id"] + NONE in form else named
    if not texts:
        return None
    if question["kind"] == "number":
        return _number(texts[0])
    return YES_NO.get(texts[0], texts[0]) if question["kind"] == "yes/no" else texts[0]


def _versions(form: FormData, question: Mapping[str, Any]) -> list[str]:
    """What is named, with versions, in the field beside the boxes."""
    if not question["with_version"]:
        return []
    return [name for text in _texts(form, question["id"] + VERSIONS) for name in re.split(r"[\s,;]+", text) if name]


def _number(text: str) -> int | float | str:
    """The number in a field, or the text itself for the fault to show. Spaces between digits are how people write."""
    bare = _SPACES.sub("", text)
    for kind in (int, float):
        try:
            return kind(bare)
        except ValueError:
            continue
    return text


def hardware(form: FormData) -> str | None:
    """Which machine a form is about: None for what the answers say."""
    chosen = next(iter(_texts(form, HARDWARE)), "")
    if chosen == "profile":
        return next(iter(_texts(form, PROFILE)), "")
    return chosen or None


def by_field(faults: Sequence[Fault]) -> dict[str, list[Fault]]:
    """Faults by the question they belong to; "" holds those that belong to none."""
    found: dict[str, list[Fault]] = {}
    for fault in faults:
        match = _QUESTION.match(fault.path)
        name = match[1] if match else HARDWARE if fault.path.startswith(HARDWARE) else ""
        found.setdefault(name, []).append(fault)
    return found
