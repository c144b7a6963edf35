"""A decision as a screen: each role with its ranking and reasons, the stack, what would change it, the evidence.

A screen is a selection; the JSON document holds everything.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rich.console import Console

from advisor import knowledge
from advisor.house import House
from advisor.names import Wording
from advisor.words import TITLES, human, level, plain
from cli.render import changes, exclusions, memory, phrases, roles, voices
from cli.render.screen import heading, line, paragraph, rows, section

SHOWN_SOURCES = 6
EVIDENCE_PER_REASON = 2
TOP_LEVEL = 3
WHOSE = {"this server": " (this machine)", "your profile": " (your profile)", "what if": " (what if)"}
ASK_ON = ("explain ID", "why-not FRAMEWORK --decision ID", "replay ID")

Document = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Heading:
    """What the file of answers calls the project, where its answers come from, and whether the decision is recorded."""

    name: str | None
    source: str | None
    is_stored: bool


def show(to: Console, house: House, document: Document, about: Heading) -> None:
    """Print the whole decision."""
    names = Wording(house.knowledge(document["release"]["id"]))
    named = {entry["framework"] for entry in document["considered"]}
    named |= set(document["answers"].get("tried_and_rejected", ()))
    _top(to, document, about, names)
    for role, result in document["roles"].items():
        section(to, TITLES[role])
        roles.show(to, document, role, names)
        exclusions.show(to, result, names, named)
    _considered(to, document["considered"], names)
    _stack(to, document["stack"], names)
    memory.show(to, document.get("feasibility"))
    changes.show(to, document, names)
    _evidence(to, house, document, names)
    _foot(to, document, about)


def _top(to: Console, document: Document, about: Heading, names: Wording) -> None:
    to.print(line((about.name or "Recommendation", "bold")))
    if about.source:
        paragraph(to, line((f"Answers from: {about.source}", "dim")))
    hardware = document["hardware"]
    whose = WHOSE.get(hardware.get("source"), "")
    looked = "as known on" if hardware.get("source") == "what if" else "seen"
    captured = f", {looked} {hardware['captured_at']}" if hardware["captured_at"] else ""
    answered = phrases.counted(len(document["answers"]), "answer", "answers")
    paragraph(to, line((f"{answered}; hardware: {hardware['label']}{whose}{captured}", "dim")))
    if hardware["filled"]:
        filled = ", ".join(f"{question} = {plain(value)}" for question, value in hardware["filled"].items())
        paragraph(to, line((f"Taken from the hardware: {filled}", "dim")))
    if hardware.get("assumed"):
        paragraph(to, line((f"Assumed of the hardware: {'; '.join(hardware['assumed'])}", "dim")))
    for text in hardware["disagreements"]:
        paragraph(to, line((text, "yellow")))
    for text in (document.get("feasibility") or {"cautions": ()})["cautions"]:
        paragraph(to, line((text, "yellow")))
    if document["unweighed"]:
        unheard = f"No rule or gate of the roles below looks at these answers: {', '.join(document['unweighed'])}"
        paragraph(to, line((unheard, "yellow")))
    voices.show_inputs(to, document, names)


def _considered(to: Console, considered: Sequence[Document], names: Wording) -> None:
    if not considered:
        return
    section(to, "What you are considering")
    for entry in considered:
        version = f" {entry['version']}" if entry["version"] else ""
        rows(to, [("", line((f"{names.framework(entry['framework'])}{version}: ", "bold"), entry["text"]))])


def _stack(to: Console, stack: Sequence[Document], names: Wording) -> None:
    if not stack:
        return
    section(to, "From training to each target" if any(len(s["path"]) > 1 for s in stack) else "On each target")
    for entry in stack:
        paragraph(to, line(draw(entry, names) if entry["path"] else _no_way(entry, names)), indent=2)
        if entry["note"]:
            paragraph(to, line(entry["note"]), indent=4)


def _no_way(entry: Document, names: Wording) -> str:
    return f"No way on file leads to: {names.framework(entry['target'])}"


def draw(entry: Document, names: Wording) -> str:
    """The way to one target, such as `PyTorch --litert-torch (official with limits)--> LiteRT --> Android`."""
    text = names.framework(entry["path"][0]["from"])
    for step in entry["path"]:
        by = [] if step["to"] == entry["target"] else [step["by"]]
        by += [f"({level(step['level'])})"] if step["level"] < TOP_LEVEL else []
        text += f" --{' '.join(by)}--> " if by else " --> "
        text += names.framework(step["to"])
    return text


def _evidence(to: Console, house: House, document: Document, names: Wording) -> None:
    """The sources behind the reasons that were shown, each once."""
    reasons = [
        (result["ranking"][0]["framework"], reason)
        for result in document["roles"].values()
        for reason in roles.helping(result)[: roles.SHOWN_REASONS]
    ]
    found = knowledge.evidence(house, [e for _, reason in reasons for e in reason["evidence"]], names.release)
    sources: dict[str, Document] = {}
    for winner, reason in reasons:
        cited = [found[e] for e in reason["evidence"] if e in found]
        about_it = [piece for piece in cited if winner in piece["about"]]
        for piece in (about_it or cited)[:EVIDENCE_PER_REASON]:
            sources.setdefault(piece["source"]["id"], piece["source"])
    if not sources:
        return
    section(to, "Evidence for the reasons above")
    for source in list(sources.values())[:SHOWN_SOURCES]:
        about = f" ({human(source['kind'])}, {source['date']})"
        rows(to, [("-", line(f"{source['publisher']}: {source['title']}", (about, "dim")))])
    if len(sources) > SHOWN_SOURCES:
        more = phrases.counted(len(sources) - SHOWN_SOURCES, "more source", "more sources")
        rows(to, [("", line((f"and {more}: steelyard knowledge show FRAMEWORK", "dim")))])


def _foot(to: Console, document: Document, about: Heading) -> None:
    heading(to, document["id"] if about.is_stored else f"{document['id']} (not recorded)")
    paragraph(to, line((f"Release {document['release']['id']}, decided {document['created_at']}", "dim")))
    if about.is_stored:
        for lead, command in zip(("Ask on:", "", ""), ASK_ON, strict=True):
            asked = command.replace("ID", document["id"])
            paragraph(to, line((f"{lead:<7} steelyard {asked}", "dim")))
