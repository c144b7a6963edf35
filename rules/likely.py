"""Which other answers are worth telling of: those that the stated priors do not call nearly impossible beside the rest.

That a microcontroller beside the phones would put another framework first is true and helps nobody. Only what is told
is narrowed by this: what could change an answer is still tried in full, and nothing here enters a score.
"""

from collections.abc import Mapping
from functools import lru_cache

from rules import conditions
from rules.compiled import Release
from rules.conditions import Evaluate, Values
from rules.priors import NOTHING, Prior

NEARLY_IMPOSSIBLE = 0.005  # fewer than one project in two hundred that is otherwise like this one
RELEASES_READY = 4
FREE = ("number", "ranked", "alternatives")


@lru_cache(maxsize=RELEASES_READY)
def _ready(release: Release) -> Mapping[str, tuple[Prior, tuple[Evaluate, ...]]]:
    return {
        prior.question: (prior, tuple(conditions.compile_record(case, release.names) for case in prior.cases))
        for prior in release.priors.of
    }


def could_be(release: Release, values: Values, question: str, after: object) -> bool:
    """Whether an answer could be given beside the other `values`, as far as the priors of the release tell.

    Options that are answered already and leaving a question open are always likely enough, as are numbers and rankings,
    for which no chance of their own is stated, and what a team knows or has, which nothing else rules out.
    """
    if after is None or release.questionnaire.questions[question].kind in FREE:
        return True
    prior, cases = _ready(release)[question]
    case = next((index for index, holds in enumerate(cases) if holds(values) is True), len(cases))
    return all(
        prior.chance[case, prior.values.index(option)] >= NEARLY_IMPOSSIBLE
        for option in _new(values.get(question), after)
        if option in prior.values
    )


def _new(before: object, after: object) -> tuple[object, ...]:
    if not isinstance(after, tuple):
        return (after,)
    held = before if isinstance(before, tuple) else ()
    return tuple(option for option in after if option not in held) if after else (NOTHING,)
