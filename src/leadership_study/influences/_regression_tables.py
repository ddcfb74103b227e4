"""The tables of a fitted regression: coefficients, fit, collinearity, unequal variances, influential rows."""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from leadership_study.influences._design import Design
from leadership_study.samples.cluster_robust import ClusterRobust, ClusterType, WaldTest, cluster_robust, wald_f
from leadership_study.samples.least_squares import HeteroscedasticType, LeastSquares, least_squares
from leadership_study.samples.univariate import skewness_kurtosis

Covariance = Literal["nonrobust", "HC0", "HC1", "HC2", "HC3", "HC4", "CR0", "CR1", "CR1S", "CR2", "CR3"]
DegreesOfFreedom = Literal["residual", "satterthwaite", "G-1", "normal"]

_NOTHING = 1e-16  # a variance that is this share of the classical one is 0 but for rounding
_SAME_COLUMN = 1e-10  # singular value, as a share of the largest, below which columns follow from each other
_SHAPIRO_LIMIT = 5000  # Royston's approximation to the p value was made for samples up to this size


@dataclass(frozen=True, kw_only=True, eq=False)
class Fitted:
    """A least-squares fit with the errors chosen for it."""

    ols: LeastSquares
    type: Covariance
    covariance: NDArray[np.float64]
    clusters: ClusterRobust | None
    df: DegreesOfFreedom

    def without_error(self) -> NDArray[np.bool_]:
        """Whether a coefficient's error cannot be estimated.

        Its clusters fit it exactly, so the sandwich is 0; one cluster determines it; or nothing is left unexplained.
        """
        variances = np.diag(self.covariance)
        if self.ols.is_exact:
            return np.ones(len(variances), dtype=np.bool_)
        independent = self.ols.sigma_squared * np.diag(self.ols.unscaled_covariance)
        nothing = np.isnan(variances) | (variances <= _NOTHING * independent)
        return np.asarray(nothing & (self.clusters is not None))

    def wald(self, columns: list[int]) -> WaldTest:
        """Test that the coefficients at ``columns`` are all 0, as these errors need it.

        NaN when the fit is exact and when there are too few clusters: several coefficients, as many as clusters less
        one or more, or a denominator df below 1.
        """
        contrasts = np.eye(len(self.ols.terms))[columns]
        q = len(columns)
        if self.ols.is_exact or (self.clusters is not None and 1 < q >= self.clusters.n_clusters - 1):
            return WaldTest(statistic=np.nan, df1=q, df2=np.nan, p_value=np.nan)
        if self.clusters is not None and self.df == "satterthwaite":
            return self.clusters.htz_test(self.ols.estimates, contrasts)
        return wald_f(self.ols.estimates, self.covariance, contrasts, float(self._df(contrasts[:1])[0]))

    @property
    def wald_name(self) -> str:
        """Name of the test that `wald` makes."""
        if self.clusters is None:
            return "f" if self.type == "nonrobust" else "wald_f"
        return "htz" if self.df == "satterthwaite" else "wald_f"

    def _df(self, contrasts: NDArray[np.float64]) -> NDArray[np.float64]:
        """Degrees of freedom of the t test of each contrast."""
        if self.df == "satterthwaite" and self.clusters is not None:
            return self.clusters.satterthwaite_df(contrasts)
        if self.df == "G-1" and self.clusters is not None:
            return np.full(len(contrasts), self.clusters.n_clusters - 1.0)
        if self.df in ("satterthwaite", "G-1"):
            raise ValueError(f"Degrees of freedom {self.df!r} need clusters; give 'clusters' or leave 'df' out.")
        return np.full(len(contrasts), np.inf if self.df == "normal" else float(self.ols.df_residual))

    def coefficients(self, confidence_level: float) -> pd.DataFrame:
        """Tidy table of the coefficients with beta, variance inflation factor and tolerance."""
        ols = self.ols
        std_error = np.where(self.without_error(), np.nan, np.sqrt(np.diag(self.covariance)))
        df = np.where(np.isnan(std_error), np.nan, self._df(np.eye(len(ols.terms))))
        with np.errstate(divide="ignore", invalid="ignore"):
            statistic = ols.estimates / std_error
        half = stats.t.ppf((1 + confidence_level) / 2, df) * std_error
        inflation = _inflation(ols)
        spread = ols.design.std(axis=0, ddof=1)
        beta = ols.estimates * spread / ols.outcome.std(ddof=1)
        constant = np.arange(len(ols.terms)) == (-1 if ols.constant is None else ols.constant)
        return pd.DataFrame(
            {
                "estimate": ols.estimates,
                "std_error": std_error,
                "statistic": statistic,
                "df": df,
                "p_value": 2 * stats.t.sf(np.abs(statistic), df),
                "ci_low": ols.estimates - half,
                "ci_high": ols.estimates + half,
                "beta": np.where(constant, np.nan, beta),
                "vif": inflation,
                "tolerance": 1 / inflation,
            },
            index=pd.Index(ols.terms, name="term"),
        )

    def contrasts(self, rows: NDArray[np.float64], confidence_level: float) -> pd.DataFrame:
        """Estimate, error, t test and limits of each of ``rows`` (q × p) times the coefficients."""
        estimates = rows @ self.ols.estimates
        variances = np.einsum("qp,ps,qs->q", rows, self.covariance, rows)
        std_error = np.sqrt(np.where((variances > 0) & ~np.full(len(rows), self.ols.is_exact), variances, np.nan))
        df = np.where(np.isnan(std_error), np.nan, self._df(rows))
        half = stats.t.ppf((1 + confidence_level) / 2, df) * std_error
        return pd.DataFrame(
            {
                "estimate": estimates,
                "std_error": std_error,
                "statistic": estimates / std_error,
                "df": df,
                "p_value": 2 * stats.t.sf(np.abs(estimates / std_error), df),
                "ci_low": estimates - half,
                "ci_high": estimates + half,
            }
        )

    def fit(self) -> pd.Series:
        """Fit of the whole model; the test says that all coefficients but the constant are 0."""
        ols = self.ols
        test = self.wald(ols.slopes) if ols.slopes else WaldTest(statistic=np.nan, df1=0, df2=np.nan, p_value=np.nan)
        k = len(ols.terms) + 1  # the residual variance is a parameter too
        values: dict[str, Any] = {
            "n": ols.n,
            "r_squared": ols.r_squared,
            "adj_r_squared": ols.adj_r_squared,
            "residual_sd": ols.sigma_squared**0.5,
            "statistic": test.statistic,
            "df1": test.df1,
            "df2": test.df2,
            "p_value": test.p_value,
            "residual_sum_of_squares": ols.rss,
            "log_likelihood": ols.log_likelihood,
            "aic": 2 * k - 2 * ols.log_likelihood,
            "bic": k * np.log(ols.n) - 2 * ols.log_likelihood,
        }
        if self.clusters is not None:
            values["n_clusters"] = self.clusters.n_clusters
        return pd.Series(values, dtype=object, name="value").rename_axis("statistic")


