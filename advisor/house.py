"""What every use case is handed: the database, the clock, the probe, and the release that is in memory."""

from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from threading import Lock
from typing import Any, Generic, TypeVar

from advisor.portfolio_desk import Desk
from advisor.signing import SigningKey
from rules import canonical, policy
from rules import release as core
from rules.hardware import Profile
from rules.release import Release
from storage import releases
from storage.database import Database
from storage.errors import Missing

RELEASES_IN_MEMORY = 4
ANSWERS_REMEMBERED = 10_000
WALKS_REMEMBERED = 1_000
Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Knowledge:
    """A release, compiled for answering, beside its document, for showing."""

    release: Release
    document: dict[str, Any]


class Remembered(Generic[Key, Value]):
    """At most so many values by their keys; those asked for least recently give way."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._known: OrderedDict[Key, Value] = OrderedDict()
        self._lock = Lock()

    def get(self, key: Key) -> Value | None:
        """The value, None when it is not remembered."""
        with self._lock:
            if key in self._known:
                self._known.move_to_end(key)
            return self._known.get(key)

    def keep(self, key: Key, value: Value) -> None:
        """Remember a value."""
        with self._lock:
            self._known[key] = value
            self._known.move_to_end(key)
            if len(self._known) > self._most:
                self._known.popitem(last=False)


@dataclass(frozen=True, slots=True)
class PortfolioRoom:
    """Where portfolios lie while they are scored, and what holds for them.

    `folder` is made when first needed; `files` the folder of files that may be named instead of uploaded, None where
    none may; `max_bytes` the largest upload, `max_incoming_bytes` the most that may wait to be taken in; at most
    `most` portfolios are kept; `days` how long one is kept after it has ended; `lease_s` for how long a
    worker holds a part that it does not renew.
    """

    folder: Path
    files: Path | None = None
    max_bytes: int = 1_073_741_824
    max_incoming_bytes: int = 4_294_967_296
    most: int = 1_000
    days: int = 30
    lease_s: float = 30.0


@dataclass(frozen=True, slots=True)
class House:
    """The parts that use cases work with. Built by `advisor.bootstrap.build`, or by a test from other parts.

    `flip_limit` is the share of answers in [0, 1] that a change of the knowledge may turn round, ties aside, without a
    reason; `cases` the folder of the decided cases that it is tried on, None for none. The newest `max_profiles`
    hardware profiles are kept, at most `max_projects` projects, and the newest `project_revisions` of each;
    `list_projects` is whether a service shows everybody which projects there are. Without `portfolios` none can be
    scored in the background. `answered` is which decision was recorded for which inputs, by their digests; `walked`
    what the rule of thumb says of recorded decisions; `desk` works out what takes long.
    """

    database: Database
    now: Callable[[], datetime]
    probe: Callable[[], Profile]
    signing: SigningKey | None = None
    flip_limit: float = 0.1
    cases: Path | None = None
    max_profiles: int = 10_000
    max_projects: int = 10_000
    project_revisions: int = 200
    list_projects: bool = True
    portfolios: PortfolioRoom | None = None
    answered: Remembered[str, str] = field(default_factory=lambda: Remembered(ANSWERS_REMEMBERED))
    desk: Desk = field(default_factory=Desk)
    walked: Remembered[Hashable, dict[str, Any]] = field(default_factory=lambda: Remembered(WALKS_REMEMBERED))
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
            found = self._known(name)
            if found is None:
                document = releases.document(session, name)
                found = self._kept(name, Knowledge(core.compile_release(document), document))
        return found

    def remember(self, document: dict[str, Any]) -> Knowledge:
        """A release that is stored nowhere, compiled and known here by its id for as long as others are kept."""
        known = Knowledge(core.compile_release(document), document)
        return self._kept(known.release.id, known)

    def layered(self, known: Knowledge, policies: Sequence[Mapping[str, Any]], day: str) -> Knowledge:
        """A release with house policies over it, as they count on a day (YYYY-MM-DD); compiled once and kept.

        Raises:
            InvalidInput: with every fault of the policies.
        """
        if not policies:
            return known
        name = f"{known.release.id} {canonical.digest(list(policies))} {day}"
        found = self._known(name)
        if found is None:
            document = policy.apply(known.document, policies, day)
            found = self._kept(name, Knowledge(core.compile_release(document), document))
        return found

    def _known(self, name: str) -> Knowledge | None:
        with self._lock:
            if name in self._compiled:
                self._compiled.move_to_end(name)
            return self._compiled.get(name)

    def _kept(self, name: str, known: Knowledge) -> Knowledge:
        with self._lock:
            self._compiled[name] = known
            while len(self._compiled) > RELEASES_IN_MEMORY:
                self._compiled.popitem(last=False)
        return known
