"""Reliability of a total of several scales, and of a scale made longer or shorter."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd

from leadership_study.measurement import _checks
from leadership_study.measurement._alpha_coefficients import coefficients
from leadership_study.results import Result
from leadership_study.samples.moments import Missing, Moments, moments_of, numbers
from leadership_study.sem.threads import one_thread


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class StratifiedAlpha(Result):
    """Alpha of a total whose items belong to several scales.

    Attributes
    ----------
    stratified_alpha : float
        1 − Σ s²ⱼ (1 − αⱼ) / s²_total over the scales j.
    alpha : float
        Alpha of all items as if they were one scale: lower, or, when scales hardly correlate, much lower.
    n, n_items : int
    scales : DataFrame
        One row a scale: ``n_items``, ``alpha``, ``variance`` of its sum.
    """

    main: ClassVar[str] = "summary"

    stratified_alpha: float
    alpha: float
    n: int
    n_items: int
    scales: pd.DataFrame


@one_thread()
def stratified_alpha(
    items: pd.DataFrame | Moments, scales: Mapping[str, Sequence[str]], *, missing: Missing = "listwise"
) -> StratifiedAlpha:
    """Reliability of the sum of all items, each scale taken as homogeneous in itself only.

    Parameters
    ----------
    items : DataFrame of numbers, respondents × items, or Moments
        Reverse-keyed items already turned. Missing answers are NaN.
    scales : mapping from a scale to its items
        Each of at least two items, none of them in two scales.
    missing : {"listwise", "pairwise"}

    Raises
    ------
    InsufficientDataError
        A scale of one item; items without answers or variance; a total that does not vary.
    ValueError
        An unknown item, or one in two scales.

    Notes
    -----
    R twin: ``sirt::stratified.cronbach.alpha``.

    References
    ----------
    Cronbach, Schönemann and McKie (1965), 10.1177/001316446502500201. Rae (2007), 10.1348/000711005X72485.
    """
    own_items = {scale: [str(item) for item in members] for scale, members in scales.items()}
    listed = [item for members in own_items.values() for item in members]
    if twice := sorted({item for item in listed if listed.count(item) > 1}):
        raise ValueError(f"The 'scales' parameter of stratified_alpha names {', '.join(twice)} more than once.")
    known = items.labels if isinstance(items, Moments) else numbers(items)[1]
    if unknown := [item for item in listed if item not in known]:
        raise ValueError(f"The 'scales' parameter of stratified_alpha names unknown items: {', '.join(unknown)}.")
    if not isinstance(items, Moments):
        items = items.set_axis(known, axis=1)[listed]
    whole = moments_of(items, missing=missing)
    covariance = whole.covariance.loc[listed, listed]
    _checks.total_varies(float(covariance.to_numpy().sum()), float(np.trace(covariance.to_numpy())))
    rows = {}
    for scale, members in own_items.items():
        _checks.at_least_items(members, 2)
        own = covariance.loc[members, members].to_numpy()
        _checks.total_varies(float(own.sum()), float(np.trace(own)))
        rows[scale] = (len(members), coefficients(own)["alpha"], float(own.sum()))
    table = pd.DataFrame.from_dict(rows, orient="index", columns=["n_items", "alpha", "variance"]).rename_axis("scale")
    error = float((table["variance"] * (1 - table["alpha"])).sum())
    return StratifiedAlpha(
        stratified_alpha=1 - error / float(covariance.to_numpy().sum()),
        alpha=coefficients(covariance.to_numpy())["alpha"],
        n=whole.n,
        n_items=len(listed),
        scales=table,
        definition={
            "formula": "stratified_alpha",
            "matrix": "covariance",
            "missing": whole.missing,
            "n": whole.n,
            "source": "Cronbach, Schönemann and McKie (1965)",
        },
    )


def prophecy(reliability: float, times: float) -> float:
    """Reliability of a scale made ``times`` as long with items of the same kind (Spearman–Brown).

    ρ* = mρ / (1 + (m − 1)ρ); m below 1 shortens the scale. Spearman (1910), 10.1111/j.2044-8295.1910.tb00206.x; Brown
    (1910), 10.1111/j.2044-8295.1910.tb00207.x.

    Raises
    ------
    ValueError
        Unless ``times`` is above 0 and ``reliability`` at most 1.
    """
    if not times > 0:
        raise ValueError(f"The 'times' parameter of prophecy must be above 0. Got {times!r} instead.")
    if not reliability <= 1:
        raise ValueError(f"The 'reliability' parameter of prophecy must be at most 1. Got {reliability!r} instead.")
    below = 1 + (times - 1) * reliability
    return times * reliability / below if below > 0 else float("nan")


def length_for(reliability: float, wanted: float) -> float:
    """How many times as long a scale of this ``reliability`` must be to reach the ``wanted`` one (Spearman–Brown).

    Raises
    ------
    ValueError
        Unless both lie between 0 and 1.
    """
    for name, value in (("reliability", reliability), ("wanted", wanted)):
        _checks.inside_unit(value, name=name, function="length_for")
    return wanted * (1 - reliability) / (reliability * (1 - wanted))
