"""One fresh process: started, watched, ended at its deadline with all it started; its result, or what went wrong.

It knows nothing of frameworks or of what a result means; what a process says is untrusted and bounded.
"""

import json
import os
import re
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from probes.look import child

STAGE = Path(__file__).parent / "scripts" / "stage.py"
MAX_RESULT_BYTES = 8 * 2**20
KEPT_COMPLAINT_BYTES = 20_000
MAX_WHY = 300
LAST_WAIT_S = 2.0

Outcome = Literal["done", "not_started", "timed_out", "crashed", "bad_result"]
# Where one thread count is to hold, every library has its own name for it.
THREAD_VARIABLES = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "TF_NUM_INTRAOP_THREADS",
    "TF_NUM_INTEROP_THREADS",
    "NPROC",  # JAX
)
KEPT_VARIABLES = ("PATH", "LANG", "LC_ALL", "TZ", "LD_LIBRARY_PATH", "SYSTEMROOT", "COMSPEC", "NUMBER_OF_PROCESSORS")


@dataclass(frozen=True, slots=True)
class Ended:
    """How a process ended: the document it wrote where all went well, else why not."""

    outcome: Outcome
    result: Any
    why: str | None
    others: float | None  # share of all cores that other programs used meanwhile; None where it cannot be told


def stage(python: str, job: Mapping[str, Any], limit_s: float, threads: int, settings: Mapping[str, str]) -> Ended:
    """Run a job (see `scripts/stage.py`) in a new process of this interpreter, with a home folder of its own."""
    with tempfile.TemporaryDirectory(prefix="steelyard-measure-", ignore_cleanup_errors=True) as home:
        job_file, result_file, complaint_file = (Path(home, name) for name in ("job.json", "result.json", "said.txt"))
        env = _environment(home, threads, settings)
        command = [python, "-I", str(STAGE), str(job_file), str(result_file)]
        before = _processor()
        try:
            with complaint_file.open("wb") as said:
                job_file.write_text(json.dumps({**job, "spawned": time.monotonic()}), encoding="utf-8")
                process = _started(command, env, said.fileno(), home)
        except (OSError, ValueError) as error:
            return Ended("not_started", None, getattr(error, "strerror", None) or type(error).__name__, None)
        code, used_s = _waited(process, limit_s)
        others = _others(before, _processor(), used_s)
        hidden = [home, python, str(STAGE.parent), str(Path(python).parent.parent)]
        if code is None:
            return Ended("timed_out", None, f"not done after {limit_s:.0f} s", others)
        if code:
            why = told(_tail(complaint_file), hidden) if code > 0 else f"ended by signal {_signal(-code)}"
            return Ended("crashed", None, why, others)
        return _read(result_file, others)


def _started(command: Sequence[str], env: Mapping[str, str], said: int, home: str) -> "subprocess.Popen[Any]":
    return subprocess.Popen(  # noqa: S603  (our own command, no shell)
        list(command),
        stdin=subprocess.DEVNULL,
        stdout=said,
        stderr=said,
        env=dict(env),
        cwd=home,
        start_new_session=True,
    )


def _environment(home: str, threads: int, settings: Mapping[str, str]) -> dict[str, str]:
    """A small environment: no credentials, no caches, no settings of the person who measures."""
    return {
        **{name: os.environ[name] for name in KEPT_VARIABLES if name in os.environ},
        **dict.fromkeys(THREAD_VARIABLES, str(threads)),
        **dict.fromkeys(("HOME", "USERPROFILE", "TMPDIR", "TEMP", "TMP", "XDG_CACHE_HOME", "MPLCONFIGDIR"), home),
        "TF_CPP_MIN_LOG_LEVEL": "2",
        "CUDA_VISIBLE_DEVICES": "",  # processors are what is measured
        "JAX_PLATFORMS": "cpu",
        **settings,
    }