def fitted(design: Design, columns: list[int], covariance: Covariance, df: DegreesOfFreedom | None) -> Fitted:
    """Fit the columns of ``design`` with the errors asked for."""
    ols = least_squares(
        design.matrix[:, columns],
        design.outcome,
        tuple(design.terms[at] for at in columns),
        constant=columns.index(design.constant) if design.constant in columns else None,
    )
    if covariance.startswith("CR"):
        if design.codes is None:
            raise ValueError(f"The covariance {covariance!r} needs clusters; give 'clusters'.")
        kind: ClusterType = covariance  # type: ignore[assignment]
        clusters = cluster_robust(ols, design.codes, kind)
        return Fitted(
            ols=ols, type=covariance, covariance=clusters.covariance, clusters=clusters, df=df or "satterthwaite"
        )
    matrix: Literal["nonrobust"] | HeteroscedasticType = covariance  # type: ignore[assignment]
    return Fitted(ols=ols, type=covariance, covariance=ols.covariance(matrix), clusters=None, df=df or "residual")


def collinearity(fit: LeastSquares, parts: tuple[str, ...]) -> pd.DataFrame:
    """Generalised variance inflation factor of each variable, its dummies taken together.

    det(R₁₁) det(R₂₂) / det(R) of the correlations R of the estimates; the root takes GVIF^(1/(2 df)). Fox, J., &
    Monette, G. (1992). Journal of the American Statistical Association, 87, 178–183.
    https://doi.org/10.1080/01621459.1992.10475190. R twin: ``car::vif``.
    """
    slopes = fit.slopes
    covariance = fit.unscaled_covariance[np.ix_(slopes, slopes)]
    scale = np.sqrt(np.diag(covariance))
    r = covariance / np.outer(scale, scale)
    own = [parts[at] for at in slopes]
    rows = {}
    for part in dict.fromkeys(own):
        inside = [at for at, name in enumerate(own) if name == part]
        outside = [at for at, name in enumerate(own) if name != part]
        gvif = np.linalg.det(r[np.ix_(inside, inside)]) * np.linalg.det(r[np.ix_(outside, outside)])
        gvif /= np.linalg.det(r)
        rows[part] = {"gvif": gvif, "df": len(inside), "gvif_root": gvif ** (1 / (2 * len(inside)))}
    frame = pd.DataFrame.from_dict(rows, orient="index", columns=["gvif", "df", "gvif_root"])
    return frame.astype({"gvif": float, "df": "int64", "gvif_root": float}).rename_axis("variable")


