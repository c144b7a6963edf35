"""Markdown that says what was meant: texts escaped, paragraphs and list items wrapped without making new marks."""

import re
from collections.abc import Sequence
from textwrap import wrap

WIDTH = 100
_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~&$])")
_MARK = re.compile(r"([-+*=]+|\d{1,9}[.)])(?=\s|$)")  # what a line may begin with only where a list is meant


def escaped(text: str) -> str:
    """The text with white space folded and everything that Markdown would take for a mark made plain."""
    return _SPECIAL.sub(r"\\\1", " ".join(text.split()))


def code(text: str) -> str:
    """An id as code."""
    return f"`{text}`" if "`" not in text else escaped(text)


def paragraph(text: str) -> list[str]:
    """Lines of at most `WIDTH` characters, unless a word is longer."""
    return _wrapped(text, "", "")


def item(text: str) -> list[str]:
    """The lines of one list item."""
    return _wrapped(text, "- ", "  ")


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """A table whose first column is text and whose others are numbers; cells are escaped by the caller."""
    marks = ["---"] + ["--:"] * (len(head) - 1)
    return [f"| {' | '.join(cells)} |" for cells in (head, marks, *rows)]


def _wrapped(text: str, first: str, rest: str) -> list[str]:
    lines = wrap(
        _plain_start(text),
        WIDTH,
        initial_indent=first,
        subsequent_indent=rest,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return [line if at == 0 else rest + _plain_start(line[len(rest) :]) for at, line in enumerate(lines)]


def _plain_start(line: str) -> str:
    """The line with a mark at its start made plain."""
    found = _MARK.match(line)
    return f"{line[: found.end() - 1]}\\{line[found.end() - 1 :]}" if found else line
