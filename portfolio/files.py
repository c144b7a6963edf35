"""Files that are there whole or not at all, whenever the process is ended: written aside, flushed to the disk, renamed.

Knows nothing of what is in them.
"""

import json
import os
import re
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO

from rules import canonical

ASIDE = ".part"
RANDOM = 6  # bytes in a name aside
KEPT_BYTES = 100  # of the name that it stands for


@contextmanager
def replacing(target: Path) -> Iterator[BinaryIO]:
    """A binary file that takes the place of `target` when the block ends, and vanishes when it raises.

    Raises:
        OSError: it cannot be written; `target` is as it was.
    """
    aside = target.with_name(f"{_aside(target)}{secrets.token_hex(RANDOM)}{ASIDE}")
    try:
        with aside.open("xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        aside.replace(target)
        _flush_folder(target.parent)
    except OSError as error:
        error.filename = error.filename or str(target)  # a full disk is told without a name
        raise
    finally:
        aside.unlink(missing_ok=True)


def within(name: str, most_bytes: int) -> str:
    """A name, or its beginning, of at most so many bytes, as file systems count."""
    return name.encode("utf-8", "surrogateescape")[:most_bytes].decode("utf-8", "ignore")


def write(target: Path, content: bytes) -> None:
    """Have `target` hold these bytes; see `replacing`."""
    with replacing(target) as file:
        file.write(content)


def write_json(target: Path, document: Mapping[str, Any]) -> None:
    """Have `target` hold a document as canonical JSON; see `replacing`."""
    write(target, canonical.dump(document))


def read_json(source: Path) -> dict[str, Any]:
    """The document in a file that `write_json` wrote.

    Raises:
        OSError: there is no such file, or it cannot be read.
        ValueError: it holds no JSON object.
    """
    found = json.loads(source.read_bytes())
    if not isinstance(found, dict):
        raise ValueError(f"{source.name} holds no object")
    return found


def sweep(folder: Path) -> None:
    """Take away what writers that were killed have left behind; nobody else may be writing there."""
    for left in folder.glob(f".*{ASIDE}"):
        left.unlink(missing_ok=True)


def sweep_beside(target: Path) -> None:
    """The same for what was to become one file, in a folder that holds other things too.

    What has a name so long that it may be another's stays.
    """
    if within(target.name, KEPT_BYTES) != target.name:
        return
    known = re.compile(rf"{re.escape(_aside(target))}[0-9a-f]{{{2 * RANDOM}}}{re.escape(ASIDE)}")
    for left in target.parent.iterdir():
        if known.fullmatch(left.name):
            left.unlink(missing_ok=True)


def _aside(target: Path) -> str:
    return f".{within(target.name, KEPT_BYTES)}."


def _flush_folder(folder: Path) -> None:
    """Have the disk remember the new name; where folders cannot be opened, renaming is all there is."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
