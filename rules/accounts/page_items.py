"""The items under the ranking of a role on the page: why, what is out and could come back, what is open or uncertain.

Plain text: a few words to begin with and what follows them; the page escapes, wraps and marks them. Long lists are cut
here: all of them are in the trace.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from typing import Any

from rules.accounts.naming import LEAST, Names, counted, gaps, leaders, listed, ordinal, percent, signed
from rules.accounts.phrases import (
    change,
    effect,
    gate_texts,
    open_question,
    others_choice,
    quoted,
    relaxation,
    taken_back,
    weight_change,
)
from rules.accounts.summary import likeliest, spares

TRACE = "the trace"
MORE = "†"  # marks what more than one gate stops
RETIRED = ("deprecated", "archived")
SHOWN_REASONS = 3
SHOWN_LOSSES = 2
SHOWN_GATES = 4
SHOWN_NAMES = 6
SHOWN_RELIEFS = 4
SHOWN_OPEN = 2
SHOWN_FLIPS = 1
SHOWN_WEIGHTS = 1
SHOWN_CONTESTED = 3
SHOWN_FACTS = 3

Document = Mapping[str, Any]
Item = tuple[str, str]


def items(document: Document, names: Names, role: str) -> list[Item]:
    """Everything that is said of a role under its ranking."""
    result = document["roles"][role]
    leads = chain(why(result, names), runner_up(result, names), people(result, names)) if result["ranking"] else ()
    return [
        *beside(result),
        *leads,
        *out(result, names),
        *back(result, names),
        *uncertain(result, names),
        *still_open(document, names, role),
        *(changes(document, names, role) if result["ranking"] else ()),
    ]


def beside(result: Document) -> Iterator[Item]:
    """What runs the model itself, what the role would bring, and what decides a tie; nothing of what was not told."""
    without, decides = result.get("without"), result.get("decides")
    if without and not spares(result):
        yield "Without a runtime", f": {without['text']}"
    elif without and without["brings"]:
        yield "A runtime would bring", f": {without['brings']}"
    if decides:
        yield "What decides", f": {decides}"


# --- The answer and why ----------------------------------------------------------------------------------------------


def why(result: Document, names: Names) -> list[Item]:
    """The rules with the largest contributions of the first, and what the others come to."""
    first = result["ranking"][0]
    name = names.framework(first["framework"])
    if len(result["ranking"]) == 1:
        heavy = sorted(first["reasons"], key=lambda r: (-r["share"] * r["opinion"], r["rule"]))
        texts = [
            quoted(r, f"{percent(r['share'])} of the score", f"met to {percent(r['opinion'])}")
            for r in heavy[:SHOWN_REASONS]
        ]
        return [(f"What counts for {name}", f": {listed(texts)}")]
    lifting = sorted((r for r in first["reasons"] if r["contribution"] >= LEAST), key=lambda r: -r["contribution"])
    if not lifting:
        return []
    texts = [f"{signed(r['contribution'])} {quoted(r)}" for r in lifting[:SHOWN_REASONS]]
    against = [r for r in first["reasons"] if r["contribution"] <= -LEAST]
    texts += [_sum(rest, more) for rest, more in ((lifting[SHOWN_REASONS:], "more "), (against, "")) if rest]
    return [(f"Why {name}", f", in points above the average of the ranked: {listed(texts)}")]


def _sum(reasons: Sequence[Document], more: str) -> str:
    return f"{signed(sum(r['contribution'] for r in reasons))} from {counted(len(reasons), f'{more}rule')}"


def runner_up(result: Document, names: Names) -> Iterator[Item]:
    """Where the runner-up is ahead, and what is so of the draws that it leads."""
    if len(result["ranking"]) < 2:
        return
    first, second = result["ranking"][:2]
    name = names.framework(second["framework"])
    said = [quoted(r, signed(gap)) for gap, r in gaps(second, first) if gap >= LEAST]
    if said:
        yield f"For {name}", f": {listed(said, SHOWN_LOSSES)}"
    if result["acceptability"] and second["win_probability"] > 0:
        yield f"{name} leads", f" in {percent(second['win_probability'])} of the draws{_central(result, second)}"


def _central(result: Document, place: Document) -> str:
    """The rule that weighs most more than stated in the draws that an alternative leads."""
    central = result["acceptability"][place["framework"]]["central_weights"] or {}
    heavier = [(central[r["rule"]] - r["share"], r) for r in result["rules"] if r["rule"] in central]
    gain, rule = max(heavier, key=lambda each: (each[0], each[1]["rule"]), default=(0.0, None))
    if rule is None or gain < LEAST:
        return ""
    after, before = f"{100 * central[rule['rule']]:.1f}%", f"{100 * rule['share']:.1f}%"
    return f"; in these {quoted(rule)} weighs {after} on average instead of {before}"


def people(result: Document, names: Names) -> list[Item]:
    """How far the rankings of several stakeholders agree, and whom each alone would put first."""
    found = result["disagreement"]
    if not found or len(result["ranking"]) == 1:
        return []
    agree = found["concordance"]
    said = [f"their rankings agree to {percent(agree)} (Kendall's W)"] if agree is not None else []
    said.append(others_choice(result, names) or "each alone would put the same one first")
    return [("Stakeholders", f": {'; '.join(said)}")]


# --- Who is out ------------------------------------------------------------------------------------------------------


def out(result: Document, names: Names, more_in: str = TRACE) -> Iterator[Item]:
    """Each excluded alternative under one gate; those that are retired or not graded are counted.

    `more_in` names what holds all of them.
    """
    texts = [gate_texts(result, names, whom) for whom in ("it", "them")]
    stopped_by: dict[str, list[str]] = {}
    for entry in result["excluded"]:
        stopped_by.setdefault(entry["framework"], []).append(entry["gate"])
    alternatives = names.release.alternatives
    retired = [f for f in stopped_by if alternatives[f].facts.get("alt.lifecycle") in RETIRED]
    without = [f for f in stopped_by if f not in retired and not alternatives[f].graded]
    told = list(by_gate({f: g for f, g in stopped_by.items() if f not in (*retired, *without)}).items())
    shown = told if len(told) <= SHOWN_GATES else told[: SHOWN_GATES - 1]
    for gate, stopped in shown:
        yield "Out", f": {_listed(stopped, names, stopped_by)}: {texts[len(stopped) > 1][gate]}"
    if rest := [f for _, stopped in told[len(shown) :] for f in stopped]:
        yield "Out", f" by {counted(len(told) - len(shown), 'other gate')}: {_listed(rest, names, stopped_by)}"
    groups = [f"{len(group)} {what}" for group, what in ((retired, "retired"), (without, "without grades")) if group]
    marks = any(len(stopped_by[f]) > 1 for _, stopped in told for f in stopped)
    said = [f"{listed(groups)} (see {more_in})"] if groups else []
    said += [f"{MORE} is stopped by other gates too"] if marks and groups else []
    if groups:
        yield "Also out", f": {'; '.join(said)}"
    elif marks:
        yield MORE, ": is stopped by other gates too"


def _listed(stopped: Sequence[str], names: Names, stopped_by: Mapping[str, Sequence[str]]) -> str:
    marked = [names.framework(f) + (MORE if len(stopped_by.get(f, ())) > 1 else "") for f in stopped]
    return listed(sorted(marked, key=str.casefold))


def by_gate(stopped_by: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    """Every excluded alternative under the gate that stops most of those left to tell; most first."""
    left, told = list(stopped_by), dict[str, list[str]]()
    while left:
        sizes = Counter(gate for f in left for gate in dict.fromkeys(stopped_by[f]))
        gate = sizes.most_common(1)[0][0]
        told[gate] = [f for f in left if gate in stopped_by[f]]
        left = [f for f in left if gate not in stopped_by[f]]
    return told


def back(result: Document, names: Names, more_in: str = TRACE) -> Iterator[Item]:
    """The near misses, the nearest with its way back; where nothing is left, what could be taken back."""
    ways: dict[str, list[str]] = {}
    for miss in result["near_misses"]:
        place = f"{names.framework(miss['framework'])} ({ordinal(miss['would_rank'])})"
        ways.setdefault(relaxation(miss, names, 1), []).append(place)
    # Where nothing is left, the nearest way back has been told already.
    told, *others = ways.items() if ways else [("", [])]
    said = [f"{listed(told[1])} by {told[0]}"] if result["ranking"] and ways else []
    more = [place for _, returning in others for place in returning]
    said += [f"by others, {listed(more, SHOWN_NAMES)}"] if more else []
    if said:
        yield "One answer away", f": {'; '.join(said)}"
    reliefs = result["reliefs"]
    for relief in reliefs["sets"][:SHOWN_RELIEFS] if reliefs else ():
        returning = [names.framework(f) for f in relief["lets_in"]]
        yield "Way out", f": {taken_back(relief, names)} lets in {listed(returning, SHOWN_NAMES)}"
    if reliefs:
        yield "Way out", f": {_searched(reliefs, more_in)}"


def _searched(reliefs: Document, more_in: str) -> str:
    count, more = len(reliefs["sets"]), len(reliefs["sets"]) - SHOWN_RELIEFS
    left = f"{more} more in {more_in}; " if more > 0 else ""
    if reliefs["complete"]:
        none = "no set of answers, taken back, lets anything in"
        return f"{left}{'every other way takes back one of these sets too' if count else none}"
    return f"{left}sets of up to {counted(reliefs['searched_size'], 'answer')} were tried, not larger ones"


# --- What is uncertain and open --------------------------------------------------------------------------------------


def uncertain(result: Document, names: Names) -> Iterator[Item]:
    """Facts not on file and evidence that disagrees, of those that lead."""
    for place in leaders(result):
        name = names.framework(place["framework"])
        facts = dict.fromkeys(names.fact(fact) for each in place["unverified"] for fact in each["facts"])
        if facts:
            yield "Not verified", f" for {name}, for nothing is on file: {listed(list(facts), SHOWN_FACTS)}"
        disputed = contested(result, names, place["framework"])
        if disputed:
            yield "Sources disagree", f" about {name}: {listed(disputed, SHOWN_CONTESTED)}"


def contested(result: Document, names: Names, framework: str) -> list[str]:
    """The criteria on which the evidence about an alternative disagrees, the heaviest first."""
    weight: dict[str, float] = {}
    for rule in result["rules"]:
        for criterion, each in rule["weights"].items():
            weight[criterion] = weight.get(criterion, 0.0) + rule["strength"] * each
    found = [c for c in weight if (c, framework) in names.contested]
    return [names.inside(c) for c in sorted(found, key=lambda c: (-weight[c], c))]


def still_open(document: Document, names: Names, role: str) -> Iterator[Item]:
    """The open questions that could change the first place, and how many could not."""
    if document["changes"] is None:
        yield from _waiting(document, names, role)
        return
    unknown, settled = likeliest(document, role), document["changes"]["settled"].get(role, ())
    said = [open_question(each, names) for each in unknown[:SHOWN_OPEN]]
    rest = len(unknown) - SHOWN_OPEN
    said += [f"{rest} more could change who is first"] if rest > 0 else []
    said += [f"{len(settled)} alone could not"] if said and settled else []
    if said:
        yield "Open questions", f": {'; '.join(said)}"


def _waiting(document: Document, names: Names, role: str) -> Iterator[Item]:
    """Where it was not asked what each answer would do: the questions that rules and gates wait for."""
    waiting = [s for s in document["silent_rules"] if s["role"] == role and s["could_change"]]
    questions = list(dict.fromkeys(q for each in waiting for q in each["questions"]))
    if questions:
        asked = listed([f"“{names.question(q)}”" for q in questions], SHOWN_OPEN)
        yield "Open questions", f": {asked} could change who is first"


# --- What would change it --------------------------------------------------------------------------------------------


def changes(document: Document, names: Names, role: str) -> Iterator[Item]:
    """The nearest weight, and the answers given that would put another first or leave nothing."""
    if document["changes"] is None:
        return
    weights = [w for w in document["changes"]["weights"] if w["role"] == role][:SHOWN_WEIGHTS]
    flips = [f for f in document["changes"]["answers"] if f["role"] == role and f["from"] is not None]
    said = [weight_change(w, document["roles"][role], names) for w in weights]
    said += _flips([f for f in flips if f["winner"]], names)
    emptying = list(dict.fromkeys(f"“{names.question(f['question'])}”" for f in flips if not f["winner"]))
    said += [f"some other answers to {listed(emptying, SHOWN_OPEN)} would leave nothing"] if emptying else []
    if said:
        yield "Would change it", f": {'; '.join(said)}"


def _flips(flips: Sequence[Document], names: Names) -> list[str]:
    """Changed answers to one question that put the same one first together."""
    groups: dict[tuple[str, str], list[Document]] = {}
    for flip in flips:
        groups.setdefault((flip["question"], flip["winner"]), []).append(flip)
    told = list(groups.values())
    said = [
        f"{change(names, each[0]['question'], each[0]['from'], [f['to'] for f in each])} would {effect(each[0], names)}"
        for each in told[:SHOWN_FLIPS]
    ]
    rest = len({each[0]["question"] for each in told[SHOWN_FLIPS:]})
    return [*said, f"so would other answers to {counted(rest, 'question')}"] if rest else said
