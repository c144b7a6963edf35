"""What would change a decision: every variant of the project that is tried to say it, and what came of each.

Single answers and weights that flip the first place, what each open question could do, what would let each excluded
alternative in, and, where nothing is left, the smallest sets of answers to take back.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain

from rules import changes, gates, likely, minimal, requirements
from rules.compiled import Release
from rules.conditions import Values
from rules.gates import Relaxation
from rules.judging import Judged
from rules.minimal import Reliefs
from rules.requirements import Requirements


@dataclass(frozen=True, slots=True)
class Project:
    """What variants start from: the answers, and what the hardware profile `offered`, of which `filled` was used."""

    release: Release
    requirements: Requirements
    values: Values
    filled: Mapping[str, object]
    offered: Mapping[str, object]

    def possible(self, question: str, after: object) -> bool:
        """Whether a question could be answered so."""
        if after is None and question in self.filled:  # the profile would fill it in again
            return False
        return requirements.possible(self.requirements.values, question, after, self.release.questionnaire)


@dataclass(frozen=True, slots=True)
class Changed:
    """What would change one role's answer, and what would let in each excluded alternative.

    `answers` are the flips worth telling (`rules.likely`); `unknown` and `settled` count every possible answer.
    """

    answers: Sequence[changes.AnswerFlip]
    weights: Sequence[changes.WeightFlip]
    unknown: Sequence[changes.Unknown]
    settled: Sequence[str]
    relaxations: Mapping[str, tuple[Relaxation, ...]]
    places: Mapping[str, tuple[float, int]]  # (score, rank) of a member after its nearest relaxation
    reliefs: Reliefs | None


def changed(project: Project, judged: Sequence[Judged]) -> dict[str, Changed]:
    """What would change the answer, role by role; all single changed answers are tried at once."""
    release, values = project.release, project.values
    edits = {
        j.role.name: [gates.edits(release, values, name, failing) for name, failing in j.failing.items()]
        for j in judged
    }
    singles = {j.role.name: list(changes.singles(release, j.role, values)) if j.scored else [] for j in judged}
    tried = [(q, after) for each in edits.values() for e in each for q, afters in e.by_question for after in afters]
    stated = project.requirements.preferences
    trials = changes.Trials(
        release,
        values,
        chain(tried, *singles.values()),
        project.possible,
        project.offered,
        stated.weights if stated else None,
    )
    return {j.role.name: _changed(project, trials, j, edits[j.role.name], singles[j.role.name]) for j in judged}


def _changed(
    project: Project,
    trials: changes.Trials,
    judged: Judged,
    edits: Sequence[gates.Edits],
    singles: Sequence[changes.Single],
) -> Changed:
    role, scored, values = judged.role, judged.scored, project.values
    relaxations = {e.alternative: gates.relaxations(values, e, partial(trials.lets_in, role.name)) for e in edits}
    nearest = {m: relaxations[m][0] for m in role.members if relaxations.get(m)} if scored else {}
    places = {m: trials.place(role.name, m, r.question, r.after[0]) for m, r in nearest.items()}
    flips = trials.flips(role.name, values, judged.first, singles) if scored else []
    pair = [role.members.index(place.framework) for place in judged.ranking[:2]]
    weights = changes.weight_flips(role, scored, *pair) if scored and len(pair) == 2 else ()
    unknown, settled = changes.unknowns(role.name, values, singles, flips, project.possible)
    told = [flip for flip in flips if likely.could_be(project.release, values, flip.question, flip.after)]
    return Changed(told, weights, unknown, settled, relaxations, places, _reliefs(project, judged))


def _reliefs(project: Project, judged: Judged) -> Reliefs | None:
    """What to take back where nothing is left; None where something is, or where there was nothing to begin with."""
    role, questionnaire = judged.role, project.release.questionnaire
    if not role.members or any(member not in judged.failing for member in role.members):
        return None
    possible = partial(requirements.consistent, questionnaire=questionnaire)
    given = project.requirements.values
    return minimal.reliefs(project.release, role.name, project.values, given, judged.failing, possible, project.offered)
