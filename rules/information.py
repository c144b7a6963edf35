"""Entropies of counts, in bits, with the correction of Miller for their bias.

A label is what one wants to know of each row (who comes first), a code what one would be told (the answer); rows have
weights that sum to 1 and tell as much as `effective` equal ones.
"""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Indices = NDArray[np.intp]
Bools = NDArray[np.bool_]


def entropy(label: Indices, weight: Floats, effective: float) -> float:
    """H(label), with Miller's (K - 1) / 2N for K labels that occur; 0 where there is only one."""
    share = np.bincount(label, weights=weight)
    share = share[share > 0]
    return max(0.0, float(-(share * np.log2(share)).sum()) + _nats(len(share) - 1, effective))


def told(label: Indices, code: Indices, weight: Floats, effective: float) -> float:
    """H(label) - H(label | code), what the code is expected to tell of the label, corrected; never below 0.

    The three entropies of H(label) + H(code) - H(label, code) are corrected each for itself.
    """
    labels, codes = int(label.max()) + 1, int(code.max()) + 1
    counted = np.bincount(label * codes + code, weights=weight, minlength=labels * codes)
    joint: Floats = counted.astype(np.float64).reshape(labels, codes)
    by_label, by_code = joint.sum(axis=1), joint.sum(axis=0)
    cells = np.count_nonzero(joint) - np.count_nonzero(by_label) - np.count_nonzero(by_code) + 1
    found = _bits(by_label) + _bits(by_code) - _bits(joint.ravel())
    return max(0.0, float(found) - _nats(int(cells), effective))


def told_by_each(label: Indices, held: Bools, known: Bools, weight: Floats, effective: float) -> Floats:
    """(n,) what it tells of the label whether a row holds each of n options ((N, n)); `known` (N, n): whether it says.

    The same as `told` with three codes, all options at once.
    """
    labels = int(label.max()) + 1
    of = np.zeros((len(label), labels))
    of[np.arange(len(label)), label] = weight
    yes = held.T.astype(np.float64) @ of
    said = known.T.astype(np.float64) @ of
    whole = of.sum(axis=0)
    joint = np.stack((yes, said - yes, whole - said), axis=1)  # (n, 3, labels)
    joint[joint < 1e-12] = 0.0
    by_code = joint.sum(axis=2)
    cells = (joint > 0).sum(axis=(1, 2)) - (by_code > 0).sum(axis=1) - np.count_nonzero(whole) + 1
    found = _bits(whole) + _each(by_code) - _each(joint.reshape(len(joint), -1))
    corrected: Floats = np.maximum(0.0, found - cells / (2 * effective * np.log(2)))
    return corrected


def _nats(cells: int, effective: float) -> float:
    """Miller's correction for some cells, in bits."""
    return float(cells / (2 * effective * np.log(2)))


def _bits(share: Floats) -> float:
    share = share[share > 0]
    return float(-(share * np.log2(share)).sum())


def _each(shares: Floats) -> Floats:
    """(n,) the entropy of each row of shares."""
    logs = np.log2(np.where(shares > 0, shares, 1.0))
    found: Floats = -(shares * logs).sum(axis=1)
    return found
