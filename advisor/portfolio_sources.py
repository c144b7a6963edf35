"""Where the projects of a portfolio come from: an upload, a file that may be named, or the stored projects.

A file is named by its path below one configured folder; nothing else on the machine, and no address, can be reached.
"""

import json
import re
import secrets
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from advisor import projects
from advisor.errors import room_needed
from advisor.house import House, PortfolioRoom
from rules.faults import Fault, InvalidInput, nearest, shown
from storage.errors import Missing

FORMATS = ("csv", "tsv", "jsonl", "xlsx", "parquet")
ALL = "all"
MAX_PROJECTS = 100_000
INCOMING = ".incoming-"
_NAME = re.compile(r"[^\w .()+-]+")
_PAGE = 500


class TooLarge(Exception):
    """An upload is larger than is taken."""

    def __init__(self, most: int) -> None:
        self.most = most
        super().__init__(f"the file is larger than {most} bytes")


class Upload:
    """A file that is being received; `path` is where it lies."""

    def __init__(self, path: Path, file: BinaryIO, most: int) -> None:
        self.path = path
        self._file = file
        self._left = self._most = most

    def add(self, content: bytes) -> None:
        """Take some more bytes.

        Raises:
            TooLarge: that is more than is taken.
            NoRoom: they do not fit.
        """
        self._left -= len(content)
        if self._left < 0:
            raise TooLarge(self._most)
        with room_needed():
            self._write(content)

    def _write(self, content: bytes) -> None:
        self._file.write(content)

    def end(self) -> None:
        """All has come.

        Raises:
            NoRoom: it did not fit.
        """
        with room_needed():
            self._file.flush()


@contextmanager
def receiving(room: PortfolioRoom, name: str | None, form: str | None) -> Iterator[Upload]:
    """A place for an upload, which is gone when the block ends unless it was moved away.

    Args:
        room: where portfolios lie.
        name: what the sender calls the file; its ending says the format unless `form` does.
        form: one of `FORMATS`.

    Raises:
        InvalidInput: neither says a format that is read.
        NoRoom: there is none for it.
    """
    called = file_name(name, form)
    folder = room.folder / f"{INCOMING}{secrets.token_hex(16)}"
    with room_needed():
        folder.mkdir(parents=True)
    try:
        with (folder / called).open("xb") as file:
            yield Upload(folder / called, file, room.max_bytes)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def file_name(name: str | None, form: str | None) -> str:
    """A plain name for an uploaded file, with an ending that says its format.

    Raises:
        InvalidInput: neither the name nor `form` says a format that is read.
    """
    last = PurePosixPath((name or "").replace("\\", "/")).name
    plain = _NAME.sub("_", last).strip(" .")[-100:]
    ending = plain.rpartition(".")[2].lower() if "." in plain else ""
    if form is None:
        form = ending if ending in FORMATS else None
        if form is None:
            expected = f"a file that ends in one of: {', '.join(f'.{each}' for each in FORMATS)}, or a format with it"
            raise InvalidInput([Fault("file", shown(last) if last else "nothing", expected, nearest(ending, FORMATS))])
    elif form not in FORMATS:
        raise InvalidInput([Fault("format", shown(form), f"one of: {', '.join(FORMATS)}", nearest(form, FORMATS))])
    stem = plain.rpartition(".")[0] if ending == form else plain
    return f"{stem or 'projects'}.{form}"


def named(room: PortfolioRoom, given: object) -> list[Path]:
    """The file at a path below the folder whose files may be named.

    Raises:
        InvalidInput: there is none by this path, it leads out of the folder, or no folder is configured.
    """
    if room.files is None:
        raise InvalidInput([Fault("source.file", shown(given), "an upload: this service reads no files by their name")])
    expected = "the path of a file below the folder that this service reads from"
    try:
        base = room.files.resolve(strict=True)
        path = (base / str(given)).resolve(strict=True) if isinstance(given, str) and given else base
    except (OSError, ValueError, RuntimeError):  # not there, a NUL in it, links in a circle
        raise InvalidInput([Fault("source.file", shown(given), expected)]) from None
    if base not in path.parents or not path.is_file() or path.suffix.lower().lstrip(".") not in FORMATS:
        raise InvalidInput([Fault("source.file", shown(given), expected)])
    return [path]


def stored(house: House, given: object, upload: Upload) -> None:
    """Write stored projects as JSON Lines: those of some ids, or `all` where the service lists them.

    Raises:
        InvalidInput: with every id that names none; or they are more than is taken.
    """
    try:
        _stored(house, given, upload)
    except TooLarge as error:
        expected = f"projects that make at most {error.most} bytes"
        raise InvalidInput([Fault("source.projects", shown(given), expected)]) from None


def _stored(house: House, given: object, upload: Upload) -> None:
    if given == ALL and house.list_projects:
        ids: Iterator[str] | Sequence[str] = _all(house)
    elif isinstance(given, list) and 0 < len(given) <= MAX_PROJECTS and all(isinstance(each, str) for each in given):
        ids = given
    else:
        all_too = f'"{ALL}" or ' if house.list_projects else ""
        raise InvalidInput([Fault("source.projects", shown(given), f"{all_too}a list of ids of stored projects")])
    faults = []
    for index, each in enumerate(ids):
        try:
            found = projects.get(house, each)
        except Missing:
            if given != ALL:  # of all of them one may be taken away meanwhile
                faults.append(Fault(f"source.projects[{index}]", shown(each), "the id of a stored project"))
            continue
        known = {name: answer for name, answer in found["answers"].items() if answer is not None}
        line = {"id": found["id"], "name": found["name"], "answers": known}
        upload.add(json.dumps(line, ensure_ascii=False).encode("utf-8", "replace") + b"\n")
    if faults:
        raise InvalidInput(faults)


def _all(house: House) -> Iterator[str]:
    after = None
    while page := projects.listing(house, after, _PAGE):
        yield from (each["id"] for each in page)
        after = datetime.fromisoformat(page[-1]["created_at"]), page[-1]["id"]
