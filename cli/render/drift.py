"""What changed for a portfolio between two releases, on a terminal."""

from collections.abc import Mapping
from typing import Any

from rich.console import Console

from advisor.words import TITLES, listed
from cli.render.screen import heading, line, paragraph, table
from rules.accounts.naming import Names, counted

Document = Mapping[str, Any]
LISTED = 12


def show(to: Console, found: Document, names: Names) -> None:
    """Print what comes first otherwise and why, who is excluded otherwise, and which ways changed."""
    sides = found["releases"]
    to.print(line((f"{TITLES[found['role']]}: from {sides['before']} to {sides['after']}", "bold")))
    if found["unread"]:
        to.print(f"{counted(found['unread'], 'row')} can be read under one of them only and count in nothing below.")
    where = f" (the releases differ in {listed(found['parts'])})" if found["parts"] else ""
    to.print(f"Another framework comes first in {found['changed']} of {counted(found['projects'], 'project')}{where}.")
    _firsts(to, found, names)
    _exclusions(to, found)
    _ways(to, found["stacks"])


def _firsts(to: Console, found: Document, names: Names) -> None:
    if not found["changes"]:
        return
    heading(to, "What comes first otherwise")
    grid = table("before", "after", "projects", "why")
    for each in found["changes"][:LISTED]:
        sides = [names.framework(each[side]) if each[side] else "nothing" for side in ("before", "after")]
        grid.add_row(*sides, str(each["projects"]), f"{each['why']} ({listed(each['parts'])})")
    to.print(grid)


def _exclusions(to: Console, found: Document) -> None:
    if not found["exclusions"]:
        return
    heading(to, "Who is excluded otherwise")
    for each in found["exclusions"][:LISTED]:
        told = "Excluded now" if each["now"] == "excluded" else "No longer excluded"
        paragraph(to, f"{told} for {counted(each['projects'], 'project')}: {each['why']}.", indent=2)


def _ways(to: Console, found: Document) -> None:
    if not found["changed"]:
        return
    heading(to, "Ways to targets")
    to.print(f"{found['changed']} of {counted(found['projects'], 'project')} get there another way.")
    for each in found["ways"][:LISTED]:
        said = f"{each['target']}: {each['before'] or 'no way'} became {each['after'] or 'no way'}"
        paragraph(to, f"{said}, {counted(each['projects'], 'project')}.", indent=2)
