"""A recorded decision on one page of Markdown, to read and to paste in a document.

For each role: the answer, the ranking, why, what is out, what is open and would change it; then the way to each target
and what the page was made from. Everything is looked up in the recorded document; what is cut is in the trace.
"""

from collections.abc import Mapping
from itertools import chain
from typing import Any

from rules.accounts import memory, page_items
from rules.accounts.markdown import code, escaped, item, paragraph, table
from rules.accounts.naming import TITLES, Names, chance, leaders, listed, number, percent, points
from rules.accounts.phrases import waived
from rules.accounts.summary import instead, led_to, nothing, standing, way_instead
from rules.conditions.sentences import LEVELS

SHOWN_PLACES = 4
SHOWN_HOUSE = 3
FALLS_SHORT = {
    "impossible": "cannot run on it",
    "fixable": "needs a change",
    "degraded": "runs on it with a limit",
}
VERBS = {"training": "train", "high_level": "build", "serving": "serve", "runtime": "run"}

Document = Mapping[str, Any]
Block = list[str]


def page(document: Document, names: Names) -> dict[str, str]:
    """`title` (plain text) and `markdown` of a recorded decision; lines of the page are at most 100 characters long.

    Table rows are not broken and may be longer.
    """
    said = title(document, names)
    blocks = [[f"# {escaped(said)}"], *(b for role in document["roles"] for b in _role(document, names, role))]
    blocks += _stack(document, names)
    blocks += memory.blocks(document.get("feasibility"))
    blocks += _machine(document, names)
    blocks += _record(document, names)
    return {"title": said, "markdown": "\n\n".join("\n".join(block) for block in blocks if block) + "\n"}


def title(document: Document, names: Names, *, tied: bool = True) -> str:
    """What to do, the roles with the same answer together: `Train and run with …`; without `tied`, one for each."""
    verbs: dict[str, list[str]] = {}
    for role, result in document["roles"].items():
        first = instead(result) or [place["framework"] for place in leaders(result)]
        said = list(map(names.framework, first[: None if tied else 1]))
        if role == "runtime" and (ends := led_to(document)):
            said = [listed(list(map(names.framework, ends)))]
        verbs.setdefault(listed(said, word="or"), []).append(VERBS[role])
    told = [
        f"{listed(do)} with {who}" if who else f"nothing is left to {listed(do, word='or')} with"
        for who, do in verbs.items()
    ]
    whole = listed(told) if "" not in verbs else "; ".join(told)
    return whole[:1].upper() + whole[1:]


def _role(document: Document, names: Names, role: str) -> list[Block]:
    result = document["roles"][role]
    if result["ranking"]:
        answer = [_answer(document, names, role), _table(result, names)]
    else:
        said = nothing(result, names)
        answer = [paragraph(f"**{escaped(said[:1].upper() + said[1:])}.**")]
    more = [names.framework(place["framework"]) for place in result["ranking"][SHOWN_PLACES:]]
    behind = [("Behind them", f": {listed(more)}")] if more else []
    return [[f"## {TITLES[role]}"], *answer, _items([*behind, *page_items.items(document, names, role)])]


def _items(items: list[page_items.Item]) -> Block:
    return list(chain.from_iterable(item(f"**{escaped(lead)}**{_follows(text)}") for lead, text in items))


def _follows(text: str) -> str:
    """Text behind words that begin an item, with the space before it."""
    return f"{' ' if text.startswith(' ') else ''}{escaped(text)}"


# --- The answer ------------------------------------------------------------------------------------------------------


def _answer(document: Document, names: Names, role: str) -> Block:
    result = document["roles"][role]
    said = f"**{escaped(standing(document, names, role))}.**"
    for place in leaders(result):
        for caution in place["cautions"]:
            found = f"{caution['found']}; {waived(caution)}" if caution["waiver"] else caution["found"]
            said += f" Mind: {escaped(caution['text'])} ({escaped(found)})."
    if role == "runtime" and (other := way_instead(document, names.framework)):
        said += f" That is among runtimes alone: {escaped(other)}."
    return paragraph(said)


def _table(result: Document, names: Names) -> Block:
    if len(result["ranking"]) == 1:
        return []
    within = percent(names.release.confidence["interval_probability"])
    rows = []
    for place in result["ranking"][:SHOWN_PLACES]:
        low, high = place["interval"]
        name = f"{place['rank']}. {escaped(names.framework(place['framework']))}"
        rows.append(
            [name, points(place["score"]), f"{points(low)} to {points(high)}", chance(place["win_probability"])]
        )
    return table(["Rank", "Score", f"{within} interval", "First"], rows)


# --- The way to each target, and what the page is made from ----------------------------------------------------------


