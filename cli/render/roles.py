"""One role of a decision: who leads and by how much, the ranking, why, what to mind and what is not verified."""

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from advisor.names import Wording
from advisor.words import LEAST, VERBS, led_to, points, signed, spares, way_instead
from cli.render import phrases, reliefs, voices
from cli.render.screen import heading, line, paragraph, rows

SHOWN_REASONS = 5
SHOWN_LOSSES = 3
WIDE = 100
BAR = 24
OURS = ("shipped", "engine")

Document = Mapping[str, Any]


def show(to: Console, document: Document, role: str, names: Wording) -> None:
    """Print what one role came to, but for what is excluded."""
    result = document["roles"][role]
    if not result["ranking"]:
        if spares(result):
            paragraph(to, line((_without(result)["text"], "bold green")))
        paragraph(to, line(("Nothing is left: every candidate is excluded.", "bold red")))
        reliefs.show(to, result["reliefs"], names)
        return
    _winner(to, document, role, names)
    _beside(to, result)
    to.print()
    to.print(Padding(_table(result["ranking"], names, to.width), (0, 0, 0, 2)))
    _why(to, result, names)
    _losses(to, result, names)
    voices.show_draws(to, result, names)
    voices.show_disagreement(to, result, names)
    first = leaders(result)
    for place in result["ranking"]:
        _cautions(to, [c for c in place["cautions"] if place in first or c["waiver"]], place, names)
    for place in first:
        _unverified(to, place, names)


def leaders(result: Document) -> list[Document]:
    """The places that cannot be told apart from the first."""
    return [place for place in result["ranking"] if place["tie_group"] == result["ranking"][0]["tie_group"]]


def helping(result: Document) -> list[Document]:
    """The winner's reasons that lift it, most first; what weighs most where nobody is left to compare with."""
    if not result["ranking"]:
        return []
    reasons = result["ranking"][0]["reasons"]
    if len(result["ranking"]) == 1:
        return sorted(reasons, key=lambda r: (-r["share"] * r["opinion"], r["rule"]))
    return sorted((r for r in reasons if r["contribution"] >= LEAST), key=lambda r: (-r["contribution"], r["rule"]))


def _winner(to: Console, document: Document, role: str, names: Wording) -> None:
    result, other = document["roles"][role], way_instead(document, names.framework) if role == "runtime" else ""
    tied = [names.framework(place["framework"]) for place in leaders(result)]
    apart = f"{phrases.both(tied)} cannot be told apart on what is known." if len(tied) > 1 else ""
    if spares(result):
        paragraph(to, line((_without(result)["text"], "bold green")))
        paragraph(to, f"Of the runtimes, {apart or _margin(result, names)}")
        if not apart:
            return
    else:
        first = phrases.both(list(map(names.framework, led_to(document)))) if other else tied[0]
        paragraph(to, line((f"Tied: {apart}" if apart and not other else f"{VERBS[role]} {first}", "bold green")))
        if other:
            paragraph(to, f"{other[:1].upper()}{other[1:]}. Among runtimes alone{f', {apart}' if apart else ':'}")
    alone = len(result["ranking"]) == 1
    paragraph(to, "It is the only candidate left; the others are excluded below." if alone else _margin(result, names))


def _without(result: Document) -> Document:
    """What does without the role; nothing of what was recorded before that was told."""
    return result.get("without") or {}


def _margin(result: Document, names: Wording) -> str:
    ranking = result["ranking"]
    first = names.framework(ranking[0]["framework"])
    if len(ranking) == 1:
        return f"{first} is the only candidate left; the others are excluded below."
    second = names.framework(ranking[1]["framework"])
    chance = phrases.chance(ranking[0]["win_probability"])
    by = points(result["margin"])
    if by == "0.0":
        return f"{first} and {second} score the same; {first} comes first with a probability of {chance}."
    return f"{first} is {by} points ahead of {second}, and first with a probability of {chance}."


def _beside(to: Console, result: Document) -> None:
    """What decides a tie, what runs the model itself and what the role would bring."""
    without = _without(result)
    if decides := result.get("decides"):
        paragraph(to, str(decides))
    if without:
        paragraph(to, without["brings"] if spares(result) else f"{without['text']} {without['brings']}".rstrip())


def _table(ranking: Sequence[Document], names: Wording, width: int) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim", pad_edge=False)
    table.add_column("", justify="right")
    table.add_column("framework")
    table.add_column("id", style="dim", no_wrap=True)
    table.add_column("score", justify="right", no_wrap=True)
    table.add_column(
        f"{phrases.percent(names.confidence['interval_probability'])} interval", justify="right", no_wrap=True
    )
    table.add_column("first", justify="right", no_wrap=True)
    table.add_column("", no_wrap=True)
    if width >= WIDE:
        table.add_column(Text(f"0{'100':>{BAR - 1}}"), no_wrap=True)
    sizes = [place["tie_group"] for place in ranking]
    chance = phrases.chance if len(ranking) > 1 else phrases.percent
    for place in ranking:
        is_leader = place["tie_group"] == ranking[0]["tie_group"]
        low, high = place["interval"]
        tie = f"tie {place['tie_group']}" if sizes.count(place["tie_group"]) > 1 else ""
        cells = [
            line(str(place["rank"])),
            line((names.framework(place["framework"]), "bold green" if is_leader else "")),
            line(place["framework"]),
            line(points(place["score"])),
            line(f"{points(low)} to {points(high)}"),
            line(chance(place["win_probability"])),
            line((tie, "yellow")),
        ]
        table.add_row(*cells, *([_bar(place["score"], low, high)] if width >= WIDE else []))
    return table


