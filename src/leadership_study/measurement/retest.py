"""Retest reliability: the same respondents asked the same questions twice."""

import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd
from scipy import stats

from leadership_study.errors import InsufficientDataError, PlanError
from leadership_study.measurement import _checks
from leadership_study.results import Note, Result
from leadership_study.samples.moments import numbers
from leadership_study.samples.two_way import intraclass_correlations, two_way
from leadership_study.scoring import ScoredResponses, Variables

__all__ = ["Retest", "retest_reliability", "run"]

_FEWEST = 3


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Retest(Result):
    """Retest reliability of several scores.

    Attributes
    ----------
    table : DataFrame
        Index ``variable``: n (respondents with both scores), mean_first, mean_second, change (second − first) with
        change_ci_low, change_ci_high, correlation (Pearson) with ci_low, ci_high (Fisher), agreement (ICC(2,1): level
        and order) with agreement_ci_low, agreement_ci_high, consistency (ICC(3,1): order only),
        std_error_of_measurement (√ of the residual mean square) and smallest_detectable_change (1.96 √2 of it).
    n_first, n_second, n_both : int
        Respondents asked first, asked again, and found in both.
    """

    main: ClassVar[str] = "table"

    table: pd.DataFrame
    n_first: int
    n_second: int
    n_both: int


def retest_reliability(first: pd.DataFrame, second: pd.DataFrame, *, confidence_level: float = 0.95) -> Retest:
    """Compare the scores of two occasions, respondent by respondent.

    Parameters
    ----------
    first, second : DataFrame of numbers
        One column a score, the same columns; the index names the respondents, those of both are used. A score missing
        on either occasion leaves that respondent out of that row.
    confidence_level : float
        Of all intervals.

    Raises
    ------
    InsufficientDataError
        Fewer than three respondents with both scores, or scores that do not vary.
    ValueError
        Different columns, or a respondent twice on one occasion.

    Notes
    -----
    R twins: ``cor.test``, ``psych::ICC(lmer=FALSE)``. Retest correlations mix what is unstable in people with what is
    imprecise in the questionnaire.

    References
    ----------
    McGraw and Wong (1996), 10.1037/1082-989X.1.1.30. Weir (2005), 10.1519/15184.1.
    """
    _checks.inside_unit(confidence_level, name="confidence_level", function="retest_reliability")
    numbers(first)
    numbers(second)
    if list(first.columns) != list(second.columns):
        raise ValueError("The 'second' parameter of retest_reliability must have the columns of 'first'.")
    for name, frame in (("first", first), ("second", second)):
        if not frame.index.is_unique:
            twice = frame.index[frame.index.duplicated()][0]
            raise ValueError(f"The '{name}' parameter of retest_reliability has the respondent {twice!r} twice.")
    both = first.index.intersection(second.index)
    rows, notes = {}, []
    for column in first.columns:
        pair = np.column_stack([first.loc[both, column], second.loc[both, column]]).astype(float)
        try:
            rows[column] = _row(pair[~np.isnan(pair).any(axis=1)], confidence_level)
        except InsufficientDataError as trouble:
            notes.append(
                Note(
                    "variable_left_out",
                    "{variable} is left out: {reason}",
                    {"variable": column, "reason": trouble.note},
                )
            )
    if not rows:
        raise InsufficientDataError(notes[0])
    return Retest(
        table=pd.DataFrame.from_dict(rows, orient="index").rename_axis("variable"),
        n_first=len(first),
        n_second=len(second),
        n_both=len(both),
        definition={
            "formula": "retest_reliability",
            "confidence_level": confidence_level,
            "missing": "pairwise",
            "n": len(both),
            "source": "McGraw and Wong (1996)",
        },
        notes=tuple(notes),
    )


def run(
    scored: ScoredResponses,
    *,
    first: str,
    second: str,
    variables: Variables = ("dimensions",),
    confidence_level: float = 0.95,
) -> Retest:
    """Retest reliability of ``variables`` from two blocks of responses (waves); name both in ``of`` too.

    Parameters
    ----------
    first, second : ids of [[responses]] blocks
        Respondents are matched by their id.
    variables : ids of dimensions, items or numbers

    Raises
    ------
    PlanError
        When a block is not among those that the analysis uses.
    InsufficientDataError
        When fewer than three respondents answered both times.
    """
    scores = {}
    for block in (first, second):
        known = list(dict.fromkeys(scored.block))
        if block not in known:
            raise PlanError(
                f"The retest needs the answers of {block!r}, and the block uses those of {', '.join(known)}; name both "
                "in 'of'."
            )
        frame = scored.of([block]).frame(variables)
        scores[block] = frame.set_axis(frame.index.str.removeprefix(f"{block}/"), axis="index")
    return retest_reliability(scores[first], scores[second], confidence_level=confidence_level)


def _row(pair: np.ndarray, confidence_level: float) -> dict[str, float]:
    n = len(pair)
    if n < _FEWEST:
        text = "{n} respondents have both scores; at least {needed} are needed."
        raise InsufficientDataError(Note("retest_too_few", text, {"n": n, "needed": _FEWEST}))
    if (np.ptp(pair, axis=0) == 0).any():
        text = "The scores of one occasion do not vary."
        raise InsufficientDataError(Note("retest_constant", text))
    found = two_way(pair)
    coefficients = intraclass_correlations(found, confidence_level=confidence_level)
    change = pair[:, 1] - pair[:, 0]
    tail = (1 - confidence_level) / 2
    margin = float(stats.t.isf(tail, n - 1)) * change.std(ddof=1) / math.sqrt(n)
    r = float(np.corrcoef(pair.T)[0, 1])
    low = high = math.nan
    if n > _FEWEST and abs(r) < 1:
        spread = float(stats.norm.isf(tail)) / math.sqrt(n - 3)
        low, high = math.tanh(math.atanh(r) - spread), math.tanh(math.atanh(r) + spread)
    agreement, consistency = coefficients.to_numpy(dtype=float)[[1, 2]]
    error = math.sqrt(found.residual)
    return {
        "n": n,
        "mean_first": float(pair[:, 0].mean()),
        "mean_second": float(pair[:, 1].mean()),
        "change": float(change.mean()),
        "change_ci_low": float(change.mean() - margin),
        "change_ci_high": float(change.mean() + margin),
        "correlation": r,
        "ci_low": low,
        "ci_high": high,
        "agreement": float(agreement[0]),
        "agreement_ci_low": float(agreement[-2]),
        "agreement_ci_high": float(agreement[-1]),
        "consistency": float(consistency[0]),
        "std_error_of_measurement": error,
        "smallest_detectable_change": 1.96 * math.sqrt(2) * error,
    }
