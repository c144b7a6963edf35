"""What Numba compiles, and that it is remembered from one process to the next; nothing is written at import."""

from collections.abc import Callable
from threading import Lock
from typing import Any

from numba import njit

_FORGETFUL: list[Any] = []
_one_at_a_time = Lock()


def compiled(**options: Any) -> Callable[[Any], Any]:
    """A function compiled when it is first called, with these options of Numba's and without the interpreter's lock."""

    def made(function: Any) -> Any:
        found = njit(nogil=True, **options)(function)
        _FORGETFUL.append(found)
        return found

    return made


def remember() -> None:
    """From now on keep what is compiled, beside its module or, where that folder is not writable, in the user's cache
    folder. Numba throws it away when that module changes.
    """
    with _one_at_a_time:
        while _FORGETFUL:
            _FORGETFUL.pop().enable_caching()
