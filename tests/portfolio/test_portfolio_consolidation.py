"""The best few frameworks are what trying out every set of them says, project by project."""

from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import combinations
from math import isnan

import numpy as np
import pytest
from hypothesis import given, settings

from portfolio.board import consolidation, terms
from portfolio.board.consolidation import EVERY_SET, EVERY_SET_OF_SIZE, SOLVER
from portfolio.board.table import MOST_OF_ONE, UNITS, WEIGHT_UNITS, Table
from rules.faults import InvalidInput
from rules.release import Release
from tests.portfolio.boards import portfolios, table

QUIET = settings(max_examples=150, deadline=None, database=None)
WHOLE = UNITS * WEIGHT_UNITS


def projects(tables: Sequence[Table]) -> Iterator[tuple[Fraction, list[int | None]]]:
    """(weight, score of each member in millionths or None) of every project, the slow and plain way."""
    for each in tables:
        for row, scores in enumerate(each.score.tolist()):
            weight = Fraction(1) if each.weight is None else Fraction(float(each.weight[row]))
            yield weight, [None if isnan(s) else round(s * UNITS) for s in scores]


def by_hand(tables: Sequence[Table], chosen: Sequence[int]) -> tuple[Fraction, Fraction]:
    """(weight left unserved, value lost) of a set, straight from the definition."""
    unserved, lost = Fraction(0), Fraction(0)
    for weight, scores in projects(tables):
        allowed = [s for s in scores if s is not None]
        if not allowed:
            continue
        kept = [s for f, s in enumerate(scores) if f in chosen and s is not None]
        unserved += 0 if kept else weight
        lost += weight * (max(allowed) - (max(kept) if kept else 0))
    return unserved, lost / UNITS


def brute(tables: Sequence[Table], k: int) -> tuple[Fraction, Fraction, tuple[str, ...]]:
    members = tables[0].members
    return min(
        (*by_hand(tables, chosen), tuple(members[f] for f in chosen)) for chosen in combinations(range(len(members)), k)
    )


@QUIET
@given(portfolios())
def test_best_sets_are_those_of_brute_force(tables: list[Table]) -> None:
    found = terms.gather(tables)
    for k, each in enumerate(consolidation.best(found, 6), 1):
        unserved, lost, members = brute(tables, k)
        assert (each.members, each.method, each.bound) == (members, EVERY_SET, None)
        assert (Fraction(each.unserved, WEIGHT_UNITS), Fraction(each.loss, WHOLE)) == (unserved, lost)


@QUIET
@given(portfolios())
def test_equals_and_the_next_best_are_those_of_brute_force(tables: list[Table]) -> None:
    members = tables[0].members
    for k, each in enumerate(consolidation.best(terms.gather(tables), 6), 1):
        tried = sorted(
            (*by_hand(tables, s), tuple(members[f] for f in s)) for s in combinations(range(len(members)), k)
        )
        worse = [t for t in tried if t[:2] > tried[0][:2]]
        assert each.equals == len(tried) - len(worse) - 1
        assert (each.next is None) == (not worse)
        if each.next:
            names, unserved, loss = each.next
            assert (Fraction(unserved, WEIGHT_UNITS), Fraction(loss, WHOLE), names) == worse[0]


@QUIET
@given(portfolios())
def test_every_set_of_a_size_says_the_same(tables: list[Table]) -> None:
    dense = consolidation.best(terms.gather(tables), 6)
    sparse = consolidation.best(terms.gather(tables, dense_members=0), 6, dense_members=0)
    assert [(b.members, b.unserved, b.loss, b.equals, b.next) for b in dense] == [
        (b.members, b.unserved, b.loss, b.equals, b.next) for b in sparse
    ]
    assert {b.method for b in sparse} == {EVERY_SET_OF_SIZE}


def test_millions_of_sets_are_not_looked_at_one_by_one_however_few_terms_there_are() -> None:
    only = [[0.5 if place == row else None for place in range(26)] for row in range(26)]
    found = terms.gather([table(only)])
    assert consolidation._of_many(found, 2, consolidation.ENUMERATED).method == EVERY_SET_OF_SIZE
    assert consolidation._of_many(found, 8, consolidation.ENUMERATED).method == SOLVER


