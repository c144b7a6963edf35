"""Look through the stored projects."""

from collections.abc import Sequence
from datetime import datetime

from advisor import projects as use_case
from advisor.projects import Brief
from cli import output
from cli.actions import opening

A_PAGE = 500


def listing(*, as_json: bool) -> int:
    """List the stored projects; see `cli.commands.projects`."""
    found: list[Brief] = []
    with opening.house() as house:
        while page := use_case.listing(house, _end(found), A_PAGE):
            found += page
    if as_json:
        output.emit_json({"items": found})
    else:
        from cli.render import library, screen

        with screen.page() as to:
            library.show_projects(to, found)
    return 0


def _end(found: Sequence[Brief]) -> tuple[datetime, str] | None:
    return (datetime.fromisoformat(found[-1]["created_at"]), found[-1]["id"]) if found else None
