"""Finding a machine of the catalogue: by name, by alias, by words. The files are read at the first question."""

import re
from collections.abc import Sequence
from functools import cache

from probes.catalogue.reading import Machine, load
from rules.faults import nearest

# Of a name that is asked for: none is longer, and looking for its words would take a request minutes.
LONGEST_NAME = 80
_WORD = re.compile(r"[a-z0-9]+")


class NoMachine(LookupError):
    """There is no machine of this name; `nearest` is one whose name is close, None where none is."""

    def __init__(self, name: str, near: str | None) -> None:
        self.name = name
        self.nearest = near
        super().__init__(f"no machine {name!r} in the catalogue")


@cache
def machines() -> tuple[Machine, ...]:
    """Every machine, by name.

    Raises:
        InvalidInput: a file of the catalogue has faults.
    """
    return tuple(sorted(load(), key=lambda machine: machine.name))


def get(name: str) -> Machine:
    """The machine of a name, or the only one with such an alias; capitals, spaces and punctuation make no difference.

    Raises:
        NoMachine: there is none, or the alias is that of several.
    """
    if len(name) > LONGEST_NAME:
        raise NoMachine(name, None)
    asked = _plain(name)
    found = _by_name().get(asked)
    if found is None:
        named = [machine for machine in machines() if asked in map(_plain, machine.aliases)]
        found = named[0] if len(named) == 1 else None
    if found is None:
        spelled = {_plain(each): m.name for m in reversed(machines()) for each in (*m.aliases, m.name)}
        near = nearest(asked, list(spelled)) if asked else None
        hits = search(name) if asked else []
        raise NoMachine(name, spelled[near] if near else next((hit.name for hit in hits), None))
    return found


def search(words: str = "", kinds: Sequence[str] = (), classes: Sequence[str] = ()) -> list[Machine]:
    """The machines that every word fits, the best fit first, then by name.

    Args:
        words: each must begin a word of the name, an alias, the title, the processor or a device; none fits all.
        kinds: with a device of one of these kinds; empty: any.
        classes: of one of these classes; empty: any.
    """
    asked = _WORD.findall(words.lower())
    scored = [(_fit(machine, asked, _plain(words)), machine) for machine in machines()]
    found = [
        (fit, machine)
        for fit, machine in scored
        if fit is not None
        and (not kinds or any(device.kind in kinds for device in machine.profile.devices))
        and (not classes or machine.kind in classes)
    ]
    return [machine for _, machine in sorted(found, key=lambda each: (-each[0], each[1].name))]


def _fit(machine: Machine, asked: Sequence[str], whole: str) -> int | None:
    """How well the words fit; None where one of them does not. A whole name or alias goes before single words."""
    if not asked:
        return 0
    names = [_plain(machine.name), *map(_plain, machine.aliases)]
    told, more = _words(machine)
    fits = [max((_of_word(word, told) * 2, _of_word(word, more))) for word in asked]
    if any(fit == 0 for fit in fits):
        return 1000 if whole in names else None
    return sum(fits) + (1000 if whole in names else 0)


def _of_word(word: str, among: Sequence[str]) -> int:
    """2 for the very word, 1 for the beginning of one, 0 for neither."""
    return 2 if word in among else int(any(each.startswith(word) for each in among))


def _words(machine: Machine) -> tuple[list[str], list[str]]:
    """(the words of its names, those of what else is said of it)."""
    profile = machine.profile
    devices = [text for d in profile.devices for text in (d.kind, d.name, d.architecture) if text]
    more = [machine.title, machine.kind, profile.cpu_model or "", profile.cpu_vendor or "", *devices]
    return _split(" ".join((machine.name, *machine.aliases))), _split(" ".join(more))


def _split(text: str) -> list[str]:
    return _WORD.findall(text.lower())


def _plain(text: str) -> str:
    return "".join(_split(text))


@cache
def _by_name() -> dict[str, Machine]:
    return {_plain(machine.name): machine for machine in machines()}
