"""The shape of `pack.yaml`: the pack's name and day, and the numbers of the evidence model and of confidence."""

from typing import Annotated

from pydantic import Field

from knowledge_base.schema import Day, Entry, Id, Share, Text


class Reliabilities(Entry):
    """How much a source kind is believed, 0..1."""

    vendor_documentation: Share
    release_note: Share
    registry_metadata: Share
    repository_file: Share
    issue_thread: Share
    survey: Share
    benchmark: Share
    paper: Share
    own_measurement: Share
    article: Share


class VerdictFactors(Entry):
    """What a verdict leaves of a piece of evidence's precision, 0..1."""

    holds: Share
    outdated: Share
    contested: Share
    wrong: Share
    unverifiable: Share


class Differences(Entry):
    """What the words of a comparison mean in grade levels."""

    slightly: Annotated[float, Field(gt=0, le=4)]
    clearly: Annotated[float, Field(gt=0, le=4)]
    strongly: Annotated[float, Field(gt=0, le=4)]


class Fusion(Entry):
    """The numbers of the evidence model; each is argued in `docs/decisions/0006-evidence-fusion.md`."""

    prior_mean: Annotated[float, Field(ge=0, le=4)]
    prior_sd: Annotated[float, Field(gt=0, le=4)]
    observation_sd: Annotated[float, Field(gt=0, le=4)]
    comparison_sd: Annotated[float, Field(gt=0, le=4)]
    reliability: Reliabilities
    verdict_factor: VerdictFactors
    difference_levels: Differences


class Confidence(Entry):
    """How ties and intervals are called; argued in `docs/decisions/0007-confidence-in-closed-form.md`."""

    weight_relative_sd: Annotated[float, Field(ge=0, le=1)]
    tie_below_win_probability: Annotated[float, Field(gt=0.5, lt=1)]
    interval_probability: Annotated[float, Field(gt=0, lt=1)]


class Asking(Entry):
    """When a questionnaire may stop; argued in `docs/decisions/0034-asking.md`."""

    settled_at_probability: Annotated[float, Field(gt=0.5, le=1)]


class Pack(Entry):
    """`pack.yaml`: the pack's name, its day, and the numbers of the model."""

    name: Id
    as_of: Day
    summary: Text
    fusion: Fusion
    confidence: Confidence
    priorities_weight: Annotated[float, Field(gt=0, le=100)]
    asking: Asking | None = None
