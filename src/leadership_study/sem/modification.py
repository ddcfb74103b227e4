"""Modification indices: how much the chi-square would fall if a fixed parameter were free (Sörbom, 1989)."""

from dataclasses import replace
from itertools import combinations, permutations

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.linalg import block_diag

from leadership_study.sem.parameter_table import Row
from leadership_study.sem.solution import Solution
from leadership_study.sem.structure import Structure

Floats = NDArray[np.float64]


def modification_indices(solution: Solution) -> pd.DataFrame:
    """Return the index, the expected change and its standardised forms for every parameter that could be added.

    Candidates are the cross-loadings, the residual covariances, in a model with regressions the paths among their
    variables, and the parameters fixed to a value; without an index are those that are not identified beside the free
    ones (their information is zero). ``mi`` is the univariate score test with one degree of freedom; ``epc`` the
    expected value less the present one. Expected information is used whatever the standard errors are made of.
    R twin: ``modindices(fit)``.
    """
    candidates = _candidates(solution)
    table = replace(solution.table, rows=(*solution.table.rows, *candidates))
    extended = [Structure(table, g, table.variables.observed) for g in range(len(solution.sample.groups))]
    fixed = _fixed(solution)
    n_rows = len(solution.table.rows)
    tested = np.array([*fixed, *range(n_rows, n_rows + len(candidates))], dtype=np.int64)
    values = np.concatenate([solution.values, [row.value for row in candidates]])
    # moments of covariates are free here: a path to a covariate leaves it a residual variance
    given = np.array([at for at, row in enumerate(solution.table.rows) if row.covariate], dtype=np.int64)
    everything = np.concatenate([solution.problem.free, given, tested])
    cells = [structure.select(everything) for structure in extended]
    states = [structure.state(values) for structure in extended]
    problem = solution.problem
    size, k = len(everything), len(problem.free) + len(given)
    tangent = block_diag(solution.tangent, np.eye(len(given))) if len(given) else solution.tangent
    information, diagonal = solution.by_rows.problem.information_beside(states, cells, size, k)
    bread = np.linalg.inv(tangent.T @ information[:k] @ tangent)
    score = np.zeros(size)
    for part, state, (own, which) in zip(problem.parts, states, cells, strict=True):
        score[which] -= part.share * part.discrepancy.gradient(state, own)
    taken = information[k:] @ tangent
    variance = diagonal[k:] - np.sum(taken @ bread * taken, axis=1)
    # the free parameters' own scores vanish only where no constraint holds them
    away = score[k:] - taken @ (bread @ (tangent.T @ score[:k]))
    known = variance > 1e-9 * np.maximum(diagonal[k:], 1e-12)
    with np.errstate(all="ignore"):
        # as lavaan: statistics by n, and least squares with (n − 1)/n in the score
        n = solution.sample.n
        factor = solution.units / n if solution.options.method != "ML" else 1.0
        mi = np.where(known, factor**2 * n * away**2 / variance, np.nan)
        epc = np.where(known & (np.abs(away) > 0), factor * away / variance, np.nan)
    order = np.argsort(-mi, kind="stable")  # without an index last
    return _frame(solution, [table.rows[at] for at in tested[order]], mi[order], epc[order])


def _fixed(solution: Solution) -> list[int]:
    return [
        at for at, row in enumerate(solution.table.rows)
        if not row.free and not row.covariate and row.op not in ("~*~", "|")
        and not (row.op == "~~" and row.lhs == row.rhs and row.lhs in solution.table.defaults.thresholds)
    ]  # fmt: skip


