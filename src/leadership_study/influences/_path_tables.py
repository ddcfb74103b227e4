"""The tables of the regressions of a path model: coefficients under the letters of the field, fit of each."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from leadership_study.influences import _regression_tables as tables
from leadership_study.influences._path_design import ARROW, PathDesign
from leadership_study.influences._regression_tables import Covariance, Fitted
from leadership_study.samples.path_effects import Equation

_SHOWN = ["estimate", "std_error", "statistic", "df", "p_value", "ci_low", "ci_high"]


def fitted(path: PathDesign, equation: Equation, errors: Covariance) -> Fitted:
    """One regression of the path model."""
    return tables.fitted(path.design_of(equation.outcome), [0, *equation.predictors], errors, None)


def paths_table(
    path: PathDesign,
    fits: Sequence[tuple[Equation, Fitted]],
    letters: Mapping[tuple[Equation, int], str],
    level: float,
) -> pd.DataFrame:
    """Rows of all regressions; a slope without a letter is called "predictor → outcome"."""
    rows: dict[str, dict[str, Any]] = {}
    for equation, fit in fits:
        table = fit.coefficients(level)
        for column in equation.predictors:
            outcome, predictor = path.name(equation.outcome), path.name(column)
            if equation is path.total and (equation, column) not in letters:
                continue
            label = letters.get((equation, column), f"{predictor}{ARROW}{outcome}")
            one = table.loc[predictor, _SHOWN]
            rows[label] = {"predictor": predictor, "outcome": outcome, **one, "beta": table["beta"][predictor]}
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("path")


def models_table(names: Sequence[str], fits: Sequence[Fitted]) -> pd.DataFrame:
    """Number of rows and fit of each regression."""
    rows = {
        name: {
            "n": fit.ols.n,
            "r_squared": fit.ols.r_squared,
            "adj_r_squared": fit.ols.adj_r_squared,
            "residual_sd": fit.ols.sigma_squared**0.5,
        }
        for name, fit in zip(names, fits, strict=True)
    }
    return pd.DataFrame.from_dict(rows, orient="index").astype({"n": "int64"}).rename_axis("model")
