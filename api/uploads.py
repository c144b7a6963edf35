"""How a file of projects is received: as the body itself, or as one part of a form; on the disk, never in memory.

What is larger than the service takes is refused while it comes in; when the sender goes away, nothing is left.
"""

from collections.abc import AsyncIterator
from typing import Any

from fastapi import Request
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException

from advisor.errors import Fault, InvalidInput
from advisor.portfolio_sources import TooLarge, Upload

KINDS: dict[str, str | None] = {
    "text/csv": "csv",
    "text/tab-separated-values": "tsv",
    "application/jsonl": "jsonl",
    "application/x-ndjson": "jsonl",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx",
    "application/vnd.apache.parquet": "parquet",
    "application/octet-stream": None,
}
FORM = "multipart/form-data"
PIECE = 2**20


def kind_of(request: Request) -> str:
    """What a body says it is, in lower case, without parameters."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


async def receive(request: Request, upload: Upload) -> None:
    """Write the body of a request down as it comes.

    Raises:
        HTTPException: 413, it is larger than is taken.
        OSError: it cannot be written.
    """
    held = bytearray()
    async for piece in request.stream():
        held += piece
        if len(held) >= PIECE:
            await add(upload, bytes(held))
            held.clear()
    await add(upload, bytes(held))


async def add(upload: Upload, content: bytes) -> None:
    """Write some bytes down in a thread.

    Raises:
        HTTPException: 413, there are more than are taken.
        OSError: they cannot be written.
    """
    try:
        await run_in_threadpool(upload.add, content)
    except TooLarge as error:
        raise HTTPException(413, f"{str(error).capitalize()}.") from None


class Form:
    """The parts of a form: `file`, and perhaps `options`, a JSON text."""

    def __init__(self, request: Request, most_bytes: int) -> None:
        self._request = request
        self._most_bytes = most_bytes
        self.options = b"{}"

    async def __aenter__(self) -> "Form":
        """Receive it; large files lie on the disk meanwhile.

        Raises:
            HTTPException: 400, it cannot be read as a form.
            InvalidInput: its parts are others than these two.
        """
        try:
            self._form = await self._request.form(max_files=1, max_fields=1, max_part_size=self._most_bytes)
        except (MultiPartException, HTTPException) as error:
            told = error.message if isinstance(error, MultiPartException) else str(error.detail)
            if isinstance(error, HTTPException) and error.status_code != 400:
                raise
            raise HTTPException(400, f"The body cannot be read as a form: {told}") from None
        faults = [Fault("form", key, "file or options") for key in self._form if key not in ("file", "options")]
        file, options = self._form.get("file"), self._form.get("options")
        if not isinstance(file, UploadFile):
            faults.append(Fault("file", "nothing" if file is None else "text", "a file among the parts of the form"))
        if isinstance(options, UploadFile):
            faults.append(Fault("options", "a file", "a JSON text"))
        if faults:
            await self._form.close()
            raise InvalidInput(faults)
        self._file: Any = file
        self.options = options.encode("utf-8", "replace") if isinstance(options, str) else b"{}"
        return self

    async def __aexit__(self, *_: object) -> None:
        """Let go of what was received."""
        await self._form.close()

    @property
    def name(self) -> str | None:
        """What the sender calls the file."""
        return self._file.filename or None

    async def pieces(self) -> AsyncIterator[bytes]:
        """The content of the file."""
        while piece := await self._file.read(PIECE):
            yield piece
