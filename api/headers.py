"""What every answer carries and what every request is held to, before any route sees it.

Bodies are bounded while they are read, so that a large one costs no memory. Pages may load nothing from elsewhere,
scripts included.
"""

from collections.abc import Mapping
from types import MappingProxyType

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

SAFE = {
    "Content-Security-Policy": (
        "default-src 'self'; script-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; "
        "frame-ancestors 'none'"
    ),
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
_NONE: Mapping[str, int] = MappingProxyType({})
_RAW = [(name.lower().encode(), value.encode()) for name, value in SAFE.items()]


class Guard:
    """Adds the headers of `SAFE` to every answer and refuses bodies larger than `max_body_bytes`.

    `larger` names the paths that take more, and how much: what comes in there goes to the disk.
    """

    def __init__(self, app: ASGIApp, max_body_bytes: int, larger: Mapping[str, int] = _NONE) -> None:
        self.app = app
        self.max_body_bytes = max_body_bytes
        self.larger = larger

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        seen = 0
        most = self.larger.get(scope["path"], self.max_body_bytes)

        async def bounded() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > most or _declared(scope) > most:
                raise HTTPException(413, f"The body is larger than {most} bytes.")
            return message

        async def dressed(message: Message) -> None:
            if message["type"] == "http.response.start":
                present = {name for name, _ in message["headers"]}
                message["headers"] = [*message["headers"], *(h for h in _RAW if h[0] not in present)]
            await send(message)

        await self.app(scope, bounded, dressed)


def _declared(scope: Scope) -> int:
    for name, value in scope["headers"]:
        if name == b"content-length":
            return int(value) if value.isdigit() else 0
    return 0
