"""`python -m benchmarks.questions`: how many questions it takes, asked one at a time, against other orders.

The projects are the decided cases of outside teams, whose answers are what the person would say (and "don't know" to
everything else), and projects drawn from the stated priors. Each is asked until the questionnaire calls it settled, and
on from there in the order it proposes; then the same answers are given in the order of the questionnaire and in a
random one.
"""

import argparse
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import mean, quantiles
from time import perf_counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from advisor.house import House
    from rules.release import Release

PROJECTS = 500
SEED = "questions"
CASES = Path(__file__).parent.parent / "tests" / "golden"
AFTER = (3, 5, 8, 10, 15, 20, 30, 40)
ORDERS = ("one at a time", "questionnaire", "random")


@dataclass(frozen=True, slots=True)
class Asked:
    """What came of asking one project.

    Attributes:
        reached: by order, after how many questions the first places are those of the full questionnaire, and stay so.
        settled: after how many it was called settled.
        answered: how many of these were answered with more than "don't know".
        right: whether the first places were then those of the full questionnaire.
        level: whether each of them was first, or level with the first, after the full questionnaire: what is claimed.
        stated: how likely that was said to be.
        unshakable: whether it was called settled because nothing could change it any more.
    """

    reached: Mapping[str, int]
    settled: int
    answered: int
    right: bool
    level: bool
    stated: float
    unshakable: bool


