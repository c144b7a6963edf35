"""The terminal, and the few shapes that every screen on it is made of.

Text of others never carries styles or control characters: it is passed as plain text, cleaned.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.padding import Padding
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from cli.output import clean

WIDEST = 120
INDENT = 2


def console(*, to_errors: bool = False) -> Console:
    """A terminal of at most `WIDEST` columns, with colours only where it wants them."""
    width = min(Console(stderr=to_errors).width, WIDEST)
    return Console(stderr=to_errors, width=width, highlight=False, markup=False, emoji=False)


@contextmanager
def page() -> Iterator[Console]:
    """Where one screen is printed; it appears when it is complete, without blanks at the ends of its lines."""
    to = console()
    with to.capture() as captured:
        yield to
    text = "\n".join(each.rstrip() for each in captured.get().splitlines())
    print(text)  # noqa: T201  the screen itself


def line(*parts: str | tuple[str, str]) -> Text:
    """A line of parts, each plain or with a style."""
    return Text.assemble(*(clean(p) if isinstance(p, str) else (clean(p[0]), p[1]) for p in parts))


def section(to: Console, title: str) -> None:
    """Begin a part of the screen under a rule with its title."""
    to.print()
    to.print(Rule(line((title, "bold")), align="left", style="dim"))


def heading(to: Console, title: str) -> None:
    """Begin a paragraph under a heading."""
    to.print()
    to.print(line((title, "bold")))


def rows(to: Console, cells: Iterable[tuple[Text | str, Text | str]], *, indent: int = INDENT) -> None:
    """Lines of a short right-aligned lead and a text that wraps beside it."""
    grid = Table.grid(padding=(0, 1))
    grid.add_column(justify="right", no_wrap=True)
    grid.add_column(overflow="fold")
    for lead, text in cells:
        grid.add_row(_text(lead), _text(text))
    to.print(Padding(grid, (0, 0, 0, indent)))


def table(*titles: str) -> Table:
    """A table without lines, its titles dim."""
    found = Table(box=None, padding=(0, 2, 0, 0), header_style="dim", pad_edge=False)
    for title in titles:
        found.add_column(title)
    return found


def paragraph(to: Console, text: Text | str, *, indent: int = 0) -> None:
    """Text that wraps, the first line as far in as the others."""
    to.print(Padding(_text(text), (0, 0, 0, indent)))


def _text(given: Text | str) -> Text:
    return line(given) if isinstance(given, str) else given
