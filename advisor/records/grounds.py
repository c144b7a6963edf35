"""What a decision rests on and what would change it: ways to targets, memory, open questions, evidence, policies."""

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from advisor import pictures
from advisor.pictures.way import said as way_said
from advisor.records.blocks import Block, Line, Section, Table, Verbatim, bullets, code, line, link, paragraph, strong
from advisor.records.context import answers
from advisor.records.options import figure
from rules.accounts import grounds, memory, page, page_items
from rules.accounts.naming import TITLES, Names, counted, leaders, listed, number
from rules.accounts.phrases import gate_texts

Document = Mapping[str, Any]


def more(document: Document, names: Names, kept: str) -> Iterator[Section]:
    """The sections of level 3 under "More Information", the appendix last; empty ones are left out."""
    pieces = cited(document, names)
    made = (
        ("The way to each target", _ways(document, names)),
        ("Memory", _memory(document)),
        ("What would change it", _changes(document, names)),
        (
            "Policies and settings",
            [*bullets([f"{s[:1].upper()}{s[1:]}" for s in (*page.under(document, names), *page.drawn(document))])],
        ),
        ("Passport", _passport(document)),
        ("Appendix: all answers", [answers(document, names)]),
        ("Appendix: how probable each place is", _places(document, names)),
        ("Appendix: what is excluded", _excluded(document, names)),
        ("Appendix: the evidence about the first", _evidence(document, names, pieces)),
        ("Re-verify", _re_verify(kept)),
    )
    yield from (Section(3, title, tuple(blocks)) for title, blocks in made if blocks)


def _ways(document: Document, names: Names) -> list[Block]:
    drawn = figure(partial(pictures.stack, document, names))
    return [*bullets([way_said(way, names) for way in document["stack"]]), *drawn]


def _memory(document: Document) -> list[Block]:
    found = document["feasibility"]
    if not found:
        return []
    ways = [memory.told(way) for way in found["ways"]]
    return [*bullets([*found["cautions"], *ways]), paragraph(memory.assumed(found))]


def _changes(document: Document, names: Names) -> list[Block]:
    """The nearest weight, other answers, and the open questions that could change the first place, role by role."""
    several = len(document["roles"]) > 1
    lines: list[Line] = []
    for role, result in document["roles"].items():
        items = list(page_items.still_open(document, names, role))
        if result["ranking"]:
            items = [*page_items.changes(document, names, role), *items]
        for lead, text in items:
            lines.append(line(strong(f"{TITLES[role]}: {lead.lower()}" if several else lead), text))
    return [*bullets(lines)]


def _passport(document: Document) -> list[Block]:
    release, policy = document["release"], document["policy"]
    lines = [
        line("Decision ", code(document["id"]), f", made {document['created_at']}, engine {document['engine']}"),
        line("Passport ", code(document["passport"])),
        line("Release ", code(release["id"]), ", SHA-256 ", code(release["sha256"])),
    ]
    lines += [line("Policies, SHA-256 ", code(policy["sha256"]))] if policy else []
    signature = document["signature"]
    lines += [line("Signed with the key ", code(signature["key_id"]))] if signature else []
    return [*bullets(lines)]


def _places(document: Document, names: Names) -> list[Block]:
    """The probabilities of places, which are a picture, in words for a form without pictures."""
    drawn = [pictures.ranks(document, role, names) for role in document["roles"]]
    told = [row for picture in drawn if picture for row in picture.text.splitlines()[1:]]
    figures = [block for role in document["roles"] for block in figure(partial(pictures.ranks, document, role, names))]
    return [*bullets(told), *figures]


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


def cited(document: Document, names: Names) -> list[Document]:
    """The evidence that the decision cites about those that lead, with its source, newest first."""
    first = {place["framework"] for result in document["roles"].values() for place in leaders(result)}
    first |= {step["to"] for way in document["stack"] for step in way["path"]}
    ids = set(_ids(document))
    about = {e["id"] for e in names.source["evidence"] if e["id"] in ids and first & set(e["about"])}
    found = grounds.evidence(names, about)
    rows = [{"id": name, **piece} for name, piece in found.items()]
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


def _evidence(document: Document, names: Names, pieces: list[Document]) -> list[Block]:
    if not pieces:
        return []
    first = {place["framework"] for result in document["roles"].values() for place in leaders(result)}
    about = listed([names.framework(name) for name in sorted(first)])
    rows = tuple(_piece(piece) for piece in pieces)
    drawn = figure(partial(pictures.evidence, pieces, about))
    return [*drawn, Table(("Evidence", "Source", "As of", "Verdict"), rows, 4)]


def _piece(piece: Document) -> tuple[Line, ...]:
    source = piece["source"]
    where = line(f"{source['publisher']}: ", link(source["title"], source["url"]), f", {source['date']}")
    return line(code(piece["id"])), where, line(piece["as_of"]), line(piece["verdict"])


def _re_verify(kept: str) -> list[Block]:
    size = number(len(kept.encode()))
    return [
        paragraph("What the decision was made from, for ", code("steelyard replay"), f" ({size} bytes):"),
        Verbatim(kept),
    ]
