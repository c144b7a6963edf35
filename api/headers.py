"""What every answer carries and what every request is held to, before any route sees it.

Bodies are bounded while they are read, each and the large ones together, so that they cost no memory. Pages may load
nothing from elsewhere, scripts included.
"""

import re
from collections.abc import Mapping
from types import MappingProxyType

from anyio import fail_after
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
SILENT_S = 60.0  # of a sender of a large body, before what he holds goes to others
RETRY_AFTER_S = "5"
_IDS = re.compile(r"pf-[0-9a-f]{32}")
_NONE: Mapping[str, int] = MappingProxyType({})
_RAW = [(name.lower().encode(), value.encode()) for name, value in SAFE.items()]


class Guard:
    """Adds the headers of `SAFE` to every answer and refuses bodies larger than `max_body_bytes`.

    `larger` names the paths that take more, and how much: what comes in there goes to the disk, and is at most
    `max_coming_bytes` at a time, in this process.
    """

    def __init__(
        self, app: ASGIApp, max_body_bytes: int, larger: Mapping[str, int] = _NONE, max_coming_bytes: int = 0
    ) -> None:
        self.app = app
        self.max_body_bytes = max_body_bytes
        self.larger = larger
        self.max_coming_bytes = max(max_coming_bytes, *larger.values(), 0)
        self.coming_bytes = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        seen, whole = 0, False
        path = _IDS.sub("{portfolio}", scope["path"])
        large = path in self.larger
        most = self.larger.get(path, self.max_body_bytes)

        async def bounded() -> Message:
            nonlocal seen, whole
            message = await (_soon(receive) if large and not whole else receive())
            whole = not message.get("more_body", False)
            seen += len(message.get("body", b""))
            if large:
                self._coming(len(message.get("body", b"")))
            if seen > most or _declared(scope) > most:
                raise HTTPException(413, f"The body is larger than {most} bytes.")
            return message

        async def dressed(message: Message) -> None:
            if message["type"] == "http.response.start":
                present = {name for name, _ in message["headers"]}
                message["headers"] = [*message["headers"], *(h for h in _RAW if h[0] not in present)]
            await send(message)

        try:
            await self.app(scope, bounded, dressed)
        finally:
            self.coming_bytes -= seen if large else 0

    def _coming(self, size: int) -> None:
        self.coming_bytes += size
        if self.coming_bytes > self.max_coming_bytes:
            detail = "As much is coming in already as this service takes at a time; try again in some seconds."
            raise HTTPException(503, detail, {"Retry-After": RETRY_AFTER_S})


async def _soon(receive: Receive) -> Message:
    try:
        with fail_after(SILENT_S):
            return await receive()
    except TimeoutError:
        raise HTTPException(408, f"Nothing came for {SILENT_S:.0f} seconds.") from None


def _declared(scope: Scope) -> int:
    for name, value in scope["headers"]:
        if name == b"content-length":
            return int(value) if value.isdigit() else 0
    return 0
