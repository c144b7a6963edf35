"""Types of the fixtures in `tests/probes/conftest.py`, and small helpers that tests of device kinds share."""

from collections.abc import Callable
from pathlib import Path

from probes.look.child import Outcome
from probes.look.watch import Watch

Tree = dict[str, str | None]
Plant = Callable[..., Path]
WatchAt = Callable[..., Watch]
PciFiles = Callable[..., Tree]


def reasons(watch: Watch, rung: str) -> list[tuple[str, str]]:
    """State and code of the findings on one rung."""
    return [(f.state, f.reason.partition(":")[0]) for f in watch.findings if f.rung == rung]


def counted(watch: Watch) -> dict[str, tuple[int | None, int | None, int | None]]:
    """Physical, visible and permitted by kind."""
    return {c.kind: (c.physical, c.visible, c.permitted) for c in watch.counts}


def saying(text: str, trouble: str | None = None) -> Callable[..., Outcome]:
    """A child that answers this, whatever it is asked."""
    return lambda command, limit_s, env: Outcome(text, trouble)  # type: ignore[arg-type]
