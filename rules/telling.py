"""A recorded decision in words: one sentence for each role, and why any alternative on file is not the answer.

Everything is looked up in the recorded document; nothing is decided again.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rules.compiled import ROLES, Alternative
from rules.faults import Fault, InvalidInput, nearest, shown
from rules.naming import Names, chance, counted, gaps, leaders, listed, ordinal, percent, points, signed
from rules.phrases import change, effect, gate_texts, relaxation, weight_change

DECIMALS = 12
LEAST = 0.0005  # a difference of scores below this shows as 0.0 points
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
    return f"{OPENINGS[role]}, {standing(result, names)}{_by(result)}; {easiest(document, names, role)}."


def nothing(result: Document, names: Names) -> str:
    """That nothing is left of a role, by which gate most of it, and the nearest way back; without a full stop."""
    texts = gate_texts(result, names)
    if not texts:
        return "nothing on file can be ranked"
    stopped = {entry["framework"] for entry in result["excluded"]}
    sizes = {gate: sum(e["gate"] == gate for e in result["excluded"]) for gate in texts}
    most = max(sizes, key=lambda gate: sizes[gate])
    who = f"all {len(stopped)} candidates are excluded, {sizes[most]} of them by"
    told = f"nothing is left: {'the only candidate is excluded by' if len(stopped) == 1 else who} “{texts[most]}”"
    if not result["near_misses"]:
        return f"{told}, and no single changed answer lets one in"
    miss = result["near_misses"][0]
    return f"{told}; {names.framework(miss['framework'])} comes back with {relaxation(miss, names)}"


def standing(result: Document, names: Names) -> str:
    """Who is first or tied, by how much and how sure; starts in the middle of a sentence, without a full stop."""
    ranking = result["ranking"]
    first = names.framework(ranking[0]["framework"])
    if len(ranking) == 1:
        return f"{first} is the only candidate left"
    second, sure = names.framework(ranking[1]["framework"]), chance(ranking[0]["win_probability"])
    tied = [names.framework(place["framework"]) for place in leaders(result)]
    by = points(result["margin"])
    ahead = f"scores the same as {second}" if by == "0.0" else f"leads {second} by {by} points"
    who = f"{listed(tied)} are tied: {first}" if len(tied) > 1 else first
    return f"{who} {ahead} and is first with a probability of {sure}"


def _by(result: Document) -> str:
    """The two rules that carry the first most: against the runner-up, or by share where it is alone."""
    first = result["ranking"][0]
    if len(result["ranking"]) == 1:
        heavy = sorted(first["reasons"], key=lambda r: (-r["share"] * r["opinion"], r["rule"]))
        texts = [f"“{r['text']}” ({percent(r['share'])} of the score)" for r in heavy[:2]]
        return f", carried most by {listed(texts)}"
    ahead = [(gap, r) for gap, r in gaps(first, result["ranking"][1]) if gap >= LEAST]
    texts = [f"“{r['text']}” ({signed(gap)})" for gap, r in ahead[:2]]
    return f", mostly by {listed(texts)}" if texts else ""


def easiest(document: Document, names: Names, role: str) -> str:
    """The one thing that would most easily change who is first, without a full stop.

    In this order: a weight within one stated standard deviation of where it is, an open question, another answer, a
    weight further off. Of several weights, the one that changes least; of several answers, what is asked first.
    """
    weights = [w for w in document["changes"]["weights"] if w["role"] == role]
    weights.sort(key=lambda w: (abs(w["factor"] - 1), w["rule"]))
    flips = [f for f in document["changes"]["answers"] if f["role"] == role]
    putting = sorted((f for f in flips if f["winner"]), key=lambda f: f["from"] is not None)
    near = [w for w in weights if abs(w["factor"] - 1) <= names.release.confidence["weight_relative_sd"]]
    if near or (weights and not putting):
        return weight_change(weights[0], document["roles"][role], names)
    if putting:
        flip = putting[0]
        return f"{change(names, flip['question'], flip['from'], [flip['to']])} would {effect(flip, names)}"
    none = "no other single answer or weight puts another first"
    return f"{none}, but some answers to “{names.question(flips[0]['question'])}” leave nothing" if flips else none


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
    lost = [(round(gap, DECIMALS), r) for gap, r in gaps(first, place)]
    return {
        "outcome": "ranked",
        "rank": place["rank"],
        "score": place["score"],
        "first": first["framework"],
        "tied_with_first": place["tie_group"] == first["tie_group"] and len(leaders(result)) > 1,
        "behind_by": round(first["score"] - place["score"], DECIMALS),
        "where": [{"rule": r["rule"], "text": r["text"], "behind_by": gap} for gap, r in lost],
    }


def _reasons(document: Document, names: Names, alternative: Alternative, roles: Document) -> list[str]:
    """Sentences: its standing role by role, then what keeps it from the others, then its successor."""
    said = []
    for role, each in roles.items():
        is_ranked = each["outcome"] == "ranked"
        told = _ranked(document["roles"][role], each, alternative, names) if is_ranked else None
        said.append(f"{OPENINGS[role]}, {told or _excluded(each, alternative, names)}")
    could = [role for role in alternative.roles if role in ROLES]
    if missing := [role for role in could if role in document["roles"] and role not in roles]:
        said.append(f"It is on file {_places(missing)} but not graded, so that it cannot be ranked.")
    if not roles and not missing and could:
        grades = "" if alternative.graded else ", and without grades"
        said.append(f"It is on file {_places(could)}, which this decision does not rank{grades}.")
    if not could:
        said.append(f"It is no candidate {_places(document['roles'], 'or')}: {_lowered(alternative.about)}")
    if alternative.successor:
        said.append(_successor(document, names, alternative.successor))
    return said


def _places(roles: Iterable[str], word: str = "and") -> str:
    return listed([PLACES[role] for role in roles], word=word) or "for any role"


def _lowered(text: str) -> str:
    """A sentence as the end of another; only a common word loses its capital, for a name may not."""
    head, space, rest = text.partition(" ")
    return f"{head.lower()}{space}{rest}" if head in ("A", "An", "The", "Not", "No") else text


def _ranked(result: Document, each: Document, alternative: Alternative, names: Names) -> str:
    others = [names.framework(p["framework"]) for p in leaders(result) if p["framework"] != alternative.id]
    name, first = alternative.name, names.framework(each["first"])
    if each["rank"] == 1:
        return f"{name} is first, tied with {listed(others)}." if others else f"{name} is first."
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


def _excluded(each: Document, alternative: Alternative, names: Names) -> str:
    texts = list(dict.fromkeys(_of_it(entry["text"], alternative.name) for entry in each["gates"]))
    said = f"{alternative.name} is excluded: {'; '.join(texts[:SHOWN_GATES])}"
    if len(texts) > SHOWN_GATES:
        said += f"; and by {counted(len(texts) - SHOWN_GATES, 'more gate')}"
    if each["near_miss"]:
        place = ordinal(each["near_miss"]["would_rank"])
        return f"{said}. One changed answer would bring it back as {place}: {relaxation(each['near_miss'], names)}."
    ways = relaxation(each["gates"][0], names)
    return f"{said}. It would be let in by {ways}." if ways else f"{said}. No single changed answer lets it in."


def _of_it(text: str, name: str) -> str:
    """A gate's text within a sentence that has named the alternative."""
    return f"it {text.removeprefix(f'{name} ')}" if text.startswith(f"{name} ") else _lowered(text)


def _successor(document: Document, names: Names, successor: str) -> str:
    said = f"Its successor is {names.framework(successor)}"
    stands = []
    for role, result in document["roles"].items():
        each = _standing(result, successor)
        if each:
            place = f"{ordinal(each['rank'])} here" if each["outcome"] == "ranked" else "excluded here too"
            stands.append(f"{place} {PLACES[role]}")
    return f"{said}, {listed(stands)}." if stands else f"{said}."
