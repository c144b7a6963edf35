"""House policies: checked against the active release, kept as they were written, named by their content."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from advisor.house import House
from rules import canonical, policy
from rules.faults import Fault, InvalidInput
from storage import policies
from storage.policies import PolicyInfo

__all__ = ["PolicyInfo", "check", "get", "listing", "store"]


def check(house: House, document: object, over: Sequence[str] = ()) -> list[Fault]:
    """Every fault of a policy that is to lie over the active release and the stored policies in `over`, lowest first.

    Raises:
        Missing: nothing has been published yet, or no policy of an id in `over` is stored.
    """
    below = [get(house, name) for name in over]
    layered = policy.apply(house.knowledge().document, below, house.now().date().isoformat())
    return policy.check(document, layered)


def store(house: House, document: object, over: Sequence[str] = ()) -> str:
    """Check a policy against the active release and store it; its id, made from its content.

    Args:
        house: the parts to work with.
        document: the policy, decoded.
        over: ids of stored policies that will lie below it, lowest first, so that it may build on them.

    Raises:
        InvalidInput: with every fault of the policy; nothing is stored.
        Missing: nothing has been published yet, or no policy of an id in `over` is stored.
    """
    faults = check(house, document, over)
    if faults or not isinstance(document, Mapping):
        raise InvalidInput(faults)
    name = f"p-{canonical.digest(document)[:24]}"
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    with house.database.writing() as session:
        policies.store(session, name, document["name"], text, house.now())
    return name


def get(house: House, name: str) -> dict[str, Any]:
    """The policy of an id, as it was stored.

    Raises:
        Missing: no such policy.
    """
    with house.database.reading() as session:
        document: dict[str, Any] = json.loads(policies.get(session, name))
    return document


def listing(house: House, after: tuple[datetime, str] | None = None, limit: int | None = None) -> Sequence[PolicyInfo]:
    """Stored policies without their content, newest first.

    Args:
        house: the parts to work with.
        after: when the last one seen was received, and its id; None from the start.
        limit: the most to list; None for all.
    """
    with house.database.reading() as session:
        return policies.listing(session, after, limit)
