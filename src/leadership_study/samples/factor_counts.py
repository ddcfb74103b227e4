"""Rules for the number of factors that look at the eigenvalues, or at the fit of one number after another."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from leadership_study.samples.factoring import extract

Floats = NDArray[np.float64]


def in_a_row(kept: NDArray[np.bool_]) -> int:
    """How many are True from the first on."""
    return int(np.cumprod(kept).sum())


def acceleration(eigenvalues: Floats) -> tuple[int, Floats]:
    """Factors before the sharpest bend of the scree: where λ_{i+1} − 2λ_i + λ_{i−1} is largest, less one.

    The second return value is that difference for every eigenvalue (NaN for the first and the last).

    Notes
    -----
    Raîche, Walls, Magis, Riopel and Blais (2013, https://doi.org/10.1027/1614-2241/a000051). R twin:
    ``nFactors::nScree()$Components$naf``.
    """
    bend = np.full(len(eigenvalues), np.nan)
    bend[1:-1] = eigenvalues[2:] - 2 * eigenvalues[1:-1] + eigenvalues[:-2]
    return (int(np.nanargmax(bend)) if len(eigenvalues) > 2 else 0), bend


def optimal_coordinates(eigenvalues: Floats, reference: Floats) -> tuple[int, Floats]:
    """Eigenvalues in a row that reach both ``reference`` and what the line through the next and the last predicts.

    The second return value is the prediction (NaN for the last two). R twin: ``nFactors::nScree()$Components$noc``,
    with ``reference`` its ``aparallel``. https://doi.org/10.1027/1614-2241/a000051
    """
    p = len(eigenvalues)
    predicted = np.full(p, np.nan)
    after = np.arange(1, p - 1)  # position of the next eigenvalue, counted from 0
    slope = (eigenvalues[-1] - eigenvalues[after]) / (p - 1 - after)
    predicted[after - 1] = eigenvalues[after] - slope
    above = (eigenvalues >= reference) & (eigenvalues >= np.where(np.isnan(predicted), np.inf, predicted))
    return in_a_row(above), predicted


def empirical_kaiser(eigenvalues: Floats, n: int) -> tuple[int, Floats]:
    """Eigenvalues in a row above what n respondents' uncorrelated remainder would give.

    The reference of the j-th is (1 + √(p/n))² (p − λ₁ − … − λ_{j−1})/(p − j + 1), at least 1 (Braeken & van
    Assen, 2017, https://doi.org/10.1037/met0000074). R twin: ``EFAtools::EKC``.
    """
    p = len(eigenvalues)
    left = p - np.concatenate([[0.0], np.cumsum(eigenvalues)[:-1]])
    reference = np.maximum((1 + np.sqrt(p / n)) ** 2 * left / (p - np.arange(p)), 1.0)
    return in_a_row(eigenvalues > reference), reference


@dataclass(frozen=True)
class Hull:
    """``fit`` of 0, 1, 2, … factors, ``elbow`` at those on the hull (NaN elsewhere), and where it is sharpest."""

    n_factors: int | None
    fit: Floats
    elbow: Floats


def hull(correlation: Floats, highest: int) -> Hull:
    """Number of factors after which further ones add least for their parameters.

    Parameters
    ----------
    correlation : array (p, p)
    highest : int
        Largest number of factors to try; the authors take one more than parallel analysis retains.

    Notes
    -----
    Fit is the common part accounted for, one minus the Kaiser–Meyer–Olkin measure of the minres residuals. On the upper
    boundary of fit against parameters, the ratio of the slope before to the slope after is largest at the elbow. None
    when fewer than three solutions lie on that boundary. Lorenzo-Seva, Timmerman and Kiers (2011,
    https://doi.org/10.1080/00273171.2011.564527). R twin: ``EFAtools::HULL(method = "ULS", gof = "CAF")``.
    """
    p = len(correlation)
    numbers = np.arange(0, max(highest, 0) + 1)
    fit = np.full(len(numbers), np.nan)
    for number in numbers:
        reproduced = np.zeros_like(correlation)
        if number:
            found = extract(correlation, int(number), starts="one")
            if not found.converged:
                break
            reproduced = found.loadings @ found.loadings.T
        fit[number] = 1 - _kmo(correlation - reproduced)
    parameters = p * numbers - numbers * (numbers - 1) / 2
    boundary = _boundary(parameters, fit)
    elbow = np.full(len(numbers), np.nan)
    for before, at, after in zip(boundary[:-2], boundary[1:-1], boundary[2:], strict=True):
        rise = (fit[at] - fit[before]) / (parameters[at] - parameters[before])
        next_rise = (fit[after] - fit[at]) / (parameters[after] - parameters[at])
        elbow[at] = rise / next_rise if next_rise > 0 else np.inf
    return Hull(int(np.nanargmax(elbow)) if len(boundary) > 2 else None, fit, elbow)


def _boundary(parameters: Floats, fit: Floats) -> list[int]:
    # Solutions that fit better than any with fewer factors, less those below the line of their neighbours.
    kept: list[int] = []
    for at in range(len(fit)):
        if np.isfinite(fit[at]) and (not kept or fit[at] > fit[kept[-1]]):
            while len(kept) > 1 and _below(parameters, fit, kept[-2], kept[-1], at):
                kept.pop()
            kept.append(at)
    return kept


def _below(x: Floats, y: Floats, left: int, middle: int, right: int) -> bool:
    line = y[left] + (y[right] - y[left]) * (x[middle] - x[left]) / (x[right] - x[left])
    return bool(y[middle] <= line)


def _kmo(residual: Floats) -> float:
    scale = np.sqrt(np.abs(np.diag(residual)))
    if scale.min() < 1e-8:
        return float("nan")
    matrix = residual / np.outer(scale, scale)
    inverse = np.linalg.pinv(matrix, hermitian=True)
    spread = np.sqrt(np.abs(np.diag(inverse)))
    partial = (inverse / np.outer(spread, spread)) ** 2
    squares = matrix**2
    np.fill_diagonal(squares, 0.0)
    np.fill_diagonal(partial, 0.0)
    return float(squares.sum() / (squares.sum() + partial.sum()))
