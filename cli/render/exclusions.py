"""What is excluded from a role, gate by gate: what is needed, what was found, and what would let it back in."""

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.text import Text

from advisor.names import Wording
from advisor.words import ordinal, points
from cli.render import phrases
from cli.render.screen import heading, line, paragraph, rows

SHOWN_NEAR_MISSES = 4
SHOWN_CHARACTERS = 240
ENDED = ("archived", "deprecated")

Document = Mapping[str, Any]


def show(to: Console, result: Document, names: Wording, named: set[str]) -> None:
    """Print the exclusions of one role; those in `named` were asked for and are never only counted."""
    by_framework: dict[str, list[Document]] = {}
    for entry in result["excluded"]:
        by_framework.setdefault(entry["framework"], []).append(entry)
    ended = [f for f in by_framework if names.alternatives[f].facts.get("alt.lifecycle") in ENDED and f not in named]
    ungraded = [f for f in by_framework if not names.alternatives[f].graded and f not in (*named, *ended)]
    told = {f: entries for f, entries in by_framework.items() if f not in (*ended, *ungraded)}
    if by_framework:
        heading(to, "Excluded")
        if any(len(entries) > 1 for entries in told.values()):
            paragraph(to, line(("+n: by n more gates; steelyard why-not tells them all", "dim")), indent=2)
    for gate, entries in _gates(told):
        _gate(to, gate, entries, told, names)
    for framework, why in ((ended, "no longer developed"), (ungraded, "on file but not graded")):
        if framework:
            listed = ", ".join(sorted((names.framework(f) for f in framework), key=str.casefold))
            rows(to, [("-", line((f"{why}: {listed}", "dim")))])
    _near_misses(to, result["near_misses"], names)


def _gates(told: Mapping[str, Sequence[Document]]) -> list[tuple[str, list[Document]]]:
    """Each framework under the one of its gates that stops most, so that it is listed once; (gate, entries)."""
    sizes: dict[str, int] = {}
    for entries in told.values():
        for entry in entries:
            sizes[entry["gate"]] = sizes.get(entry["gate"], 0) + 1
    found: dict[str, list[Document]] = {}
    for entries in told.values():
        entry = max(entries, key=lambda e: (sizes[e["gate"]], -entries.index(e)))
        found.setdefault(entry["gate"], []).append(entry)
    return sorted(found.items(), key=lambda each: (-len(each[1]), each[0]))


def _gate(
    to: Console, gate: str, entries: Sequence[Document], told: Mapping[str, Sequence[Document]], names: Wording
) -> None:
    common = dict.fromkeys(_without_name(entry, names) for entry in entries)
    text = next(iter(common)) if len(common) == 1 else gate
    layer = "" if entries[0]["layer"] in ("shipped", "engine") else f" [{entries[0]['layer']}]"
    rows(to, [(line(("x", "red")), line((text, "bold"), (layer, "dim")))])
    label, needs = _split(entries[0]["required"], entries[0]["found"])
    rows(to, [(line(("needs", "dim")), line((_short(f"{label}: {needs}" if label else needs), "dim")))], indent=4)
    grouped: dict[str, list[str]] = {}
    for entry in entries:
        more = len(told[entry["framework"]]) - 1
        also = f" +{more}" if more else ""
        found = entry["found"].removeprefix(f"{label}: ") if label else entry["found"]
        grouped.setdefault(found, []).append(f"{names.framework(entry['framework'])}{also}")
    cells = [(line(""), _found(stopped, found)) for found, stopped in grouped.items()]
    rows(to, cells, indent=3)


def _found(stopped: Sequence[str], found: str) -> Text:
    return line(phrases.both(stopped), (f": {_short(found)}", "dim"))


def _without_name(entry: Document, names: Wording) -> str:
    """The gate's text about nobody in particular, so that several frameworks can stand under it."""
    name = names.framework(entry["framework"])
    text: str = entry["text"]
    return text.removeprefix(f"{name} ") if text.startswith(f"{name} ") else text.replace(name, "…")


def _split(required: str, found: str) -> tuple[str, str]:
    """(what both speak of, what is needed of it); nothing in common gives an empty label."""
    label = found.partition(":")[0]
    if required.startswith(label) and ";" not in found:
        return label, required.removeprefix(label).lstrip(" :")
    return "", required


def _short(text: str) -> str:
    return text if len(text) <= SHOWN_CHARACTERS else text[: SHOWN_CHARACTERS - 1].rsplit(" ", 1)[0] + " …"


def relaxations(changes: Sequence[Document], names: Wording) -> list[str]:
    """Each changed answer that lets an excluded framework back in, in words."""
    return [
        phrases.change(x["question"], x["from"], x["to"], is_ranked=names.is_ranked(x["question"])) for x in changes
    ]


def _near_misses(to: Console, near: Sequence[Document], names: Wording) -> None:
    if not near:
        return
    heading(to, "One changed answer would bring back")
    for miss in near[:SHOWN_NEAR_MISSES]:
        ways = relaxations(miss["relaxation"], names)
        place = f" as {ordinal(miss['would_rank'])} with {points(miss['score'])}: "
        rows(to, [(line(("+", "green")), line(names.framework(miss["framework"]), place, "; or ".join(ways)))])
    if len(near) > SHOWN_NEAR_MISSES:
        rest = ", ".join(names.framework(miss["framework"]) for miss in near[SHOWN_NEAR_MISSES:])
        paragraph(to, line((f"further down: {rest}", "dim")), indent=4)
