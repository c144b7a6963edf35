"""Asking as a use case does, and reading the answer."""

import json
from typing import Any

from advisor import recommend
from advisor.house import House


def decided(house: House, answers: object, **asked: Any) -> dict[str, Any]:
    """The decision document for answers; `asked` as in `advisor.recommend.answer`."""
    document: dict[str, Any] = json.loads(recommend.answer(house, answers, **asked).text)
    return document
