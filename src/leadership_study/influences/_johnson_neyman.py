"""Where along a moderator the slope of a predictor differs from 0 (Johnson & Neyman, 1936)."""

from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import optimize

Floats = NDArray[np.float64]
SlopesAt = Callable[[Floats], pd.DataFrame]
"""Slopes at values of the moderator: estimate, std_error, ci_low, ci_high, one row a value."""

_GRID = 400
_CURVE = 61


def bounds_of(slopes_at: SlopesAt, low: float, high: float, *, everywhere: bool) -> list[float]:
    """Values at which a limit of the slope's interval is 0, in order.

    With ``everywhere`` (degrees of freedom that are the same at all values) the roots of the quadratic
    (b₁ + b₃w)² = t²Var(b₁ + b₃w), wherever they lie; else those between ``low`` and ``high``, searched for.
    """
    if everywhere:
        return _quadratic_roots(slopes_at, low, high)

    def excess(value: float) -> float:
        one = slopes_at(np.array([value])).iloc[0]
        return float(one["ci_low"] * one["ci_high"])

    grid = np.linspace(low, high, _GRID)
    table = slopes_at(grid)
    sign = np.sign((table["ci_low"] * table["ci_high"]).to_numpy())
    crossings = np.flatnonzero((sign[:-1] * sign[1:]) < 0)
    return [float(optimize.brentq(excess, grid[at], grid[at + 1], xtol=1e-12)) for at in crossings]


def _quadratic_roots(slopes_at: SlopesAt, low: float, high: float) -> list[float]:
    """The product of the limits is a quadratic in w: three of its values give it."""
    middle, half = (low + high) / 2, (high - low) / 2
    three = slopes_at(np.array([low, middle, high]))
    product = (three["ci_low"] * three["ci_high"]).to_numpy()
    if not np.isfinite(product).all():
        return []
    square = (product[0] + product[2]) / 2 - product[1]
    linear = (product[2] - product[0]) / 2
    if abs(square) <= 1e-14 * np.abs(product).max():
        roots = [] if linear == 0 else [-product[1] / linear]
    elif (inside := linear**2 - 4 * square * product[1]) < 0:
        roots = []
    else:
        stable = -(linear + np.copysign(np.sqrt(inside), linear)) / 2
        roots = sorted({stable / square, product[1] / stable} if stable else {0.0})
    return [float(middle + half * root) for root in roots]


def bounds_table(bounds: list[float], centre: float, moderator: Floats) -> pd.DataFrame:
    """One row a bound: the moderator as given and as centred, whether it was observed, and the share of rows below."""
    rows = {
        str(number): {
            "moderator": bound,
            "moderator_centred": bound - centre,
            "in_range": bool(moderator.min() <= bound <= moderator.max()),
            "share_below": float((moderator < bound).mean()),
        }
        for number, bound in enumerate(bounds, start=1)
    }
    columns = ["moderator", "moderator_centred", "in_range", "share_below"]
    table = pd.DataFrame.from_dict(rows, orient="index", columns=columns)
    types = {"moderator": float, "moderator_centred": float, "in_range": bool, "share_below": float}
    return table.astype(types).rename_axis("bound")


def regions_table(slopes_at: SlopesAt, bounds: list[float], moderator: Floats) -> pd.DataFrame:
    """The observed range cut at the bounds within it: from, to, what the slope is there, and the share of rows."""
    low, high = float(moderator.min()), float(moderator.max())
    cuts = [low, *(bound for bound in bounds if low < bound < high), high]
    rows = {}
    for number, (start, end) in enumerate(pairwise(cuts), start=1):
        one = slopes_at(np.array([(start + end) / 2])).iloc[0]
        direction = "positive" if one["ci_low"] > 0 else "negative" if one["ci_high"] < 0 else "open"
        inside = (moderator >= start) & ((moderator < end) | (end == high))
        rows[str(number)] = {"from": start, "to": end, "slope": direction, "share_of_rows": float(inside.mean())}
    columns = ["from", "to", "slope", "share_of_rows"]
    table = pd.DataFrame.from_dict(rows, orient="index", columns=columns)
    return table.astype({"from": float, "to": float, "slope": str, "share_of_rows": float}).rename_axis("region")


def curve_table(slopes_at: SlopesAt, moderator: Floats) -> pd.DataFrame:
    """The slope with its limits over the observed range of the moderator."""
    values = np.linspace(moderator.min(), moderator.max(), _CURVE)
    table = slopes_at(values)[["estimate", "ci_low", "ci_high"]]
    table.insert(0, "moderator", values)
    return table.set_axis(pd.Index([str(at + 1) for at in range(_CURVE)], name="point"), axis=0)


def empty_tables() -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Bounds, regions and curve of a moderator of categories, which has none."""
    bounds = bounds_table([], 0.0, np.zeros(1))
    regions = pd.DataFrame(columns=["from", "to", "slope", "share_of_rows"]).astype(
        {"from": float, "to": float, "slope": str, "share_of_rows": float}
    )
    curve = pd.DataFrame(columns=["moderator", "estimate", "ci_low", "ci_high"], dtype=float)
    index = pd.Index([], dtype=str)
    return (
        bounds.set_axis(index, axis=0).rename_axis("bound"),
        regions.set_axis(index, axis=0).rename_axis("region"),
        curve.set_axis(index, axis=0).rename_axis("point"),
    )
