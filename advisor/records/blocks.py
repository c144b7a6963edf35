"""What a record consists of: sections of paragraphs, lists, tables and figures. Texts are plain: renderers escape."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from advisor.pictures import Picture

Style = Literal["plain", "strong", "code", "link"]


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a line in one style; `url` is where a link leads."""

    text: str
    style: Style = "plain"
    url: str | None = None


Line = tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Running text."""

    line: Line


@dataclass(frozen=True, slots=True)
class Bullets:
    """A list without an order."""

    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under a head; the columns from `numbers` on hold numbers."""

    head: tuple[str, ...]
    rows: tuple[tuple[Line, ...], ...]
    numbers: int


@dataclass(frozen=True, slots=True)
class Figure:
    """A picture, in the two widths that pages are read in."""

    wide: Picture
    narrow: Picture


@dataclass(frozen=True, slots=True)
class Verbatim:
    """What a program reads: the JSON that a record is checked by."""

    text: str


Block = Paragraph | Bullets | Table | Figure | Verbatim


@dataclass(frozen=True, slots=True)
class Section:
    """A heading of level 2 or 3 and what stands under it."""

    level: int
    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Record:
    """A whole record. `day` is the day of the decision, `names` the people whose preferences it weighs."""

    id: str
    day: str
    title: str
    people: tuple[str, ...]
    sections: tuple[Section, ...]


def line(*parts: str | Part) -> Line:
    """A line of parts; texts are plain, and empty ones left out."""
    made = (Part(part) if isinstance(part, str) else part for part in parts)
    return tuple(part for part in made if part.text)


def strong(text: str) -> Part:
    """A text that leads."""
    return Part(text, "strong")


def code(text: str) -> Part:
    """An id or a command."""
    return Part(text, "code")


def link(text: str, url: str | None) -> Part:
    """A text that leads to an address of the web; plain where it is none."""
    leads = url is not None and url.startswith(("https://", "http://")) and url.isprintable() and " " not in url
    return Part(text, "link", url) if leads else Part(text)


def paragraph(*parts: str | Part) -> Paragraph:
    """A paragraph of parts."""
    return Paragraph(line(*parts))


def bullets(texts: Sequence[str | Line]) -> tuple[Bullets, ...]:
    """A list, or nothing where it would be empty."""
    lines = tuple(line(text) if isinstance(text, str) else text for text in texts)
    return (Bullets(lines),) if lines else ()
