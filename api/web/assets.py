"""Style sheet, scripts and mark: each has an address that changes with its content, so that browsers may keep it."""

import hashlib
from functools import cache
from pathlib import Path

from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

FOLDER = Path(__file__).parent / "static"
FOR_GOOD = "public, max-age=31536000, immutable"


@cache
def address(name: str) -> str:
    """Where a page finds a file."""
    digest = hashlib.sha256((FOLDER / name).read_bytes()).hexdigest()[:12]
    return f"/static/{name}?{digest}"


class Assets(StaticFiles):
    """The files. One asked for by the address of its content is kept for good, any other is asked for again."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """One file."""
        found = await super().get_response(path, scope)
        named = f"/static/{path}?{scope['query_string'].decode('latin-1')}"
        known = (FOLDER / path).is_file() and named == address(path)
        found.headers["Cache-Control"] = FOR_GOOD if known else "no-cache"
        return found
