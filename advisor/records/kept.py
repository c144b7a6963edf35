"""What a record is checked by: the inputs of its decision as JSON, written into every form and read back strictly.

The text is the same in Markdown, HTML and PDF: characters that one of them would take for a mark are escaped as JSON
escapes them, and its first and last line are found in nothing else.
"""

import json
import re
import zlib
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from advisor.documents import json_value
from rules import passport as passports
from rules.faults import Fault, InvalidInput, shown

FORM = 2
FIRST = 1  # of records without a name, all of which had an appendix; still read
MAX_BYTES = 2**24  # of a record
MAX_KEPT_BYTES = 2**21  # of what it is checked by
MAX_STREAMS = 10_000
PDF = b"%PDF-"

_HEAD = b'{\n "steelyard_record": '
_BEGINS = re.compile(rb"^" + re.escape(_HEAD), re.MULTILINE)
_ENDS = re.compile(rb"^\}$", re.MULTILINE)
_STREAM = re.compile(rb"stream\r?\n")
_MARKS = str.maketrans({c: f"\\u{ord(c):04x}" for c in "<>&`"})
_ID = re.compile(r"d-[0-9a-f]{24}")
_RELEASE = re.compile(r"[0-9A-Za-z._-]{1,80}")
_SHA = re.compile(r"[0-9a-f]{64}")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?([+-]\d\d:\d\d|Z)")

Document = Mapping[str, Any]


def sealed(document: Document, inputs: Document, tools: Mapping[str, str], *, appendix: bool = False) -> str:
    """What a record of this decision is checked by, one line for each part.

    Args:
        document: the recorded decision.
        inputs: what it was made from, as it was recorded.
        tools: the versions of what draws and sets the record, without which it may look otherwise.
        appendix: whether the record has one.
    """
    parts = {
        "steelyard_record": FORM,
        **{key: document[key] for key in ("id", "passport", "created_at", "engine", "release", "signature")},
        "inputs": inputs,
        "outcome": outcome(document),
        "tools": dict(tools),
        "appendix": appendix,
    }
    rows = [f" {json.dumps(key)}: {json.dumps(value, separators=(',', ':'))}" for key, value in parts.items()]
    return "\n".join(["{", ",\n".join(rows).translate(_MARKS), "}"])


def outcome(document: Document) -> dict[str, list[list[Any]]]:
    """The framework, score and tie group of every place in a decision's rankings."""
    return {
        role: [[place["framework"], place["score"], place["tie_group"]] for place in result["ranking"]]
        for role, result in document["roles"].items()
    }


def read(content: bytes) -> dict[str, Any]:
    """What a record is checked by, from its Markdown, HTML or PDF.

    Returns:
        `id`, `passport`, `created_at`, `engine`, `release` (id and sha256), `signature`, the `inputs` that the decision
        was made from, its `outcome` (framework, score and tie group of each role's ranking), the `tools` it was
        written with and whether it has an `appendix`.

    Raises:
        InvalidInput: too large, no record, one with several such parts, or with a part that cannot be.
    """
    if len(content) > MAX_BYTES:
        raise _refused(f"{len(content)} bytes", f"at most {MAX_BYTES}")
    found = list(islice(_blocks(content), 2))
    if len(found) != 1:
        said = "nothing to check it by" if not found else "several parts to check it by"
        raise _refused(f"a file with {said}", "a record written by `steelyard record`")
    if len(found[0]) > MAX_KEPT_BYTES:
        raise _refused(f"{len(found[0])} bytes of inputs", f"at most {MAX_KEPT_BYTES}")
    try:
        text = found[0].decode("utf-8")
    except UnicodeDecodeError:
        raise _refused("bytes that are no text", "UTF-8") from None
    return _checked(json_value(text, "record"))


def is_record(content: bytes) -> bool:
    """Whether a file means to be a record, rather than a decision document."""
    return content.startswith(PDF) or b'"steelyard_record"' in content


def _blocks(content: bytes) -> Iterator[bytes]:
    if not content.startswith(PDF):
        plain, end = content.replace(b"\r\n", b"\n"), 0
        while (start := _BEGINS.search(plain, end)) and (stop := _ENDS.search(plain, start.end())):
            end = stop.end()
            yield plain[start.start() : end]
        return
    for at, start in enumerate(_STREAM.finditer(content)):
        if at >= MAX_STREAMS:
            raise _refused("a PDF of that many parts", f"at most {MAX_STREAMS}")
        inflated = _inflated(content, start.end())
        if inflated.startswith(_HEAD):
            yield inflated


