"""A project in a file, as every edge reads it: an answers object, or a document with the key `answers`.

Only the outer form is checked here; what the values mean is checked where they are used.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from advisor.documents import Written
from rules.faults import Fault, InvalidInput, nearest, shown

KEYS = ("name", "source", "hardware", "roles", "answers", "preferences", "policy", "draws")
CATALOGUE = "catalogue:"
MAX_NAME_CHARACTERS = 200

Hardware = str | Mapping[str, object] | None


@dataclass(frozen=True, slots=True)
class Project:
    """What a file says of a project. `is_bare`: the file holds the answers themselves, nothing around them.

    `written` is None where no file says anything: the project is a stored one.
    """

    written: Written | None
    is_bare: bool
    answers: object
    name: str | None = None
    source: str | None = None
    hardware: Hardware = None
    roles: Sequence[str] | None = None
    preferences: object = None
    policy: object = None
    draws: object = None

    def places(self) -> dict[str, tuple[Written, str]]:
        """The parts that the file holds, each with its path in it."""
        if self.written is None:
            return {}
        if self.is_bare:
            return {"answers": (self.written, "")}
        value = self.written.value
        return {key: (self.written, key) for key in KEYS if isinstance(value, dict) and key in value}


def read(written: Written) -> Project:
    """The project that a document holds.

    Raises:
        InvalidInput: it is neither of the two forms; with every fault, by its path in the document.
    """
    value = written.value
    if not isinstance(value, dict):
        raise InvalidInput([Fault("", shown(value), "an object of answers, or a document with the key `answers`")])
    if not any(key in KEYS for key in value):
        return Project(written, True, value)
    if faults := _faults(value):
        raise InvalidInput(faults)
    given = {key: value.get(key) for key in KEYS if key != "source"}
    return Project(written, False, source=_source(value.get("source")), **given)


def is_named(hardware: object) -> bool:
    """Whether this names a machine without a file or an id: this one, or one of the catalogue."""
    return isinstance(hardware, str) and (hardware == "local" or hardware.startswith(CATALOGUE))


def _faults(value: Mapping[str, object]) -> list[Fault]:
    faults = [
        Fault(key, shown(key), f"one of the keys {', '.join(KEYS)}", nearest(key, KEYS))
        for key in value
        if key not in KEYS
    ]
    if "answers" not in value:
        faults.append(Fault("answers", "nothing", "an object; a document needs its answers"))
    name, source, roles, hardware = (value.get(key) for key in ("name", "source", "roles", "hardware"))
    if name is not None and not (isinstance(name, str) and len(name) <= MAX_NAME_CHARACTERS):
        faults.append(Fault("name", shown(name), f"text of at most {MAX_NAME_CHARACTERS} characters"))
    if source is not None and not isinstance(source, str | dict):
        faults.append(Fault("source", shown(source), "text, or an object with title, url and date"))
    if roles is not None and not (isinstance(roles, list) and all(isinstance(role, str) for role in roles)):
        faults.append(Fault("roles", shown(roles), "a list of roles"))
    if hardware is not None and not (isinstance(hardware, dict) or is_named(hardware)):
        expected = '"local", "catalogue:NAME" or a profile document'
        faults.append(Fault("hardware", shown(hardware), expected, nearest(hardware, ["local"])))
    return faults


def _source(value: object) -> str | None:
    if isinstance(value, Mapping):
        return ", ".join(str(value[key])[:MAX_NAME_CHARACTERS] for key in ("title", "date") if value.get(key)) or None
    return value[:MAX_NAME_CHARACTERS] if isinstance(value, str) else None
