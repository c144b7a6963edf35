"""What would change the decision, the evidence that carries it, the policies it was made under, and its passport."""

from collections.abc import Iterator, Mapping
from typing import Any

from advisor.records.blocks import Block, Line, Section, Table, Verbatim, bullets, code, line, link, paragraph, strong
from advisor.records.context import not_known
from rules.accounts import grounds, page, page_items
from rules.accounts.naming import LEAST, TITLES, Names, number, points
from rules.accounts.parts import by_evidence
from rules.accounts.phrases import open_question
from rules.accounts.summary import chosen, easiest, likeliest, spares
from rules.scoring import SUM_DECIMALS

SHOWN_UNKNOWN = 3
SHOWN_PIECES, OF_SEVERAL_PIECES = 6, 3  # of evidence, for the only role and for each of several
COVERED = (
    " covers the name of the project, the answers and what was not known, the hardware, the release and the result. It"
    " does not cover the moment, the signature and what the team adds."
)

Document = Mapping[str, Any]


def more(document: Document, names: Names) -> Iterator[Section]:
    """The sections of level 3 under "More Information"; empty ones are left out."""
    settings = [f"{s[:1].upper()}{s[1:]}" for s in (*page.under(document, names), *page.drawn(document))]
    made = (
        ("What would change it", _changes(document, names)),
        ("Evidence that carries it", _carrying(document, names)),
        ("Policies and settings", [*bullets(settings)]),
        ("Passport", _passport(document)),
    )
    yield from (Section(3, title, tuple(blocks)) for title, blocks in made if blocks)


# --- What would change it --------------------------------------------------------------------------------------------


def _changes(document: Document, names: Names) -> list[Block]:
    """What would most easily change each first place, and what of the unknown could."""
    several = len(document["roles"]) > 1
    told: list[Line] = []
    for role, result in document["roles"].items():
        for text in _would_change(document, names, role) if result["ranking"] else ():
            lead = text[:1].upper() + text[1:]
            told.append(line(strong(TITLES[role]), f": {text}") if several else line(lead))
    if told and document["changes"] and _is_settled(document):
        told.append(line("What was asked and is not known would change no first place, one answer at a time"))
    return [*bullets(told)]


def _is_settled(document: Document) -> bool:
    """Whether something was asked and is not known, and no answer to it could alone change the first of a role."""
    left = set(not_known(document))
    settled = document["changes"]["settled"]
    return bool(left) and all(
        left <= set(settled.get(role, ())) for role, result in document["roles"].items() if result["ranking"]
    )


def _would_change(document: Document, names: Names, role: str) -> Iterator[str]:
    if document["changes"] is None:
        yield from (f"{lead.lower()}{text}" for lead, text in page_items.still_open(document, names, role))
        return
    first = easiest(document, names, role)
    could = [each for each in likeliest(document, role) if any(each["winners"])]
    alone = len(document["changes"]["settled"].get(role, ()))
    left = f"of the open questions, {len(could)} could change who is first and {alone} alone could not"
    none = f"none of the {alone} open questions" if alone > 1 else "no open question"
    yield f"{first}; {left if could else f'{none} could alone change who is first'}"
    unknown = {
        each["question"]: open_question(each, names) for each in could if each["question"] in document["not_known"]
    }
    told = {question: text for question, text in unknown.items() if text not in first}
    yield from (f"asked and not known is {text}" for text in list(told.values())[:SHOWN_UNKNOWN])
    if rest := list(told)[SHOWN_UNKNOWN:]:
        asked = names.release.questionnaire.questions
        yield f"asked, not known and able to change it too: {'; '.join(asked[q].label or asked[q].text for q in rest)}"


# --- The evidence ----------------------------------------------------------------------------------------------------


def _carrying(document: Document, names: Names) -> list[Block]:
    """The pieces that move the scores of the chosen most, role by role, each with its source, day and verdict."""
    several = len(document["roles"]) > 1
    head = ("Source", "As of", "Verdict", "Points")
    rows: list[tuple[Line, ...]] = []
    for role, result in document["roles"].items():
        if result["ranking"] and not spares(result):  # what nobody needs is not chosen
            taken = chosen(document, role)["framework"]
            heavy = sorted(_together(result, names, taken), key=lambda each: -round(each[1], SUM_DECIMALS))
            shown = heavy[: OF_SEVERAL_PIECES if several else SHOWN_PIECES]
            about = (line(names.framework(taken)),) if several else ()
            rows += [(*about, *_piece(piece), line(points(by))) for piece, by in shown if by >= LEAST]
    if not rows:
        return []
    said = "What moves the scores of the chosen most, up or down, with how many points it does"
    return [paragraph(f"{said}:"), Table(("About", *head) if several else head, tuple(rows), len(head) - (not several))]


def _together(result: Document, names: Names, chosen: str) -> list[tuple[Document, float]]:
    """(a piece of evidence, how far it moves the score), those of one source, day and verdict together."""
    moved = by_evidence(result, names, chosen)
    found: dict[tuple[str, str, str], tuple[Document, float]] = {}
    for name, piece in sorted(grounds.evidence(names, moved).items()):
        key = (piece["source"]["title"], piece["as_of"], piece["verdict"])
        found[key] = (piece, moved[name] + (found[key][1] if key in found else 0.0))
    return list(found.values())


def _piece(piece: Document) -> tuple[Line, ...]:
    return source(piece), line(piece["as_of"]), line(piece["verdict"])


def source(piece: Document) -> Line:
    """Who published a piece of evidence, where and when."""
    of = piece["source"]
    day = "" if of["title"].endswith(of["date"]) else f", {of['date']}"
    return line(f"{of['publisher']}: ", link(of["title"], of["url"]), day)


# --- What it is checked by -------------------------------------------------------------------------------------------


def _passport(document: Document) -> list[Block]:
    release, policy = document["release"], document["policy"]
    lines = [
        line("Decision ", code(document["id"]), f", made {document['created_at']}, engine {document['engine']}"),
        line("Passport ", code(document["passport"]), COVERED),
        line("Release ", code(release["id"]), ", SHA-256 ", code(release["sha256"])),
    ]
    lines += [line("Policies, SHA-256 ", code(policy["sha256"]))] if policy else []
    signature = document["signature"]
    lines += [line("Signed with the key ", code(signature["key_id"]))] if signature else []
    return [*bullets(lines)]


def re_verify(kept: str) -> list[Block]:
    """What a program reads to check the record."""
    size = number(len(kept.encode()))
    return [
        paragraph("What the decision was made from, for ", code("steelyard replay"), f" ({size} bytes):"),
        Verbatim(kept),
    ]
