"""What the sentence and the page say first of a role: who leads and how surely, by what, and what would change that.

Parts of sentences, without full stops; everything is looked up in the recorded document.
"""

from collections.abc import Callable, Mapping
from typing import Any

from rules.accounts.naming import LEAST, Names, chance, gaps, leaders, listed, number, percent, points, signed
from rules.accounts.phrases import (
    change,
    effect,
    gate_texts,
    open_question,
    quoted,
    relaxation,
    taken_back,
    weight_change,
)

SHOWN_BACK = 3

Document = Mapping[str, Any]


def spares(result: Document) -> bool:
    """Whether nothing of a role is needed, as far as the answers ask; false of what was recorded before that was told.

    Whom the model is run by instead stands under `without`.
    """
    without = result.get("without")
    return without is not None and not (without["needed_on"] or without["unverified"] or without["asked_by"])


def needed_after(before: Document, after: Document) -> str:
    """What a change does to whether a runtime is needed at all, in a sentence; else empty."""
    if spares(before) == spares(after):
        return ""
    told: str = after["without"]["text"] if spares(after) else "A runtime is needed now; before, none was."
    return told


def instead(result: Document) -> list[str]:
    """Those that run the model themselves, where nothing of a role is needed; else none."""
    able = result["without"]["itself"] if spares(result) else ()
    return list(dict.fromkeys(each["framework"] for each in able))


def led_to(document: Document) -> list[str]:
    """The runtimes in which the ways to the targets end, where the one ranked first is none of them; else none.

    Roles are ranked apart; what fits together is the way, and of runtimes that cannot be told apart it takes one. Where
    a target has no way on file, ways to the others say nothing about which runtime to take for all.
    """
    result = document["roles"].get("runtime")
    if not result or spares(result) or not all(way["path"] for way in document["stack"]):
        return []
    ranked = [place["framework"] for place in result["ranking"]]
    ends = dict.fromkeys(way["path"][-1]["from"] for way in document["stack"] if way["path"])
    found = [end for end in ends if end in ranked]
    return [] if set(ranked[:1]) & set(found) else found


def way_instead(document: Document, name: Callable[[str], str]) -> str:
    """That the way leads to another runtime than the one ranked first, named by `name`; else empty."""
    ends = led_to(document)
    if not ends:
        return ""
    start = next(way["path"][0]["from"] for way in document["stack"] if way["path"])
    leads = f"the way leads to {listed(list(map(name, ends)))}"
    return leads if start in ends else f"from {name(start)} {leads}"


def chosen(document: Document, role: str) -> Document:
    """The place of what is taken in a role that ranks something: the first, or the runtime that the way leads to."""
    ranking, ends = document["roles"][role]["ranking"], led_to(document) if role == "runtime" else []
    found: Document = next((place for place in ranking if place["framework"] in ends[:1]), ranking[0])
    return found


def _after_all(result: Document, said: str) -> str:
    """What is said of a role, behind what needs nothing of it."""
    return f"{result['without']['text'].rstrip('.')}; of the runtimes, {said}" if spares(result) else said


def nothing(result: Document, names: Names) -> str:
    """That nothing is left of a role, by which gate most of it, and the nearest way back; without a full stop."""
    return _after_all(result, _nothing(result, names))


def _nothing(result: Document, names: Names) -> str:
    texts = gate_texts(result, names)
    if not texts:
        return "nothing on file can be ranked"
    out = [e for e in result["excluded"] if names.release.alternatives[e["framework"]].graded] or result["excluded"]
    stopped = {entry["framework"] for entry in out}
    sizes = {gate: sum(e["gate"] == gate for e in out) for gate in texts}
    most = max(sizes, key=lambda gate: sizes[gate])
    part = "by" if sizes[most] == len(stopped) else f"{sizes[most]} of them by"
    who = f"all {len(stopped)} candidates are excluded, {part}"
    told = f"nothing is left: {who if len(stopped) > 1 else 'the only candidate is excluded by'} “{texts[most]}”"
    if result["near_misses"]:
        miss = result["near_misses"][0]
        return f"{told}; {names.framework(miss['framework'])} comes back by {relaxation(miss, names, 1)}"
    reliefs = result["reliefs"]
    if not reliefs or not reliefs["sets"]:
        return f"{told}, and no single changed answer lets one in"
    nearest_way = reliefs["sets"][0]
    back = listed([names.framework(f) for f in nearest_way["lets_in"]], SHOWN_BACK)
    return f"{told}; {taken_back(nearest_way, names)} lets in {back}"


