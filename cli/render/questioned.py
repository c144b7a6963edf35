"""Answers to what is asked of a decision: why not, is it still the same, and who vouches for it."""

from collections.abc import Mapping
from typing import Any

from rich.console import Console

from advisor.house import Knowledge
from advisor.names import Wording
from advisor.words import LEAST, TITLES, ordinal, points
from cli.render.exclusions import relaxations
from cli.render.roles import layer
from cli.render.screen import heading, line, paragraph, rows

SHOWN_LOSSES = 5
Document = Mapping[str, Any]


def about(decision: str, *, is_last: bool) -> str:
    """Which decision is spoken of; one that nobody named is said to be the last."""
    return f"in {decision}" + (", the one recorded last" if is_last else "")


def show_why_not(to: Console, found: Document, known: Knowledge, *, is_last: bool) -> None:
    """Print why a framework is not the first: in sentences, then role by role with everything that was found."""
    names = Wording(known)
    name = found["name"]
    to.print(line((name, "bold"), (f"  {found['framework']}, {about(found['decision'], is_last=is_last)}", "dim")))
    if found["about"][1:] not in found["reason"]:
        paragraph(to, line((found["about"], "dim")))
    to.print()
    paragraph(to, found["reason"])
    for role, standing in found["roles"].items():
        if standing["outcome"] == "excluded":
            heading(to, f"{TITLES[role]}: excluded")
            _excluded(to, standing, names)
        else:
            _ranked(to, role, standing, name, names)


def _excluded(to: Console, standing: Document, names: Wording) -> None:
    for gate in standing["gates"]:
        cells = [(line(("x", "red")), line((gate["text"], "bold"), (layer(gate), "dim")))]
        cells += [(line(""), line(("needed: ", "dim"), gate["required"]))]
        cells += [(line(""), line(("found:  ", "dim"), gate["found"]))]
        if gate["evidence"]:
            cells += [(line(""), line((f"evidence: {', '.join(gate['evidence'])}", "dim")))]
        rows(to, cells)
    ways = relaxations(standing["gates"][0]["relaxation"], names)
    if ways:
        paragraph(to, f"What would let it back in: {'; or '.join(ways)}.")
    else:
        paragraph(to, "No single changed answer would let it back in.")


def _ranked(to: Console, role: str, standing: Document, name: str, names: Wording) -> None:
    place = f"{ordinal(standing['rank'])} with {points(standing['score'])} points"
    if standing["rank"] == 1:
        heading(to, f"{TITLES[role]}: it comes {place}")
        return
    first = names.framework(standing["first"])
    heading(to, f"{TITLES[role]}: {place}, {points(standing['behind_by'])} behind {first}")
    lost = [row for row in standing["where"] if row["behind_by"] >= LEAST]
    won = [row for row in reversed(standing["where"]) if row["behind_by"] <= -LEAST]
    if lost:
        paragraph(to, f"Where {name} loses to {first}:")
        rows(to, [(line((points(row["behind_by"]), "yellow")), line(row["text"])) for row in lost[:SHOWN_LOSSES]])
    if won:
        paragraph(to, f"Where {name} is ahead:")
        rows(to, [(line((points(-row["behind_by"]), "green")), line(row["text"])) for row in won[:SHOWN_LOSSES]])


VERDICTS = {
    "good": ("Good", "bold green", "unaltered, and signed by"),
    "altered": ("Altered", "bold red", "its content is not the one that its passport names"),
    "unsigned": ("Unsigned", "bold yellow", "unaltered as far as its passport tells, but anyone can make that anew"),
    "unknown_key": ("Unknown key", "bold yellow", "give the public key with --public-key; it names"),
    "bad_signature": ("Bad signature", "bold red", "its passport was not signed with the key that it names"),
}


def show_verified(to: Console, found: Document) -> None:
    """Print what was found of a decision and its signature."""
    word, style, text = VERDICTS[found["outcome"]]
    named = f" {found['key_id']}" if found["outcome"] in ("good", "unknown_key") else ""
    paragraph(to, line((word, style), f": {text}{named}"))
    rows(to, [("id", found["id"]), ("passport", found["passport"])])


def show_replay(to: Console, found: Document) -> None:
    """Print whether a decision still holds, what was found, and where it differs."""
    verdict, *said = found["said"]
    paragraph(to, line((verdict, "bold green" if found["holds"] else "bold red"), f" {found['id']}"))
    for each in said:
        paragraph(to, line(each))
    if found["same"] is False:
        rows(to, [("recorded", found["passport"]), ("replayed", found["replayed_passport"])])
    if found["differences"]:
        heading(to, "Where they differ")
        rows(to, [("-", path) for path in found["differences"]])
    if found["altered_lines"]:
        heading(to, "Lines of the record that are no longer there")
        rows(to, [("-", text) for text in found["altered_lines"]])
