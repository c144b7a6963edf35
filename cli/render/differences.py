"""What changed between two decisions: who leads, who came in or fell out, the scores and where each change is from."""

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from advisor.house import Knowledge
from advisor.names import Wording
from advisor.words import LEAST, TITLES, human, needed_after, plain, points, signed
from cli.render import phrases, voices
from cli.render.screen import heading, line, paragraph, rows, section

SHOWN_THINGS = 8
SHOWN_FIELDS = 4
SHOWN_CHARACTERS = 60
GROUPS = {
    "answers": "Answers that differ",
    "hardware": "Hardware that differs",
    "facts": "Facts and grades that differ",
    "rules": "Rules and gates that differ",
    "weights": "Weights that differ",
}

STATUSES = {"ranked": "ranked", "excluded": "excluded", "absent": "no candidate"}

Document = Mapping[str, Any]


def show_what_if(to: Console, found: Document, before: Document, known: Knowledge) -> None:
    """Print what a decision would be under other answers."""
    names = Wording(known)
    to.print(line(("What if", "bold"), (f"  against {found['id']}; nothing is recorded", "dim")))
    rows(
        to,
        [_asked(question, before["answers"].get(question), to_, names) for question, to_ in found["changed"].items()],
    )
    _roles(to, found["difference"], before, found["decision"], names)


def _asked(question: str, before: object, after: object, names: Wording) -> tuple[Text, Text]:
    now, was = names.change(question, before, after)
    told = ", as before" if names.says(question, after) == names.says(question, before) else f" {was}"
    return line("-"), line(f"{names.question(question)} ", (f"[{question}] ", "dim"), (now, "bold"), told)


def show_diff(to: Console, found: Document, before: Document, after: Document, known: Knowledge) -> None:
    """Print what changed from one recorded decision to another."""
    names = Wording(known)
    to.print(line(("What changed", "bold"), (f"  from {found['before']} to {found['after']}", "dim")))
    if found["release_before"] != found["release_after"]:
        paragraph(to, line((f"Releases: {found['release_before']}, then {found['release_after']}", "dim")))
    if not found["groups"]:
        paragraph(to, "Both were made from the same answers, hardware and knowledge.")
    _roles(to, found, before, after, names)
    for group in found["groups"]:
        _changes(to, group, found["changes"][group], found["more"][group], names)


def _roles(to: Console, found: Document, before: Document, after: Document, names: Wording) -> None:
    for role, each in found["roles"].items():
        sides = [document["roles"][role] for document in (before, after)]
        section(to, TITLES[role])
        _lead(to, each, sides[1], found["groups"], names)
        if needed := needed_after(*sides):
            paragraph(to, needed)
        _statuses(to, each["statuses"], found["groups"], names)
        _scores(to, each["scores"], sides, found["groups"], names)
    for roles, said in ((found["roles_added"], "now answered too"), (found["roles_removed"], "no longer answered")):
        for role in roles:
            section(to, TITLES[role])
            paragraph(to, f"This role is {said}.")


# --- Who leads, and who is in ----------------------------------------------------------------------------------------


def _lead(to: Console, each: Document, result: Document, groups: Sequence[str], names: Wording) -> None:
    lead = each["lead"]
    if lead is None:
        same = names.framework(result["ranking"][0]["framework"]) if result["ranking"] else None
        paragraph(to, line((f"{same} is still first." if same else "Nothing is left, as before.", "bold")))
        return
    was, now = (names.framework(lead[side]) if lead[side] else "nobody" for side in ("before", "after"))
    leads = now if lead["after"] else "Nobody"
    paragraph(to, line((f"{leads} is first instead of {was}{_from(lead['by'], groups)}.", "bold green")))
    if lead["parts"] is None:
        return
    stood, stands = _stands(lead["gap_before"]), _stands(lead["gap_after"])
    paragraph(to, f"Against {was}, {now} was {stood} and is {stands}{_parts(lead['parts'])}.")
    if lead["gap_before"] > LEAST:
        paragraph(to, f"Gates, not scores, kept {now} from being first before.")


def _stands(gap: float) -> str:
    if abs(gap) < LEAST:
        return "level"
    return f"{points(abs(gap))} points {'ahead' if gap > 0 else 'behind'}"


def _parts(parts: Mapping[str, float]) -> str:
    told = [f"{signed(part)} from {group}" for group, part in parts.items() if abs(part) >= LEAST]
    return f": {', '.join(told)}" if len(told) > 1 else ""


