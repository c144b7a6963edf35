"""How facts look at answers: of one project, or of a column of them for each question."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Bools = NDArray[np.bool_]


class Answers(Protocol):
    """What conditions look at, for N projects; a name without a value is NaN, or neither overlaps nor lies within."""

    def number(self, name: str) -> Array:
        """(N,) the numbers, NaN where unknown."""
        ...

    def overlaps(self, name: str, options: Sequence[str]) -> Bools:
        """(N,) whether any of the options is among the answers."""
        ...

    def holds(self, name: str) -> Bools:
        """(N,) whether a yes or no is yes."""
        ...

    def within(self, name: str, options: Sequence[str]) -> Bools:
        """(N,) whether there is an answer, and nothing but these options is in it."""
        ...


@dataclass(frozen=True, slots=True)
class One:
    """The answers of one project."""

    values: Mapping[str, object]

    def number(self, name: str) -> Array:
        """The number, in an array of one."""
        value = self.values.get(name)
        return np.array([float(value) if isinstance(value, int | float) else np.nan])

    def overlaps(self, name: str, options: Sequence[str]) -> Bools:
        """Whether any of the options is among the answers."""
        return np.array([any(o in options for o in self._held(name))])

    def holds(self, name: str) -> Bools:
        """Whether a yes or no is yes."""
        return np.array([self.values.get(name) is True])

    def within(self, name: str, options: Sequence[str]) -> Bools:
        """Whether there is an answer, and nothing but these options is in it."""
        held = self._held(name)
        return np.array([bool(held) and all(o in options for o in held)])

    def _held(self, name: str) -> tuple[str, ...]:
        value = self.values.get(name)
        return tuple(value) if isinstance(value, tuple | list) else ()
