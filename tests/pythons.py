"""The Pythons on this machine, to run what travels under each of them."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

NAMES = ("python2.7", *(f"python3.{minor}" for minor in range(4, 17)), "python3", "python")
ASK = "import sys; sys.stdout.write('%d.%d' % sys.version_info[:2])"


@cache
def found() -> dict[str, str]:
    """Version (such as `3.8`) -> an interpreter that really runs; at least the running one."""
    pythons = {"{}.{}".format(*sys.version_info[:2]): sys.executable}
    for path in _candidates():
        version = _version(path)
        if version:
            pythons.setdefault(version, path)
    return pythons


def _candidates() -> Iterator[str]:
    for name in NAMES:
        if path := shutil.which(name):
            yield path
    for root in (os.environ.get("PYENV_ROOT"), Path.home() / ".pyenv"):
        folder = Path(root or "/nonexistent") / "versions"
        if folder.is_dir():
            yield from (str(each) for each in sorted(folder.glob("*/bin/python")))


def _version(path: str) -> str | None:
    """The version of an interpreter, None where it does not run: a shim of a version that is not chosen, say."""
    try:
        done = subprocess.run([path, "-c", ASK], capture_output=True, text=True, timeout=60, check=False)
    except OSError:
        return None
    return done.stdout if done.returncode == 0 and re.fullmatch(r"[23]\.[0-9]+", done.stdout) else None


def is_new_enough(version: str) -> bool:
    """Whether a version is 3.8 or newer."""
    major, minor = version.split(".")
    return (int(major), int(minor)) >= (3, 8)
