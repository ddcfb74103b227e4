"""Means and covariances of items: the one place where rows with missing answers are left out, and n is counted."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from leadership_study.errors import InsufficientDataError
from leadership_study.results import Note

Missing = Literal["listwise", "pairwise"]
Values = pd.Series | Mapping[str, float] | Sequence[float]

_BLOCK = 1 << 17
"""Numbers in a block of rows: 1 MB."""
_FIRST = 101
_FAR = 4.0
"""Squared distance of the mean from the answer that sums are taken about, in variances: up to here no digit is lost."""
_BEYOND = 1e140
"""Numbers above it have squares (and sums of these) that cannot be held; differences below its inverse likewise."""
_SYMMETRY = 1e-8  # printed tables are symmetric to the digits printed; full-precision ones far below this


@dataclass(frozen=True, kw_only=True, eq=False)
class Moments:
    """Covariances of p items and how many rows they rest on.

    Attributes
    ----------
    covariance : DataFrame, p × p
        With divisor n − 1. Pairwise: each entry from the rows that have both items.
    correlation : DataFrame, p × p
        Pairwise: each entry with the standard deviations of the rows that have both items, as R's ``cor``; it is then
        not the covariance rescaled.
    n : int
        Rows used: the complete rows, or the smallest number of rows that any pair of items shares.
    n_rows : int
        Rows received, those without any answer included.
    pair_n : DataFrame or None
        Rows per pair of items, for pairwise moments.
    means : Series or None
        Means of the items, if they are known.
    sd : Series
        Standard deviations of the items.
    missing : {"listwise", "pairwise", "given"}
        The rule for missing answers; "given" when the matrix was handed in.
    """

    covariance: pd.DataFrame
    correlation: pd.DataFrame
    n: int
    n_rows: int
    pair_n: pd.DataFrame | None
    means: pd.Series | None
    sd: pd.Series
    missing: Literal["listwise", "pairwise", "given"]

    @property
    def labels(self) -> list[str]:
        """Names of the items, in order."""
        return list(self.covariance.columns)


def moments(matrix: pd.DataFrame, n: int, *, means: Values | None = None, sd: Values | None = None) -> Moments:
    """Take a published correlation or covariance matrix in place of raw answers.

    Parameters
    ----------
    matrix : DataFrame, p × p
        Correlations or covariances (divisor n − 1), the same names in the same order on rows and columns.
    n : int
        Respondents behind the matrix, at least 2.
    means, sd : Series, mapping or sequence of p numbers, optional
        ``sd`` turns a correlation matrix into covariances; beside a covariance matrix it must agree with the diagonal.

    Raises
    ------
    TypeError
        If ``matrix`` is not a DataFrame of numbers.
    ValueError
        If it is not square, named alike on both sides, finite, symmetric, with a positive diagonal and no correlation
        beyond 1; if ``n``, ``means`` or ``sd`` do not fit it.
    """
    if isinstance(n, bool) or not isinstance(n, int | np.integer) or n < 2:
        raise ValueError(f"The 'n' parameter of moments must be a whole number of at least 2. Got {n!r} instead.")
    values, labels = numbers(matrix)
    values = _checked_matrix(values, labels, [str(name) for name in matrix.index])
    scale = np.sqrt(np.diag(values))
    if sd is not None:
        given = _vector(sd, labels, "sd")
        if not (given > 0).all():
            worst = labels[int(np.argmin(given))]
            raise ValueError(f"The standard deviation of {worst!r} must be above 0; correct 'sd'.")
        if np.allclose(scale, 1, rtol=0, atol=_SYMMETRY):
            values = values / np.outer(scale, scale) * np.outer(given, given)
            scale = given
        elif not np.allclose(scale, given, rtol=1e-3):
            worst = labels[int(np.argmax(np.abs(scale / given - 1)))]
            raise ValueError(f"'sd' and the diagonal of the covariance matrix disagree for {worst!r}; leave out 'sd'.")
    correlation = values / np.outer(scale, scale)
    np.fill_diagonal(correlation, 1.0)
    return Moments(
        covariance=_square(values, labels),
        correlation=_square(correlation, labels),
        n=int(n),
        n_rows=int(n),
        pair_n=None,
        means=None if means is None else _series(_vector(means, labels, "means"), labels),
        sd=_series(scale, labels),
        missing="given",
    )


def moments_of(items: pd.DataFrame | Moments, *, missing: Missing = "listwise") -> Moments:
    """Return means and covariances of the answers; moments are handed back as they are.

    Parameters
    ----------
    items : DataFrame of numbers, respondents × items, or Moments
        A missing answer is NaN.
    missing : {"listwise", "pairwise"}
        Use the rows that have every item, or for each pair the rows that have both.

    Raises
    ------
    TypeError, ValueError
        If a column holds text or an infinite number, or a name occurs twice.
    InsufficientDataError
        If an item has no answer, or the same answer in all rows used, or fewer than two rows are left; the items are
        named.

    Notes
    -----
    Each column is first reduced by one of its answers, then by the mean of what is left: adding the same whole number
    to all answers, however large, leaves the covariances bit for bit as they were.
    """
    if missing not in ("listwise", "pairwise"):
        raise ValueError(
            f"The 'missing' parameter of moments_of must be one of 'listwise', 'pairwise'. Got {missing!r} instead."
        )
    if isinstance(items, Moments):
        return items
    values, labels, gaps = _read(items)
    n_rows = len(values)
    if gaps:
        seen = ~np.isnan(values)
        refuse_empty(seen, labels)
        if missing == "pairwise":
            return _pairwise(values, seen, labels)
        values = values[seen.all(axis=1)]
    _refuse_short(len(values), n_rows)
    return _complete(values, labels, n_rows, missing)


def numbers(items: pd.DataFrame) -> tuple[NDArray[np.float64], list[str]]:
    """Return the frame as floats (missing as NaN) with its column names, or refuse it.

    Raises
    ------
    TypeError
        If ``items`` is not a DataFrame, or a column holds anything but numbers.
    ValueError
        If there is no column, a name occurs twice, a value is infinite or beyond 1e140, or all values of a column lie
        within 1e-140 of each other (their squares cannot be held); the column is named.
    """
    values, labels, _ = _read(items)
    if len(values):
        seen = ~np.isnan(values)
        spread = np.where(seen, values, -np.inf).max(axis=0) - np.where(seen, values, np.inf).min(axis=0)
        _refuse_tiny((spread > 0) & (spread < 1 / _BEYOND), labels)
    return values, labels


def _read(items: pd.DataFrame) -> tuple[NDArray[np.float64], list[str], bool]:
    """`numbers`, and whether there may be gaps (or no rows at all)."""
    if not isinstance(items, pd.DataFrame):
        raise TypeError(f"Items must be a DataFrame with one column an item. Got {type(items).__name__} instead.")
    labels = [str(name) for name in items.columns]
    if not labels:
        raise ValueError("Items must have at least one column. Got none.")
    if twice := sorted({name for name in labels if labels.count(name) > 1}):
        raise ValueError(f"The column {twice[0]!r} occurs more than once; give each item its own name.")
    for name, kind in zip(labels, items.dtypes, strict=True):
        if not pd.api.types.is_numeric_dtype(kind) or pd.api.types.is_complex_dtype(kind):
            raise TypeError(f"The column {name!r} holds {kind}, not numbers; recode its answers as numbers first.")
    values = items.to_numpy(dtype=float, na_value=np.nan)
    flat = values.ravel(order="K")
    with np.errstate(over="ignore", invalid="ignore"):
        length = (
            float(np.vdot(flat, flat)) if len(values) else math.nan
        )  # one pass finds gaps, infinities, huge numbers
    if not length < _BEYOND**2:
        if (infinite := np.isinf(values)).any():
            row, at = np.argwhere(infinite)[0]
            place = f"The column {labels[at]!r} holds an infinite number in row {items.index[row]!r}"
            raise ValueError(f"{place}; correct it or mark it as missing.")
        if (huge := np.abs(values) > _BEYOND).any():
            row, at = np.argwhere(huge)[0]
            place = f"The column {labels[at]!r} holds a number beyond {_BEYOND:g} in row {items.index[row]!r}"
            raise ValueError(f"{place}, too large to compute with; correct it or give the column in another unit.")
    return values, labels, math.isnan(length)


def _refuse_tiny(tiny: NDArray[np.bool_], labels: list[str]) -> None:
    if tiny.any():
        place = f"The values of column {labels[int(np.argmax(tiny))]!r} differ by less than {1 / _BEYOND:g}"
        raise ValueError(f"{place}, too little to compute with; correct them or give the column in another unit.")


def _complete(values: NDArray[np.float64], labels: list[str], n_rows: int, missing: Missing) -> Moments:
    """Moments of rows without a gap, in blocks of rows that stay in the processor's cache.

    One pass: products are taken about an answer of each item, where those of whole numbers are exact, and then moved to
    the mean. That costs digits only where the mean is far from that answer; there a second pass goes about the mean.
    """
    n, k = values.shape
    first = values[:_FIRST]
    base = np.sort(first, axis=0)[len(first) // 2]
    total, products = _products(values, base)
    centre = total / n
    squares = products - n * np.outer(centre, centre)
    if (n * centre**2 > _FAR * np.diag(squares)).any():
        total, products = _products(values, base, centre)
        squares = products - np.outer(total, total) / n
    if (still := np.diag(squares) == 0).any():
        _refuse_tiny(still & (values.max(axis=0) > values.min(axis=0)), labels)
        refuse_constant(still, labels)  # equal answers are their own base: exactly 0
    covariance = squares / (n - 1)
    scale = np.sqrt(np.diag(covariance))
    correlation = covariance / np.outer(scale, scale)
    np.fill_diagonal(correlation, 1.0)
    return Moments(
        covariance=_square(covariance, labels),
        correlation=_square(correlation, labels),
        n=n,
        n_rows=n_rows,
        pair_n=None if missing == "listwise" else _square(np.full((k, k), n), labels),
        means=_series(base + centre, labels),
        sd=_series(scale, labels),
        missing=missing,
    )


def _products(
    values: NDArray[np.float64], base: NDArray[np.float64], centre: NDArray[np.float64] | None = None
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Sums and cross-products of the columns less ``base``, and less ``centre``."""
    n, k = values.shape
    columns = values.T  # rows of contiguous numbers where the frame keeps them so
    step = max(_BLOCK // k, 1)
    apart = np.empty((k + 1, min(step, n)))
    apart[k] = 1.0  # products with it are the sums
    products = np.zeros((k + 1, k + 1))
    for at in range(0, n, step):
        block = columns[:, at : at + step]
        within = apart[:, : block.shape[1]]
        np.subtract(block, base[:, None], out=within[:k])
        if centre is not None:
            within[:k] -= centre[:, None]
        products += within @ within.T
    return products[k, :k].copy(), products[:k, :k].copy()


def _pairwise(values: NDArray[np.float64], seen: NDArray[np.bool_], labels: list[str]) -> Moments:
    n_rows = len(values)
    if n_rows < 2:
        _refuse_short(n_rows, n_rows)
    base = np.where(seen, values, np.inf).min(axis=0)
    spread = np.where(seen, values, -np.inf).max(axis=0) - base
    _refuse_tiny((spread > 0) & (spread < 1 / _BEYOND), labels)
    refuse_constant(spread == 0, labels)
    above = np.where(seen, values - base, 0.0)
    centre = above.sum(axis=0) / seen.sum(axis=0)
    centred = np.where(seen, above - centre, 0.0)
    means = _series(base + centre, labels)
    there = seen.astype(float)
    n = there.T @ there
    _refuse_pairs(n < 2, labels, "pair_too_few_rows", "{first} and {second} were answered together by fewer than two "
                  "respondents; leave one of them out.")  # fmt: skip
    # Row i of `sums` and `squares`: item i over the rows that also have item j. The values are already centred on the
    # item's own mean, so the corrections for the mean of the shared rows are small and cost no digits.
    sums = centred.T @ there
    squares = (centred**2).T @ there
    covariance = (centred.T @ centred - sums * sums.T / n) / (n - 1)
    variance = (squares - sums**2 / n) / (n - 1)
    overall = np.diag(variance)
    _refuse_pairs(variance <= 1e-12 * overall[:, None], labels, "pair_constant", "{first} does not vary among those "
                  "who also answered {second}; leave one of them out.")  # fmt: skip
    correlation = covariance / np.sqrt(variance * variance.T)
    np.fill_diagonal(correlation, 1.0)
    return Moments(
        covariance=_square(covariance, labels),
        correlation=_square(correlation, labels),
        n=int(n.min()),
        n_rows=n_rows,
        pair_n=_square(n.astype(np.int64), labels),
        means=means,
        sd=_series(np.sqrt(overall), labels),
        missing="pairwise",
    )


def refuse_empty(seen: NDArray[np.bool_], labels: list[str]) -> None:
    """Raise `InsufficientDataError` naming the columns of ``seen`` (rows × items) that nobody answered."""
    if empty := [name for name, any_seen in zip(labels, np.any(seen, axis=0).tolist(), strict=True) if not any_seen]:
        text = "No respondent answered {items}; leave them out of `items`, or of their dimension."
        raise InsufficientDataError(Note("items_without_answers", text, {"items": ", ".join(empty)}))


def refuse_constant(constant: NDArray[np.bool_], labels: list[str]) -> None:
    """Raise `InsufficientDataError` naming the items that are ``constant``, one truth an item."""
    if same := [name for name, is_constant in zip(labels, constant, strict=True) if is_constant]:
        text = "All respondents gave the same answer to {items}; leave them out of `items`, or of their dimension."
        raise InsufficientDataError(Note("items_without_variance", text, {"items": ", ".join(same)}))


def _refuse_short(n: int, n_rows: int) -> None:
    if n < 2:
        text = "Only {n} of {n_rows} respondents answered every item; at least two are needed."
        raise InsufficientDataError(Note("too_few_complete_rows", text, {"n": n, "n_rows": n_rows}))


def _refuse_pairs(bad: NDArray[np.bool_], labels: list[str], note: str, text: str) -> None:
    if bad.any():
        first, second = (labels[at] for at in np.argwhere(bad)[0])
        raise InsufficientDataError(Note(note, text, {"first": first, "second": second}))


def _checked_matrix(values: NDArray[np.float64], labels: list[str], rows: list[str]) -> NDArray[np.float64]:
    if rows != labels:
        raise ValueError("The matrix must be square, with the same names in the same order on rows and columns.")
    if not np.isfinite(values).all():
        row, column = np.argwhere(~np.isfinite(values))[0]
        raise ValueError(f"The matrix has no finite number at {labels[row]!r}, {labels[column]!r}; fill it in.")
    scale = np.diag(values)
    if not (scale > 0).all():
        worst = labels[int(np.argmin(scale))]
        raise ValueError(f"The diagonal of the matrix must be above 0; it is not for {worst!r}.")
    correlation = values / np.sqrt(np.outer(scale, scale))
    if (apart := np.abs(correlation - correlation.T)).max() > _SYMMETRY:
        row, column = np.unravel_index(int(apart.argmax()), apart.shape)
        raise ValueError(f"The matrix must be symmetric; it is not at {labels[row]!r}, {labels[column]!r}.")
    if np.abs(correlation).max() > 1 + _SYMMETRY:
        row, column = np.unravel_index(int(np.abs(correlation).argmax()), correlation.shape)
        raise ValueError(f"The matrix has a correlation beyond 1 at {labels[row]!r}, {labels[column]!r}; correct it.")
    return np.asarray((values + values.T) / 2)


def _vector(values: Values, labels: list[str], what: str) -> NDArray[np.float64]:
    if isinstance(values, pd.Series | Mapping):
        named = {str(name): value for name, value in values.items()}
        if sorted(named) != sorted(labels):
            raise ValueError(f"The names of '{what}' must be those of the matrix: {', '.join(labels)}.")
        values = [named[name] for name in labels]
    vector = np.asarray(values, dtype=float)
    if vector.shape != (len(labels),) or not np.isfinite(vector).all():
        raise ValueError(f"The '{what}' parameter of moments must be {len(labels)} finite numbers, one an item.")
    return vector


def _square(values: NDArray[Any], labels: list[str]) -> pd.DataFrame:
    index = pd.Index(labels, name="item", dtype="str")
    return pd.DataFrame(values, index=index, columns=pd.Index(labels, dtype="str"))


def _series(values: NDArray[np.float64], labels: list[str]) -> pd.Series:
    return pd.Series(values, index=pd.Index(labels, name="item", dtype="str"))