@settings(max_examples=40, deadline=None, database=None)
@given(portfolios(most_members=7, most_rows=12))
def test_solver_reaches_what_brute_force_finds_and_bounds_it(tables: list[Table]) -> None:
    found = terms.gather(tables, dense_members=0)
    for k, each in enumerate(consolidation.best(found, 6, dense_members=0, enumerated=-1), 1):
        unserved, lost, _ = brute(tables, k)
        assert each.method == SOLVER
        assert Fraction(each.unserved, WEIGHT_UNITS) == unserved
        assert Fraction(each.loss, WHOLE) == pytest.approx(lost, abs=1e-5 * max(1, float(lost)))
        if each.bound:
            assert Fraction(each.bound[0], WEIGHT_UNITS) <= unserved
            assert Fraction(each.bound[1], WHOLE) <= lost


@QUIET
@given(portfolios())
def test_loss_of_any_set_is_the_sum_over_projects(tables: list[Table]) -> None:
    found = terms.gather(tables)
    members = found.members
    for size in range(len(members) + 1):
        for chosen in combinations(range(len(members)), size):
            unserved, loss = consolidation.loses(found, [members[f] for f in chosen])
            assert (Fraction(unserved, WEIGHT_UNITS), Fraction(loss, WHOLE)) == by_hand(tables, chosen)


@QUIET
@given(portfolios())
def test_a_portfolio_twice_loses_twice(tables: list[Table]) -> None:
    once, twice = terms.gather(tables), terms.gather([*tables, *tables])
    for a, b in zip(consolidation.best(once, 6), consolidation.best(twice, 6), strict=True):
        assert (a.members, 2 * a.unserved, 2 * a.loss) == (b.members, b.unserved, b.loss)


def test_a_set_that_serves_more_projects_wins_over_one_that_loses_less() -> None:
    found = terms.gather([table([[1.0, 0.5], [1.0, 0.5], [1.0, 0.5], [None, 0.1]])])
    first = consolidation.best(found, 2)[0]
    assert (first.members, first.unserved, first.loss) == (("b",), 0, round(1.5 * WHOLE))
    assert first.next == (("a",), WEIGHT_UNITS, round(0.1 * WHOLE))


def test_of_equal_sets_the_first_in_the_alphabet_is_told_with_how_many_equal_it() -> None:
    found = terms.gather([table([[0.5, 0.5, 0.2, 0.5], [0.3, 0.3, 0.3, 0.3]])])
    (first,) = consolidation.best(found, 3)
    assert (first.members, first.equals, first.loss) == (("a",), 2, 0)


def test_weights_turn_a_set_round() -> None:
    rows = [[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]]
    assert consolidation.best(terms.gather([table(rows)]), 1)[0].members == ("a",)
    assert consolidation.best(terms.gather([table(rows, weight=[1, 1, 2.5])]), 1)[0].members == ("b",)


def test_projects_that_nobody_may_serve_are_counted_apart() -> None:
    found = terms.gather([table([[None, None], [0.5, None]]), table([[None, None]], first=2)])
    assert (found.projects, found.unservable, found.weight) == (3, 2, WEIGHT_UNITS)
    assert consolidation.best(found, 2)[0].unserved == 0


def test_left_out_terms_are_a_bound_and_never_a_proof() -> None:
    rng = np.random.default_rng(5)
    tables = [table(np.round(rng.random((40, 7)), 3).tolist())]
    found = terms.gather(tables, dense_members=0, kept=12)
    assert found.loss.left_out > 0
    exact = consolidation.best(terms.gather(tables), 3)
    for rough, best in zip(consolidation.best(found, 3, dense_members=0), exact, strict=True):
        assert rough.bound is not None
        assert rough.bound <= (best.unserved, best.loss) <= (rough.unserved, rough.loss)


@pytest.mark.parametrize("weight", [-1.0, float("nan"), float("inf"), MOST_OF_ONE * 1.1])
def test_weights_out_of_range_are_refused(weight: float) -> None:
    with pytest.raises(InvalidInput, match="weight of p1"):
        terms.gather([table([[0.5], [0.5]], weight=[1.0, weight])])


def test_weights_that_add_up_too_far_are_refused() -> None:
    with pytest.raises(InvalidInput, match="in all"):
        terms.gather([table([[0.5]] * 5, weight=[MOST_OF_ONE] * 5)])


def test_an_empty_portfolio_is_refused() -> None:
    with pytest.raises(InvalidInput, match="at least one project"):
        terms.gather([])


def test_of_every_shipped_role_all_sets_are_looked_at(shipped_release: Release) -> None:
    assert max(len(role.members) for role in shipped_release.roles.values()) <= terms.DENSE_MEMBERS
