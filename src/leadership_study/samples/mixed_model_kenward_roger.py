"""Kenward and Roger's errors and degrees of freedom for the coefficients of a mixed model with few clusters."""

from dataclasses import dataclass
from itertools import combinations_with_replacement

import numpy as np

from leadership_study.errors import InsufficientDataError
from leadership_study.results import Note
from leadership_study.samples.mixed_model import MixedFit
from leadership_study.samples.mixed_model_elimination import factors_of
from leadership_study.samples.mixed_model_search import Parts
from leadership_study.samples.mixed_model_structure import MOST_CELLS, Floats, Integers
from leadership_study.samples.mixed_model_tests import WaldTest

Component = tuple[int, int, int]
"""Factor, row and column of one variance or covariance of random effects."""


@dataclass(frozen=True, kw_only=True, eq=False)
class KenwardRoger:
    """Adjusted covariance of β̂ and what its degrees of freedom are worked out from.

    Attributes
    ----------
    covariance : array, p × p
        Φ_A: larger than ``unadjusted`` = Φ = (X'V⁻¹X)⁻¹, for the variances are estimated too.
    slopes : array, c × p × p
        P_i = −X'V⁻¹G_iV⁻¹X, G_i the derivative of V by the i-th variance or covariance.
    uncertainty : array, c × c
        W, the covariance of these estimates by expected information.
    """

    covariance: Floats
    unadjusted: Floats
    slopes: Floats
    uncertainty: Floats

    def df(self, contrast: Floats) -> float:
        """Denominator degrees of freedom of contrast'β̂."""
        return self.test(contrast[None], np.zeros(len(contrast))).df2

    def test(self, contrasts: Floats, coefficients: Floats) -> WaldTest:
        """Scaled F test of several contrasts (rows of L)."""
        q = len(contrasts)
        theta = contrasts.T @ np.linalg.solve(contrasts @ self.unadjusted @ contrasts.T, contrasts)
        products = np.array([theta @ self.unadjusted @ slope @ self.unadjusted for slope in self.slopes])
        traces = np.trace(products, axis1=1, axis2=2)
        a1 = float(traces @ self.uncertainty @ traces)
        a2 = float(np.einsum("ij,iab,jba->", self.uncertainty, products, products))
        b = (a1 + 6 * a2) / (2 * q)
        g = ((q + 1) * a1 - (q + 4) * a2) / ((q + 2) * a2) if a2 != 0 else 0.0
        bottom = 3 * q + 2 * (1 - g)
        c1, c2, c3 = g / bottom, (q - g) / bottom, (q + 2 - g) / bottom
        v0, v1, v2 = 1 + c1 * b, 1 - c2 * b, 1 - c3 * b
        v0 = 0.0 if abs(v0) < 1e-10 else v0
        ratio = 1.0 if abs(1 - a2 / q) < 1e-10 and abs(v1) < 1e-10 else (1 - a2 / q) / v1
        rho = ratio**2 * v0 / v2 / q
        df2 = 4 + (q + 2) / (q * rho - 1) if q * rho != 1 else float("inf")
        scale = 1.0 if abs(df2 - 2) < 1e-2 or np.isinf(df2) else df2 * (1 - a2 / q) / (df2 - 2)
        means = contrasts @ coefficients
        wald = float(means @ np.linalg.solve(contrasts @ self.covariance @ contrasts.T, means)) / q
        return WaldTest(statistic=wald * (scale if q > 1 else 1.0), df1=q, df2=float(df2))


