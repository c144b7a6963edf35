"""The shape of a transformer, known or estimated from its number of parameters.

The relation: N = 12 L h^2 parameters outside the embeddings for L layers of width h (Kaplan et al., "Scaling Laws for
Neural Language Models", arXiv 2001.08361, equation 2.1), up to 15 with embeddings and gates (Llama 3.1 8B), with h/L
from 43 to 128 and 85 in between, as in the models of GPT-3 (Brown et al., arXiv 2005.14165, table 2.1), and 130 in
Llama 3.1 405B. So h = (N a / 12)^(1/3) and L = h / a for an aspect a = h/L.
"""

from dataclasses import dataclass

import numpy as np

from rules.feasibility.amounts import Quantity, Span, exactly
from rules.feasibility.plan import Architecture

RELATION = "N = 12 to 15 L h^2 (arXiv 2001.08361, eq. 2.1; Llama 3.1), h/L 43 to 131 (arXiv 2005.14165, table 2.1)"
GIVEN = "the architecture as given"
ASPECTS = (43.0, 85.0, 131.0)
WITHIN_LAYERS = 12 / 15  # of the parameters, where embeddings and gates have the most
KV_SHARES = (0.0625, 0.25, 1.0)  # of the heads that keep them: 8 of 128 (Llama 3.1 405B), 8 of 32 (8B), all (OPT)
VOCABULARIES = (0.0, 32_000.0, 151_936.0)  # none, Llama 2, Qwen 3
HEAD_WIDTH = 128.0  # of GPT-3 175B, Llama and Qwen: how many heads a width h has


@dataclass(frozen=True, slots=True)
class Shape:
    """What the formulas need of a shape, each with its interval.

    `hidden` is h; `depth` L h (layers times width); `attention` L a (layers times heads); `cached` L H_kv d, the
    numbers that one token leaves as keys, and as many as values; `per_layer` the parameters of the largest layer;
    `embedded` those of the embeddings and the output, `logits` the width of the output; `adapted` the parameters of
    adapters of rank 1; `source` says where all that is from. `sure` is 0 where the model may be none of this
    shape, so that what follows from it may be nothing, else 1.
    """

    hidden: Span
    depth: Span
    attention: Span
    cached: Span
    per_layer: Span
    embedded: Span
    logits: Span
    adapted: Span
    source: str
    sure: Quantity = 1.0


def estimated(parameters: Quantity, sure: Quantity = 1.0) -> Shape:
    """The shape of a transformer of which only the number of parameters is known."""
    narrow, middle, wide = (np.cbrt(parameters * aspect / 12) for aspect in ASPECTS)
    hidden = Span(WITHIN_LAYERS ** (1 / 3) * narrow, middle, wide)
    # L h = h^2 / a: a deep and narrow model has the most of it.
    least = WITHIN_LAYERS ** (2 / 3) * wide**2 / ASPECTS[2]
    depth = Span(least, middle**2 / ASPECTS[1], narrow**2 / ASPECTS[0])
    half = parameters / 2
    logits = Span(*VOCABULARIES)
    return Shape(
        hidden=hidden,
        depth=depth,
        attention=depth / HEAD_WIDTH,
        cached=depth * Span(*KV_SHARES),
        per_layer=Span(
            np.minimum(4 * narrow**2, half),
            np.minimum(np.maximum(4 * middle**2, VOCABULARIES[1] * middle), half),
            np.minimum(np.maximum(4 * wide**2, VOCABULARIES[2] * wide), half),
        ),
        embedded=Span(
            np.minimum(0 * hidden.low, half),
            np.minimum(2 * VOCABULARIES[1] * hidden.typical, half),
            np.minimum(2 * VOCABULARIES[2] * hidden.high, half),
        ),
        logits=logits,
        adapted=adapters(depth),
        source=RELATION,
        sure=sure,
    )


def adapters(depth: Span) -> Span:
    """Parameters of adapters of rank 1: r (d_in + d_out) for each adapted matrix (LoRA, arXiv 2106.09685, section 4.1).

    From queries and values alone, 4 L h, to every linear layer of a gated transformer, about 22 L h; typically all
    four of attention, 8 L h.
    """
    return depth * Span(4.0, 8.0, 22.0)


def known(architecture: Architecture, parameters: float, per_layer: float | None) -> Shape:
    """The shape of a transformer of which the architecture is given."""
    width, depth = float(architecture.hidden), exactly(float(architecture.layers * architecture.hidden))
    words = float(architecture.vocabulary)
    largest = float(per_layer) if per_layer is not None else min(max(4 * width**2, words * width), parameters / 2)
    return Shape(
        hidden=exactly(width),
        depth=depth,
        attention=exactly(float(architecture.layers * architecture.heads)),
        cached=exactly(float(architecture.layers * architecture.kv_heads * architecture.head_dim)),
        per_layer=exactly(largest),
        embedded=Span(*(min(times * words * width, parameters / 2) for times in (1, 2, 2))),
        logits=exactly(words),
        adapted=adapters(depth),
        source=GIVEN,
    )
