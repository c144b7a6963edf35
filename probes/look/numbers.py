"""Counts and sizes that a system tells by calls, where there is no /proc."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Numbers:
    """What a system says of itself; None where it does not say. `features` in Linux's spelling."""

    physical_cores: int | None = None
    logical_cores: int | None = None
    memory_total_bytes: int | None = None
    memory_available_bytes: int | None = None
    features: tuple[str, ...] = ()
