"""The files of published packs, kept so that a proposal can be applied to what a release was made from."""

import json
import zlib
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from storage.database import stored_once
from storage.errors import Missing
from storage.tables import PackRow


def store(session: Session, sha256: str, files: Mapping[str, str], now: datetime) -> None:
    """Keep a pack's files (name within the pack, text) under their fingerprint; once is enough."""
    content = zlib.compress(json.dumps(dict(files), ensure_ascii=False).encode(), 6)
    stored_once(session, PackRow(sha256=sha256, stored_at=now, files=content), sha256)


def get(session: Session, sha256: str) -> dict[str, str]:
    """The files of a pack by name.

    Raises:
        Missing: a pack of that fingerprint was never stored.
    """
    row = session.get(PackRow, sha256)
    if row is None:
        raise Missing("pack", sha256)
    files: dict[str, str] = json.loads(zlib.decompress(row.files))
    return files
