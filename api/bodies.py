"""The one place where JSON bodies are read: strictly, so that what was meant and what is understood are the same.

A body is UTF-8 and nothing else (a byte order mark is passed over, as RFC 8259 allows), names no key of an object twice
and holds no number that is not finite. A reader that takes the last of two equal keys, or guesses an encoding, answers
another question than some other reader of the same bytes would.
"""

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from math import isfinite
from typing import Annotated, Any

from fastapi import Depends, Request
from starlette.exceptions import HTTPException

from advisor.documents import MAX_DEPTH
from advisor.errors import Fault, InvalidInput
from api.faults import path_of
from rules.faults import shown

MAX_FAULTS = 100
ONCE = "used once; an object holds each key once"
FINITE = "a finite number"


async def _raw_json(request: Request) -> bytes:
    """The bytes of a body that says that it is JSON.

    Raises:
        HTTPException: 415.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json" and not (kind.startswith("application/") and kind.endswith("+json")):
        given = shown(kind) if kind else "nothing"
        raise HTTPException(415, f"Content-Type names {given}; application/json is expected.")
    return await request.body()


JsonBytes = Annotated[bytes, Depends(_raw_json)]


def json_object(body: bytes) -> dict[str, Any]:
    """The object that a body holds; called by routes, which have a thread of their own, for a large body takes a while.

    Raises:
        HTTPException: 400, it is not UTF-8, nests deeper than `MAX_DEPTH` or holds a number of too many digits.
        InvalidInput: it is no JSON or no object, or with every key that is used twice and every number that is not
            finite.
    """
    value = _parsed(_text(body))
    faults: list[Fault] = []
    _examine(value, [], faults)
    if not isinstance(value, dict):
        given = f"a list of {len(value)}" if isinstance(value, list) else shown(value)
        raise InvalidInput([Fault("body", given, "an object"), *faults])
    if faults:
        raise InvalidInput(faults)
    return value


def _text(body: bytes) -> str:
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise HTTPException(400, f"The body is not UTF-8: byte {error.start + 1} cannot be read.") from None


def _parsed(text: str) -> object:
    if not text:
        raise InvalidInput([Fault("body", "nothing", "a JSON object")])
    try:
        return json.loads(text, object_pairs_hook=_object, parse_constant=_Constant)
    except json.JSONDecodeError as error:
        fault = Fault("body", f"text that fails at character {error.pos}", f"valid JSON ({error.msg})")
        raise InvalidInput([fault]) from None
    except RecursionError:
        raise _too_deep() from None
    except ValueError:  # Python reads no whole numbers of more than some thousands of digits
        raise HTTPException(400, "The body cannot be read: it holds a number of too many digits.") from None


def _too_deep() -> HTTPException:
    return HTTPException(400, f"The body cannot be read: it nests more than {MAX_DEPTH} levels deep.")


# --- What JSON says and Python's reader would pass over --------------------------------------------------------------


class _Repeating(dict[str, Any]):
    """An object that names a key twice; `pairs` are all that it holds."""

    pairs: list[tuple[str, Any]]

    def twice(self) -> list[str]:
        """The keys that are used more than once."""
        return [key for key, times in Counter(key for key, _ in self.pairs).items() if times > 1]


@dataclass(frozen=True, slots=True, repr=False)
class _Constant:
    """NaN, Infinity or -Infinity, which JSON does not know."""

    name: str

    def __repr__(self) -> str:
        return self.name


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) == len(pairs):
        return found
    repeating = _Repeating(found)
    repeating.pairs = pairs
    return repeating


def _examine(part: object, steps: list[str | int], faults: list[Fault]) -> None:
    """Note what is wrong with a part and all that it holds; `steps` lead to it, and are left as they were.

    Raises:
        HTTPException: 400, parts nest deeper than `MAX_DEPTH`.
    """
    if isinstance(part, dict | list):
        if len(steps) >= MAX_DEPTH:
            raise _too_deep()
        if isinstance(part, _Repeating):
            faults += [Fault(path_of([*steps, key]), shown(key), ONCE) for key in part.twice()[: _room(faults)]]
        for step, inner in _inner(part):
            if isinstance(inner, dict | list | float | _Constant):
                steps.append(step)
                _examine(inner, steps, faults)
                steps.pop()
    elif _room(faults) and isinstance(part, _Constant):
        faults.append(Fault(path_of(steps), shown(part), FINITE))
    elif _room(faults) and isinstance(part, float) and not isfinite(part):
        faults.append(Fault(path_of(steps), "a number that is too large", FINITE))


def _inner(part: dict[str, Any] | list[Any]) -> Iterable[tuple[str | int, Any]]:
    if isinstance(part, _Repeating):
        return part.pairs
    return part.items() if isinstance(part, dict) else enumerate(part)


def _room(faults: list[Fault]) -> int:
    return max(0, MAX_FAULTS - len(faults))
