"""Running a tool that may hang, crash or talk without end, at a bounded cost.

A child gets a deadline. When it passes, the child and all it started are killed; if the kernel does not let
it die within a second (a process stuck inside a driver), it is abandoned. It knows nothing of what the tool
is for.
"""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from threading import Lock, Thread
from typing import IO, Literal

Trouble = Literal["not_started", "timeout", "abandoned", "too_long", "failed"]

MAX_OUTPUT_BYTES = 2**20
LAST_WAIT_S = 1.0

# Children that could not be killed, kept so that they are collected once the kernel lets them go.
_abandoned: list[subprocess.Popen[bytes]] = []
_lock = Lock()  # probes run side by side


@dataclass(frozen=True)
class Outcome:
    """What a child left: its standard output, and what went wrong (None when it ended well)."""

    output: str
    trouble: Trouble | None


def reason(trouble: Trouble, tool: str) -> str:
    """Why a tool gave no answer, with the tool's name: a code, a colon and a sentence."""
    return {
        "not_started": f"not_started: {tool} could not be started",
        "timeout": f"timeout: {tool} gave no answer in time and was killed",
        "abandoned": f"abandoned: {tool} gave no answer in time, cannot be killed, and was left behind",
        "too_long": f"bad_answer: the answer of {tool} was too long",
        "failed": f"crashed: {tool} ended before it answered",
    }[trouble]


def run(command: Sequence[str], limit_s: float, env: Mapping[str, str]) -> Outcome:
    """Run a command for at most `limit_s` seconds (and one to see it die); never raises for what it does."""
    _collect()
    ends_at = time.monotonic() + limit_s
    try:
        process = subprocess.Popen(  # noqa: S603 (fixed commands of ours, no shell)
            list(command),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=dict(env),
            start_new_session=True,
        )
    except (OSError, ValueError):
        return Outcome("", "not_started")
    try:
        return _follow(process, ends_at)
    except BaseException:  # an interruption too; raised again, but no child stays behind
        stop(process)
        raise


def _collect() -> None:
    """Take leave of abandoned children that have ended since, so that none stays a zombie."""
    with _lock:
        _abandoned[:] = [process for process in _abandoned if process.poll() is None]


def _follow(process: subprocess.Popen[bytes], ends_at: float) -> Outcome:
    """Collect the output until the child ends or its time is up."""
    heard: list[bytes] = []
    # A thread, because a pipe cannot be read with a deadline on every system. It ends when the pipe does, and as a
    # daemon it keeps no interpreter from leaving.
    listener = Thread(target=_listen, args=(process.stdout, heard), daemon=True)
    listener.start()
    listener.join(max(0.0, ends_at - time.monotonic()))
    output = heard[0] if heard else b""
    if len(output) > MAX_OUTPUT_BYTES:
        return Outcome("", "too_long" if stop(process) else "abandoned")
    try:
        code = process.wait(max(0.05, ends_at - time.monotonic()) if heard else 0)
    except subprocess.TimeoutExpired:
        return Outcome("", "timeout" if stop(process) else "abandoned")
    if not heard:  # it ended, but something it started still holds the pipe
        stop(process)
        return Outcome("", "timeout")
    return Outcome(output.decode("utf-8", errors="replace"), "failed" if code else None)


def _listen(pipe: IO[bytes], heard: list[bytes]) -> None:
    with pipe:
        heard.append(pipe.read(MAX_OUTPUT_BYTES + 1))


def stop(process: subprocess.Popen[bytes], wait_s: float = LAST_WAIT_S) -> bool:
    """Kill a child and all it started; False when it still lives after `wait_s` and had to be abandoned."""
    try:
        if os.name == "posix":
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
    except OSError:
        pass  # it is gone already
    try:
        process.wait(wait_s)
    except subprocess.TimeoutExpired:
        with _lock:
            _abandoned.append(process)
        return False
    return True
