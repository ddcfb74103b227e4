"""Cluster-robust covariance, degrees of freedom and Wald tests that hold with few clusters.

With equal variances everything is computed from one p × p matrix a cluster: the adjustment (I − H)^(−1/2) of a
cluster's rows acts on the space of its design columns only. With variances that differ by row, as in a logistic
regression, it does not, and CR2 takes one matrix of rows by rows for each cluster.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from leadership_study.samples.least_squares import LeastSquares

ClusterType = Literal["CR0", "CR1", "CR1S", "CR2", "CR3"]

_DETERMINED = 1e-10  # eigenvalues of I − H below this: a direction that only this cluster's rows determine
_LEAST_DF_ROUNDING = 1e-6
_NO_VARIANCE = 1e-12  # eigenvalues of Θ(I − H)Θ below this count as 0, as in clubSandwich


@dataclass(frozen=True, kw_only=True)
class WaldTest:
    """F test of several linear hypotheses; NaN when there are too few clusters for it."""

    statistic: float
    df1: int
    df2: float
    p_value: float


@dataclass(frozen=True, kw_only=True, eq=False)
class ClusterRobust:
    """Covariance of least-squares estimates when rows of the same cluster go together.

    Attributes
    ----------
    covariance : array, p × p
    n_clusters : int
    grams : array, g × p × p
        U'U of each cluster's rows of the orthonormal design U.
    determined : bool
        Whether one cluster alone determines a coefficient. CR3 then does not exist and ``covariance`` is NaN.
    adjustments : array, g × p × p
        What the adjustment does to U of each cluster: A U = U E with this E; NaN for CR2 with variances of rows.
    own, through : array, g × p × p
        U'AA'U and U'A'U of each cluster: what variances and covariances of the adjusted scores are made of.
    inverse_root : array, p × p
        As in `LeastSquares`.
    """

    covariance: NDArray[np.float64]
    n_clusters: int
    determined: bool
    grams: NDArray[np.float64]
    adjustments: NDArray[np.float64]
    own: NDArray[np.float64]
    through: NDArray[np.float64]
    inverse_root: NDArray[np.float64]

    def satterthwaite_df(self, contrasts: NDArray[np.float64]) -> NDArray[np.float64]:
        """Degrees of freedom of each of the ``contrasts`` (q × p) by itself (Bell & McCaffrey, 2002).

        2 E(V)² / Var(V) of the variance estimate V under independent errors of equal variance; NaN without any.
        """
        directions = (contrasts @ self.inverse_root).T
        through = self.through @ directions
        own = (directions * (self.own @ directions)).sum(axis=1)
        length = (through**2).sum(axis=1)
        cross = np.moveaxis(through, 2, 0)
        whole = ((np.swapaxes(cross, 1, 2) @ cross) ** 2).sum(axis=(1, 2))
        expected = (own - length).sum(axis=0)
        spread = (own**2 - 2 * own * length).sum(axis=0) + whole
        df = np.full(len(contrasts), np.nan)
        np.divide(expected**2, spread, out=df, where=expected > _DETERMINED * own.sum(axis=0))
        return df

    def htz_test(self, estimates: NDArray[np.float64], contrasts: NDArray[np.float64]) -> WaldTest:
        """Approximate Hotelling test that all ``contrasts`` (q × p) of the ``estimates`` are 0.

        With Q the Wald statistic and η the degrees of freedom of a Wishart matrix whose elements have in total the
        variance of the elements of the estimated covariance, (η − q + 1)/(ηq) · Q is referred to
        F(q, η − q + 1) (Pustejovsky & Tipton, 2018, "HTZ"). NaN when η − q + 1 is below 1: such a distribution has
        no use, and the approximation was never tried there. A single contrast always has 1 or more.
        """
        q = len(contrasts)
        eta = self._wishart_df(contrasts)
        wald = _quadratic(contrasts @ estimates, contrasts @ self.covariance @ contrasts.T)
        df2 = eta - q + 1
        if not (np.isfinite(wald) and df2 >= 1 - _LEAST_DF_ROUNDING):
            return WaldTest(statistic=np.nan, df1=q, df2=np.nan, p_value=np.nan)
        statistic = df2 / (eta * q) * wald
        return WaldTest(statistic=statistic, df1=q, df2=df2, p_value=float(stats.f.sf(statistic, q, df2)))

    def _wishart_df(self, contrasts: NDArray[np.float64]) -> float:
        directions = (contrasts @ self.inverse_root).T
        through = np.swapaxes(self.through @ directions, 1, 2)
        own = directions.T @ self.own @ directions
        expected = (own - through @ np.swapaxes(through, 1, 2)).sum(axis=0)
        diagonal, possible = np.diag(expected), np.einsum("gss->s", own)
        if (diagonal <= _DETERMINED * possible).any():
            return float("nan")
        scale = diagonal**0.5
        values, vectors = np.linalg.eigh(expected / np.outer(scale, scale))
        if values.min() <= 1e-12:
            return float("nan")
        half = vectors @ np.diag(values**-0.5) @ vectors.T / scale
        through = half @ through
        own = half @ own @ half.T
        q, p = len(contrasts), through.shape[2]
        # P^st of clusters g, h is own^st (if g = h) less inner products of `through`; the total variance of the
        # elements is Σ over s, t, g, h of P^ss P^tt + P^st P^ts, and all sums over pairs of clusters are in `crossed`.
        inner = through @ np.swapaxes(through, 1, 2)
        flat = through.reshape(len(through), q * p)
        crossed = (flat.T @ flat).reshape(q, p, q, p)
        trace, inner_trace = np.einsum("gss->g", own), np.einsum("gss->g", inner)
        total = (trace**2 - 2 * trace * inner_trace).sum() + (crossed**2).sum()
        total += (own**2 - 2 * own * inner).sum() + (crossed * crossed.transpose(0, 3, 2, 1)).sum()
        return float(q * (q + 1) / total)


def cluster_robust(
    fit: LeastSquares,
    codes: NDArray[np.int64],
    type: ClusterType = "CR2",
    *,
    variances: NDArray[np.float64] | None = None,
) -> ClusterRobust:
    """Sandwich covariance of ``fit`` with clusters ``codes`` (n whole numbers 0 … g − 1, every one used, g ≥ 2).

    Parameters
    ----------
    type : {"CR0", "CR1", "CR1S", "CR2", "CR3"}
        Residuals as they are (CR0), times g/(g − 1) (CR1), times g(n − 1)/((g − 1)(n − p)) (CR1S, Stata's), each
        cluster's residuals times (I − H)^(−1/2) (CR2, unbiased under independent errors of equal variance) or
        (I − H)^(−1) (CR3, close to the jackknife). Directions that only one cluster determines count 0 in CR2; CR3 does
        not exist with them.
    variances : array of n numbers, optional
        Variance Θ of each response under a working model whose rows and residuals ``fit`` holds divided by Θ^½.
        Only CR2 depends on it: residuals e of the responses become Θ^½ B^(−½) Θ^½ e with B = Θ (I − H) Θ, H that of the
        divided rows. This is clubSandwich's choice for generalized linear models.

    References
    ----------
    Bell, R. M., & McCaffrey, D. F. (2002). Bias reduction in standard errors for linear regression with multi-stage
    samples. Survey Methodology, 28, 169–181. Pustejovsky, J. E., & Tipton, E. (2018). Journal of Business & Economic
    Statistics, 36, 672–683. https://doi.org/10.1080/07350015.2016.1247004. R twin: ``clubSandwich::vcovCR``.
    """
    groups, p = int(codes.max()) + 1, len(fit.terms)
    grams = np.empty((groups, p, p))
    for i in range(p):
        for j in range(i, p):
            grams[:, i, j] = grams[:, j, i] = np.bincount(codes, fit.basis[:, i] * fit.basis[:, j], groups)
    scores = np.column_stack([np.bincount(codes, fit.basis[:, i] * fit.residuals, groups) for i in range(p)])
    values, vectors = np.linalg.eigh(grams)
    left = 1 - values
    determined = left < _DETERMINED
    if type in ("CR2", "CR3"):
        powers = np.where(determined, 0.0, np.where(determined, 1.0, left) ** (-0.5 if type == "CR2" else -1.0))
        adjustments = (vectors * powers[:, None, :]) @ np.swapaxes(vectors, 1, 2)
    else:
        adjustments = np.broadcast_to(np.eye(p), (groups, p, p))
    own, through = adjustments @ grams @ adjustments, grams @ adjustments
    adjusted = (adjustments @ scores[:, :, None])[:, :, 0]
    if type == "CR2" and variances is not None:
        adjusted, own, through = _by_rows(fit, codes, groups, variances)
        adjustments = np.full((groups, p, p), np.nan)
    adjusted = adjusted @ fit.inverse_root.T
    factor = 1.0
    if type in ("CR1", "CR1S"):
        factor = groups / (groups - 1) * ((fit.n - 1) / fit.df_residual if type == "CR1S" else 1.0)
    covariance = factor * adjusted.T @ adjusted
    if type == "CR3" and determined.any():
        covariance = np.full((p, p), np.nan)
    return ClusterRobust(
        covariance=covariance,
        n_clusters=groups,
        determined=bool(determined.any()),
        grams=grams,
        adjustments=adjustments,
        own=own,
        through=through,
        inverse_root=fit.inverse_root,
    )


def _by_rows(
    fit: LeastSquares, codes: NDArray[np.int64], groups: int, variances: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Scores (g × p), ``own`` and ``through`` of CR2 with variances of rows."""
    p = len(fit.terms)
    scores, own, through = np.empty((groups, p)), np.empty((groups, p, p)), np.empty((groups, p, p))
    order = np.argsort(codes, kind="stable")
    for group, rows in enumerate(np.split(order, np.cumsum(np.bincount(codes, minlength=groups))[:-1])):
        basis, variance = fit.basis[rows], variances[rows]
        scaled = variance[:, None] * basis
        values, vectors = np.linalg.eigh(np.diag(variance**2) - scaled @ scaled.T)
        kept = values > _NO_VARIANCE
        root = (vectors[:, kept] * values[kept] ** -0.5) @ vectors[:, kept].T
        adjusted = variance[:, None] * (root @ basis)
        scores[group] = adjusted.T @ fit.residuals[rows]
        own[group], through[group] = adjusted.T @ adjusted, basis.T @ adjusted
    return scores, own, through


def wald_f(
    estimates: NDArray[np.float64], covariance: NDArray[np.float64], contrasts: NDArray[np.float64], df2: float
) -> WaldTest:
    """Wald statistic over q, referred to F(q, ``df2``); NaN when the covariance of the contrasts has no inverse."""
    q = len(contrasts)
    wald = _quadratic(contrasts @ estimates, contrasts @ covariance @ contrasts.T)
    if not np.isfinite(wald):
        return WaldTest(statistic=np.nan, df1=q, df2=df2, p_value=np.nan)
    statistic = wald / q
    p_value = stats.chi2.sf(wald, q) if np.isinf(df2) else stats.f.sf(statistic, q, df2)
    return WaldTest(statistic=statistic, df1=q, df2=df2, p_value=float(p_value))


def _quadratic(difference: NDArray[np.float64], covariance: NDArray[np.float64]) -> float:
    scale = np.sqrt(np.diag(covariance))
    if not (scale > 0).all() or np.linalg.matrix_rank(covariance / np.outer(scale, scale), hermitian=True) < len(scale):
        return float("nan")
    return float(difference @ np.linalg.solve(covariance, difference))
