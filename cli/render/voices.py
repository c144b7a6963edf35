"""Who was heard beside the answers: house policies, people with preferences; and what the draws say.

Each is a few lines; the JSON document holds everything.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console

from advisor.names import Wording
from advisor.words import human
from cli.render import phrases
from cli.render.screen import heading, line, paragraph, rows

SHOWN_WEIGHTS = 5
SHOWN_SPREADS = 2
SHOWN_PEOPLE = 6

Document = Mapping[str, Any]


def show_inputs(to: Console, document: Document, names: Wording) -> None:
    """Print under which policies, preferences and draws a decision was made; nothing for those that it lacks."""
    for layer in document["policy"]["layers"] if document["policy"] else ():
        silenced = f"; silences {phrases.both(layer['silenced'], 3)}" if layer["silenced"] else ""
        paragraph(to, line((f"House policy: {layer['name']} ({layer['owner']}){silenced}", "dim")))
        for waiver in layer["expired"]:
            who = f"{names.framework(waiver['alternative'])} (gate {waiver['gate']}, {waiver['owner']})"
            expired = f"Its waiver for {who} expired on {waiver['expires']} and counts no longer."
            paragraph(to, line((expired, "yellow")), indent=2)
    if document["preferences"]:
        paragraph(to, line((f"What matters: {_stated(document['preferences'], names)}", "dim")))
    if document["draws"]:
        paragraph(to, line((f"{document['draws']['count']:,} draws of grades and weights", "dim")))


def _stated(preferences: Document, names: Wording) -> str:
    weights = sorted(preferences["weights"].items(), key=lambda each: -each[1])
    told = [f"{option(o, names)} {phrases.percent(w)}" for o, w in weights[:SHOWN_WEIGHTS]]
    more = f" and {len(weights) - SHOWN_WEIGHTS} more" if len(weights) > SHOWN_WEIGHTS else ""
    stated = preferences["stated"]
    people = [f"{each['name']} ({each['method']})" for each in stated.get("stakeholders", ())]
    who = f"said by {phrases.both(people, SHOWN_PEOPLE)}" if people else stated["method"]
    return f"{', '.join(told)}{more}; {who}"


def told(stated: Document | None) -> str:
    """What people said, as they said it; None is nothing."""
    if stated is None:
        return "nothing said"
    people = stated.get("stakeholders", [stated])
    return "; ".join(_word(each) for each in people[:SHOWN_PEOPLE]) + (", …" if len(people) > SHOWN_PEOPLE else "")


def _word(each: Document) -> str:
    say = f", say {each['say']:g}" if "say" in each else ""
    said = each.get("ranking") or [f"{option} {number:g}" for option, number in each["weights"].items()]
    return f"{each.get('name', 'one person')} ({each['method']}{say}): {', '.join(said)}"


def option(name: str, names: Wording) -> str:
    """A priority within a sentence."""
    text = str(names.says("priorities", name))
    return text[:1].lower() + text[1:] if text[1:2].islower() else human(text)


def show_draws(to: Console, result: Document, names: Wording) -> None:
    """Print what the draws say of the first and the runner-up."""
    drawn, ranking = result["acceptability"], result["ranking"]
    if not drawn or len(ranking) < 2:
        return
    one, other = ranking[0]["framework"], ranking[1]["framework"]
    first, second = names.framework(one), names.framework(other)
    heading(to, "What the draws say")
    sure = [f"{names.framework(f)} {_confidence(drawn[f])}" for f in (one, other)]
    first_said = f"{first} outscores {second} in {phrases.percent(drawn[one]['wins'][other])} of them."
    sure_said = f"Confidence factors, with the mean weights of the draws that each led: {', '.join(sure)}."
    rows(to, [(line("-"), line(first_said)), (line("-"), line(sure_said))])


def _confidence(drawn: Document) -> str:
    factor = drawn["confidence_factor"]
    return "led none" if factor is None else phrases.percent(factor)


def show_disagreement(to: Console, result: Document, names: Wording) -> None:
    """Print where each of several people would come out alone, and on what they are widest apart."""
    found = result["disagreement"]
    if found is None or len(result["ranking"]) < 2:
        return
    heading(to, "Where people disagree")
    firsts: dict[str | None, list[str]] = {}
    for view in found["views"]:
        firsts.setdefault(view["first"], []).append(view["name"])
    alone = [
        f"{names.framework(first) if first else 'nothing'} for {phrases.both(people, SHOWN_PEOPLE)}"
        for first, people in firsts.items()
    ]
    if len(firsts) == 1:
        same = f"all of them alone would have {names.framework(next(iter(firsts)) or 'nothing')} first"
        cells = [(line("-"), line(f"On the first place they agree: {same}."))]
    else:
        cells = [(line("-"), line(f"First by each one's weights alone: {'; '.join(alone)}."))]
    wide = [spread for spread in found["spreads"] if spread["high"] > spread["low"]][:SHOWN_SPREADS]
    if wide:
        cells.append((line("-"), line(f"Widest apart on {phrases.both([_spread(s, names) for s in wide])}.")))
    if found["concordance"] is not None:
        agreed = f"{found['concordance']:.2f}"
        cells.append((line("-"), line(f"Their rankings agree to {agreed} (Kendall's W: 1 for the same order).")))
    rows(to, cells)


def _spread(spread: Document, names: Wording) -> str:
    low, high = (_by(spread[f"{end}_by"], spread[end]) for end in ("low", "high"))
    return f"{option(spread['option'], names)} ({low}, {high})"


def _by(people: Sequence[str], weight: float) -> str:
    return f"{phrases.both(people, 2)} {phrases.percent(weight)}"
