"""Numbers, values and roles as a person reads them."""

from collections.abc import Mapping
from typing import Any

from rules.accounts import naming
from rules.accounts.naming import LEAST, TITLES, listed, ordinal, points, signed, two_percents
from rules.accounts.summary import instead, led_to, needed_after, spares, way_instead
from rules.conditions.sentences import LEVELS, plain

__all__ = [
    "LEAST",
    "NO_POLICY",
    "RISKS",
    "TITLES",
    "VERBS",
    "chance",
    "human",
    "in_brackets",
    "instead",
    "led_to",
    "level",
    "listed",
    "needed_after",
    "needless",
    "number",
    "ordinal",
    "percent",
    "plain",
    "points",
    "several",
    "signed",
    "silent",
    "spares",
    "two_percents",
    "way_instead",
]

RISKS = {  # of `portfolio.board.risk`, of something that a project stands on
    "retired": "is archived or deprecated",
    "ends": "reaches its announced end within the project’s horizon",
    "one vendor": "is carried by a single vendor",
    "one person": "rests on one person, who wrote half of a year’s changes or more",
    "licence": "breaks the project’s licence policy",
}
NO_POLICY = "No project states a licence policy, so whether licences break one is not asked."
VERBS = {"training": "Train with", "runtime": "Run with", "serving": "Serve with", "high_level": "Build on"}


def percent(share: float) -> str:
    """A share as a whole percentage, its sign set apart and kept beside it."""
    return naming.percent(share).replace("%", "\N{NO-BREAK SPACE}%")


def chance(probability: float) -> str:
    """A probability as a percentage; none of them is taken for certain."""
    return percent(min(max(probability, 1e-6), 1 - 1e-6))


def level(value: int) -> str:
    """A support level in words."""
    return LEVELS[value]


def human(name: str) -> str:
    """An id as words: `release_note` is a release note."""
    return name.replace("_", " ")


def several(count: int) -> str:
    """What is said of projects whose code depends on several frameworks of a role."""
    depends, them, each = ("depends", "it", "is") if count == 1 else ("depend", "them", "are")
    projects = "project" if count == 1 else "projects"
    return f"{count} {projects} {depends} on several and {each} looked at for the one that serves {them} best."


def silent(count: int, of: int) -> str:
    """What is said of rows that answer nothing, so that nobody takes what comes first for them for their own."""
    answer, them, their = ("answers", "it", "its") if count == 1 else ("answer", "them", "their")
    told = f"what comes first for {them} is what comes first without any answer of {their} own"
    return f"{count} of {'1 row' if of == 1 else f'{of} rows'} {answer} nothing: {told}."


def needless(count: int, of: int) -> str:
    """What is said of projects that call for a runtime and need none."""
    need, their, they = ("needs", "its", "It counts") if count == 1 else ("need", "their", "They count")
    each = "the one project" if of == 1 else f"the {of} projects"
    told = f"{count} of {each} {need} no runtime: what trains or serves {their} models runs them on every target"
    return f"{told}. {they} here all the same."


def in_brackets(found: Mapping[str, Any]) -> str:
    """What the intervals beside net gains say, of a document of movers."""
    held, from_ = percent(found["interval_probability"]), percent(found["pays_from"])
    told = f"In brackets: where the net gain lies with {held} probability."
    return f"{told} A move is advised where it pays with {from_} or more, so this may reach below nothing."


def number(value: object) -> str:
    """A number as it is typed: whole where it is whole."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**63:
        return str(int(value))
    return str(value)