def _inflated(content: bytes, at: int) -> bytes:
    """The part of a PDF that starts at a place where it begins like what is kept; nothing of any other."""
    begins = content[at : at + 4096]
    for window in (zlib.decompressobj(), zlib.decompressobj(-15)):
        try:
            head = window.decompress(begins, 64)
        except zlib.error:
            continue
        if not head.startswith(_HEAD):
            return b""
        try:
            return head + window.decompress(window.unconsumed_tail + content[at + 4096 :], MAX_KEPT_BYTES + 1)
        except zlib.error:
            return b""
    return content[at:].partition(b"\nendstream")[0] if begins.startswith(_HEAD) else b""


def _checked(value: object) -> dict[str, Any]:
    """The parts, each of the form that it is written in; what they mean is checked where it is decided from."""
    kept = _formed(_object(value, "record"))
    for name, pattern in (("id", _ID), ("passport", _SHA), ("created_at", _MOMENT), ("engine", _RELEASE)):
        _text(kept[name], f"record.{name}", pattern)
    release = _object(kept["release"], "record.release", ("id", "sha256"))
    _text(release["id"], "record.release.id", _RELEASE)
    _text(release["sha256"], "record.release.sha256", _SHA)
    if kept["id"] != passports.name(kept["passport"]):
        raise _refused(shown(kept["id"]), f"{passports.name(kept['passport'])}, as its passport says", "record.id")
    inputs = _object(kept["inputs"], "record.inputs", _INPUTS)
    if not (inputs["roles"] is None or _is_list(inputs["roles"], str)):
        raise _refused(shown(inputs["roles"]), "a list of roles, or null", "record.inputs.roles")
    if not _is_list(inputs["policies"], dict):
        raise _refused(shown(inputs["policies"]), "a list of policies", "record.inputs.policies")
    for role, ranking in _object(kept["outcome"], "record.outcome").items():
        if not isinstance(ranking, list) or not all(map(_is_place, ranking)):
            raise _refused(shown(ranking), "a list of [framework, score, tie group]", f"record.outcome.{role}")
    for name, version in _object(kept["tools"], "record.tools").items():
        _text(version, f"record.tools.{name}", _RELEASE)
    if kept["signature"] is not None:
        _object(kept["signature"], "record.signature", ("algorithm", "key_id", "signature"))
    return kept


def _formed(value: dict[str, Any]) -> dict[str, Any]:
    """The parts of the present form; those of the first become such: it had no name, and always an appendix."""
    form = value.pop("steelyard_record", None)
    if form == FIRST and form is not True and isinstance(value.get("inputs"), dict):
        _object(value, "record", _PARTS[:-1])
        return {**value, "appendix": True, "inputs": {**value["inputs"], "name": None}}
    if form != FORM:
        raise _refused("another form of record", f"form {FORM}")
    _object(value, "record", _PARTS)
    if not isinstance(value["appendix"], bool):
        raise _refused(shown(value["appendix"]), "true or false", "record.appendix")
    return value


_PARTS = ("id", "passport", "created_at", "engine", "release", "signature", "inputs", "outcome", "tools", "appendix")
_INPUTS = ("answers", "profile", "roles", "preferences", "draws", "policies", "as_of", "name")


def _is_list(value: object, of: type) -> bool:
    return isinstance(value, list) and all(isinstance(each, of) for each in value)


def _is_place(value: object) -> bool:
    match value:
        case [str(), int() | float() as score, int()]:
            return not isinstance(score, bool) and 0 <= score <= 1
    return False


def _object(value: object, path: str, keys: tuple[str, ...] | None = None) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise _refused(shown(value), "an object", path)
    if keys is not None and set(value) != set(keys):
        raise _refused(f"the keys {', '.join(map(shown, sorted(value)))}"[:300], f"the keys {', '.join(keys)}", path)
    return value


def _text(value: object, path: str, pattern: re.Pattern[str]) -> None:
    if not (isinstance(value, str) and pattern.fullmatch(value)):
        raise _refused(shown(value), "as `steelyard record` writes it", path)


def _refused(found: str, expected: str, path: str = "record") -> InvalidInput:
    return InvalidInput([Fault(path, found, expected)])
