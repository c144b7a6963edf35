"""Is the file of a record as it was written? It is written again from the decision and compared.

Markdown is a text that a team goes on writing: lines may be added and the front matter filled in, but every line that
was written must still be there, in its order. HTML and PDF must be the same bytes. Where another version of the tools
wrote a file, it cannot be told.
"""

import difflib
from collections.abc import Mapping
from typing import Any

from advisor.records import kept, writing
from advisor.records.writing import Format
from rules.accounts.naming import Names

SHOWN_LINES = 20
MAX_LINES = 20_000
LONGEST_SHOWN = 200
FENCE = "---"

Document = Mapping[str, Any]


def against(content: bytes, document: dict[str, Any], names: Names, held: Document) -> dict[str, Any]:
    """What became of a record's file: `altered` (None where that cannot be told), `altered_lines`, `added_lines`."""
    form = _form(content)
    if held["outcome"] != kept.outcome(document):
        return {"altered": True, "altered_lines": [], "added_lines": 0}
    if held["tools"] != writing.tools(form, appendix=held["appendix"]):
        return {"altered": None, "altered_lines": [], "added_lines": 0}
    written = writing.written(document, names, held["inputs"], form, appendix=held["appendix"])
    if form != "md":
        return {"altered": written != content, "altered_lines": [], "added_lines": 0}
    before, after = (_lines(text) for text in (written, content))
    if len(after) > MAX_LINES:
        return {"altered": True, "altered_lines": [], "added_lines": len(after) - len(before)}
    gone, added = _gone(before, after), 0
    if not gone:
        added = len(after) - len(before)
    shown = [line[:LONGEST_SHOWN] for line in gone[:SHOWN_LINES]]
    return {"altered": bool(gone), "altered_lines": shown, "added_lines": added}


def _form(content: bytes) -> Format:
    if content.startswith(kept.PDF):
        return "pdf"
    return "html" if content[:200].lower().lstrip().startswith(b"<!doctype html>") else "md"


def _lines(content: bytes) -> list[str]:
    """The lines of a Markdown record behind its front matter, without empty ones and space at their ends."""
    lines = [line.rstrip() for line in content.decode("utf-8-sig", "replace").splitlines()]
    if lines and lines[0] == FENCE and FENCE in lines[1:]:
        lines = lines[lines.index(FENCE, 1) + 1 :]
    return [line for line in lines if line]


def _gone(before: list[str], after: list[str]) -> list[str]:
    """The lines that are no longer there, or no longer in their place."""
    rest = iter(after)
    if all(line in rest for line in before):  # each is found behind the one before it
        return []
    matcher = difflib.SequenceMatcher(None, before, after, autojunk=False)
    changed = [code for code in matcher.get_opcodes() if code[0] in ("replace", "delete")]
    return [line for _, low, high, _, _ in changed for line in before[low:high]]
