"""What was found of a recorded decision, in sentences: as it was written or not, replayed or not, and what is new."""

from collections.abc import Iterator, Mapping
from typing import Any

from rules.accounts.naming import Names, counted, listed, points
from rules.accounts.telling import OPENINGS

SHOWN_STATUSES = 5
GROUPS = {
    "answers": ("answer", "answers"),
    "hardware": ("fact of the hardware", "facts of the hardware"),
    "facts": ("fact or grade of a framework", "facts and grades of frameworks"),
    "rules": ("part of a rule, gate or question", "parts of rules, gates and questions"),
    "weights": ("weight", "weights"),
}

Document = Mapping[str, Any]


def sentences(found: Document, names: Names, reason: str | None, fault: str | None) -> list[str]:
    """Everything that was found, the verdict first.

    Args:
        found: as `advisor.records.holding.still_holds` gathers it.
        names: the words of the active release.
        reason: why it could not be decided again from its own release, where it could not.
        fault: why a decision document cannot be what was decided.
    """
    verdict = "The decision still holds." if found["holds"] else "The decision does not hold as it stands."
    return [verdict, *filter(None, (*_file(found, reason, fault), *_replay(found, reason), *_today(found, names)))]


def _file(found: Document, reason: str | None, fault: str | None) -> Iterator[str]:
    if fault:
        yield f"The document was altered: {fault}."
    elif found["altered"] and found["same"] is False:
        yield "The record was altered, or what it was made from is not what it says."
    elif found["altered"]:
        lines = found["altered_lines"]
        more = f": {counted(len(lines), 'line')} of it {'is' if len(lines) == 1 else 'are'} missing" if lines else ""
        yield f"The record was altered after it was written{more}."
    elif found["altered"] is None and reason is None:
        yield "Whether its text is as it was written cannot be told: another version of the tools wrote it."
    elif found["added_lines"]:
        were = "was" if found["added_lines"] == 1 else "were"
        yield f"{counted(found['added_lines'], 'line')} {were} added to the record; nothing in it was altered."


def _replay(found: Document, reason: str | None) -> Iterator[str]:
    release = found["release"]
    if reason:
        yield f"It cannot be decided again as it was, for {reason}."
    elif found["same"]:
        yield f"Decided again from release {release}, it comes out the same, byte for byte."
    else:
        places = found["differences"]
        more = f" in {listed(places, SHOWN_STATUSES)}" if places else ""
        yield f"Decided again from release {release}, it comes out otherwise{more}."


def _today(found: Document, names: Names) -> Iterator[str]:
    today = found["today"]
    if today is None:
        yield f"Release {found['release']} is still the active one."
        return
    if today["faults"]:
        yield f"The active release {today['release']} does not take its answers: {'; '.join(today['faults'])}."
        return
    yield f"From the active release {today['release']}:"
    changed = today["difference"]
    for role, moved in today["roles"].items():
        yield f"{OPENINGS[role]}, {_moved(moved, names)}."
        if changed and role in changed["roles"]:
            yield from _statuses(changed["roles"][role]["statuses"], names)
    if changed:
        yield _differs(changed)


def _moved(moved: Document, names: Names) -> str:
    before, after = ([names.framework(name) for name in moved[key]] for key in ("before", "after"))
    if not before:
        return f"nothing was left, and now {listed(after)} leads" if after else "nothing is left, as before"
    if not after:
        return f"nothing is left; {listed(before)} led before"
    if before == after and len(before) == 1:
        return f"{before[0]} is still first; {_score(moved)}"
    if before == after:
        return f"{listed(before)} are still tied; for {before[0]} {_score(moved)}"
    were = f"{before[0]} was first" if len(before) == 1 else f"{listed(before)} were tied"
    are = f"{after[0]} is" if len(after) == 1 else f"{listed(after)} are tied"
    if moved["still"]:
        return f"{were}, and now {are}{' first' if len(after) == 1 else ''}; for {before[0]} {_score(moved)}"
    return f"{were}, and now {are}{' first' if len(after) == 1 else ''}"


def _score(moved: Document) -> str:
    before, after = points(moved["score_before"]), points(moved["score_after"])
    return f"the score is {after} as before" if before == after else f"the score goes from {before} to {after}"


def _statuses(statuses: list[Document], names: Names) -> Iterator[str]:
    """Who is excluded now, who comes back, and who is new."""
    groups: dict[str, list[str]] = {}
    for each in statuses:
        groups.setdefault(each["after"], []).append(names.framework(each["framework"]))
    said = {"excluded": "excluded now", "ranked": "ranked now", "absent": "no longer on file for it"}
    for status, who in groups.items():
        yield f"{listed(who, SHOWN_STATUSES)} {'is' if len(who) == 1 else 'are'} {said[status]}."


def _differs(changed: Document) -> str:
    """How many things of each kind differ between the two releases."""
    counts = {group: len(each) + changed["more"].get(group, 0) for group, each in changed["changes"].items() if each}
    said = [f"{count} {GROUPS[group][count > 1]}" for group, count in counts.items()]
    return f"What differs: {listed(said)}." if said else "Nothing that it is decided from differs."
