"""What is timed: one release with several sets of answers, and everything that decides on them, Steelyard and peers."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from benchmarks import pymcdm_peer, skcriteria_peer, smaa_peer, synthetic
from benchmarks.pymcdm_peer import METHODS, Table
from benchmarks.smaa_peer import Uncertain
from benchmarks.steelyard import DRAWS, Inside
from benchmarks.synthetic import Size
from benchmarks.zen_peer import Request, Said, ZenPeer
from knowledge_base import pack
from knowledge_base.release import build
from rules import engine
from rules.decision import Decision, RoleResult
from rules.faults import InvalidInput
from rules.release import Array, Release, Role, compile_release
from rules.requirements import Requirements, parse

EXAMPLES = Path(__file__).parents[1] / "examples"
SYNTHETIC_INPUTS = 5

DECIDE = "Steelyard: decide"
WHAT_IF = "Steelyard: decide with counterfactuals"
FLIPS = "Steelyard: the single-answer counterfactuals of it"
WITH_DRAWS = "Steelyard: decide with 10,000 draws"
DRAW = "Steelyard: the draws of it"
DOCUMENT = "Steelyard: document of a decision with counterfactuals"
ZEN = "zen-engine: rules and gates"
BOTH = "zen-engine and pymcdm together"
SMAA_RULES = "plain NumPy SMAA: 10,000 draws, weights around their own"
SMAA_ANY = "plain NumPy SMAA: 10,000 draws, any weights"
BESIDE = {SMAA_RULES: DRAW, SMAA_ANY: DRAW}  # what a contender is compared with, where it is not the first

Run = Callable[[int], object]  # decides on the answers with this number


@dataclass(frozen=True, slots=True)
class Case:
    """A release, the document it was compiled from and the answers to decide on."""

    name: str
    made_up: bool
    document: Mapping[str, Any]
    release: Release
    inputs: tuple[Requirements, ...]


@dataclass(frozen=True, slots=True)
class Agreement:
    """On how many sets of answers the peers come to what Steelyard comes to."""

    inputs: int
    rules: int
    exclusions: int
    order: int

    @property
    def full(self) -> bool:
        """Whether they agree on everything."""
        return self.rules == self.exclusions == self.order == self.inputs


def made_up(size: Size) -> Case:
    """A made-up release of a size."""
    document = synthetic.document(size)
    release = compile_release(document)
    given = synthetic.answers(size, SYNTHETIC_INPUTS)
    return Case(
        f"made up, {size}", True, document, release, tuple(parse(each, release.questionnaire) for each in given)
    )


def shipped() -> Case | str:
    """The shipped pack with the examples as answers; or why it is left out, in a sentence."""
    try:
        document = build(pack.load())
        release = compile_release(document)
    except InvalidInput as invalid:
        return f"The shipped pack is left out: it does not build ({len(invalid.faults)} problems)."
    inputs = []
    for path in sorted(EXAMPLES.glob("*.yaml")):
        try:
            answers = yaml.safe_load(path.read_text(encoding="utf-8"))["answers"]
            inputs.append(parse(answers, release.questionnaire))
        except InvalidInput as invalid:
            print(f"{path.name} is left out: {invalid.faults[0]}")
    return (
        Case("shipped pack", False, document, release, tuple(inputs))
        if inputs
        else "The shipped pack is left out: no example fits it."
    )


class Peers:
    """A case prepared for everyone: what can be made ready before a decision is ready before the clock starts."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self.decisions = [engine.decide(case.release, given) for given in case.inputs]
        self.roles = [_weighed_roles(decision) for decision in self.decisions]
        self.zen = ZenPeer(case.release, sorted({role for roles in self.roles for role in roles}))
        self.batches: list[list[Request]] = []
        self.tables: list[list[Table]] = []
        self.grades: list[list[Array]] = []
        self.uncertain: list[list[Uncertain]] = []
        spread = case.release.confidence["weight_relative_sd"]
        for given, decision, roles in zip(case.inputs, self.decisions, self.roles, strict=True):
            pairs = [(case.release.roles[name], decision.roles[name]) for name in roles]
            _, seen = engine.seen_by(case.release, given.values)  # with the paths that this project can use
            self.batches.append(self.zen.requests(roles, given.values, seen))
            self.tables.append([pymcdm_peer.table(role, result) for role, result in pairs])
            self.grades.append([pymcdm_peer.grades(role, result) for role, result in pairs])
            ranked = [(role, result) for role, result in pairs if result.ranking]
            self.uncertain.append([smaa_peer.uncertain(role, result, spread) for role, result in ranked])
        self.matrices = [[skcriteria_peer.matrix(table) for table in tables] for tables in self.tables]

    def runs(self) -> Mapping[str, Run]:
        """Everything that is timed, by name."""
        return self._own() | self._rankers() | self._smaa()

    def _own(self) -> dict[str, Run]:
        release, inputs = self.case.release, self.case.inputs
        plain: Run = lambda i: engine.decide(release, inputs[i], what_if=False)  # noqa: E731
        full: Run = lambda i: engine.decide(release, inputs[i])  # noqa: E731
        drawn: Run = lambda i: engine.decide(release, inputs[i], what_if=False, draws=DRAWS)  # noqa: E731
        return {
            DECIDE: plain,
            WHAT_IF: full,
            FLIPS: Inside(full, "counterfactuals"),
            WITH_DRAWS: drawn,
            DRAW: Inside(drawn, "draws"),
            DOCUMENT: lambda i: self.decisions[i].document(),
        }

    def _rankers(self) -> dict[str, Run]:
        found: dict[str, Run] = {}
        for method in METHODS:
            found[f"pymcdm: {method}"] = lambda i, method=method: [  # type: ignore[misc]
                pymcdm_peer.rank(method, table) for table in self.tables[i]
            ]
        for method in skcriteria_peer.METHODS:
            found[f"scikit-criteria: {method}"] = lambda i, method=method: [  # type: ignore[misc]
                skcriteria_peer.rank(method, matrix) for matrix in self.matrices[i]
            ]
        return found | {ZEN: lambda i: self.zen.evaluate(self.batches[i]), BOTH: self.together}

    def _smaa(self) -> dict[str, Run]:
        return {
            SMAA_RULES: lambda i: [smaa_peer.of_rules(each, DRAWS, i) for each in self.uncertain[i]],
            SMAA_ANY: lambda i: [smaa_peer.of_any(each, DRAWS, i) for each in self.uncertain[i]],
        }

    def together(self, i: int) -> list[tuple[list[str], Said]]:
        """What the two peers make of one set of answers: rules and gates from one, order of the rest from the other."""
        said = self.zen.read(self.roles[i], self.zen.evaluate(self.batches[i]))
        priorities = self.case.inputs[i].values.get("priorities")
        ranked = priorities if isinstance(priorities, tuple) else ()
        return [
            (self._order(self.case.release.roles[name], grades, each, ranked), each)
            for name, grades, each in zip(self.roles[i], self.grades[i], said, strict=True)
        ]

    def _order(self, role: Role, grades: Array, said: Said, priorities: Sequence[str]) -> list[str]:
        hard = {gate.id for gate in role.gates if gate.excludes}
        out = {name for name, gate in said.stopped if gate in hard}
        field = [i for i, member in enumerate(role.members) if member not in out]
        if not field:
            return []
        weight = pymcdm_peer.weights(role, pymcdm_peer.strengths(role.rules, said.spoken, priorities))
        score = pymcdm_peer.rank("weighted sum", Table(grades[field], weight, np.ones(len(weight)))).tolist()
        order = sorted(range(len(field)), key=lambda at: (-round(score[at], 12), role.members[field[at]]))
        return [role.members[field[at]] for at in order]

    def agreement(self) -> Agreement:
        """Whether the peers, put together, exclude and order as Steelyard does."""
        rules = exclusions = order = 0
        for i, (decision, names) in enumerate(zip(self.decisions, self.roles, strict=True)):
            pairs = [(self.case.release.roles[name], decision.roles[name]) for name in names]
            found = list(zip(self.together(i), pairs, strict=True))
            rules += all({role.rules[r].id for r in said.spoken} == _spoken(ours) for (_, said), (role, ours) in found)
            exclusions += all(_hard(said, role) == _excluded(ours) for (_, said), (role, ours) in found)
            order += all(names == [place.framework for place in ours.ranking] for (names, _), (_, ours) in found)
        return Agreement(len(self.decisions), rules, exclusions, order)

    def shape(self) -> str:
        """How much one decision looks at, summed over its roles; ranges where the answers make a difference."""
        release = self.case.release
        looked = [[release.roles[name] for name in roles] for roles in self.roles]
        tables = [f"{len(r.members)} x {len(r.criteria)}" for r in {r.name: r for rs in looked for r in rs}.values()]
        return (
            f"grades {' and '.join(tables)}; {_range([sum(len(r.rules) for r in rs) for rs in looked])} rules; "
            f"{_range([sum(len(r.gates) for r in rs) for rs in looked])} gates on "
            f"{_range([sum(len(r.members) + len(r.others) for r in rs) for rs in looked])} candidates; "
            f"{_range([len(given.values) for given in self.case.inputs])} of "
            f"{len(release.questionnaire.questions)} questions answered; "
            f"{_range([sum(len(d.roles[n].rules) for n in d.roles) for d in self.decisions])} rules speak; "
            f"{_range([sum(len(d.roles[n].ranking) for n in d.roles) for d in self.decisions])} ranked"
        )


def _range(numbers: Sequence[int]) -> str:
    low, high = min(numbers), max(numbers)
    return str(low) if low == high else f"{low} to {high}"


def _weighed_roles(decision: Decision) -> tuple[str, ...]:
    return tuple(name for name, result in decision.roles.items() if result.rules)


def _spoken(result: RoleResult) -> set[str]:
    return {weighed.rule for weighed in result.rules}


def _hard(said: Said, role: Role) -> set[tuple[str, str]]:
    hard = {gate.id for gate in role.gates if gate.excludes}
    return {pair for pair in said.stopped if pair[1] in hard}


def _excluded(result: RoleResult) -> set[tuple[str, str]]:
    return {(each.framework, each.gate) for each in result.excluded}
