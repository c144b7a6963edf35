"""The knowledge: lint and publish a pack, list what is known, follow a grade to its sources.

Look-ups take the id of a release, None for the active one, so that a caller may read one release throughout.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict, Unpack

from advisor.house import House
from knowledge_base.fingerprint import SHIPPED, files_of, fingerprint
from rules.faults import Fault, InvalidInput, nearest, shown
from rules.release import compile_release
from storage import packs as stored_packs
from storage import releases
from storage.releases import Origin
from storage.releases import ReleaseInfo as ReleaseInfo

if TYPE_CHECKING:
    from knowledge_base.survey import Advice

SHIPPED_NAME = "steelyard-shipped"
STANDING = ("holds", "contested")
VERDICTS = ("holds", "contested", "outdated", "wrong", "unverifiable")


def lint(folder: Path | None = None) -> list[Fault]:
    """Every problem of a pack (None: the shipped one), the examples of its rules and gates included."""
    from knowledge_base import pack as packs  # here for start-up time: answering needs no pack
    from knowledge_base import release as build_release

    try:
        build_release.build(packs.load(folder or SHIPPED))
    except InvalidInput as invalid:
        return list(invalid.faults)
    return []


def review(folder: Path | None = None) -> "tuple[list[Fault], list[Advice]]":
    """(every problem of a pack, None being the shipped one; what is worth a look where there is no problem)."""
    from knowledge_base import pack as packs  # here for start-up time: answering needs no pack
    from knowledge_base import release as build_release
    from knowledge_base import survey

    try:
        pack = packs.load(folder or SHIPPED)
        document = build_release.build(pack)
    except InvalidInput as invalid:
        return list(invalid.faults), []
    return [], survey.advice(pack, document, compile_release(document))


def publish(house: House, folder: Path | None = None) -> tuple[ReleaseInfo, bool]:
    """Build a pack (None: the shipped one) and make it the active release; (the release, whether it was new).

    What it changes in answers is not weighed here; see `advisor.curation.publish`.

    Raises:
        InvalidInput: with every problem of the pack; the active release is untouched.
    """
    from knowledge_base import pack as packs  # here for start-up time: answering needs no pack
    from knowledge_base import release as build_release

    pack = packs.load(folder or SHIPPED)
    files = files_of(folder or SHIPPED)
    document = build_release.build(pack)
    with house.database.writing() as session:
        stored_packs.store(session, pack.sha256, files, house.now())
        return releases.publish(session, document, house.now(), Origin(pack.sha256))


def newer_pack(house: House) -> bool:
    """Whether the active release was made from an older or changed copy of the shipped pack, so that publishing it anew
    would change what is answered from. A pack of another name is the operator's own choice and never outdated by this.
    """
    with house.database.reading() as session:
        active = releases.active(session)
    return active is not None and active.name == SHIPPED_NAME and active.origin.pack_sha256 != fingerprint(SHIPPED)


def listing(house: House) -> list[ReleaseInfo]:
    """All releases, newest first."""
    with house.database.reading() as session:
        return list(releases.listing(session))


def frameworks(house: House, release: str | None = None) -> list[dict[str, Any]]:
    """Every alternative on file, in short: id, name, roles, lifecycle, successor, whether graded."""
    document = house.knowledge(release).document
    return [_short(a) for a in document["alternatives"]]


def _short(alternative: Mapping[str, Any]) -> dict[str, Any]:
    kept = ("id", "name", "roles", "graded", "summary", "kind_note", "version", "version_date")
    lifecycle = {k: alternative["lifecycle"].get(k) for k in ("state", "since", "ends", "successor", "note")}
    return {**{k: alternative[k] for k in kept}, "lifecycle": lifecycle}


def framework(house: House, name: str, release: str | None = None) -> dict[str, Any]:
    """One alternative in full: grades, capabilities, conversion paths, lifecycle, and every piece of evidence.

    Raises:
        InvalidInput: no such alternative; the nearest id is named.
    """
    document = house.knowledge(release).document
    entry = next((a for a in document["alternatives"] if a["id"] == name), None)
    if entry is None:
        near = nearest(name, [a["id"] for a in document["alternatives"]])
        raise InvalidInput([Fault("framework", shown(name), "the id of an alternative on file", near)])
    criteria = {c["id"]: c["name"] for c in document["criteria"]}
    grades = {
        criterion: {"name": criteria[criterion], **by_member[name]}
        for criterion, by_member in document["grades"].items()
        if name in by_member
    }
    computed = {
        fact.removeprefix("alt."): {"value": value, "evidence": entry["fact_evidence"].get(fact, [])}
        for fact, value in entry["facts"].items()
        if fact.startswith("alt.path.")
    }
    cited = {e for g in grades.values() for e, _ in g["influences"]}
    cited |= {e for ids in entry["fact_evidence"].values() for e in ids}
    return {
        **_short(entry),
        "licence": entry["licence"],
        "governance": entry["governance"],
        "governance_evidence": entry["fact_evidence"].get("alt.governance", []),
        "lifecycle": entry["lifecycle"],
        "grades": grades,
        "capabilities": {**entry["capabilities"], **computed},
        "paths": [p for p in document["paths"] if name in (p["source"], p["target"])],
        "evidence": [e for e in pieces(house, release=release) if e["id"] in cited or name in e["about"]],
    }


class Filters(TypedDict, total=False):
    """Which evidence is wanted; filters add up, and None is no filter.

    about: the id of an alternative. verdict: what became of it. contested: whether evidence disagrees about it.
    source_kind: the kind of its source. article: the number of the founding article that says it.
    """

    about: str | None
    verdict: str | None
    contested: bool | None
    source_kind: str | None
    article: int | None


def claims(house: House, *, release: str | None = None, **wanted: Unpack[Filters]) -> list[dict[str, Any]]:
    """What the founding articles say, article by article: each claim as a piece of evidence with its verdict."""
    found = [e for e in pieces(house, release=release, **wanted) if e["source"].get("seed")]
    return sorted(found, key=lambda e: e["source"]["seed"])


def tally(house: House, release: str | None = None) -> list[dict[str, Any]]:
    """The founding articles: number, title, date, how many claims each makes and how many have each verdict."""
    every = claims(house, release=release)
    articles = {e["source"]["seed"]: e["source"] for e in every}
    found = []
    for number, source in sorted(articles.items()):
        counted = Counter(e["verdict"] for e in every if e["source"]["seed"] == number)
        found.append(
            {
                "article": number,
                "title": source["title"],
                "date": source["date"],
                "claims": counted.total(),
                "verdicts": {verdict: counted[verdict] for verdict in VERDICTS},
            }
        )
    return found


def pieces(house: House, *, release: str | None = None, **wanted: Unpack[Filters]) -> list[dict[str, Any]]:
    """Evidence with its source, filtered.

    A piece is contested when its verdict says so, when it is at odds with the other evidence on a grade, or when it
    contradicts another piece and neither has been set aside.
    """
    document = house.knowledge(release).document
    sources = {s["id"]: s for s in document["sources"]}
    disputed = _at_odds(document["grades"]) | _contradicted(document["evidence"])
    found = []
    for e in document["evidence"]:
        row = {
            **e,
            "contested": e["verdict"] == "contested" or e["id"] in disputed,
            "source": sources[e["source"]],
        }
        if _wanted(row, wanted):
            found.append(row)
    return found


def _wanted(row: Mapping[str, Any], wanted: Filters) -> bool:
    about, contested = wanted.get("about"), wanted.get("contested")
    asked = (
        (wanted.get("verdict"), row["verdict"]),
        (wanted.get("source_kind"), row["source"]["kind"]),
        (wanted.get("article"), row["source"].get("seed")),
    )
    return (
        (about is None or about in row["about"])
        and (contested is None or row["contested"] is contested)
        and all(value is None or value == found for value, found in asked)
    )


def _at_odds(grades: Mapping[str, Mapping[str, Any]]) -> set[str]:
    """The evidence that disagrees with the rest on some grade; releases built before 2026-11-21 do not tell which."""
    every = [grade for by_member in grades.values() for grade in by_member.values()]
    return {e for grade in every for e in grade.get("disputed", ())}


def _contradicted(evidence: Sequence[Mapping[str, Any]]) -> set[str]:
    """Both sides of every contradiction between pieces that stand; one found wrong or outdated disputes nothing."""
    standing = {e["id"] for e in evidence if e["verdict"] in STANDING}
    pairs = [(e["id"], other) for e in evidence for other in e["contradicts"]]
    return {each for pair in pairs if standing.issuperset(pair) for each in pair}


def evidence(house: House, ids: list[str], release: str | None = None) -> dict[str, dict[str, Any]]:
    """The pieces of evidence with these ids, by id, each with its source."""
    wanted = set(ids)
    return {row["id"]: row for row in pieces(house, release=release) if row["id"] in wanted}


def questionnaire(house: House, release: str | None = None) -> dict[str, Any]:
    """Groups and questions with texts, help, options and why each is asked."""
    entry: dict[str, Any] = house.knowledge(release).document["questionnaire"]
    return {**entry, "questions": [as_asked(question) for question in entry["questions"]]}


def as_asked(question: Mapping[str, Any]) -> dict[str, Any]:
    """A question of a release as it is listed: one published before questions had these fields has neither."""
    return {"label": None, "none": None, "given": False, **question}


def section(house: House, name: str, release: str | None = None) -> list[dict[str, Any]]:
    """A list of the active release: `rules`, `gates`, `criteria`, `sources`, `capabilities` or `paths`."""
    entries: list[dict[str, Any]] = house.knowledge(release).document[name]
    return entries
