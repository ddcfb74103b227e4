"""A matrix of ratings, the same raters for every target: intraclass correlations and Kendall's W."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from leadership_study.errors import InsufficientDataError
from leadership_study.results import Note, Result
from leadership_study.samples.moments import numbers
from leadership_study.samples.rank_tests import ties
from leadership_study.samples.two_way import intraclass_correlations, two_way

Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class IntraclassCorrelation(Result):
    """Intraclass correlations of a matrix of ratings.

    Attributes
    ----------
    table : DataFrame, index ``coefficient``
        ICC(1,1), ICC(2,1), ICC(3,1) of one rating and ICC(1,k), ICC(2,k), ICC(3,k) of the mean of k: icc, f, df1, df2,
        p_value, ci_low, ci_high.
    variances : DataFrame, index ``source``
        mean_square and df of targets, raters and residual (and within targets, for the first kind).
    n, n_raters : int
        Targets with all ratings, raters.
    """

    table: pd.DataFrame
    variances: pd.DataFrame
    n: int
    n_raters: int

    main: ClassVar[str] = "table"


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Concordance(Result):
    """Kendall's coefficient of concordance.

    Attributes
    ----------
    w, w_uncorrected : float
        Corrected for ties, and not.
    chi_square, df, p_value : float
        Friedman's test that the raters' orders have nothing in common.
    mean_rank_correlation : float
        Spearman's, over all pairs of raters: (m W − 1)/(m − 1).
    n, n_raters : int
    """

    w: float
    w_uncorrected: float
    chi_square: float
    df: int
    p_value: float
    mean_rank_correlation: float
    n: int
    n_raters: int


def intraclass_correlation(ratings: pd.DataFrame, *, confidence_level: float = 0.95) -> IntraclassCorrelation:
    """Judge how far several raters agree about the same targets.

    Parameters
    ----------
    ratings : DataFrame, targets × raters
        Numbers, missing as NaN; targets that lack a rating are left out, and counted.
    confidence_level : float

    Raises
    ------
    ValueError, TypeError
        For text, infinite numbers, a confidence level outside 0–1.
    InsufficientDataError
        With fewer than two targets or raters, or the same rating everywhere.

    Notes
    -----
    Of the first kind each target has raters of its own, of the second raters are a sample and agreement counts, of the
    third these raters alone matter and consistency counts. Estimates come from mean squares, so that one may be
    negative. R twin: ``psych::ICC(lmer=FALSE)``; where no variance is negative ``lmer=TRUE`` has the same values.

    References
    ----------
    Shrout, P. E., & Fleiss, J. L. (1979). https://doi.org/10.1037/0033-2909.86.2.420. McGraw, K. O., & Wong, S. P.
    (1996). https://doi.org/10.1037/1082-989X.1.1.30
    """
    if not 0 < confidence_level < 1:
        raise ValueError(
            "The 'confidence_level' parameter of intraclass_correlation must be between 0 and 1. "
            f"Got {confidence_level!r} instead."
        )
    values, notes = _complete(ratings)
    found = two_way(values)
    sources = {
        "targets": (found.subjects, found.n - 1),
        "raters": (found.raters, found.k - 1),
        "residual": (found.residual, (found.n - 1) * (found.k - 1)),
        "within": (found.within, found.n * (found.k - 1)),
    }
    squares, df = zip(*sources.values(), strict=True)
    index = pd.Index(list(sources), name="source", dtype="str")
    variances = pd.DataFrame({"mean_square": np.array(squares), "df": np.array(df, dtype=np.int64)}, index=index)
    return IntraclassCorrelation(
        table=intraclass_correlations(found, confidence_level=confidence_level),
        variances=variances,
        n=found.n,
        n_raters=found.k,
        definition={
            "formula": "shrout_fleiss",
            "missing": "listwise",
            "n": found.n,
            "confidence_level": confidence_level,
            "source": "McGraw & Wong (1996)",
        },
        notes=notes,
    )


def kendall_w(ratings: pd.DataFrame) -> Concordance:
    """Judge how far several raters put the same targets in the same order.

    Parameters
    ----------
    ratings : DataFrame, targets × raters
        Numbers, missing as NaN; targets that lack a rating are left out, and counted.

    Raises
    ------
    ValueError, TypeError
        For text or infinite numbers.
    InsufficientDataError
        With fewer than two targets or raters, or raters none of whom tells targets apart.

    Notes
    -----
    With m raters and n targets, R their sums of ranks and T = Σ(t³ − t) over ties of every rater, W = 12 Σ(R − R̄)² /
    (m²(n³ − n) − m T) and χ² = m(n − 1)W. R twin: ``DescTools::KendallW(correct=TRUE)``.

    References
    ----------
    Kendall, M. G., & Babington Smith, B. (1939). https://doi.org/10.1214/aoms/1177732186
    """
    values, notes = _complete(ratings)
    n, m = values.shape
    if n < 2 or m < 2:
        text = "Concordance needs at least two targets and two raters; there are {n} and {k}."
        raise InsufficientDataError(Note("concordance_too_few", text, {"n": n, "k": m}))
    ranks = np.column_stack([stats.rankdata(column) for column in values.T])
    sums = ranks.sum(axis=1)
    spread = 12 * float(((sums - sums.mean()) ** 2).sum())
    whole = m**2 * (n**3 - n)
    left = whole - m * sum(ties(column) for column in values.T)
    if left <= 0:
        text = "No rater tells the targets apart, so there is no order to agree about."
        raise InsufficientDataError(Note("concordance_without_order", text))
    w, df = spread / left, n - 1
    return Concordance(
        w=w,
        w_uncorrected=spread / whole,
        chi_square=m * df * w,
        df=df,
        p_value=float(stats.chi2.sf(m * df * w, df)),
        mean_rank_correlation=(m * w - 1) / (m - 1),
        n=n,
        n_raters=m,
        definition={
            "formula": "kendall_w",
            "missing": "listwise",
            "n": n,
            "source": "Kendall & Babington Smith (1939)",
        },
        notes=notes,
    )


def _complete(ratings: pd.DataFrame) -> tuple[Floats, tuple[Note, ...]]:
    values, _ = numbers(ratings)
    kept = np.asarray(~np.isnan(values).any(axis=1))
    if kept.all():
        return values, ()
    text = "{count} of {received} targets lack a rating and are left out."
    return values[kept], (Note("targets_incomplete", text, {"count": int((~kept).sum()), "received": len(kept)}),)
