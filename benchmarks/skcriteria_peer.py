"""scikit-criteria as a peer: its weighted sum and TOPSIS on the decision's own table.

Like pymcdm it is handed grades and weights; it keeps and checks more on the way, so that a result explains its method.
"""

import skcriteria
from skcriteria.agg.simple import WeightedSumModel
from skcriteria.agg.topsis import TOPSIS

from benchmarks.pymcdm_peer import Table

METHODS = {"weighted sum": WeightedSumModel(), "TOPSIS": TOPSIS()}


def matrix(table: Table) -> object:
    """The table as scikit-criteria's own; every criterion is to be as large as possible."""
    return skcriteria.mkdm(table.matrix, [max] * len(table.weights), weights=table.weights)


def rank(method: str, given: object) -> object:
    """The result of one method: ranks from 1 in `rank_`, the method's own numbers in `e_`."""
    return METHODS[method].evaluate(given)
