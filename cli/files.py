"""Files that a person hands over: a project's answers, a hardware profile, a decision. Read into plain values.

What the values mean is checked by the use case; here only the outer form is. A fault gets its place in the file.
"""

import sys
from dataclasses import replace
from pathlib import Path

from advisor import documents, project_file
from advisor.documents import MAX_BYTES, Format, Written
from advisor.errors import Fault, InvalidInput
from advisor.project_file import Hardware as Hardware
from advisor.project_file import Project as Project
from advisor.project_file import is_named
from cli.problems import InvalidFile, Located
from rules.faults import nearest, shown

STANDARD_INPUT = "-"
MAX_DECISION_BYTES = 2**26


def project(source: str) -> Project:
    """The project in a file, or in standard input for `-`.

    Raises:
        InvalidFile: the file does not exist, cannot be read as YAML or JSON, or holds no project.
        OSError: the file exists and cannot be read.
    """
    written = document(source, "ANSWERS")
    try:
        return project_file.read(written)
    except InvalidInput as invalid:
        located = [Located(replace(f, path=f.path or "answers"), written.place(f.path)) for f in invalid.faults]
        raise InvalidFile(located) from None


def hardware(given: str | None, otherwise: Hardware = None) -> Hardware:
    """The hardware named on the command line: `local`, `catalogue:NAME`, the document in a file, or an id; `otherwise`
    where none is.

    Raises:
        InvalidFile: the file is not a JSON or YAML object.
        OSError: the file exists and cannot be read.
    """
    if given is None:
        return otherwise
    if is_named(given) or not is_path(given):
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
