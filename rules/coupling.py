"""Grades that evidence ties to each other: their covariances as matrices, and square roots of such matrices.

It knows nothing of rules and scores. A root's arithmetic is elementwise in a fixed order, so that it has the same bits
on every machine.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from rules.compiled import TOP_GRADE, Array

NEGLIGIBLE = 1e-9  # of the largest variance: what rounding may leave
STEPS = 100

Entries = Mapping[str, Sequence[tuple[str, str, float]]]


def coupled(
    entries: Entries, members: Sequence[str], criteria: Sequence[str], grade_sd: Array
) -> tuple[tuple[int, Array], ...]:
    """(column, (F, F) covariance) of the criteria in which evidence ties grades of the F members, read-only.

    Rounded entries may be no covariance any more. What is off the diagonal is then shrunk by the fewest hundredths that
    make it one; the widths stay.

    Args:
        entries: by criterion, pairs with their covariance in squared grade levels.
        members, criteria: what the rows and columns of `grade_sd` are.
        grade_sd: (F, C) standard deviations on the scale [0, 1].
    """
    row = {member: i for i, member in enumerate(members)}
    found: list[tuple[int, Array]] = []
    for column, criterion in enumerate(criteria):
        pairs = [(row[a], row[b], value) for a, b, value in entries.get(criterion, ()) if a in row and b in row]
        if pairs:
            apart = np.zeros((len(members), len(members)))
            for a, b, value in pairs:
                apart[a, b] = apart[b, a] = value / TOP_GRADE**2
            matrix = _shrunk(np.diag(grade_sd[:, column] ** 2), apart)
            matrix.setflags(write=False)
            found.append((column, matrix))
    return tuple(found)


def _shrunk(own: Array, apart: Array) -> Array:
    for step in range(STEPS):
        matrix: Array = own + apart * (1.0 - step / STEPS)
        left = root(matrix)
        if np.abs(left @ left.T - matrix).max() <= NEGLIGIBLE * own.max():
            return matrix
    return own


def root(matrix: Array) -> Array:
    """Lower triangular L with L L' = `matrix`, which is positive semidefinite: Cholesky's, with 0 for a pivot of 0."""
    rest = matrix.copy()
    left = np.zeros_like(matrix)
    least = NEGLIGIBLE * 1e-3 * matrix.diagonal().max(initial=0.0)
    for column in range(len(matrix)):
        pivot = rest[column, column]
        if pivot > least:
            left[column:, column] = rest[column:, column] / pivot**0.5
            below = left[column + 1 :, column]
            rest[column + 1 :, column + 1 :] -= below[:, None] * below
    return left
