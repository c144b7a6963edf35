"""Numbers that look random and are the same on every machine: Philox's raw stream, 16 bits at a time.

Philox4x64-10 is fixed by its definition (Salmon et al., Parallel random numbers: as easy as 1, 2, 3, SC 2011).
"""

from functools import cache
from hashlib import sha256
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

LEVELS = 1 << 16

Draws = NDArray[np.intp]


def stream(name: str) -> np.random.Philox:
    """The raw stream of a name."""
    return np.random.Philox(key=np.frombuffer(sha256(name.encode()).digest()[:16], dtype="<u8").astype(np.uint64))


def draws(raw: np.random.Philox, rows: int, count: int) -> Draws:
    """(rows, count) integers below `LEVELS`, each equally likely."""
    words = -(-count // 4)
    drawn = raw.random_raw(rows * words).astype("<u8", copy=False)
    return drawn.view("<u2").reshape(rows, 4 * words)[:, :count].astype(np.intp)


@cache
def normals(count: int) -> NDArray[np.float64]:
    """(count,) the standard normal's quantiles in the middle of as many equal probabilities; `count` is even."""
    quantile = NormalDist().inv_cdf
    lower = np.array([quantile((i + 0.5) / count) for i in range(count // 2)])
    return np.concatenate((lower, -lower[::-1]))
