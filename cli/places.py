"""Where a fault stands: the file that each part of an input was read from, and its line and column there."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from advisor.documents import Written
from advisor.errors import Fault, InvalidInput
from cli.problems import InvalidFile, Located
from rules.faults import shown

VERSIONS = ("answers.python_version", "answers.python_min")

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Places:
    """The parts of an input, such as `answers` or `policy[0]`, with their documents and the path of each in its own."""

    parts: Mapping[str, tuple[Written, str]]

    def locating(self, act: Callable[[], T]) -> T:
        """Run a use case; the faults of parts that were read from a file get their place there.

        Raises:
            InvalidFile: in place of the `InvalidInput` that the use case raised.
        """
        try:
            return act()
        except InvalidInput as invalid:
            raise InvalidFile([self.located(fault) for fault in invalid.faults]) from invalid

    def located(self, fault: Fault) -> Located:
        """A fault with its place, where the part that it is about was read from a file."""
        part = next((part for part in self.parts if _is_within(fault.path, part)), None)
        if part is None:
            return Located(fault, None)
        written, at = self.parts[part]
        path = (at + fault.path.removeprefix(part)).lstrip(".")
        holder = written.part(path)
        if isinstance(holder, dict):  # the fault may be one of the keys
            key = next((key for key in holder if fault.value in (shown(key), f"the key {shown(key)}")), None)
            path = f"{path}.{key}".lstrip(".") if key else path
        return Located(_about_versions(fault), written.place(path))


def _is_within(path: str, part: str) -> bool:
    return path.startswith(part) and path[len(part) :][:1] in ("", ".", "[", ",")


def _about_versions(fault: Fault) -> Fault:
    """A version without quotes has lost its last zero before anyone could see it; say so."""
    if fault.path in VERSIONS and fault.value.replace(".", "").isdigit():
        whole = f"{fault.value}0"
        near = whole if f" {whole}," in fault.expected else fault.nearest
        return Fault(fault.path, fault.value, f'{fault.expected}, in quotes as in "3.10"', near)
    return fault
