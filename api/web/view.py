"""A recorded recommendation arranged for reading. Nothing is computed here that is not in the record."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from advisor import words
from advisor.names import Wording
from advisor.words import TITLES, VERBS

REASONS_SHOWN = 4
FEW = 3  # numbers told one by one

Document = Mapping[str, Any]


def view(document: Document, names: Wording) -> dict[str, Any]:
    """What the page shows besides the record itself."""
    return {
        "roles": [
            {
                **_role(role, result, names),
                **(_by_the_way(document, names) if role == "runtime" else {}),
                "notes": _notes(role, document, names),
            }
            for role, result in document["roles"].items()
        ],
        "stack": document["stack"],
        "flips": _flips(document["changes"]["answers"], names),
        "weights": [_weight(each) for each in document["changes"]["weights"]],
        "texts": {r["rule"]: r["text"] for result in document["roles"].values() for r in result["rules"]},
        "open": _silent([s for s in document["silent_rules"] if s["could_change"]], names),
        "settled": _silent([s for s in document["silent_rules"] if not s["could_change"]], names),
        "probability": words.percent(names.confidence["interval_probability"]),
        "titles": TITLES,
        "layers": (document.get("policy") or {"layers": []})["layers"],
    }


def places(standing: Document) -> dict[tuple[str, str], int]:
    """The place of each of the ranked, by (role, framework), in a decision or in what an interview says of it."""
    ranked = ((role, place) for role, found in standing["roles"].items() for place in found["ranking"])
    return {(role, place["framework"]): place["rank"] for role, place in ranked}


def _role(role: str, result: Document, names: Wording) -> dict[str, Any]:
    leaders = [p for p in result["ranking"] if p["tie_group"] == 1]
    excluded: dict[str, list[Document]] = {}
    for each in result["excluded"]:
        excluded.setdefault(each["framework"], []).append(each)
    graded = {f: gates for f, gates in excluded.items() if f in names.alternatives and names.alternatives[f].graded}
    return {
        "id": role,
        "title": TITLES[role],
        "verb": VERBS[role],
        "leaders": leaders,
        "instead": words.listed(list(map(names.framework, words.instead(result))), word="or"),
        "headline": _headline(result, leaders, names),
        "brings": (result.get("without") or {}).get("brings"),
        "ranking": [_place(place, result, names) for place in result["ranking"]],
        "excluded": graded,
        "ungraded": {f: excluded[f] for f in sorted(set(excluded) - set(graded), key=names.framework)},
        "near_misses": result["near_misses"],
        "reliefs": _reliefs(result.get("reliefs"), names),
    }


def _by_the_way(document: Document, names: Wording) -> dict[str, Any]:
    """The runtimes that the ways lead to, in the place of the ranked first, where they are others."""
    ends, result = words.led_to(document), document["roles"]["runtime"]
    if not ends:
        return {}
    first = [names.framework(p["framework"]) for p in result["ranking"] if p["tie_group"] == 1]
    among = f"{words.listed(first)} {'are tied' if len(first) > 1 else 'would come first'}"
    other = words.way_instead(document, names.framework)
    said = f"{other[:1].upper()}{other[1:]}; among runtimes alone {among}."
    return {"instead": words.listed(list(map(names.framework, ends))), "headline": said}


def _notes(role: str, document: Document, names: Wording) -> list[str]:
    """What is to be known beside a role: what decides a tie, what runs the model itself, which server answers where."""
    result = document["roles"][role]
    if words.spares(result):  # then the headline has said it
        return []
    if role != "runtime":
        return [result["decides"]] if result.get("decides") else []
    told = [text for text in ((result.get("without") or {}).get("text"), result.get("decides")) if text]
    if not result["ranking"]:
        return told
    return told + [f"{names.framework(each['target'])}: {each['note']}" for each in document["stack"] if each["note"]]


def _reliefs(found: Document | None, names: Wording) -> list[str]:
    """What could be taken back where nothing is left, a sentence for each set of answers."""
    if found is None:
        return []
    said = []
    for relief in found["sets"]:
        taken: dict[str, list[str]] = {}
        for each in relief["withdraw"]:
            taken.setdefault(each["question"], []).extend([each["option"]] if each["option"] else [])
        parts = [
            f"{_joined(names.says(question, option) for option in options)} under “{names.question(question)}”"
            if options
            else f"the answer to “{names.question(question)}”"
            for question, options in taken.items()
        ]
        said.append(f"Taking back {_joined(parts)} lets in {_joined(map(names.framework, relief['lets_in']))}.")
    return said or [_no_relief(found)]


def _no_relief(found: Document) -> str:
    if found["complete"]:
        return "Whatever answers are taken back, nothing on file is let in."
    return f"No {found['searched_size']} answers or fewer, taken back, let anything in."


def _joined(texts: Iterable[str]) -> str:
    *most, last = texts
    return f"{', '.join(most)} and {last}" if most else last


def _headline(result: Document, leaders: Sequence[Document], names: Wording) -> str:
    """Who leads, and by how much."""
    ranking = result["ranking"]
    if words.spares(result):
        tied = [names.framework(place["framework"]) for place in leaders]
        best = f"{words.listed(tied)} {'leads' if len(tied) == 1 else 'lead'}" if tied else "none is left"
        return f"{result['without']['text']} Of the runtimes, {best}."
    if not ranking:
        return "Every candidate is excluded. What would let one back in is listed below."
    if len(ranking) == 1:
        return "The only candidate that is left; the others are excluded below."
    second = names.framework(ranking[1]["framework"])
    margin = words.points(result["margin"])
    if len(leaders) > 1:
        return (
            f"{len(leaders)} candidates cannot be told apart on what is known; "
            f"{names.framework(ranking[0]['framework'])} scores {margin} points more than {second}."
        )
    first = words.chance(ranking[0]["win_probability"])
    return f"{margin} points ahead of {second}; first with a probability of {first}."


def _place(place: Document, result: Document, names: Wording) -> dict[str, Any]:
    low, high = (max(0.0, min(1.0, bound)) for bound in place["interval"])
    name = names.framework(place["framework"])
    alone = len(result["ranking"]) == 1
    reasons = [{**r, "sentence": _sentence(r, name, alone)} for r in place["reasons"]]
    return {
        **place,
        "name": name,
        "low": 100 * low,
        "high": 100 * high,
        "shown": reasons[:REASONS_SHOWN],
        "rest": reasons[REASONS_SHOWN:],
    }


def _sentence(reason: Document, name: str, alone: bool) -> str:
    """What one rule does to one alternative, in words."""
    weighs = f"weighs {words.percent(reason['share'])} of the score"
    moved = words.points(abs(reason["contribution"]))
    if alone:
        return f"{weighs}; {name} meets it to {words.percent(reason['opinion'])}"
    if moved == "0.0":
        return f"{weighs}; {name} is no different from the field here"
    lifts = "lifts" if reason["contribution"] > 0 else "lowers"
    return f"{weighs} and {lifts} {name} by {moved} points against the field"


def _weight(flip: Document) -> Document:
    """A changed weight with both of its shares in words, which never read alike."""
    pair = words.two_percents(flip["share"], flip["share_after"])
    before, after = (text.replace("%", "\N{NO-BREAK SPACE}%") for text in pair)
    return {**flip, "before": before, "after": after}


def _flips(flips: Sequence[Document], names: Wording) -> list[dict[str, Any]]:
    """Changed answers that flip the first place, those with the same effect together, those that leave nothing last."""
    found: dict[tuple[str, str, str | None], dict[str, Any]] = {}
    for flip in flips:
        key = (flip["role"], flip["question"], flip["winner"])
        entry = found.setdefault(
            key,
            {
                "role": TITLES[flip["role"]],
                "text": names.question(flip["question"]),
                "before": None if flip["from"] is None else names.says(flip["question"], flip["from"]),
                "ways": {},
                "winner": names.framework(flip["winner"]) if flip["winner"] else None,
            },
        )
        way, answer = _way(flip, names)
        entry["ways"].setdefault(way, []).append((flip["to"], answer))
    for entry in found.values():
        entry["ways"] = {way: _few(answers) for way, answers in entry["ways"].items()}
    return sorted(found.values(), key=lambda entry: entry["winner"] is None)


def _few(answers: Sequence[tuple[Any, str]]) -> list[str]:
    """Answers in words, of many numbers only between which they lie: others in between may differ."""
    if any(isinstance(value, bool) or not isinstance(value, int | float) for value, _ in answers):
        return [text for _, text in answers]
    texts = [text for _, text in sorted(answers)]
    return texts if len(texts) <= FEW else [f"a number from {texts[0]} to {texts[-1]}"]


def _way(flip: Document, names: Wording) -> tuple[str, str]:
    """How an answer changes, and to what: a list that grows or shrinks is told by what is added or left out."""
    question, before, after = flip["question"], flip["from"], flip["to"]
    if after is None:
        return "left open", ""
    if isinstance(before, list) and isinstance(after, list):
        added = [each for each in after if each not in before]
        gone = [each for each in before if each not in after]
        if added and not gone and before:
            return "answered also with", names.says(question, added)
        if gone and not added and after:
            return "answered without", names.says(question, gone)
    return "answered", names.says(question, after)


def _asks(question: str, names: Wording) -> str:
    """A question by its text, a fact of the machine by what it is."""
    machine, _, fact = question.partition("hardware.")
    return names.question(question) if machine or not fact else f"The machine: {words.human(fact)}"


def _silent(silent: Sequence[Document], names: Wording) -> list[dict[str, Any]]:
    """Silent rules and gates by the questions that would let them speak."""
    found: dict[tuple[str, ...], dict[str, Any]] = {}
    for each in silent:
        key = tuple(each["questions"])
        entry = found.setdefault(key, {"questions": [(q, _asks(q, names)) for q in key], "rules": []})
        line = f"{each['text']} ({TITLES[each['role']].lower()})"
        if line not in entry["rules"]:
            entry["rules"].append(line)
    return list(found.values())
