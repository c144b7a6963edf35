"""How this program is called where the person stands, for messages that say what to do next."""

import os
import shlex
import shutil
import sys
from pathlib import Path

NAME = "steelyard"
HOME = "STEELYARD_HOME"  # `advisor.settings` reads it; what is told has to reach the same database


def called(command: str) -> str:
    """One of our command lines, as a shell here takes it: by its path where the name does not lead to this program.

    A home that the environment names is named too, for it may have been given to one command only.
    """
    own, found = Path(sys.argv[0]).absolute(), shutil.which(NAME)
    is_found = found is not None and Path(found).resolve() == own.resolve()
    program = NAME if is_found or own.stem != NAME or not own.is_file() else shlex.quote(_shortest(own))
    home = os.environ.get(HOME) if os.name == "posix" else None
    return f"{f'{HOME}={shlex.quote(home)} ' if home else ''}{program} {command}"


def _shortest(path: Path) -> str:
    """A path as it is typed: from the working folder where it lies below."""
    below = path.is_relative_to(Path.cwd())
    return str(path.relative_to(Path.cwd())) if below and path.parent != Path.cwd() else str(path)