def _candidates(solution: Solution) -> list[Row]:
    """Return cross-loadings, paths and covariances that the model leaves out."""
    table, found = solution.table, []
    variables = table.variables
    plain = [name for name in variables.observed if name not in variables.covariates]
    indicators = [name for name in variables.indicators if name in variables.observed]
    for group, part in enumerate(solution.problem.parts):
        rows = [row for _, row in table.of_group(group)]
        there = {row.key for row in rows} | {(row.rhs, row.op, row.lhs) for row in rows if row.op == "~~"}
        for factor in variables.latent:
            found += [
                Row(factor, "=~", name, group, free=False, value=0.0)
                for name in indicators
                if (factor, "=~", name) not in there and not _crosses(factor, name, part.structure)
            ]
        for a, b in combinations(plain, 2):
            if (a, "~~", b) not in there and not _crosses(a, b, part.structure):
                found.append(Row(a, "~~", b, group, free=False, value=0.0))
        for a, b in combinations(variables.latent, 2):
            if (a, "~~", b) not in there:
                found.append(Row(a, "~~", b, group, free=False, value=0.0))
        paths = dict.fromkeys(name for row in rows if row.op == "~" for name in (row.lhs, row.rhs))
        found += [
            Row(a, "~", b, group, free=False, value=0.0)
            for a, b in permutations(paths, 2)
            if (a, "~", b) not in there and (b, "=~", a) not in there
        ]
    return found


def _crosses(a: str, b: str, structure: Structure) -> bool:
    """Whether a covariance would pull an indicator in among the factors, which the fitted matrices do not hold."""
    return (a in structure.factors) != (b in structure.factors) and a in structure.observed


def _frame(solution: Solution, rows: list[Row], mi: Floats, epc: Floats) -> pd.DataFrame:
    sd: list[dict[str, float]] = []
    completed = solution.complete(solution.values)
    for part in solution.problem.parts:
        state = part.structure.state(completed)
        own = dict(zip(part.structure.observed, np.sqrt(np.abs(np.diag(state.sigma))).tolist(), strict=True))
        factor = np.sqrt(np.abs(np.diag(state.factor_covariance)))
        own |= {name: float(factor[at]) for at, name in enumerate(part.structure.factors)}
        sd.append(own)
    latent = solution.table.variables.latent
    residual = [_residual_sd(solution, group) for group in range(len(sd))]
    sepc_lv, sepc_all = np.empty(len(rows)), np.empty(len(rows))
    for at, row in enumerate(rows):
        scale, lv = 1.0, 1.0
        match row.op:
            case "=~":
                lv = sd[row.group][row.lhs] / (sd[row.group][row.rhs] if row.rhs in latent else 1.0)
                scale = sd[row.group][row.lhs] / sd[row.group][row.rhs]
            case "~":
                scale = sd[row.group][row.rhs] / sd[row.group][row.lhs]
                lv = (sd[row.group][row.rhs] if row.rhs in latent else 1.0) / (
                    sd[row.group][row.lhs] if row.lhs in latent else 1.0
                )
            case "~~":
                spread = sd if row.lhs == row.rhs else residual
                one, other = spread[row.group][row.lhs], spread[row.group][row.rhs]
                lv = (1 / one if row.lhs in latent else 1.0) * (1 / other if row.rhs in latent else 1.0)
                scale = 1 / (one * other)
            case "~1":
                scale = 1 / sd[row.group][row.lhs]
                lv = scale if row.lhs in latent else 1.0
        sepc_lv[at], sepc_all[at] = lv, scale
    labels = [group.label for group in solution.sample.groups]
    index = [f"{row.name} [{labels[row.group]}]" if len(labels) > 1 else row.name for row in rows]
    frame = {
        "lhs": [row.lhs for row in rows], "op": [row.op for row in rows], "rhs": [row.rhs for row in rows],
        "group": np.array([row.group + 1 for row in rows], dtype=np.int64),
        "mi": mi, "epc": epc, "sepc_latent": epc * sepc_lv, "sepc_all": epc * sepc_all,
    }  # fmt: skip
    return pd.DataFrame(frame, index=pd.Index(index, name="term", dtype="str"))


def _residual_sd(solution: Solution, group: int) -> dict[str, float]:
    part = solution.problem.parts[group]
    state = part.structure.state(solution.complete(solution.values))
    found = {}
    for name in (*part.structure.observed, *part.structure.latent):
        if name in part.structure.factors:
            at = part.structure.factors.index(name)
            own = state.psi[at, at]
        else:
            at = part.structure.observed.index(name)
            own = state.theta[at, at]
        found[name] = float(np.sqrt(np.abs(own))) or 1.0
    return found
