"""Fit indices from test statistics and residuals, as in lavaan 0.6-14.

Sources: Bentler (1990) for the comparative indices; Steiger & Lind (1980) and Browne & Cudeck (1993) for RMSEA;
Jöreskog & Sörbom for GFI and AGFI; Hu & Bentler (1999) for SRMR; Bollen (1989) for residuals of correlations; Hoelter
(1983) for the critical N; McDonald (1989) for MFI; Brosseau-Liard & Savalei (2012, 2014,
https://doi.org/10.1080/00273171.2012.715252, https://doi.org/10.1080/00273171.2014.933697) for the robust variants.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import chdtrc, chdtri, chndtr

Floats = NDArray[np.float64]
NAN = float("nan")

CLOSE, NOT_CLOSE, LEVEL = 0.05, 0.08, 0.90


@dataclass(frozen=True)
class Test:
    """A chi-square test. ``scaling`` divides the unscaled statistic; ``shift`` is then added."""

    chi_square: float
    df: float
    scaling: float = NAN
    shift: float = 0.0
    has_p_value: bool = True

    @property
    def p_value(self) -> float:
        """Upper tail of the chi-square distribution."""
        return float(chdtrc(self.df, max(self.chi_square, 0.0))) if self.df > 0 and self.has_p_value else NAN


def comparative(model: Test, baseline: Test, suffix: str = "") -> dict[str, float]:
    """CFI, TLI, NFI and their relatives from the tests of the model and of the independence model."""
    x, df, x0, df0 = model.chi_square, model.df, baseline.chi_square, baseline.df
    excess, excess0 = max(x - df, 0.0), max(x - df, x0 - df0, 0.0)
    ratio0 = x0 / df0 if df0 > 0 else NAN
    tli = (ratio0 - x / df) / (ratio0 - 1) if df > 0 and df0 > 0 and ratio0 != 1 else 1.0
    found = {
        "cfi": 1 - excess / excess0 if excess0 > 0 else 1.0,
        "tli": tli,
        "nnfi": tli,
        "rfi": (ratio0 - x / df) / ratio0 if df > 0 and x0 > 0 else 1.0,
        "nfi": (x0 - x) / x0 if x0 > 0 else 1.0,
        "pnfi": df / df0 * (x0 - x) / x0 if x0 > 0 and df0 > 0 else NAN,
        "ifi": (x0 - x) / (x0 - df) if x0 != df else 1.0,
        "rni": 1 - (x - df) / (x0 - df0) if x0 != df0 else 1.0,
    }
    return {name + suffix: value for name, value in found.items()}


def comparative_robust(model: Test, baseline: Test, scaling: float, baseline_scaling: float) -> dict[str, float]:
    """Estimates of the population's CFI and TLI: each statistic less its own expectation (Brosseau-Liard & Savalei)."""
    over, over0 = model.chi_square - scaling * model.df, baseline.chi_square - baseline_scaling * baseline.df
    top = max(over, over0, 0.0)
    tli = 1 - over * baseline.df / (over0 * model.df) if model.df > 0 and over0 != 0 else 1.0
    rni = 1 - over / over0 if over0 != 0 else NAN
    cfi = 1 - max(over, 0.0) / top if top > 0 else 1.0
    return {"cfi_robust": cfi, "tli_robust": tli, "nnfi_robust": tli, "rni_robust": rni}


def rmsea(test: Test, n: float, groups: int, suffix: str = "", scaling: float = 1.0) -> dict[str, float]:
    """RMSEA with its 90 % interval and tests of close (.05) and not-close (.08) fit.

    ``scaling`` other than 1 turns the scaled statistic's noncentrality into that of the unscaled one.
    """
    x, df = test.chi_square, test.df
    keys = ("rmsea", "rmsea_ci_low", "rmsea_ci_high", "rmsea_p_value", "rmsea_not_close_p_value")
    if not math.isfinite(x) or not math.isfinite(scaling) or scaling < 0:
        return {key + suffix: NAN for key in keys}
    if df <= 0:
        return dict(zip([key + suffix for key in keys], (0.0, 0.0, 0.0, NAN, NAN), strict=True))

    def size(noncentrality: float) -> float:
        return math.sqrt(max(0.0 * noncentrality, scaling * noncentrality) * groups / (n * df))

    limits = [_noncentrality(x, df, share) for share in ((1 + LEVEL) / 2, (1 - LEVEL) / 2)]
    close, far = (n * df * bound**2 / groups / scaling if scaling > 0 else NAN for bound in (CLOSE, NOT_CLOSE))
    values = (
        size(x - df), size(limits[0]), size(limits[1]),
        1 - float(chndtr(x, df, close)) if x > 0 else 1.0, float(chndtr(x, df, far)) if x > 0 else 0.0,
    )  # fmt: skip
    return dict(zip([key + suffix for key in keys], values, strict=True))


