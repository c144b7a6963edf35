"""Two releases compared, in words: what was added, taken away and changed, and what that did to the grades.

It reads release documents. What the changes do to answers is `knowledge_base.impact`'s business.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

LEAST_MOVE = 0.05  # grade levels; less is rounding and the passing of time

Document = Mapping[str, Any]
Entry = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference: the kind and id of the entry, a sentence, and the evidence that the new state cites."""

    kind: str
    id: str
    text: str
    evidence: tuple[str, ...] = ()


def differences(before: Document, after: Document) -> list[Difference]:
    """Everything that differs between two release documents, facts first, in a stable order."""
    return [
        *_settings(before, after),
        *_alternatives(before, after),
        *_grades(before, after),
        *_listed(before, after, "paths", "path", _path, _plain_change),
        *_listed(before, after, "evidence", "evidence", _evidence, _evidence_changed),
        *_listed(before, after, "sources", "source", _source, _plain_change),
        *_listed(before, after, "criteria", "criterion", _named, _plain_change),
        *_listed(before, after, "capabilities", "capability", lambda e: e["text"], _plain_change),
        *_listed(before, after, "rules", "rule", lambda e: e["text"], _rule_changed),
        *_listed(before, after, "gates", "gate", lambda e: e["text"], _plain_change),
        *_kin(before, after),
        *_questions(before, after),
        *_priors(before, after),
    ]


def _settings(before: Document, after: Document) -> Iterator[Difference]:
    for key in ("name", "as_of", "priorities_weight", "confidence", "fusion"):
        if before.get(key) != after.get(key) and after.get(key) is not None:
            yield Difference("setting", key, f"{key} is {_value(after[key])}, was {_value(before.get(key))}")


# --- Alternatives ----------------------------------------------------------------------------------------------------

_TOLD = ("name", "roles", "graded", "summary", "kind_note", "version", "version_date", "governance", "licence")


_CELL = ("value", "expires", "evidence", "note")


def _alternatives(before: Document, after: Document) -> Iterator[Difference]:
    old, new = _by_id(before["alternatives"]), _by_id(after["alternatives"])
    for name in sorted(old.keys() | new.keys()):
        if name not in new:
            yield Difference("alternative", name, f"{old[name]['name']} is no longer on file")
        elif name not in old:
            yield Difference("alternative", name, f"{new[name]['name']} is on file now: {new[name]['summary']}")
        else:
            yield from _one_alternative(old[name], new[name])


def _one_alternative(old: Entry, new: Entry) -> Iterator[Difference]:
    name, title = new["id"], new["name"]
    for key in _TOLD:
        if old.get(key) != new.get(key):
            yield Difference("alternative", name, f"{title}: {_was(key, old.get(key), new.get(key))}")
    for key in ("packages", "namesakes"):
        if key in old and key in new and old[key] != new[key]:  # a release of before there were any has neither
            yield Difference("alternative", name, f"{title}: {key} {_came_and_went(old[key], new[key])}")
    for key in ("state", "since", "ends", "successor", "note", "evidence"):
        was, now = old["lifecycle"].get(key), new["lifecycle"].get(key)
        if was != now:
            cited = tuple(new["lifecycle"]["evidence"])
            yield Difference("alternative", name, f"{title}: {_was(f'lifecycle {key}', was, now)}", cited)
    for key in sorted(old["capabilities"].keys() | new["capabilities"].keys()):
        was, now = old["capabilities"].get(key, {}), new["capabilities"].get(key, {})
        parts = [part for part in _CELL if not _same(was.get(part), now.get(part))]
        if parts:
            told = _was(key, was.get("value"), now.get("value")) if parts[0] == "value" else ""
            beside = "; ".join(_was(f"{key} {part}", was.get(part), now.get(part)) for part in parts)
            yield Difference("fact", f"{name} {key}", f"{title}: {told or beside}", tuple(now.get("evidence", ())))


def _came_and_went(old: list[Entry], new: list[Entry]) -> str:
    was, now = ({f"{each['name']} ({each['registry']})" for each in listed} for listed in (old, new))
    told = (("added", now - was), ("taken away", was - now))
    return "; ".join(f"{word} {', '.join(sorted(names))}" for word, names in told if names)


def _grades(before: Document, after: Document) -> Iterator[Difference]:
    titles = {a["id"]: a["name"] for a in after["alternatives"]}
    criteria = {c["id"]: c["name"] for c in after["criteria"]}
    for criterion in sorted(before["grades"].keys() & after["grades"].keys()):
        old, new = before["grades"][criterion], after["grades"][criterion]
        for name in sorted(old.keys() & new.keys()):
            text = _moved(old[name], new[name])
            if text:
                cited = _new_influences(old[name], new[name])
                where = f"{titles.get(name, name)}, {criteria.get(criterion, criterion)}"
                yield Difference("grade", f"{name} {criterion}", f"{where}: {text}", cited)


def _moved(old: Entry, new: Entry) -> str | None:
    if old["known"] != new["known"]:
        return "is known now" if new["known"] else "is not known any more"
    if abs(new["mean"] - old["mean"]) < LEAST_MOVE:
        return None
    return f"{new['mean']:.2f} of 4, was {old['mean']:.2f}"


def _new_influences(old: Entry, new: Entry) -> tuple[str, ...]:
    was = {e for e, _ in old["influences"]}
    return tuple(e for e, _ in new["influences"] if e not in was)


# --- Lists of entries ------------------------------------------------------------------------------------------------


