"""A recorded decision on one page of Markdown, to read and to paste in a document.

For each role: the answer, why, what is out and by which gate, what is uncertain, what would change it; then the way to
each target and what the page was made from. Everything is looked up in the recorded document.
"""

from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Any

from rules import page_items
from rules.markdown import code, escaped, item, paragraph, table
from rules.naming import Names, chance, counted, gaps, leaders, listed, percent, points, signed
from rules.sentences import LEVELS
from rules.telling import LEAST, nothing, standing

SHOWN_PLACES = 6
SHOWN_REASONS = 4
SHOWN_CRITERIA = 3
SHOWN_LOSSES = 3
VERBS = {"training": "train with", "high_level": "build with", "serving": "serve with", "runtime": "run with"}
TITLES = {"training": "Training", "high_level": "High-level library", "serving": "Serving", "runtime": "Runtime"}

Document = Mapping[str, Any]


def page(document: Document, names: Names) -> dict[str, str]:
    """`title` (plain text) and `markdown` of a recorded decision; lines of the page are at most 100 characters long.

    Table rows are not broken and may be longer.
    """
    title = _title(document, names)
    blocks = [[f"# {escaped(title)}"], *(b for role in document["roles"] for b in _role(document, names, role))]
    blocks += _stack(document, names)
    blocks += _record(document)
    return {"title": title, "markdown": "\n\n".join("\n".join(block) for block in blocks if block) + "\n"}


def _title(document: Document, names: Names) -> str:
    """What to do, the roles with the same answer together: `Train and run with …`."""
    verbs: dict[str, list[str]] = {}
    for role, result in document["roles"].items():
        tied = [names.framework(place["framework"]) for place in leaders(result)]
        verbs.setdefault(listed(tied, word="or"), []).append(VERBS[role])
    said = [f"{listed(do)} {who}" if who else f"find nothing to {listed(do, word='or')}" for who, do in verbs.items()]
    title = listed(said, word="and").replace(" with and ", " and ")
    return title[:1].upper() + title[1:]


Block = list[str]


def _role(document: Document, names: Names, role: str) -> list[Block]:
    result = document["roles"][role]
    blocks = [[f"## {TITLES[role]}"]]
    if result["ranking"]:
        blocks += [_answer(result, names), _table(result, names), *_why(result, names), *_losses(result, names)]
    else:
        said = nothing(result, names)
        blocks.append(paragraph(f"**{escaped(said[:1].upper() + said[1:])}.**"))
    for title, texts in (
        ("Out, by gate", page_items.out(result, names)),
        ("One changed answer would bring back", page_items.back(result, names)),
        ("Uncertain", page_items.uncertain(document, names, role)),
        ("What would change it", page_items.changes(document, names, role)),
    ):
        blocks += _list(title, texts)
    return blocks


def _list(title: str, texts: Sequence[str]) -> list[Block]:
    return [paragraph(f"**{escaped(title)}**"), _items(texts)] if texts else []


def _items(texts: Sequence[str]) -> Block:
    return list(chain.from_iterable(item(escaped(text)) for text in texts))


# --- The answer and why ----------------------------------------------------------------------------------------------


def _answer(result: Document, names: Names) -> Block:
    said = f"**{escaped(standing(result, names))}.**"
    for place in leaders(result):
        for caution in place["cautions"]:
            said += f" Mind: {escaped(caution['text'])} ({escaped(caution['found'])})."
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
    more = [names.framework(place["framework"]) for place in result["ranking"][SHOWN_PLACES:]]
    behind = ["", *paragraph(escaped(f"Behind them: {listed(more)}."))] if more else []
    return [*table(["Rank", "Score", f"{within} interval", "First"], rows), *behind]


def _why(result: Document, names: Names) -> list[Block]:
    """The rules with the largest contributions of the first, and what the others come to."""
    first = result["ranking"][0]
    name = names.framework(first["framework"])
    weights = {rule["rule"]: rule["weights"] for rule in result["rules"]}
    if len(result["ranking"]) == 1:
        heavy = sorted(first["reasons"], key=lambda r: (-r["share"] * r["opinion"], r["rule"]))
        texts = [
            f"“{r['text']}”: {percent(r['share'])} of the score, met to {percent(r['opinion'])};"
            f" weighs {_criteria(weights[r['rule']], names)}"
            for r in heavy[:SHOWN_REASONS]
        ]
        return _list(f"What counts for {name}", texts)
    lifting = sorted((r for r in first["reasons"] if r["contribution"] >= LEAST), key=lambda r: -r["contribution"])
    texts = [
        f"{signed(r['contribution'])} “{r['text']}”: {percent(r['share'])} of the score;"
        f" weighs {_criteria(weights[r['rule']], names)}"
        for r in lifting[:SHOWN_REASONS]
    ]
    against = [r for r in first["reasons"] if r["contribution"] <= -LEAST]
    texts += [_sum(rest, sign) for rest, sign in ((lifting[SHOWN_REASONS:], 1), (against, -1)) if rest]
    return _list(f"Why {name}, in points against the average of the ranked", texts)


def _sum(reasons: Sequence[Document], sign: int) -> str:
    total = signed(sum(r["contribution"] for r in reasons))
    return f"{total} from {counted(len(reasons), 'more rule' if sign > 0 else 'rule')}"


def _criteria(weights: Mapping[str, float], names: Names) -> str:
    heavy = sorted(weights, key=lambda c: (-weights[c], c))
    return listed([names.inside(c) for c in heavy], SHOWN_CRITERIA)


def _losses(result: Document, names: Names) -> list[Block]:
    """Where the runner-up is ahead, in one paragraph."""
    if len(result["ranking"]) < 2:
        return []
    first, second = result["ranking"][:2]
    lost = [f"“{r['text']}” ({signed(gap)})" for gap, r in gaps(second, first) if gap >= LEAST]
    if not lost:
        return []
    one, other = names.framework(first["framework"]), names.framework(second["framework"])
    return [paragraph(escaped(f"{other} is ahead of {one} by {listed(lost, SHOWN_LOSSES)}."))]


# --- The way to each target, and what the page is made from ----------------------------------------------------------


def _stack(document: Document, names: Names) -> list[Block]:
    if not document["stack"]:
        return []
    texts = [_way(stack, names) for stack in document["stack"]]
    return [["## The way to each target"], _items(texts)]


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


def _record(document: Document) -> list[Block]:
    hardware = document["hardware"]
    basis = (
        "the answers alone" if hardware["basis"] == "answers" else f"the answers and the profile “{hardware['label']}”"
    )
    texts = [
        f"decision {code(document['id'])}" + (f", made {document['created_at']}" if "created_at" in document else ""),
        f"passport {code(document['passport'])}",
        f"release {code(document['release']['id'])}, engine {escaped(document['engine'])}",
        f"from {escaped(basis)}",
    ]
    texts += [escaped(each) for each in hardware["disagreements"]]
    return [["## Record"], list(chain.from_iterable(item(text) for text in texts))]
