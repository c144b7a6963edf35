"""What went wrong, said once on standard error: as text for a person, as one document for a program; and the exit code.

Where an error comes from is decided in `advisor.errors`; here it only gets its words.
"""

import json
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass

import typer

from advisor.errors import (
    Busy,
    Conflict,
    Damaged,
    Fault,
    Full,
    IndexUnreachable,
    InvalidInput,
    Missing,
    NotTaken,
    OutOfDate,
    StorageError,
)
from cli.program import called

NO, INPUT, OUTSIDE = 1, 2, 3
SHOWN_FAULTS = 100


@dataclass(frozen=True, slots=True)
class Located:
    """A fault and where it stands in the file it was read from, such as `app.yaml:12:3`."""

    fault: Fault
    at: str | None


class InvalidFile(InvalidInput):
    """Faults of an input file, each with its place in that file."""

    def __init__(self, located: Sequence[Located]) -> None:
        self.located = tuple(located)
        super().__init__([each.fault for each in located])


class Refused(Exception):
    """The answer is a "no" that the caller asked to fail on."""


@dataclass(frozen=True, slots=True)
class Problem:
    """What is reported of an error."""

    type: str
    title: str
    detail: str
    exit_code: int
    faults: tuple[Located, ...] = ()


def report(error: BaseException, as_json: bool) -> int:
    """Say on standard error what went wrong; the exit code."""
    problem = _problem(error)
    text = json.dumps(_document(problem), ensure_ascii=False) if as_json else _text(problem)
    with suppress(OSError):  # where nobody can be told, the exit code still tells
        print(text, file=sys.stderr)  # noqa: T201  the one place where an error is said
    return problem.exit_code


def _problem(error: BaseException) -> Problem:
    detail = str(error)
    match error:
        case InvalidFile():
            return Problem("invalid-input", "The input has faults", _counted(error), INPUT, error.located)
        case InvalidInput():
            located = tuple(Located(fault, None) for fault in error.faults)
            return Problem("invalid-input", "The input has faults", _counted(error), INPUT, located)
        case typer.TyperException():
            return Problem("usage", "The command line cannot be understood", _usage(error), INPUT)
        case Missing():
            return Problem("not-found", "There is no such thing", detail, INPUT)
        case Refused():
            return Problem("refused", "Not as asked", detail, NO)
        case _:
            return _outside(error, detail)


def _outside(error: BaseException, detail: str) -> Problem:
    """What is no fault of the input."""
    match error:
        case Full():
            return Problem("conflict", "There is no room for another project", detail, OUTSIDE)
        case Conflict():
            return Problem("conflict", "Another writer was first", f"{detail}; try again", OUTSIDE)
        case OutOfDate():
            way_out = detail.replace("steelyard db upgrade", called("db upgrade"))
            return Problem("out-of-date", "The database is of another version", way_out, OUTSIDE)
        case StorageError():
            return Problem("unavailable", "The database cannot be used", detail, OUTSIDE)
        case Busy():
            return Problem("busy", "A measurement is going on", detail, OUTSIDE)
        case IndexUnreachable():
            return Problem("index-unreachable", "The package index cannot be used", detail, OUTSIDE)
        case Damaged():
            return Problem("damaged", "What was interrupted cannot be gone on with", detail, OUTSIDE)
        case NotTaken():
            return Problem("not-taken", "The profile was not taken", detail, INPUT if error.about_key else OUTSIDE)
        case OSError():
            where = f"{error.filename}: " if error.filename else ""
            return Problem("input-output", "A file cannot be used", f"{where}{error.strerror or error}", OUTSIDE)
        case _:
            found = f"{type(error).__name__}: {detail}".splitlines()[0][:300]
            more = "set STEELYARD_DEBUG=1 to see where"
            return Problem("unexpected", "Something unforeseen went wrong", f"{found} ({more})", OUTSIDE)


def _counted(error: InvalidInput) -> str:
    count = len(error.faults)
    return "one fault" if count == 1 else f"{count} faults"


def _usage(error: typer.TyperException) -> str:
    context = getattr(error, "ctx", None)
    message = error.format_message().rstrip(".")
    return f"{message}; see: {context.command_path} --help" if context else message


def _document(problem: Problem) -> dict[str, object]:
    faults = [described(each) for each in problem.faults]
    kept = {name: getattr(problem, name) for name in ("type", "title", "detail", "exit_code")}
    return {**kept, "faults": faults}


def described(each: Located) -> dict[str, object]:
    """A fault as JSON; `at` only where its place is known."""
    return {**asdict(each.fault), **({"at": each.at} if each.at else {})}


def told(each: Located) -> str:
    """A fault on one line, its place first."""
    return _without_controls(f"{each.at}: {each.fault}" if each.at else str(each.fault))


def _text(problem: Problem) -> str:
    lines = [f"steelyard: {problem.title} ({problem.detail})" if problem.faults else ""]
    if not problem.faults:
        lines = [f"steelyard: {_without_controls(problem.detail)}"]
    for each in problem.faults[:SHOWN_FAULTS]:
        lines.append(f"  {told(each)}")
    if len(problem.faults) > SHOWN_FAULTS:
        lines.append(f"  and {len(problem.faults) - SHOWN_FAULTS} more")
    return "\n".join(lines)


def _without_controls(text: str) -> str:
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)
