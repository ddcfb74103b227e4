"""Different raters for predictor and outcome: half of a head's raters give one, the other half the other.

When the same people rate a leader and report an outcome, a mood or a general opinion colours both and makes them go
together. Halves of a group's raters do not share a person, so what goes together over the groups cannot come from that.
"""

from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from leadership_study.errors import InsufficientDataError
from leadership_study.influences._design import from_columns
from leadership_study.influences._groups import Clusters
from leadership_study.influences._path_design import refuse_constant, refuse_text
from leadership_study.influences._scored import chosen_group
from leadership_study.results import Note, Result
from leadership_study.samples.bootstrap_limits import percentile_limits
from leadership_study.samples.random_halves import half_means
from leadership_study.samples.resampling import block_sizes, row_weights
from leadership_study.scoring import ScoredResponses, Variable
from leadership_study.scoring.dimensions import unweighted

DIFFERENT, SAME_HALF, ALL, DIFFERENCE = "different_raters", "same_half", "all_raters", "same_less_different"

_FEW_GROUPS = 20
_LEAST_GROUPS = 4
_HALVINGS = 25  # the median over these stands for the median over all, in each bootstrap sample
_OWN_STREAM = 1 << 20
Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class SplitRaters(Result):
    """An association between groups with different raters for both variables.

    Attributes
    ----------
    estimates : DataFrame, index ``raters``
        ``different_raters`` (x of one half, y of the other), ``same_half`` (both of one half: as many raters, but the
        same ones), ``same_less_different`` (the difference of these two), ``all_raters`` (both of all raters):
        ``estimate``, the correlation of the groups' means (median over the splits), bootstrap_error, ci_low, ci_high
        by a bootstrap of groups, its lowest and highest value over the splits, and slope (median) with slope_ci_low and
        slope_ci_high.
    splits : DataFrame, index ``split``
        The correlation of each split: different_raters, same_half.
    groups : int
        Groups used.
    """

    estimates: pd.DataFrame
    splits: pd.DataFrame
    groups: int

    main: ClassVar[str] = "estimates"


def split_raters(
    data: pd.DataFrame,
    x: str,
    y: str,
    group: Clusters,
    *,
    splits: int = 1000,
    bootstrap: int = 5000,
    least_raters: int = 4,
    seed: int,
    confidence_level: float = 0.95,
) -> SplitRaters:
    """Relate ``x`` of one half of each group's raters to ``y`` of the other half.

    Parameters
    ----------
    data : DataFrame
        One row a rater. Rows without x, y or a group are left out, and counted.
    x, y : str
        Columns of numbers.
    group : column label, Series or array
        Who is rated.
    splits : int
        Random halvings of all groups, 10 or more.
    bootstrap : int
        Samples of groups for the intervals, 100 or more; each takes the median over other halvings.
    least_raters : int
        Groups with fewer raters (at least 2) are left out, and counted.
    seed : int
    confidence_level : float

    Raises
    ------
    ValueError, TypeError
        For unknown variables, text, and numbers that are too small.
    InsufficientDataError
        With fewer than 4 groups of enough raters, or a variable that does not vary.

    Notes
    -----
    Means of half the raters are less reliable than those of all, so the association between different raters is to be
    compared with ``same_half``, not with ``all_raters``: their difference is what sharing the raters adds. Groups count
    alike. The limits hold for sampling of groups; the range over the splits shows how much depends on the halving.

    References
    ----------
    Podsakoff, P. M., MacKenzie, S. B., & Podsakoff, N. P. (2012). Annual Review of Psychology, 63, 539–569.
    https://doi.org/10.1146/annurev-psych-120710-100452. Ostroff, C., Kinicki, A. J., & Clark, M. A. (2002). Journal of
    Applied Psychology, 87, 355–368. https://doi.org/10.1037/0021-9010.87.2.355
    """
    _check(splits, bootstrap, least_raters, seed, confidence_level)
    refuse_text(data, [x, y], "split_raters")
    design = from_columns(y, [x], data, group, "split_raters")
    refuse_constant(design, [1])
    values, codes, left_out = _enough(
        np.column_stack([design.matrix[:, 1], design.outcome]), design.codes, least_raters
    )
    first, second = half_means(values, codes, splits, seed)
    sizes = np.bincount(codes)
    means = np.column_stack([np.bincount(codes, column) / sizes for column in values.T])
    if (np.ptp(means, axis=0) == 0).any():
        raise InsufficientDataError(
            Note("group_means_alike", "The groups have the same mean, so nothing can go with it between groups.")
        )
    n = len(sizes)
    ones = np.ones((1, n))
    halves = {DIFFERENT: (first[:, :, 0], second[:, :, 1]), SAME_HALF: (first[:, :, 0], first[:, :, 1])}
    whole = (means[None, :, 0], means[None, :, 1])
    observed = {name: _statistics(*pair, ones) for name, pair in halves.items()}
    drawn = {name: [] for name in (DIFFERENT, SAME_HALF, ALL)}  # type: dict[str, list[Floats]]
    at = 0
    for block, size in enumerate(block_sizes(bootstrap)):
        weights = row_weights(n, size, seed, _OWN_STREAM + block)
        which = np.arange(at * _HALVINGS, (at + size) * _HALVINGS) % splits
        for name, (one, two) in halves.items():
            found = _statistics(one[which], two[which], np.repeat(weights, _HALVINGS, axis=0))
            drawn[name].append(np.median(found.reshape(size, _HALVINGS, 2), axis=1))
        drawn[ALL].append(_statistics(*whole, weights))
        at += size
    draws = {name: np.concatenate(parts) for name, parts in drawn.items()}
    observed[DIFFERENCE] = observed[SAME_HALF] - observed[DIFFERENT]
    draws[DIFFERENCE] = draws[SAME_HALF] - draws[DIFFERENT]
    observed[ALL] = _statistics(*whole, ones)
    notes = [*design.notes]
    if left_out:
        text = "{left_out} groups have fewer than {least} raters and are left out."
        notes.append(Note("groups_with_few_raters", text, {"left_out": left_out, "least": least_raters}))
    if n < _FEW_GROUPS:
        text = (
            "Only {groups} groups are resampled: a bootstrap over fewer than 20 groups gives limits that are too close."
        )
        notes.append(Note("bootstrap_few_groups", text, {"groups": n}))
    rows = {
        name: _row(observed[name], draws[name], confidence_level) for name in (DIFFERENT, SAME_HALF, DIFFERENCE, ALL)
    }
    return SplitRaters(
        estimates=pd.DataFrame.from_dict(rows, orient="index").rename_axis("raters"),
        splits=pd.DataFrame(
            {name: observed[name][:, 0] for name in (DIFFERENT, SAME_HALF)},
            index=pd.Index([str(number) for number in range(1, splits + 1)], name="split"),
        ),
        groups=n,
        definition={
            "formula": "split_raters",
            "predictor": x,
            "outcome": y,
            "missing": "listwise",
            "n": len(codes),
            "n_groups": n,
            "splits": splits,
            "bootstrap": bootstrap,
            "resampled": "whole_groups",
            "confidence_level": confidence_level,
            "source": "Podsakoff, MacKenzie & Podsakoff (2012); Ostroff, Kinicki & Clark (2002)",
        },
        notes=tuple(notes),
    )