def _from(sets: Sequence[Sequence[str]], groups: Sequence[str]) -> str:
    """Which groups of inputs bring a change about; nothing where only one group differs."""
    if len(groups) < 2 or not sets:
        return ""
    told = [phrases.both(each) + (" together" if len(each) > 1 else "") for each in sets]
    return f", from {phrases.either(told)}"


def _statuses(to: Console, statuses: Sequence[Document], groups: Sequence[str], names: Wording) -> None:
    cells = []
    for each in statuses:
        mark = line(("+", "green")) if each["after"] == "ranked" else line(("x", "red"))
        change = f": {STATUSES[each['after']]}, was {STATUSES[each['before']]}"
        why = f"{_gates(each)}{_from(each['by'], groups)}"
        cells.append((mark, line((names.framework(each["framework"]), "bold"), change, (why, "dim"))))
    if cells:
        rows(to, cells)


def _gates(each: Document) -> str:
    if each["after"] == "excluded":
        return f", stopped by {phrases.both(each['gates_after'], 3)}"
    return f", no longer stopped by {phrases.both(each['gates_before'], 3)}" if each["gates_before"] else ""


# --- Scores ----------------------------------------------------------------------------------------------------------


def _scores(
    to: Console, scores: Sequence[Document], sides: Sequence[Document], groups: Sequence[str], names: Wording
) -> None:
    """What is ranked on either side: its place and score on both, and each group's part of the change."""
    places = [{place["framework"]: place["rank"] for place in side["ranking"]} for side in sides]
    shown = [score for score in scores if any(score["framework"] in side for side in places)]
    if not shown:
        return
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim", pad_edge=False)
    table.add_column("place", no_wrap=True)
    table.add_column("framework", overflow="fold")
    parted = groups if len(groups) > 1 else ()
    for title in ("before", "after", "change", *parted):
        table.add_column(title, justify="right", no_wrap=True)
    shown.sort(key=lambda score: places[1].get(score["framework"], len(scores) + 1))
    for score in shown:
        was, now = (str(side.get(score["framework"], "out")) for side in places)
        numbers = [points(score["before"]), points(score["after"]), signed(score["after"] - score["before"])]
        numbers += [signed(score["parts"][group]) for group in parted]
        place = now if was == now else f"{was} → {now}"
        table.add_row(line(place), line(names.framework(score["framework"])), *(line(number) for number in numbers))
    to.print()
    to.print(Padding(table, (0, 0, 0, 2)))


# --- What differs ----------------------------------------------------------------------------------------------------


def _changes(to: Console, group: str, changes: Sequence[Document], more: int, names: Wording) -> None:
    """What differs, all fields of one thing together."""
    things: dict[tuple[str, str], list[Document]] = {}
    for each in changes:
        things.setdefault((each["kind"], each["id"]), []).append(each)
    shown = list(things.values())[:SHOWN_THINGS]
    heading(to, GROUPS[group])
    rows(to, [(line("-"), _change(fields, names)) for fields in shown])
    rest = len(changes) - sum(len(fields) for fields in shown) + more
    if rest:
        told = phrases.counted(rest, "more change", "more changes")
        paragraph(to, line((f"and {told}; --json lists them", "dim")), indent=2)


def _change(fields: Sequence[Document], names: Wording) -> Text:
    kind, name = fields[0]["kind"], fields[0]["id"]
    before, after = fields[0]["before"], fields[0]["after"]
    if name == "preferences":
        return line(
            "What matters ", ("[preferences] ", "dim"), f"{voices.told(after)} instead of {voices.told(before)}"
        )
    if kind == "question" and fields[0]["field"] == "value":
        return line(f"{names.question(name)} ", (f"[{name}] ", "dim"), " ".join(names.change(name, before, after)))
    if fields[0]["field"] == "exists":
        return line(f"{human(kind)} {name}: {'new' if after else 'gone'}")
    told = [_field(each) for each in fields[:SHOWN_FIELDS]]
    told += [f"{len(fields) - SHOWN_FIELDS} more"] if len(fields) > SHOWN_FIELDS else []
    return line(f"{human(kind)} {name}: {', '.join(told)}")


def _field(each: Document) -> str:
    field = "" if each["field"] == "value" else f"{each['field'].removeprefix('alt.').removeprefix('weights.')} "
    after, before = (_value(each[side], each["kind"]) for side in ("after", "before"))
    return f"{field}{after} instead of {before}" if after != before else f"{field}{after}, but not the same"


def _value(value: object, kind: str) -> str:
    if value is None:
        return "not known" if kind == "fact" else "nothing"
    text = "none" if value == [] else plain(value) if not isinstance(value, dict) else str(value)
    return text if len(text) <= SHOWN_CHARACTERS else f"{text[: SHOWN_CHARACTERS - 1]}…"
