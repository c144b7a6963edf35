"""Which packages belong to an alternative or need it, and which only seem to: `packages.yaml`.

They serve twice: a refresh asks the Python package index for those that `asked` names and for no others, and a project
that says what it depends on is understood by all of them. What the packages say is not known here.
"""

import re
from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, StringConstraints, model_validator

from knowledge_base.schema import Day, Entry, Id, Text

PackageRole = Literal["main", "part", "plug-in", "client", "renamed_from", "namesake", "on"]
_plain_on = BeforeValidator(lambda role: "on" if role is True else role)  # YAML reads an unquoted on as a truth value
Registry = Literal[
    "pypi", "npm", "maven", "nuget", "cran", "crates", "julia", "cocoapods", "swift", "pub", "conda", "espressif"
]
Told = Literal["version", "python", "binaries"]
PackageName = Annotated[str, StringConstraints(min_length=1, max_length=160)]
Extra = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=80)]
AddressPiece = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9._/~-]{3,120}$")]

TELLING: tuple[PackageRole, ...] = ("main", "part")
OWN: tuple[PackageRole, ...] = ("main", "part", "plug-in", "client", "renamed_from")
ARGUED: tuple[PackageRole, ...] = ("client", "renamed_from", "namesake", "on")
ASKED: Registry = "pypi"
NAMES: Mapping[Registry, str] = {  # how names look in each registry
    "pypi": r"[a-z0-9]+(?:-[a-z0-9]+)*",
    "npm": r"(?:@[a-z0-9~-][a-z0-9._~-]*/)?[a-z0-9~-][a-z0-9._~-]*",
    "maven": r"[A-Za-z0-9_.-]+:[A-Za-z0-9_.-]+",
    "nuget": r"[A-Za-z0-9_]+(?:[.-][A-Za-z0-9_]+)*",
    "cran": r"[A-Za-z][A-Za-z0-9.]*[A-Za-z0-9]",
    "crates": r"[A-Za-z][A-Za-z0-9_-]*",
    "julia": r"[A-Za-z][A-Za-z0-9_]*",
    "cocoapods": r"[A-Za-z0-9][A-Za-z0-9+._-]*(?:/[A-Za-z0-9+._-]+)*",
    "swift": r"[A-Za-z0-9][A-Za-z0-9._-]*",  # the last piece of the address, by which Swift calls a package
    "pub": r"[a-z_][a-z0-9_]*",
    "conda": r"[a-z0-9_][a-z0-9_.-]*",
    "espressif": r"(?:[a-z0-9_-]+/)?[a-z0-9_-]+",  # the components for its boards
}


class Package(Entry):
    """A package by the name it has in its registry; in the Python package index the normalised one (`ab-cd`).

    Roles: `main` is the alternative itself; `part` is built and released with it and holds what it lacks (such as the
    binaries); `plug-in` is optional and must keep up with it; `client` is a binding or client with versions of its own;
    `renamed_from` is a former name; `namesake` only bears the name; `on` is another project's and requires the
    alternative, always and not as an extra.

    `expect` has pieces of addresses (such as `github.com/pytorch/pytorch`), one of which the package must give as its
    home or repository: else it is not what we take it for. `tells` says which facts of the alternative follow it.
    `as_of` is the day whose registry said so; those that a refresh asks for anew each time may do without. Who depends
    on a package that `holds_more` need not use the alternative, unless with one of the `extras` that stand for it.
    """

    name: PackageName
    role: Annotated[PackageRole, _plain_on]
    registry: Registry = ASKED
    expect: list[AddressPiece] = Field(default=[])
    tells: list[Told] = Field(default=[])
    note: Text | None = None
    as_of: Day | None = None
    holds_more: bool = False
    extras: list[Extra] = Field(default=[])

    @property
    def is_asked(self) -> bool:
        """Whether a refresh asks the index for it."""
        return self.registry == ASKED and self.role != "on"

    @property
    def implies_use(self) -> bool:
        """Whether who depends on it uses the alternative."""
        return self.role != "namesake" and not self.holds_more

    @property
    def names_of_use(self) -> list[str]:
        """By what names who depends on it uses the alternative; none for a namesake."""
        return [self.name] if self.implies_use else [f"{self.name}[{extra}]" for extra in self.extras]

    @model_validator(mode="after")
    def _extras_tell_more_than_the_name(self) -> "Package":
        if self.extras and not (self.holds_more and self.is_asked and self.role != "namesake"):
            raise ValueError(f"a package of {ASKED} that `holds_more` where extras say who uses the alternative")
        if self.extras and not self.as_of:
            raise ValueError("a package with the day, `as_of`, on which its metadata had these extras")
        if len(set(self.extras)) < len(self.extras):
            raise ValueError("a list that names each extra once")
        return self

    @model_validator(mode="after")
    def _the_name_is_one_of_its_registry(self) -> "Package":
        if not re.fullmatch(NAMES[self.registry], self.name):
            raise ValueError(
                f"a name that could stand in the registry {self.registry}, to match {NAMES[self.registry]}"
            )
        return self

    @model_validator(mode="after")
    def _a_role_is_argued(self) -> "Package":
        if self.is_asked and self.role in TELLING and not self.expect:
            raise ValueError(f"a package in the role {self.role} with an address to `expect`")
        if not (self.is_asked and self.role in TELLING) and self.tells:
            raise ValueError(f"a package that tells nothing: only {' and '.join(TELLING)} tell, and only in {ASKED}")
        if self.role in ARGUED and not self.note:
            raise ValueError(f"a package in the role {self.role} with a note that says why")
        if not self.is_asked and not self.as_of:
            raise ValueError("a package with the day, `as_of`, of which its registry was read")
        return self


class Packages(Entry):
    """The packages of one alternative, whose id this is; an empty list says in its note why there are none."""

    id: Id
    packages: Annotated[list[Package], Field(max_length=300)]
    note: Text | None = None

    @property
    def asked(self) -> list[Package]:
        """Those that a refresh asks the index for."""
        return [each for each in self.packages if each.is_asked]

    @model_validator(mode="after")
    def _each_fact_has_one_teller(self) -> "Packages":
        names = [(each.registry, each.name.casefold()) for each in self.packages]
        told = [fact for each in self.packages for fact in each.tells]
        mains = [each.registry for each in self.packages if each.role == "main" and each.registry == ASKED]
        if not names and not self.note:
            raise ValueError("a list with a package, or a note that says why there is none")
        if len(set(names)) < len(names):
            raise ValueError("a list that names each package once")
        if len(set(told)) < len(told):
            raise ValueError("a list in which each fact is told by one package")
        if len(mains) > 1:
            raise ValueError(f"a list with at most one main package of {ASKED}")
        return self
