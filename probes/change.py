"""One difference between two profiles, and how it is told: what there was, what there is, and whether that is worse."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from rules.hardware import GIB, State, version_key

# In the order of how likely a change breaks what worked.
GROUPS = (
    "host",
    "devices",
    "rungs",
    "driver",
    "overrides",
    "memory",
    "toolkit",
    "software",
    "python",
    "system",
    "processor",
    "disks",
)
ORDER: dict[State, int] = {"no": 0, "unknown": 1, "yes": 2}


@dataclass(frozen=True, slots=True)
class Change:
    """One difference.

    Attributes:
        group: one of `GROUPS`.
        about: what changed, such as `NVIDIA L4 (nvidia_gpu)` or `memory limit`.
        kind: `lost`, `gained` or `changed`.
        before, after: as text; None where there was, or is, nothing, or where it was, or is, not known.
        worse: whether there is now less than before (of what can be more or less), None where neither is known.
        text: the whole in a sentence.
    """

    group: str
    about: str
    kind: str
    before: str | None
    after: str | None
    worse: bool | None
    text: str


def fallen(group: str, about: str, was: State, now: State, why: str | None = None) -> Change:
    """A rung that fell or rose."""
    worse = ORDER[now] < ORDER[was]
    reason = f": {why}" if why else ""
    text = f"{about} {'fell' if worse else 'rose'} from {was} to {now}{reason}"
    return Change(group, about, "changed", was, now, worse, text)


def entries(
    group: str, before: dict[str, str], after: dict[str, str], *, more_is_better: bool | None = None
) -> Iterator[Change]:
    """Entries by name that are gone, new or other than before; `more_is_better` None: that says nothing."""
    for name in sorted(before.keys() | after.keys()):
        old, new = before.get(name), after.get(name)
        if old == new:
            continue
        worse = (
            None if more_is_better is None or (old is not None and new is not None) else (new is None) == more_is_better
        )
        yield told(group, name, old, new, worse)


def value(
    group: str, about: str, old: object, new: object, worse: Callable[[Any, Any], bool | None] | None = None
) -> Iterator[Change]:
    """A value that differs; None is one that is not known."""
    if old != new:
        told = worse(old, new) if worse and old is not None and new is not None else None
        yield _changed(group, about, _shown(old), _shown(new), told)


def size(group: str, about: str, old: int | None, new: int | None) -> Iterator[Change]:
    """A size in bytes that differs; None is one that is not known."""
    if old != new:
        worse = None if old is None or new is None else new < old
        yield _changed(group, about, _gib(old), _gib(new), worse)


def limit(group: str, about: str, old: int | None, new: int | None) -> Iterator[Change]:
    """A limit in bytes that differs; None is no limit."""
    if old != new:
        worse = new is not None and (old is None or new < old)
        yield _changed(group, about, _gib(old), _gib(new), worse, "none")


def _changed(
    group: str, about: str, old: str | None, new: str | None, worse: bool | None, nothing: str = "not known"
) -> Change:
    return Change(group, about, "changed", old, new, worse, f"{about}: {old or nothing} -> {new or nothing}")


def told(group: str, about: str, old: str | None, new: str | None, worse: bool | None) -> Change:
    """A thing that is gone, new, or other than before; None where it is not there."""
    if old is None:
        return Change(group, about, "gained", None, new, worse, f"{about}: new, {new}")
    if new is None:
        return Change(group, about, "lost", old, None, worse, f"{about}: gone, was {old}")
    return _changed(group, about, old, new, worse)


def _shown(value: object) -> str | None:
    if value is None:
        return None
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:g}" if isinstance(value, float) else str(value)


def _gib(count: int | None) -> str | None:
    return None if count is None else f"{count / GIB:.4g} GiB"


def older(old: str, new: str) -> bool | None:
    """Whether the new version is the older one; None where neither is."""
    before, after = version_key(old), version_key(new)
    return None if before == after else after < before
