"""The validator's findings as faults of the house: where, what, what was expected, and the nearest valid name.

It knows how Pydantic words an error; the rest of the edge does not.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel

from advisor.errors import Fault
from rules.faults import nearest, shown

MAX_UNKNOWN_KEYS = 16
_SIMPLER = {
    "dict_type": "an object",
    "list_type": "a list",
    "sequence_str": "a list",
    "string_type": "text",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "int_parsing": "a whole number",
}
_QUOTED = re.compile(r"'([^']*)'")


def from_validation(errors: Sequence[Mapping[str, Any]], route: object) -> list[Fault]:
    """Faults for what the framework found in a request; names are looked up in the models that the route takes."""
    parts = getattr(getattr(route, "dependant", None), "query_params", ())
    models = [getattr(getattr(part, "field_info", None), "annotation", None) for part in parts]
    names = [n for m in models if isinstance(m, type) and issubclass(m, BaseModel) for n in m.model_fields]
    return from_errors([{**e, "loc": _within(e["loc"])} for e in errors], names)


def from_errors(errors: Sequence[Mapping[str, Any]], names: Sequence[str]) -> list[Fault]:
    """Faults for a model's errors; `names` are the keys that its top level takes."""
    unknown = [e for e in errors if e["type"] == "extra_forbidden"]
    found = [_fault(e) for e in errors if e["type"] != "extra_forbidden"]
    found += [_unknown(e, names) for e in unknown[:MAX_UNKNOWN_KEYS]]
    if len(unknown) > MAX_UNKNOWN_KEYS:
        more = len(unknown) - MAX_UNKNOWN_KEYS
        found.append(Fault("body", f"{more} more unknown keys", f"only the keys {', '.join(names)}"))
    return found


def _within(place: Sequence[str | int]) -> tuple[str | int, ...]:
    """The place inside the part of the request it was found in; the whole part keeps its name."""
    return tuple(place[1:]) if len(place) > 1 and place[0] in ("body", "query", "path") else tuple(place)


def path_of(place: Sequence[str | int]) -> str:
    """A place as a dotted path, such as `devices[0].kind`."""
    text = ""
    for step in place:
        if isinstance(step, int):
            text += f"[{step}]"
        else:
            text += f".{step}" if text else step
    return text[:120] or "body"


def _unknown(error: Mapping[str, Any], names: Sequence[str]) -> Fault:
    key = str(error["loc"][-1])
    return Fault(path_of(error["loc"]), shown(key), f"one of the keys {', '.join(names)}", nearest(key, names))


def _fault(error: Mapping[str, Any]) -> Fault:
    given, kind = error.get("input"), error["type"]
    if kind == "missing":
        where = path_of(error["loc"])
        return Fault(where, "nothing", "a JSON object" if where == "body" else "a value; this key is needed")
    if kind in ("literal_error", "enum"):
        options = _QUOTED.findall(error["ctx"]["expected"])
        return Fault(path_of(error["loc"]), _brief(given), f"one of: {', '.join(options)}", nearest(given, options))
    if kind in _SIMPLER:
        return Fault(path_of(error["loc"]), _brief(given), _SIMPLER[kind])
    if kind == "too_long":
        return Fault(path_of(error["loc"]), _brief(given), f"at most {error['ctx']['max_length']} entries")
    expected = str(error["msg"]).removeprefix("Input should be ").removeprefix("Value error, ")
    return Fault(path_of(error["loc"]), _brief(given), expected)


def _brief(given: object) -> str:
    if isinstance(given, bytes):
        return f"{len(given)} bytes"
    if isinstance(given, dict):
        return f"an object of {len(given)} keys"
    if isinstance(given, list):
        return f"a list of {len(given)}"
    return shown(given[:200] if isinstance(given, str) else given)
