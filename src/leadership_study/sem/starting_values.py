"""Where the search begins: loadings by instrumental variables, everything else by simple rules."""

import math
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from leadership_study.sem.parameter_table import ParameterTable, Row

Floats = NDArray[np.float64]


def starting_values(
    table: ParameterTable,
    observed: Sequence[str],
    covariances: Sequence[Floats],
    means: Sequence[Floats | None],
    thresholds: Sequence[Floats] = (),
) -> Floats:
    """Return a value for every row of the table: fixed ones as fixed, free ones a sensible start.

    Loadings of factors with three or more indicators come from Hägglund's (1982,
    https://doi.org/10.1007/BF02296276) FABIN 3.
    """  # fmt: skip
    place = {name: at for at, name in enumerate(observed)}
    found = np.array([row.value for row in table.rows])
    for group, (s, average) in enumerate(zip(covariances, means, strict=True)):
        rows = table.of_group(group)
        loadings = _loadings([row for _, row in rows], place, s)
        explained = {row.rhs if row.op == "=~" else row.lhs for _, row in rows if row.op in ("=~", "~")}
        cut = 0
        for at, row in rows:
            if row.op == "|":
                if row.free and len(thresholds):
                    found[at] = thresholds[group][cut]
                cut += 1
            if row.covariate:
                i = place[row.lhs]
                level = 0.0 if average is None else float(average[i])
                found[at] = level if row.op == "~1" else s[i, place[row.rhs]]
            elif row.free and not math.isnan(row.start):
                found[at] = row.start
            elif row.free and row.op != "|":
                found[at] = _start(row, place, s, average, loadings)
                if row.op == "~~" and row.lhs == row.rhs and row.lhs in place and row.lhs not in explained:
                    found[at] = s[place[row.lhs], place[row.lhs]]
    return found


def other_starts(
    table: ParameterTable, observed: Sequence[str], covariances: Sequence[Floats], base: Floats
) -> Iterator[Floats]:
    """Yield further starts, for when the first leads nowhere or to an improper solution.

    One with loadings relative to a first one of 1, and one with all loadings half the indicator's standard deviation.
    """
    place = {name: at for at, name in enumerate(observed)}
    relative, even = base.copy(), base.copy()
    for group, s in enumerate(covariances):
        rows = table.of_group(group)
        for factor in table.variables.latent:
            own = [(at, row) for at, row in rows if row.op == "=~" and row.lhs == factor and row.rhs in place]
            where = [place[row.rhs] for _, row in own]
            sd = np.sqrt(np.diag(s)[where])
            first = _fabin3(s[np.ix_(where, where)]) if len(own) > 2 else 0.7 * sd / sd[:1]
            for (at, row), value in zip(own, first, strict=True):
                if row.free and math.isnan(row.start):
                    relative[at] = value
                    even[at] = 0.5 * math.sqrt(s[place[row.rhs], place[row.rhs]])
    yield relative
    yield even


def _start(
    row: Row, place: dict[str, int], s: Floats, average: Floats | None, loadings: dict[tuple[str, str], float]
) -> float:
    match row.op:
        case "=~":
            return loadings.get((row.lhs, row.rhs), 0.7)
        case "~~":
            if row.lhs != row.rhs:
                return 0.0
            return s[place[row.lhs], place[row.lhs]] / 2 if row.lhs in place else loadings.get((row.lhs, ""), 0.2)
        case "~1":
            return float(average[place[row.lhs]]) if row.lhs in place and average is not None else 0.0
        case "~*~":
            return 1.0
    return 0.0


def _loadings(rows: Sequence[Row], place: dict[str, int], s: Floats) -> dict[tuple[str, str], float]:
    """Loadings by factor and indicator; under (factor, "") the factor's variance."""
    found: dict[tuple[str, str], float] = {}
    for factor in dict.fromkeys(row.lhs for row in rows if row.op == "=~"):
        own = [row for row in rows if row.op == "=~" and row.lhs == factor]
        items = [row.rhs for row in own if row.rhs in place]
        variance = [row for row in rows if row.op == "~~" and row.lhs == row.rhs == factor]
        standard = bool(variance) and not variance[0].free and variance[0].value > 0
        if len(items) < 3 or len(items) < len(own):
            size = {row.rhs: _size(row.rhs, place, s, found) for row in own}
            first = size[own[0].rhs]
            found[factor, ""] = (0.3 if items else 0.05) * (size[items[0]] if items else first)
            for row in own:
                by = size[row.rhs] if standard else size[row.rhs] / first
                found[factor, row.rhs] = (0.7 if row.rhs in place or not standard else 0.5) * math.sqrt(by)
            continue
        where = [place[name] for name in items]
        relative = _fabin3(s[np.ix_(where, where)])
        pairs = ~np.eye(len(items), dtype=bool)
        products = np.outer(relative, relative)[pairs]
        common = float(np.sum(products * s[np.ix_(where, where)][pairs]) / np.sum(products**2))
        first = s[where[0], where[0]]
        common = min(max(common, 0.05 * first), 0.9 * first)
        scale = math.sqrt(common) if standard else 1.0
        found[factor, ""] = common
        for name, value in zip(items, relative, strict=True):
            found[factor, name] = value * scale
    return found


def _size(name: str, place: dict[str, int], s: Floats, found: dict[tuple[str, str], float]) -> float:
    """Variance of an indicator, or what a factor's starts at where that is known."""
    return float(s[place[name], place[name]]) if name in place else found.get((name, ""), 1.0)


def _fabin3(covariance: Floats) -> Floats:
    """Return loadings relative to the first indicator, by two-stage least squares over the others as instruments.

    Worked out on correlations, so that units do not matter.
    """
    sd = np.sqrt(np.diag(covariance))
    s, k = covariance / np.outer(sd, sd), len(sd)
    rest = np.array([[j for j in range(1, k) if j != i] for i in range(1, k)])
    among, first = s[rest[:, :, None], rest[:, None, :]], s[rest, 0]
    try:
        weighted = np.linalg.solve(among, first[:, :, None])[:, :, 0]
    except np.linalg.LinAlgError:
        weighted = np.array([np.linalg.lstsq(a, b, rcond=1e-10)[0] for a, b in zip(among, first, strict=True)])
    below = np.sum(first * weighted, axis=1)
    above = np.sum(s[np.arange(1, k)[:, None], rest] * weighted, axis=1)
    value = np.where(below > 0, above / np.where(below > 0, below, 1.0), 1.0)
    usable = (np.abs(value) > 0.05) & (np.abs(value) < 5)
    found = np.concatenate([[1.0], np.where(usable, value, np.copysign(0.7, value))])
    return np.asarray(found * sd / sd[0])
