"""What people are likely to answer, stated as data: one prior for each question, some of them given other answers.

Together they are a small Bayesian network over the questionnaire (Pearl, Probabilistic Reasoning in Intelligent
Systems: Networks of Plausible Inference, 1988): a prior may depend on answers to questions that stand before it in the
list. Where a release states none, every answer is as likely as any other and a question is as likely answered as not,
which is Laplace's rule of insufficient reason and no more than a way to begin.

How completions are drawn from them is `rules.completions`' business, what is asked `rules.asking`'s.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import log10
from typing import Any

import numpy as np

from rules import conditions
from rules.conditions import Kind, Node
from rules.conditions.columns import SETS
from rules.faults import InvalidInput
from rules.requirements import Question, Questionnaire, within

SETTLED_AT = 0.9  # where a release states no other probability
SEVERAL = 1.5  # options that an answer names on the average, where nothing is stated
ALONE = 0.1  # probability that an answer is one of the options that stand alone, where nothing is stated
RANKED = (0.25, 0.25, 0.25, 0.25)  # of 1, 2, 3, 4 ranked options, where nothing is stated
ROUND = (1.0, 2.0, 5.0)  # numbers that people give, times powers of ten
NOTHING = ""  # in the place of an option: the answer to a list that it is none of these
UNCOMPARED = (1.0, 1000.0)  # where a number lies that no condition looks at

Floats = np.typing.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Prior:
    """What is answered to one question, in V cases (the first that holds; the last one always does) over n values.

    Attributes:
        question: its id.
        kind: `one` value of several (numbers and yes or no too), `several` options of a set, or a `ranking`.
        values: the n values: options (`NOTHING` among those of a set: that it is none of them), numbers, or True and
            False; sorted, so that no order of options counts.
        cases: the V - 1 conditions of the cases.
        answered: (V,) probability that there is an answer at all; else it is not known or does not apply.
        chance: (V, n) probability of each value (`one`), of each option to be named (`several`; of an exclusive one to
            be the answer), or the weight with which each is drawn next (`ranking`).
        alone: (n,) whether an option stands alone.
        lengths: probability of ranking 1, 2, 3 ... options.
    """

    question: str
    kind: str
    values: tuple[Any, ...]
    cases: tuple[Node, ...]
    answered: Floats
    chance: Floats
    alone: np.typing.NDArray[np.bool_]
    lengths: tuple[float, ...] = ()

    @property
    def looks_at(self) -> frozenset[str]:
        """The questions that the cases look at."""
        return frozenset(name for case in self.cases for name in conditions.names(case))


@dataclass(frozen=True, eq=False)
class Priors:
    """The priors of a release in the order of drawing, and the probability at which a winner counts as settled."""

    settled_at: float
    of: tuple[Prior, ...]


def compiled(stated: Mapping[str, Any] | None, questionnaire: Questionnaire, names: Mapping[str, Kind]) -> Priors:
    """The priors that a release document states, those of the questions that it leaves out filled in.

    Raises:
        InvalidInput: a case does not fit the vocabulary.
    """
    asked = questionnaire.questions
    entries = {entry["id"]: entry for entry in (stated or {}).get("priors", ()) if entry["id"] in asked}
    found = [_stated(entry, asked[name], names) for name, entry in entries.items()]
    found += [_unstated(question, names[name]) for name, question in asked.items() if name not in entries]
    return Priors((stated or {}).get("settled_at_probability", SETTLED_AT), tuple(found))


def grid(low: float, high: float) -> tuple[float, ...]:
    """The round numbers (1, 2 and 5 times powers of ten) from one number to another, both of them included."""
    if low == high:
        return (low,)
    start = max(low, 10.0**-6)
    steps = [float(f"{m * 10.0**e:.1g}") for e in range(int(log10(start)) - 1, int(log10(high)) + 1) for m in ROUND]
    return tuple(sorted({low, high, *(step for step in steps if low < step < high)}))


# --- What is stated --------------------------------------------------------------------------------------------------


def _stated(entry: Mapping[str, Any], question: Question, names: Mapping[str, Kind]) -> Prior:
    otherwise = {**entry, "none": entry.get("none") or 0.0}  # a release of before it could be stated has none
    sections = [{**otherwise, **{k: v for k, v in case.items() if v is not None}} for case in entry["given"]]
    sections.append(otherwise)
    cases = tuple(_case(case["when"], names) for case in entry["given"])
    answered = np.array([section["answered"] for section in sections])
    kind = names[question.id]
    if kind.sort == "number":
        tables = [_numbers(section["numbers"], question) for section in sections]
    elif kind.sort == "yes/no":
        tables = [{True: section["chance_of_yes"], False: 1 - section["chance_of_yes"]} for section in sections]
    elif kind.sort in SETS:  # a case names only the options that are otherwise in it
        tables = [_of_a_list(entry, section) for section in sections]
    else:
        tables = [section["options"] for section in sections]
    return _prior(question, kind, cases, answered, tables, tuple(entry["lengths"] or ()))


def _of_a_list(entry: Mapping[str, Any], section: Mapping[str, Any]) -> dict[Any, float]:
    found: dict[Any, float] = {**entry["options"], **section["options"]}
    return {**found, NOTHING: section["none"]} if section["none"] else found


def _case(text: str, names: Mapping[str, Kind]) -> Node:
    node = conditions.parse(text)
    faults = conditions.check(text, node, names)
    if faults:
        raise InvalidInput(faults)
    return node


def _numbers(ranges: Sequence[Mapping[str, float]], question: Question) -> dict[float, float]:
    """Each range spreads its share evenly over the round numbers in it, which is evenly over their logarithms."""
    found: dict[float, float] = {}
    for each in ranges:
        numbers = grid(float(each["low"]), float(each["high"]))
        for number in numbers:
            answer = within(question, number)
            found[answer] = found.get(answer, 0.0) + each["share"] / len(numbers)
    return found


# --- Where nothing is stated -----------------------------------------------------------------------------------------


def _unstated(question: Question, kind: Kind) -> Prior:
    once = np.array([0.5])
    if kind.sort == "number":
        low, high = (within(question, bound) for bound in UNCOMPARED)
        table: dict[Any, float] = _numbers([{"low": low, "high": max(low, high), "share": 1.0}], question)
    elif kind.sort == "yes/no":
        table = {True: 0.5, False: 0.5}
    elif kind.sort in SETS and kind.sort != "ranked":
        together = [o for o in kind.options if o not in question.exclusive]
        table = dict.fromkeys(together, min(0.5, SEVERAL / max(len(together), 1)))
        table |= dict.fromkeys(question.exclusive, ALONE / max(len(question.exclusive), 1))
    else:
        table = dict.fromkeys(kind.options, 1.0 / max(len(kind.options), 1))
    return _prior(question, kind, (), once, [table], RANKED if kind.sort == "ranked" else ())


def _prior(
    question: Question,
    kind: Kind,
    cases: tuple[Node, ...],
    answered: Floats,
    tables: Sequence[Mapping[Any, float]],
    lengths: tuple[float, ...],
) -> Prior:
    values = tuple(sorted({value for table in tables for value in table}))
    chance = np.array([[float(table.get(value, 0.0)) for value in values] for table in tables])
    alone = np.array([value in (*question.exclusive, NOTHING) for value in values], dtype=np.bool_)
    sort = "ranking" if kind.sort == "ranked" else "several" if kind.sort in SETS else "one"
    if sort != "several":
        whole = chance.sum(axis=1, keepdims=True)
        chance = chance / np.where(whole > 0, whole, 1.0)
    return Prior(question.id, sort, values, cases, answered, chance.reshape(len(tables), len(values)), alone, lengths)