def main(given: Sequence[str] | None = None) -> int:
    """Runs the study; 0."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.questions", description=__doc__)
    parser.add_argument("--projects", type=int, default=PROJECTS, help="how many projects are drawn")
    parser.add_argument("--cases", type=int, default=10_000, help="how many of the decided cases are asked")
    parser.add_argument("--markdown", type=Path, metavar="FILE", help="write the figures into this page")
    options = parser.parse_args(given)
    text = figures(options.projects, options.cases)
    print(text)
    if options.markdown:
        from benchmarks import report

        page = options.markdown.read_text("utf-8") if options.markdown.exists() else ""
        options.markdown.write_text(report.inserted(page, text), "utf-8")
    return 0


def figures(drawn: int, cases_asked: int) -> str:
    """The study as text."""
    import probes
    from advisor import knowledge
    from advisor.house import House
    from knowledge_base import cases
    from storage.database import Database

    decided = cases.load(CASES)[:cases_asked]
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{folder}/questions.db")
        database.require_head()
        house = House(database, lambda: datetime.now(UTC), probes.local)
        knowledge.publish(house)
        release = house.knowledge().release
        of_cases = [ask(release, case.answers, case.id) for case in decided]
        of_drawn = [ask(release, answers, f"drawn {i}") for i, answers in enumerate(_drawn(release, drawn))]
        times = timed(house, [case.answers for case in decided])
        database.close()
    questions = len(release.questionnaire.questions)
    return "\n\n".join(
        [
            f"{len(decided)} decided cases and {drawn} projects drawn from the priors; {questions} questions; settled "
            f"at a probability of {release.priors.settled_at:g}.",
            _settled({"decided cases": of_cases, "drawn projects": of_drawn}),
            _reached({"decided cases": of_cases, "drawn projects": of_drawn}),
            f"One call of the use case, ranking included, over all steps of the decided cases: {_times(times)}.",
        ]
    )


# --- Asking ----------------------------------------------------------------------------------------------------------


def ask(release: "Release", answers: Mapping[str, object], seed: str) -> Asked:
    """One project, asked in every order."""
    from rules import asking, requirements
    from rules.streams import stream

    truth = requirements.parse(answers, release.questionnaire).values
    everything = tuple(release.questionnaire.questions)
    asked: list[str] = []
    while True:
        given = {q: truth[q] for q in asked if q in truth}
        declined = frozenset(q for q in asked if q not in truth)
        found = asking.next_question(release, asking.Known(given, dict(given), declined))
        if found.settled:
            break
        asked.append(found.open[0].question)
    order = {
        ORDERS[0]: (*asked, *(each.question for each in found.open)),
        ORDERS[1]: everything,
        ORDERS[2]: tuple(everything[i] for i in stream(f"{SEED}:{seed}").random_raw(len(everything)).argsort()),
    }
    winners = _winners(release, truth, list(order.values()))
    reached = {name: _reach(each) for name, each in zip(order, winners, strict=True)}
    then, full = winners[0][len(asked)], winners[0][-1]
    right = then == full
    level = right or _is_level(release, given, truth)
    return Asked(reached, len(asked), len(given), right, level, found.joint, found.unshakable)


_First = tuple[tuple[str, int], ...]


def _winners(release: "Release", truth: Mapping[str, object], orders: Sequence[Sequence[str]]) -> list[list[_First]]:
    """For each order, who comes first after 0, 1, 2 ... questions."""
    from rules import batch, first_places

    ends = [(order, end) for order in orders for end in range(len(order) + 1)]
    sheet = batch.varied(release, {}, [{q: truth[q] for q in order[:end] if q in truth} for order, end in ends])
    first = first_places.first_places(release, sheet)
    rows = [tuple((role, int(each[row])) for role, each in first.items()) for row in range(len(ends))]
    size = len(orders[0]) + 1
    return [rows[start : start + size] for start in range(0, len(rows), size)]


def _reach(winners: Sequence[_First]) -> int:
    """After how many questions the first places are the last ones, and stay so."""
    return max((at + 1 for at, each in enumerate(winners) if each != winners[-1]), default=0)


def _is_level(release: "Release", given: Mapping[str, object], truth: Mapping[str, object]) -> bool:
    """Whether each first place of some answers is first, or level with the first, after the full questionnaire."""
    from rules import batch, first_places

    known = first_places.Known({}, given, frozenset())
    found = first_places.judge(release, known, batch.varied(release, {}, [truth]), {})
    return all(labels[0] == labels[found.at] for labels in found.better.values())


def _drawn(release: "Release", count: int) -> Iterable[dict[str, object]]:
    """Projects from the priors, as a person would answer; what contradicts itself is left out."""
    from rules.completions import complete
    from rules.conditions import column_parts

    found = complete(release, {}, (), SEED, 2 * count)
    for row in range(min(count, found.sheet.rows)):
        answers = {name: column_parts.value(found.sheet.columns[name], row) for name in found.drawn}
        yield {name: answer for name, answer in answers.items() if answer is not None}


def timed(house: "House", projects: Sequence[Mapping[str, object]]) -> list[float]:
    """Milliseconds of every call on the way to settled, after one to warm up."""
    from advisor import interview

    interview.next_question(house, {})
    times: list[float] = []
    for answers in projects:
        told: dict[str, object] = {}
        while True:
            before = perf_counter()
            found = interview.next_question(house, told)
            times.append(1000 * (perf_counter() - before))
            if found["question"] is None:
                break
            question = found["question"]["id"]
            told[question] = answers.get(question)
    return times


# --- Telling ---------------------------------------------------------------------------------------------------------


def _settled(groups: Mapping[str, Sequence[Asked]]) -> str:
    rows = [
        "| | projects | questions until settled: mean | 10 % | median | 90 % | of them answered, mean | right then "
        "| right or level then | nothing could change it |",
        "| --- | --: | --: | --: | --: | --: | --: | --: | --: | --: | --: |",
    ]
    for name, group in groups.items():
        if group:
            low, middle, high = _quantiles([each.settled for each in group])
            told = f"{mean(e.settled for e in group):.1f} | {low:.0f} | {middle:.0f} | {high:.0f}"
            shares = " | ".join(
                f"{100 * mean(getattr(e, kind) for e in group):.1f} %"
                for kind in ("right", "level", "stated", "unshakable")
            )
            answered = f"{mean(e.answered for e in group):.1f}"
            rows.append(f"| {name} | {len(group)} | {told} | {answered} | {shares} |")
    return "\n".join(rows)


def _reached(groups: Mapping[str, Sequence[Asked]]) -> str:
    rows = [
        "Questions until the first places are those of the full questionnaire and stay so, and the share of projects "
        "for which they are after so many:\n",
        "| | order | mean | 10 % | median | 90 % | " + " | ".join(map(str, AFTER)) + " |",
        "| --- | --- |" + " --: |" * (4 + len(AFTER)),
    ]
    for name, group in groups.items():
        for order in ORDERS if group else ():
            each = [asked.reached[order] for asked in group]
            low, middle, high = _quantiles(each)
            after = " | ".join(f"{100 * mean(e <= k for e in each):.0f} %" for k in AFTER)
            rows.append(f"| {name} | {order} | {mean(each):.1f} | {low:.0f} | {middle:.0f} | {high:.0f} | {after} |")
    return "\n".join(rows)


def _quantiles(values: Sequence[float]) -> tuple[float, float, float]:
    if len(values) < 2:
        return (values[0],) * 3
    tenths = quantiles(values, n=10, method="inclusive")
    return tenths[0], tenths[4], tenths[8]


def _times(times: Sequence[float]) -> str:
    low, middle, high = _quantiles(times)
    return f"median {middle:.0f} ms, from {low:.0f} to {high:.0f} ms for eight of ten, {len(times)} calls"


if __name__ == "__main__":
    raise SystemExit(main())
