"""The shape of `priors.yaml`: what people are likely to answer to each question. What follows from it is
`rules.priors`' business, whether it fits the questionnaire `knowledge_base.lint_priors`'.
"""

from typing import Annotated

from pydantic import Field

from knowledge_base.schema import Condition, Entry, Id, Share, Text

Shares = Annotated[dict[str, Share], Field(min_length=1, max_length=200)]


class Range(Entry):
    """Numbers from one to another, equally likely in ratio, that together have a share; one number where both equal."""

    low: Annotated[float | int, Field(ge=0)]
    high: Annotated[float | int, Field(ge=0)]
    share: Share


Ranges = Annotated[list[Range], Field(min_length=1, max_length=12)]


class Given(Entry):
    """What is different where a condition on earlier questions holds; None: nothing."""

    when: Condition
    answered: Share | None = None
    none: Share | None = None
    options: Shares | None = None
    chance_of_yes: Share | None = None
    numbers: Ranges | None = None


class Prior(Entry):
    """What is likely answered to the question `id`; the first of the cases in `given` that holds replaces its parts.

    `answered` is the probability of any answer, `none` that it is none of a list's options; `options` (of one of them:
    adding up to 1; of lists: each by itself; of a ranking: weights that add up to 1), `chance_of_yes` or `numbers` say
    which, `lengths` how many are ranked.
    """

    id: Id
    answered: Share
    none: Share | None = None
    options: Shares | None = None
    chance_of_yes: Share | None = None
    numbers: Ranges | None = None
    lengths: Annotated[list[Share], Field(min_length=1, max_length=30)] | None = None
    given: Annotated[list[Given], Field(max_length=20, default_factory=list)]
    argument: Text
    evidence: Annotated[list[Id], Field(default_factory=list)]
