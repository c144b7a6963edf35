"""Everything a probe may touch outside itself, as one value that tests replace.

Probes read files under `root` and ask the functions here; they never ask `os`, `platform` or `subprocess`
themselves. It knows nothing of devices.
"""

from __future__ import annotations

import os
import platform
import shutil
import sys
import sysconfig
import time
from dataclasses import dataclass, field
from datetime import datetime, timezone
from pathlib import Path
from typing import Callable, Mapping, Optional, Sequence, Tuple

from probes.look import child
from probes.look.numbers import Numbers as Numbers

# From `typing`: before Python 3.9 the names of `collections.abc` take no parameters.
Run = Callable[[Sequence[str], float, Mapping[str, str]], child.Outcome]
MachineId = Callable[[], Optional[str]]
Usage = Callable[[Path], Optional[Tuple[int, int]]]


# What this program put into its own environment, as `NAME=VALUE`: no setting of the machine's.
OWN = "STEELYARD_OWN_SETTING"


def _unknown_usage(_place: Path) -> tuple[int, int] | None:
    return None


def _unknown_id() -> str | None:
    return None


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
        numbers: asks Windows for counts and sizes.
        accessible: whether this user may read and write a file.
        clock: seconds that only go forward.
        now: the time of day.
        build: the system's exact version (`10.0.26100`), where `release` is a name.
        python_implementation: such as `CPython`.
        free_threaded: whether the interpreter was built without the global lock; None when it does not say.
        interpreter: path of the program that runs this Python, for its loader.
        places: where `install`, `cache` and `temporary` files go, as absolute paths of the machine.
        usage: total and free bytes of the file system that holds a place.
        machine_id: the installation's id, where no file has it.
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
    build: str | None = None
    python_implementation: str | None = None
    free_threaded: bool | None = None
    interpreter: str | None = None
    places: Mapping[str, str] = field(default_factory=dict)
    usage: Usage = _unknown_usage
    machine_id: MachineId = _unknown_id
    kept: dict[str, object] = field(default_factory=dict)


def here(root: Path) -> Machine:
    """The machine this process runs on, with its files looked up under `root`."""
    env = given(os.environ)
    system = platform.system()
    return Machine(
        root=root,
        system=system,
        release=_release(),
        arch=platform.machine(),
        python_version=platform.python_version(),
        libc=_libc(),
        env=env,
        affinity_cores=_affinity_cores(),
        run=child.run,
        numbers=_numbers,
        accessible=lambda path: os.access(path, os.R_OK | os.W_OK),
        clock=time.monotonic,
        now=lambda: datetime.now(timezone.utc),
        build=platform.version() if system == "Windows" else platform.release(),
        python_implementation=platform.python_implementation(),
        free_threaded=_free_threaded(),
        interpreter=os.path.realpath(sys.executable) if sys.executable else None,
        places=_places(system, env),
        usage=_usage,
        machine_id=_machine_id,
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


def _free_threaded() -> bool:
    return bool(sysconfig.get_config_var("Py_GIL_DISABLED"))


def given(env: Mapping[str, str]) -> dict[str, str]:
    """The environment as it was before this program set a variable of its own in it."""
    name, _, value = env.get(OWN, "").partition("=")
    return {key: env[key] for key in env if key != OWN and not (key == name and env[key] == value)}


def _places(system: str, env: Mapping[str, str]) -> Mapping[str, str]:
    """Where packages, downloaded models and temporary files go by default, by the usual variables."""
    home = os.path.expanduser("~")
    caches = {"Darwin": f"{home}/Library/Caches", "Windows": env.get("LOCALAPPDATA", f"{home}/AppData/Local")}
    # `tempfile.gettempdir` would write a file to find out.
    temporary = next((env[name] for name in ("TMPDIR", "TEMP", "TMP") if env.get(name)), None)
    return {
        "install": sysconfig.get_path("purelib"),
        "cache": env.get("XDG_CACHE_HOME") or caches.get(system, f"{home}/.cache"),
        "temporary": temporary or ("C:/Windows/Temp" if system == "Windows" else "/tmp"),  # noqa: S108 (only looked at)
    }


def _usage(place: Path) -> tuple[int, int] | None:
    try:
        found = shutil.disk_usage(place)
    except (OSError, ValueError):
        return None
    return found.total, found.free


def _numbers() -> Numbers:
    from probes.look import windows  # loads ctypes, which is not needed elsewhere

    return windows.numbers()


def _machine_id() -> str | None:
    if platform.system() != "Windows":
        return None
    from probes.look import windows

    return windows.machine_id()
