"""What a board is told of a portfolio, on a terminal."""

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console

from advisor.words import (
    NO_POLICY,
    RISKS,
    TITLES,
    chance,
    in_brackets,
    listed,
    needless,
    percent,
    points,
    several,
    signed,
    silent,
)
from cli.render.screen import heading, line, paragraph, table
from rules.accounts.naming import Names, counted

Document = Mapping[str, Any]
HURT = 5
LISTED = 8
VERDICTS = {  # how one project, and how several are told
    "stays": ("stays", "stay"),
    "not clear": ("is not clear", "are not clear"),
    "moves": ("should move", "should move"),
    "ruled out": ("should but may not", "should but may not"),
    "has to move": ("has to move", "have to move"),
    "stranded": ("has nowhere to go", "have nowhere to go"),
    "not judged": ("depends on what has no grades", "depend on what has no grades"),
    "unknown": ("names nothing to move from", "name nothing to move from"),
}


def show(to: Console, found: Document, names: Names) -> None:
    """Print the best few frameworks, whom they hurt, and what else was asked for."""
    title = f"{TITLES[found['role']]}: few frameworks for {counted(found['consolidation']['projects'], 'project')}"
    to.print(line((title, "bold")))
    if found["failed"]:
        to.print(f"{counted(found['failed'], 'row')} of {found['read']} could not be read; score tells why.")
    others = found["read"] - found["failed"] - found["consolidation"]["projects"]
    if others:
        ask = "asks" if others == 1 else "ask"
        to.print(f"{counted(others, 'other project')} of the {found['read']} rows {ask} for none.")
    if found["silent"]:
        paragraph(to, silent(found["silent"], found["read"] - found["failed"]))
    if found["counted_by"]:
        to.print(f"Each project counts by {found['counted_by']}; shares, sets and orders go by that.")
    _sets(to, found["consolidation"], names)
    for name, print_it in _ALSO.items():
        if name in found:
            print_it(to, found[name], names)


def _sets(to: Console, found: Document, names: Names) -> None:
    if found["needless"]:
        paragraph(to, needless(found["needless"], found["projects"]))
    if found["unservable"]:
        to.print(f"{counted(found['unservable'], 'project')} can use nothing on file and count in nothing below.")
    if not found["sets"]:
        to.print("No project that counts has anything left to choose from.")
        return
    grid = table("", "best set", "lost", "get less", "left out", "move")
    for each in found["sets"]:
        by = each["hurt"]
        lost = f"{100 * each['share_lost']:.1f}%{'' if each['proven'] else ' (not proven)'}"
        of = f"{by['moves']} of {by['dependent']}" if by["dependent"] else ""
        grid.add_row(str(each["k"]), _set(each["members"], names), lost, str(by["hurt"]), str(by["left_out"]), of)
    to.print()
    to.print(grid)
    to.print()
    said = (
        "Lost: part of the score that all have with what is best for each. Left out: nothing in the set is allowed. "
        "Move: leave what the present code depends on."
    )
    paragraph(to, line((said, "dim")))
    for each in found["sets"]:
        if not each["proven"]:
            paragraph(
                to, f"{each['k']}: the least that could be lost is {points(each['bound']['loss'])} points a project."
            )
        worst = each["hurt"]["worst"][:HURT]
        if worst and each["k"] <= 3:
            told = [f"{c['id']} ({_case(c, names)})" for c in worst]
            paragraph(to, f"Hurt most by {each['k']}: {listed(told)}.")


def _set(members: Sequence[str], names: Names) -> str:
    return listed([names.framework(each) for each in members])


def _case(case: Document, names: Names) -> str:
    if case["gets"] is None:
        return f"{names.framework(case['best'])} is best, nothing is left"
    return f"{names.framework(case['gets'])} for {names.framework(case['best'])}, {points(case['loss'])} points"


def _summary(to: Console, found: Document, names: Names) -> None:
    heading(to, "What comes first")
    weighted = any(each["weight"] != each["projects"] for each in found["frameworks"])
    grid = table("framework", "projects", *["weight"] * weighted, "clearly", "there already", "allowed for")
    for each in found["frameworks"]:
        weight = [f"{each['weight']:g}"] * weighted
        counts = (each["projects"], *weight, each["clear"], each["stays"], each["allowed"])
        grid.add_row(names.framework(each["framework"]), *map(str, counts))
    to.print(grid)


