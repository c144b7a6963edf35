"""What weighed, what was to choose from, and what speaks for and against what was not chosen, in short.

All rules and all options are in the appendix (`advisor.records.appendix`).
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from advisor.pictures import NARROW, WIDE, Picture
from advisor.records.blocks import Block, Figure, Line, Section, bullets, line, paragraph, strong
from advisor.records.context import said
from rules.accounts import page, page_items
from rules.accounts.naming import LEAST, TITLES, Names, chance, counted, gaps, leaders, listed, percent, points, signed
from rules.accounts.phrases import gate_texts, lowered, quoted, waived
from rules.accounts.summary import chosen, spares
from rules.accounts.telling import PLACES

SHOWN_DRIVERS, OF_SEVERAL_DRIVERS = 6, 3  # of the only role, of each of several
SHOWN_OPTIONS, OF_SEVERAL_OPTIONS = 5, 4
SHOWN_GATES, SHOWN_NAMES = 2, 4
SHOWN_RIVALS, MANY_ROLES = 2, 3
SHOWN_GAPS = 2
BESIDE = "What comes next, against what was chosen, in points of 100."

Document = Mapping[str, Any]


# --- What weighed ----------------------------------------------------------------------------------------------------


def drivers(document: Document, names: Names) -> list[Block]:
    """The rules that weighed most, and what people said matters to them."""
    told: list[Line] = []
    for role, result in document["roles"].items():
        if result["ranking"]:
            several = len(document["roles"]) > 1
            texts = _heaviest(result, OF_SEVERAL_DRIVERS if several else SHOWN_DRIVERS)
            told += [line(strong(TITLES[role]), f": {'; '.join(texts)}")] if several else map(line, texts)
    stated = [f"{each[:1].upper()}{each[1:]}" for each in page.weighed(document, names)]
    if not stated and document["answers"].get("priorities"):
        stated = [f"Priorities, the first counting most: {said(document['answers'], 'priorities', names)}"]
    shares = [paragraph("What weighed most, with its share of the score:")] if told else []
    return [*shares, *bullets([*told, *map(line, stated)])]


def _heaviest(result: Document, most: int) -> list[str]:
    heavy = sorted(result["rules"], key=lambda rule: (-rule["share"], rule["rule"]))
    texts = [quoted(rule, percent(rule["share"])) for rule in heavy[:most]]
    if rest := heavy[most:]:
        together = percent(sum(rule["share"] for rule in rest))
        texts.append(f"{counted(len(rest), 'other rule')}{', together' if len(rest) > 1 else ''} {together}")
    return texts


# --- What was to choose from -----------------------------------------------------------------------------------------


def considered(document: Document, names: Names) -> list[Block]:
    """The best of each role with their scores, what is out, and what became of those asked for by name."""
    told: list[Line] = []
    for role, result in document["roles"].items():
        told += _options(document, names, role)
        if out := _out(result, names):
            told.append(line(strong(f"Excluded{_of(document, role)}"), f": {out}"))
    told += [line(strong(names.framework(each["framework"])), f": {each['text']}") for each in document["considered"]]
    return [paragraph("Scores are points of 100."), *bullets(told)]


def _options(document: Document, names: Names, role: str) -> list[Line]:
    """One line for each option of the only role, one for all of each of several."""
    ranked, several = document["roles"][role]["ranking"], len(document["roles"]) > 1
    tied = len(leaders(document["roles"][role]))
    shown = ranked[: max(tied, OF_SEVERAL_OPTIONS if several else SHOWN_OPTIONS)]
    texts = [(names.framework(place["framework"]), _scored(place, at, tied)) for at, place in enumerate(shown)]
    rest = len(ranked) - len(shown)
    if not several:
        more = [line(f"{counted(rest, 'option')} with lower scores")] if rest else []
        return [*(line(strong(name), f": {said}") for name, said in texts), *more] or [line("None is left")]
    said = "; ".join([*(f"{name}, {scored}" for name, scored in texts), *([f"{rest} more"] if rest else [])])
    return [line(strong(TITLES[role]), f": {said or 'none is left'}")]


def _scored(place: Document, at: int, tied: int) -> str:
    first = f", first with a probability of {chance(place['win_probability'])}" if at == 0 else ""
    return f"{points(place['score'])} points{first}{', level with the first' if 0 < at < tied else ''}"


def _out(result: Document, names: Names) -> str:
    """Whom the gates that exclude most exclude, and how many others are out."""
    stopped_by: dict[str, list[str]] = {}
    for entry in result["excluded"]:
        stopped_by.setdefault(entry["framework"], []).append(entry["gate"])
    alternatives = names.release.alternatives
    current = {f: gates for f, gates in stopped_by.items() if alternatives[f].graded}
    current = {f: g for f, g in current.items() if alternatives[f].facts.get("alt.lifecycle") not in page_items.RETIRED}
    texts = [gate_texts(result, names, whom) for whom in ("it", "them")]
    of_one = {entry["gate"] for entry in result["excluded"] if _is_about(entry, names)}
    told, left = [], len(stopped_by)
    for gate, stopped in list(page_items.by_gate(current).items())[:SHOWN_GATES]:
        who = listed(sorted(map(names.framework, stopped), key=str.casefold), SHOWN_NAMES)
        each = "each " if len(stopped) > 1 and gate in of_one else ""
        told.append(f"{who} ({each}{texts[len(stopped) > 1][gate]})")
        left -= len(stopped)
    others = f"{left} more, retired or out for other reasons" if told else f"{left}, retired or not graded"
    return "; ".join([*told, *([others] if left else [])])


def _is_about(entry: Document, names: Names) -> bool:
    """Whether what a gate says begins with whom it excludes, so that "each" can stand there."""
    return bool(entry["text"].startswith(f"{names.framework(entry['framework'])} "))


def _of(document: Document, role: str) -> str:
    return f" {PLACES[role]}" if len(document["roles"]) > 1 else ""


# --- What speaks for and against what was not chosen -----------------------------------------------------------------


def beside(document: Document, names: Names) -> Iterator[Section]:
    """A section of level 3 for the next of each role: where it is ahead of the chosen, and where behind."""
    for role, result in document["roles"].items():
        if not result["ranking"]:
            continue
        if spares(result):
            yield from _optional(document, role, names)
            continue
        most, taken = 1 if len(document["roles"]) >= MANY_ROLES else SHOWN_RIVALS, chosen(document, role)
        for place in [each for each in result["ranking"] if each is not taken][:most]:
            is_level = place["tie_group"] == taken["tie_group"]
            level = f" (level with {names.framework(taken['framework'])})" if is_level else ""
            title = f"{names.framework(place['framework'])}{_of(document, role)}{level}"
            yield Section(3, title, (*bullets([*_against(place, taken, names)]),))


def _optional(document: Document, role: str, names: Names) -> Iterator[Section]:
    """What the best of a role would bring of which nothing is needed."""
    without = document["roles"][role]["without"]
    if without["option"]:
        title = f"{names.framework(without['option'])}{_of(document, role)} (none is needed)"
        yield Section(3, title, (*bullets([f"Neutral, because it is an option. {without['brings']}"]),))


def _against(place: Document, chosen: Document, names: Names) -> Iterator[str]:
    """What puts one of the ranked ahead of the chosen, what behind, and what it does not pass."""
    than = names.framework(chosen["framework"])
    found = gaps(place, chosen)
    ahead = [(gap, reason) for gap, reason in found if gap >= LEAST]
    behind = [(gap, reason) for gap, reason in reversed(found) if gap <= -LEAST]
    yield from _differing(ahead, "Good", f"ahead of {than}")
    if not ahead:
        yield f"Neutral, because no rule that weighs puts it ahead of {than}"
    yield from _differing(behind, "Bad", f"behind {than}")
    passed = [caution["gate"] for caution in chosen["cautions"]]
    for caution in place["cautions"]:
        if caution["gate"] not in passed:
            leave = f"; {waived(caution)}" if caution["waiver"] else ""
            yield f"Bad, because {lowered(caution['text'])} ({caution['found'].rstrip('.')}{leave})"


def _differing(found: Sequence[tuple[float, Document]], word: str, where: str) -> Iterator[str]:
    if found:
        texts = [quoted(reason, signed(gap)) for gap, reason in found[:SHOWN_GAPS]]
        rest = found[SHOWN_GAPS:]
        more = [f"{counted(len(rest), 'more rule')} ({signed(sum(gap for gap, _ in rest))})"] if rest else []
        yield f"{word}, because it is {where} in {listed([*texts, *more])}"


# --- What the sections share -----------------------------------------------------------------------------------------


def figure(picture: Callable[..., Picture | None]) -> list[Block]:
    """A picture in both widths; nothing where there is nothing to draw."""
    wide, narrow = picture(width=WIDE), picture(width=NARROW)
    return [Figure(wide, narrow)] if wide and narrow else []


def titled(document: Document, role: str) -> list[Block]:
    """A title for a role, where there are several."""
    return [paragraph(strong(TITLES[role]))] if len(document["roles"]) > 1 else []
