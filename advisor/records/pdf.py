"""A record as PDF: tagged, for PDF/UA-1, set in fonts that the typesetter brings, so that it is the same everywhere.

The text goes to the typesetter as data beside a layout of our own; nothing of it is read as markup.
"""

import json
import unicodedata
from datetime import UTC, datetime
from importlib import resources
from typing import Any, Literal

from advisor.pictures import draw
from advisor.pictures.picture import SANS
from advisor.records.blocks import Block, Bullets, Figure, Line, Paragraph, Part, Record, Table, Verbatim, code

STANDARD: Literal["ua-1"] = "ua-1"
FONT = "Libertinus Serif"
ATTACHED = "steelyard-record.json"
MISSING = "\N{WHITE SQUARE}"
# The blocks of characters that the fonts have in full, as far as they are assigned.
_HAD = (
    (0x20, 0x7E),
    (0xA0, 0x24F),
    (0x2B0, 0x2FF),
    (0x370, 0x4FF),
    (0x1E00, 0x1EFF),
    (0x2010, 0x2027),
    (0x2030, 0x2040),
    (0x2070, 0x20BF),
    (0x2190, 0x22FF),
    (0x2500, 0x25FF),
    (0x2122, 0x2122),
)
_SHORT = 24  # a column of no longer texts is as wide as they are


def pdf(record: Record, kept: str) -> bytes:
    """The bytes of a record; `kept` goes into it as an attachment."""
    import typst  # a typesetter of 78 MB: start-up time

    data = {
        "title": _shown(record.title),
        "id": record.id,
        "day": record.day,
        "people": _shown(", ".join(record.people)),
        "kept": kept,
        "attached": ATTACHED,
        "sections": [
            {
                "level": section.level,
                "title": _shown(section.title),
                "blocks": [made for block in section.blocks for made in _block(block, section.blocks[-1])],
            }
            for section in record.sections
        ],
    }
    layout = resources.files("advisor.records").joinpath("record.typ").read_bytes()
    return typst.compile(
        layout,
        format="pdf",
        ignore_system_fonts=True,
        pdf_standards=STANDARD,
        sys_inputs={"record": json.dumps(data)},
        timestamp=datetime.fromisoformat(record.day).replace(tzinfo=UTC),
    )


def _block(block: Block, last: Block) -> list[dict[str, Any]]:
    """A block; a paragraph that is not the last of its section stays on the page of what follows."""
    match block:
        case Paragraph(line):
            return [{"kind": "paragraph", "line": _line(line), "leads": block is not last}]
        case Bullets(lines):
            return [{"kind": "bullets", "lines": [_line(line) for line in lines]}]
        case Table():
            rows = [[{"line": _line(cell)} for cell in row] for row in block.rows]
            head = [_shown(each) for each in block.head]
            shape = {"columns": _columns(block), "numbers": block.numbers}
            return [{"kind": "table", "head": head, "rows": rows, **shape}]
        case Figure(wide, _):
            svg = _shown(draw(wide, "light")).replace(SANS, FONT)
            text = _shown(" ".join(wide.text.split()))
            return [{"kind": "figure", "svg": svg, "title": _shown(wide.title), "text": text, "width": wide.width}]
        case Verbatim():
            said = (code(ATTACHED), Part(", attached to this file."))
            return [{"kind": "paragraph", "line": _line(said), "leads": False}]


def _columns(block: Table) -> list[float]:
    """The share of each column in what short ones (0) leave, by the square root of its longest text: none starves."""
    lengths = [
        max(*(sum(len(part.text) for part in row[at]) for row in block.rows), len(head))
        for at, head in enumerate(block.head)
    ]
    return [round(length**0.5, 2) if length > min(_SHORT, max(lengths) - 1) else 0.0 for length in lengths]


def _line(line: Line) -> list[dict[str, str]]:
    return [{"text": _shown(part.text), "style": part.style, "url": part.url or ""} for part in line]


def _shown(text: str) -> str:
    """The text with a mark in the place of every character that the fonts do not have."""
    folded = unicodedata.normalize("NFC", text)
    return "".join(c if _had(c) else " " if c.isspace() else MISSING for c in folded)


def _had(character: str) -> bool:
    point = ord(character)
    return any(low <= point <= high for low, high in _HAD) and unicodedata.category(character) not in ("Cn", "Cf")