def _movers(to: Console, found: Document, names: Names) -> None:
    heading(to, "Who should move")
    told = [f"{count} {VERDICTS[verdict][count > 1]}" for verdict, count in found["verdicts"].items() if count]
    paragraph(to, f"{listed(told)}.")
    for verdict, key in (("moves", "listed"), ("has to move", "forced")):
        shown = found[key][:LISTED]
        if shown:
            beyond = found["verdicts"][verdict] - len(shown)
            rest = f" ({'the clearest' if key == 'listed' else 'the first'} {len(shown)} of them)" if beyond else ""
            paragraph(to, f"{VERDICTS[verdict][1].capitalize()}{rest}:")
        for each in shown:
            way = f"{each['id']}: {names.framework(each['present'])} to {names.framework(each['target'])}"
            paragraph(to, f"{way}{_gain(each) if key == 'listed' else ': ' + each['why'].rstrip('.')}.", indent=2)
        if shown and key == "listed":
            paragraph(to, line((in_brackets(found), "dim")))


def _gain(each: Document) -> str:
    low, high = map(signed, each["interval"])
    told = f": gains {points(each['gain'])} points, costs {points(each['cost'])}, {signed(each['net'])} in all"
    return f"{told} ({low} to {high}); that it pays is {chance(each['probability'])} sure"


def _risk(to: Console, found: Document, names: Names) -> None:
    heading(to, "What may give way")
    for side, word in (("present", "what the code depends on"), ("first", "what comes first")):
        paragraph(to, f"{found['exposed'][side]} of {found['projects'][side]} projects are exposed by {word}.")
        if side == "present" and found["several"]:
            paragraph(to, several(found["several"]))
        told = [each for each in found["exposures"] if each["of"] == side]
        for each in [e for e in told if e["at_risk"]][:LISTED]:
            said = f"{names.framework(each['framework'])} {RISKS[each['risk']]}: {counted(each['at_risk'], 'project')}"
            some = listed([e["id"] for e in each["examples"][:3]])
            paragraph(to, f"{said}, {'such as ' if each['at_risk'] > 3 else ''}{some}.", indent=2)
        unknown = {kind: sum(each["unknown"] for each in told if each["risk"] == kind) for kind in RISKS}
        open_ = [f"{RISKS[kind]} ({counted(count, 'project')})" for kind, count in unknown.items() if count]
        if open_:
            paragraph(to, f"Not known is whether it {listed(open_, word='or')}.", indent=2)
    if not found["licence_policies"]:
        paragraph(to, NO_POLICY)


def _groups(to: Console, found: Document, _: Names) -> None:
    heading(to, "Groups of like projects")
    if not found["groups"]:
        paragraph(
            to, "There are no clear groups: none come back when looked for again, or they are no more than chance."
        )
    for each in found["groups"]:
        told = [f"{s['text']} {s['inside']} of {each['sampled']}" for s in each["more"]]
        paragraph(to, f"{counted(each['projects'], 'project')}: {'; '.join(told)}.")


def _sensitivity(to: Console, found: Document, names: Names) -> None:
    heading(to, "How far that hangs on the evidence")
    for each in found["sets"]:
        rivals = [
            f"{_set(r['members'], names)} in {percent(r['share'])}" for r in each["in_draws"][:3] if r["share"] >= 0.01
        ]
        paragraph(to, f"{each['k']}: best in {found['drawn']} draws of grades and weights: {'; '.join(rivals)}.")
    turned = [f"{p['evidence']} (then {_set(p['without'], names)})" for p in found["pivots"][:LISTED]]
    if not turned:
        paragraph(to, f"None of the {found['pieces']:,} pieces of evidence turns a best set if it is left out alone.")
        return
    count = len({p["evidence"] for p in found["pivots"]})
    said = f"{count} of {found['pieces']:,} pieces of evidence would turn a best set if left out alone"
    paragraph(to, f"{said}: {listed(turned)}.")


_ALSO = {"summary": _summary, "movers": _movers, "risk": _risk, "groups": _groups, "sensitivity": _sensitivity}
