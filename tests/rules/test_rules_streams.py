from math import sqrt

import numpy as np

from rules.streams import LEVELS, draws, stream


def test_draws_are_spread_evenly_and_do_not_depend_on_each_other() -> None:
    drawn = draws(stream("training:1"), 8, 20_000)
    assert drawn.min() >= 0
    assert drawn.max() < LEVELS
    counts = np.bincount(drawn.ravel() >> 12, minlength=16)
    assert ((counts - 10_000) ** 2 / 10_000).sum() <= 45  # chi-squared of 15 degrees of freedom
    correlation = np.corrcoef(drawn) - np.eye(8)
    assert np.abs(correlation).max() <= 4.5 / sqrt(20_000)