def heteroscedasticity(fit: LeastSquares) -> pd.DataFrame:
    """Tests of equal variance, one a row; NaN for an exact fit and where nothing can be explained.

    ``koenker`` n R² of the squared residuals on the design; ``breusch_pagan`` half the explained sum of squares of
    e²/(RSS/n); ``fitted_values`` the same on the fitted values (car's ``ncvTest``); ``white_fitted`` n R² on the fitted
    values and their squares. Chi-square each, with the rank of the columns less one: without a constant the design
    itself is regressed on, as R's ``lmtest::bptest`` does. Breusch & Pagan (1979), https://doi.org/10.2307/1911963;
    Koenker (1981), https://doi.org/10.1016/0304-4076(81)90062-2.
    """
    squares = fit.residuals**2
    excess = squares - squares.mean()
    ones, fitted = np.ones(fit.n), fit.fitted - fit.fitted.mean()
    on_fitted = _orthonormal(np.column_stack([ones, fitted]))
    with_squares = _orthonormal(np.column_stack([ones, fitted, fitted**2]))
    rows = {}
    for name, basis, studentised in (
        ("koenker", fit.basis, True),
        ("breusch_pagan", fit.basis, False),
        ("fitted_values", on_fitted, False),
        ("white_fitted", with_squares, True),
    ):
        df, statistic = basis.shape[1] - 1, np.nan
        if df > 0 and not fit.is_exact and (excess != 0).any():
            explained = float(((basis.T @ excess) ** 2).sum())
            scale = float(excess @ excess) / fit.n if studentised else 2 * squares.mean() ** 2
            statistic = explained / scale
        rows[name] = (statistic, df, stats.chi2.sf(statistic, df) if df > 0 else np.nan)
    return pd.DataFrame.from_dict(rows, orient="index", columns=["statistic", "df", "p_value"]).rename_axis("test")


