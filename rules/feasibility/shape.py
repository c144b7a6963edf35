"""The shape of a transformer, known or estimated from its number of parameters.

The relation: N = 12 L h^2 parameters outside the embeddings for L layers of width h (Kaplan et al., "Scaling Laws for
Neural Language Models", arXiv 2001.08361, equation 2.1), with h/L from 43 to 128 and 85 in between, as in the models
of GPT-3 (Brown et al., arXiv 2005.14165, table 2.1). So h = (N a / 12)^(1/3) and L = h / a for an aspect a = h/L.
"""

from dataclasses import dataclass

import numpy as np

from rules.feasibility.amounts import Quantity, Span, exactly
from rules.feasibility.plan import Architecture

RELATION = "N = 12 L h^2 (arXiv 2001.08361, eq. 2.1), h/L 43 to 128 (arXiv 2005.14165, table 2.1)"
GIVEN = "the architecture as given"
ASPECTS = (43.0, 85.0, 128.0)
KV_SHARES = (0.0625, 0.25, 1.0)  # of the heads that keep them: 8 of 128 (Llama 3.1 405B), 8 of 32 (8B), all (OPT)
