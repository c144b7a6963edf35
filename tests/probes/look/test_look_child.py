"""Children: whatever one does, it costs no more than its limit."""

import os
import subprocess
import sys

import pytest

from probes.look import child
from probes.look.child import MAX_OUTPUT_BYTES, Outcome, run

PLAIN_ENV = dict(os.environ)


def python(code: str, limit_s: float = 20.0) -> Outcome:
    return run((sys.executable, "-I", "-S", "-c", code), limit_s, PLAIN_ENV)


def test_a_child_that_ends_well() -> None:
    assert python("print('hello')") == Outcome("hello\n", None)


def test_a_child_that_fails_keeps_what_it_said() -> None:
    assert python("print('half'); raise SystemExit(9)") == Outcome("half\n", "failed")


def test_a_command_that_is_not_there() -> None:
    assert run(("/nowhere/tool",), 1.0, PLAIN_ENV) == Outcome("", "not_started")


def test_a_hanging_child_is_killed() -> None:
    assert python("import time; print('x', flush=True); time.sleep(600)", 0.5) == Outcome("", "timeout")


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
def test_a_child_that_ignores_signals_is_killed() -> None:
    code = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)"
    assert python(code, 1.0) == Outcome("", "timeout")


@pytest.mark.skipif(os.name != "posix", reason="needs a shell")
def test_what_a_child_leaves_behind_is_killed_too() -> None:
    # The shell ends at once; what it started would hold the pipe for ten minutes.
    assert run(("/bin/sh", "-c", "sleep 600 & exit 0"), 0.5, PLAIN_ENV) == Outcome("", "timeout")


def test_a_child_that_closes_its_output_and_stays() -> None:
    assert python("import os, time; os.close(1); time.sleep(600)", 1.0) == Outcome("", "timeout")


def test_a_child_that_talks_without_end() -> None:
    assert python(f"import sys\nwhile True: sys.stdout.write('x' * {MAX_OUTPUT_BYTES})") == Outcome("", "too_long")


def test_output_that_is_no_text() -> None:
    assert python("import os; os.write(1, b'\\xff\\n')").output == "\ufffd\n"


@pytest.mark.skipif(os.name != "posix", reason="process groups of POSIX")
def test_a_child_that_cannot_be_killed_is_abandoned(monkeypatch: pytest.MonkeyPatch) -> None:
    """As when a driver holds it: the kill has no effect. It is collected once it does end."""
    with monkeypatch.context() as without:
        without.setattr(os, "killpg", lambda group, number: None)
        without.setattr(child, "LAST_WAIT_S", 0.1)
        assert python("import time; time.sleep(600)", 0.5) == Outcome("", "abandoned")
    (left,) = child._abandoned
    with pytest.raises(subprocess.TimeoutExpired):
        left.wait(0)
    left.kill()
    left.wait()
    assert python("print(1)").trouble is None
    assert child._abandoned == []
