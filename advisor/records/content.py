"""The content of a record, in the form of MADR 4.0 (Markdown Any Decision Records, https://adr.github.io/madr/).

Everything is looked up in the recorded decision and worded as its other accounts word it; nothing is decided here.
"""

from collections.abc import Mapping
from typing import Any

from advisor.records import grounds, options, outcome
from advisor.records.blocks import Record, Section, paragraph
from advisor.records.context import context
from rules.accounts import page
from rules.accounts.naming import Names

Document = Mapping[str, Any]


def content(document: Document, names: Names, kept: str) -> Record:
    """The record of a decision.

    Args:
        document: the recorded decision.
        names: the words of its release.
        kept: what the record is checked by, as `advisor.records.kept.sealed` writes it.
    """
    alone = all(len(result["ranking"]) < 2 for result in document["roles"].values())
    unit = [] if alone else [paragraph("Points are of 100, above or below the average of the ranked.")]
    sections = [
        Section(2, "Context and Problem Statement", tuple(context(document, names))),
        Section(2, "Decision Drivers", tuple(options.drivers(document, names))),
        Section(2, "Considered Options", tuple(options.options(document, names))),
        Section(2, "Decision Outcome", tuple(outcome.outcome(document, names))),
        Section(3, "Consequences", tuple(outcome.consequences(document, names))),
        Section(3, "Confirmation", tuple(outcome.confirmation(document))),
        Section(2, "Pros and Cons of the Options", tuple(unit)),
        *options.pros_and_cons(document, names),
        Section(2, "More Information", ()),
        *grounds.more(document, names, kept),
    ]
    stated = document["preferences"]["stated"] if document["preferences"] else {}
    people = tuple(each["name"] for each in stated.get("stakeholders", ()))
    day = document["created_at"][:10]
    return Record(document["id"], day, page.title(document, names), people, tuple(_filled(sections)))


def _filled(sections: list[Section]) -> list[Section]:
    """The sections without those that hold nothing, neither blocks nor sections of their own."""
    return [
        section
        for at, section in enumerate(sections)
        if section.blocks or (section.level == 2 and at + 1 < len(sections) and sections[at + 1].level == 3)
    ]
