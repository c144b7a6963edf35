"""The release of a run: a file in its folder, and compiled once in a process that prepares and answers."""

import hashlib
import json
from collections import OrderedDict
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from portfolio import files
from rules import canonical
from rules.release import Release, compile_release

RELEASE = "release.json"
_MOST = 2  # the one that is prepared is answered next; `parts` keeps those it works on
_compiled: OrderedDict[str, Release] = OrderedDict()  # by the digest of the file


def keep(folder: Path, document: Mapping[str, Any], compiled: Release) -> None:
    """Write the document of a release into the folder of a run.

    Raises:
        OSError: it cannot be written.
    """
    content = canonical.dump(document)
    files.write(folder / RELEASE, content)
    _remember(content, compiled)


def read(folder: Path) -> Release:
    """The release in the folder of a run.

    Raises:
        OSError, ValueError: it cannot be read.
        InvalidInput: it is none.
    """
    content = (folder / RELEASE).read_bytes()
    found = _compiled.get(_name(content))
    return found or _remember(content, compile_release(json.loads(content)))


def _remember(content: bytes, release: Release) -> Release:
    _compiled[_name(content)] = release
    while len(_compiled) > _MOST:
        _compiled.popitem(last=False)
    return release


def _name(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