def kenward_roger(fit: MixedFit) -> KenwardRoger:
    """Kenward and Roger's adjustment of a model fitted by REML.

    The outermost units are independent, so everything is a sum over them of products of small matrices: V⁻¹ of a unit
    takes its columns [Z X] to [Z X]K, and all traces of products of V⁻¹ follow from K and their cross-products.

    Raises
    ------
    ValueError
        For a model fitted by maximum likelihood.
    InsufficientDataError
        When crossed factors have too many levels.

    References
    ----------
    Kenward, M. G., & Roger, J. H. (1997). Biometrics, 53, 983–997. https://doi.org/10.2307/2533558. Halekoh, U., &
    Højsgaard, S. (2014). Journal of Statistical Software, 59(9). https://doi.org/10.18637/jss.v059.i09. R twin:
    ``pbkrtest::vcovAdj``.
    """
    if not fit.reml:
        raise ValueError("Kenward–Roger errors need a model fitted by REML; set reml=True.")
    structure, root = fit.structure, fit.ols.inverse_root
    effects = sum(term.n_levels * term.n_columns for term in fit.terms)
    if not structure.nested and effects * (effects + structure.n) > MOST_CELLS:
        text = "The grouping factors cross and have {levels} random effects together, too many to work out here."
        raise InsufficientDataError(Note("too_many_crossed_levels", text, {"levels": effects}))
    scaled = factors_of(fit.theta, fit.deviance_of.directions, fit.terms)
    components: list[Component] = [
        (factor, a, b)
        for factor, term in enumerate(fit.terms)
        for block in term.blocks
        for a, b in combinations_with_replacement(block, 2)
    ]
    count, p = len(components) + 1, structure.p
    slopes = np.zeros((count, p, p))
    products = np.zeros((count, count, p, p))
    traces = np.zeros((count, count))
    order = np.argsort(structure.blocks_of_rows, kind="stable")
    for rows in np.split(order, np.flatnonzero(np.diff(structure.blocks_of_rows[order])) + 1):
        _add_unit(fit, scaled, components, rows, slopes, products, traces)
    phi = fit.sigma**2 * Parts(fit.eliminated, True).inverse
    information = np.empty((count, count))
    for i in range(count):
        for j in range(count):
            middle = 2 * np.sum(phi * products[i, j].T) - np.sum((phi @ slopes[i]) * (phi @ slopes[j]).T)
            information[i, j] = traces[i, j] - middle
    information = (information + information.T) / 2
    singular = np.abs(np.linalg.eigvalsh(information / np.sqrt(np.outer(*2 * [np.diag(information)])))).min() < 1e-12
    uncertainty = 2 * (np.linalg.pinv(information) if singular else np.linalg.inv(information))
    added = np.zeros((p, p))
    for i in range(count):
        for j in range(count):
            added += uncertainty[i, j] * (products[i, j] - slopes[i] @ phi @ slopes[j])
    adjusted = phi + 2 * phi @ ((added + added.T) / 2) @ phi
    back = np.linalg.inv(root)
    return KenwardRoger(
        covariance=root @ adjusted @ root.T,
        unadjusted=root @ phi @ root.T,
        slopes=np.array([back.T @ slope @ back for slope in slopes]),
        uncertainty=np.asarray(uncertainty, dtype=np.float64),
    )


def _add_unit(
    fit: MixedFit,
    scaled: list[Floats],
    components: list[Component],
    rows: Integers,
    slopes: Floats,
    products: Floats,
    traces: Floats,
) -> None:
    """Add what the rows of one independent unit contribute to P, Q and the traces."""
    p, variance = fit.structure.p, fit.sigma**2
    columns, factor, places = _columns(fit, scaled, rows)
    m = columns.shape[1]
    both = np.column_stack([columns, fit.ols.basis[rows]])
    gram = both.T @ both
    inner = factor.T @ gram[:m, :m] @ factor + np.eye(m)
    inverse = np.linalg.inv(inner)
    take = np.eye(m + p)
    take[:m] -= factor @ inverse @ factor.T @ gram[:m]
    take /= variance
    once = gram @ take  # [Z X]'V⁻¹[Z X], then with V⁻² and V⁻³
    twice = once @ take
    thrice = twice @ take
    a, b = once[:m, :m], once[m:, :m]
    turned = [_times(a, places[factor_at], i, j) for factor_at, i, j in components]
    sides = [_times(b, places[factor_at], i, j) for factor_at, i, j in components]
    twice_sides = [_times(twice[m:, :m], places[factor_at], i, j) for factor_at, i, j in components]
    last = len(components)
    for i in range(last):
        slopes[i] -= sides[i] @ b.T
        for j in range(last):
            traces[i, j] += float((turned[i] * turned[j].T).sum())
            products[i, j] += sides[i] @ _times(a, places[components[j][0]], *components[j][1:]) @ b.T
        traces[i, last] += float(np.trace(_times(twice[:m, :m], places[components[i][0]], *components[i][1:])))
        traces[last, i] = traces[i, last]
        products[last, i] += twice_sides[i] @ b.T
        products[i, last] = products[last, i].T
    slopes[last] -= twice[m:, m:]
    products[last, last] += thrice[m:, m:]
    hat = np.eye(m) - inverse
    traces[last, last] += (len(rows) - 2 * float(np.trace(hat)) + float((hat * hat).sum())) / variance**2


def _columns(fit: MixedFit, scaled: list[Floats], rows: Integers) -> tuple[Floats, Floats, list[Integers]]:
    """Z of these rows, T of its columns, and the positions of each factor's columns: levels × q."""
    designs, places, start = [], [], 0
    for term, scale in zip(fit.terms, fit.structure.scales, strict=True):
        levels, codes = np.unique(term.codes[rows], return_inverse=True)
        q = term.n_columns
        design = np.zeros((len(rows), len(levels), q))
        design[np.arange(len(rows)), codes] = term.design[rows] / scale
        designs.append(design.reshape(len(rows), -1))
        places.append(start + np.arange(len(levels) * q).reshape(-1, q))
        start += len(levels) * q
    factor = np.zeros((start, start))
    for place, own in zip(places, scaled, strict=True):
        factor[place[:, :, None], place[:, None, :]] = own
    return np.column_stack(designs), factor, places


def _times(values: Floats, place: Integers, a: int, b: int) -> Floats:
    """``values`` times the symmetric matrix with ones where effects a and b of one level meet."""
    found = np.zeros_like(values)
    found[:, place[:, b]] = values[:, place[:, a]]
    if a != b:
        found[:, place[:, a]] = values[:, place[:, b]]
    return found
