"""Files that a person hands over: a project's answers, a hardware profile, a decision. Read into plain values.

What the values mean is checked by the use case; here only the outer form is. A fault gets its place in the file.
"""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from advisor import documents
from advisor.documents import MAX_BYTES, Format, Written
from advisor.errors import Fault, InvalidInput
from advisor.examples import KEYS
from cli.problems import InvalidFile, Located
from rules.faults import nearest, shown

STANDARD_INPUT = "-"
CATALOGUE = "catalogue:"
MAX_NAME_CHARACTERS = 200
MAX_DECISION_BYTES = 2**26

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
        """The parts that the file holds, as `places.Places` takes them."""
        if self.written is None:
            return {}
        if self.is_bare:
            return {"answers": (self.written, "")}
        value = self.written.value
        return {key: (self.written, key) for key in KEYS if isinstance(value, dict) and key in value}


def project(source: str) -> Project:
    """The project in a file, or in standard input for `-`: an answers object, or a document with the key `answers`.

    Raises:
        InvalidFile: the file does not exist, cannot be read as YAML or JSON, or is neither of the two forms.
        OSError: the file exists and cannot be read.
    """
    written = document(source, "ANSWERS")
    value = written.value
    if not isinstance(value, dict):
        fault = Fault("answers", shown(value), "an object of answers, or a document with the key `answers`")
        raise InvalidFile([Located(fault, written.place(""))])
    if not any(key in KEYS for key in value):
        return Project(written, True, value)
    faults = list(_document_faults(value))
    if faults:
        raise InvalidFile([Located(fault, written.place(fault.path)) for fault in faults])
    given = {key: value.get(key) for key in KEYS if key != "source"}
    return Project(written, False, source=_source(value.get("source")), **given)


def _document_faults(value: Mapping[str, object]) -> list[Fault]:
    faults = [Fault(key, shown(key), f"one of the keys {', '.join(KEYS)}", nearest(key, KEYS)) for key in value]
    faults = [fault for fault in faults if fault.path not in KEYS]
    if "answers" not in value:
        faults.append(Fault("answers", "nothing", "an object; a document needs its answers"))
    name, source, roles, hardware = (value.get(key) for key in ("name", "source", "roles", "hardware"))
    if name is not None and not (isinstance(name, str) and len(name) <= MAX_NAME_CHARACTERS):
        faults.append(Fault("name", shown(name), f"text of at most {MAX_NAME_CHARACTERS} characters"))
    if source is not None and not isinstance(source, str | dict):
        faults.append(Fault("source", shown(source), "text, or an object with title, url and date"))
    if roles is not None and not (isinstance(roles, list) and all(isinstance(role, str) for role in roles)):
        faults.append(Fault("roles", shown(roles), "a list of roles"))
    if hardware is not None and not (isinstance(hardware, dict) or _is_named(hardware)):
        expected = '"local", "catalogue:NAME" or a profile document'
        faults.append(Fault("hardware", shown(hardware), expected, nearest(hardware, ["local"])))
    return faults


def _is_named(hardware: object) -> bool:
    """Whether this names a machine without a file or an id: this one, or one of the catalogue."""
    return isinstance(hardware, str) and (hardware == "local" or hardware.startswith(CATALOGUE))


def _source(value: object) -> str | None:
    if isinstance(value, Mapping):
        return ", ".join(str(value[key])[:MAX_NAME_CHARACTERS] for key in ("title", "date") if value.get(key)) or None
    return value[:MAX_NAME_CHARACTERS] if isinstance(value, str) else None


def hardware(given: str | None, otherwise: Hardware = None) -> Hardware:
    """The hardware named on the command line: `local`, `catalogue:NAME`, the document in a file, or an id; `otherwise`
    where none is.

    Raises:
        InvalidFile: the file is not a JSON or YAML object.
        OSError: the file exists and cannot be read.
    """
    if given is None:
        return otherwise
    if _is_named(given) or not is_path(given):
        return given
    written = document(given, "hardware")
    if not isinstance(written.value, dict):
        raise InvalidFile([Located(Fault("hardware", shown(written.value), "a profile document"), written.place(""))])
    return written.value


