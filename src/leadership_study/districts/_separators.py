"""Cuts that keep a district in one piece: schools that every way from a school to its centre passes."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import breadth_first_order, connected_components, maximum_flow

Flags = NDArray[np.bool_]
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_UNIT = 1_000_000
"""Capacities of a flow are whole numbers: shares in millionths."""
_VIOLATED = 0.02
Cut = tuple[int, int, Ints]
"""School i, candidate c, separators v: x[i, c] ≤ Σ x[v, c]."""


def pieces(near: Flags, members: Ints) -> Ints:
    """Return the number of the piece that each member is in."""
    graph = csr_array(near[np.ix_(members, members)].astype(np.int8))
    return np.asarray(connected_components(graph, directed=False)[1])


def direct(near: Flags, candidates: Ints) -> Iterator[Cut]:
    """Every school needs a neighbour in its district."""
    for c, centre in enumerate(candidates):
        for i in range(len(near)):
            if i != centre and not near[i, centre]:
                yield i, c, np.flatnonzero(near[i])


def of_shares(near: Flags, candidates: Ints, shares: Floats) -> Iterator[Cut]:
    """Cuts that fractional assignments (n, m) violate: least separators by maximum flow (Fischetti et al., 2017)."""
    n = len(near)
    first, second = np.nonzero(near)
    tails = np.concatenate([np.arange(n), n + first])
    heads = np.concatenate([n + np.arange(n), second])
    endless = np.full(len(first), n * _UNIT)
    for c, centre in enumerate(candidates):
        inside = np.round(shares[:, c] * _UNIT).astype(np.int64)
        graph = csr_array((np.concatenate([inside, endless]).astype(np.int32), (tails, heads)), shape=(2 * n, 2 * n))
        for i in np.flatnonzero((shares[:, c] > _VIOLATED) & ~near[centre]):
            if i == centre:
                continue
            flow = maximum_flow(graph, n + int(centre), int(i))
            if flow.flow_value >= inside[i] - _VIOLATED * _UNIT:
                continue
            left = csr_array(graph - flow.flow)
            left.data[left.data < 0] = 0
            left.eliminate_zeros()
            reached = np.zeros(2 * n, dtype=bool)
            reached[breadth_first_order(left, n + int(centre), return_predecessors=False)] = True
            yield int(i), c, np.flatnonzero(reached[:n] & ~reached[n:])
