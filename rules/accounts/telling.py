"""A recorded decision in words: one sentence for each role, and why any alternative on file is not the answer.

Everything is looked up in the recorded document; nothing is decided again.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from rules.accounts.naming import LEAST, Names, counted, gaps, leaders, listed, ordinal, points
from rules.accounts.phrases import lowered, others_choice, relaxation, taken_back, waived
from rules.accounts.summary import by, easiest, nothing, spares, standing
from rules.compiled import ROLES, Alternative
from rules.faults import Fault, InvalidInput, nearest, shown
from rules.scoring import SUM_DECIMALS

SHOWN_GATES = 3
OPENINGS = {
    "training": "For training",
    "high_level": "As the high-level library",
    "serving": "For serving",
    "runtime": "As the runtime",
}

PLACES = {
    "training": "for training",
    "high_level": "as a high-level library",
    "serving": "for serving",
    "runtime": "as a runtime",
}

Document = Mapping[str, Any]


# --- One sentence for each role --------------------------------------------------------------------------------------


def line(document: Document, names: Names) -> dict[str, str]:
    """For each role of a recorded decision one sentence of plain text.

    It says who is first or tied, by how much and how sure, by which two rules against the runner-up, and the one thing
    that would most easily change it.
    """
    return {role: _sentence(document, names, role) for role in document["roles"]}


def _sentence(document: Document, names: Names, role: str) -> str:
    result = document["roles"][role]
    if not result["ranking"]:
        return f"{OPENINGS[role]}, {nothing(result, names)}."
    leave = [f"{c['text']} ({waived(c)})" for c in result["ranking"][0]["cautions"] if c["waiver"]]
    more = [*leave, others_choice(result, names), easiest(document, names, role)]
    return f"{OPENINGS[role]}, {'; '.join([standing(document, names, role) + by(result), *filter(None, more)])}."


# --- Why not ---------------------------------------------------------------------------------------------------------


def why_not(document: Document, names: Names, framework: str) -> dict[str, Any]:
    """What a recorded decision says of one alternative on file, whatever it is.

    Returns:
        `framework`, `name`, `about`, `successor`, the roles that it `plays`, its standing in those `roles` of the
        decision in which it stands, and the `reason` why it is not the answer, in sentences.

    Raises:
        InvalidInput: no alternative of that name; the nearest is named.
    """
    alternatives = names.release.alternatives
    if framework not in alternatives:
        near = nearest(framework, alternatives)
        raise InvalidInput([Fault("framework", shown(framework), "the id of an alternative on file", near)])
    alternative = alternatives[framework]
    found = {role: _standing(result, framework) for role, result in document["roles"].items()}
    roles = {role: each for role, each in found.items() if each}
    return {
        "framework": framework,
        "name": alternative.name,
        "about": alternative.about,
        "successor": alternative.successor,
        "plays": list(alternative.roles),
        "roles": roles,
        "reason": " ".join(_reasons(document, names, alternative, roles)),
    }


def _standing(result: Document, framework: str) -> dict[str, Any] | None:
    excluded = [e for e in result["excluded"] if e["framework"] == framework]
    if excluded:
        miss = next((m for m in result["near_misses"] if m["framework"] == framework), None)
        return {"outcome": "excluded", "gates": excluded, "near_miss": miss}
    place = next((p for p in result["ranking"] if p["framework"] == framework), None)
    if place is None:
        return None
    first = result["ranking"][0]
    lost = [(round(gap, SUM_DECIMALS), r) for gap, r in gaps(first, place)]
    return {
        "outcome": "ranked",
        "rank": place["rank"],
        "score": place["score"],
        "first": first["framework"],
        "tied_with_first": place["tie_group"] == first["tie_group"] and len(leaders(result)) > 1,
        "behind_by": round(first["score"] - place["score"], SUM_DECIMALS),
        "where": [{"rule": r["rule"], "text": r["text"], "behind_by": gap} for gap, r in lost],
    }


def _reasons(document: Document, names: Names, alternative: Alternative, roles: Document) -> list[str]:
    """Sentences: its standing role by role, then what keeps it from the others, then its successor."""
    said = []
    for role, each in roles.items():
        result = document["roles"][role]
        if each["outcome"] == "ranked":
            said.append(f"{OPENINGS[role]}, {_ranked(result, each, alternative, names)}")
            said += _mind(result, alternative, names)
        else:
            said.append(f"{OPENINGS[role]}, {_excluded(result, each, alternative, names)}")
            said += _expired(document, each, alternative)
    could = [role for role in alternative.roles if role in ROLES]
    if missing := [role for role in could if role in document["roles"] and role not in roles]:
        said.append(f"It is on file {_places(missing)} but not graded, so that it cannot be ranked.")
    if not roles and not missing and could:
        grades = "" if alternative.graded else ", and without grades"
        said.append(f"It is on file {_places(could)}, which this decision does not rank{grades}.")
    if not could:
        said.append(f"It is no candidate {_places(document['roles'], 'or')}: {lowered(alternative.about)}")
    if alternative.successor:
        said.append(_successor(document, names, alternative.successor))
    return said


def _places(roles: Iterable[str], word: str = "and") -> str:
    return listed([PLACES[role] for role in roles], word=word) or "for any role"


def _ranked(result: Document, each: Document, alternative: Alternative, names: Names) -> str:
    others = [names.framework(p["framework"]) for p in leaders(result) if p["framework"] != alternative.id]
    name, first = alternative.name, names.framework(each["first"])
    if each["rank"] == 1:
        though = ", though none is needed" if spares(result) else ""
        return f"{name} is first{f', tied with {listed(others)}' if others else ''}{though}."
    apart = ", from which it cannot be told apart" if each["tied_with_first"] else ""
    by = f"{points(each['behind_by'])} points behind" if each["behind_by"] >= LEAST else "level with"
    said = f"{name} is {ordinal(each['rank'])}, {by} {first}{apart}"
    lost = [row for row in each["where"] if row["behind_by"] >= LEAST]
    won = [row for row in reversed(each["where"]) if row["behind_by"] <= -LEAST]
    if lost:
        said += f": it loses most by {_rows(lost, 1)}"
    if won:
        said += f"{';' if lost else ':'} it is ahead by {_rows(won, -1)}"
    return f"{said}."


def _rows(rows: Sequence[Document], sign: int) -> str:
    return listed([f"“{row['text']}” ({points(sign * row['behind_by'])})" for row in rows[:2]])


def _mind(result: Document, alternative: Alternative, names: Names) -> Iterator[str]:
    """What a place in the ranking does not say of an alternative: cautions, facts not on file, who wants it."""
    place = next(p for p in result["ranking"] if p["framework"] == alternative.id)
    for caution in place["cautions"]:
        leave = f" ({waived(caution)})" if caution["waiver"] else ""
        yield f"Mind: {_of_it(caution['text'], alternative.name)}{leave}."
    unknown = dict.fromkeys(names.fact(fact) for each in place["unverified"] for fact in each["facts"])
    if unknown:
        yield f"Not verified, for nothing is on file: {listed(list(unknown))}."
    views = result["disagreement"]["views"] if result["disagreement"] and place["rank"] > 1 else ()
    if people := [view["name"] for view in views if view["first"] == alternative.id]:
        yield f"{listed(people)} alone would put it first."


def _excluded(result: Document, each: Document, alternative: Alternative, names: Names) -> str:
    texts = list(dict.fromkeys(_of_it(entry["text"], alternative.name) for entry in each["gates"]))
    said = f"{alternative.name} is excluded: {'; '.join(texts[:SHOWN_GATES])}"
    if len(texts) > SHOWN_GATES:
        said += f"; and by {counted(len(texts) - SHOWN_GATES, 'more gate')}"
    if each["near_miss"]:
        place = ordinal(each["near_miss"]["would_rank"])
        return f"{said}. One changed answer would bring it back as {place}: {relaxation(each['near_miss'], names)}."
    if ways := relaxation(each["gates"][0], names):
        return f"{said}. It would be let in by {ways}."
    reliefs = result["reliefs"] or {"sets": ()}
    if relief := next((r for r in reliefs["sets"] if alternative.id in r["lets_in"]), None):
        return f"{said}. It comes back after {taken_back(relief, names)}."
    return f"{said}. No single changed answer lets it in."


def _expired(document: Document, each: Document, alternative: Alternative) -> Iterator[str]:
    """Leave that a house gave to pass what stops an alternative, and that has run out."""
    stopping = {entry["gate"] for entry in each["gates"]}
    for layer in document["policy"]["layers"] if document["policy"] else ():
        for waiver in layer["expired"]:
            if waiver["gate"] in stopping and waiver["alternative"] == alternative.id:
                yield f"What {layer['name']} waived for it expired on {waiver['expires']}."


def _of_it(text: str, name: str) -> str:
    """A gate's text within a sentence that has named the alternative."""
    return f"it {text.removeprefix(f'{name} ')}" if text.startswith(f"{name} ") else lowered(text)


def _successor(document: Document, names: Names, successor: str) -> str:
    said = f"Its successor is {names.framework(successor)}"
    stands = []
    for role, result in document["roles"].items():
        each = _standing(result, successor)
        if each:
            place = f"{ordinal(each['rank'])} here" if each["outcome"] == "ranked" else "excluded here"
            stands.append(f"{place} {PLACES[role]}")
    return f"{said}, {listed(stands)}." if stands else f"{said}."
