"""Pages kept between runs with their ETags, so that an index need not send again what has not changed.

A kept page that is damaged counts as none; a folder that cannot be written to costs requests, not the refresh.
"""

import hashlib
import json
import os
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from knowledge_base.index.address import bare

MAX_HEADER_BYTES = 16 * 1024


@dataclass(frozen=True, slots=True)
class Kept:
    """A page as it was last sent: `etag` or `modified` asks whether it still holds."""

    etag: str | None
    modified: str | None
    kind: str
    base: str
    body: bytes


class Cache:
    """A folder with a file for each page: a line of JSON, then the body."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def get(self, url: str, accept: str, most_bytes: int) -> Kept | None:
        """What is kept of a URL, asked for with this Accept header; None when nothing sound is."""
        try:
            path = self._path(url, accept)
            if path.stat().st_size > most_bytes + MAX_HEADER_BYTES:
                return None
            head, _, body = path.read_bytes().partition(b"\n")
            told = json.loads(head)
            if told.pop("sha256") != hashlib.sha256(body).hexdigest():
                return None
            kept = Kept(**told, body=body)
        except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
            return None
        texts = (kept.etag or "", kept.modified or "", kept.kind, kept.base)
        return kept if all(isinstance(each, str) for each in texts) else None

    def put(self, url: str, accept: str, kept: Kept) -> None:
        """Keep a page; without an ETag or a date of its last change there is nothing to ask it by."""
        if not kept.etag and not kept.modified:
            return
        head = {
            "etag": kept.etag,
            "modified": kept.modified,
            "kind": kept.kind,
            "base": bare(kept.base),
            "sha256": hashlib.sha256(kept.body).hexdigest(),
        }
        with suppress(OSError):
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._replace(self._path(url, accept), json.dumps(head).encode() + b"\n" + kept.body)

    def _replace(self, path: Path, content: bytes) -> None:
        """Write a whole file or none."""
        handle, name = tempfile.mkstemp(dir=self._folder)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
            os.replace(name, path)
        except OSError:
            with suppress(OSError):
                os.unlink(name)
            raise

    def _path(self, url: str, accept: str) -> Path:
        return self._folder / f"{hashlib.sha256(f'{url} {accept}'.encode()).hexdigest()[:40]}.page"
