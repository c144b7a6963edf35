"""JSON text as plain values, read strictly: no key twice, no number that is none, nesting bounded.

What the values mean is the reader's business.
"""

import json
from typing import Any, NoReturn

from rules.faults import Fault, InvalidInput, shown

MAX_DEPTH = 32


def json_value(text: str, name: str) -> Any:
    """The value of a JSON text.

    Raises:
        InvalidInput: not JSON, a key used twice, NaN or Infinity, or nested too deeply.
    """
    try:
        value = json.loads(text, object_pairs_hook=_unique, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        where = f"{name}:{error.lineno}:{error.colno}"
        raise InvalidInput(
            [Fault(where, shown(text[error.pos : error.pos + 20]), f"valid JSON ({error.msg})")]
        ) from None
    except RecursionError:
        raise InvalidInput([_too_deep(name)]) from None
    except _Refused as error:
        raise InvalidInput([Fault(name, str(error), "valid JSON")]) from None
    except ValueError:  # Python reads no whole numbers of more than some thousands of digits
        raise InvalidInput([Fault(name, "a number of too many digits", "a number that can be read")]) from None
    if text.count("[") + text.count("{") > MAX_DEPTH and not _is_shallow(value):
        raise InvalidInput([_too_deep(name)])
    return value


class _Refused(ValueError):
    """What JSON lets through and this house does not."""


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) < len(pairs):
        seen: set[str] = set()
        twice = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        raise _Refused(f"the key {shown(twice)}, used twice in one object,")
    return found


def _no_constant(constant: str) -> NoReturn:
    raise _Refused(f"the number {constant}")


def _too_deep(name: str) -> Fault:
    return Fault(name, "this nesting", f"at most {MAX_DEPTH} levels deep")


def _is_shallow(value: object) -> bool:
    level = [value]
    for _ in range(MAX_DEPTH):
        level = [part for each in level for part in _parts(each)]
        if not level:
            return True
    return False


def _parts(value: object) -> list[object]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []
