"""What a scale's scores tell about groups: consistency inside and between them, and the reliability of their means."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from leadership_study.errors import ConvergenceError, InsufficientDataError
from leadership_study.measurement._alpha_coefficients import coefficients
from leadership_study.results import Note
from leadership_study.samples.one_way import OneWay, one_way
from leadership_study.samples.variance_components import three_levels, two_levels

Matrix = NDArray[np.float64]

COLUMNS = ("n", "n_groups", "mean_group_size", "icc1", "reliability", "alpha_within", "alpha_between")


@dataclass(frozen=True)
class GroupLevels:
    """Rows of a table, one a level of groups from the inner to the outer, and what could not be said."""

    rows: dict[str, tuple[float, ...]]
    notes: tuple[Note, ...]


def group_levels(items: pd.DataFrame, groups: pd.DataFrame) -> GroupLevels:
    """Describe a scale (the mean of ``items``) at each level of ``groups``.

    Parameters
    ----------
    items : DataFrame of numbers, respondents × items
        Rows with a missing answer or an unknown group are left out.
    groups : DataFrame, the same index
        Columns from the innermost level (school) to the outermost (head).

    Returns
    -------
    GroupLevels
        Per level `COLUMNS`: respondents, groups, respondents a group; ``icc1``, the share of the variance of scores
        that lies between the groups of this level (and not inside an outer one), by REML; ``reliability`` of a group's
        mean, σ²/(σ² + what every level below adds), with harmonic mean numbers of units and raters; ``alpha_within``
        and ``alpha_between`` of the items' covariances inside and between the groups of this level.

    Notes
    -----
    Between-group covariances are (MSB − MSW)/k₀ of the one-way multivariate analysis of variance, k₀ = (N − Σn²/N)/(G −
    1); with outer groups present, the outer ones' variance is part of it. Alpha of them is NaN where the groups do not
    differ more than chance has it. Geldhof, Preacher and Zyphur (2014), https://doi.org/10.1037/a0032138; O'Brien
    (1990), https://doi.org/10.2307/2096159. With more than two levels, the two outermost count.
    """
    known = items.notna().all(axis=1) & groups.notna().all(axis=1)
    values = items[known].to_numpy(dtype=np.float64)
    names = list(groups.columns)
    codes = {name: pd.factorize(groups.loc[known, name], sort=True)[0].astype(np.int64) for name in names}
    # Schools of two districts may bear the same name: a unit is a unit inside its outer group.
    for inner, outer in reversed(list(pairwise(names))):
        codes[inner] = np.unique(np.stack([codes[outer], codes[inner]]), axis=1, return_inverse=True)[1].ravel()
    rows: dict[str, tuple[float, ...]] = {}
    notes: list[Note] = []
    scores = values.mean(axis=1)
    for name in names:
        try:
            analysis = one_way(scores, codes[name])
        except InsufficientDataError as trouble:
            text = "{group}: {reason}"
            notes.append(Note("group_level_left_out", text, {"group": name, "reason": trouble.note}))
            continue
        within, between = _covariances(values, codes[name], analysis)
        shares = _shares(scores, codes, names, name, analysis)
        if isinstance(shares, Note):
            notes.append(shares)
            shares = (np.nan, np.nan)
        rows[name] = (
            float(analysis.n), float(len(analysis.sizes)), analysis.mean_size, *shares, _alpha(within), _alpha(between)
        )  # fmt: skip
    return GroupLevels(rows, tuple(notes))


def _covariances(values: Matrix, codes: NDArray[np.int64], analysis: OneWay) -> tuple[Matrix, Matrix]:
    centred = values - values.mean(axis=0)
    sums = np.zeros((len(analysis.sizes), values.shape[1]))
    np.add.at(sums, codes, centred)
    means = sums / analysis.sizes[:, None]
    inside = centred - means[codes]
    within = inside.T @ inside / analysis.df2
    between = (means * analysis.sizes[:, None]).T @ means / analysis.df1
    return within, (between - within) / analysis.adjusted_size


def _alpha(covariance: Matrix) -> float:
    """Alpha, or NaN where the covariances leave no variance to the items or to their sum."""
    variances = np.diag(covariance)
    if len(covariance) < 2 or (variances <= 0).any() or not covariance.sum() > 1e-12 * variances.sum():
        return float("nan")
    return coefficients(covariance)["alpha"]


def _shares(
    scores: Matrix, codes: dict[str, NDArray[np.int64]], names: list[str], name: str, analysis: OneWay
) -> tuple[float, float] | Note:
    """ICC(1) and the reliability of a mean of the groups ``name``."""
    at = names.index(name)
    if at == 0:  # a school's mean tells about the school in its district: both variances are its own
        found = two_levels(scores, codes[name])
        raters, units = _harmonic(analysis.sizes), 1.0
    else:
        inner = codes[names[at - 1]]
        try:
            one_way(scores, inner)  # refuses what has no variance inside units
            of_unit = codes[name][np.unique(inner, return_index=True)[1]]
            found = three_levels(scores, inner, codes[name])
        except (InsufficientDataError, ConvergenceError) as trouble:
            text = "{group}: {reason}"
            return Note("group_level_left_out", text, {"group": name, "reason": trouble.note})
        units, raters = _harmonic(np.bincount(of_unit)), _harmonic(analysis.sizes)
    total = found.group + found.unit + found.residual
    mean = found.group + found.unit / units + found.residual / raters
    return (found.group / total if total > 0 else np.nan, found.group / mean if mean > 0 else np.nan)


def _harmonic(sizes: NDArray[np.int64]) -> float:
    return float(len(sizes) / (1 / sizes).sum())
