"""Covariances of grades: what is taken from a document, what rounding broke, and square roots."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.compiled import Array
from rules.coupling import coupled, root
from rules.release import compile_release
from tests.rules.builders import alternative, document, rule

QUIET = settings(max_examples=60, deadline=None, database=None)
SD = np.array([[0.25, 0.1], [0.1, 0.0], [0.2, 0.3]])


def test_covariances_are_on_the_scale_of_the_scores() -> None:
    """16 squared grade levels are 1; pairs with others than the members and other criteria are left out."""
    entries = {"a": [("u", "v", 0.16), ("other", "u", 0.2)], "b": [("other", "u", 0.1)], "x": [("u", "v", 0.1)]}
    ((column, matrix),) = coupled(entries, ["u", "v", "w"], ["a", "b"], SD)
    assert column == 0
    assert matrix == pytest.approx(np.array([[0.0625, 0.01, 0], [0.01, 0.01, 0], [0, 0, 0.04]]))
    assert np.array_equal(matrix, matrix.T)
    assert not matrix.flags.writeable


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        (0.4, 0.4),  # 16 x 0.25 x 0.1: perfectly tied
        (-0.4, -0.4),
        (0.402, 0.402 * 0.99),
        (0.8, 0.4),
        (-0.41, -0.41 * 0.97),
    ],
)
def test_what_is_no_covariance_is_shrunk_by_the_fewest_hundredths(value: float, kept: float) -> None:
    ((_, matrix),) = coupled({"a": [("u", "v", value)]}, ["u", "v", "w"], ["a"], SD)
    assert matrix[0, 1] * 16 == pytest.approx(kept)
    assert np.diag(matrix).tolist() == (SD[:, 0] ** 2).tolist()


def test_a_certain_grade_is_tied_to_nothing() -> None:
    ((_, matrix),) = coupled({"b": [("u", "v", 0.1), ("u", "w", 0.01)]}, ["u", "v", "w"], ["b"], SD[:, 1:])
    assert matrix[0, 1] == 0


def test_a_role_holds_the_matrices_of_its_members() -> None:
    members = [alternative("u"), alternative("v"), alternative("w", roles=("runtime",))]
    grades = {c: dict.fromkeys("uvw", (2.0, 0.5)) for c in ("a", "b", "unused")}
    ties: dict[str, Any] = {
        "a": [["u", "v", 0.1], ["v", "w", 0.1]],
        "b": [["u", "w", 0.1]],
        "unused": [["u", "v", 0.1]],
    }
    release = compile_release(document(members, grades, [rule("r", {"a": 1, "b": 1})], grade_covariance=ties))
    ((column, matrix),) = release.roles["training"].coupled
    assert release.roles["training"].criteria[column].id == "a"
    assert matrix[0, 1] == 0.1 / 16
    assert release.roles["runtime"].coupled == ()


def test_a_document_without_covariances_is_not_a_release() -> None:
    source = document([alternative("u")], {"a": {"u": (2.0, 0.5)}}, [rule("r", {"a": 1})])
    with pytest.raises(KeyError, match="grade_covariance"):
        compile_release({name: value for name, value in source.items() if name != "grade_covariance"})


@st.composite
def matrices(draw: st.DrawFn) -> Array:
    """Positive semidefinite, of any rank, with rows of 0."""
    size = draw(st.integers(0, 5))
    entry = st.sampled_from([-1.5, -0.3, 0.0, 0.0, 0.01, 0.7, 2.0])
    factor = np.array([[draw(entry) for _ in range(3)] for _ in range(size)], dtype=np.float64).reshape(size, 3)
    matrix: Array = factor @ factor.T
    return matrix


@QUIET
@given(matrices())
def test_a_root_is_one(matrix: Array) -> None:
    left = root(matrix)
    assert np.allclose(left @ left.T, matrix, atol=1e-5)
    assert np.array_equal(left, np.tril(left))


def test_a_root_is_choleskys() -> None:
    matrix = np.array([[4.0, 2.0, 0.4], [2.0, 3.0, -0.5], [0.4, -0.5, 1.0]])
    assert root(matrix) == pytest.approx(np.linalg.cholesky(matrix))
