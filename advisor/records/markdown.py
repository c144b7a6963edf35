"""A record as Markdown that a team commits: MADR's front matter and headings, every text escaped.

Pictures are left out, for a repository shows none that stand inside a file; what they show stands in the text.
"""

import json

from advisor.records.blocks import Block, Bullets, Figure, Line, Paragraph, Part, Record, Table, Verbatim
from rules.accounts.markdown import code, escaped, item, paragraph


def markdown(record: Record) -> str:
    """The text of a record."""
    people = f"[{', '.join(_quoted(name) for name in record.people)}]"
    made = [f"---\nstatus: proposed\ndate: {record.day}\ndecision-makers: []"]
    made[0] += f"\nconsulted: {people}\n---" if record.people else "\n---"
    made.append(f"# {escaped(record.title)}")
    for section in record.sections:
        texts = [text for block in section.blocks if (text := _block(block))]
        if texts or not section.blocks:  # of pictures alone nothing would stand under the heading
            made += [f"{'#' * section.level} {escaped(section.title)}", *texts]
    return "\n\n".join(made) + "\n"


def _quoted(text: str) -> str:
    """A text in the double quotes of YAML, which are those of JSON where every character can be shown."""
    return json.dumps(shown(text), ensure_ascii=False)


def shown(text: str) -> str:
    """A text with a mark in the place of every character that cannot be shown."""
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)


def _block(block: Block) -> str:
    match block:
        case Paragraph(line):
            return "\n".join(paragraph(_line(line)))
        case Bullets(lines):
            return "\n".join(text for line in lines for text in item(_line(line)))
        case Table():
            return "\n".join(_table(block))
        case Verbatim(text):
            return f"```json\n{text}\n```"
        case Figure():
            return ""


def _table(block: Table) -> list[str]:
    marks = ["--:" if at >= block.numbers else "---" for at in range(len(block.head))]
    rows = [[escaped(each) for each in block.head], marks, *([_line(cell) for cell in row] for row in block.rows)]
    return [f"| {' | '.join(cells)} |" for cells in rows]


def _line(line: Line) -> str:
    return "".join(map(_part, line))


def _part(part: Part) -> str:
    """A part with the space around it kept, for `escaped` folds it."""
    text = " ".join(part.text.split())
    before, after = part.text[:1].isspace() and bool(text), part.text[-1:].isspace() and bool(text)
    return f"{' ' if before else ''}{_styled(part, text)}{' ' if after else ''}"


def _styled(part: Part, text: str) -> str:
    if part.style == "code":
        return code(text) if "|" not in text else escaped(text)  # a bar ends a cell, in code too
    if part.style == "strong":
        return f"**{escaped(text)}**"
    if part.style == "link":
        address = str(part.url).translate({ord(c): f"%{ord(c):02X}" for c in "<>()| \\"})
        return f"[{escaped(text)}](<{address}>)"
    return escaped(text)
