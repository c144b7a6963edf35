"""Run the service, upgrade the database."""

import ipaddress
import sys

import uvicorn

from advisor import bootstrap, portfolio_workers
from cli import output
from cli.actions import opening
from cli.problems import OUTSIDE

APPLICATION = "api.server:app"  # by name: the terminal edge does not know the HTTP edge


def serve(host: str, port: int, workers: int) -> int:
    """Run the service until it is stopped; see `cli.commands.serve`."""
    with opening.house() as house:  # what is wrong with settings or database is said before the server starts
        release, lists = house.knowledge().release.id, house.list_projects
    if not _is_local(host):
        warning = f"steelyard: {host} can be reached from other machines, and this service asks for no key"
        warning += "; it shows everybody the list of all projects (STEELYARD_LIST_PROJECTS)" if lists else ""
        print(warning, file=sys.stderr)  # noqa: T201  a warning, not output
    output.emit(f"Answering from release {release}")
    sys.stdout.flush()
    try:
        with portfolio_workers.attended(opening.settings(), workers):
            uvicorn.run(APPLICATION, factory=True, host=host, port=port)
    except SystemExit as stopped:  # uvicorn has said why
        return OUTSIDE if stopped.code else 0
    return 0


def _is_local(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def upgrade(*, as_json: bool) -> int:
    """Bring the database up to date; see `cli.commands.upgrade`."""
    before, after = bootstrap.upgrade(opening.settings())
    if as_json:
        output.emit_json({"before": before, "after": after})
    elif before == after:
        output.emit(f"The database is up to date (schema {after}).")
    else:
        output.emit(f"The database is now at schema {after}; it was {f'at {before}' if before else 'empty'}.")
    return 0
