"""The content of a record, in the form of MADR 4.0 (Markdown Any Decision Records, https://adr.github.io/madr/).

Everything is looked up in the recorded decision and worded as its other accounts word it; nothing is decided here. What
a team commits is a few pages; all that was weighed follows in an appendix where it is asked for.
"""

from collections.abc import Mapping
from typing import Any

from advisor.records import grounds, options, outcome
from advisor.records.appendix import appendix as appended
from advisor.records.blocks import Record, Section, paragraph
from advisor.records.consequences import consequences
from advisor.records.context import context, title
from rules.accounts.naming import Names

Document = Mapping[str, Any]


def content(document: Document, names: Names, kept: str, *, appendix: bool = False) -> Record:
    """The record of a decision.

    Args:
        document: the recorded decision.
        names: the words of its release.
        kept: what the record is checked by, as `advisor.records.kept.sealed` writes it.
        appendix: add everything that was weighed.
    """
    beside = [*options.beside(document, names)]
    sections = [
        Section(2, "Context and Problem Statement", tuple(context(document, names))),
        Section(2, "Decision Drivers", tuple(options.drivers(document, names))),
        Section(2, "Considered Options", tuple(options.considered(document, names))),
        Section(2, "Decision Outcome", tuple(outcome.outcome(document, names))),
        Section(3, "Consequences", tuple(consequences(document, names))),
        Section(3, "Confirmation", tuple(outcome.confirmation(document))),
        Section(2, "Pros and Cons of the Options", (paragraph(options.BESIDE),) if beside else ()),
        *beside,
        Section(2, "More Information", ()),
        *grounds.more(document, names),
        *(appended(document, names) if appendix else ()),
        Section(2, "Re-verify", tuple(grounds.re_verify(kept))),
    ]
    stated = document["preferences"]["stated"] if document["preferences"] else {}
    people = tuple(each["name"] for each in stated.get("stakeholders", ()))
    day = document["created_at"][:10]
    return Record(document["id"], day, title(document, names), people, tuple(_filled(sections)))


def _filled(sections: list[Section]) -> list[Section]:
    """The sections without those that hold nothing, neither blocks nor sections of their own."""
    return [
        section
        for at, section in enumerate(sections)
        if section.blocks or (section.level == 2 and at + 1 < len(sections) and sections[at + 1].level == 3)
    ]
