"""Random sets of answers to a release's questions, the same on every machine.

They cover what can be answered, not what projects are like: each question is answered with the same chance, every
option is as likely as any other.
"""

import random

from rules.faults import InvalidInput
from rules.release import Release
from rules.requirements import Question, Requirements, parse, within

SEED = 20261121
LEAST_ANSWERED, MOST_ANSWERED = 0.1, 0.5  # each set answers a share of the questions drawn from these


def answers(release: Release, count: int) -> list[Requirements]:
    """`count` sets of answers without contradictions."""
    draw = random.Random(SEED)  # noqa: S311 - a fixed seed is the point
    bounds = _bounds(release)
    found: list[Requirements] = []
    while len(found) < count:
        share = draw.uniform(LEAST_ANSWERED, MOST_ANSWERED)
        asked = [q for q in release.questionnaire.questions.values() if draw.random() < share]
        given = {question.id: _answer(question, release, bounds.get(question.id, ()), draw) for question in asked}
        try:
            found.append(parse(given, release.questionnaire))
        except InvalidInput:  # contradictory: drawn again
            continue
    return found


def _bounds(release: Release) -> dict[str, tuple[float, ...]]:
    """The numbers that the conditions of any role compare a question with."""
    found: dict[str, set[float]] = {}
    for role in release.roles.values():
        for question, numbers in role.bounds.items():
            found.setdefault(question, set()).update(numbers)
    return {question: tuple(sorted(numbers)) for question, numbers in found.items()}


def _answer(question: Question, release: Release, bounds: tuple[float, ...], draw: random.Random) -> object:
    options = [option.id for option in question.options]
    match question.kind:
        case "yes/no":
            return draw.random() < 0.5
        case "number":
            number = draw.choice(bounds or (1.0,)) * draw.choice((0.5, 1.0, 2.0))
            return within(question, number)
        case "one":
            return draw.choice(options)
        case "alternatives":
            return draw.sample(list(release.questionnaire.alternatives), draw.choice((1, 1, 2)))
        case _:
            several = [option for option in options if option not in question.exclusive]
            first = draw.choice(options)
            if first in question.exclusive:
                return [first]
            return draw.sample(several, min(len(several), draw.choice((1, 1, 2, 3))))
