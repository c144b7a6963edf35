"""A difference of two recommendations arranged for reading, in sentences and rows."""

from collections.abc import Mapping, Sequence
from math import inf
from typing import Any

from advisor.names import Wording
from advisor.words import LEAST, TITLES, listed, needed_after, points, signed

Document = Mapping[str, Any]
KINDS = {
    "answers": "the answers",
    "hardware": "the machine",
    "facts": "what is known",
    "rules": "the rules",
    "weights": "the weights",
}


def difference(found: Document, before: Document, after: Document, names: Wording) -> dict[str, Any]:
    """What a page shows of a difference.

    Args:
        found: as `rules.differences` documents it.
        before, after: the two decision documents.
        names: the words of the later release.
    """
    return {
        "groups": [KINDS[group] for group in found["groups"]],
        "roles": [_role(role, each, before, after, found["groups"], names) for role, each in found["roles"].items()],
        "added": [TITLES[role] for role in found["roles_added"]],
        "removed": [TITLES[role] for role in found["roles_removed"]],
        "answers": [
            (names.question(c["id"]), *names.change(c["id"], c["before"], c["after"]))
            for c in found["changes"].get("answers", ())
            if c["kind"] == "question"
        ],
        "releases": None
        if found["release_before"] == found["release_after"]
        else (found["release_before"], found["release_after"]),
    }


def _role(
    role: str, each: Document, before: Document, after: Document, groups: Sequence[str], names: Wording
) -> dict[str, Any]:
    sides = before["roles"][role], after["roles"][role]
    places = [{p["framework"]: p["rank"] for p in side["ranking"]} for side in sides]
    shown = [s for s in each["scores"] if any(s["framework"] in side for side in places)]
    shown.sort(key=lambda s: (places[1].get(s["framework"], inf), -s["after"]))  # who is out comes last
    return {
        "title": TITLES[role],
        "lead": f"{_lead(each['lead'], after['roles'][role], names)} {needed_after(*sides)}".rstrip(),
        "statuses": _statuses([s for s in each["statuses"] if "ranked" in (s["before"], s["after"])], names),
        "groups": [KINDS[group] for group in groups] if len(groups) > 1 else [],
        "rows": [_row(s, places, groups if len(groups) > 1 else (), names) for s in shown],
    }


def _lead(lead: Document | None, result: Document, names: Wording) -> str:
    if lead is None:
        ranking = result["ranking"]
        return f"{names.framework(ranking[0]['framework'])} stays first." if ranking else "Nothing is left, as before."
    was, now = (names.framework(lead[side]) if lead[side] else "Nobody" for side in ("before", "after"))
    if lead["gap_before"] is None or lead["gap_after"] is None:
        return f"{now} is first instead of {was.lower() if was == 'Nobody' else was}."
    told = f"{now} is first instead of {was}: it was {_stands(lead['gap_before'])} and is {_stands(lead['gap_after'])}."
    return told + (" A gate, not the score, kept it out before." if lead["gap_before"] > LEAST else "")


def _stands(gap: float) -> str:
    if abs(gap) < LEAST:
        return "level"
    return f"{points(abs(gap))} points {'ahead' if gap > 0 else 'behind'}"


def _statuses(statuses: Sequence[Document], names: Wording) -> list[str]:
    """Who came in and who fell out, a sentence for each way of doing so."""
    became = {"ranked": "let in", "excluded": "excluded"}
    found: dict[str, list[str]] = {}
    for each in statuses:
        said = became.get(each["after"], "no longer a candidate")
        found.setdefault(said, []).append(names.framework(each["framework"]))
    return [f"{listed(who)} {'is' if len(who) == 1 else 'are'} {said}." for said, who in found.items()]


def _row(score: Document, places: Sequence[Mapping[str, int]], groups: Sequence[str], names: Wording) -> dict[str, Any]:
    was, now = (side.get(score["framework"]) for side in places)
    return {
        "framework": score["framework"],
        "name": names.framework(score["framework"]),
        "was": was or "out",
        "now": now or "out",
        "before": points(score["before"]),
        "after": points(score["after"]),
        "change": signed(score["after"] - score["before"]),
        "parts": [signed(score["parts"][group]) for group in groups],
    }
