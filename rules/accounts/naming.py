"""What a release calls the things that a recorded decision names by id, and how numbers and lists stand in prose.

It looks names up; it knows nothing of how an answer came about.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

from rules.compiled import Release
from rules.conditions import sentences
from rules.conditions.sentences import plain
from rules.requirements import Question
from rules.scoring import SUM_DECIMALS

MINUS = "\N{MINUS SIGN}"
LEAST = 0.0005  # a difference of scores below this shows as 0.0 points
TITLES = {"training": "Training", "high_level": "High-level library", "serving": "Serving", "runtime": "Runtime"}

Document = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Names:
    """The words of one release.

    Attributes:
        release: the release, compiled.
        source: the document that it was compiled from; evidence, sources and influences are only there.
        criteria: the name of every criterion by id.
        contested: the (criterion, alternative) pairs on which the evidence disagrees.
    """

    release: Release
    source: Document
    criteria: Mapping[str, str]
    contested: frozenset[tuple[str, str]]

    def framework(self, name: str) -> str:
        """The name of an alternative, or of a deployment target or format that stands where one could."""
        found = self.release.alternatives.get(name)
        return found.name if found else self._option("deploy_targets", name) or self._option("weights_in", name) or name

    def criterion(self, name: str) -> str:
        """The name of a criterion."""
        return self.criteria.get(name, name)

    def inside(self, name: str) -> str:
        """The name of a criterion within a sentence; an abbreviation keeps its capitals."""
        text = self.criterion(name)
        return text[:1].lower() + text[1:] if text[1:2].islower() else text

    def fact(self, name: str) -> str:
        """What a fact about an alternative (`alt.…`) is about."""
        return self.release.labels.get(name, name.removeprefix("alt."))

    def question(self, name: str) -> str:
        """The text of a question."""
        found = self.release.questionnaire.questions.get(name)
        return found.text if found else name

    def is_ranked(self, question: str) -> bool:
        """Whether the order of the answers to a question counts."""
        found = self.release.questionnaire.questions.get(question)
        return found is not None and found.kind == "ranked"

    def says(self, question: str, value: object) -> str:
        """An answer in the words of its question; None is no answer."""
        if value is None:
            return "no answer"
        asked = self.release.questionnaire.questions.get(question)
        if isinstance(value, list | tuple):
            return listed([self.says(question, each) for each in value]) or nothing(asked)
        if isinstance(value, str):
            name, at, version = value.partition("@")
            return self._option(question, value) or self.framework(name) + (f" {version}" if at else "")
        if asked and asked.unit and isinstance(value, int | float) and not isinstance(value, bool):
            return amount(value, asked.unit)
        return number(value) if isinstance(value, int | float) and not isinstance(value, bool) else plain(value)

    def _option(self, question: str, value: str) -> str | None:
        asked = self.release.questionnaire.questions.get(question)
        return next((o.label for o in asked.options if o.id == value), None) if asked else None


def amount(value: float, unit: str) -> str:
    """A number with its unit as a person writes it."""
    if unit == "1/s":
        return f"{number(value)} a second"
    one = {"people": "person"}.get(unit, unit.removesuffix("s") if len(unit) > 2 else unit)
    billions = f"{value / 1e9:g} billion" if value >= 1e9 and value % 1e7 == 0 else ""
    return f"{billions or number(value)} {one if value == 1 else unit}"


def names_of(release: Release, source: Document) -> Names:
    """The words of a release, from its compiled form and the document that it was compiled from."""
    criteria = {c["id"]: c["name"] for c in source["criteria"]}
    cells = chain.from_iterable(
        ((criterion, member, cell) for member, cell in of.items()) for criterion, of in source["grades"].items()
    )
    contested = frozenset((criterion, member) for criterion, member, cell in cells if cell.get("contested"))
    return Names(release, source, criteria, contested)


def nothing(asked: Question | None) -> str:
    """What an empty list answers to a question, in its words."""
    if asked and asked.none:
        return asked.none
    return "none of these" if asked and asked.kind != "ranked" else "nothing"


def number(value: float) -> str:
    """A number as a person writes it: whole where it is whole, thousands apart."""
    return f"{int(value):,}" if float(value).is_integer() else repr(float(value))


def points(share: float) -> str:
    """A score in [0, 1] as points of a hundred, with one decimal."""
    text = f"{100 * share:.1f}"
    return "0.0" if text == "-0.0" else text


def signed(share: float) -> str:
    """A difference of scores as points, with its sign."""
    text = f"{100 * share:+.1f}"
    return "0.0" if text in ("+0.0", "-0.0") else text.replace("-", MINUS)


def percent(share: float) -> str:
    """A share as a whole percentage; what would round to nothing or to all says so."""
    whole = round(100 * share)
    if whole == 0 and share > 0:
        return "under 1%"
    return "over 99%" if whole == 100 and share < 1 else f"{whole}%"


def chance(probability: float) -> str:
    """A probability as a percentage; none of them is taken for certain."""
    return percent(min(max(probability, 1e-6), 1 - 1e-6))


def two_percents(before: float, after: float) -> tuple[str, str]:
    """Two shares that differ, with a decimal where whole percentages would read alike."""
    texts = percent(before), percent(after)
    return texts if texts[0] != texts[1] else (f"{100 * before:.1f}%", f"{100 * after:.1f}%")


def ordinal(place: int) -> str:
    """`1st`, `2nd`, `3rd`, `4th`, `11th`."""
    ending = {1: "st", 2: "nd", 3: "rd"}.get(place % 10, "th") if place % 100 not in (11, 12, 13) else "th"
    return f"{place}{ending}"


def counted(count: int, noun: str) -> str:
    """`1 rule`, `2 rules`."""
    return f"{count} {noun}{'' if count == 1 else 's'}"


def listed(items: Sequence[str], most: int | None = None, word: str = "and") -> str:
    """`a`, `a and b`, `a, b and c`; what is beyond the most shown is counted."""
    shown = list(items[:most])
    if most is not None and len(items) > most:
        shown.append(f"{len(items) - most} more")
    return sentences.listed(shown, word)


def leaders(result: Document) -> list[Document]:
    """The places of a role that cannot be told apart from the first; none where nothing is ranked."""
    ranking = result["ranking"]
    return [place for place in ranking if place["tie_group"] == ranking[0]["tie_group"]]


def gaps(one: Document, other: Document) -> list[tuple[float, Document]]:
    """(by how much each rule puts one place of a ranking ahead of another, its reason), the most first."""
    said = {reason["rule"]: reason["contribution"] for reason in other["reasons"]}
    found = [(reason["contribution"] - said[reason["rule"]], reason) for reason in one["reasons"]]
    return sorted(found, key=lambda each: (-round(each[0], SUM_DECIMALS), each[1]["rule"]))
