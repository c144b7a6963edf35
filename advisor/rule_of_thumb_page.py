"""The page about the rule of thumb: the charts, how often they are right, how they were made, where they go wrong.

Made from the trees and the decided cases alone, so that page, charts and program cannot disagree.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from textwrap import fill
from typing import Any

from advisor import flow_chart
from learning.tree import Miss, Tree, ending, leaves, splits, walk
from rules import engine, requirements
from rules.accounts.naming import listed
from rules.release import Release

TITLES = {
    "training": "What to train with",
    "runtime": "What to run it with",
}
NARROW = "\N{NO-BREAK SPACE}%"
LINE = 150
STANDS_OUT = 0.15  # by how much more often something is so in a group before it is worth telling


@dataclass(frozen=True, slots=True)
class Decided:
    """A decided case of an outside team: its role, its answers, what the team chose and what else is as good."""

    role: str
    answers: Mapping[str, Any]
    acceptable: frozenset[str]


def files(trees: Mapping[str, Tree], release: Release, decided: Sequence[Decided]) -> dict[str, str]:
    """The page and its pictures, by their path below `docs`."""
    names = {each.id: each.name for each in release.alternatives.values()}
    charts = {
        _picture(role): flow_chart.draw(tree, names, f"{TITLES[role]}: flow chart", "file")
        for role, tree in trees.items()
    }
    return {"rule-of-thumb.md": page(trees, release, decided), **charts}


def _picture(role: str) -> str:
    return f"pictures/rule-of-thumb-{role}.svg"


def page(trees: Mapping[str, Tree], release: Release, decided: Sequence[Decided]) -> str:
    """The page in Markdown."""
    names = {each.id: each.name for each in release.alternatives.values()}
    parts = [_head(trees)]
    for role, tree in trees.items():
        cases = [case for case in decided if case.role == role]
        parts.append("\n".join(_section(tree, names, release, cases)))
    return "\n\n".join([*parts, _made(trees)]) + "\n"


def _head(trees: Mapping[str, Tree]) -> str:
    agree = listed([f"{_percent(tree.fidelity.agree)} ({TITLES[role].lower()})" for role, tree in trees.items()])
    return "\n".join(
        [
            "# The rule of thumb\n",
            "<!-- Written by scripts/refresh-rule-of-thumb; do not edit. -->\n",
            _paragraph(
                "A few questions instead of a questionnaire. These charts were learned from the engine's own answers "
                f"to many plausible projects; they say what the engine says for {agree} of such projects that they "
                "had not seen. They are for a first idea. Where it matters, ask the engine: it looks at every answer, "
                "says why, and how sure it is."
            ),
            "```sh",
            "steelyard rule-of-thumb                           # the charts as text",
            "steelyard rule-of-thumb examples/phone-app.yaml   # a project's way, and what the engine says",
            "```\n",
            _paragraph(
                "Start at the upper left; yes leads to the right, no leads down. What you cannot answer counts as no. "
                "A box at the end says how often the engine puts the same first for the projects that come there, and "
                "what it most often puts first otherwise."
            ).rstrip(),
        ]
    )


def _paragraph(text: str) -> str:
    return fill(text, LINE) + "\n"


def _section(tree: Tree, names: Mapping[str, str], release: Release, cases: Sequence[Decided]) -> Iterator[str]:
    title = TITLES[tree.role]
    yield f"## {title}\n"
    yield f"![{title}: flow chart; the list below says the same]({_picture(tree.role)})\n"
    yield "<details><summary>The chart as a list</summary>\n"
    root = next(splits(tree.root), None)
    yield f"{root.asks.text}\n" if root else ending(next(leaves(tree.root)), names)
    yield from flow_chart.as_markdown(tree.root, names)
    yield "\n</details>\n"
    yield f"### How often it is right: {title.lower()}\n"
    yield "| | |\n| --- | --- |"
    yield from _measured(tree, names)
    yield from _beside_cases(tree, release, cases)
    yield f"\n### Where it goes wrong: {title.lower()}\n"
    yield "| it says | the engine says | of all projects | what these have in common |\n| --- | --- | --- | --- |"
    for miss in tree.misses:
        yield f"| {names[miss.says]} | {names[miss.engine]} | {_percent(miss.share)} | {_common(miss)} |"


def _measured(tree: Tree, names: Mapping[str, str]) -> Iterator[str]:
    """The rows about held-out projects."""
    found = tree.fidelity
    low, high = (_percent(each) for each in found.interval)
    interval = f"95{NARROW} interval {low} to {high}"
    yield f"| the engine puts the same first | {_percent(found.agree)} of {found.projects:,} projects ({interval}) |"
    yield f"| always saying {names.get(found.baseline, found.baseline)} | {_percent(found.baseline_agree)} |"
    wrong = 1 - found.agree
    level = wrong * (1 - found.excluded) * found.tied
    out = wrong * found.excluded
    yield f"| it says another, but the engine cannot tell the two apart | about {_percent(level)} |"
    yield f"| it says one that a gate excludes | {_percent(out)} |"
    yield f"| it says one that is plainly behind | about {_percent(wrong - level - out)} |"
    lost = f"{found.lost_median:.1f} at the median, more than {found.lost_most:.1f} for one in ten"
    yield f"| points of the score (of 100) lost where it is wrong and not excluded | {lost} |"


def _beside_cases(tree: Tree, release: Release, cases: Sequence[Decided]) -> Iterator[str]:
    """The rows about decided cases: the tree and the engine beside what teams chose."""
    if not cases:
        return
    same = right = engine_right = 0
    for case in cases:
        asked = requirements.parse(case.answers, release.questionnaire)
        ranking = engine.decide(release, asked, roles=[tree.role], what_if=False).roles[tree.role].ranking
        first = ranking[0].framework if ranking else None
        says = walk(tree, asked.values)[1].framework
        same += says == first
        right += says in case.acceptable
        engine_right += first in case.acceptable
    of = f"of {len(cases)} [decided cases](knowledge/cases.md) of outside teams, which were picked for their variety"
    yield f"| {of}: the engine puts the same first | {same} |"
    yield f"| of the same: what the team chose, or what is as good | {right}; the engine {engine_right} |"


def _common(miss: Miss) -> str:
    """What tells a group of misses, in words."""
    if miss.common_in - miss.common_out < STANDS_OUT:
        return "nothing that stands out"
    return f"“{miss.common}” yes: {_percent(miss.common_in)}, elsewhere {_percent(miss.common_out)}"


def _made(trees: Mapping[str, Tree]) -> str:
    tree = next(iter(trees.values()))
    parts = [
        f"{TITLES[role]}: {len(list(leaves(each.root)))} ends, fitted to {each.fitted:,} projects and measured on "
        f"{each.fidelity.projects:,} others; for {_percent(each.unanswered)} of the drawn projects nothing passes "
        "every gate, and the chart says nothing of these."
        for role, each in trees.items()
    ]
    return "\n".join(
        [
            "## How it was made\n",
            _paragraph(
                f"{tree.drawn:,} projects were drawn, and answered by the engine (release `{tree.release_id}`, engine "
                f"{tree.engine}). A decision tree was grown on two thirds of them from questions that a person can "
                "answer at once, pruned by cost and complexity, and measured on the other third. The projects are "
                "plausible, not counted: a share is one of such projects, not of the world's."
            ),
            "\n".join(f"- {part}" for part in parts) + "\n",
            _paragraph(
                "The charts are those of the shipped release. Another release gets its own, fitted when it is first "
                "asked for while it is the active one; house policies are not part of them. "
                "[Decision 32](decisions/0032-rule-of-thumb.md) says "
                "why it is made like this."
            ).rstrip(),
        ]
    )


def _percent(share: float) -> str:
    text = f"{100 * share:.1f}" if share < 0.1 else f"{100 * share:.0f}"
    return text + NARROW