def run(
    scored: ScoredResponses,
    *,
    x: Variable,
    y: Variable,
    group: Variable | None = None,
    splits: int = 1000,
    bootstrap: int = 5000,
    least_raters: int = 4,
    seed: int,
    confidence_level: float = 0.95,
) -> SplitRaters:
    """Split the raters of each of the outermost groups, or of ``group``."""
    group = chosen_group(scored, group)
    if group is None:
        raise InsufficientDataError(
            Note("no_groups_to_split", "The answers are not nested in groups, so there are no raters to divide.")
        )
    data = scored.frame([x, y])
    result = split_raters(
        data, x, y, scored.groups[group], splits=splits, bootstrap=bootstrap, least_raters=least_raters, seed=seed,
        confidence_level=confidence_level,
    )  # fmt: skip
    definition = {**result.definition, "group": group}
    return replace(result, definition=definition, notes=(*result.notes, *unweighted(scored)))


def _check(splits: int, bootstrap: int, least_raters: int, seed: int, confidence_level: float) -> None:
    for name, value, least in (
        ("splits", splits, 10), ("bootstrap", bootstrap, 100), ("least_raters", least_raters, 2), ("seed", seed, 0),
    ):  # fmt: skip
        if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < least:
            raise ValueError(
                f"The {name!r} parameter of split_raters must be a whole number from {least}. Got {value!r} instead."
            )
    if not 0 < confidence_level < 1:
        raise ValueError(
            f"The 'confidence_level' parameter of split_raters must be between 0 and 1. Got {confidence_level!r} "
            "instead."
        )


def _enough(values: Floats, codes: NDArray[np.int64] | None, least: int) -> tuple[Floats, NDArray[np.int64], int]:
    """Rows of groups with at least ``least`` raters, their codes anew, and how many groups are left out."""
    if codes is None:
        raise ValueError("Groups are needed to divide their raters.")
    sizes = np.bincount(codes)
    keep = sizes[codes] >= least
    if (found := int((sizes >= least).sum())) < _LEAST_GROUPS:
        text = "Only {groups} groups have {least} raters or more; an association between groups needs four."
        raise InsufficientDataError(Note("too_few_groups_to_split", text, {"groups": found, "least": least}))
    return values[keep], np.unique(codes[keep], return_inverse=True)[1].astype(np.int64), len(sizes) - found


def _statistics(one: Floats, two: Floats, weights: Floats) -> Floats:
    """Correlation and slope of ``two`` on ``one`` (r × g) over groups with ``weights`` (r × g or 1 × g): r × 2."""
    total = weights.sum(axis=1, keepdims=True)
    a = one - (weights * one).sum(axis=1, keepdims=True) / total
    b = two - (weights * two).sum(axis=1, keepdims=True) / total
    products = (weights * a * b).sum(axis=1)
    squares_a, squares_b = (weights * a**2).sum(axis=1), (weights * b**2).sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.column_stack([products / np.sqrt(squares_a * squares_b), products / squares_a])


def _row(observed: Floats, draws: Floats, level: float) -> dict[str, float]:
    limits = percentile_limits(draws, level)
    middle, lowest, highest = np.median(observed, axis=0), observed.min(axis=0), observed.max(axis=0)
    return {
        "estimate": float(middle[0]),
        "bootstrap_error": float(np.nanstd(draws[:, 0], ddof=1)),
        "ci_low": float(limits[0, 0]),
        "ci_high": float(limits[0, 1]),
        "lowest": float(lowest[0]),
        "highest": float(highest[0]),
        "slope": float(middle[1]),
        "slope_ci_low": float(limits[1, 0]),
        "slope_ci_high": float(limits[1, 1]),
    }
