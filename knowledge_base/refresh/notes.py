"""What a curator is told beside the changes: doubts about packages, what could not be read, other licences, no news."""

import re
from collections.abc import Iterable, Mapping, Sequence

from knowledge_base import schema
from knowledge_base.refresh import telling
from knowledge_base.refresh.reading import Reading

_WORDS = {
    "absent": "the index does not have it",
    "failed": "it could not be read",
    "not-asked": "it was not asked for, after several failures in a row",
}


def doubts(readings: Iterable[Reading]) -> list[str]:
    """Every doubt, one a package: what could not be read, and what speaks against its facts."""
    found = []
    for each in readings:
        head = f"{each.alternative}, package {each.package.name}"
        if each.fetched.outcome != "read":
            more = f": {each.fetched.failure}" if each.fetched.failure else ""
            found.append(f"{head}: {_WORDS[each.fetched.outcome]}{more}.")
        elif each.traps:
            stopped = any(trap.stops for trap in each.traps) and each.package.tells
            effect = " Nothing of it is proposed." if stopped else ""
            found.append(f"{head}: {'; '.join(trap.text for trap in each.traps)}.{effect}")
    return found


def differences(alternatives: Mapping[str, schema.Alternative], readings: Iterable[Reading]) -> list[str]:
    """What a usable package says that no change is made of: another licence, Pythons that differ between systems."""
    found = []
    for each in readings:
        if not each.is_usable or each.found is None:
            continue
        known = alternatives[each.alternative].licence
        given = telling.licence(each.found.information)
        if known and given and "version" in each.package.tells and not same_licence(known.spdx, given):
            found.append(f"{each.alternative}: the licence on file is {known.spdx}, the package says {given}.")
        uneven = telling.uneven(each.found.builds)
        if uneven and "python" in each.package.tells:
            found.append(f"{each.alternative}: the newest Python with a wheel differs: {uneven}.")
    return found


def as_on_file(readings: Sequence[Reading], changed: Iterable[str]) -> list[str]:
    """One sentence on the alternatives whose packages say what is on file."""
    usable = dict.fromkeys(each.alternative for each in readings if each.is_usable)
    same = [each for each in usable if each not in set(changed)]
    return [f"As on file: {', '.join(same)}."] if same else []


def same_licence(on_file: str, given: str) -> bool:
    """Whether two spellings may mean one licence: they share a family, or one holds the letters of the other.

    BSD with two clauses and with three pass as one here: a package's classifiers do not tell them apart.
    """
    ours, theirs = _families(on_file), _families(given)
    if ours or theirs:
        return bool(ours & theirs)
    a, b = (re.sub(r"[^a-z0-9]", "", each.casefold()) for each in (on_file, given))
    return bool(a) and bool(b) and (a in b or b in a)


_FAMILIES = {
    "apache": r"\bapache\b|\basl\b",
    "mit": r"\bmit\b|\bexpat\b",
    "bsd": r"\bbsd\b",
    "agpl": r"\bagpl|\baffero\b",
    "lgpl": r"\blgpl|\blesser general\b",
    "gpl": r"\bgpl|(?<!lesser )(?<!affero )\bgeneral public\b",
    "mpl": r"\bmpl\b|\bmozilla public\b",
}


def _families(text: str) -> set[str]:
    return {name for name, pattern in _FAMILIES.items() if re.search(pattern, text.casefold())}
