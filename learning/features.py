"""What a tree may ask: questions with yes or no for an answer, of one project or of a whole sheet.

What is not known counts as no: nobody has said that the model must run on a phone.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from learning.wording import words
from rules.compiled import Release, Role
from rules.conditions import Values
from rules.conditions.columns import SETS, TRUE, Bools, NumberColumn, SetColumn, Sheet, TextColumn, TruthColumn
from rules.requirements import Question

# What a person can say at once about the project. Policies and limits in milliseconds or megabytes need somebody to be
# asked first; what the team knows and what matters most is for the engine to weigh.
AT_ONCE = (
    "stage",
    "need",
    "approach",
    "task",
    "modality",
    "novelty",
    "data_rows",
    "data_traits",
    "training_language",
    "train_hardware",
    "distribution",
    "deploy_targets",
    "serving_language",
    "on_device_training",
    "builds_on",
    "team_experience",
)
TOGETHER: Mapping[str, Sequence[tuple[str, ...]]] = {
    "need": [("fine_tune", "adapter_tuning", "preference_tuning")],
    "approach": [("deep_learning", "llm")],
    "modality": [("image", "video", "volume_3d")],
    "training_language": [("r", "julia")],
    "deploy_targets": [("android", "ios"), ("edge_linux", "edge_gpu", "edge_tpu")],
}
VAGUE = ("other",)
STATED = 0.0  # the bound that every number reaches: whether there is one
SINGLE = ("one", "version")


@dataclass(frozen=True, slots=True)
class Feature:
    """A question with yes or no for an answer: whether an answer holds one of `options`, is at least `at_least`, or,
    with neither, is yes.
    """

    question: str
    options: tuple[str, ...]
    at_least: float | None
    text: str

    def holds(self, values: Values) -> bool:
        """The answer for one project."""
        found = values.get(self.question)
        if found is None:
            return False
        if self.at_least is not None:
            return isinstance(found, int | float) and found >= self.at_least
        if not self.options:
            return found is True
        return any(option in self.options for option in (found if isinstance(found, tuple) else (found,)))

    def column(self, sheet: Sheet) -> Bools:
        """(N,) the answers for the projects of a sheet."""
        match sheet.columns.get(self.question):
            case NumberColumn(number):
                reached: Bools = number >= (np.inf if self.at_least is None else self.at_least)
                return reached
            case TruthColumn(truth):
                yes: Bools = truth == TRUE
                return yes
            case TextColumn(code, texts):
                return np.isin(code, [texts.index(option) for option in self.options if option in texts])
            case SetColumn() as held:
                named: Bools = np.logical_or.reduce([held.holds(option) for option in self.options])
                return named
        return np.zeros(sheet.rows, dtype=np.bool_)


def askable(release: Release, role: str) -> tuple[Feature, ...]:
    """What a tree for a role may ask: what can be said at once, as far as the engine looks at it."""
    looked_at = _looked_at(release, release.roles[role])
    questions = release.questionnaire.questions
    known = [questions[name] for name in AT_ONCE if name in looked_at and name in questions]
    return tuple(f for question in known for f in _of(release, question) if f.at_least != STATED)


def all_of(release: Release, role: str) -> tuple[Feature, ...]:
    """Everything that could be said of a project in this way, as far as the engine looks at it."""
    looked_at = _looked_at(release, release.roles[role])
    return tuple(f for q in release.questionnaire.questions.values() if q.id in looked_at for f in _of(release, q))


def _looked_at(release: Release, role: Role) -> set[str]:
    near = {c.affinity for c in role.criteria if c.affinity}
    reached = release.reach_questions | {"deploy_targets"} if role.name == "training" else set()
    return {*role.rules_on, *role.gates_on, *near, *reached}


def _of(release: Release, question: Question) -> Iterable[Feature]:
    kind = release.names[question.id]
    if kind.sort == "number":
        bounds = sorted({b for role in release.roles.values() for b in role.bounds.get(question.id, ()) if b > 0})
        made: list[tuple[tuple[str, ...], float | None]] = [((), bound) for bound in (STATED, *bounds)]
    elif kind.sort in (*SETS, *SINGLE):
        groups = [g for g in TOGETHER.get(question.id, ()) if set(g) <= set(kind.options)]
        made = [(options, None) for options in (*((o,) for o in kind.options if o not in VAGUE), *groups)]
    else:
        made = [((), None)]
    for options, bound in made:
        yield Feature(question.id, options, bound, words(question, options, bound, release.labels))
