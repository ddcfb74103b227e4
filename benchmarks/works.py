"""What is timed: for each work its data, the public call, and the values that must equal the peer's.

Run by `compare.py` in a process of its own: ``python works.py <work> <folder> <repeats>``.
"""

import json
import statistics
import sys
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

import leadership_study as ls

ROOT = Path(__file__).parents[1]
BIG_FIVE = "\n".join(f"{name} =~ " + " + ".join(f"{name}{at}" for at in range(1, 6)) for name in "ACENO")
ITEMS = [f"{name}{at}" for name in "ACENO" for at in range(1, 6)]


def bfi(*, complete: bool = True, extra: tuple[str, ...] = ()) -> pd.DataFrame:
    """The personality items, reverse-keyed ones turned as in the references."""
    frame = pd.read_csv(ROOT / "data" / "raw" / "bfi" / "bfi.csv")[[*ITEMS, *extra]]
    turned = ["A1", "C4", "C5", "E1", "E2", "O2", "O5"]
    frame[turned] = 7 - frame[turned]
    return frame.dropna() if complete else frame


def ordinal(n: int, p: int, *, categories: int = 5) -> pd.DataFrame:
    """Simulated answers with one common factor."""
    random = np.random.default_rng(1)
    latent = random.normal(size=(n, 1)) * 0.7 + random.normal(size=(n, p)) * 0.7
    cuts = np.linspace(-1.5, 1.2, categories - 1)
    return pd.DataFrame(np.searchsorted(cuts, latent).astype(float) + 1, columns=[f"q{at}" for at in range(p)])


def lower(matrix: pd.DataFrame) -> list[float]:
    """Below the diagonal, column by column, as R."""
    values = matrix.to_numpy()
    return [float(values[row, column]) for column in range(len(values)) for row in range(column + 1, len(values))]


def of_fit(fit: "ls.SemFit") -> list[float]:
    """Estimates, errors and four fit indices; reading them is part of the work."""
    table = fit.estimates
    names = ["chi_square", "cfi", "rmsea", "srmr"]
    return [*table["estimate"], *table["std_error"].fillna(0), *fit.fit[names]]


def soldiers(n: int) -> pd.DataFrame:
    """Simulated answers of soldiers in 99 units of unequal size, as large as the data of Bliese and Halverson (1996)."""
    random = np.random.default_rng(1)
    unit = np.minimum(random.gamma(2, 25, n).astype(int), 98)
    x, z = random.normal(2.9, 0.8, n), random.normal(11, 2, n)
    effects = random.normal(0, (0.3, 0.15), (99, 2))[unit]
    y = 2 + effects[:, 0] + (0.4 + effects[:, 1]) * x - 0.05 * z + random.normal(0, 0.8, n)
    return pd.DataFrame({"y": y, "x": x, "z": z, "unit": unit})


def ratings() -> pd.DataFrame:
    """Simulated ratings of 2,800 targets by five raters, whose levels differ."""
    random = np.random.default_rng(2)
    values = random.normal(size=(2800, 1)) + random.normal(size=(2800, 5)) + np.linspace(-0.3, 0.3, 5)
    return pd.DataFrame(values, columns=[f"r{at}" for at in range(5)])


def chain() -> pd.DataFrame:
    """Simulated answers where x goes with y partly by way of m."""
    random = np.random.default_rng(3)
    x = random.normal(size=2042)
    m = 0.4 * x + random.normal(size=2042)
    return pd.DataFrame({"x": x, "m": m, "y": 0.2 * x + 0.5 * m + random.normal(size=2042)})


def of_icc(found: "ls.Result") -> list[float]:
    """Intraclass correlations, and their F tests with degrees of freedom."""
    return [float(value) for column in ("icc", "f", "df1", "df2") for value in found.table[column]]


def of_mediation(data: pd.DataFrame) -> list[float]:
    """The indirect effect; both kinds of limits are read, and drawn by each program in its own way."""
    found = ls.mediate(data, "x", "m", "y", bootstrap=5000, seed=1)
    for method in ("percentile", "bca"):
        limits = found.intervals.loc[("m", method)]
        assert limits["ci_low"] < limits["ci_high"]
    return [float(found.indirect["estimate"].iloc[0])]


def of_mixed(model: "ls.Result") -> list[float]:
    """Coefficients, errors and the likelihood of a mixed model."""
    return [*model.fixed["estimate"], *model.fixed["std_error"], float(model.fit["log_likelihood"])]


