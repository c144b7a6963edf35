"""Pruning against the definition: every subtree is looked at, and the best for an alpha is what is given."""

from itertools import pairwise, product

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from learning import pruning
from learning.pruning import NONE, Grown

FEATURES = 4


@st.composite
def trees(draw: st.DrawFn) -> Grown:
    """Trees of up to 13 nodes with small counts, so that equal costs happen; counts add up from the leaves."""
    no, yes = [NONE], [NONE]
    for _ in range(draw(st.integers(0, 6))):
        leaf = draw(st.sampled_from([i for i, child in enumerate(no) if child == NONE]))
        no[leaf], yes[leaf] = len(no), len(no) + 1
        no += [NONE, NONE]
        yes += [NONE, NONE]
    counts = np.zeros((len(no), 3))
    for node in reversed(range(len(no))):
        children = [no[node], yes[node]]
        own = draw(st.tuples(*[st.integers(0, 4)] * 3)) if no[node] == NONE else counts[children].sum(axis=0)
        counts[node] = own
    feature = draw(st.lists(st.integers(0, FEATURES - 1), min_size=len(no), max_size=len(no)))
    return Grown(np.array(no), np.array(yes), np.array(feature), counts)


def subtrees(tree: Grown, node: int = 0) -> list[frozenset[int]]:
    """The inner nodes of every subtree that keeps the root."""
    if tree.no[node] == NONE:
        return [frozenset()]
    below = product(subtrees(tree, tree.no[node]), subtrees(tree, tree.yes[node]))
    return [frozenset(), *(frozenset({node}) | a | b for a, b in below)]


def wrong(tree: Grown, asks: frozenset[int], node: int = 0) -> float:
    if node in asks:
        return wrong(tree, asks, tree.no[node]) + wrong(tree, asks, tree.yes[node])
    return float(tree.counts[node].sum() - tree.counts[node].max())


def kept(pruned: pruning.Pruned) -> frozenset[int]:
    return frozenset(np.flatnonzero(pruned.asks).tolist())


@given(trees())
def test_each_is_the_smallest_best_for_its_alphas(tree: Grown) -> None:
    nested = pruning.nested(tree)
    alphas = [each.alpha for each in nested]
    middles = [(a + b) / 2 for a, b in zip(alphas, [*alphas[1:], alphas[-1] + 2], strict=True)]
    for pruned, alpha in zip([*nested, *nested], [*alphas, *middles], strict=True):
        costs = {asks: wrong(tree, asks) + alpha * (len(asks) + 1) for asks in subtrees(tree)}
        best = min(costs.values())
        smallest = min((a for a, cost in costs.items() if cost <= best + 1e-9), key=len)
        assert kept(pruned) == smallest
        assert pruned.leaves == len(smallest) + 1


@given(trees())
def test_they_are_nested_and_end_with_the_root_alone(tree: Grown) -> None:
    nested = pruning.nested(tree)
    assert kept(nested[-1]) == frozenset()
    for larger, smaller in pairwise(nested):
        assert kept(smaller) < kept(larger)
        assert larger.alpha < smaller.alpha


@given(trees(), st.lists(st.tuples(*[st.booleans()] * FEATURES), max_size=8), st.integers(0, 3))
def test_rows_end_where_a_walk_ends(tree: Grown, rows: list[tuple[bool, ...]], which: int) -> None:
    nested = pruning.nested(tree)
    asks = nested[min(which, len(nested) - 1)].asks
    found = pruning.ends(tree, asks, np.array(rows, dtype=np.bool_).reshape(len(rows), FEATURES))
    for row, end in zip(rows, found.tolist(), strict=True):
        node = 0
        while asks[node]:
            node = int(tree.yes[node] if row[tree.feature[node]] else tree.no[node])
        assert end == node
