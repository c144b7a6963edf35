"""Numbers and values as a person reads them."""

from rules.conditions.sentences import LEVELS, plain

MINUS = "\N{MINUS SIGN}"

__all__ = ["chance", "human", "level", "percent", "plain", "points", "signed"]


def points(share: float) -> str:
    """A score in [0, 1] as points of a hundred, with one decimal."""
    return f"{100 * share:.1f}"


def signed(share: float) -> str:
    """A difference of scores as points, with its sign."""
    text = f"{100 * share:+.1f}"
    return "0.0" if text in ("+0.0", "-0.0") else text.replace("-", MINUS)


def percent(share: float) -> str:
    """A share as a whole percentage; what would round to nothing or to all says so."""
    whole = round(100 * share)
    if whole == 0 and share > 0:
        return "under 1\N{NO-BREAK SPACE}%"
    if whole == 100 and share < 1:
        return "over 99\N{NO-BREAK SPACE}%"
    return f"{whole}\N{NO-BREAK SPACE}%"


def chance(probability: float) -> str:
    """A probability as a percentage; none of them is taken for certain."""
    return percent(min(max(probability, 1e-6), 1 - 1e-6))


def level(value: int) -> str:
    """A support level in words."""
    return LEVELS[value]


def human(name: str) -> str:
    """An id as words: `release_note` is a release note."""
    return name.replace("_", " ")


def number(value: object) -> str:
    """A number as it is typed: whole where it is whole."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**63:
        return str(int(value))
    return str(value)
