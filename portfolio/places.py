"""Where the sources of a run lie, and whether they are still what they were when it was prepared.

A file whose size and time of change are as they were noted is taken for unchanged, as rsync and make do; of any other
one the content is compared, by its SHA-256. So a change is missed only where somebody keeps the size and sets the time
back.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from portfolio import files
from portfolio.faults import Damaged

NOTED = "places.json"


@dataclass(frozen=True, slots=True)
class Place:
    """A source: where it lies, when it was changed last (ns; None: not known), and what `fingerprint` said of it."""

    path: Path
    changed_ns: int | None
    stated: Mapping[str, Any]

    def require_unchanged(self) -> None:
        """Raise `Damaged` where the file is another one, `FileNotFoundError` where it has gone."""
        now = self.path.stat()
        alike = now.st_size == self.stated["bytes"]
        if alike and now.st_mtime_ns == self.changed_ns:
            return
        if not alike or _sha256(self.path, now.st_mtime_ns) != self.stated["sha256"]:
            raise Damaged(f"{self.path.name} has changed since the run was prepared")


def note(folder: Path, paths: Iterable[Path]) -> None:
    """Have a run find its sources where they lie now; to be noted before they are looked at."""
    whole = [path.resolve() for path in paths]
    changed = [_changed_ns(path) for path in whole]
    files.write_json(folder / NOTED, {"paths": [str(path) for path in whole], "changed_ns": changed})


def _changed_ns(path: Path) -> int | None:
    try:
        return path.stat().st_mtime_ns
    except FileNotFoundError:  # its rows were copied
        return None


def noted(folder: Path, stated: Sequence[Mapping[str, Any]]) -> list[Place]:
    """The sources of a run; `stated` is what `run.json` says of each."""
    found = files.read_json(folder / NOTED)
    changed = found.get("changed_ns") or [None] * len(stated)  # of an earlier version
    return [Place(Path(path), *rest) for path, *rest in zip(found["paths"], changed, stated, strict=True)]


def fingerprint(path: Path) -> dict[str, Any]:
    """What tells a source from all others."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        return {"name": path.name, "bytes": file.tell(), "sha256": digest}


@lru_cache(maxsize=8)
def _sha256(path: Path, _changed_ns: int) -> str:
    """Once for each time of change: it is asked at every part."""
    return str(fingerprint(path)["sha256"])
