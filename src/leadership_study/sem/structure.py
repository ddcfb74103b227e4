r"""Implied moments of one group and their derivatives, all in closed form.

The model is y = ν + Λη + ε, η = α + Βη + ζ (Jöreskog & Sörbom; Bollen, 1989), so with E = (I − Β)⁻¹

    Σ = ΛEΨE′Λ′ + Θ,   μ = ν + ΛEα.

Every parameter moves Σ by a matrix of rank two, ∂Σ/∂θₖ = sₖ(uₖvₖ′ + vₖuₖ′), where u and v are columns of one matrix
C = [I, ΛE, ΛEΨE′], and μ by a multiple of uₖ. Gradients and information matrices are therefore entries of C′AC, picked
by index: none needs a p² × p² product.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from leadership_study.sem.parameter_table import ParameterTable, Row

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]

LAMBDA, BETA, PSI, THETA, ALPHA, NU, TAU, DELTA = range(8)


@dataclass(frozen=True)
class State:
    """Matrices of one group at given parameter values; all float, or all complex."""

    loadings: NDArray[Any]
    inverse: NDArray[Any]
    psi: NDArray[Any]
    theta: NDArray[Any]
    factor_covariance: NDArray[Any]
    factor_means: NDArray[Any]
    sigma: NDArray[Any]
    mu: NDArray[Any]
    columns: NDArray[Any]
    """C = [I, ΛE, ΛEΨE′], p × (p + 2m)."""
    thresholds: NDArray[Any]
    scales: NDArray[Any]


@dataclass(frozen=True)
class Generators:
    """How each of k parameters moves the moments: columns of C and factors, as arrays of length k."""

    kind: Whole
    row: Whole
    column: Whole
    u: Whole
    v: Whole
    s: Floats

    def __len__(self) -> int:
        return len(self.kind)


class Structure:
    """Where each row of the parameter table stands in the matrices of one group.

    Parameters
    ----------
    table : ParameterTable
    group : int
    observed : sequence of p str
        Order of the observed variables in all moments.
    """

    def __init__(self, table: ParameterTable, group: int, observed: Sequence[str]) -> None:
        rows = table.of_group(group)
        self.observed = list(observed)
        self.latent = list(table.variables.latent)
        # An observed variable with paths of its own joins the factors: η = y there.
        among = _joined([*rows], self.latent)
        joined = [name for name in self.observed if name in among]
        self.factors = self.latent + joined
        self.ordered = [name for name in self.observed if name in table.defaults.thresholds]
        self.p, self.m = len(self.observed), max(len(self.factors), 1)  # a model without factors has an empty one
        self._y = {name: at for at, name in enumerate(self.observed)}
        self._f = {name: at for at, name in enumerate(self.factors)}
        counts = [table.defaults.thresholds[name] for name in self.ordered]
        self.threshold_item = np.repeat([self._y[name] for name in self.ordered], counts).astype(np.int64)
        self._first = dict(zip(self.ordered, np.cumsum([0, *counts])[:-1].tolist(), strict=True))
        self.n_rows = len(table.rows)
        self.at = np.array([at for at, _ in rows], dtype=np.int64)
        self.cells = self._generators([row for _, row in rows])
        self._identity = (np.array([self._y[n] for n in joined], int), np.array([self._f[n] for n in joined], int))
        self._where = {}
        for kind in range(8):
            here = self.cells.kind == kind
            self._where[kind] = (self.cells.row[here], self.cells.column[here], self.at[here])
        self.has_paths = bool(len(self._where[BETA][0]))
        self._vectors = [code for code in (ALPHA, NU, TAU, DELTA) if len(self._where[code][0])]
        self._blank = np.eye(self.p, self.p + 2 * self.m)

    def _generators(self, rows: Sequence[Row]) -> Generators:
        cells = np.array([self._cell(row) for row in rows], dtype=np.int64).reshape(-1, 3)
        kind, row, column = cells.T
        p, m = self.p, self.m
        u = np.select([kind == LAMBDA, kind == THETA, kind == NU], [row, row, row], p + row)
        v = np.select([kind <= BETA, kind == PSI, kind == THETA], [p + m + column, p + column, column], 0)
        symmetric = (kind == PSI) | (kind == THETA)
        s = np.where(symmetric & (row == column), 0.5, np.where(symmetric | (kind <= BETA), 1.0, 0.0))
        plain = kind >= TAU
        return Generators(kind, row, column, np.where(plain, 0, u), np.where(plain, 0, v), s)

    def _cell(self, row: Row) -> tuple[int, int, int]:
        """Matrix, row and column of one parameter."""
        y, f = self._y, self._f
        match row.op:
            case "=~":
                return (BETA, f[row.rhs], f[row.lhs]) if row.rhs in f else (LAMBDA, y[row.rhs], f[row.lhs])
            case "~":
                return BETA, f[row.lhs], f[row.rhs]
            case "~~":
                both = row.lhs in f and row.rhs in f
                return (PSI, f[row.lhs], f[row.rhs]) if both else (THETA, y[row.lhs], y[row.rhs])
            case "~1":
                return (ALPHA, f[row.lhs], 0) if row.lhs in f else (NU, y[row.lhs], 0)
            case "|":
                return TAU, self._first[row.lhs] + int(row.rhs[1:]) - 1, 0
        return DELTA, y[row.lhs], 0

    def select(self, positions: Whole) -> tuple[Generators, Whole]:
        """Return the generators of those table rows that belong to this group, and where in ``positions`` they are."""
        own = {int(at): k for k, at in enumerate(self.at)}
        which = np.array([k for k, at in enumerate(positions) if int(at) in own], dtype=np.int64)
        k = np.array([own[int(positions[w])] for w in which], dtype=np.int64)
        c = self.cells
        return Generators(c.kind[k], c.row[k], c.column[k], c.u[k], c.v[k], c.s[k]), which

    def state(self, values: NDArray[Any]) -> State:
        """Fill the matrices from the values of all table rows and compute the implied moments."""
        p, m, kind = self.p, self.m, values.dtype
        loadings, psi, theta = np.zeros((p, m), kind), np.zeros((m, m), kind), np.zeros((p, p), kind)
        r, c, at = self._where[LAMBDA]
        loadings[r, c] = values[at]
        loadings[self._identity] = 1.0
        for matrix, code in ((psi, PSI), (theta, THETA)):
            r, c, at = self._where[code]
            matrix[r, c] = values[at]
            matrix[c, r] = values[at]
        alpha, nu = np.zeros(m, kind), np.zeros(p, kind)
        thresholds, scales = np.zeros(len(self.threshold_item), kind), np.ones(p, kind)
        vectors = {ALPHA: alpha, NU: nu, TAU: thresholds, DELTA: scales}
        for code in self._vectors:
            r, _, at = self._where[code]
            vectors[code][r] = values[at]
        inverse = np.eye(m, dtype=kind)
        effects, covariance, means = loadings, psi, alpha
        if self.has_paths:
            beta = np.zeros((m, m), kind)
            r, c, at = self._where[BETA]
            beta[r, c] = values[at]
            inverse = np.linalg.inv(inverse - beta)
            effects, covariance, means = loadings @ inverse, inverse @ psi @ inverse.T, inverse @ alpha
        through = loadings @ covariance
        columns = self._blank.astype(kind)
        columns[:, p : p + m], columns[:, p + m :] = effects, through
        return State(
            loadings, inverse, psi, theta, covariance, means, through @ loadings.T + theta, nu + loadings @ means,
            columns, thresholds, scales,
        )  # fmt: skip


def _joined(rows: Sequence[tuple[int, Row]], latent: Sequence[str]) -> set[str]:
    """Observed variables with paths or covariances among the factors; what covaries with one of them joins too."""
    among = set(latent) | {name for _, row in rows if row.op == "~" for name in (row.lhs, row.rhs)}
    pairs = [{row.lhs, row.rhs} for _, row in rows if row.op == "~~" and row.lhs != row.rhs]
    while grown := [pair for pair in pairs if pair & among and not pair <= among]:
        among = among.union(*grown)
    return among - set(latent)


def mean_factors(cells: Generators, state: State) -> NDArray[Any]:
    """Return the factor with which each parameter moves μ along its u."""
    moves = np.where(cells.kind >= ALPHA, 1.0, 0.0) * (cells.kind <= NU)
    return np.where(cells.kind <= BETA, state.factor_means[np.where(cells.kind <= BETA, cells.column, 0)], moves)


def pull_back(
    cells: Generators, state: State, by_sigma: NDArray[Any], by_mu: NDArray[Any] | None = None
) -> NDArray[Any]:
    """Return dF/dθ from dF = tr(A dΣ) + a′dμ, A symmetric."""
    c = state.columns
    found = 2 * cells.s * (c.T @ by_sigma @ c)[cells.u, cells.v]
    return np.asarray(found if by_mu is None else found + mean_factors(cells, state) * (c.T @ by_mu)[cells.u])


def curvature(cells: Generators, state: State, by_sigma: Floats, by_mu: Floats | None = None) -> Floats:
    """Return Σ aᵢ ∂²momentᵢ/∂θₖ∂θₗ, k × k: the part of a Hessian that comes from the moments' own curvature."""
    # only loadings, paths, factor (co)variances and factor means move columns of C, or are moved along them
    own = np.flatnonzero((cells.kind <= PSI) | (cells.kind == ALPHA))
    found = np.zeros((len(cells), len(cells)))
    if len(own):
        k = cells
        some = Generators(k.kind[own], k.row[own], k.column[own], k.u[own], k.v[own], k.s[own])
        found[np.ix_(own, own)] = _curvature(some, state, by_sigma, by_mu)
    return found


