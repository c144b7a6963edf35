"""Everything a probe may touch outside itself, as one value that tests replace.

Probes read files under `root` and ask the functions here; they never ask `os`, `platform` or `subprocess`
themselves. It knows nothing of devices.
"""

from __future__ import annotations

import os
import platform
import time
from dataclasses import dataclass, field
from datetime import datetime, timezone
from pathlib import Path
from typing import Callable, Mapping, Sequence

from probes.look import child

# From `typing`: before Python 3.9 the names of `collections.abc` take no parameters.
Run = Callable[[Sequence[str], float, Mapping[str, str]], child.Outcome]


@dataclass(frozen=True)
class Numbers:
    """What the system says of itself where there is no /proc; None where it does not say."""

    physical_cores: int | None = None
    logical_cores: int | None = None
    memory_total_bytes: int | None = None
    memory_available_bytes: int | None = None


@dataclass(frozen=True)
class Machine:
    """A machine as the probes see it.

    Attributes:
        root: the directory that stands for `/`.
        system: `Linux`, `Darwin` or `Windows`, as `platform.system` says.
        release: the system's own version, used where there is no os-release file.
        arch: as `platform.machine` says.
        python_version: of the interpreter that asks.
        libc: such as `glibc 2.36`, None when it is not glibc.
        env: environment variables.
        affinity_cores: processors this process may run on, None when the system does not say.
        run: runs a command with a limit in seconds and an environment.
        numbers: asks the system for counts and sizes; used on macOS and Windows.
        accessible: whether this user may read and write a file.
        clock: seconds that only go forward.
        now: the time of day.
        kept: answers that several probes need and that are asked for once (the bus).
    """

    root: Path
    system: str
    release: str
    arch: str
    python_version: str
    libc: str | None
    env: Mapping[str, str]
    affinity_cores: int | None
    run: Run
    numbers: Callable[[], Numbers]
    accessible: Callable[[Path], bool]
    clock: Callable[[], float]
    now: Callable[[], datetime]
    kept: dict[str, object] = field(default_factory=dict)


def here(root: Path) -> Machine:
    """The machine this process runs on, with its files looked up under `root`."""
    return Machine(
        root=root,
        system=platform.system(),
        release=_release(),
        arch=platform.machine(),
        python_version=platform.python_version(),
        libc=_libc(),
        env=dict(os.environ),
        affinity_cores=_affinity_cores(),
        run=child.run,
        numbers=_numbers,
        accessible=lambda path: os.access(path, os.R_OK | os.W_OK),
        clock=time.monotonic,
        now=lambda: datetime.now(timezone.utc),
    )


def _release() -> str:
    return platform.mac_ver()[0] if platform.system() == "Darwin" else platform.release()


def _libc() -> str | None:
    try:
        return os.confstr("CS_GNU_LIBC_VERSION")
    except (
        AttributeError,
        OSError,
        ValueError,
    ):  # Windows has no confstr; musl and macOS do not know the name
        return None


def _affinity_cores() -> int | None:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else None


def _numbers() -> Numbers:
    import psutil  # reads /proc when it is imported, and is not needed where /proc is

    memory = psutil.virtual_memory()
    return Numbers(
        physical_cores=psutil.cpu_count(logical=False),
        logical_cores=psutil.cpu_count(),
        memory_total_bytes=memory.total,
        memory_available_bytes=memory.available,
    )
