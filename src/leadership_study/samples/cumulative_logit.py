"""Ordinal logistic regression with proportional odds, and the test of these."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special, stats

from leadership_study.errors import ConvergenceError, InsufficientDataError
from leadership_study.results import Note
from leadership_study.samples.least_squares import least_squares
from leadership_study.samples.logit import Logit, logit, refuse_separated
from leadership_study.samples.separation import may_be_separated, separating_direction

_STEPS = 100
_SETTLED = 1e-12


@dataclass(frozen=True, kw_only=True, eq=False)
class CumulativeLogit:
    """A fitted model logit P(y ≤ j) = θ_j − x'β with J categories and p predictors.

    Attributes
    ----------
    estimates : array of J − 1 + p numbers
        Thresholds θ, then coefficients β.
    covariance : array
        Inverse of the observed information of all of them.
    scores : array, n × (J − 1 + p)
        First derivatives of each row's log likelihood.
    log_likelihood, null_log_likelihood : float
        Of the model, and of the thresholds alone.
    """

    estimates: NDArray[np.float64]
    covariance: NDArray[np.float64]
    scores: NDArray[np.float64]
    n_thresholds: int
    log_likelihood: float
    null_log_likelihood: float


def cumulative_logit(design: NDArray[np.float64], codes: NDArray[np.int64], terms: tuple[str, ...]) -> CumulativeLogit:
    """Fit by Newton's method.

    Parameters
    ----------
    design : array, n × p
        Predictors without a constant.
    codes : array of n whole numbers
        Category of each row, 0 … J − 1, none of them empty, J ≥ 3.
    terms : p names

    Raises
    ------
    InsufficientDataError
        As `least_squares`; and when predictors separate categories, so that an odds ratio is infinite.
    ConvergenceError
        When the search does not settle.

    References
    ----------
    McCullagh, P. (1980). Journal of the Royal Statistical Society B, 42, 109–142.
    https://doi.org/10.1111/j.2517-6161.1980.tb01109.x. R twins: ``MASS::polr``, ``ordinal::clm``.
    """
    n, p = design.shape
    top = int(codes.max())
    if n <= top + p:
        text = "{n} complete rows are too few for {coefficients} coefficients."
        raise InsufficientDataError(Note("too_few_rows", text, {"n": n, "coefficients": top + p}))
    least_squares(np.column_stack([np.ones(n), design]), codes.astype(float), ("", *terms))
    centre = design.mean(axis=0)
    inside = design - centre
    below = np.cumsum(np.bincount(codes))[:-1] / n
    at = np.concatenate([special.logit(below), np.zeros(p)])
    value, gradient, hessian, _ = _derivatives(at, inside, codes)
    settled = False
    for _ in range(_STEPS):
        step = np.linalg.solve(hessian, gradient)
        length = 1.0
        while length > 1e-8:
            wanted = at + length * step
            if (np.diff(wanted[:top]) > 0).all():
                following = _derivatives(wanted, inside, codes)
                if following[0] >= value - 1e-12 * abs(value):
                    break
            length /= 2
        else:
            break
        change = following[0] - value
        at, (value, gradient, hessian, _) = wanted, following
        if change <= _SETTLED * (abs(value) + 0.1) and float(gradient @ step) < 1e-9:
            settled = True
            break
    predictor = inside @ at[top:]
    limits = np.concatenate([[-np.inf], at[:top], [np.inf]])
    reached = np.concatenate([(limits[codes + 1] - predictor), (limits[codes] - predictor)])
    if may_be_separated(reached[np.isfinite(reached)], settled):
        refuse_separated(separating_direction(_directions(design, codes, top)), (*[""] * top, *terms), None)
    if not settled:
        raise ConvergenceError(Note("ordinal_not_settled", "The search for the coefficients did not settle."))
    *_, scores = _derivatives(at, inside, codes)
    # Back to predictors that are not centred: θ + centre'β.
    turn = np.eye(top + p)
    turn[:top, top:] = centre
    back = np.linalg.inv(turn)
    shares = np.bincount(codes) / n
    return CumulativeLogit(
        estimates=turn @ at,
        covariance=turn @ np.linalg.inv(hessian) @ turn.T,
        scores=scores @ back,
        n_thresholds=top,
        log_likelihood=value,
        null_log_likelihood=n * float((shares * np.log(shares)).sum()),
    )


def _derivatives(
    at: NDArray[np.float64], design: NDArray[np.float64], codes: NDArray[np.int64]
) -> tuple[float, NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Log likelihood, its gradient, its negative Hessian, and the score of each row."""
    top, n = int(codes.max()), len(codes)
    limits = np.concatenate([[-np.inf], at[:top], [np.inf]])
    predictor = design @ at[top:]
    upper, lower = limits[codes + 1] - predictor, limits[codes] - predictor
    # P = F(u) − F(l), without loss of digits when both are near 1.
    flip = lower > 0
    probability = np.where(
        flip, special.expit(-lower) - special.expit(-upper), special.expit(upper) - special.expit(lower)
    )
    probability = np.maximum(probability, 1e-300)
    f_upper, f_lower = special.expit(upper) * special.expit(-upper), special.expit(lower) * special.expit(-lower)
    g_upper = f_upper * (special.expit(-upper) - special.expit(upper))
    g_lower = f_lower * (special.expit(-lower) - special.expit(lower))
    a, b = f_upper / probability, f_lower / probability
    rows = np.arange(n)
    steps = np.zeros((n, top + 2))  # derivative with respect to the limits around each category
    steps[rows, codes + 1] += a
    steps[rows, codes] -= b
    scores = np.column_stack([steps[:, 1:-1], -(a - b)[:, None] * design])
    # Second derivatives by upper and lower limit: u u, l l, u l; −log P'' = −P''/P + (P'/P)².
    uu, ll, ul = a**2 - g_upper / probability, b**2 + g_lower / probability, -a * b
    hessian = np.zeros((top + design.shape[1],) * 2)
    tri = np.zeros((top + 2, top + 2))
    np.add.at(tri, (codes + 1, codes + 1), uu)
    np.add.at(tri, (codes, codes), ll)
    np.add.at(tri, (codes + 1, codes), ul)
    np.add.at(tri, (codes, codes + 1), ul)
    hessian[:top, :top] = tri[1:-1, 1:-1]
    mixed = np.zeros((top + 2, design.shape[1]))
    np.add.at(mixed, codes + 1, -(uu + ul)[:, None] * design)
    np.add.at(mixed, codes, -(ll + ul)[:, None] * design)
    hessian[:top, top:] = mixed[1:-1]
    hessian[top:, :top] = mixed[1:-1].T
    hessian[top:, top:] = (design * (uu + ll + 2 * ul)[:, None]).T @ design
    return float(np.log(probability).sum()), scores.sum(axis=0), hessian, scores


