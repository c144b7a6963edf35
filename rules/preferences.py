"""What people say matters, as weights: of one person or of several.

A person speaks by one of three methods. `ranked`: an order, which becomes its rank-order-centroid weights (Barron and
Barrett, Management Science 42(11), 1996; SMARTER in Edwards and Barron, Organizational Behavior and Human Decision
Processes 60, 1994). `direct`: any positive numbers. `swing`: points for the step from worst to best, the most wanted
step 100 (SMARTS, ibid.; von Winterfeldt and Edwards, Decision Analysis and Behavioral Research, 1986). All sum to 1.

Several people speak with the say-weighted arithmetic mean of their weights. A score's numerator is linear in these
weights, so the group's comparison of two alternatives is the mean of its members' comparisons, and what all members put
first the group puts first; under a geometric mean neither holds, and whoever leaves an option out vetoes it.

This module does not know what is ranked under these weights, nor how; `rules.disagreement` compares that.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import fsum

from rules.faults import Fault, InvalidInput, nearest, shown

METHODS = ("ranked", "direct", "swing")
MAX_STAKEHOLDERS = 32
MAX_NAME_CHARACTERS = 80
MAX_ENTRIES = 64
LEAST_NUMBER = 1e-9
GREATEST_NUMBER = 1e9
BEST_SWING = 100.0


@dataclass(frozen=True, slots=True)
class Stakeholder:
    """One person's word.

    Attributes:
        name: as given; empty where a single person needs none.
        say: > 0, the share in the aggregate relative to the others'.
        method: one of `METHODS`.
        weights: option -> weight in (0, 1], summing to 1, heaviest first; an option not named weighs nothing.
        points: option -> number as given for `direct` and `swing`; empty for `ranked`.
    """

    name: str
    say: float
    method: str
    weights: Mapping[str, float]
    points: Mapping[str, float]

    def document(self) -> dict[str, object]:
        """The word as JSON, in one form for equal words; name and say only where there is a name."""
        own: dict[str, object] = {"name": self.name, "say": self.say} if self.name else {}
        said = {"weights": dict(sorted(self.points.items()))} if self.points else {"ranking": list(self.weights)}
        return {**own, "method": self.method, **said}


@dataclass(frozen=True, slots=True)
class Preferences:
    """Everybody's word, stakeholders by name, and the weights that speak for all: > 0, summing to 1, heaviest first."""

    stakeholders: tuple[Stakeholder, ...]
    weights: Mapping[str, float]

    @property
    def ranking(self) -> tuple[str, ...]:
        """The options named, heaviest first, ties by id: what conditions on `priorities` see."""
        return tuple(self.weights)

    def document(self) -> dict[str, object]:
        """The preferences as JSON; `parse` reads them back to an equal value."""
        if not self.stakeholders[0].name:
            return self.stakeholders[0].document()
        return {"stakeholders": [stakeholder.document() for stakeholder in self.stakeholders]}


def rank_order_centroid(count: int) -> list[float]:
    """Weights of `count` ranked items, first heaviest, summing to 1: w_k = (1/n) sum_{i=k}^{n} 1/i.

    The centroid of all weights that agree with the ranking (Barron and Barrett 1996).
    """
    return [fsum(1.0 / i for i in range(k, count + 1)) / count for k in range(1, count + 1)]


def of_ranking(ranked: Sequence[str]) -> dict[str, float]:
    """Rank-order-centroid weights of options, each named once, most wanted first."""
    return dict(zip(ranked, rank_order_centroid(len(ranked)), strict=True))


def combine(stakeholders: Iterable[Stakeholder]) -> Preferences:
    """The preferences of one stakeholder or more: the arithmetic mean of their weights, weighted by their say.

    Raises:
        ValueError: there is no stakeholder.
    """
    members = tuple(sorted(stakeholders, key=lambda s: s.name))
    if not members:
        raise ValueError("preferences need a stakeholder")
    whole = fsum(s.say for s in members)
    shares = [s.say / whole for s in members]  # of a single stakeholder exactly 1: alone, the weights stay as they are
    options = {option for s in members for option in s.weights}
    mean = {o: fsum(share * s.weights.get(o, 0.0) for share, s in zip(shares, members, strict=True)) for o in options}
    return Preferences(members, _heaviest_first(mean))


def _heaviest_first(weights: Mapping[str, float]) -> dict[str, float]:
    """The same weights in order; those that differ by no more than the rounding of sums are equal, and go by id."""
    return dict(sorted(weights.items(), key=lambda item: (-float(f"{item[1]:.12e}"), item[0])))


# --- Reading --------------------------------------------------------------------------------------------------------


def parse(document: object, options: Sequence[str]) -> Preferences:
    """Preferences from decoded JSON or YAML: one person's `method` and `ranking` or `weights`, or `stakeholders`.

    Raises:
        InvalidInput: with every fault: unknown options and keys (with the nearest), a missing or unknown method, too
            few or too many entries, numbers out of range, swings without a 100, names that are not one line or occur
            twice (whatever their case).
    """
    faults: list[Fault] = []
    people: list[Stakeholder] = []
    if isinstance(document, Mapping) and "stakeholders" in document:
        _keys(document, ("stakeholders",), "preferences", faults)
        people = _stakeholders(document["stakeholders"], options, faults)
    else:
        people = _person(document, "preferences", (), options, faults)
    if faults:
        raise InvalidInput(faults)
    return combine(people)


