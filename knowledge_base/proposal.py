"""A proposed change of the knowledge: who proposes what and why, and every value before and after.

A proposal is a YAML document that a person can read and edit. Its models are here, reading with the place of every
fault, and writing. Whether it fits a pack, and applying it, is not known here.
"""

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from knowledge_base import schema, yaml_files
from knowledge_base.checking import checked
from knowledge_base.yaml_files import Document, Location
from rules.faults import Fault, InvalidInput, shown

Kind = Literal[
    "pack",
    "questionnaire",
    "capabilities",
    "criteria",
    "sources",
    "evidence",
    "alternatives",
    "paths",
    "kin",
    "rules",
    "gates",
    "packages",
    "priors",
]
MOST = 2000  # entries of one kind in a proposal; the shipped pack has some thousands
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80)]
WholeDay = Annotated[schema.Day, StringConstraints(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$")]
Dotted = Annotated[str, StringConstraints(pattern=r"^[^.\s]+(\.[^.\s]+)*$", max_length=300)]
Steps = Annotated[list[Name | Annotated[int, Field(ge=0)]], Field(min_length=1, max_length=12)]


Line = Annotated[schema.Text, StringConstraints(pattern=r"^[^\x00-\x1f\x7f]*$")]


class Head(schema.Entry):
    """Who proposes it, why, and when."""

    title: Line
    author: Line
    reason: schema.Text
    created: WholeDay


class Change(schema.Entry):
    """One value of an entry that is on file: `before` (in the document `from`) becomes `after` (`to`).

    `path` leads to the value: `version`, `lifecycle.state`, or a list where a key has dots of its own, such as
    `[capabilities, binary.musl, value]`. A key that is not there yet comes from null.
    """

    kind: Kind
    id: Name
    path: Dotted | Steps
    before: Any = Field(alias="from")
    after: Any = Field(alias="to")

    @property
    def location(self) -> Location:
        """The path as steps."""
        return tuple(self.path.split(".")) if isinstance(self.path, str) else tuple(self.path)


class Removal(schema.Entry):
    """An entry that is to leave the pack."""

    kind: Kind
    id: Name


class Additions(schema.Entry):
    """New entries, as files of a pack have them."""

    sources: list[schema.Source] = Field(default=[], max_length=MOST)
    evidence: list[schema.Evidence] = Field(default=[], max_length=MOST)
    alternatives: list[schema.Alternative] = Field(default=[], max_length=MOST)
    paths: list[schema.Path] = Field(default=[], max_length=MOST)
    rules: list[schema.Rule] = Field(default=[], max_length=MOST)
    gates: list[schema.Gate] = Field(default=[], max_length=MOST)


class Proposal(schema.Entry):
    """The whole document. `notes` say what the proposer saw and did not put into a change."""

    proposal: Head
    set: list[Change] = Field(default=[], max_length=MOST)
    add: Additions = Field(default=Additions())
    remove: list[Removal] = Field(default=[], max_length=MOST)
    notes: list[schema.Text] = Field(default=[], max_length=MOST)


def load(path: Path) -> Proposal:
    """The proposal in a file.

    Raises:
        InvalidInput: with every fault, each as `file:line:column`.
        OSError: the file cannot be read.
    """
    return read(yaml_files.read(path, path.name))


def parse(text: str, name: str) -> Proposal:
    """The proposal in a text, called `name` in messages; see `load` for what it raises."""
    return read(yaml_files.parse(text, name))


def read(document: Document) -> Proposal:
    """The proposal in a document; see `load` for what it raises."""
    faults: list[Fault] = []
    found = checked(document, document.value, (), Proposal, faults)
    if found is None:
        raise InvalidInput(faults)
    faults += [*_empty_changes(document, found), *_repeated(document, found)]
    if faults:
        raise InvalidInput(faults)
    return found


def dump(proposal: Proposal) -> str:
    """The proposal as YAML that `parse` reads back to an equal one."""
    return yaml_files.dump(as_document(proposal))


def as_document(proposal: Proposal) -> dict[str, Any]:
    """The proposal as plain parts: what stands at its default is left out."""
    return proposal.model_dump(by_alias=True, exclude_defaults=True)


def _empty_changes(document: Document, proposal: Proposal) -> list[Fault]:
    return [
        Fault(document.place(("set", index, "to")), shown(each.after), "another value than `from`")
        for index, each in enumerate(proposal.set)
        if each.before == each.after and type(each.before) is type(each.after)
    ]


def _repeated(document: Document, proposal: Proposal) -> list[Fault]:
    """What is said twice: a value set, an entry added or removed. The second place is shown, the first one named."""
    said: list[tuple[str, Location, str]] = [
        (" ".join(map(str, (each.kind, each.id, *each.location))), ("set", i, "path"), "a value that is not set")
        for i, each in enumerate(proposal.set)
    ]
    said += [
        (f"{kind} {entry.id}", ("add", kind, i, "id"), "an id not used")
        for kind in Additions.model_fields
        for i, entry in enumerate(getattr(proposal.add, kind))
    ]
    said += [(f"removed {e.kind} {e.id}", ("remove", i), "an entry not removed") for i, e in enumerate(proposal.remove)]
    first: dict[str, str] = {}
    faults = []
    for what, location, expected in said:
        place = document.place(location)
        if first.setdefault(what, place) != place:
            faults.append(Fault(place, what, f"{expected} at {first[what]}"))
    return faults