def _listed(
    before: Document,
    after: Document,
    section: str,
    kind: str,
    told: Callable[[Entry], str],
    changed: Callable[[Entry, Entry], str],
) -> Iterator[Difference]:
    """What came, went and changed in a section whose entries have ids."""
    old, new = _by_id(before[section]), _by_id(after[section])
    for name in sorted(old.keys() | new.keys()):
        if name not in new:
            yield Difference(kind, name, f"{kind} {name} is gone: {told(old[name])}")
        elif name not in old:
            yield Difference(kind, name, f"new {kind} {name}: {told(new[name])}", tuple(new[name].get("evidence", ())))
        elif not all(_same(old[name].get(key), new[name].get(key)) for key in old[name].keys() | new[name].keys()):
            text = changed(old[name], new[name])
            yield Difference(kind, name, f"{kind} {name}: {text}", tuple(new[name].get("evidence", ())))


def _plain_change(old: Entry, new: Entry) -> str:
    return "; ".join(_was(key, old.get(key), new[key]) for key in new if not _same(old.get(key), new[key])) or "changed"


def _path(entry: Entry) -> str:
    return f"{entry['source']} to {entry['target']} by {entry['by']}, level {entry['level']}"


def _evidence(entry: Entry) -> str:
    return f"{entry['note']} ({entry['verdict']})"


def _evidence_changed(old: Entry, new: Entry) -> str:
    if old["verdict"] != new["verdict"]:
        return f"{new['verdict']}, was {old['verdict']}: {new['verdict_note'] or new['note']}"
    return _plain_change(old, new)


def _source(entry: Entry) -> str:
    return f"{entry['publisher']}, {entry['title']} ({entry['date']})"


def _named(entry: Entry) -> str:
    return f"{entry['name']}: {entry['question']}"


def _rule_changed(old: Entry, new: Entry) -> str:
    told = [
        _was(key, old.get(key), new[key]) for key in ("text", "when", "roles", "strength") if old.get(key) != new[key]
    ]
    for criterion in sorted(old["weights"].keys() | new["weights"].keys()):
        was, now = old["weights"].get(criterion, 0), new["weights"].get(criterion, 0)
        if was != now:
            told.append(f"weight of {criterion} is {now:g}, was {was:g}")
    return "; ".join(told) or "its argument or evidence changed"


def _questions(before: Document, after: Document) -> Iterator[Difference]:
    old = _by_id(before["questionnaire"]["questions"])
    new = _by_id(after["questionnaire"]["questions"])
    for name in sorted(old.keys() | new.keys()):
        if name not in new or name not in old:
            yield Difference("question", name, f"question {name} is {'new' if name in new else 'gone'}")
            continue
        options = [{o["id"] for o in each["options"]} for each in (old[name], new[name])]
        come, gone = sorted(options[1] - options[0]), sorted(options[0] - options[1])
        told = [f"new options {', '.join(come)}"] * bool(come) + [f"without {', '.join(gone)}"] * bool(gone)
        told += [_was(k, old[name].get(k), v) for k, v in new[name].items() if k != "options" and old[name].get(k) != v]
        if told or old[name] != new[name]:
            said = "; ".join(told) or "its options read otherwise"
            yield Difference("question", name, f"question {name}: {said}")
    for key in ("groups", "contradictions"):
        if before["questionnaire"].get(key) != after["questionnaire"].get(key):
            yield Difference("question", key, f"the {key} of the questionnaire changed")


def _priors(before: Document, after: Document) -> Iterator[Difference]:
    """What people are thought to answer, and when asking may stop; a release of before there were priors has none."""
    old, new = (document.get("asking", {}) for document in (before, after))
    was, now = old.get("settled_at_probability"), new.get("settled_at_probability")
    if was != now:
        yield Difference("setting", "asking", _was("settled_at_probability", was, now))
    stated, restated = (_by_id(each.get("priors", ())) for each in (old, new))
    for name in sorted(stated.keys() | restated.keys()):
        if name not in restated or name not in stated:
            text = "stated now" if name in restated else "no longer stated"
            yield Difference("prior", name, f"what is likely answered to {name} is {text}")
        elif stated[name] != restated[name]:
            text = f"what is likely answered to {name}: {_plain_change(stated[name], restated[name])}"
            yield Difference("prior", name, text, tuple(restated[name]["evidence"]))


def _kin(before: Document, after: Document) -> Iterator[Difference]:
    """How much knowing one alternative helps with another: pairs, which have no ids."""
    old, new = ({f"{k['a']} {k['b']}": k for k in document.get("kin", ())} for document in (before, after))
    for pair in sorted(old.keys() | new.keys()):
        if old.get(pair) != new.get(pair):
            was, now = (each.get(pair, {}).get("value") for each in (old, new))
            text = "argued otherwise" if was == now else _was("kinship", now=now, was=was)
            yield Difference("kin", pair, f"{pair.replace(' ', ' and ')}: {text}")


# --- Words -----------------------------------------------------------------------------------------------------------


def _by_id(entries: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {entry["id"]: entry for entry in entries}


def _same(was: object, now: object) -> bool:
    """Whether two values say the same; what an older release did not yet have says as much as an empty one."""
    return was == now or (was in (None, []) and now in (None, []))


def _was(key: str, was: object, now: object) -> str:
    return f"{key} is {_value(now)}, was {_value(was)}"


def _value(value: object) -> str:
    if value is None:
        return "not stated"
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "empty"
    if isinstance(value, dict):
        return ", ".join(f"{k} {_value(v)}" for k, v in value.items())
    return f'"{value}"' if isinstance(value, str) and " " in value else str(value)