def _stakeholders(given: object, options: Sequence[str], faults: list[Fault]) -> list[Stakeholder]:
    path = "preferences.stakeholders"
    if not isinstance(given, list | tuple) or not given:
        faults.append(Fault(path, shown(given), "a list of stakeholders"))
        return []
    if len(given) > MAX_STAKEHOLDERS:
        faults.append(Fault(path, f"{len(given)} stakeholders", f"at most {MAX_STAKEHOLDERS}"))
        return []
    people: list[Stakeholder] = []
    seen: set[str] = set()
    for index, person in enumerate(given):
        where = f"{path}[{index}]"
        people += _person(person, where, ("name", "say"), options, faults)
        name = person.get("name") if isinstance(person, Mapping) else None
        if isinstance(name, str) and name.casefold() in seen:
            faults.append(Fault(f"{where}.name", shown(name), "a name that no other stakeholder has"))
        seen |= {name.casefold()} if isinstance(name, str) else set()
    return people


def _person(
    given: object, path: str, own: tuple[str, ...], options: Sequence[str], faults: list[Fault]
) -> list[Stakeholder]:
    """One stakeholder, or none where it has faults; `own` are the keys allowed beside method and what it takes."""
    if not isinstance(given, Mapping):
        faults.append(Fault(path, shown(given), "an object with a method and its ranking or weights"))
        return []
    before = len(faults)
    method = given.get("method")
    if not isinstance(method, str) or method not in METHODS:
        value = shown(method) if "method" in given else "a missing method"
        faults.append(Fault(f"{path}.method", value, "one of: " + ", ".join(METHODS), nearest(method, METHODS)))
        takes = tuple(key for key in ("ranking", "weights") if key in given)
    else:
        takes = ("ranking",) if method == "ranked" else ("weights",)
    _keys(given, (*own, "method", *takes), path, faults, hint="" if own else "stakeholders")
    name = _name(given.get("name"), f"{path}.name", faults) if "name" in own else ""
    say = _number(given.get("say", 1.0), f"{path}.say", GREATEST_NUMBER, faults) if "say" in own else 1.0
    ranked = _ranking(given.get("ranking"), f"{path}.ranking", options, faults) if "ranking" in takes else []
    points = _points(given.get("weights"), method, f"{path}.weights", options, faults) if "weights" in takes else {}
    if len(faults) > before:
        return []
    whole = fsum(points.values())
    weights = of_ranking(ranked) if ranked else _heaviest_first({o: p / whole for o, p in points.items()})
    return [Stakeholder(name, say, str(method), weights, points)]


def _keys(
    given: Mapping[object, object], allowed: Sequence[str], path: str, faults: list[Fault], hint: str = ""
) -> None:
    """Faults for keys that do not belong; a document with very many is answered with one."""
    extra = [key for key in given if key not in allowed]
    if len(extra) > MAX_ENTRIES:
        faults.append(Fault(path, f"{len(given)} keys", "an object with " + ", ".join(allowed)))
        return
    near = (*allowed, hint) if hint else allowed
    faults.extend(Fault(path, shown(key), "one of: " + ", ".join(allowed), nearest(key, near)) for key in extra)


def _name(given: object, path: str, faults: list[Fault]) -> str:
    fits = isinstance(given, str) and 0 < len(given) <= MAX_NAME_CHARACTERS
    if isinstance(given, str) and fits and given.isprintable() and given == given.strip():
        return given
    faults.append(Fault(path, shown(given), f"a name of 1 to {MAX_NAME_CHARACTERS} printable characters, trimmed"))
    return ""


def _number(given: object, path: str, most: float, faults: list[Fault]) -> float:
    """A number in range; not-a-number compares false with either bound, an integer of any length compares exactly."""
    if isinstance(given, bool) or not isinstance(given, int | float) or not LEAST_NUMBER <= given <= most:
        faults.append(Fault(path, shown(given), f"a number above 0, from {LEAST_NUMBER:g} to {most:g}"))
        return most
    return float(given)


def _ranking(given: object, path: str, options: Sequence[str], faults: list[Fault]) -> list[str]:
    if not isinstance(given, list | tuple) or not 0 < len(given) <= MAX_ENTRIES:
        value = f"{len(given)} options" if isinstance(given, list | tuple) else shown(given)
        faults.append(Fault(path, value, f"a list of 1 to {MAX_ENTRIES} options, most important first"))
        return []
    ranked: list[str] = []
    for index, option in enumerate(given):
        if _option(option, f"{path}[{index}]", options, faults):
            if option in ranked:
                faults.append(Fault(f"{path}[{index}]", shown(option), "an option named once"))
            ranked.append(option)
    return ranked


def _points(given: object, method: object, path: str, options: Sequence[str], faults: list[Fault]) -> dict[str, float]:
    if not isinstance(given, Mapping) or not 0 < len(given) <= MAX_ENTRIES:
        value = f"{len(given)} weights" if isinstance(given, Mapping) else shown(given)
        faults.append(Fault(path, value, f"an object of 1 to {MAX_ENTRIES} options and their numbers"))
        return {}
    for option in given:
        _option(option, path, options, faults)
    before = len(faults)
    most = BEST_SWING if method == "swing" else GREATEST_NUMBER
    points = {option: _number(number, f"{path}.{_key(option)}", most, faults) for option, number in given.items()}
    if method == "swing" and len(faults) == before and max(points.values()) != BEST_SWING:
        value = f"a largest swing of {max(points.values()):g}"
        faults.append(Fault(path, value, f"points in which the largest swing has {BEST_SWING:g}"))
    return points


def _key(option: object) -> str:
    return option if isinstance(option, str) and len(option) <= 40 and option.isidentifier() else shown(option)


def _option(given: object, path: str, options: Sequence[str], faults: list[Fault]) -> bool:
    if isinstance(given, str) and given in options:
        return True
    faults.append(Fault(path, shown(given), "an option of priorities", nearest(given, options)))
    return False
