"""The command line of the probe that travels: look, print, and send only where `--push` says to."""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path
from typing import Any

from probes.look import push, report
from probes.look.survey import DEFAULT_DEADLINE_S, LABEL, local
from probes.look.text import clean
from probes.look.writing import document

DONE, INPUT, OUTSIDE = 0, 2, 3
KEY_VARIABLE = "STEELYARD_KEY"
MAX_DEADLINE_S = 120.0


def main(arguments: list[str]) -> int:
    """Run the probe; the exit code: 0 done, 2 usage, bad address or key, 3 something outside failed."""
    given = _parser().parse_args(arguments)
    target = None
    try:
        if given.push is not None:  # before looking, so that a slip of the pen costs no time
            target = push.target(given.push, given.key or os.environ.get(KEY_VARIABLE), insecure=given.insecure)
    except push.Unsuitable as unsuitable:
        return _complain(f"--{unsuitable.about}: expected is {unsuitable}", INPUT)
    found = document(local(root=Path(given.root), deadline_s=given.deadline))
    found["label"] = clean(given.label) or LABEL
    content = encoded(found)
    try:
        _show(found, content, given.output, given.json)
    except OSError as error:
        return _complain(f"{given.output or 'output'}: {error.strerror or error}", OUTSIDE)
    return DONE if target is None else _send(content, target)


def encoded(found: dict[str, Any]) -> bytes:
    """A profile document as it is printed, written and sent, byte for byte."""
    return (json.dumps(found, indent=2, allow_nan=False) + "\n").encode("ascii")


def _show(found: dict[str, Any], content: bytes, output: str | None, as_json: bool) -> None:
    if output is not None:
        Path(output).write_bytes(content)
    if as_json:
        _say(sys.stdout, content.decode("ascii"))
    elif output is None:
        _say(sys.stdout, report.text(found))


def _send(content: bytes, to: push.Target) -> int:
    try:
        name = push.push(content, to)
    except push.Refused as refused:
        return _complain(str(refused), INPUT if refused.about_key else OUTSIDE)
    _say(sys.stderr, f"The service keeps the profile as {name}.\n")
    return DONE


def _complain(told: str, code: int) -> int:
    _say(sys.stderr, f"probe: {told}\n")
    return code


def _say(stream: Any, told: str) -> None:
    """Write a text that the stream's encoding may not hold in full."""
    encoding = getattr(stream, "encoding", None) or "ascii"
    stream.write(told.encode(encoding, "backslashreplace").decode(encoding))
    stream.flush()


def _deadline(told: str) -> float:
    value = float(told)
    if not 0 < value <= MAX_DEADLINE_S:
        raise argparse.ArgumentTypeError(f"a number of seconds above 0, up to {MAX_DEADLINE_S:g}")
    return value


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="probe.py",
        description="What this machine has: processor, memory, system and accelerators, and what was not found. "
        "Nothing is sent unless --push says where to. See beforehand what would be sent: --json prints exactly that.",
        epilog="Exit codes: 0 done, 2 usage, bad address or key, 3 something outside failed.",
    )
    parser.add_argument("--json", action="store_true", help="print the profile as JSON, as it would be sent")
    parser.add_argument("-o", "--output", metavar="FILE", help="write the profile as JSON to a file")
    parser.add_argument("--push", metavar="URL", help="send the profile to this service (https, or this machine)")
    parser.add_argument("--key", help=f"the key of the service; better kept in the variable {KEY_VARIABLE}")
    parser.add_argument("--label", default=LABEL, help="what the profile calls this machine (default: %(default)s)")
    parser.add_argument("--insecure", action="store_true", help="let --push send over plain http to another machine")
    parser.add_argument(
        "--deadline",
        type=_deadline,
        default=DEFAULT_DEADLINE_S,
        metavar="SECONDS",
        help="longest that all tools together may take (default: %(default)g)",
    )
    parser.add_argument("--root", default="/", help=argparse.SUPPRESS)
    return parser
