"""Measured values in words, rounded to what their spread bears: two or three digits."""

from collections.abc import Callable

DOUBT = "†"
Words = Callable[[float], str]


def digits(value: float) -> str:
    """Three digits, with commas for thousands."""
    if value >= 1000:
        return f"{round(value, 2 - len(str(int(value))) + 1):,.0f}"
    return f"{value:.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def seconds(value: float) -> str:
    """A time in milliseconds or seconds."""
    return f"{digits(value * 1000)} ms" if value < 1 else f"{digits(value)} s"


def megabytes(value: float) -> str:
    """Megabytes (10^6)."""
    return f"{digits(value)} MB" if value >= 10 else f"{value:.1f} MB"


def rate(value: float) -> str:
    """A rate, from a million on in millions."""
    return f"{digits(value / 1e6)} M" if value >= 1e6 else digits(value)