def policy(given: str) -> Written | str:
    """The policy named on the command line: the document in a file, or an id.

    Raises:
        InvalidFile: the file cannot be read as YAML or JSON.
        OSError: the file exists and cannot be read.
    """
    return document(given, "--policy") if given == STANDARD_INPUT or is_path(given) else given


def is_path(given: str) -> bool:
    """Whether what was given for an id or a file is meant as a file: by its form, or because there is one."""
    return "/" in given or "\\" in given or documents.format_of(given) is not None or Path(given).exists()


def is_given(given: str) -> bool:
    """Whether a file or standard input is meant, rather than an id."""
    return given == STANDARD_INPUT or is_path(given)


def decision(source: str) -> object:
    """The decision document in a file, or in standard input for `-`; it is JSON whatever the file is called.

    Raises:
        InvalidFile: the file does not exist, is too large or cannot be read as JSON.
        OSError: the file exists and cannot be read.
    """
    return document(source, "DECISION", "json", MAX_DECISION_BYTES).value


def document(source: str, argument: str, given: Format | None = None, most_bytes: int = MAX_BYTES) -> Written:
    """The document in a file, or in standard input for `-`; faults name the argument that asked for it.

    Raises:
        InvalidFile: the file does not exist, is too large, or cannot be read as the format (None: as YAML or JSON).
        OSError: the file exists and cannot be read.
    """
    try:
        if source == STANDARD_INPUT:
            return documents.decode(sys.stdin.buffer.read(most_bytes + 1), "standard input", given, most_bytes)
        path = Path(source)
        if not path.exists() or path.is_dir():
            raise InvalidInput([_no_file(path, argument)])
        with path.open("rb") as file:
            content = file.read(most_bytes + 1)
        return documents.decode(content, source, given or documents.format_of(source), most_bytes)
    except InvalidInput as invalid:
        raise InvalidFile([Located(fault, None) for fault in invalid.faults]) from invalid


def text(source: str, argument: str) -> tuple[str, str]:
    """(the text of a file, or of standard input for `-`; its name for messages).

    Raises:
        InvalidFile: the file does not exist, is too large or is not UTF-8.
        OSError: the file exists and cannot be read.
    """
    try:
        name = "standard input" if source == STANDARD_INPUT else source
        if source != STANDARD_INPUT and not Path(source).is_file():
            raise InvalidInput([_no_file(Path(source), argument)])
        content = sys.stdin.buffer.read(MAX_BYTES + 1) if source == STANDARD_INPUT else Path(source).read_bytes()
        if len(content) > MAX_BYTES:
            raise InvalidInput([Fault(argument, f"{len(content)} bytes or more", f"at most {MAX_BYTES}")])
        return content.decode("utf-8-sig"), Path(name).name
    except UnicodeDecodeError as error:
        fault = Fault(argument, f"byte {error.start + 1}", "UTF-8 text")
        raise InvalidFile([Located(fault, None)]) from None
    except InvalidInput as invalid:
        raise InvalidFile([Located(fault, None) for fault in invalid.faults]) from invalid


def content(source: str, argument: str, most_bytes: int) -> bytes:
    """The bytes of a file, or of standard input for `-`, and one more at most than are taken.

    Raises:
        InvalidFile: the file does not exist.
        OSError: the file exists and cannot be read.
    """
    if source == STANDARD_INPUT:
        return sys.stdin.buffer.read(most_bytes + 1)
    path = Path(source)
    if not path.is_file():
        raise InvalidFile([Located(_no_file(path, argument), None)])
    with path.open("rb") as file:
        return file.read(most_bytes + 1)


def _no_file(path: Path, argument: str) -> Fault:
    if path.is_dir():
        return Fault(argument, shown(str(path)), "a file, but a folder")
    folder = path.parent
    near = nearest(path.name, [p.name for p in folder.iterdir()]) if folder.is_dir() else None
    return Fault(argument, shown(str(path)), "a file that exists", str(folder / near) if near else None)
