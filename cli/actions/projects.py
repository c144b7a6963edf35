"""Look through the stored projects."""

from advisor import projects as use_case
from advisor.projects import Brief
from cli import output
from cli.actions import opening

A_PAGE = 500


def listing(*, as_json: bool) -> int:
    """List the stored projects; see `cli.commands.projects`."""
    found: list[Brief] = []
    with opening.house() as house:
        page = use_case.listing(house, A_PAGE)
        found += page.items
        while page.next is not None:
            page = use_case.listing(house, A_PAGE, page.next)
            found += page.items
    if as_json:
        output.emit_json({"items": found})
    else:
        from cli.render import library, screen

        with screen.page() as to:
            library.show_projects(to, found)
    return 0
