"""What routes are handed: the house, and checks on the request that hold for many routes.

All of these are coroutines that wait for nothing, so that no thread is taken for them.
"""

from typing import Annotated, cast

from fastapi import Depends, Request

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
        raise InvalidInput([Fault("query", shown(key), "a key that this address reads: it reads none") for key in keys])


async def each_key_once(request: Request) -> None:
    """Refuse a query that names a key twice, instead of taking the last one.

    Raises:
        InvalidInput: one fault for each such key.
    """
    keys = [key for key, _ in request.query_params.multi_items()]
    if len(set(keys)) < len(keys):
        twice = [key for key in dict.fromkeys(keys) if keys.count(key) > 1][:16]
        raise InvalidInput([Fault(key, f"{keys.count(key)} values", "one value; a key is used once") for key in twice])


HouseDep = Annotated[House, Depends(_house)]
NO_QUERY = Depends(no_query)
EACH_KEY_ONCE = Depends(each_key_once)