def _directions(design: NDArray[np.float64], codes: NDArray[np.int64], top: int) -> NDArray[np.float64]:
    """Rows whose products with a direction (thresholds, coefficients) must not fall for the likelihood not to."""
    upper, lower = codes < top, codes > 0
    thresholds = np.eye(top)
    above = np.column_stack([thresholds[codes[upper]], -design[upper]])
    under = np.column_stack([-thresholds[codes[lower] - 1], design[lower]])
    return np.vstack([above, under])


@dataclass(frozen=True, kw_only=True, eq=False)
class ParallelTest:
    """Wald test that the coefficients of the J − 1 splits y > j are equal; ``splits`` holds them, J − 1 × p."""

    splits: NDArray[np.float64]
    chi_square: float
    df: int
    p_value: float
    by_term: list[tuple[float, int, float]]


def parallel_test(
    design: NDArray[np.float64],
    codes: NDArray[np.int64],
    terms: tuple[str, ...],
    groups: list[list[int]],
    clusters: NDArray[np.int64] | None = None,
) -> ParallelTest:
    """Test proportional odds by one binary logistic regression a split (Brant, 1990).

    Parameters
    ----------
    groups : lists of positions
        Predictors tested together, for ``by_term``: the dummies of a variable.
    clusters : array of n whole numbers, optional
        The splits' joint covariance is then the sandwich of whole clusters' scores instead of the model's, and the
        statistic W of q contrasts is referred to Hotelling's distribution: (G − q)/((G − 1) q) W to F(q, G − q); NaN
        with q clusters or fewer.

    Raises
    ------
    InsufficientDataError
        When a split is separated.

    References
    ----------
    Brant, R. (1990). Biometrics, 46, 1171–1178. https://doi.org/10.2307/2532457. R twin: ``brant::brant``.
    """
    n, p = design.shape
    top = int(codes.max())
    full = np.column_stack([np.ones(n), design])
    fits: list[Logit] = [logit(full, (codes > split).astype(float), ("intercept", *terms)) for split in range(top)]
    inverse = [fit.working.unscaled_covariance for fit in fits]
    joint = np.zeros((top * p, top * p))
    if clusters is not None:
        own = []
        for split, fit in enumerate(fits):
            scores = full * ((codes > split) - fit.probabilities)[:, None]
            sums = np.column_stack([np.bincount(clusters, scores[:, j]) for j in range(p + 1)])
            own.append((sums @ inverse[split])[:, 1:])
        stacked = np.column_stack(own)
        groups_n = len(stacked)
        joint = groups_n / (groups_n - 1) * stacked.T @ stacked
    else:
        for j in range(top):
            for k in range(j, top):
                weight = fits[k].probabilities * (1 - fits[j].probabilities)  # P(y > k) − P(y > j) P(y > k), k ≥ j
                block = inverse[j] @ ((full * weight[:, None]).T @ full) @ inverse[k]
                joint[j * p : (j + 1) * p, k * p : (k + 1) * p] = block[1:, 1:]
                joint[k * p : (k + 1) * p, j * p : (j + 1) * p] = block[1:, 1:].T
    splits = np.stack([fit.estimates[1:] for fit in fits])

    def wald(columns: list[int]) -> tuple[float, int, float]:
        contrasts = np.zeros(((top - 1) * len(columns), top * p))
        for row, (split, column) in enumerate((s, c) for s in range(1, top) for c in columns):
            contrasts[row, column], contrasts[row, split * p + column] = 1.0, -1.0
        difference = contrasts @ splits.ravel()
        covariance = contrasts @ joint @ contrasts.T
        df = len(contrasts)
        scale = np.sqrt(np.diag(covariance))
        if clusters is not None and df >= int(clusters.max()) + 1:
            return float("nan"), df, float("nan")
        if not (scale > 0).all() or np.linalg.matrix_rank(covariance / np.outer(scale, scale), hermitian=True) < df:
            return float("nan"), df, float("nan")
        chi_square = float(difference @ np.linalg.solve(covariance, difference))
        if clusters is None:
            return chi_square, df, float(stats.chi2.sf(chi_square, df))
        left = int(clusters.max()) + 1 - df
        return chi_square, df, float(stats.f.sf(left / ((left + df - 1) * df) * chi_square, df, left))

    chi_square, df, p_value = wald(list(range(p)))
    return ParallelTest(
        splits=splits, chi_square=chi_square, df=df, p_value=p_value, by_term=[wald(group) for group in groups]
    )
