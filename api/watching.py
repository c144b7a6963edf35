"""Who may stay and be told of what changes: so many in all, so many of one client, and for a time.

Whoever finds no seat is told how things stand and to come again later, so that nobody is refused and asking costs what
any request does.
"""

from collections import Counter
from collections.abc import AsyncIterator
from typing import Annotated, cast

from fastapi import Depends, Request

SEATS, OF_ONE_CLIENT = 64, 8
LONGEST_S = 600.0  # then the seat is free; who is still interested comes back by himself
AGAIN_S, LATER_S = 2, 10  # when to come back: after having stayed, and without having found a seat


class Audience:
    """The seats of one process; used by its event loop only."""

    def __init__(self) -> None:
        self._held: Counter[str] = Counter()

    def sit(self, client: str) -> bool:
        """Take a seat; False where none is free."""
        if self._held.total() >= SEATS or self._held[client] >= OF_ONE_CLIENT:
            return False
        self._held[client] += 1
        return True

    def rise(self, client: str) -> None:
        """Give a seat back."""
        self._held[client] -= 1
        if not self._held[client]:
            del self._held[client]


async def _seat(request: Request) -> AsyncIterator[bool]:
    audience = cast(Audience, request.app.state.audience)
    client = request.client.host if request.client else ""
    seated = audience.sit(client)
    try:
        yield seated
    finally:
        if seated:
            audience.rise(client)


SeatDep = Annotated[bool, Depends(_seat)]
