"""The best set of k of many members as a mixed integer program, with the bound that its solver proves.

    minimise  sum_T c_T z_T    with  z_T >= 1 - sum_{f in T} y_f,  sum_f y_f = k,  y_f in {0, 1},  z_T >= 0

which is the p-median problem over the terms of `portfolio.board.terms`. It is solved twice: for the projects left
unserved, then for the loss among the sets that leave no more than that. The solver is HiGHS (Q. Huangfu and J. A. J.
Hall, Parallelizing the dual revised simplex method, Mathematical Programming Computation 10(1), 2018), which scipy
brings. It stops after a number of nodes rather than of seconds, so that the answer does not depend on the machine.
"""

from math import floor
from typing import NamedTuple

import numpy as np
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, milp

from portfolio.board import terms
from portfolio.board.table import Units
from portfolio.board.terms import Sum, Terms

SOLVED_TERMS = 20_000  # of each kind, the largest; the others make sets dearer and leave the bound a bound
NODES = 5_000
TOLERANCE = 1e-6  # of the whole: HiGHS holds numbers for equal that are so close


class _Program(NamedTuple):
    """Terms of one function in the program: their masks with what each costs, as a part of all of them."""

    mask: Units
    cost: np.ndarray[tuple[int], np.dtype[np.float64]]
    whole: int


def solve(found: Terms, k: int) -> tuple[tuple[int, ...], tuple[int, int]]:
    """(the indices of the chosen members; what no set of k can be below: unserved weight and loss, in whole units).

    The bound of the loss is of the sets that leave no more unserved than the least that was proven possible.
    """
    unserved, loss = _largest(found.unserved), _largest(found.loss)
    chosen, least = _minimise((unserved,), k, len(found.members), None)
    cap = found.unserved(terms.mask_of(chosen, len(found.members))) if unserved.whole else 0
    chosen, bound = _minimise((loss, unserved), k, len(found.members), cap)
    return chosen, (least, bound)


def _largest(found: Sum) -> _Program:
    keep = np.argsort(-found.coefficient, kind="stable")[:SOLVED_TERMS]
    whole = int(found.coefficient[keep].sum())
    return _Program(found.mask[keep], found.coefficient[keep] / max(whole, 1), whole)


def _minimise(parts: tuple[_Program, ...], k: int, members: int, cap: int | None) -> tuple[tuple[int, ...], int]:
    """(a set that makes the first part small, a proven lower bound of it); the last part is kept to `cap`, if any."""
    mask = np.concatenate([part.mask for part in parts])
    count = len(mask)
    cost = np.zeros(members + count)
    cost[members : members + len(parts[0].mask)] = parts[0].cost
    held = (mask[:, None] >> np.arange(members - 1, -1, -1)) & 1
    covers = sparse.hstack([sparse.csr_array(held.astype(np.float64)), sparse.eye_array(count)], format="csr")
    chosen = np.zeros(members + count)
    chosen[:members] = 1.0
    rules = [LinearConstraint(covers, lb=1.0), LinearConstraint(chosen[None, :], lb=k, ub=k)]
    if cap is not None and parts[-1].whole:
        kept = np.zeros(members + count)
        kept[-len(parts[-1].mask) :] = parts[-1].cost
        rules.append(LinearConstraint(kept[None, :], ub=cap / parts[-1].whole + TOLERANCE * 1e-3))
    whole_numbers = np.concatenate((np.ones(members), np.zeros(count)))
    options = {"node_limit": NODES, "mip_rel_gap": 0.0}
    result = milp(cost, integrality=whole_numbers, bounds=Bounds(0.0, 1.0), constraints=rules, options=options)
    if result.x is None:
        raise RuntimeError(f"the solver found no set of {k} of {members}: {result.message}")
    proven = max(0.0, float(result.mip_dual_bound) - TOLERANCE)
    taken = np.sort(np.argsort(-result.x[:members], kind="stable")[:k])
    return tuple(int(index) for index in taken), floor(proven * parts[0].whole)