def standing(document: Document, names: Names, role: str) -> str:
    """Who is first or tied, by how much and how sure; starts in the middle of a sentence, without a full stop."""
    return _after_all(document["roles"][role], _standing(document, names, role))


def _standing(document: Document, names: Names, role: str) -> str:
    result = document["roles"][role]
    ranking = result["ranking"]
    first = names.framework(ranking[0]["framework"])
    if len(ranking) == 1:
        return f"{first} is the only candidate left"
    second, sure = names.framework(ranking[1]["framework"]), chance(ranking[0]["win_probability"])
    tied = [names.framework(place["framework"]) for place in leaders(result)]
    by = points(result["margin"])
    ahead = f"scores the same as {second}" if by == "0.0" else f"leads {second} by {by} points"
    who = f"{listed(tied)} are tied: {first}" if len(tied) > 1 else first
    drawn = document["draws"]
    often = f"in {sure} of {number(drawn['count'])} draws" if drawn else f"with a probability of {sure}"
    return f"{who} {ahead} and is first {often}"


def by(result: Document) -> str:
    """The two rules that carry the first most: against the runner-up, or by share where it is alone."""
    first = result["ranking"][0]
    if len(result["ranking"]) == 1:
        heavy = sorted(first["reasons"], key=lambda r: (-r["share"] * r["opinion"], r["rule"]))
        texts = [quoted(r, f"{percent(r['share'])} of the score") for r in heavy[:2]]
        return f", carried most by {listed(texts)}"
    ahead = [(gap, r) for gap, r in gaps(first, result["ranking"][1]) if gap >= LEAST]
    texts = [quoted(r, signed(gap)) for gap, r in ahead[:2]]
    return f", mostly by {listed(texts)}" if texts else ""


def easiest(document: Document, names: Names, role: str) -> str:
    """The one thing that would most easily change who is first, without a full stop; empty where it was not asked.

    In this order: a weight within one stated standard deviation of where it is, an open question, another answer, a
    weight further off. Of several weights, the one that changes least; of several questions, that of which the largest
    part of the answers puts another first; of several answers, what is asked first.
    """
    if document["changes"] is None:
        return ""
    weights = [w for w in document["changes"]["weights"] if w["role"] == role]
    weights.sort(key=lambda w: (abs(w["factor"] - 1), w["rule"]))
    near = [w for w in weights if abs(w["factor"] - 1) <= names.release.confidence["weight_relative_sd"]]
    unknown = [u for u in likeliest(document, role) if any(u["winners"])]
    flips = [f for f in document["changes"]["answers"] if f["role"] == role]
    putting = [f for f in flips if f["winner"] and f["from"] is not None]
    if near or (weights and not unknown and not putting):
        return weight_change(weights[0], document["roles"][role], names)
    if unknown:
        asked = unknown[0]["question"] in document.get("not_known", ())
        return f"{'asked and not known' if asked else 'still open'} is {open_question(unknown[0], names)}"
    if putting:
        flip = putting[0]
        return f"{change(names, flip['question'], flip['from'], [flip['to']])} would {effect(flip, names)}"
    none = "no other single answer or weight puts another first"
    return f"{none}, but some answers to “{names.question(flips[0]['question'])}” leave nothing" if flips else none


def likeliest(document: Document, role: str) -> list[Document]:
    """The open questions that could change the first place of a role, by the part of their answers that would."""
    found = [u for u in document["changes"]["unknown"] if u["role"] == role]
    return sorted(found, key=lambda u: (not any(u["winners"]), -sum(u["winners"].values()) / u["answers"]))
