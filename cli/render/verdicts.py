"""Verdicts on a screen: a line for each framework; and what a wheel holds."""

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from advisor.words import human
from cli.render.screen import heading, line, paragraph, rows, table

STYLES = {"supported": "green", "degraded": "yellow", "fixable": "cyan", "impossible": "red", "unknown": "dim"}
ORDER = tuple(STYLES)
# What of the machine or the build is in the way, by the kind of change that would help.
WANTING = {
    "build": "the build",
    "version": "its version",
    "python": "Python",
    "system": "the system",
    "driver": "the driver",
    "other_system": "the system",
    "hardware": "the hardware",
}

Document = Mapping[str, Any]


def show(to: Console, judged: Document, conflicts: Sequence[str] = ()) -> None:
    """Print a table of verdicts, the best first, and which installed distributions stand in each other's way."""
    heading(to, "What runs here")
    if judged["not_judged"]:
        paragraph(to, judged["not_judged"], indent=2)
        return
    verdicts = judged["verdicts"]
    if not verdicts:
        paragraph(to, "No builds are on file.", indent=2)
        return
    found = table("framework", "verdict", "on", "why", "smallest change")
    for each in sorted(verdicts, key=lambda verdict: (ORDER.index(verdict["state"]), verdict["framework"])):
        verdict = line((each["state"], STYLES[each["state"]]))
        on = line(human(each["on"]) if each["on"] else "")
        found.add_row(line(each["framework"]), verdict, on, _why(each), _smallest(each))
    to.print(Padding(found, (0, 0, 0, 2)))
    if judged["assumed"]:
        paragraph(to, f"Assumed, where the machine does not say: {'; '.join(judged['assumed'])}.", indent=2)
    for said in conflicts:
        paragraph(to, line(("conflict ", "yellow"), said), indent=2)


def _why(verdict: Document) -> Text:
    """The reasons, without the changes that stand beside them, and the note of the build that is meant."""
    beside = {change["text"]: WANTING[change["kind"]] for option in verdict["options"] for change in option["changes"]}
    told: dict[str, list[str]] = {}
    for reason in verdict["reasons"]:
        build, mark, need = reason.partition(" needs: ")
        short = need in beside if mark else reason in beside
        wanting = told.setdefault(f"{build} does not fit: " if mark and short else reason, [])
        if short:
            wanting.append(beside[need or reason])
    said = [text + ", ".join(dict.fromkeys(own)) for text, own in told.items() if text not in beside]
    return line("; ".join(said), *([] if verdict["options"] else _note(verdict)))


def _note(verdict: Document) -> list[tuple[str, str]]:
    """The note of the build that is meant: the one at hand, or else that of the first of the ways."""
    kinds = [kind for kind in verdict["kinds"] if kind["device"] == verdict["on"] and kind["build"]]
    return [(f" ({kind['build']['note'].rstrip('.')})", "dim") for kind in kinds if kind["build"]["note"]]


def _smallest(verdict: Document) -> Text:
    """The ways to something better, the smallest first, with the note of its build where another is to be used."""
    ways = [
        "; ".join(change["text"] for change in option["changes"])
        + (f" (then {option['leads_to']})" if option["leads_to"] != "supported" else "")
        for option in verdict["options"]
    ]
    return line(*ways[:1], *(_note(verdict) if ways else []), *(f" — or: {way}" for way in ways[1:]))


def contents(to: Console, found: Document) -> None:
    """Print what a library, a folder or a wheel holds."""
    to.print(line((found["file"], "bold")))
    told = [("Libraries", str(found["libraries"])), ("Tags", ", ".join(found["tags"]))]
    told += [("Incomplete", each) for each in found["faults"]]
    if found["left_out"]:
        told.append(("Not listed", f"{found['left_out']} more kinds of code, of the libraries with the least"))
    rows(to, [(label, text) for label, text in told if text], indent=0)
    if found["coverage"]:
        paragraph(to, _covered(found["capability"], found["coverage"]))
    if not found["code"]:
        unread = "Whether it holds code for graphics processors is not known: not everything could be read."
        paragraph(to, unread if found["faults"] else "No code for graphics processors was found.")
        return
    listed = table("library", "machine code", "PTX", "AMD")
    for library in dict.fromkeys(each["library"] for each in found["code"]):
        own = [each for each in found["code"] if each["library"] == library]
        listed.add_row(line(library), *(line(_targets(own, kind)) for kind in ("sm", "ptx", "gfx")))
    to.print()
    to.print(listed)
    paragraph(to, line(("A generation, and in brackets how many pieces of code there are for it.", "dim")))


def _targets(code: Sequence[Document], kind: str) -> str:
    held = [each for each in code if each["kind"] == kind]
    held.sort(key=lambda each: (len(each["target"]), each["target"]))
    return ", ".join(f"{each['target']} ({each['entries']})" for each in held)


def _covered(capability: str, coverage: Document) -> str:
    through = coverage["through"]
    return {
        "native": f"A device of compute capability {capability} is covered, by {through}.",
        "translated": f"{capability} has no machine code here; the driver translates {through} when it is first used.",
        "none": f"Nothing here runs on a device of compute capability {capability}.",
        "unknown": f"Whether a device of compute capability {capability} is covered cannot be told.",
    }[coverage["state"]]
