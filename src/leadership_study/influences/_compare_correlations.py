"""Whether two correlations differ: of one sample with a variable in common, or of two groups."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from leadership_study.errors import InsufficientDataError
from leadership_study.influences._columns import numbers_of
from leadership_study.influences._groups import coded, column_of, natural
from leadership_study.results import Note, Result


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class CorrelationDifference(Result):
    """Two correlations compared.

    Attributes
    ----------
    r1, r2, difference : float
        difference = r1 − r2, with ci_low and ci_high.
    n1, n2 : int
    statistic, df, p_value : float
        Williams' t, or z (df NaN).
    """

    r1: float
    r2: float
    n1: int
    n2: int
    difference: float
    ci_low: float
    ci_high: float
    statistic: float
    df: float
    p_value: float


def compare_dependent_correlations(
    data: pd.DataFrame, x: str, y: str, z: str, *, confidence_level: float = 0.95
) -> CorrelationDifference:
    """Compare r(x, y) with r(x, z) over the rows that have all three.

    Parameters
    ----------
    data : DataFrame
    x, y, z : str
        Columns of numbers; ``x`` is in both correlations.
    confidence_level : float

    Raises
    ------
    ValueError, TypeError
        For unknown columns, columns without numbers.
    InsufficientDataError
        With fewer than five rows, or a variable that does not vary or follows from the others.

    Notes
    -----
    Williams' t with n − 3 degrees of freedom; the interval is Zou's (2007). R twin: ``psych::r.test``.

    References
    ----------
    Steiger, J. H. (1980). https://doi.org/10.1037/0033-2909.87.2.245. Zou, G. Y. (2007).
    https://doi.org/10.1037/1082-989X.12.4.399
    """
    _level(confidence_level, "compare_dependent_correlations")
    values = _complete(data, [x, y, z])
    n = len(values)
    if n < 5:
        text = "Comparing correlations needs five rows with all variables or more; there are {n}."
        raise InsufficientDataError(Note("correlations_too_few", text, {"n": n}))
    _varies(values, [x, y, z])
    matrix = np.corrcoef(values.T)
    r12, r13, r23 = float(matrix[0, 1]), float(matrix[0, 2]), float(matrix[1, 2])
    determinant = 1 - r12**2 - r13**2 - r23**2 + 2 * r12 * r13 * r23
    if determinant <= 1e-12:
        text = "One of {variables} follows exactly from the others, so their correlations cannot be compared."
        raise InsufficientDataError(Note("correlations_determined", text, {"variables": ", ".join([x, y, z])}))
    below = 2 * (n - 1) / (n - 3) * determinant + (r12 + r13) ** 2 / 4 * (1 - r23) ** 3
    t = (r12 - r13) * float(np.sqrt((n - 1) * (1 + r23) / below))
    between = (r23 - r12 * r13 / 2) * (1 - r12**2 - r13**2 - r23**2) + r23**3
    low, high = _zou(r12, n, r13, n, between / ((1 - r12**2) * (1 - r13**2)), confidence_level)
    return CorrelationDifference(
        r1=r12,
        r2=r13,
        n1=n,
        n2=n,
        difference=r12 - r13,
        ci_low=low,
        ci_high=high,
        statistic=t,
        df=float(n - 3),
        p_value=float(2 * stats.t.sf(abs(t), n - 3)),
        definition={"test": "williams_t", "missing": "listwise", "n": n, "interval": "zou", "source": "Steiger (1980)",
                    "confidence_level": confidence_level},
    )  # fmt: skip


def compare_independent_correlations(
    data: pd.DataFrame, x: str, y: str, group: str, *, confidence_level: float = 0.95
) -> CorrelationDifference:
    """Compare r(x, y) of the two groups of the column ``group`` (the first in natural order less the second).

    Raises
    ------
    ValueError, TypeError
        For unknown columns, columns without numbers, other than two groups.
    InsufficientDataError
        With fewer than four rows in a group, or a variable that does not vary there.

    Notes
    -----
    Fisher's z with 1/(n₁ − 3) + 1/(n₂ − 3); the interval is Zou's (2007). R twin: ``psych::r.test(n=, n2=)``.

    References
    ----------
    Fisher, R. A. (1921). Metron, 1, 3–32. Zou, G. Y. (2007). https://doi.org/10.1037/1082-989X.12.4.399
    """
    _level(confidence_level, "compare_independent_correlations")
    codes, names = coded(column_of(data, group, "grouping column"), "groups", "compare_independent_correlations")
    if len(names) != 2:
        raise ValueError(f"Correlations are compared between two groups; {group!r} has {len(names)}.")
    order = sorted(range(2), key=lambda at: natural(names[at]))
    r, sizes = [], []
    for at in order:
        values = _complete(data[codes == at], [x, y])
        if len(values) < 4:
            text = "Comparing correlations needs four rows in each group or more; {group} has {n}."
            raise InsufficientDataError(
                Note("correlations_group_too_small", text, {"group": names[at], "n": len(values)})
            )
        _varies(values, [x, y])
        r.append(float(np.clip(np.corrcoef(values.T)[0, 1], -1, 1)))
        sizes.append(len(values))
    if max(map(abs, r)) >= 1 - 1e-12:
        text = "One of {variables} follows exactly from the others, so their correlations cannot be compared."
        raise InsufficientDataError(Note("correlations_determined", text, {"variables": f"{x}, {y}"}))
    z = float((np.arctanh(r[0]) - np.arctanh(r[1])) / np.sqrt(1 / (sizes[0] - 3) + 1 / (sizes[1] - 3)))
    low, high = _zou(r[0], sizes[0], r[1], sizes[1], 0.0, confidence_level)
    return CorrelationDifference(
        r1=r[0],
        r2=r[1],
        n1=sizes[0],
        n2=sizes[1],
        difference=r[0] - r[1],
        ci_low=low,
        ci_high=high,
        statistic=z,
        df=np.nan,
        p_value=float(2 * stats.norm.sf(abs(z))),
        definition={"test": "fisher_z", "missing": "listwise", "n": sum(sizes), "interval": "zou",
                    "confidence_level": confidence_level},
    )  # fmt: skip


def _zou(r1: float, n1: int, r2: float, n2: int, between: float, level: float) -> tuple[float, float]:
    """Limits of r1 − r2 from those of each; ``between`` is the correlation of the two estimates."""
    half = float(stats.norm.ppf((1 + level) / 2))
    low1, high1 = np.tanh(np.arctanh(r1) + np.array([-1, 1]) * half / np.sqrt(n1 - 3))
    low2, high2 = np.tanh(np.arctanh(r2) + np.array([-1, 1]) * half / np.sqrt(n2 - 3))

    def reach(a: float, b: float) -> float:
        return float(np.sqrt(max(a**2 + b**2 - 2 * between * a * b, 0.0)))

    away = r1 - r2
    return away - reach(r1 - low1, high2 - r2), away + reach(high1 - r1, r2 - low2)


def _complete(data: pd.DataFrame, names: list[str]) -> np.ndarray:
    columns = [numbers_of(column_of(data, name, "variable"), name) for name in names]
    values = np.column_stack(columns)
    if np.isinf(values).any():
        raise ValueError(f"One of {', '.join(names)} holds an infinite number; correct it or mark it as missing.")
    return np.asarray(values[~np.isnan(values).any(axis=1)])


def _varies(values: np.ndarray, names: list[str]) -> None:
    for at, name in enumerate(names):
        if values[:, at].min() == values[:, at].max():
            text = "{variable} has the same value in all {n} rows used, so it has no correlations."
            raise InsufficientDataError(Note("variable_does_not_vary", text, {"variable": name, "n": len(values)}))


def _level(level: float, function: str) -> None:
    if not 0 < level < 1:
        raise ValueError(
            f"The 'confidence_level' parameter of {function} must be between 0 and 1. Got {level!r} instead."
        )
