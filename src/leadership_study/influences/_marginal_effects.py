"""Average marginal effects of a logistic regression: differences of a probability, which people can picture."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import special, stats

from leadership_study.influences._design import Design
from leadership_study.samples.logit import Logit

_COLUMNS = ("estimate", "std_error", "statistic", "p_value", "ci_low", "ci_high")


def marginal_effects(
    fit: Logit, design: Design, covariance: NDArray[np.float64], df: NDArray[np.float64], confidence_level: float
) -> pd.DataFrame:
    """Mean over the rows of what one unit more, or a level instead of its reference, does to the probability.

    Errors by the delta method, with the degrees of freedom ``df`` of the coefficients.
    R twin: ``marginaleffects::avg_slopes``. Empty when a term is made of several variables
    or by a function, for which no single unit can change alone.
    """
    plain = all(part.isidentifier() for part in design.parts)
    rows = {}
    for at, (term, part) in enumerate(zip(design.terms, design.parts, strict=True)):
        if not plain or at == design.constant:
            continue
        effect, gradient = _slope(fit, design, at) if term == part else _contrast(fit, design, at)
        error = float(gradient @ covariance @ gradient) ** 0.5
        half = float(stats.t.ppf((1 + confidence_level) / 2, df[at])) * error
        statistic = effect / error if error > 0 else np.nan
        rows[term] = (effect, error, statistic, 2 * stats.t.sf(abs(statistic), df[at]), effect - half, effect + half)
    table = pd.DataFrame.from_dict(rows, orient="index", columns=list(_COLUMNS), dtype=float)
    return table.rename_axis("term")


def _slope(fit: Logit, design: Design, at: int) -> tuple[float, NDArray[np.float64]]:
    p = fit.probabilities
    density = p * (1 - p)
    effect = float(density.mean() * fit.estimates[at])
    gradient = fit.estimates[at] * (design.matrix * (density * (1 - 2 * p))[:, None]).mean(axis=0)
    gradient[at] += density.mean()
    return effect, gradient


def _contrast(fit: Logit, design: Design, at: int) -> tuple[float, NDArray[np.float64]]:
    reference = design.matrix.copy()
    reference[:, design.columns_of([design.parts[at]])] = 0.0
    level = reference.copy()
    level[:, at] = 1.0
    one, other = special.expit(level @ fit.estimates), special.expit(reference @ fit.estimates)
    gradient = (level * (one * (1 - one))[:, None] - reference * (other * (1 - other))[:, None]).mean(axis=0)
    return float((one - other).mean()), gradient
