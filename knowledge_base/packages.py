"""Which packages of the Python package index belong to an alternative, and which only seem to: `packages.yaml`.

A refresh asks the index for these names and for no others. What the packages say is not known here.
"""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints, model_validator

from knowledge_base.schema import Entry, Id, Text

PackageRole = Literal["main", "part", "plug-in", "client", "renamed_from", "namesake"]
Told = Literal["version", "python", "binaries"]
PackageName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(?:-[a-z0-9]+)*$", max_length=80)]
AddressPiece = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9._/~-]{3,120}$")]

TELLING: tuple[PackageRole, ...] = ("main", "part")


class Package(Entry):
    """A package by its normalised name (lower case, hyphens).

    Roles: `main` is the alternative itself; `part` is built and released with it and holds what it lacks (such as the
    binaries); `plug-in` is optional and must keep up with it; `client` is a binding or client with versions of its own;
    `renamed_from` is a former name; `namesake` only bears the name.

    `expect` has pieces of addresses (such as `github.com/pytorch/pytorch`), one of which the package must give as its
    home or repository: else it is not what we take it for. `tells` says which facts of the alternative follow it.
    """

    name: PackageName
    role: PackageRole
    expect: list[AddressPiece] = Field(default=[])
    tells: list[Told] = Field(default=[])
    note: Text | None = None

    @model_validator(mode="after")
    def _a_role_is_argued(self) -> "Package":
        if self.role in TELLING and not self.expect:
            raise ValueError(f"a package in the role {self.role} with an address to `expect`")
        if self.role not in TELLING and self.tells:
            raise ValueError(f"a package that tells nothing: only {' and '.join(TELLING)} tell")
        if self.role in ("client", "renamed_from", "namesake") and not self.note:
            raise ValueError(f"a package in the role {self.role} with a note that says why")
        return self


class Packages(Entry):
    """The packages of one alternative, whose id this is; an empty list says in its note why there are none."""

    id: Id
    packages: Annotated[list[Package], Field(max_length=20)]
    note: Text | None = None

    @model_validator(mode="after")
    def _each_fact_has_one_teller(self) -> "Packages":
        names = [each.name for each in self.packages]
        told = [fact for each in self.packages for fact in each.tells]
        if not names and not self.note:
            raise ValueError("a list with a package, or a note that says why there is none")
        if len(set(names)) < len(names):
            raise ValueError("a list that names each package once")
        if len(set(told)) < len(told):
            raise ValueError("a list in which each fact is told by one package")
        if sum(each.role == "main" for each in self.packages) > 1:
            raise ValueError("a list with at most one main package")
        return self
