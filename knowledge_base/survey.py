"""What the rules come to with today's facts, over many plausible projects: advice for whoever curates them.

Nothing here is a mistake by itself. A gate that stops nothing today may stop what comes tomorrow, and a rule that never
changes a winner may still explain one. What is wrong whatever the facts is `knowledge_base.scrutiny`'s business.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from knowledge_base import contests, scrutiny
from knowledge_base.contests import Contest
from knowledge_base.lint import expand
from knowledge_base.pack import Pack
from knowledge_base.scrutiny import Finding
from rules import reach, sampling
from rules.cases import Space
from rules.compiled import Gate, Release, Role
from rules.sampling import Sample

PROJECTS = 20_000
SEED = "survey of the rules"
ALIKE = 0.98  # cosine of two rules' weights: at most a fifth of the lesser is its own
TOGETHER = 0.9  # of the projects in which the rarer of two rules fires
SEEN = 50  # projects below which nothing is said: a share of them would be off by more than a few in a hundred
EQUAL = 1e-9  # grades, as shares of the top grade
NAMED_GATES = 3


@dataclass(frozen=True, slots=True)
class Advice:
    """One thing worth a curator's look, with the place of its entry as `file:line:column`.

    `kind` is a word for what it is, `text` a sentence; `answers` is a project that shows it, where one does.
    """

    kind: str
    path: str
    id: str
    role: str | None
    text: str
    answers: Mapping[str, object] | None = None


def advice(pack: Pack, document: Mapping[str, Any], release: Release, projects: int = PROJECTS) -> list[Advice]:
    """Everything worth a look, in a stable order.

    Args:
        pack: for the places of entries.
        document: the release document built from it.
        release: the same, compiled.
        projects: how many are drawn.
    """
    found = [*_undecided(pack, release), *_on_file(pack, release)]
    sample = sampling.draw(release, projects, SEED)
    for role in release.roles.values():
        if role.members and role.rules:
            contest = contests.hold(release, role, sample.sheet)
            found += _of_role(pack, document, sample, contest)
    return found


def _of_role(pack: Pack, document: Mapping[str, Any], sample: Sample, contest: Contest) -> Iterator[Advice]:
    yield from _silent(pack, contest)
    yield from _flat(pack, document, contest)
    yield from _doubled(pack, sample, contest)
    yield from _weightless(pack, contest)
    yield from _covered(pack, contest)
    yield from _losers(pack, contest)


def _place(pack: Pack, section: str, name: str, field: str = "") -> str:
    return scrutiny.place(pack, Finding("", section, name, field, ""))


# --- Exactly, with the facts on file ---------------------------------------------------------------------------------


def _undecided(pack: Pack, release: Release) -> Iterator[Advice]:
    for found in scrutiny.look(release):
        if not found.exact:
            text = f"{found.id!r} may not be {found.is_not}; there are too many cases to try all"
            yield Advice(f"perhaps-{found.kind}", scrutiny.place(pack, found), found.id, None, text)


def _on_file(pack: Pack, release: Release) -> Iterator[Advice]:
    """Gates that nothing on file fails, or that everything on file fails, row by row of `each`."""
    space = Space(release)
    guarded: dict[str, list[tuple[Role, Gate]]] = {}
    for role in release.roles.values():
        for gate in role.gates if role.members else ():
            guarded.setdefault(gate.id, []).append((role, gate))
    for entry in pack.gates:
        rows = [one.id for one in expand(entry) if one.id in guarded]
        idle = [row for row in rows if not any(scrutiny.can_stop(space, gate) for _, gate in guarded[row])]
        total = [row for row in rows if all(scrutiny.stops_all(space, g, role.members) for role, g in guarded[row])]
        for kind, which, says in (
            ("stops-nothing-on-file", idle, "stops nothing on file"),
            ("stops-all-on-file", total, "is passed by nothing on file"),
        ):
            if which:
                text = f"{says}: {', '.join(which)}" if entry.each else says
                yield Advice(kind, _place(pack, "gates", which[0], "requires"), entry.id, None, text)


# --- Over the sample -------------------------------------------------------------------------------------------------


def _silent(pack: Pack, seen: Contest) -> Iterator[Advice]:
    for index in np.flatnonzero(~seen.fires.any(axis=0)):
        rule = seen.role.rules[index]
        text = f"fires in none of {len(seen.fires)} plausible projects"
        yield Advice("silent", _place(pack, "rules", rule.id, "when"), rule.id, seen.role.name, text)


def _flat(pack: Pack, document: Mapping[str, Any], seen: Contest) -> Iterator[Advice]:
    """Criteria on which all members are graded alike. Ways may still differ within a project, unless there are none."""
    role = seen.role
    for column, criterion in enumerate(role.criteria):
        grade = role.grade[:, column]
        if criterion.affinity or np.ptp(grade) > EQUAL or (reach.target_of(criterion) and grade.any()):
            continue
        cells = [document["grades"].get(criterion.id, {}).get(member) for member in role.members]
        known = any(cell and cell["known"] for cell in cells)
        why = "all members are graded alike" if known else "nothing is known of any member"
        at = _place(pack, "criteria", criterion.id)
        yield Advice("separates-nothing", at, criterion.id, role.name, f"separates nothing: {why}")


def _doubled(pack: Pack, sample: Sample, seen: Contest) -> Iterator[Advice]:
    """Pairs of rules that say nearly the same and do so together."""
    role = seen.role
    length = np.sqrt((role.weight**2).sum(axis=1))
    alike = (role.weight @ role.weight.T) / np.outer(length, length)
    fires = seen.fires.astype(np.float64)
    both = fires.T @ fires
    rarer = np.minimum.outer(fires.sum(axis=0), fires.sum(axis=0))
    found = (alike >= ALIKE) & (rarer >= SEEN) & (both >= TOGETHER * rarer)
    for one, other in np.argwhere(np.triu(found, 1)).tolist():
        first, second = role.rules[one], role.rules[other]
        text = (
            f"says the same as {first.id!r} (cosine of the weights {alike[one, other]:.3f}) and fires with it in "
            f"{both[one, other] / rarer[one, other]:.0%} of the projects of the rarer"
        )
        row = int(np.flatnonzero(seen.fires[:, one] & seen.fires[:, other])[0])
        asked = {q for rule in (first, second) if rule.when for q in rule.when.questions}
        answers = {q: answer for q, answer in sample.answers(row).items() if q in asked}
        yield Advice("counted-twice", _place(pack, "rules", second.id, "weights"), second.id, role.name, text, answers)


def _weightless(pack: Pack, seen: Contest) -> Iterator[Advice]:
    """Rules, and criteria, without which the same alternative would come first in every project."""
    role = seen.role
    for index, rule in enumerate(role.rules):
        fired = int(seen.fires[:, index].sum())
        if fired >= SEEN and not seen.without_rule(index):
            text = f"fires in {fired} of {len(seen.fires)} projects and changes the first place in none"
            at = _place(pack, "rules", rule.id, "weights")
            yield Advice("changes-no-winner", at, rule.id, role.name, text)
    for column, criterion in enumerate(role.criteria):
        weighed = int((seen.board.strength @ role.weight[:, column] > 0).sum())
        if weighed >= SEEN and not seen.without_criterion(column):
            text = f"counts in {weighed} of {len(seen.fires)} projects and changes the first place in none"
            yield Advice("changes-no-winner", _place(pack, "criteria", criterion.id), criterion.id, role.name, text)


def _covered(pack: Pack, seen: Contest) -> Iterator[Advice]:
    """Gates that stop nothing which a single other gate does not stop too, as far as facts and projects go."""
    excluding = [(gate, np.packbits(stops, axis=None), int(stops.sum())) for gate, stops in seen.stops]
    told: set[str] = set()
    for gate, stops, count in excluding if seen.role.members else ():
        for other, also, _ in excluding if count >= SEEN else ():
            if other is not gate and other.id not in told and not (stops & ~also).any():
                told.add(gate.id)
                text = f"stops nothing on file that {other.id!r} does not stop too"
                at = _place(pack, "gates", gate.id, "requires")
                yield Advice("covered-on-file", at, gate.id, seen.role.name, text)
                break


def _losers(pack: Pack, seen: Contest) -> Iterator[Advice]:
    """Members that come first in no project, each with the reason."""
    role = seen.role
    for index, member in enumerate(role.members):
        if not (seen.first == index).any():
            at = _place(pack, "alternatives", member)
            yield Advice("never-first", at, member, role.name, f"comes first in no project: {_why(seen, index)}")


def _why(seen: Contest, index: int) -> str:
    role = seen.role
    left = seen.board.open[:, index] & (seen.first >= 0)
    if not left.any():
        counts = sorted(((int(stops[:, index].sum()), gate.id) for gate, stops in seen.stops), reverse=True)
        named = [f"{gate!r} in {count / len(left):.0%}" for count, gate in counts[:NAMED_GATES] if count]
        return f"it is always excluded, by {', '.join(named)}"
    graded = [column for column, criterion in enumerate(role.criteria) if not criterion.affinity]
    grade = role.grade[:, graded]
    better = [m for i, m in enumerate(role.members) if i != index and (grade[i] >= grade[index]).all()]
    if better:
        return f"{better[0]!r} is at least as good on every criterion"
    rank, gap = seen.best_place(index)
    return f"its best rank is {rank}, and {gap:.3f} the least it is behind"
