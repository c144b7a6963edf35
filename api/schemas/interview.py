"""The next question as it goes out: what to ask, why, what each answer could do, and where the answer stands."""

from typing import Annotated

from pydantic import Field, JsonValue

from api.schemas.base import Out, Pair, Share, told
from api.schemas.questionnaire import Contradiction, Question
from api.schemas.roles import FrameworkId, QuestionId

Bits = Annotated[float, Field(ge=0)]
Winners = Annotated[
    dict[str, FrameworkId | None],
    told("Who comes first, by role that is called for (not a runtime where none is needed); null: nobody is left."),
]


class CouldChange(Out):
    """What one answer to the question would do at once."""

    answer: Annotated[JsonValue, told("As it may be given; of a range of numbers, the least.")]
    label: Annotated[str, told("The answer in words.")]
    probability: Annotated[
        Share,
        told("How likely it is under the release's priors, given all that is known. Options of a list add up to more."),
    ]
    winners: Winners
    changes: Annotated[bool, told("Whether some first place is another one then.")]


class Remaining(Out):
    """An open question, and what its answer is expected to tell of who comes first."""

    question: QuestionId
    bits: Annotated[
        Bits,
        told("What the answer is expected to tell, and to spare in surprise, in bits; 0 where nothing looks at it."),
    ]


class Place(Out):
    """One place of the present ranking."""

    framework: FrameworkId
    name: str
    rank: Annotated[int, told("1 for the first.")]
    score: Share
    interval: Annotated[Pair, told("Lower and upper bound of the score at the release's stated probability.")]
    win_probability: Annotated[Share, told("How probable it is that this one is first, grades and weights uncertain.")]
    tie_group: Annotated[int, told("Those of one group cannot be told apart; 1 is the leading group.")]


class Standing(Out):
    """The present ranking of one role."""

    ranking: Annotated[list[Place], told("The first ten places.")]
    excluded: Annotated[int, told("How many alternatives are kept out.")]
    ranked: Annotated[int, told("How many alternatives have a place, those below the first ten too.")]
    instead: Annotated[str | None, told("Who runs the model itself, where no runtime is needed; else null.")]


class NextQuestion(Out):
    """What to ask next, and where the answer stands."""

    question: Annotated[Question | None, told("The question to ask; null when settled.")]
    why: Annotated[str | None, told("Why this one now, and what it could do; null when settled.")]
    could_change: Annotated[list[CouldChange], told("Each answer to the question; empty when settled.")]
    settled: Annotated[bool, told("Whether nothing must be asked any more. A person can always go on.")]
    settled_because: Annotated[str | None, told("Why it may stop; null when not settled.")]
    certainty: Annotated[
        Share,
        told(
            "How likely the answer holds as a whole: every present first place is still first, or level with the "
            "first, when every question is answered. At the probability that the release states it counts as settled."
        ),
    ]
    certainties: Annotated[
        dict[str, Share], told("The same for each role alone that the answers call for, or may yet.")
    ]
    open_bits: Annotated[Bits, told("How open the first places are, in bits of entropy summed over the roles.")]
    answered: Annotated[int, told("Questions answered.")]
    dont_know: Annotated[int, told('Questions answered with "don\'t know".')]
    filled: Annotated[dict[QuestionId, JsonValue], told("What the hardware profile answers.")]
    remaining: Annotated[list[Remaining], told("Every open question, the one worth most first, also when settled.")]
    contradictions: Annotated[list[Contradiction], told("Those that hold among the answers; nothing is settled then.")]
    roles: Annotated[dict[str, Standing], told("The present ranking of every role that is called for.")]