def _stack(document: Document, names: Names) -> list[Block]:
    if not document["stack"]:
        return []
    ways = [item(escaped(_way(stack, names))) for stack in document["stack"]]
    return [["## The way to each target"], list(chain.from_iterable(ways))]


def _way(stack: Document, names: Names) -> str:
    target = names.framework(stack["target"])
    note = f" {stack['note']}" if stack["note"] else ""
    if not stack["path"]:
        return f"{target}: no way is on file.{note}"
    said = names.framework(stack["path"][0]["from"])
    for step in stack["path"]:
        goal = names.framework(step["to"])
        runs = step["by"] == names.framework(step["from"])  # a runtime runs the model itself, by no converter
        said += f" → {goal}" if runs else f" → ({step['by']}) → {goal}"
    return f"{said}: {LEVELS[stack['level']]}.{note}"


def basis(hardware: Document) -> str:
    """What it was made from, and whose machine that is; what was recorded earlier does not say whose."""
    source, label = hardware.get("source"), f"“{hardware['label']}”"
    if hardware["basis"] == "answers":
        return "the answers alone"
    if source == "what if":
        return f"the answers and, as a what-if, the machine {label} of the catalogue"
    return f"the answers and the profile {label}{f' ({source})' if source else ''}"


def _machine(document: Document, names: Names) -> list[Block]:
    """What falls short on the machine, with the reason and the smallest change, as recorded."""
    told = [
        item(
            f"**{escaped(names.framework(v['framework']))}** {FALLS_SHORT[v['state']]}: "
            + escaped("; smallest change: ".join(text for text in (v["reason"] or "", v["change"] or "") if text))
        )
        for v in document["hardware"].get("verdicts", ())
        if v["state"] in FALLS_SHORT
    ]
    if told and document["hardware"]["assumed"]:
        told.append(item(f"Assumed of it: {escaped('; '.join(document['hardware']['assumed']))}"))
    return [["## The machine"], list(chain.from_iterable(told))] if told else []


def _record(document: Document, names: Names) -> list[Block]:
    hardware = document["hardware"]
    made = f", made {document['created_at']}" if "created_at" in document else ""
    release = f"release {code(document['release']['id'])}, engine {escaped(document['engine'])}"
    texts = [
        f"decision {code(document['id'])}{made}, {release}, from {escaped(basis(hardware))}",
        f"passport {code(document['passport'])}",
    ]
    told = [*hardware["disagreements"], *under(document, names), *weighed(document, names), *drawn(document)]
    return [["## Record"], list(chain.from_iterable(item(text) for text in [*texts, *map(escaped, told)]))]


def under(document: Document, names: Names) -> list[str]:
    """Each house policy: who owns it, what it added, weighed anew or silenced, and what it waives no longer."""
    rules = {r["rule"]: r for result in document["roles"].values() for r in result["rules"]}.values()
    said = []
    for layer in document["policy"]["layers"] if document["policy"] else ():
        counted_here = [f"“{rule['text']}”" for rule in rules if layer["name"] in rule["layer"].split("+")]
        gone = [
            f"{waiver['gate']} for {names.framework(waiver['alternative'])} ({waiver['expires']})"
            for waiver in layer["expired"]
        ]
        told = [f"under the policy {layer['name']} of {layer['owner']}"]
        told += [f"it weighs {listed(counted_here, SHOWN_HOUSE)}"] if counted_here else []
        told += [f"it silences {listed(layer['silenced'], SHOWN_HOUSE)}"] if layer["silenced"] else []
        told += [f"expired are its waivers of {listed(gone, SHOWN_HOUSE)}"] if gone else []
        said.append("; ".join(told))
    return said


def weighed(document: Document, names: Names) -> list[str]:
    """What weighs how much; of several stakeholders also from how much to how much."""
    if not document["preferences"]:
        return []
    stated, weights = document["preferences"]["stated"], document["preferences"]["weights"]
    people = [each["name"] for each in stated.get("stakeholders", ())]
    found = (result["disagreement"] for result in document["roles"].values() if result["disagreement"])
    spreads = {s["option"]: (s["low"], s["high"]) for s in next(found, {"spreads": ()})["spreads"]}
    shares = []
    for option in sorted(weights, key=lambda option: (-weights[option], option)):
        low, high = spreads.get(option, (weights[option], weights[option]))
        around = f" ({percent(low)} to {percent(high)})" if low < high else ""
        shares.append(f"{names.says('priorities', option)} {percent(weights[option])}{around}")
    return [f"priorities{f', as {listed(people)} stated them' if people else ' as stated'}: {listed(shares)}"]


def drawn(document: Document) -> list[str]:
    """How often was drawn, where it was."""
    drawn = document["draws"]
    return [f"intervals, ties and probabilities from {number(drawn['count'])} draws"] if drawn else []
