"""What routes are handed: the house, and checks on the request that hold for many routes.

All of these are coroutines that wait for nothing, so that no thread is taken for them.
"""

from typing import Annotated, cast

from fastapi import Depends, Request
from starlette.exceptions import HTTPException

from advisor.errors import Fault, InvalidInput
from advisor.house import House
from rules.faults import shown


async def _house(request: Request) -> House:
    return cast(House, request.app.state.house)


async def no_query(request: Request) -> None:
    """Refuse a query string where none is read, instead of ignoring it.

    Raises:
        InvalidInput: one fault for each key.
    """
    if request.query_params:
        keys = list(dict.fromkeys(request.query_params))[:16]
        raise InvalidInput([Fault("query", shown(key), "no query string; this address reads none") for key in keys])


async def json_body(request: Request) -> None:
    """Refuse a body that does not say that it is JSON.

    Raises:
        HTTPException: 415.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json" and not (kind.startswith("application/") and kind.endswith("+json")):
        given = shown(kind) if kind else "nothing"
        raise HTTPException(415, f"Content-Type names {given}; application/json is expected.")


HouseDep = Annotated[House, Depends(_house)]
NO_QUERY = Depends(no_query)
JSON_BODY = Depends(json_body)
