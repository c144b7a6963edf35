"""Records of decisions: an architecture decision record as Markdown, HTML and PDF, which can be read back and checked.

The content is made once, from the recorded document (`content`); three renderers give it a form. Each form carries what
the decision was made from, so that whoever holds the file can have it decided again (`holding`).
"""

from advisor.records.holding import still_holds
from advisor.records.kept import read
from advisor.records.writing import FORMATS, Format, Written, record, tools

__all__ = ["FORMATS", "Format", "Written", "read", "record", "still_holds", "tools"]
