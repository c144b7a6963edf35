"""The rows of one run for another: the same projects answered again, from another release or with other options.

Files of a run never change under their names, so the rows are lent by linking them: either run may go, the other keeps
them.
"""

import os
import shutil
from pathlib import Path
from typing import Any

from portfolio import files, parts, places, releases
from portfolio.faults import Damaged
from portfolio.parts import Run, Spec
from rules import canonical

INPUT = "input.json"
KEPT = ("sources", "sliced", "mapping", "block_rows", "parts", "rows", "starts")


def lend(run: Run, folder: Path, source: Path) -> list[Path]:
    """Put the rows of a run where another one can be prepared from them; where its sources lie then.

    Args:
        run: a prepared run.
        folder: an empty folder for the other run.
        source: a folder for files that were kept beside the first run, made where it is needed.

    Raises:
        OSError: a file cannot be linked or copied.
    """
    for raw in sorted(run.folder.glob("in-*.arrow")):
        _link(raw, folder / raw.name)
    paths = [place.path for place in places.noted(run.folder, run.document["sources"])]
    if run.document["sliced"]:
        paths = [_beside(path, run.folder.parent, source) for path in paths]
    places.note(folder, paths)
    files.write_json(folder / INPUT, {name: run.document[name] for name in KEPT})
    return paths


def prepare(folder: Path, spec: Spec) -> Run:
    """Make a folder that rows have been lent to a run; `run.json` is written last.

    Raises:
        Damaged: the rows are not all there, or a source has changed.
        OSError: a file cannot be read or written.
    """
    lent = files.read_json(folder / INPUT)
    if lent["sliced"]:
        lying = places.noted(folder, lent["sources"])
        if any(places.fingerprint(place.path)["sha256"] != place.stated["sha256"] for place in lying):
            raise Damaged("a source has changed since its projects were answered first")
    elif lent["rows"] and len(list(folder.glob("in-*.arrow"))) != lent["parts"]:
        raise Damaged("not all rows of the projects are there")
    releases.keep(folder, spec.release, spec.ready())
    document: dict[str, Any] = {**lent, **parts.wanted(spec), "block_rows": lent["block_rows"]}
    found = {**document, "passport": canonical.digest(document)}
    files.write_json(folder / parts.RUN, found)
    return Run(folder, found)


def _beside(path: Path, kept: Path, source: Path) -> Path:
    """A source: a file that was kept with the run is linked, another one stays where it is."""
    if not path.is_relative_to(kept.resolve()):
        return path
    source.mkdir(exist_ok=True)
    _link(path, source / path.name)
    return (source / path.name).resolve()


def _link(old: Path, new: Path) -> None:
    try:
        os.link(old, new)
    except FileNotFoundError:
        raise
    except OSError:  # a disk that has no links
        shutil.copyfile(old, new)
