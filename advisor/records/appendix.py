"""The appendix of a record: every rule, option, answer and piece of evidence, with pictures. A record is whole without.

Pictures stand in HTML and PDF; what they show is in the words beside them.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from advisor import pictures
from advisor.records.blocks import Block, Line, Section, Table, bullets, code, line, paragraph, strong
from advisor.records.context import answers
from advisor.records.grounds import source
from advisor.records.options import figure, titled
from rules.accounts import grounds, memory, page_items
from rules.accounts.naming import LEAST, TITLES, Names, chance, counted, leaders, listed, percent, points, signed
from rules.accounts.phrases import gate_texts, lowered, quoted, waived
from rules.accounts.summary import chosen
from rules.accounts.telling import PLACES

TOLD_OPTIONS = 3  # with their pros and cons, besides all that are level with the first
SHOWN_PROS = 3
HERE = "the table of what is excluded"
LOW, HIGH = 0.4, 0.6  # opinions below and above speak against and for what is ranked alone

Document = Mapping[str, Any]


def appendix(document: Document, names: Names) -> Iterator[Section]:
    """A section of level 2 and those of level 3 under it; empty ones are left out."""
    yield Section(2, "Appendix", (paragraph("All that was weighed."),))
    made: tuple[tuple[str, Sequence[Block]], ...] = (
        ("All answers", [answers(document, names)]),
        ("Every rule that weighed", _rules(document, names)),
        ("Every option", _options(document, names)),
        ("How probable each place is", _places(document, names)),
    )
    yield from (Section(3, title, tuple(blocks)) for title, blocks in made if blocks)
    yield from _pros_and_cons(document, names)
    made = (
        ("The way to each target", figure(partial(pictures.stack, document, names))),
        ("Memory", _memory(document)),
        ("What is excluded", _excluded(document, names)),
        ("The evidence about the first", _evidence(document, names)),
    )
    yield from (Section(3, title, tuple(blocks)) for title, blocks in made if blocks)


# --- Rules and options -----------------------------------------------------------------------------------------------


def _rules(document: Document, names: Names) -> list[Block]:
    """Every rule that spoke, with its share and what it adds to the score of the chosen, role by role.

    What is ranked alone is told by how far it meets each: there is no average to be above.
    """
    made: list[Block] = []
    for role, result in document["roles"].items():
        if not result["ranking"]:
            continue
        taken, alone = chosen(document, role), len(result["ranking"]) == 1
        adds = {r["rule"]: percent(r["opinion"]) if alone else signed(r["contribution"]) for r in taken["reasons"]}
        heavy = sorted(result["rules"], key=lambda rule: (-rule["share"], rule["rule"]))
        rows = tuple((line(quoted(r)), line(percent(r["share"])), line(adds[r["rule"]])) for r in heavy)
        name = names.framework(taken["framework"])
        made += [*titled(document, role), Table(("Rule", "Share", f"{name} meets it to" if alone else name), rows, 1)]
    said = "Shares are of the score; points are above or below the average of the ranked."
    return [paragraph(said), *made] if made else []


def _options(document: Document, names: Names) -> list[Block]:
    """The ranked with score, interval, probability and ties; what is out, and what one answer would bring back."""
    made: list[Block] = []
    for role, result in document["roles"].items():
        ranked = result["ranking"]
        more = [*page_items.out(result, names, HERE), *page_items.back(result, names, HERE)]
        made += [*titled(document, role), *bullets([_option(place, result, names) for place in ranked])]
        if len(ranked) > 1:
            made += figure(partial(pictures.ranking, document, role, names))
        if more:
            told = [line(strong(lead), text) for lead, text in more]
            made += [paragraph("What is no option, and how it could become one:"), *bullets(told)]
    return made


def _option(place: Document, result: Document, names: Names) -> Line:
    low, high = place["interval"]
    within = percent(names.release.confidence["interval_probability"])
    name = strong(names.framework(place["framework"]))
    scored = f": {points(place['score'])} points, {within} interval {points(low)} to {points(high)}"
    if len(result["ranking"]) == 1:
        return line(name, f"{scored}; the only candidate left")
    tied = ", level with the first" if place in leaders(result)[1:] else ""
    return line(name, f"{scored}, first with a probability of {chance(place['win_probability'])}{tied}")


def _places(document: Document, names: Names) -> list[Block]:
    """The probabilities of places, which are a picture, in words for a form without pictures."""
    made: list[Block] = []
    for role in document["roles"]:
        drawn = pictures.ranks(document, role, names)
        if drawn:
            made += [*titled(document, role), *bullets(drawn.text.splitlines()[1:])]
            made += figure(partial(pictures.ranks, document, role, names))
    return made


# --- What speaks for and against -------------------------------------------------------------------------------------


def _pros_and_cons(document: Document, names: Names) -> Iterator[Section]:
    """A section of level 3 for each of the best of each role."""
    for role, result in document["roles"].items():
        if not result["ranking"]:
            continue
        best, taken = result["ranking"][: max(TOLD_OPTIONS, len(leaders(result)))], chosen(document, role)
        for place in [*best, *([] if taken in best else [taken])]:
            name = names.framework(place["framework"])
            title = f"{name} {PLACES[role]}" if len(document["roles"]) > 1 else name
            about = names.release.alternatives[place["framework"]].about
            made: list[Block] = [paragraph(about)] if about else []
            made += bullets([*_arguments(place, alone=len(result["ranking"]) == 1)])
            if place is taken:
                made += figure(partial(pictures.contributions, document, role, place["framework"], names))
            yield Section(3, f"For and against {title}", tuple(made))


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
        yield f"Bad, because {lowered(caution['text'])} ({caution['found'].rstrip('.')}{leave})"


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


# --- Memory, what is out, and the evidence ---------------------------------------------------------------------------


def _memory(document: Document) -> list[Block]:
    found = document["feasibility"]
    if not found:
        return []
    ways = [memory.told(way) for way in found["ways"]]
    return [*bullets([*found["cautions"], *ways]), paragraph(memory.assumed(found))]


def _excluded(document: Document, names: Names) -> list[Block]:
    """Every excluded alternative with the gate that stops most of its kind, what was found, and how many more do."""
    rows: list[tuple[Line, ...]] = []
    for role, result in document["roles"].items():
        texts = gate_texts(result, names)
        stopped: dict[str, list[Document]] = {}
        for entry in result["excluded"]:
            stopped.setdefault(entry["framework"], []).append(entry)
        for framework, entries in sorted(stopped.items(), key=lambda each: names.framework(each[0]).casefold()):
            others = f"; and {counted(len(entries) - 1, 'more gate')}" if len(entries) > 1 else ""
            told = f"{texts[entries[0]['gate']]} ({entries[0]['found']}){others}"
            first = (line(TITLES[role]),) if len(document["roles"]) > 1 else ()
            rows.append((*first, line(names.framework(framework)), line(told)))
    head = ("Alternative", "Why")
    return [Table(("Role", *head) if len(document["roles"]) > 1 else head, tuple(rows), 3)] if rows else []


def _evidence(document: Document, names: Names) -> list[Block]:
    """The evidence that the decision cites about those that lead, with its source, newest first."""
    leading = {place["framework"] for result in document["roles"].values() for place in leaders(result)}
    pieces = _cited(document, names, leading)
    if not pieces:
        return []
    about = listed([names.framework(name) for name in sorted(leading)])
    rows = tuple((line(code(p["id"])), source(p), line(p["as_of"]), line(p["verdict"])) for p in pieces)
    drawn = figure(partial(pictures.evidence, pieces, about))
    return [*drawn, Table(("Evidence", "Source", "As of", "Verdict"), rows, 4)]


def _cited(document: Document, names: Names, leading: set[str]) -> list[Document]:
    told = leading | {step["to"] for way in document["stack"] for step in way["path"]}
    ids = set(_ids(document))
    about = {e["id"] for e in names.source["evidence"] if e["id"] in ids and told & set(e["about"])}
    rows = [{"id": name, **piece} for name, piece in grounds.evidence(names, about).items()]
    rows.sort(key=lambda row: row["id"])
    return sorted(rows, key=lambda row: row["as_of"], reverse=True)


def _ids(document: Document) -> Iterator[str]:
    for result in document["roles"].values():
        for place in leaders(result):
            for part in (*place["reasons"], *place["cautions"]):
                yield from part["evidence"]
    for way in document["stack"]:
        for step in way["path"]:
            yield from step["evidence"]
