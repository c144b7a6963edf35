"""Numbers as people write them: with digits grouped, with a unit, with a word for thousands. Nothing is guessed.

The rules, which `EXPECTED` tells in short:
- The decimal sign is a point, unless the mapping says that it is a comma. Digits in threes may be parted by a space, an
  apostrophe or a low line; by the other of comma and point only where the mapping says which of the two is decimal,
  since `1,000` is a thousand to one reader and one to another.
- A unit must measure what the question asks for, and is converted: SI for bytes (1 GB = 1000 MB; GiB is 2**30 bytes).
  Months are not converted to days, nor is a lower-case `m` a million: either could be meant otherwise.
"""

import math
import re

from rules.faults import Fault, InvalidInput, shown
from rules.requirements import Question

MAX_CHARACTERS = 60

_PLAIN = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]{1,3})?")
_PARTS = re.compile(r"([+-]?[0-9][0-9.,'’_ \u00a0\u2009\u202f]*(?:[eE][+-]?[0-9]{1,3})?)(.*)", re.DOTALL)
_GAPS = re.compile(r"(?<=[0-9])['’_ \u00a0\u2009\u202f](?=[0-9]{3}(?![0-9]))")
_COUNTS = {"": 1.0, "k": 1e3, "K": 1e3, "M": 1e6, "mn": 1e6, "B": 1e9, "bn": 1e9, "T": 1e12} | {
    word: factor
    for name, factor in (("thousand", 1e3), ("million", 1e6), ("billion", 1e9), ("trillion", 1e12))
    for word in (name, f"{name}s")
}
_BYTES = {"B": 1.0, "KB": 1e3, "MB": 1e6, "GB": 1e9, "TB": 1e12, "PB": 1e15} | {
    f"{letter}IB": 2.0 ** (10 * power) for power, letter in enumerate("KMGTP", 1)
}
_SECONDS = {
    **dict.fromkeys(("ms", "millisecond", "milliseconds"), 1e-3),
    **dict.fromkeys(("s", "sec", "second", "seconds"), 1.0),
    **dict.fromkeys(("min", "minute", "minutes"), 60.0),
    **dict.fromkeys(("h", "hour", "hours"), 3600.0),
    **dict.fromkeys(("d", "day", "days"), 86400.0),
    **dict.fromkeys(("week", "weeks"), 604800.0),
}
_YEARS = {**dict.fromkeys(("year", "years", "yr", "yrs"), 1.0), **dict.fromkeys(("month", "months"), 1 / 12)}
_RATES = {**dict.fromkeys(("1/s", "/s", "per second", "rps", "qps"), 1.0), "per minute": 1 / 60, "/min": 1 / 60}
_NAMES = {  # what may be written behind a count
    "rows": ("rows", "row", "examples", "samples"),
    "parameters": ("parameters", "params", "parameter"),
    "devices": ("devices", "device", "gpus", "accelerators"),
    "people": ("people", "person", "persons"),
}
_ITSELF = {"ms": 1e-3, "minutes": 60.0, "days": 86400.0, "GB": 1e9, "MB": 1e6, "years": 1.0}


def number(text: str, question: Question, decimal: str | None = None) -> float:
    """The number that a text means, in the unit of the question; finite or infinite, never NaN.

    Args:
        text: as written, without space around it.
        question: what it answers.
        decimal: the decimal sign where it was said (see `portfolio.mapping`).

    Raises:
        InvalidInput: the text is no number, or could be more than one.
    """
    if decimal is None and _PLAIN.fullmatch(text):
        return float(text)
    bare = text.removesuffix(" 1/s") if question.unit == "1/s" else text
    found = _PARTS.fullmatch(bare) if len(text) <= MAX_CHARACTERS else None
    digits = _digits(found[1].rstrip(), decimal) if found else None
    factor = _factor(found[2].strip(), question.unit or "") if found else None
    if digits is None or factor is None:
        raise InvalidInput([Fault(question.id, shown(text), _expected(text, question, decimal))])
    return _times(float(digits), *factor)


def _times(value: float, over: float, under: float) -> float:
    """The value in another unit, by whole factors so that 1.5 TB is 1500 GB to the last digit."""
    return value * over / under if math.isfinite(value) else value


def _digits(written: str, decimal: str | None) -> str | None:
    """The number as Python writes it; None where it is none or could be two."""
    if decimal is not None:
        other = "," if decimal == "." else "."
        whole, sign, rest = written.partition(decimal)
        if other in whole and not re.fullmatch(rf"[+-]?[0-9]{{1,3}}(?:\{other}[0-9]{{3}})+", whole):
            return None
        written = whole.replace(other, "") + ("." if sign else "") + rest
    plain = _GAPS.sub("", written)
    return plain if _PLAIN.fullmatch(plain) else None


def _factor(unit: str, asked: str) -> tuple[float, float] | None:
    """What a number with this unit is multiplied with and divided by; None where it measures something else."""
    if not unit or unit == asked:
        return 1.0, 1.0
    measured = {"GB": _BYTES, "MB": _BYTES, "ms": _SECONDS, "minutes": _SECONDS, "days": _SECONDS, "years": _YEARS}
    table = measured.get(asked)
    if table is not None:
        size = table.get(unit.upper() if table is _BYTES else unit.casefold())
        return _ratio(size, _ITSELF[asked]) if size is not None else None
    rates = _RATES if asked == "1/s" else dict.fromkeys(_NAMES.get(asked, ()), 1.0)
    for name, rate in rates.items():
        if unit.casefold().endswith(name) and (word := unit[: len(unit) - len(name)].strip()) in _COUNTS:
            return _COUNTS[word] * rate, 1.0
    return (_COUNTS[unit], 1.0) if unit in _COUNTS and (asked in _NAMES or asked == "1/s") else None


def _ratio(size: float, asked: float) -> tuple[float, float]:
    return (size, asked) if size >= 1 else (1.0, asked / size)


def _expected(text: str, question: Question, decimal: str | None) -> str:
    unit = f" ({question.unit})" if question.unit else ""
    if decimal is None and "," in text:
        return f"a number written like 1234.5{unit}; a comma means something only where the mapping says decimal"
    return f"a number written like 1234{decimal or '.'}5{unit}"
