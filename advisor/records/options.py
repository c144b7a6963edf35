"""What weighed, what was to choose from, and what speaks for and against each: from the recorded ranking."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from advisor import pictures
from advisor.pictures import NARROW, WIDE, Picture
from advisor.records.blocks import Block, Figure, Line, Section, bullets, line, paragraph, strong
from advisor.records.context import said
from rules.accounts import page, page_items
from rules.accounts.naming import LEAST, TITLES, Names, chance, counted, leaders, percent, points, signed
from rules.accounts.phrases import lowered, quoted, waived
from rules.accounts.telling import PLACES

SHOWN_DRIVERS, OF_SEVERAL_DRIVERS = 6, 4  # of the only role, of each of several
TOLD_OPTIONS, OF_SEVERAL_OPTIONS = 3, 2  # with their pros and cons, besides all that are tied for first
SHOWN_OPTIONS = 10
SHOWN_PROS = 3
APPENDIX = "the appendix"
LOW, HIGH = 0.4, 0.6  # opinions below and above speak against and for what is ranked alone

Document = Mapping[str, Any]


def drivers(document: Document, names: Names) -> list[Block]:
    """The rules that weighed, the heaviest first, and what people said matters to them."""
    made: list[Block] = []
    for role, result in document["roles"].items():
        if not result["ranking"]:
            continue
        shown = OF_SEVERAL_DRIVERS if len(document["roles"]) > 1 else SHOWN_DRIVERS
        heavy = sorted(result["rules"], key=lambda rule: (-rule["share"], rule["rule"]))
        told = [quoted(rule, f"{percent(rule['share'])} of the score") for rule in heavy[:shown]]
        if rest := heavy[shown:]:
            together = percent(sum(rule["share"] for rule in rest))
            told.append(f"{counted(len(rest), 'other rule')}, together {together} of the score")
        made += [*_role(document, role), *bullets(told)]
    stated = [f"{each[:1].upper()}{each[1:]}" for each in page.weighed(document, names)]
    if not stated and document["answers"].get("priorities"):
        stated = [f"Priorities, the first counting most: {said(document['answers'], 'priorities', names)}"]
    return [*made, *bullets(stated)]


def options(document: Document, names: Names) -> list[Block]:
    """The ranked with score, interval, probability and ties; what is out, and what one answer would bring back."""
    made: list[Block] = []
    for role, result in document["roles"].items():
        ranked = result["ranking"]
        listed_options = [_option(place, result, names) for place in ranked[:SHOWN_OPTIONS]]
        if rest := ranked[SHOWN_OPTIONS:]:
            listed_options.append(line(f"{counted(len(rest), 'option')} with lower scores"))
        more = [*page_items.out(result, names, APPENDIX), *page_items.back(result, names, APPENDIX)]
        made += [*_role(document, role), *bullets(listed_options or ["None is left"])]
        if len(ranked) > 1:
            made += figure(partial(pictures.ranking, document, role, names))
        if more:
            made += [paragraph("What is no option, and how it could become one:"), *bullets(list(map(item, more)))]
    asked = [f"{names.framework(each['framework'])}: {each['text']}" for each in document["considered"]]
    return [*made, *([paragraph("What was asked for by name:")] if asked else []), *bullets(asked)]


def pros_and_cons(document: Document, names: Names) -> Iterator[Section]:
    """A section of level 3 for each of the best of each role."""
    for role, result in document["roles"].items():
        shown = max(OF_SEVERAL_OPTIONS if len(document["roles"]) > 1 else TOLD_OPTIONS, len(leaders(result)))
        for place in result["ranking"][:shown]:
            name = names.framework(place["framework"])
            title = f"{name} {PLACES[role]}" if len(document["roles"]) > 1 else name
            about = names.release.alternatives[place["framework"]].about
            made: list[Block] = [paragraph(about)] if about else []
            made += bullets([*_arguments(place, alone=len(result["ranking"]) == 1)])
            if place["rank"] == 1 and place is result["ranking"][0]:
                made += figure(partial(pictures.contributions, document, role, place["framework"], names))
            yield Section(3, title, tuple(made))


def figure(picture: Callable[..., Picture | None]) -> list[Block]:
    """A picture in both widths; nothing where there is nothing to draw."""
    wide, narrow = picture(width=WIDE), picture(width=NARROW)
    return [Figure(wide, narrow)] if wide and narrow else []


def item(told: page_items.Item) -> Line:
    """An item of the page as a line: its first words lead."""
    lead, text = told
    return line(strong(lead), text)


def _role(document: Document, role: str) -> list[Block]:
    """A title for a role, where there are several."""
    return [paragraph(strong(TITLES[role]))] if len(document["roles"]) > 1 else []


def _option(place: Document, result: Document, names: Names) -> Line:
    low, high = place["interval"]
    within = percent(names.release.confidence["interval_probability"])
    name = strong(names.framework(place["framework"]))
    scored = f": {points(place['score'])} points, {within} interval {points(low)} to {points(high)}"
    if len(result["ranking"]) == 1:
        return line(name, f"{scored}; the only candidate left")
    tied = ", tied for first" if place in leaders(result) and len(leaders(result)) > 1 else ""
    return line(name, f"{scored}, first with a probability of {chance(place['win_probability'])}{tied}")


def _arguments(place: Document, *, alone: bool) -> Iterator[str]:
    """What speaks for a place and what against it, in points against the average of the ranked."""
    reasons = place["reasons"]
    if alone:
        heavy = sorted(reasons, key=lambda r: (-r["share"], r["rule"]))
        yield from _met([r for r in heavy if r["opinion"] >= HIGH], "Good")
        yield from _met([r for r in heavy if r["opinion"] < LOW], "Bad")
    else:
        lifting = sorted((r for r in reasons if r["contribution"] >= LEAST), key=lambda r: -r["contribution"])
        lowering = sorted((r for r in reasons if r["contribution"] <= -LEAST), key=lambda r: r["contribution"])
        yield from _moved(lifting, "Good")
        yield from _moved(lowering, "Bad")
    for caution in place["cautions"]:
        leave = f"; {waived(caution)}" if caution["waiver"] else ""
        yield f"Bad, because {lowered(caution['text'])} ({caution['found']}{leave})"


def _met(reasons: Sequence[Document], word: str) -> Iterator[str]:
    for reason in reasons[:SHOWN_PROS]:
        met = "only to" if word == "Bad" else "to"
        counts = f"{percent(reason['share'])} of the score"
        yield f"{word}, because it meets {quoted(reason)} {met} {percent(reason['opinion'])} ({counts})"


def _moved(reasons: Sequence[Document], word: str) -> Iterator[str]:
    for reason in reasons[:SHOWN_PROS]:
        yield f"{word}, because of {quoted(reason)}: {signed(reason['contribution'])} points"
    if rest := reasons[SHOWN_PROS:]:
        together = signed(sum(reason["contribution"] for reason in rest))
        yield f"{word}, because of {counted(len(rest), 'other rule')}: {together} points"
