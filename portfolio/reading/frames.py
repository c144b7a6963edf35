"""What a raw frame is: the columns of a file under the names of questions, as text or with types, and where rows stand.

Beside `id`, `name` and questions a frame has some of the columns below. Files of records have `RECORD` alone, a line of
JSON for each row, since their rows have no columns in common.
"""

LINE = "#line"  # Int64: the first line of the row in its file
FILE = "#file"  # the name of the file, where there are several
RECORD = "#record"  # String: the row as a JSON text
FAULT = "#fault"  # String: why the row cannot be read, "value\n" + what was expected; null where it can
PLACES = (LINE, FILE, RECORD, FAULT)
MAX_LINE_BYTES = 2**20


def unreadable(value: str, expected: str) -> str:
    """A fault of a whole row as it stands in a frame."""
    return f"{value}\n{expected}"
