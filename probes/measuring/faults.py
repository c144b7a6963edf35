"""What can stop a measurement or one of its environments. It imports nothing, so naming one costs nothing."""

from typing import Literal

Trouble = Literal["not_installed", "no_room"]


class Busy(Exception):
    """Another measurement is going on in the same folder; two at once would measure each other."""


class NotMade(Exception):
    """An environment could not be made; the text says why, without paths."""

    def __init__(self, state: Trouble, why: str) -> None:
        self.state, self.why = state, why
        super().__init__(why)
