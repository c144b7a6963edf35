"""What follows from the choice, good, neutral and bad: what is gained and what is paid for it.

It is told of the chosen, the first of each role or the runtime that the way leads to, not of what is level with it.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from advisor.records.blocks import Block, bullets
from advisor.records.context import word as inside
from rules.accounts import memory, page_items
from rules.accounts.naming import Names, listed, percent, points, signed
from rules.accounts.parts import by_criterion
from rules.accounts.phrases import lowered, quoted, waived
from rules.accounts.summary import chosen, spares
from rules.accounts.telling import PLACES
from rules.conditions.sentences import LEVELS

ORDER = ("Good", "Neutral", "Bad")
FIRST_CLASS = 3
SHOWN_FACTS = 3
SHOWN_CRITERIA = 3
SHOWN_RULES = 2
LOW = 0.4  # an opinion below speaks against what is ranked alone
WORTH_TELLING = 0.01  # less than a point of a criterion is a trifle
NEAR = 0.5  # a nearness from which on two are kin

Document = Mapping[str, Any]
Told = tuple[str, str]  # good, neutral or bad, and why


def consequences(document: Document, names: Names) -> list[Block]:
    """What follows, good before neutral before bad."""
    found = [*_state(document, names), *_ways(document, names)]
    for role, result in document["roles"].items():
        if result["ranking"] and not spares(result):  # what nobody needs is not chosen
            found += [*_weighed(document, names, role), *_moving(document, names, role)]
            found += _minded(document, names, role)
    found += _memory(document)
    found.sort(key=lambda each: ORDER.index(each[0]))
    return [*bullets([f"{how}, because {why}" for how, why in dict.fromkeys(found)])]


def _chosen(document: Document) -> list[str]:
    """What is taken in each role, each once."""
    ranked = (role for role, result in document["roles"].items() if result["ranking"] and not spares(result))
    return list(dict.fromkeys(chosen(document, role)["framework"] for role in ranked))


def _place(document: Document, role: str) -> str:
    return f" {PLACES[role]}" if len(document["roles"]) > 1 else ""


# --- Its state, and how it reaches the targets -----------------------------------------------------------------------


def _state(document: Document, names: Names) -> Iterator[Told]:
    """Whether what was chosen is maintained, and the version that is on file."""
    entries = {entry["id"]: entry for entry in names.source["alternatives"]}
    active = []
    for framework in _chosen(document):
        entry, name = entries[framework], names.framework(framework)
        state = entry["lifecycle"]["state"]
        version = f"{entry['version']} of {entry['version_date']}" if entry["version"] else ""
        if state == "active":
            active.append(f"{name} ({version})" if version else name)
        else:
            held = "only maintained" if state == "maintenance" else state
            yield "Bad", f"{name} is {held}{f'; the release on file is {version}' if version else ''}"
    if active:
        yield "Good", f"{listed(active)} {'is' if len(active) == 1 else 'are'} in active development"


def _ways(document: Document, names: Names) -> Iterator[Told]:
    """How well each target is reached."""
    by_level: dict[int, list[str]] = {}
    for way in document["stack"]:
        target = inside("deploy_targets", way["target"], names)
        by_level.setdefault(way["level"] if way["path"] else 0, []).append(target)
    for level, targets in sorted(by_level.items(), reverse=True):
        if not level:
            yield "Bad", f"no way to {listed(targets, word='or')} is on file"
            continue
        said = f"the way{'s' if len(targets) > 1 else ''} to {listed(targets)} {'are' if len(targets) > 1 else 'is'}"
        is_best = level == FIRST_CLASS
        yield "Good" if is_best else "Bad", f"{said} {LEVELS[level]}{'' if is_best else ', not first-class'}"


# --- Where it is strong and weak -------------------------------------------------------------------------------------


def _weighed(document: Document, names: Names, role: str) -> Iterator[Told]:
    """The criteria that lift the chosen most above the average of the ranked, and those in which it falls short."""
    result, where = document["roles"][role], _place(document, role)
    first = chosen(document, role)
    name = names.framework(first["framework"])
    if len(result["ranking"]) == 1:
        low = sorted((r for r in first["reasons"] if r["opinion"] < LOW), key=lambda r: (-r["share"], r["rule"]))
        for reason in low[:SHOWN_RULES]:
            met = f"only to {percent(reason['opinion'])} ({percent(reason['share'])} of the score)"
            yield "Bad", f"{name} meets {quoted(reason)} {met}"
        return
    near = {c.id for c in names.release.roles[role].criteria if c.affinity}  # told as what it takes to move
    parts = {name: _without(row, near) for name, row in by_criterion(result).items()}
    mine = sorted(parts[first["framework"]].items(), key=lambda each: (-each[1], each[0]))
    high = [_said(names, *each) for each in mine if each[1] >= WORTH_TELLING]
    low_ones = [_said(names, *each) for each in reversed(mine) if each[1] <= -WORTH_TELLING]
    if high:
        yield "Good", f"{name} is stronger than the average of the ranked{where} in {_points(high)}"
    if low_ones:
        yield "Bad", f"{name} is weaker than the average of the ranked{where} in {_points(low_ones)}"
    else:
        yield from _given_up(parts, first["framework"], names, where)


def _without(row: Mapping[str, float], criteria: set[str]) -> dict[str, float]:
    return {criterion: part for criterion, part in row.items() if criterion not in criteria}


def _said(names: Names, criterion: str, part: float) -> str:
    return f"{_named(names, criterion)} ({signed(part)})"


def _named(names: Names, criterion: str) -> str:
    return names.inside(criterion).replace("fit: ", "fit for ")


def _points(texts: Sequence[str]) -> str:
    """The first of them, with the unit behind the first number."""
    return listed([f"{texts[0].removesuffix(')')} points)", *texts[1:SHOWN_CRITERIA]])


def _given_up(parts: Mapping[str, Mapping[str, float]], chosen: str, names: Names, where: str) -> Iterator[Told]:
    """The criterion in which another of the ranked is ahead of the chosen by most."""
    others = sorted(name for name in parts if name != chosen)
    ahead = {(c, name): parts[name][c] - part for c, part in parts[chosen].items() for name in others}
    criterion, best = max(ahead, key=lambda at: (ahead[at], at))
    if (lost := ahead[criterion, best]) >= WORTH_TELLING:
        best_of = f"{_named(names, criterion)}: {names.framework(best)} is {points(lost)} points ahead"
        yield "Bad", f"{names.framework(chosen)} is not the best of the ranked{where} in {best_of}"


# --- What it takes to move to it -------------------------------------------------------------------------------------


def _moving(document: Document, names: Names, role: str) -> Iterator[Told]:
    """Whether the present code is in what was chosen, and whether the team knows it, where the answers say."""
    taken = chosen(document, role)["framework"]
    name = names.framework(taken)
    given = {**document["answers"], **document["hardware"]["filled"]}
    if held := _playing(given.get("existing_code", ()), role, names):
        others = listed([names.framework(each) for each in held if each != taken])
        if taken in held:
            yield "Good", f"the present code depends on {name} already"
        else:
            near = f", which is near to {name}" if _nearest(names, taken, held) >= NEAR else ""
            yield "Bad", f"the present code depends on {others}{near}: it has to be moved to {name}"
    if known := _playing(given.get("known_frameworks", ()), role, names):
        others = listed([names.framework(each) for each in known if each != taken])
        if taken in known:
            yield "Good", f"the team knows {name}"
        else:
            near = ", which is near to it" if _nearest(names, taken, known) >= NEAR else ""
            yield "Bad", f"the team has to learn {name}; it knows {others}{near}"


def _playing(named: Sequence[str], role: str, names: Names) -> list[str]:
    alternatives = names.release.alternatives
    return [each for each in named if each in alternatives and role in alternatives[each].roles]


def _nearest(names: Names, chosen: str, held: Sequence[str]) -> float:
    return max(names.release.kinship.get((chosen, each), 0.0) for each in held)


# --- What it does not pass, and what is not known of it --------------------------------------------------------------


def _minded(document: Document, names: Names, role: str) -> Iterator[Told]:
    result = document["roles"][role]
    place = chosen(document, role)
    name = names.framework(place["framework"])
    for caution in place["cautions"]:
        if caution["gate"].startswith("lifecycle") or "Lifecycle:" in caution["found"]:
            continue  # told with its state
        leave = f", {waived(caution)}" if caution["waiver"] else ""
        yield "Bad", f"{lowered(caution['text'])} ({caution['found'].rstrip('.')}{leave})"
    facts = list(dict.fromkeys(_uncapped(names.fact(f)) for each in place["unverified"] for f in each["facts"]))
    if facts:
        yield "Neutral", f"of {name} nothing is on file about {listed(facts, SHOWN_FACTS)}, which has to be verified"
    disputed = page_items.contested(result, names, place["framework"])
    if disputed:
        yield "Neutral", f"sources disagree about {name} on {listed(disputed, SHOWN_FACTS)}"


def _memory(document: Document) -> Iterator[Told]:
    found = document["feasibility"]
    for way in found["ways"] if found else ():
        how = {"yes": "Good", "no": "Bad"}.get(way["answer"], "Neutral")
        yield how, _uncapped(memory.told(way)).rstrip(".")


def _uncapped(text: str) -> str:
    """The text with a small first letter, where that begins a common word."""
    return text[:1].lower() + text[1:] if text[1:2].islower() else text
