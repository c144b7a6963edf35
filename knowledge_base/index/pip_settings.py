"""Which index, and which certificates, pip is set up with on this machine.

Its environment variables and configuration files are read where pip's documentation says that they are. Which index pip
uses without any is asked of pip itself: its help names it.
"""

import configparser
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

MAX_FILE_BYTES = 2**20
PIP_DEADLINE_S = 30.0
SYSTEM = Path("/etc")
_DEFAULT = re.compile(r"--index-url <url>.*?\(default:?\s+<?(https://[^\s)>]+)", re.DOTALL)


def index_url(environment: Mapping[str, str], ask: Callable[[], str | None] | None = None) -> str | None:
    """The address that pip installs from, credentials included; None where neither pip nor a setting of it is here.

    Args:
        environment: the variables of this process.
        ask: gives pip's own default. Default: the pip of this Python, or the one on the path, is asked.
    """
    return setting("index-url", environment) or (ask or default_index)()


def certificates(environment: Mapping[str, str]) -> str | None:
    """The file of certificate authorities that pip trusts; None where it is not told any."""
    return setting("cert", environment)


def setting(name: str, environment: Mapping[str, str]) -> str | None:
    """A setting of pip for all its commands: its variable, else what the last of its files says."""
    given = environment.get("PIP_" + name.upper().replace("-", "_"))
    if given:
        return given
    found = [value for path in _files(environment) if (value := _read(path, name))]
    return found[-1] if found else None


def _files(environment: Mapping[str, str]) -> Iterator[Path]:
    """pip's configuration files in its order: the machine's, the user's, the environment's, the one named. The last
    counts most; a named file stands in for the user's.
    """
    named = environment.get("PIP_CONFIG_FILE")
    if named == os.devnull:
        return
    machine, user = _folders(environment)
    file = "pip.ini" if sys.platform == "win32" else "pip.conf"
    yield from (folder / file for folder in machine)
    if not (named and Path(named).exists()):
        yield from (folder / file for folder in user)
    yield Path(sys.prefix) / file
    if named:
        yield Path(named)


def _folders(environment: Mapping[str, str]) -> tuple[list[Path], list[Path]]:
    """Where the machine's and the user's configuration lie on this system."""
    home = Path(environment.get("HOME") or Path.home())
    if sys.platform == "win32":
        programs, roaming = (Path(environment.get(each, "")) / "pip" for each in ("PROGRAMDATA", "APPDATA"))
        return [programs], [home / "pip", roaming]
    if sys.platform == "darwin":
        shared = Path("Library/Application Support/pip")
        own = home / shared if (home / shared).is_dir() else home / ".config" / "pip"
        return [Path("/") / shared], [home / ".pip", own]
    shared_by_all = (environment.get("XDG_CONFIG_DIRS") or "/etc/xdg").split(":")
    own = Path(environment.get("XDG_CONFIG_HOME") or home / ".config") / "pip"
    return [*(Path(each) / "pip" for each in shared_by_all), SYSTEM], [home / ".pip", own]


def _read(path: Path, name: str) -> str | None:
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            return None
        parser = configparser.RawConfigParser()
        parser.read_string(path.read_text(encoding="utf-8"))
        return parser.get("global", name, fallback=None)
    except (OSError, UnicodeDecodeError, configparser.Error):
        return None  # pip itself would complain; whoever runs it has been told


def default_index() -> str | None:
    """The index that pip names in its help; None where there is no pip."""
    on_path = shutil.which("pip")
    for command in ([sys.executable, "-m", "pip"], [on_path] if on_path else []):
        found = _asked(command)
        if found:
            return found
    return None


def _asked(command: list[str]) -> str | None:
    if not command:
        return None
    quiet = {**os.environ, "COLUMNS": "400", "PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_CONFIG_FILE": os.devnull}
    quiet.pop("PIP_INDEX_URL", None)
    try:
        done = subprocess.run(  # noqa: S603  this Python, or the pip on the path, with fixed arguments
            [*command, "help", "install"],
            env=quiet,
            capture_output=True,
            text=True,
            check=False,
            timeout=PIP_DEADLINE_S,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    found = _DEFAULT.search(done.stdout) if done.returncode == 0 else None
    return found[1] if found else None
