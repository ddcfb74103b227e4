"""How the slopes of two regressions go together over groups."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import optimize

from leadership_study.errors import InsufficientDataError
from leadership_study.results import Note

Floats = NDArray[np.float64]

_LEAST_GROUPS = 5


@dataclass(frozen=True, kw_only=True, eq=False)
class GroupSlopes:
    """Least-squares slopes of each of g groups: a (m on x) and b (y on m beside x), with their sampling variances."""

    a: Floats
    b: Floats
    variance_a: Floats
    variance_b: Floats


@dataclass(frozen=True, kw_only=True)
class SlopeCovariance:
    """Covariance of a and b over groups."""

    estimate: float
    std_error: float
    variance_a: float
    variance_b: float
    n_groups: int


def group_slopes(
    x: Floats, m: Floats, y: Floats, groups: NDArray[np.object_], sigma_m: float, sigma_y: float
) -> GroupSlopes:
    """Slopes of each group from values about the group's means; groups without enough spread are left out.

    Sampling variances are σ²/Sxx and σ²/(Smm − Sxm²/Sxx) with the residual standard deviations of the mixed models.
    """
    codes = np.unique(groups, return_inverse=True)[1]

    def sums(values: Floats) -> Floats:
        return np.asarray(np.bincount(codes, values), dtype=np.float64)

    centred = y - (sums(y) / np.bincount(codes))[codes]
    xx, mm, xm = sums(x * x), sums(m * m), sums(x * m)
    xy, my = sums(x * centred), sums(m * centred)
    with np.errstate(divide="ignore", invalid="ignore"):
        left = mm - xm**2 / xx  # what x leaves of m
        a, b = xm / xx, (my - xm * xy / xx) / left
    usable = (np.bincount(codes) > 3) & (xx > 1e-10) & (left > 1e-8 * mm)
    if usable.sum() < _LEAST_GROUPS:
        text = "Only {groups} groups have slopes of their own, so random slopes cannot be related to each other."
        raise InsufficientDataError(Note("too_few_group_slopes", text, {"groups": int(usable.sum())}))
    return GroupSlopes(
        a=a[usable], b=b[usable], variance_a=sigma_m**2 / xx[usable], variance_b=sigma_y**2 / left[usable]
    )


def slope_covariance(slopes: GroupSlopes, tau_a: float, tau_b: float) -> SlopeCovariance:
    """Maximum-likelihood covariance of a and b, given their variances ``tau_a`` and ``tau_b`` between groups.

    The slopes of a group are bivariate normal with variances τ² plus their sampling variances and covariance σ_ab,
    because the sampling errors of both are independent; means are profiled. The error is that of a covariance of normal
    variables, 1/Σ(v_a v_b + σ_ab²)⁻¹ under the root.
    """
    va, vb = tau_a + slopes.variance_a, tau_b + slopes.variance_b
    most = np.sqrt(tau_a * tau_b)

    def deviance(covariance: float) -> float:
        determinant = va * vb - covariance**2
        inverse = np.array([[vb, np.full_like(va, -covariance)], [np.full_like(va, -covariance), va]]) / determinant
        whole = inverse.sum(axis=2)
        both = np.array([slopes.a, slopes.b])
        means = np.linalg.solve(whole, np.einsum("stg,tg->s", inverse, both))
        apart = both - means[:, None]
        return float(np.log(determinant).sum() + np.einsum("sg,stg,tg->", apart, inverse, apart))

    estimate = 0.0
    if most > 0:
        found = optimize.minimize_scalar(deviance, bounds=(-most, most), method="bounded", options={"xatol": 1e-10})
        estimate = float(found.x)
    information = (1 / (va * vb + estimate**2)).sum()  # with means and variances estimated too
    return SlopeCovariance(
        estimate=estimate,
        std_error=float(1 / np.sqrt(information)) if most > 0 else 0.0,
        variance_a=tau_a,
        variance_b=tau_b,
        n_groups=len(slopes.a),
    )
