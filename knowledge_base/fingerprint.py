"""A hash of a pack's files, to tell quickly whether a release was made from them. It knows bytes, no schema."""

import hashlib
from pathlib import Path

SHIPPED = Path(__file__).parent / "data"


def fingerprint(folder: Path) -> str:
    """SHA-256 over the names and contents of the YAML files in a folder.

    Raises:
        OSError: a file cannot be read.
    """
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*.yaml")):
        digest.update(path.relative_to(folder).as_posix().encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def files_of(folder: Path) -> dict[str, str]:
    """The YAML files in a folder by their name within it.

    Raises:
        OSError: a file cannot be read.
    """
    return {path.relative_to(folder).as_posix(): path.read_text("utf-8") for path in sorted(folder.rglob("*.yaml"))}