def _bar(score: float, low: float, high: float) -> Text:
    """The interval as a stretch of a line from 0 to 100, the score as a mark on it."""
    at, start, end = (min(BAR - 1, max(0, round(share * (BAR - 1)))) for share in (score, low, high))
    cells = ["━" if start <= cell <= end else "·" for cell in range(BAR)]
    cells[at] = "●"
    return Text("".join(cells), style="dim")


def _why(to: Console, result: Document, names: Wording) -> None:
    first = result["ranking"][0]
    name = names.framework(first["framework"])
    alone = len(result["ranking"]) == 1
    lifting = helping(result)
    heading(to, f"What counts for {name}" if alone else f"Why {name}, in points against the average of the ranking")
    shown = lifting[:SHOWN_REASONS]
    rows(to, [_alone(reason) if alone else _reason(reason) for reason in shown])
    rest = lifting[SHOWN_REASONS:]
    if alone:
        if rest:
            paragraph(to, line((f"and {phrases.counted(len(rest), 'more rule', 'more rules')}", "dim")), indent=2)
        return
    against = [r for r in first["reasons"] if r["contribution"] <= -LEAST]
    parts = [_sum(rest, "more", "add")] if rest else []
    parts += [_sum(against, "", "take away")] if against else []
    if parts:
        paragraph(to, line((f"{'; '.join(parts)}.", "dim")), indent=2)


def _sum(reasons: Sequence[Document], more: str, verb: str) -> str:
    total = points(abs(sum(r["contribution"] for r in reasons)))
    noun = phrases.counted(len(reasons), f"{more} rule".strip(), f"{more} rules".strip())
    return f"{noun} {verb if len(reasons) > 1 else _singular(verb)} {total}"


def _singular(verb: str) -> str:
    head, _, tail = verb.partition(" ")
    return f"{head}s {tail}".strip()


def _reason(reason: Document) -> tuple[Text, Text]:
    share = f" ({phrases.percent(reason['share'])} of the score)"
    return line((signed(reason["contribution"]), "green")), line(reason["text"], (share + layer(reason), "dim"))


def layer(entry: Document) -> str:
    """Which layer an entry comes from, where it is not the shipped knowledge alone."""
    return "" if entry["layer"] in OURS else f" [{entry['layer']}]"


def _alone(reason: Document) -> tuple[Text, Text]:
    share = f" ({phrases.percent(reason['share'])} of the score, met to {phrases.percent(reason['opinion'])})"
    return line("-"), line(reason["text"], (share + layer(reason), "dim"))


def _losses(to: Console, result: Document, names: Wording) -> None:
    """Where the second beats the first."""
    if len(result["ranking"]) < 2:
        return
    first, second = result["ranking"][:2]
    other = {r["rule"]: r["contribution"] for r in second["reasons"]}
    lost = [(r["contribution"] - other[r["rule"]], r) for r in first["reasons"]]
    lost = sorted(((gap, r) for gap, r in lost if gap <= -LEAST), key=lambda each: (each[0], each[1]["rule"]))
    if not lost:
        return
    heading(to, f"Where {names.framework(second['framework'])} is ahead of {names.framework(first['framework'])}")
    shown = [(signed(-gap), line(reason["text"], (layer(reason), "dim"))) for gap, reason in lost[:SHOWN_LOSSES]]
    rows(to, [(line((by, "yellow")), text) for by, text in shown])
    if len(lost) > SHOWN_LOSSES:
        rest = phrases.counted(len(lost) - SHOWN_LOSSES, "more rule", "more rules")
        paragraph(
            to, line((f"and on {rest}, by {points(-sum(gap for gap, _ in lost[SHOWN_LOSSES:]))}", "dim")), indent=2
        )


def _cautions(to: Console, cautions: Sequence[Document], place: Document, names: Wording) -> None:
    if cautions:
        heading(to, f"Mind with {names.framework(place['framework'])}")
        rows(to, [(line(("!", "yellow")), _caution(caution)) for caution in cautions])


def _caution(caution: Document) -> Text:
    text = line(caution["text"], (f" ({caution['found']}){layer(caution)}", "dim"))
    if waiver := caution["waiver"]:
        by = waiver["owner"] if waiver["layer"] == caution["layer"] else f"{waiver['owner']} [{waiver['layer']}]"
        text.append_text(line("; ", (f"waived until {waiver['expires']} by {by}", "yellow"), f": {waiver['reason']}"))
    return text


def _unverified(to: Console, place: Document, names: Wording) -> None:
    if not place["unverified"]:
        return
    heading(to, f"Not verified for {names.framework(place['framework'])}: nothing is on file on")
    facts = dict.fromkeys(fact for each in place["unverified"] for fact in each["facts"])
    rows(to, [(line(("?", "yellow")), line(names.fact(fact))) for fact in facts])
