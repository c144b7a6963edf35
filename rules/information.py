"""What codes tell of labels: entropies of weighted counts in bits, freed of what chance alone would tell.

A label is what one wants to know of each row (who comes first in a role), a code what one would be told (the answer to
a question). An entropy of counts is too small by about (cells - 1) / 2N nats (Miller, Note on the bias of information
estimates, in Quastler (editor), Information Theory in Psychology: Problems and Methods, 95-100, 1955), so that mutual
information is too large by about (labels - 1) (codes - 1) / 2N where they are independent, and by more where cells are
nearly empty. So what the same codes tell of the same labels in shuffled order, where they tell nothing, is taken off:
its mean over some shuffles is the bias under independence at these very margins, and its spread says what is noise (the
permutation test; Good, Permutation, Parametric and Bootstrap Tests of Hypotheses, 3rd edition, 2005).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import log

import numpy as np
from numpy.typing import NDArray

from rules.streams import stream

SHUFFLES = 6
RARE_LABEL, RARE_CODE = 1 / 256, 1 / 64  # labels and codes of less weight are one together

Floats = NDArray[np.float64]
Indices = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Told:
    """Bits that a code tells of the label beyond chance, and the standard deviation of what chance alone would tell."""

    bits: float
    noise: float


def entropy(label: Indices, weight: Floats) -> float:
    """H(label) in bits, with Miller's correction; 0 where there is only one label."""
    counted: Floats = np.bincount(label, weights=weight).astype(np.float64)
    share = counted[counted > 0]
    if len(share) == 1:
        return 0.0
    rows = 1.0 / float(np.square(weight).sum())  # as many equal ones (Kish, J. of Official Statistics 8(2), 1992)
    return float(_plain(share).sum()) + (len(share) - 1) / (2 * rows * log(2))


def pooled(index: Indices, weight: Floats, least: float) -> Indices:
    """The same with numbers from 0 on, all that weigh less than `least` being one."""
    each = np.unique(index, return_inverse=True)[1]
    rare = np.bincount(each, weights=weight) < least
    if rare.sum() < 2:
        return each
    return np.unique(np.where(rare[each], rare.argmax(), each), return_inverse=True)[1]


def told(label: Indices, codes: Mapping[str, Indices], weight: Floats, seed: str) -> dict[str, Told]:
    """What each code tells of the label.

    All codes are counted against the label, in order and shuffled, by one product of matrices.

    Args:
        label: (N,) numbers from 0 on.
        codes: likewise, by name.
        weight: (N,) of the rows, summing to 1.
        seed: names the stream of the shuffles.
    """
    if label.max() == 0 or not codes:
        return {name: Told(0.0, 0.0) for name in codes}
    labels = [label, *(label[order] for order in _shuffles(len(weight), seed))]
    sizes, lengths = [int(label.max()) + 1] * len(labels), [int(code.max()) + 1 for code in codes.values()]
    seen = np.hstack([_indicator(each) for each in labels])
    said = np.hstack([_indicator(each) for each in codes.values()])
    joint = _sums(_plain(said.T @ (seen * weight[:, None])), lengths, sizes)  # (codes, labels)
    by_said = np.add.reduceat(_plain(weight @ said), _starts(lengths))
    by_seen = np.add.reduceat(_plain(weight @ seen), _starts(sizes))
    each = by_said[:, None] + by_seen - joint
    beyond, noise = each[:, 0] - each[:, 1:].mean(axis=1), each[:, 1:].std(axis=1, ddof=1)
    return {name: Told(max(0.0, float(beyond[row])), float(noise[row])) for row, name in enumerate(codes)}


def _shuffles(rows: int, seed: str) -> list[Indices]:
    raw = stream(f"{seed}:shuffles")
    return [raw.random_raw(rows).argsort(kind="stable") for _ in range(SHUFFLES)]


def _indicator(index: Indices) -> Floats:
    """(N, K) 1 where a row has the column's number."""
    found: Floats = (index[:, None] == np.arange(int(index.max()) + 1)).astype(np.float64)
    return found


def _starts(lengths: Sequence[int]) -> Indices:
    return np.cumsum([0, *lengths[:-1]])


def _sums(values: Floats, rows: Sequence[int], columns: Sequence[int]) -> Floats:
    """Sums over blocks of rows and of columns."""
    by_rows = np.add.reduceat(values, _starts(rows), axis=0)
    found: Floats = np.add.reduceat(by_rows, _starts(columns), axis=1)
    return found


def _plain(share: Floats) -> Floats:
    """-p log2 p, 0 where p is 0 (or what rounding leaves of it)."""
    found: Floats = -share * np.log2(np.where(share > 1e-15, share, 1.0))
    return found