def _waited(process: "subprocess.Popen[Any]", limit_s: float) -> tuple[int | None, float | None]:
    """(exit code, None after the deadline; seconds of processor time that it used)."""
    before = _children_s()
    try:
        code: int | None = process.wait(limit_s)
    except subprocess.TimeoutExpired:
        code = None
    finally:
        ended(process)  # also what a process left running behind it
    after = _children_s()
    return code, None if before is None or after is None else after - before


def ended(process: "subprocess.Popen[Any]") -> None:
    """Kill a process and all that it started; one that the kernel holds is left behind after two seconds."""
    child.stop(process, LAST_WAIT_S)
    for pipe in (process.stdout, process.stderr):
        if pipe:
            pipe.close()


def _read(result_file: Path, others: float | None) -> Ended:
    try:
        with result_file.open("rb") as file:
            content = file.read(MAX_RESULT_BYTES + 1)
        if len(content) > MAX_RESULT_BYTES:
            return Ended("bad_result", None, "more than 8 MiB", others)
        return Ended("done", json.loads(content), None, others)
    except OSError:
        return Ended("bad_result", None, "it ended without a result", others)
    except (ValueError, RecursionError):
        return Ended("bad_result", None, "no JSON", others)


def _tail(file: Path) -> str:
    try:
        with file.open("rb") as said:
            said.seek(max(0, file.stat().st_size - KEPT_COMPLAINT_BYTES))
            return said.read().decode("utf-8", "replace")
    except OSError:
        return ""


def told(complaint: str, hidden: Sequence[str | Path] = ()) -> str:
    """The line of a complaint that says most, on one short line without paths, addresses or control characters."""
    lines = [line.strip() for line in complaint.splitlines() if line.strip()]
    worst = [line for line in lines if re.match(r"(ERROR|[\w.]*(Error|Exception))\b", line)]
    line = (worst or lines or ["it said nothing"])[-1]
    for path in sorted(map(str, hidden), key=len, reverse=True):
        line = line.replace(path, "…")
    line = re.sub(r"\w+://\S+", "…", line)
    line = re.sub(r"(?<![\w…])/[\w.+-]+(/[\w.+-]+)+", "…", line)
    return "".join(c if c.isprintable() else " " for c in line)[:MAX_WHY]


def _signal(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return str(number)


def _children_s() -> float | None:
    """Seconds of processor time of all processes that this one has waited for."""
    times = os.times()
    return times.children_user + times.children_system if os.name == "posix" else None


def _processor() -> tuple[float, float] | None:
    """(busy, all) seconds of all cores since the machine started, as Linux counts them."""
    try:
        with open("/proc/stat", encoding="ascii") as file:
            ticks = [int(part) for part in file.readline().split()[1:9]]
        second = os.sysconf("SC_CLK_TCK")
    except (OSError, ValueError, AttributeError):
        return None
    return (sum(ticks) - ticks[3] - ticks[4]) / second, sum(ticks) / second


def _others(
    before: tuple[float, float] | None, after: tuple[float, float] | None, used_s: float | None
) -> float | None:
    """The share of all cores that was busy and not ours, 0 to 1."""
    if before is None or after is None or used_s is None or after[1] <= before[1]:
        return None
    share = (after[0] - before[0] - used_s) / (after[1] - before[1])
    return round(min(1.0, max(0.0, share)), 3)


def forgotten(folder: Path) -> None:
    """Ask the system to drop the files of a folder from its cache, so that the next start reads them from disk.

    A request, without special rights; where there is none such (or a file is in use), nothing happens.
    """
    if not hasattr(os, "posix_fadvise"):
        return
    for root, _, names in os.walk(folder):
        for name in names:
            try:
                file = os.open(os.path.join(root, name), os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
            except OSError:
                continue
            with suppress(OSError):
                os.posix_fadvise(file, 0, 0, os.POSIX_FADV_DONTNEED)
            os.close(file)
