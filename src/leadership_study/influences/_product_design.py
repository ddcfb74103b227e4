"""A regression with a product of two variables: centred columns, their products, and the slope at a given value."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from leadership_study.influences._columns import is_number
from leadership_study.influences._design import INTERCEPT, Design, from_columns
from leadership_study.influences._groups import Clusters
from leadership_study.influences._path_design import refuse_constant, refuse_text

Centring = Literal["mean", "none"]

BELOW, MEAN, ABOVE = "mean_minus_sd", "mean", "mean_plus_sd"
Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, eq=False)
class ProductDesign:
    """Design with x, the moderator's columns and their products.

    Attributes
    ----------
    design : Design
        Constant, x, moderator, products, covariates.
    x : int
        Column of the predictor.
    moderator, products : tuple of int
        One column for numbers, one a dummy for categories; in the same order.
    levels : tuple of (str, float, array)
        Names of the values at which slopes are given, the value (NaN for categories), and the moderator's columns.
    centre_x, centre_w : float
        What was taken off; 0 without centring and for categories.
    raw : array of n numbers, or None
        The moderator as given, None for categories.
    """

    design: Design
    x: int
    moderator: tuple[int, ...]
    products: tuple[int, ...]
    levels: tuple[tuple[str, float, Floats], ...]
    centre_x: float
    centre_w: float
    raw: Floats | None

    def slope_rows(self, columns: Floats) -> Floats:
        """Contrasts (q × p) that give the slope of x where the moderator's columns hold ``columns`` (q × k)."""
        rows = np.zeros((len(columns), self.design.matrix.shape[1]))
        rows[:, self.x] = 1.0
        rows[:, self.products] = columns
        return rows

    def prediction_row(self, x: float, columns: Floats) -> Floats:
        """Contrast that gives the outcome at x (as centred) and the moderator's columns, covariates at their means."""
        row: Floats = self.design.matrix.mean(axis=0)
        row[self.x] = x
        row[list(self.moderator)] = columns
        row[list(self.products)] = x * columns
        return row


def product_design(
    data: pd.DataFrame,
    x: str,
    w: str,
    y: str,
    covariates: Sequence[str],
    clusters: Clusters | None,
    centring: Centring,
    function: str,
) -> ProductDesign:
    """Complete rows of a moderation; the mean of the rows used is taken off x and a moderator of numbers.

    Raises
    ------
    ValueError, TypeError, InsufficientDataError
        As `from_columns`; for a predictor of text, and variables that do not vary.
    """
    refuse_text(data, [x, y], function)
    plain = from_columns(y, [x, w, *covariates], data, clusters, function)
    at, own = plain.columns_of([x])[0], plain.columns_of([w])
    refuse_constant(plain, [at, *own])
    numeric = is_number(data.set_axis([str(name) for name in data.columns], axis=1)[w])
    predictor, moderator = plain.matrix[:, at].copy(), plain.matrix[:, own].copy()
    raw = moderator[:, 0].copy() if numeric else None
    centre_x = float(predictor.mean()) if centring == "mean" else 0.0
    centre_w = float(moderator.mean()) if centring == "mean" and numeric else 0.0
    predictor -= centre_x
    moderator -= centre_w
    controls = plain.columns_of(covariates)
    names = [plain.terms[column] for column in own]
    matrix = np.column_stack(
        [np.ones(len(predictor)), predictor, moderator, predictor[:, None] * moderator, plain.matrix[:, controls]]
    )
    k = len(own)
    design = replace(
        plain,
        matrix=matrix,
        terms=(INTERCEPT, x, *names, *(f"{x} × {name}" for name in names), *(plain.terms[c] for c in controls)),
        parts=(INTERCEPT, x, *[w] * k, *[f"{x} × {w}"] * k, *(plain.parts[c] for c in controls)),
    )
    if raw is None:
        reference = next(str(note.values["level"]) for note in plain.notes if note.values.get("variable") == w)
        dummies = np.vstack([np.zeros(k), np.eye(k)])
        named = [f"{w}[{reference}]", *names]
        levels = tuple((name, float("nan"), row) for name, row in zip(named, dummies, strict=True))
    else:
        levels = tuple((name, value, np.array([value - centre_w])) for name, value in values_of(raw))
    return ProductDesign(
        design=design, x=1, moderator=tuple(range(2, 2 + k)), products=tuple(range(2 + k, 2 + 2 * k)),
        levels=levels, centre_x=centre_x, centre_w=centre_w, raw=raw,
    )  # fmt: skip


def values_of(moderator: Floats) -> list[tuple[str, float]]:
    """Where effects are given: a moderator's two values when it has no more, else its mean less, at, plus one SD."""
    found = np.unique(moderator)
    if len(found) == 2:
        return [(f"{value:g}", float(value)) for value in found]
    mean, sd = float(moderator.mean()), float(moderator.std(ddof=1))
    return [(BELOW, mean - sd), (MEAN, mean), (ABOVE, mean + sd)]
