"""Where each character of a YAML text stands in its file: a mistake inside a condition is shown at the very character.

Quotes, escapes, folded lines and blocks are followed as far as they are understood; where source and value do not
match character by character there is no answer, and a caller shows the place of the whole value instead.
"""

import re

_BREAK = re.compile(r"\r\n|\r|\n")
_FOLD = re.compile(r"[ \t]*((?:(?:\r\n|\r|\n)[ \t]*)+)")
_HEADER = re.compile(r"[|>][^\r\n]*(?:\r\n|\r|\n)")
_LINE = re.compile(r"([^\r\n]+)")
_ESCAPE = re.compile(r"\\(?:x[0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|\r\n[ \t]*|[\r\n][ \t]*|.)")


def offsets(raw: str, value: str) -> tuple[int, ...] | None:
    """For each character of a scalar's value, its index in the scalar's source; None where they do not match.

    `raw` is the source from the scalar's first character (its quote, or `|` or `>`) to its end.
    """
    if raw[:1] in ("|", ">"):
        return _block(raw, value)
    quote = raw[:1] if raw[:1] in ("'", '"') else ""
    return _flow(raw, value, quote)


def _flow(raw: str, value: str, quote: str) -> tuple[int, ...] | None:
    found: list[int] = []
    at = len(quote)
    while len(found) < len(value):
        wanted = value[len(found)]
        fold = _FOLD.match(raw, at)
        escape = _ESCAPE.match(raw, at) if quote == '"' else None
        if fold:
            breaks = len(_BREAK.findall(fold[1]))
            text = "\n" * (breaks - 1) or " "
            if not value.startswith(text, len(found)):
                return None
            found += [at] * len(text)
            at = fold.end()
        elif escape:
            if escape[0][1] not in "\r\n":  # an escaped line break stands for nothing
                found.append(at)
            at = escape.end()
        elif raw[at : at + 1] == wanted:
            found.append(at)
            at += 2 if quote == wanted == "'" else 1
        else:
            return None
    return tuple(found)


def _block(raw: str, value: str) -> tuple[int, ...] | None:
    header = _HEADER.match(raw)
    if header is None:
        return None
    lines = [(line[1], line.start()) for line in _LINE.finditer(raw, header.end()) if line[1].strip(" ")]
    indent = min((len(text) - len(text.lstrip(" ")) for text, _ in lines), default=0)
    found: list[int] = []
    for text, start in lines:
        content = text[indent:]
        folded = bool(found) and value.startswith(f" {content}", len(found))
        joint = 1 if folded else _newlines(value, len(found))
        found += [start - 1] * joint
        if not value.startswith(content, len(found)):
            return None
        found += range(start + indent, start + len(text))
    rest = _newlines(value, len(found))
    return (*found, *[len(raw) - 1] * rest) if len(found) + rest == len(value) else None


def _newlines(value: str, at: int) -> int:
    return len(value) - at - len(value[at:].lstrip("\n"))
