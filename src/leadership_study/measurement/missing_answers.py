"""What was not answered: patterns, Little's test, scales answered in part, and imputation held against the answers."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np
import pandas as pd
from scipy import stats

from leadership_study.errors import EstimationError, InsufficientDataError
from leadership_study.measurement._imputation_check import CheckedImputation, check_imputation
from leadership_study.measurement._missing_counts import background_gaps, item_gaps, pattern_table, scale_gaps
from leadership_study.results import Note, Result
from leadership_study.samples.expectation_maximization import NormalMoments, em_moments
from leadership_study.samples.incomplete_normal import squared_distances
from leadership_study.samples.missing_patterns import missing_patterns
from leadership_study.samples.moments import numbers
from leadership_study.scoring import ScoredResponses
from leadership_study.scoring.variables import Variables

Divisor = Literal["n-1", "n"]

_FREQUENT = 10
"""Patterns that are printed; all of them are stored."""
_OVERALL = "all_items"


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class LittleMcar(Result):
    """Little's test of answers missing completely at random.

    Attributes
    ----------
    chi_square, df, p_value
        A small p says that the means differ between patterns of missing answers; a large one proves nothing.
    n, n_empty, n_patterns : int
        Rows with at least one answer, rows without any (left out), patterns of missing answers among the former.
    log_likelihood : float
        Of the observed answers, at the EM estimates.
    means : DataFrame, index ``item``
        ``em_mean`` and ``em_sd`` (divisor n).
    covariance : DataFrame, index ``item``
        EM covariances, divisor n.
    """

    chi_square: float
    df: int
    p_value: float
    n: int
    n_empty: int
    n_patterns: int
    log_likelihood: float
    means: pd.DataFrame
    covariance: pd.DataFrame

    main: ClassVar[str] = "summary"
    shown_as: ClassVar[Mapping[str, str]] = {"covariance": "covariance"}


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class MissingAnswers(Result):
    """Everything about unanswered items.

    Attributes
    ----------
    n_rows, n_complete, n_patterns : int
        Respondents, those who answered every item, patterns of missing items (the complete one included).
    missing_share : float
        Of all cells.
    items : DataFrame, index ``item``
        dimension, n, missing, missing_share, mean and sd of the answers; em_mean, em_sd (divisor n), missing where EM
        moments do not exist.
    scales : DataFrame, index ``dimension``
        n_items, how many respondents answered all of them (complete), enough of them (partly), too few (too_few), none,
        and how many so have a score (n) by the least share ``min_answered``.
    background : DataFrame, index ``variable``
        n, missing, missing_share; who was not asked has no gap.
    tests : DataFrame, index ``dimension``
        Little's test over all items (``all_items``) and for each dimension: chi_square, df, p_value, n, n_patterns.
    patterns, frequent : DataFrame, index ``pattern``
        All patterns, and the most frequent ones: n, share, n_missing, and the missing items.
    imputed : DataFrame, index ``variable``
        How imputed values compare with answers; see `check_imputation`. Empty without gaps or with ``datasets=0``.
    chains : DataFrame, index ``variable``, ``dataset``, ``iteration``
        mean and sd of the imputed values after each iteration.
    distributions : DataFrame, index ``variable``, ``value``
        Shares of each value among answers and imputed values.
    """

    n_rows: int
    n_complete: int
    n_patterns: int
    missing_share: float
    items: pd.DataFrame
    scales: pd.DataFrame
    background: pd.DataFrame
    tests: pd.DataFrame
    frequent: pd.DataFrame
    patterns: pd.DataFrame
    imputed: pd.DataFrame
    chains: pd.DataFrame
    distributions: pd.DataFrame

    main: ClassVar[str] = "items"


def little_mcar(items: pd.DataFrame, *, divisor: Divisor = "n-1") -> LittleMcar:
    """Test whether answers are missing completely at random.

    Parameters
    ----------
    items : DataFrame of numbers, rows × items
        Missing answers are NaN. Rows without any answer are left out and counted.
    divisor : {"n-1", "n"}
        The covariances used: EM's times n/(n − 1), as Little has it, or the maximum-likelihood ones.

    Raises
    ------
    InsufficientDataError
        When all rows have the same items, so that there is nothing to compare, or EM moments do not exist.
    ConvergenceError
        When EM does not settle.
    TypeError, ValueError
        Columns that are not finite numbers, or an unknown option.

    Notes
    -----
    d² = Σ_j n_j (ȳ_j − μ_j)ᵀ Σ_j⁻¹ (ȳ_j − μ_j) over the patterns j, each with the items it has; df = Σ_j p_j − p. The χ²
    distribution takes the answers as normal and the patterns as not too small.

    References
    ----------
    Little, R. J. A. (1988). A test of missing completely at random for multivariate data with missing values. Journal of
    the American Statistical Association, 83, 1198–1202. https://doi.org/10.1080/01621459.1988.10478722. R twin:
    ``naniar::mcar_test`` (from ``norm::em.norm``, so with the divisor n).
    """  # noqa: E501
    if divisor not in ("n-1", "n"):
        raise ValueError(f"The 'divisor' parameter of little_mcar must be one of 'n-1', 'n'. Got {divisor!r} instead.")
    values, _ = numbers(items)
    seen = ~np.isnan(values[~np.isnan(values).all(axis=1)])
    if len(seen) == 0 or (seen == seen[0]).all():
        text = "Every respondent answered the same items, so there are no patterns of missing answers to compare."
        raise InsufficientDataError(Note("one_missing_pattern", text))
    moments = em_moments(items)
    scale = 1.0 if divisor == "n" else moments.n / (moments.n - 1)
    covariance = moments.covariance.to_numpy() * scale
    chi_square = float(squared_distances(moments.patterns, moments.means.to_numpy(), covariance).sum())
    df = sum(len(pattern.observed) for pattern in moments.patterns) - moments.patterns.n_columns
    return LittleMcar(
        chi_square=chi_square,
        df=df,
        p_value=float(stats.chi2.sf(chi_square, df)),
        n=moments.n,
        n_empty=moments.n_empty,
        n_patterns=len(moments.patterns),
        log_likelihood=moments.log_likelihood,
        means=_em_columns(moments),
        covariance=moments.covariance,
        definition={
            "formula": "little_mcar",
            "matrix": "em_covariance",
            "divisor": divisor,
            "missing": "em",
            "n": moments.n,
            "source": "Little (1988)",
        },
        notes=(_not_proof(),),
    )


def run(
    scored: ScoredResponses,
    *,
    items: Variables = ("items",),
    divisor: Divisor = "n-1",
    datasets: int = 5,
    iterations: int = 20,
    seed: int = 0,
) -> MissingAnswers:
    """Describe the gaps in ``items``; ``datasets`` imputations of ``iterations`` rounds show whether chains settle."""
    for name, value, least in (("datasets", datasets, 0), ("iterations", iterations, 2)):
        if value < least or (name == "datasets" and value == 1):
            raise ValueError(
                f"The '{name}' parameter of missing_answers must be at least 2 (datasets: or 0). Got {value}."
            )
    wanted = [name for name in scored.expand(items) if name in scored.items]
    if not wanted:
        raise InsufficientDataError(Note("no_items_named", "No item was named, so there are no gaps to describe."))
    frame = scored.items[wanted]
    found = missing_patterns(frame.to_numpy(dtype=float))
    table = item_gaps(frame, scored.instrument)
    tests, notes = _tests(scored, wanted, divisor)
    try:
        table = table.join(_em_columns(em_moments(frame)))
    except EstimationError as error:
        table = table.assign(em_mean=np.nan, em_sd=np.nan)
        notes.append(Note("em_not_estimated", "There are no EM means: {reason}", {"reason": error.note}))
    checked = CheckedImputation.empty()
    try:
        if datasets:
            checked = check_imputation(scored, datasets=datasets, iterations=iterations, seed=seed)
    except EstimationError as error:
        notes.append(Note("imputation_not_checked", "Nothing was imputed: {reason}", {"reason": error.note}))
    patterns = pattern_table(found, wanted)
    gaps = int(frame.isna().to_numpy().sum())
    return MissingAnswers(
        n_rows=len(frame),
        n_complete=int(frame.notna().all(axis=1).sum()),
        n_patterns=len(patterns),
        missing_share=gaps / frame.size,
        items=table,
        scales=scale_gaps(scored),
        background=background_gaps(scored),
        tests=tests,
        frequent=patterns.iloc[:_FREQUENT],
        patterns=patterns,
        imputed=checked.imputed,
        chains=checked.chains,
        distributions=checked.distributions,
        definition=_definition(scored, divisor, len(checked.imputed), datasets, iterations),
        notes=(*notes, *checked.notes),
    )


def _definition(scored: ScoredResponses, divisor: str, imputed: int, datasets: int, iterations: int) -> dict[str, Any]:
    found: dict[str, Any] = {
        "formula": "little_mcar",
        "divisor": divisor,
        "min_answered": scored.rule.min_answered,
        "n_rows": len(scored.items),
        "source": "Little (1988)",
    }
    return found | ({"imputations": datasets, "iterations": iterations} if imputed else {})


def _tests(scored: ScoredResponses, wanted: list[str], divisor: Divisor) -> tuple[pd.DataFrame, list[Note]]:
    """Little's test of all items and of each dimension; a note where there is none, unless nothing is missing."""
    sets = {_OVERALL: wanted}
    for dimension in scored.instrument.dimension_ids:
        own = [item for item in scored.instrument.item_ids(dimension) if item in wanted]
        if len(own) > 1 and own != wanted:
            sets[dimension] = own
    rows, notes = {}, []
    for name, own in sets.items():
        try:
            test = little_mcar(scored.items[own], divisor=divisor)
        except EstimationError as error:
            if scored.items[own].isna().to_numpy().any():
                text = "{dimension} has no test of its missing answers: {reason}"
                notes.append(Note("little_not_estimated", text, {"dimension": name, "reason": error.note}))
            continue
        rows[name] = [test.chi_square, test.df, test.p_value, test.n, test.n_patterns]
    columns = {"chi_square": "float64", "df": "int64", "p_value": "float64", "n": "int64", "n_patterns": "int64"}
    table = pd.DataFrame.from_dict(rows, orient="index", columns=list(columns)).astype(columns)
    table.index = pd.Index(list(rows), name="dimension", dtype="str")
    return table, [*([_not_proof()] if rows else []), *notes]


def _not_proof() -> Note:
    text = (
        "A large p of Little's test does not show that answers are missing completely at random; whether they depend "
        "on what was not answered cannot be tested."
    )
    return Note("little_is_no_proof", text)


def _em_columns(moments: NormalMoments) -> pd.DataFrame:
    return pd.DataFrame(
        {"em_mean": moments.means, "em_sd": np.sqrt(np.diag(moments.covariance.to_numpy()))}
    ).rename_axis("item")
