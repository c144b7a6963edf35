"""The tags of a wheel: for which Python, ABI and platform it was made. Only its small text file is read."""

from __future__ import annotations

import zipfile
from email.parser import Parser
from pathlib import Path

from probes.look.text import clean

MAX_BYTES = 65536
MAX_TAGS = 64


def tags(path: Path) -> tuple[str, ...]:
    """The tags in a wheel, or in a folder that one was installed to; none where there is no such file."""
    try:
        text = _in_wheel(path) if path.name.endswith(".whl") else _in_folder(path)
    except (OSError, ValueError, zipfile.BadZipFile, NotImplementedError, RuntimeError):
        return ()
    found = Parser().parsestr(text, headersonly=True).get_all("Tag") or []
    return tuple(tag for tag in map(clean, found[:MAX_TAGS]) if tag)


def _in_wheel(path: Path) -> str:
    with zipfile.ZipFile(str(path)) as archive:
        for member in archive.infolist():
            if member.filename.endswith(".dist-info/WHEEL") and member.file_size <= MAX_BYTES:
                return archive.read(member).decode("utf-8", "replace")
    return ""


def _in_folder(path: Path) -> str:
    for name in sorted(path.glob("*.dist-info/WHEEL")) if path.is_dir() else ():
        if name.stat().st_size <= MAX_BYTES:
            return name.read_text(encoding="utf-8", errors="replace")
    return ""
