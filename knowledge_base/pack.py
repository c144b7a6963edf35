"""A pack in memory: every file read and checked against the schema, with the place of each entry kept for messages.

Whether the entries make sense together is `knowledge_base.lint`'s business.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path as File
from typing import Any, TypeVar

from pydantic import BaseModel

from knowledge_base import builds, numbers, packages, priors, schema, yaml_files
from knowledge_base.checking import checked
from knowledge_base.fingerprint import SHIPPED, fingerprint
from knowledge_base.yaml_files import Document, Location
from rules.faults import Fault, InvalidInput, nearest, shown

M = TypeVar("M", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Spot:
    """Where an entry stands: the document and its location there. Places are `file:line:column`."""

    document: Document
    location: Location = ()

    def at(self, *inner: str | int) -> str:
        """The place of a value of the entry, or of the nearest thing above it."""
        return self.document.place((*self.location, *inner))

    def key(self, *inner: str | int) -> str:
        """The place of a key of the entry."""
        return self.document.key((*self.location, *inner))

    def character(self, index: int, *inner: str | int) -> str | None:
        """The place of a character of a text of the entry; None where it cannot be told exactly."""
        return self.document.character((*self.location, *inner), index)

    def text(self, *inner: str | int) -> str:
        """A text of the entry as the file has it, blanks around it included."""
        return self.document.text((*self.location, *inner)) or ""


@dataclass(frozen=True, slots=True)
class Pack:
    """All entries of a pack by kind, in a fixed order.

    `sha256` is the fingerprint of its files; `spots` gives where each (kind, id) stands. What has no id goes by its
    number; the questionnaire is ("questionnaire", "").
    """

    sha256: str
    settings: numbers.Pack
    questionnaire: schema.Questionnaire
    capabilities: tuple[schema.Capability, ...]
    criteria: tuple[schema.Criterion, ...]
    sources: tuple[schema.Source, ...]
    evidence: tuple[schema.Evidence, ...]
    alternatives: tuple[schema.Alternative, ...]
    paths: tuple[schema.Path, ...]
    kin: tuple[schema.Kin, ...]
    rules: tuple[schema.Rule, ...]
    gates: tuple[schema.Gate, ...]
    packages: tuple[packages.Packages, ...]
    builds: tuple[builds.Builds, ...]
    priors: tuple[priors.Prior, ...]
    spots: Mapping[tuple[str, str], Spot]


# kind of entry -> (file or folder, model). A folder's files hold lists, but for `frameworks`: one entry a file.
_LISTS: Mapping[str, tuple[str, type[schema.Entry]]] = {
    "capabilities": ("capabilities.yaml", schema.Capability),
    "criteria": ("criteria.yaml", schema.Criterion),
    "sources": ("sources", schema.Source),
    "evidence": ("evidence", schema.Evidence),
    "alternatives": ("frameworks", schema.Alternative),
    "paths": ("paths", schema.Path),
    "kin": ("kin.yaml", schema.Kin),
    "rules": ("rules", schema.Rule),
    "gates": ("gates", schema.Gate),
    "packages": ("packages.yaml", packages.Packages),
    "builds": ("builds", builds.Builds),
    "priors": ("priors.yaml", priors.Prior),
}

# the last two are read, and missed, by name
OPTIONAL = frozenset({"paths", "kin.yaml", "packages.yaml", "builds", "priors.yaml", "pack.yaml", "questions.yaml"})


def load(folder: File = SHIPPED) -> Pack:
    """The pack in a folder.

    Raises:
        InvalidInput: with every fault of every file, each as `file:line:column`.
    """
    if not folder.is_dir():
        raise InvalidInput([Fault(str(folder), "this path", "the folder of a pack")])
    faults: list[Fault] = []
    spots: dict[tuple[str, str], Spot] = {}
    settings = _single(folder / "pack.yaml", numbers.Pack, faults, spots)
    questionnaire = _single(folder / "questions.yaml", schema.Questionnaire, faults, spots)
    entries: dict[str, tuple[Any, ...]] = {}
    for kind, (where, model) in _LISTS.items():
        found = [e for path in _files(folder / where) for e in _entries(path, folder, kind, model, faults, spots)]
        entries[kind] = tuple(sorted(found, key=_order) if (folder / where).is_dir() else found)
    faults.extend(_unknown_files(folder))
    if faults or settings is None or questionnaire is None:
        raise InvalidInput(faults)
    return Pack(fingerprint(folder), settings, questionnaire, spots=spots, **entries)


def _order(entry: schema.Entry) -> str:
    return str(getattr(entry, "id", ""))


def _files(path: File) -> list[File]:
    if path.is_dir():
        return sorted(path.glob("*.yaml"))
    return [path] if path.exists() else []


def _unknown_files(folder: File) -> list[Fault]:
    known = {"pack.yaml", "questions.yaml", *(where for where, _ in _LISTS.values())}
    strange = [
        Fault(where, "nothing", "a file: every pack has it")
        for where in sorted(known - OPTIONAL)
        if not (folder / where).exists()
    ]
    strange += [
        Fault(path.name, "this file", "a file of the pack", nearest(path.name, known))
        for path in _visible(folder)
        if path.name not in known
    ]
    folders = [folder / where for where, _ in _LISTS.values() if (folder / where).is_dir()]
    return strange + [
        Fault(path.relative_to(folder).as_posix(), "this file", "a file that ends in .yaml")
        for inner in folders
        for path in _visible(inner)
        if path.suffix != ".yaml" or not path.is_file()
    ]


def _visible(folder: File) -> list[File]:
    return [path for path in sorted(folder.iterdir()) if not path.name.startswith((".", "__"))]


def _read(path: File, folder: File, faults: list[Fault]) -> Document | None:
    if path.is_symlink():
        faults.append(Fault(path.name, "a link", "a file of the pack itself"))
        return None
    try:
        return yaml_files.read(path, path.relative_to(folder).as_posix())
    except InvalidInput as invalid:
        faults.extend(invalid.faults)
    except OSError as error:
        faults.append(Fault(path.name, str(error.strerror), "a readable file"))
    return None


def _single(path: File, model: type[M], faults: list[Fault], spots: dict[tuple[str, str], Spot]) -> M | None:
    document = _read(path, path.parent, faults)
    if document is None:
        return None
    spots[model.__name__.casefold(), ""] = Spot(document)
    return checked(document, document.value, (), model, faults)


def _entries(
    path: File,
    folder: File,
    kind: str,
    model: type[schema.Entry],
    faults: list[Fault],
    spots: dict[tuple[str, str], Spot],
) -> list[schema.Entry]:
    document = _read(path, folder, faults)
    if document is None:
        return []
    one = kind == "alternatives"
    values = [document.value] if one else document.value
    if not isinstance(values, list):
        faults.append(Fault(document.place(()), shown(values), "a list of entries"))
        return []
    found: list[schema.Entry] = []
    for index, value in enumerate(values):
        at: Location = () if one else (index,)
        entry = checked(document, value, at, model, faults)
        if entry is None:
            continue
        found.append(entry)
        name = _order(entry) or str(index)
        if (kind, name) in spots:
            faults.append(
                Fault(document.place((*at, "id")), shown(name), f"an id not used at {spots[kind, name].at()}")
            )
        spots[kind, name] = Spot(document, at)
    return found
