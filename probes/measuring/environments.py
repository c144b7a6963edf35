"""An environment of its own for each set of packages: made by `venv`, filled by its pip from pip's configured index.

It names no index and asks for no consent: the caller has it. An environment counts once its stamp is written, so one
that was interrupted is made anew.
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import sysconfig
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from probes.measuring.faults import NotMade
from probes.measuring.running import ended, told

STAMP = "ready.json"
INSTALL_LIMIT_S = 1800.0
MB = 1e6
SPARE = 1.5  # free space asked for, against what is expected to be taken


@dataclass(frozen=True, slots=True)
class Environment:
    """A ready environment: its interpreter, what is installed, how large and how long that was."""

    python: str
    requirements: tuple[str, ...]
    packages: Mapping[str, str]  # name -> version
    install_mb: float  # of site-packages, over the bare environment
    install_s: float


def ready(folder: Path, requirements: Sequence[str]) -> Environment | None:
    """The environment for these packages where it has been made before."""
    try:
        read = json.loads((_place(folder, requirements) / STAMP).read_text(encoding="utf-8"))
        found = Environment(**{**read, "requirements": tuple(read["requirements"])})
    except (OSError, ValueError, TypeError, KeyError):
        return None
    return found if Path(found.python).exists() else None


def make(folder: Path, requirements: Sequence[str], disk_mb: float, python: str = sys.executable) -> Environment:
    """The environment for these packages, made now.

    Raises:
        NotMade: no room, or `venv` or pip failed.
    """
    place = _place(folder, requirements)
    shutil.rmtree(place, ignore_errors=True)
    try:
        place.mkdir(parents=True)
        free_mb = shutil.disk_usage(place).free / MB
        if free_mb < SPARE * disk_mb:
            raise NotMade("no_room", f"about {disk_mb:.0f} MB are needed, {free_mb:.0f} MB are free")
        return _filled(place, tuple(requirements), python)
    except OSError as error:
        raise NotMade("not_installed", error.strerror or type(error).__name__) from error
    finally:
        if not (place / STAMP).exists():
            shutil.rmtree(place, ignore_errors=True)


def _filled(place: Path, requirements: tuple[str, ...], python: str) -> Environment:
    began = time.monotonic()
    _run([python, "-m", "venv", str(place)], place)
    inside = place / ("Scripts" if os.name == "nt" else "bin") / ("python.exe" if os.name == "nt" else "python")
    bare = size_mb(place)
    _run([str(inside), "-m", "pip", "install", "--no-input", "--disable-pip-version-check", *requirements], place)
    packages = _packages(inside, place)
    # pip has compiled what it installed; this catches what a package brought without. What cannot be compiled stays.
    _run([str(inside), "-m", "compileall", "-q", "-j", "0", _libraries(place)], place, must=False)
    took = time.monotonic() - began
    made = Environment(str(inside), requirements, packages, round(size_mb(place) - bare, 1), round(took, 1))
    (place / STAMP).write_text(json.dumps(asdict(made)), encoding="utf-8")
    return made


def _packages(python: Path, place: Path) -> dict[str, str]:
    listed = _run([str(python), "-m", "pip", "list", "--format", "json", "--disable-pip-version-check"], place)
    own = ("pip", "setuptools")
    return {each["name"]: each["version"] for each in json.loads(listed) if each["name"] not in own}


def _run(command: Sequence[str], place: Path, *, must: bool = True) -> str:
    """The standard output of a step of ours.

    Raises:
        NotMade: it failed or took too long.
    """
    env = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    try:
        process = subprocess.Popen(  # noqa: S603  (our own command, no shell)
            list(command),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=env,
            start_new_session=True,
            text=True,
            errors="replace",
        )
    except OSError as error:
        raise NotMade("not_installed", f"{Path(command[0]).name}: {error.strerror}") from error
    try:
        output, complaint = process.communicate(timeout=INSTALL_LIMIT_S)
    except subprocess.TimeoutExpired:
        ended(process)
        raise NotMade("not_installed", f"not done after {INSTALL_LIMIT_S:.0f} s") from None
    except BaseException:  # an interruption too; raised again, but nothing installs on
        ended(process)
        raise
    if process.returncode and must:
        raise NotMade("not_installed", told(complaint or output, [place]))
    return output


def size_mb(place: Path) -> float:
    """Megabytes (10^6) of the files in an environment's library folder, byte code included; links count nothing."""
    found = 0
    for folder, _, names in os.walk(_libraries(place)):
        found += sum(os.lstat(os.path.join(folder, name)).st_size for name in names)
    return found / MB


def _libraries(place: Path) -> str:
    return sysconfig.get_path("purelib", "venv", {"base": str(place), "platbase": str(place)})


def _place(folder: Path, requirements: Sequence[str]) -> Path:
    """One folder for each set of packages and version of Python."""
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    key = hashlib.sha256("\n".join([version, *sorted(requirements)]).encode()).hexdigest()[:10]
    name = "".join(c if c.isalnum() or c in "-._" else "-" for c in sorted(requirements)[0])[:40]
    return folder / f"{name}-{key}"
