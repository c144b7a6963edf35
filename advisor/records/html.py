"""A record as one HTML file that needs nothing else: style and pictures inside, no script, for light and dark."""

from html import escape
from importlib import resources

from advisor.pictures import COLOURS, draw
from advisor.records.blocks import Block, Bullets, Figure, Line, Paragraph, Part, Record, Table, Verbatim

_TAGS = {"strong": "strong", "code": "code"}


def html(record: Record) -> str:
    """The text of a record."""
    title = _text(record.title)
    people = f"<dt>Consulted</dt><dd>{_text(', '.join(record.people))}</dd>" if record.people else ""
    made = [
        f'<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>{title}</title>',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<style>\n{_style()}</style>\n</head>\n<body>\n<main>",
        f"<header>\n<h1>{title}</h1>",
        f"<dl><dt>Status</dt><dd>proposed</dd><dt>Date</dt><dd>{record.day}</dd>{people}"
        f"<dt>Decision</dt><dd><code>{_text(record.id)}</code></dd></dl>\n</header>",
    ]
    for section in record.sections:
        made.append(f"<h{section.level}>{_text(section.title)}</h{section.level}>")
        made += [_block(block, section.title) for block in section.blocks]
    return "\n".join([*made, "</main>\n</body>\n</html>\n"])


def _style() -> str:
    """The sheet, with the colours of the pictures in front of it."""
    light, dark = ("".join(f"--{key}:{value};" for key, value in COLOURS[name].items()) for name in ("light", "dark"))
    sheet = resources.files("advisor.records").joinpath("record.css").read_text(encoding="utf-8")
    return f":root{{{light}}}\n@media screen and (prefers-color-scheme:dark){{:root{{{dark}}}}}\n{sheet}"


def _block(block: Block, under: str) -> str:
    match block:
        case Paragraph(line):
            return f"<p>{_line(line)}</p>"
        case Bullets(lines):
            return f"<ul>\n{chr(10).join(f'<li>{_line(line)}</li>' for line in lines)}\n</ul>"
        case Table():
            return _table(block)
        case Figure(wide, narrow):
            said = "".join(f"<li>{_text(row)}</li>" for row in wide.text.splitlines())
            drawn = f'<div class="wide">{draw(wide)}</div><div class="narrow">{draw(narrow)}</div>'
            text = f"<details><summary>In words</summary><ul>{said}</ul></details>"
            caption = "" if wide.title == under else f"<figcaption>{_text(wide.title)}</figcaption>"
            return f"<figure>{caption}{drawn}{text}</figure>"
        case Verbatim(text):
            return f"<details><summary>For programs</summary><pre>\n{text}\n</pre></details>"


def _table(block: Table) -> str:
    head = "".join(f'<th scope="col"{_of(at, block)}>{_text(each)}</th>' for at, each in enumerate(block.head))
    rows = ["".join(f"<td{_of(at, block)}>{_line(cell)}</td>" for at, cell in enumerate(row)) for row in block.rows]
    body = "\n".join(f"<tr>{row}</tr>" for row in rows)
    whole = f"<table>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{body}\n</tbody></table>"
    return f'<div class="scroll" tabindex="0">{whole}</div>'


def _of(column: int, block: Table) -> str:
    return ' class="number"' if column >= block.numbers else ""


def _line(line: Line) -> str:
    return "".join(map(_part, line))


def _part(part: Part) -> str:
    if part.style == "link":
        return f'<a href="{escape(str(part.url))}">{_text(part.text)}</a>'
    tag = _TAGS.get(part.style)
    return f"<{tag}>{_text(part.text)}</{tag}>" if tag else _text(part.text)


def _text(text: str) -> str:
    """Plain text; what cannot be shown, and no page may hold, gives way to a mark."""
    shown = "".join(c if c.isprintable() or c.isspace() else "\N{REPLACEMENT CHARACTER}" for c in text)
    return escape(" ".join(shown.split(" ")).replace("\n", " ").replace("\r", " "))