def _curvature(cells: Generators, state: State, by_sigma: Floats, by_mu: Floats | None) -> Floats:
    p, m = len(state.mu), len(state.factor_means)
    moved, e, v = cells.kind <= BETA, state.inverse, state.factor_covariance
    col = np.where(cells.kind <= PSI, cells.column, 0)
    row = np.where((cells.kind == BETA) | (cells.kind == PSI) | (cells.kind == ALPHA), cells.row, 0)
    is_psi = (cells.kind == PSI)[:, None] * cells.s[:, None]
    # ∂C[:, x]/∂θₗ = C[:, uₗ] along_u[l, x] + C[:, vₗ] along_v[l, x]
    along_u, along_v = np.zeros((len(cells), p + 2 * m)), np.zeros((len(cells), p + 2 * m))
    along_u[:, p : p + m] = moved[:, None] * e[col]
    along_u[:, p + m :] = moved[:, None] * v[col] + is_psi * e.T[col]
    along_v[:, p + m :] = ((cells.kind == BETA)[:, None] + is_psi) * e.T[row]
    c = state.columns
    g = c.T @ by_sigma @ c
    ku, kv, lu, lv = cells.u[:, None], cells.v[:, None], cells.u[None, :], cells.v[None, :]
    found = 2 * cells.s[:, None] * (
        along_u[:, cells.u].T * g[lu, kv] + along_v[:, cells.u].T * g[lv, kv]
        + along_u[:, cells.v].T * g[lu, ku] + along_v[:, cells.v].T * g[lv, ku]
    )  # fmt: skip
    if by_mu is not None:
        h = c.T @ by_mu
        found += mean_factors(cells, state)[:, None] * (along_u[:, cells.u].T * h[lu] + along_v[:, cells.u].T * h[lv])
        shift = np.where(cells.kind == BETA, state.factor_means[col], np.where(cells.kind == ALPHA, 1.0, 0.0))
        found += moved[:, None] * e[np.ix_(col, row)] * shift[None, :] * h[cells.u][:, None]
    return np.asarray(found)


def moment_jacobian(cells: Generators, state: State, i: Whole, j: Whole) -> NDArray[Any]:
    """Return ∂σᵢⱼ/∂θ for the pairs (i, j), pairs × parameters."""
    found = np.zeros((len(i), len(cells)), state.columns.dtype)
    own = np.flatnonzero(cells.s)
    u, v = state.columns[:, cells.u[own]], state.columns[:, cells.v[own]] * cells.s[own]
    found[:, own] = u[i] * v[j] + u[j] * v[i]
    return found


def mean_jacobian(cells: Generators, state: State) -> NDArray[Any]:
    """Return ∂μ/∂θ, p × parameters."""
    return np.asarray(state.columns[:, cells.u] * mean_factors(cells, state))
