"""The types that tests of the command line speak in; `tests/cli/conftest.py` builds them."""

import json
from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str

    def json(self) -> Any:
        return json.loads(self.out)

    def problem(self) -> Any:
        return json.loads(self.err)


class Steelyard(Protocol):
    def __call__(self, *arguments: object, stdin: bytes = b"") -> Ended: ...
