"""Plain output: lines of text, and documents for programs. Knows nothing of layout; brings no library with it."""

import json
import sys

_KEPT = "\N{NO-BREAK SPACE}"


def emit(text: str) -> None:
    """Print a line of plain text."""
    print(clean(text))  # noqa: T201  the one place where plain output is said


def emit_document(text: str) -> None:
    """Print a JSON text in UTF-8, byte for byte, whatever the terminal's encoding."""
    sys.stdout.flush()
    sys.stdout.buffer.write(text.encode("utf-8", "backslashreplace") + b"\n")
    sys.stdout.buffer.flush()


def emit_bytes(content: bytes) -> None:
    """Print what is already as it is meant to be."""
    sys.stdout.flush()
    sys.stdout.buffer.write(content)
    sys.stdout.buffer.flush()


def emit_json(value: object) -> None:
    """Print a value as one JSON document."""
    emit_document(json.dumps(value, ensure_ascii=False, indent=2, allow_nan=False))


def clean(text: str) -> str:
    """The text without control characters."""
    return "".join(c if c.isprintable() or c in _KEPT else "\N{REPLACEMENT CHARACTER}" for c in text)


def notice(text: str) -> None:
    """Say something beside the answer, on the error stream."""
    sys.stderr.write(f"steelyard: {clean(text)}\n")
