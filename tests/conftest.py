"""Fixtures that every test may use: a small pack, a release built from it, and a house on a fresh database."""

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from advisor import knowledge
from advisor.house import House, PortfolioRoom
from knowledge_base import pack, release
from knowledge_base.fingerprint import SHIPPED
from rules.hardware import Device, Profile
from rules.release import Release, compile_release
from storage.database import Database

NO_INDEX = "http://127.0.0.1:9/simple"
NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
PROFILE = Profile(
    origin="probe",
    label="test machine",
    captured_at="2026-11-21T11:59:00Z",
    os="linux",
    os_name="Debian GNU/Linux 12",
    arch="x86_64",
    libc="glibc",
    libc_version="2.36",
    python_version="3.12.1",
    in_container=False,
    cpu_vendor="GenuineIntel",
    cpu_model="Test CPU",
    cpu_features=("avx", "avx2"),
    physical_cores=4,
    logical_cores=8,
    usable_cores=8.0,
    memory_total_bytes=32 * 2**30,
    memory_limit_bytes=None,
    memory_available_bytes=20 * 2**30,
    devices=(Device("nvidia_gpu", "Test GPU", 24 * 2**30, "8.9", "580.95.05", "13.0", "yes", "yes", "yes"),),
)


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No test sees this machine's settings or writes to its home."""
    names = (
        "DATABASE_URL",
        "HOME",
        "PACK",
        "CASES",
        "FLIP_LIMIT",
        "PROBE_DEADLINE_S",
        "MAX_BODY_BYTES",
        "SIGNING_KEY_FILE",
        "PROJECT_REVISIONS",
        "LIST_PROJECTS",
        "PORTFOLIOS",
        "PORTFOLIO_FILES",
        "MAX_UPLOAD_BYTES",
        "MAX_INCOMING_BYTES",
        "MAX_PORTFOLIOS",
        "PORTFOLIO_DAYS",
        "PORTFOLIO_LEASE_S",
    )
    for name in (*names, "DEBUG"):
        monkeypatch.delenv(f"STEELYARD_{name}", raising=False)
    monkeypatch.delenv("STEELYARD_PACKAGE_INDEX_TIMEOUT_S", raising=False)
    monkeypatch.setenv("STEELYARD_PACKAGE_INDEX", NO_INDEX)  # not pip's: no test asks a real one
    monkeypatch.setenv("STEELYARD_HOME", str(tmp_path / "home"))


@pytest.fixture(scope="session")
def small_pack_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A complete pack: four training frameworks, two runtimes, one archived and one ungraded; its facts are made up."""
    folder = tmp_path_factory.mktemp("packs") / "small"
    shutil.copytree(Path(__file__).parent / "packs" / "small", folder)
    shutil.copy(SHIPPED / "questions.yaml", folder)
    return folder


@pytest.fixture(scope="session")
def small_release(small_pack_folder: Path) -> Release:
    """The small pack, compiled."""
    return compile_release(release.build(pack.load(small_pack_folder)))


@pytest.fixture(scope="session")
def shipped_release() -> Release:
    """The shipped pack, compiled."""
    return compile_release(release.build(pack.load()))


@pytest.fixture(scope="session")
def small_database(tmp_path_factory: pytest.TempPathFactory, small_pack_folder: Path) -> Path:
    """A migrated SQLite database with the small pack published, for tests to copy."""
    path = tmp_path_factory.mktemp("database") / "small.db"
    database = Database(f"sqlite:///{path}")
    database.require_head()
    knowledge.publish(House(database, lambda: NOW, lambda: PROFILE), small_pack_folder)
    database.close()
    return path


@pytest.fixture
def house(tmp_path: Path, small_database: Path) -> Iterator[House]:
    """A house on a SQLite database with the small pack published, a fixed clock and a fixed probe."""
    shutil.copy(small_database, tmp_path / "test.db")
    database = Database(f"sqlite:///{tmp_path / 'test.db'}")
    yield House(
        database, lambda: NOW, lambda: PROFILE, portfolios=PortfolioRoom(tmp_path / "portfolios", tmp_path / "files")
    )
    database.close()
