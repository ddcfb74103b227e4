"""Moderation: how what goes with a predictor differs with the values of another variable.

A product of both enters the regression. The slope of the predictor is then given at values of the moderator, and along
it: where its interval leaves out 0 (Johnson–Neyman).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar, get_args

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from leadership_study.errors import PlanError
from leadership_study.influences import _johnson_neyman as region
from leadership_study.influences import _regression_checks as checks
from leadership_study.influences import _regression_tables as tables
from leadership_study.influences._groups import Clusters
from leadership_study.influences._path_design import as_names
from leadership_study.influences._product_design import Centring, ProductDesign, product_design
from leadership_study.influences._regression_parts import FEW_CLUSTERS, check, check_bootstrap, few_clusters
from leadership_study.influences._regression_tables import Covariance, DegreesOfFreedom, Fitted
from leadership_study.influences._scored import chosen_group, with_levels
from leadership_study.results import Note, Result
from leadership_study.scoring import ScoredResponses, Variable, Variables
from leadership_study.scoring.dimensions import unweighted

_SOURCE = "Aiken & West (1991); Johnson & Neyman (1936); Bauer & Curran (2005)"


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Moderation(Result):
    """A moderation.

    Attributes
    ----------
    coefficients : DataFrame, index ``term``
        estimate, std_error, statistic (t), df, p_value, ci_low, ci_high, beta, vif, tolerance; the product is
        "x × w" (one row a dummy for a moderator of categories).
    interaction : Series
        delta_r_squared of the product(s), cohen_f2, and the test that fits the errors: statistic, df1, df2, p_value.
    simple_slopes : DataFrame, index ``at``
        Slope of x at values of the moderator: ``moderator`` (its value; NaN for categories), estimate, std_error,
        statistic, df, p_value, ci_low, ci_high, and whether the value lies in the observed range (``in_range``).
    johnson_neyman : DataFrame, index ``bound``
        Values at which the slope begins or ceases to differ from 0: moderator, moderator_centred, in_range,
        share_below. Empty when there is none, or the moderator has categories.
    regions : DataFrame, index ``region``
        The observed range of the moderator cut at these bounds: from, to, slope ("positive", "negative", "open"),
        share_of_rows.
    predicted : DataFrame, index ``at``, ``x``
        Outcome expected at x = mean ± SD, other predictors at their means: x_value, estimate, ci_low, ci_high.
    curve : DataFrame, index ``point``
        Slope along the moderator: moderator, estimate, ci_low, ci_high.
    fit : Series
        As of `regress`.
    wild_bootstrap : DataFrame, index ``term``
        With fewer than 20 clusters: p_value, ci_low, ci_high of the wild cluster bootstrap; else empty. With x and the
        moderator centred the row of x is the slope at the moderator's mean, and that of the product its change.
    """

    coefficients: pd.DataFrame
    interaction: pd.Series
    simple_slopes: pd.DataFrame
    johnson_neyman: pd.DataFrame
    regions: pd.DataFrame
    predicted: pd.DataFrame
    curve: pd.DataFrame
    fit: pd.Series
    wild_bootstrap: pd.DataFrame

    main: ClassVar[str] = "simple_slopes"


def moderate(
    data: pd.DataFrame,
    x: str,
    w: str,
    y: str,
    *,
    covariates: str | Sequence[str] = (),
    covariance: Covariance = "nonrobust",
    clusters: Clusters | None = None,
    df: DegreesOfFreedom | None = None,
    centring: Centring = "mean",
    bootstrap: int = 9999,
    seed: int = 0,
    confidence_level: float = 0.95,
) -> Moderation:
    """Regress ``y`` on ``x``, the moderator ``w``, their product and ``covariates``.

    Parameters
    ----------
    data : DataFrame
        One row a respondent. Rows with a missing value in any variable are left out, and counted.
    x, y : str
        Columns of numbers.
    w : str
        Column of numbers, whose slopes are given at its mean and one standard deviation on either side (at both values
        when it has only two), or of text or categories, with a slope at each.
    covariates : str or sequence of str
        Columns that enter beside them, text and categories as dummies.
    covariance, clusters, df
        Errors, as `regress` takes them.
    centring : {"mean", "none"}
        Whether x and a moderator of numbers have the mean of the rows used taken off, so that the single coefficients
        hold for average values. The product's coefficient and all slopes are the same either way.
    bootstrap : int
        Draws of the wild cluster bootstrap that stands beside the CR errors when there are fewer than 20 clusters, 0
        for none; up to 12 clusters all sign patterns are taken instead.
    seed : int
        Of these draws.
    confidence_level : float

    Raises
    ------
    ValueError, TypeError
        For an unknown option or variable, a predictor or outcome of text.
    InsufficientDataError
        With too few complete rows, one cluster, a variable that does not vary, collinear columns.

    Notes
    -----
    Slope at w: b₁ + b₃w with variance V₁₁ + 2wV₁₃ + w²V₃₃. With Satterthwaite degrees of freedom the critical value
    differs along the moderator, so bounds are searched for within its observed range only. R twins: ``lm(y ~ x * w)``,
    ``interactions::sim_slopes``, ``interactions::johnson_neyman``.

    References
    ----------
    Aiken, L. S., & West, S. G. (1991). Multiple regression. Sage. Bauer, D. J., & Curran, P. J. (2005). Multivariate
    Behavioral Research, 40, 373–400. https://doi.org/10.1207/s15327906mbr4003_5
    """
    check("moderate", covariance, clusters, df, confidence_level)
    check_bootstrap("moderate", bootstrap)
    if centring not in get_args(Centring):
        raise ValueError(f"The 'centring' parameter of moderate must be 'mean' or 'none'. Got {centring!r} instead.")
    controls = as_names(covariates, "covariates", "moderate") if len(covariates) else ()
    made = product_design(data, x, w, y, controls, clusters, centring, "moderate")
    everything = list(range(len(made.design.terms)))
    fit = tables.fitted(made.design, everything, covariance, df)
    without = tables.fitted(made.design, [at for at in everything if at not in made.products], covariance, df)
    bounds, regions, curve = _along(made, fit, confidence_level)
    definition: dict[str, Any] = {
        "formula": "moderation",
        "predictor": x,
        "moderator": w,
        "outcome": y,
        "covariates": ", ".join(controls) or "none",
        "centring": "grand_mean" if centring == "mean" else "none",
        "missing": "listwise",
        "n": fit.ols.n,
        "covariance": fit.type,
        "df": fit.df,
        "test_of_change": fit.wald_name,
        "confidence_level": confidence_level,
        "source": _SOURCE,
    }
    if fit.clusters is not None:
        definition["n_clusters"] = fit.clusters.n_clusters
    slopes = _slopes(made, fit, confidence_level)
    wild, wild_definition, wild_notes = checks.wild(
        fit, made.design.codes, FEW_CLUSTERS, bootstrap, seed, confidence_level
    )
    return Moderation(
        coefficients=fit.coefficients(confidence_level),
        interaction=_interaction(made, fit, without),
        simple_slopes=slopes,
        johnson_neyman=bounds,
        regions=regions,
        predicted=_predicted(made, fit, confidence_level),
        curve=curve,
        fit=fit.fit(),
        wild_bootstrap=wild,
        definition=definition | wild_definition,
        notes=(*made.design.notes, *_notes(fit, slopes, bootstrapped=not wild.empty), *wild_notes),
    )


def run(
    scored: ScoredResponses,
    *,
    x: Variable,
    w: Variable,
    y: Variable,
    covariates: Variables = (),
    covariance: Covariance | None = None,
    df: DegreesOfFreedom | None = None,
    group: Variable | None = None,
    centring: Centring = "mean",
    bootstrap: int = 9999,
    seed: int = 0,
    confidence_level: float = 0.95,
) -> Moderation:
    """Moderation of scale scores; errors are CR2 over the outermost group when the answers are nested, else HC3."""
    group = chosen_group(scored, group)
    if group is None and covariance is not None and covariance.startswith("CR"):
        raise PlanError(
            f"The covariance {covariance!r} needs groups: set `nested_in` or `group`, or leave `covariance` out."
        )
    covariance = covariance or ("HC3" if group is None else "CR2")
    controls = scored.expand(covariates)
    data = scored.frame([x, w, y, *controls])
    for name in data.columns:
        data[name] = with_levels(scored, name, data[name])
    clusters = scored.groups[group] if group is not None and covariance.startswith("CR") else None
    result = moderate(
        data, x, w, y, covariates=controls, covariance=covariance, clusters=clusters, df=df, centring=centring,
        bootstrap=bootstrap, seed=seed, confidence_level=confidence_level,
    )  # fmt: skip
    return replace(result, notes=(*result.notes, *unweighted(scored)))


def _slopes(made: ProductDesign, fit: Fitted, level: float) -> pd.DataFrame:
    names = [name for name, _, _ in made.levels]
    values = np.array([value for _, value, _ in made.levels])
    table = fit.contrasts(made.slope_rows(np.array([row for _, _, row in made.levels])), level)
    table.insert(0, "moderator", values)
    inside = np.ones(len(values), dtype=bool)
    if made.raw is not None:
        inside = (values >= made.raw.min()) & (values <= made.raw.max())
    return table.assign(in_range=inside).set_axis(pd.Index(names, name="at"), axis=0)


def _along(made: ProductDesign, fit: Fitted, level: float) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    raw = made.raw
    if raw is None or fit.ols.is_exact:
        return region.empty_tables()

    def slopes_at(values: NDArray[np.float64]) -> pd.DataFrame:
        return fit.contrasts(made.slope_rows((values - made.centre_w)[:, None]), level)

    low, high = float(raw.min()), float(raw.max())
    bounds = region.bounds_of(slopes_at, low, high, everywhere=fit.df != "satterthwaite")
    return (
        region.bounds_table(bounds, made.centre_w, raw),
        region.regions_table(slopes_at, bounds, raw),
        region.curve_table(slopes_at, raw),
    )


def _predicted(made: ProductDesign, fit: Fitted, level: float) -> pd.DataFrame:
    predictor = made.design.matrix[:, made.x]
    mean, sd = float(predictor.mean()), float(predictor.std(ddof=1))
    points = {"mean_minus_sd": mean - sd, "mean_plus_sd": mean + sd}
    keys = [(name, point) for name, _, _ in made.levels for point in points]
    rows = [made.prediction_row(points[point], row) for _, _, row in made.levels for point in points]
    table = fit.contrasts(np.array(rows), level)[["estimate", "ci_low", "ci_high"]]
    table.insert(0, "x_value", [points[point] + made.centre_x for _, point in keys])
    return table.set_axis(pd.MultiIndex.from_tuples(keys, names=["at", "x"]), axis=0)


def _interaction(made: ProductDesign, fit: Fitted, without: Fitted) -> pd.Series:
    test = fit.wald(list(made.products))
    gained = fit.ols.r_squared - without.ols.r_squared
    values: dict[str, Any] = {
        "r_squared": fit.ols.r_squared,
        "delta_r_squared": gained,
        "cohen_f2": gained / (1 - fit.ols.r_squared) if not fit.ols.is_exact else np.nan,
        "statistic": test.statistic,
        "df1": test.df1,
        "df2": test.df2,
        "p_value": test.p_value,
    }
    return pd.Series(values, dtype=object, name="value").rename_axis("statistic")


def _notes(fit: Fitted, slopes: pd.DataFrame, *, bootstrapped: bool) -> list[Note]:
    notes = []
    if fit.clusters is not None and fit.clusters.n_clusters < FEW_CLUSTERS:
        notes.append(few_clusters(fit.clusters.n_clusters, bootstrapped=bootstrapped))
    if fit.ols.is_exact:
        text = "The predictors reproduce the outcome exactly, so there are no errors and no tests."
        notes.append(Note("perfect_fit", text))
    if not slopes["in_range"].all():
        text = (
            "A slope is given at a value of the moderator beyond those observed ({values}): there it rests on the "
            "straight line alone."
        )
        outside = ", ".join(str(name) for name in slopes.index[~slopes["in_range"]])
        notes.append(Note("slope_outside_range", text, {"values": outside}))
    return notes
