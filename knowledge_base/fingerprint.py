"""A hash of a pack's files, to tell quickly whether a release was made from them. It knows bytes, no schema."""

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path

SHIPPED = Path(__file__).parent / "data"


def fingerprint(folder: Path) -> str:
    """SHA-256 over the names and contents of the YAML files in a folder.

    Raises:
        OSError: a file cannot be read.
    """
    names = sorted(folder.rglob("*.yaml"))
    return _over((path.relative_to(folder).as_posix(), path.read_bytes()) for path in names)


def fingerprint_of(files: Mapping[str, str]) -> str:
    """The fingerprint of the folder that files were read from by `files_of`."""
    return _over((name, text.encode()) for name, text in files.items())


def _over(files: Iterable[tuple[str, bytes]]) -> str:
    digest = hashlib.sha256()
    for name, content in files:
        digest.update(name.encode())
        digest.update(hashlib.sha256(content).digest())
    return digest.hexdigest()


def files_of(folder: Path) -> dict[str, str]:
    """The YAML files in a folder by their name within it.

    Raises:
        OSError: a file cannot be read.
    """
    names = sorted(folder.rglob("*.yaml"))
    return {path.relative_to(folder).as_posix(): path.read_bytes().decode() for path in names}
