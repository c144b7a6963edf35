"""What holds for every project that does not say otherwise itself: the answers and facts of one machine."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from rules import engine, machine
from rules.compiled import Release
from rules.conditions import column_parts
from rules.conditions.columns import (
    UNKNOWN,
    WORD_BITS,
    Bools,
    Column,
    NumberColumn,
    SetColumn,
    Sheet,
    TextColumn,
    TruthColumn,
    column,
)
from rules.hardware import Profile
from rules.requirements import Requirements


def given_by(release: Release, profile: Profile | None) -> Mapping[str, object]:
    """What a machine says of all projects: the answers that it fills in, and its facts (`hardware.*`), by name."""
    _, values, _ = engine.understood(Requirements({}, {}), profile, machine.judged(release, profile))
    return values


def one(release: Release, name: str, value: Any) -> Column:
    """What is given under a name, as a column of one row."""
    return column(release.names[name], [tuple(value) if isinstance(value, list) else value])


def filled(sheet: Sheet, given: Mapping[str, Column]) -> Sheet:
    """A sheet with what is given (columns of one row) in the rows that do not answer; the old one is left as it is."""
    found = dict(sheet.columns)
    for name, one in given.items():
        everywhere = one.take(np.zeros(sheet.rows, dtype=np.intp))
        own = found.get(name)
        found[name] = everywhere if own is None else _filled(own, everywhere, sheet.rows)
    return Sheet(sheet.rows, found)


def _filled(own: Column, given: Column, rows: int) -> Column:
    answered, place = _answered(own), np.arange(rows)
    if answered.all():
        return own
    return column_parts.join([_with_options_of(given, own), given]).take(np.where(answered, place, place + rows))


def _answered(column: Column) -> Bools:
    match column:
        case NumberColumn(value):
            known: Bools = ~np.isnan(value)
        case TruthColumn(truth):
            known = truth != UNKNOWN
        case TextColumn(code):
            known = code >= 0
        case SetColumn(_, known):
            pass
    return known


def _with_options_of(given: Column, own: Column) -> Column:
    """A column over the options of another one, which begin with its own: a machine may have more."""
    if isinstance(own, TextColumn) and isinstance(given, TextColumn):
        return TextColumn(own.code, given.texts)
    if isinstance(own, SetColumn) and isinstance(given, SetColumn):
        rows, count = len(own.known), -(-len(given.options) // WORD_BITS)
        words = (*own.words, *[np.zeros(rows, dtype=np.uint64)] * (count - len(own.words)))
        return SetColumn(words, own.known, given.options, own.place)
    return own