def _noncentrality(x: float, df: float, share: float) -> float:
    """Return the noncentrality at which a share of the distribution lies below x; 0 when there is none."""
    if x <= 0 or float(chndtr(x, df, 0.0)) < share:
        return 0.0
    high = max(x, df) * 2 + 20
    while float(chndtr(x, df, high)) > share:
        high *= 2
    if not math.isfinite(float(chndtr(x, df, high)) + float(chndtr(x, df, high / 2))):  # beyond what can be computed
        return NAN
    return float(brentq(lambda size: float(chndtr(x, df, size)) - share, 0.0, high, xtol=1e-10, rtol=1e-13))


@dataclass(frozen=True)
class Residuals:
    """Observed and implied moments of one group (correlations where the items are ordered)."""

    n: int
    observed: Floats
    implied: Floats
    observed_means: Floats | None
    implied_means: Floats | None
    ordered: bool = False


def residual_measures(groups: Sequence[Residuals]) -> dict[str, float]:
    """RMR, SRMR and CRMR, with and without means; groups count by their rows."""
    total = sum(group.n for group in groups)
    found: dict[str, float] = {}
    for group in groups:
        for name, value in _residual_measures(group).items():
            found[name] = found.get(name, 0.0) + value * group.n / total
    ordered = any(group.ordered for group in groups)
    found["srmr"] = found["srmr_bentler_no_mean" if ordered else "srmr_bentler"]
    found["srmr_no_mean"] = found["srmr_bentler_no_mean"]
    return found


def _residual_measures(group: Residuals) -> dict[str, float]:
    s, sigma = group.observed, group.implied
    p = len(s)
    low = np.tril_indices(p)
    sd, sd_implied = np.sqrt(np.diag(s)), np.sqrt(np.abs(np.diag(sigma)))
    raw = (s - sigma)[low]
    bentler = ((s - sigma) / np.outer(sd, sd))[low]
    bollen = (s / np.outer(sd, sd) - sigma / np.outer(sd_implied, sd_implied))[low]
    mplus = bollen.copy()
    diagonal = low[0] == low[1]
    mplus[diagonal] = (np.diag(s) - np.diag(sigma)) / np.diag(s)
    n_cells = len(raw)
    n_correlations = max(len(raw) - p, 1)
    sums = {"rmr": raw, "srmr_bentler": bentler, "crmr": bollen, "srmr_mplus": mplus}
    squares = {name: float(values @ values) for name, values in sums.items()}
    cells = {"rmr": n_cells, "srmr_bentler": n_cells, "crmr": n_correlations, "srmr_mplus": n_cells}
    found = {f"{name}_no_mean": math.sqrt(squares[name] / cells[name]) for name in sums}
    more = dict.fromkeys(sums, 0.0)
    count = 0
    if group.observed_means is not None and group.implied_means is not None:
        away = group.observed_means - group.implied_means
        count = len(away)
        if group.ordered:  # thresholds
            more = dict.fromkeys(sums, float(away @ away))
        else:
            own = group.observed_means / sd - group.implied_means / sd_implied
            more = {"rmr": float(away @ away), "srmr_bentler": float(np.sum((away / sd) ** 2)),
                    "crmr": float(np.sum((away / sd) ** 2)), "srmr_mplus": float(own @ own)}  # fmt: skip
    for name in sums:
        found[name] = math.sqrt((squares[name] + more[name]) / (cells[name] + count))
    if group.ordered:
        found["srmr_mplus"] = found["srmr_mplus_no_mean"] = NAN
    return found


def parsimony(gfi: float, n_moments: int, df: float) -> dict[str, float]:
    """GFI, AGFI and PGFI from GFI."""
    if df <= 0:
        return {"gfi": gfi, "agfi": 1.0, "pgfi": 0.0}
    return {"gfi": gfi, "agfi": 1 - n_moments / df * (1 - gfi), "pgfi": df / n_moments * gfi}


def sample_size_measures(test: Test, n: float, n_parameters: int, suffix: str = "") -> dict[str, float]:
    """Hoelter's critical N, McDonald's MFI and the ECVI."""
    x, df = test.chi_square, test.df
    found = {"mfi": math.exp(-0.5 * (x - df) / n), "ecvi": x / n + 2 * n_parameters / n}
    for name, level in (("cn_05", 0.05), ("cn_01", 0.01)):
        found[name] = float(chdtri(df, level)) / (x / n) + 1 if df > 0 and x > 0 else NAN
    return {name + suffix: value for name, value in found.items()}


def information_criteria(log_likelihood: float, n_parameters: int, n: int) -> dict[str, float]:
    """AIC, BIC and the sample-size adjusted BIC (Sclove, 1987)."""
    return {
        "aic": -2 * log_likelihood + 2 * n_parameters,
        "bic": -2 * log_likelihood + n_parameters * math.log(n),
        "sabic": -2 * log_likelihood + n_parameters * math.log((n + 2) / 24),
    }
