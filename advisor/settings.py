"""The settings: environment variables (or `.env`) with the prefix `STEELYARD_`. Each is described in
docs/settings.md.
"""

from pathlib import Path

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Everything that an operator can set; numbers carry their units in their names."""

    model_config = SettingsConfigDict(env_prefix="STEELYARD_", env_file=".env", extra="ignore", frozen=True)

    home: Path = Field(
        default=Path("~/.steelyard"),
        description="Folder for the default database; made when it is first needed.",
    )
    database_url: str | None = Field(
        default=None,
        description="SQLAlchemy address of the database. Default: SQLite, `steelyard.db` in the home folder.",
    )
    pack: Path | None = Field(
        default=None,
        description="Folder of the pack that an empty database is given. Default: the shipped pack.",
    )
    cases: Path | None = Field(
        default=None,
        description="Folder of decided cases that changes of the knowledge are tried on. Default: the shipped ones.",
    )
    flip_limit: float = Field(
        default=0.1,
        ge=0,
        le=1,
        description="Share of answers that a change of the knowledge may turn round, ties aside, without a reason.",
    )
    probe_deadline_s: float = Field(
        default=10.0,
        gt=0,
        le=120,
        description="Longest that one probe of this machine's hardware may take, in seconds.",
    )
    max_profiles: int = Field(
        default=10_000,
        ge=1,
        description="Most hardware profiles that are kept; beyond it, those handed in longest ago give way.",
    )
    max_body_bytes: int = Field(
        default=1_048_576, ge=1024, description="Largest request body that the service accepts, in bytes."
    )

    max_projects: int = Field(
        default=10_000,
        ge=1,
        description="Most projects that are kept; beyond it no new one is stored, and none gives way by itself.",
    )
    project_revisions: int = Field(
        default=200,
        ge=1,
        le=10_000,
        description="How many revisions of a stored project are kept; the oldest go first.",
    )
    list_projects: bool = Field(
        default=True,
        description="Whether the service lists the stored projects; without a list only who has a link finds one.",
    )

    portfolios: Path | None = Field(
        default=None,
        description="Folder in which portfolios lie while they are scored, and their results. Default: `portfolios` "
        "in the home folder.",
    )
    portfolio_files: Path | None = Field(
        default=None,
        description="Folder whose files may be scored by naming them. Default: none may; they are uploaded.",
    )
    max_upload_bytes: int = Field(
        default=1_073_741_824, ge=1024, description="Largest file of projects that the service takes, in bytes."
    )
    max_incoming_bytes: int = Field(
        default=4_294_967_296,
        ge=1024,
        description="Most bytes of files of projects that come in at a time, and most of those that were looked at and "
        "not scored yet; of these the oldest give way.",
    )
    max_portfolios: int = Field(
        default=1_000,
        ge=1,
        description="Most portfolios that are kept; beyond it no new one is stored, and none gives way early.",
    )
    portfolio_days: int = Field(
        default=30,
        ge=1,
        le=3650,
        description="How many days a portfolio is kept after it has ended, or waits for a worker.",
    )
    portfolio_lease_s: float = Field(
        default=30.0,
        ge=1,
        le=3600,
        description="For how long a worker holds a part unless it says that it is still at it, in seconds.",
    )

    signing_key_file: Path | None = Field(
        default=None,
        description="File with the private key that recorded decisions are signed with. Default: they are not signed.",
    )

    package_index: SecretStr | None = Field(
        default=None,
        description="Address of the Python package index's simple interface that a refresh asks. Default: pip's.",
    )
    package_index_timeout_s: float = Field(
        default=60.0, gt=0, le=600, description="Longest that one answer of the package index may take, in seconds."
    )

    def resolved_database_url(self) -> str:
        """The database address, with the default filled in."""
        return self.database_url or f"sqlite:///{self.home.expanduser() / 'steelyard.db'}"

    def resolved_portfolios(self) -> Path:
        """The folder of portfolios, with the default filled in."""
        return (self.portfolios or self.home / "portfolios").expanduser().absolute()
