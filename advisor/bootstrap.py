"""The only place that constructs real things."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import probes
from advisor import cases, knowledge, signing
from advisor.house import House, PortfolioRoom
from advisor.latest import Latest
from advisor.settings import Settings
from storage import releases
from storage.database import Database

if TYPE_CHECKING:
    from knowledge_base.refresh.asking import Index


def build(settings: Settings) -> House:
    """A house on the configured database. An empty database is migrated and given the configured pack.

    Raises:
        storage.errors.StorageError: the database cannot be used or is of another version.
        rules.faults.InvalidInput: the database is empty and the pack cannot be released, or the signing key is none.
    """
    house = House(
        database=_database(settings),
        now=lambda: datetime.now(UTC),
        probe=lambda: probes.local(deadline_s=settings.probe_deadline_s),
        signing=_signing_key(settings),
        flip_limit=settings.flip_limit,
        cases=settings.cases.expanduser() if settings.cases else cases.SHIPPED,
        max_profiles=settings.max_profiles,
        max_projects=settings.max_projects,
        project_revisions=settings.project_revisions,
        list_projects=settings.list_projects,
        portfolios=_portfolios(settings),
    )
    house.database.require_head()
    with house.database.reading() as session:
        empty = releases.active_id(session) is None
    if empty:
        knowledge.publish(house, settings.pack)
    return house


def build_service(settings: Settings) -> House:
    """A house for a service: it looks at its machine in the background, from now on, and never while a request waits.

    Raises:
        storage.errors.StorageError, rules.faults.InvalidInput: as `build` does.
    """
    house = build(settings)
    latest = Latest(house.probe)
    latest.begin()
    return replace(house, probe=latest)


def upgrade(settings: Settings) -> tuple[str | None, str]:
    """Bring the configured database's schema to this version's; (the revision it had, the one it has now).

    Raises:
        storage.errors.StorageError: the database cannot be used, or is newer than this version.
    """
    database = _database(settings)
    try:
        before = database.revision()
        database.upgrade()
        return before, database.revision() or "none"
    finally:
        database.close()


def package_index(settings: Settings) -> "Index":
    """A client of the configured package index; nothing is asked of it yet.

    Raises:
        InvalidInput: no index is configured, or its address cannot be used.
    """
    from advisor import package_index as configured  # only a refresh needs an HTTP client: start-up time

    return configured.configured(settings)


def _portfolios(settings: Settings) -> PortfolioRoom:
    return PortfolioRoom(
        folder=settings.resolved_portfolios(),
        files=settings.portfolio_files.expanduser() if settings.portfolio_files else None,
        max_bytes=settings.max_upload_bytes,
        max_incoming_bytes=settings.max_incoming_bytes,
        most=settings.max_portfolios,
        days=settings.portfolio_days,
        lease_s=settings.portfolio_lease_s,
    )


def _signing_key(settings: Settings) -> signing.SigningKey | None:
    named = settings.signing_key_file
    return None if named is None else signing.load(named.expanduser())


def _database(settings: Settings) -> Database:
    if settings.database_url is None:
        settings.home.expanduser().mkdir(parents=True, exist_ok=True)
    return Database(settings.resolved_database_url())