def diagnostics(fit: LeastSquares, rows: pd.Index, order: NDArray[np.float64] | None) -> pd.Series:
    """Residuals and influential rows of a fit; R twins ``cooks.distance``, ``rstudent``, ``dffits``, ``kappa``.

    All but leverage and condition number are NaN for an exact fit. ``durbin_watson`` is there only when ``order`` (one
    number a row used) says which row follows which.
    """
    if fit.is_exact:
        return _no_diagnostics(fit, ordered=order is not None)
    h, e, p = fit.leverages, fit.residuals, len(fit.terms)
    left = np.maximum(1 - h, 1e-10)  # a row that determines a coefficient has no residual to judge
    cook = e**2 / (p * fit.sigma_squared) * h / left**2
    with np.errstate(divide="ignore", invalid="ignore"):
        without = np.maximum(fit.rss - e**2 / left, 0) / np.float64(fit.df_residual - 1)
        studentised = np.where(1 - h < 1e-10, np.nan, e / np.sqrt(without * left))
    dffits = studentised * np.sqrt(h / left)
    skewness, kurtosis = skewness_kurtosis(e)
    normal = stats.shapiro(e) if 3 <= fit.n <= _SHAPIRO_LIMIT else None
    values: dict[str, Any] = {
        "cook_largest": float(cook.max()),
        "cook_largest_row": str(rows[int(np.argmax(cook))]),
        "cook_above_four_over_n": int((cook > 4 / fit.n).sum()),
        "leverage_largest": float(h.max()),
        "studentised_largest": _largest(studentised),
        "studentised_above_three": int((np.abs(studentised) > 3).sum()),
        "dffits_largest": _largest(dffits),
        "residual_skewness": skewness,
        "residual_kurtosis": kurtosis,
        "shapiro_w": np.nan if normal is None else float(normal.statistic),
        "shapiro_p_value": np.nan if normal is None else float(normal.pvalue),
        "condition_number": float(np.linalg.cond(fit.inverse_root)),  # that of the design
    }
    if order is not None:
        follows = e[np.argsort(order, kind="stable")]
        values["durbin_watson"] = float(((follows[1:] - follows[:-1]) ** 2).sum() / fit.rss)
        values["residual_autocorrelation"] = float((follows[1:] * follows[:-1]).sum() / fit.rss)
    return pd.Series(values, dtype=object, name="value").rename_axis("statistic")


def _largest(values: NDArray[np.float64]) -> float:
    finite = np.abs(values[np.isfinite(values)])
    return float(finite.max()) if finite.size else float("nan")


def _no_diagnostics(fit: LeastSquares, *, ordered: bool) -> pd.Series:
    """What is left to say about an exact fit."""
    nothing = float("nan")
    names = ("residual_skewness", "residual_kurtosis", "shapiro_w", "shapiro_p_value")
    values: dict[str, Any] = {
        "cook_largest": nothing,
        "cook_largest_row": "",
        "cook_above_four_over_n": 0,
        "leverage_largest": float(fit.leverages.max()),
        "studentised_largest": nothing,
        "studentised_above_three": 0,
        "dffits_largest": nothing,
        **dict.fromkeys(names, nothing),
        "condition_number": float(np.linalg.cond(fit.inverse_root)),
    }
    if ordered:
        values |= {"durbin_watson": nothing, "residual_autocorrelation": nothing}
    return pd.Series(values, dtype=object, name="value").rename_axis("statistic")


def _orthonormal(columns: NDArray[np.float64]) -> NDArray[np.float64]:
    """Orthonormal columns that span ``columns``, as many as their rank."""
    lengths = np.sqrt((columns**2).sum(axis=0))
    scaled = columns / np.where(lengths > 0, lengths, 1.0)
    vectors, values, _ = np.linalg.svd(scaled, full_matrices=False)
    basis: NDArray[np.float64] = vectors[:, values > _SAME_COLUMN * values[0]]
    return basis


def _inflation(fit: LeastSquares) -> NDArray[np.float64]:
    """Variance inflation: variance of an estimate over what it would be were its column uncorrelated with the rest."""
    centred = fit.design - fit.design.mean(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        inflation = np.diag(fit.unscaled_covariance) * (centred**2).sum(axis=0)
    if fit.constant is None:
        return np.full(len(fit.terms), np.nan)
    inflation[fit.constant] = np.nan
    return np.asarray(inflation)
