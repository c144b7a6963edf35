"""Two frameworks of a decision side by side: how each stands, where each is ahead, and what would level them."""

from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.text import Text

from advisor.house import Knowledge
from advisor.names import Wording
from advisor.words import LEAST, TITLES, ordinal, points, signed, two_percents
from cli.render import phrases
from cli.render.questioned import about
from cli.render.roles import layer
from cli.render.screen import heading, line, paragraph, rows, section

SHOWN_RULES = 6
SHOWN_CRITERIA = 3
SHOWN_CHANGES = 4

Document = Mapping[str, Any]


def show(to: Console, found: Document, known: Knowledge, *, is_last: bool) -> None:
    """Print two frameworks beside each other, role by role."""
    names = Wording(known)
    pair = f"{names.framework(found['a'])} and {names.framework(found['b'])}"
    to.print(line((pair, "bold"), (f"  {about(found['decision'], is_last=is_last)}", "dim")))
    for role, each in found["roles"].items():
        section(to, TITLES[role])
        rows(to, [cell for side in ("a", "b") for cell in _standing(each[side], names)])
        _comparison(to, each, names)


def _standing(side: Document, names: Wording) -> list[tuple[Text, Text]]:
    name = line((names.framework(side["framework"]), "bold"))
    if side["outcome"] == "excluded":
        gates = [(line(("x", "red")), line(gate["text"], (layer(gate), "dim"))) for gate in side["gates"]]
        return [(name, line("excluded")), *gates]
    low, high = side["interval"]
    chance = phrases.chance(side["win_probability"])
    score = f"{ordinal(side['rank'])} with {points(side['score'])} points"
    return [(name, line(score, (f" ({points(low)} to {points(high)}), first with {chance}", "dim")))]


def _comparison(to: Console, each: Document, names: Wording) -> None:
    compared = each["comparison"]
    one, other = (names.framework(each[side]["framework"]) for side in ("a", "b"))
    if compared is None:
        paragraph(to, "One of them has no grades, so that there is nothing to compare.")
        return
    to.print()
    paragraph(to, _gap(each, one, other))
    sides = ((one, 1, "green"), (other, -1, "yellow"))
    for name, sign, style in sides:
        ahead = [row for row in compared["rules"] if sign * row["gap"] >= LEAST]
        if ahead:
            heading(to, f"Where {name} is ahead")
            rows(to, [_row(row, sign, style, names) for row in ahead[:SHOWN_RULES]])
        if len(ahead) > SHOWN_RULES:
            rest = phrases.counted(len(ahead) - SHOWN_RULES, "more rule", "more rules")
            by = points(sum(sign * row["gap"] for row in ahead[SHOWN_RULES:]))
            paragraph(to, line((f"and on {rest}, by {by}", "dim")), indent=2)
    _level(to, compared)


def _gap(each: Document, one: str, other: str) -> str:
    compared = each["comparison"]
    gap, sure = compared["gap"], compared["probability"]
    ranked = all(each[side]["outcome"] == "ranked" for side in ("a", "b"))
    said = "" if ranked else "As if no gate stopped either, "
    if abs(gap) < LEAST:
        said += f"{one} and {other} score the same"
    else:
        first, second = (one, other) if gap > 0 else (other, one)
        said += f"{first} is {points(abs(gap))} points ahead of {second}"
    if sure is None:
        return f"{said}."
    better, chance = (one, sure) if gap >= 0 else (other, 1 - sure)
    return f"{said}; {better} scores higher with a probability of {phrases.chance(chance)}."


def _row(row: Document, sign: int, style: str, names: Wording) -> tuple[Text, Text]:
    """A rule, and the criteria that put one ahead on it, with the grades of both out of a hundred."""
    criteria = [c for c in row["criteria"] if sign * c["gap"] >= LEAST]
    told = [f"{names.criterion(c['criterion'])} {_both(c, sign)}" for c in criteria[:SHOWN_CRITERIA]]
    told += [f"{len(criteria) - SHOWN_CRITERIA} more"] if len(criteria) > SHOWN_CRITERIA else []
    text = line(row["text"], (f" ({phrases.percent(row['share'])} of the score){layer(row)}", "dim"))
    if told:
        text.append_text(line(f": {', '.join(told)}"))
    return line((signed(sign * row["gap"]), style)), text


def _both(criterion: Document, sign: int) -> str:
    mine, other = (criterion["a"], criterion["b"]) if sign > 0 else (criterion["b"], criterion["a"])
    return f"{round(100 * mine)} to {round(100 * other)}"


def _level(to: Console, compared: Document) -> None:
    one, together = compared["level_by_one"], compared["level_together"]
    if one is None and together is None:
        return
    heading(to, "What would level them")
    cells = []
    if one:
        cells.append((line("-"), line(f"one weight: {_change(one)}")))
    if together:
        changes = sorted(together["changes"], key=lambda c: -abs(c["share_after"] - c["share"]))
        told = [_change(change) for change in changes[:SHOWN_CHANGES]]
        more = len(changes) - len(told)
        told += [f"{phrases.counted(more, 'more rule', 'more rules')} a little"] if more else []
        cells.append((line("-"), line(f"all weights together, as little as possible: {'; '.join(told)}")))
    rows(to, cells)


def _change(change: Document) -> str:
    before, after = two_percents(change["share"], change["share_after"])
    return f"“{change['text']}” at {after} of the score instead of {before}"