def _parallel(data: pd.DataFrame) -> list[float]:
    components = ls.parallel_analysis(data, replicates=100, seed=1)
    factors = ls.parallel_analysis(data, replicates=100, basis="factors", seed=1)
    # psych stops its search for the factors' communalities at 1e-3, so their eigenvalues are read but not compared.
    assert len(components.components) == len(factors.components)
    return list(components.eigenvalues)


def _ladder(data: pd.DataFrame) -> list[float]:
    levels = [(), ("loadings",), ("loadings", "intercepts"), ("loadings", "intercepts", "residuals")]
    fits = [ls.cfa(BIG_FIVE, data, group="gender", equal=level) for level in levels]
    return [float(fit.fit[name]) for fit in fits for name in ("chi_square", "cfi", "rmsea", "srmr")]


def _indices(fit: "ls.SemFit") -> list[float]:
    return sorted(fit.modification_indices()["mi"], reverse=True)[:20]


DATA: dict[str, Callable[[], pd.DataFrame]] = {
    "polychoric_bfi": bfi,
    "polychoric_wide": lambda: ordinal(10_000, 50),
    "parallel_bfi": bfi,
    "alpha_bootstrap": lambda: bfi()[ITEMS[:5]],
    "alpha_long": lambda: ordinal(100_000, 25),
    "omega_hierarchical": bfi,
    "efa_oblimin": bfi,
    "cfa_ml": bfi,
    "cfa_mlr": bfi,
    "cfa_wlsmv": bfi,
    "cfa_fiml": lambda: bfi(complete=False),
    "cfa_bootstrap": bfi,
    "invariance": lambda: bfi(extra=("gender",)),
    "modification_indices": bfi,
    "mixed_intercept": lambda: soldiers(7382),
    "mixed_slope": lambda: soldiers(7382),
    "icc": ratings,
    "mediation": chain,
}
CALLS: dict[str, Callable[[pd.DataFrame], list[float]]] = {
    "polychoric_bfi": lambda data: lower(ls.polychoric(data).correlations),
    "polychoric_wide": lambda data: lower(ls.polychoric(data).correlations),
    "parallel_bfi": lambda data: _parallel(data),
    "alpha_bootstrap": lambda data: [ls.cronbach_alpha(data, interval="bootstrap", bootstrap=1000, seed=1).alpha],
    "alpha_long": lambda data: [ls.cronbach_alpha(data).alpha],
    "omega_hierarchical": lambda data: [ls.hierarchical_omega(data, 5).omega_hierarchical],
    "efa_oblimin": lambda data: sorted(ls.efa(data, 5).communalities),
    "cfa_ml": lambda data: of_fit(ls.cfa(BIG_FIVE, data)),
    "cfa_mlr": lambda data: of_fit(ls.cfa(BIG_FIVE, data, estimator="MLR")),
    "cfa_wlsmv": lambda data: of_fit(ls.cfa(BIG_FIVE, data, ordered=ITEMS, estimator="WLSMV")),
    "cfa_fiml": lambda data: of_fit(ls.cfa(BIG_FIVE, data, missing="fiml")),
    "cfa_bootstrap": lambda data: list(
        ls.cfa(BIG_FIVE, data, se="bootstrap", bootstrap=500, seed=1).estimates["estimate"]
    ),
    "invariance": _ladder,
    "mixed_intercept": lambda data: of_mixed(ls.mixed_model("y ~ x + z", data, "unit")),
    "mixed_slope": lambda data: of_mixed(ls.mixed_model("y ~ x + z", data, "unit", random="1 + x")),
    "icc": lambda data: of_icc(ls.intraclass_correlation(data)),
    "mediation": of_mediation,
}


def main(work: str, folder: Path, repeats: int) -> None:
    """Write <folder>/<work>.ours.json."""
    data = DATA[work]()
    call = CALLS.get(work, CALLS["cfa_ml"])
    if work == "modification_indices":
        fit = ls.cfa(BIG_FIVE, data)

        def call(data: pd.DataFrame) -> list[float]:
            return _indices(fit)

    values = call(data)
    seconds = []
    for _ in range(repeats):
        start = time.perf_counter()
        call(data)
        seconds.append(time.perf_counter() - start)
    floor = []
    if work == "alpha_long":
        array = data.to_numpy()
        for _ in range(repeats):
            start = time.perf_counter()
            np.cov(array, rowvar=False)
            floor.append(time.perf_counter() - start)
    tracemalloc.start()
    call(data)
    peak = tracemalloc.get_traced_memory()[1]
    found = {"seconds": seconds, "megabytes": peak / 1e6, "values": [float(value) for value in values]}
    if floor:
        found["covariance_alone"] = statistics.median(floor)
    (folder / f"{work}.ours.json").write_text(json.dumps(found), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]))
