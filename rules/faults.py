"""What is wrong with an input, said so that a person can mend it.

A fault names the place, the bad value, what was expected and the nearest valid name. Faults are collected,
never raised one at a time: `InvalidInput` carries all of them.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

SHOWN_VALUE_CHARACTERS = 120
MISSING = "nothing"


@dataclass(frozen=True, slots=True)
class Fault:
    """One mistake in an input.

    Attributes:
        path: where, as a dotted path such as `answers.deploy_targets[1]` or `file.yaml:12:3`.
        value: the offending value as text, cut to a showable length; `nothing` where it is missing.
        expected: what would have been accepted.
        nearest: the closest valid name, or None.
    """

    path: str
    value: str
    expected: str
    nearest: str | None = None

    def __str__(self) -> str:
        hint = f" (did you mean {self.nearest!r}?)" if self.nearest else ""
        told = f"missing, expected {self.expected}" if self.value == MISSING else f"{self.value} is not {self.expected}"
        return f"{self.path}: {told}{hint}"


class InvalidInput(ValueError):
    """An input has one or more faults; `faults` lists every one of them."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("; ".join(str(fault) for fault in self.faults))

    def __reduce__(self) -> tuple[type["InvalidInput"], tuple[Sequence[Fault]]]:
        """How it goes from one process to another: as its faults, not as their text."""
        return InvalidInput, (self.faults,)


def shown(value: object) -> str:
    """The value as short text that is safe to print; what JSON has words for in these."""
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    try:
        text = repr(value)
    except (ValueError, RecursionError):  # a number of thousands of digits, a list in a list in a list ...
        text = f"{type(value).__name__} too large to show"
    return text if len(text) <= SHOWN_VALUE_CHARACTERS else text[: SHOWN_VALUE_CHARACTERS - 1] + "…"


def nearest(name: object, valid: Iterable[str]) -> str | None:
    """The valid name most like `name`, or None when nothing is close."""
    if not isinstance(name, str):
        return None
    by_folded = {v.casefold().replace("-", "_"): v for v in valid}
    found = get_close_matches(name.casefold().replace("-", "_")[:80], by_folded, n=1, cutoff=0.6)
    return by_folded[found[0]] if found else None
