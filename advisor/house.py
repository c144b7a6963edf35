"""What every use case is handed: the database, the clock, the probe, and the release that is in memory."""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock
from typing import Any

from advisor.signing import SigningKey
from rules import release as core
from rules.hardware import Profile
from rules.release import Release
from storage import releases
from storage.database import Database
from storage.errors import Missing

RELEASES_IN_MEMORY = 4


@dataclass(frozen=True, slots=True)
class Knowledge:
    """A release, compiled for answering, beside its document, for showing."""

    release: Release
    document: dict[str, Any]


@dataclass(frozen=True, slots=True)
class House:
    """The parts that use cases work with. Built by `advisor.bootstrap.build`, or by a test from other parts."""

    database: Database
    now: Callable[[], datetime]
    probe: Callable[[], Profile]
    signing: SigningKey | None = None
    _compiled: OrderedDict[str, Knowledge] = field(default_factory=OrderedDict)
    _lock: Lock = field(default_factory=Lock)

    def knowledge(self, release: str | None = None) -> Knowledge:
        """The active release, or the one named, compiled once and kept.

        Raises:
            storage.errors.Missing: no such release, or none is active.
        """
        with self.database.reading() as session:
            name = release or releases.active_id(session)
            if name is None:
                raise Missing("release", "active")
            with self._lock:
                found = self._compiled.get(name)
            if found is None:
                document = releases.document(session, name)
                found = Knowledge(core.compile_release(document), document)
                with self._lock:
                    self._compiled[name] = found
                    while len(self._compiled) > RELEASES_IN_MEMORY:
                        self._compiled.popitem(last=False)
        return found
