"""Cluster designs by formula: the design effect, and groups that differ between clusters."""

import math

import numpy as np

from leadership_study.results import Note
from leadership_study.samples import power_formulas as formulas
from leadership_study.samples.power import PowerResult, curve_of, rounded_up, sizes_table, smallest, smallest_effect
from leadership_study.samples.power_formulas import Sides
from leadership_study.study import _power_checks as checks

_FEW_CLUSTERS = 20


def cluster_design(
    n: int | PowerResult,
    *,
    icc: float,
    cluster_size: float | tuple[int, ...],
    size_cv: float | None = None,
    predictor_icc: float = 1.0,
) -> PowerResult:
    """Respondents needed in clusters in place of ``n`` independent ones.

    Parameters
    ----------
    n : int or PowerResult
        Sample that independent respondents would need, or the result that found it.
    icc : float
        ICC(1) of the outcome in the clusters.
    cluster_size : float or tuple of int
        Respondents a cluster: their mean, or every cluster's own number.
    size_cv : float, optional
        SD over mean of the clusters' sizes, 0 unless said; follows from ``cluster_size`` when that lists them.
    predictor_icc : float
        ICC of the predictor: 1 for a mean or what does not vary inside clusters, 0 for what varies as much inside
        clusters as anywhere.

    Returns
    -------
    PowerResult
        ``design_effect`` = 1 + ((1 + CV²) m − 1) ρ_y ρ_x; ``n`` = n · design effect, whole clusters; the curve has
        ``effective_n``, the independent respondents that samples in clusters are worth.

    References
    ----------
    Kish (1965). Eldridge, Ashby and Kerry (2006), 10.1093/ije/dyl129. Scott and Holt (1982),
    10.1080/01621459.1982.10477897.
    """
    name = "cluster_design"
    independent = n.n if isinstance(n, PowerResult) else n
    checks.whole(name, "n", independent, 1)
    checks.number(name, "icc", icc, 0, 1, closed=True)
    checks.number(name, "predictor_icc", predictor_icc, -1, 1, closed=True)
    mean_size, size_cv = _sizes(name, cluster_size, size_cv)
    effect = formulas.design_effect(icc, mean_size, size_cv=size_cv, predictor_icc=predictor_icc)
    if effect <= 0:
        raise ValueError(f"The 'predictor_icc' of {name} cannot be {predictor_icc!r} with clusters of {mean_size:g}.")
    exact = independent * effect
    clusters = rounded_up(exact / mean_size)
    total = math.ceil(clusters * mean_size - 1e-9)
    curve = curve_of(lambda size: size / effect, total, mean_size, "effective_n", step=max(round(mean_size), 1))
    return PowerResult(
        n=total,
        n_exact=exact,
        design_effect=effect,
        sizes=sizes_table(
            {"independent": (independent, independent), "respondents": (exact, total),
             "clusters": (exact / mean_size, clusters)}
        ),
        curve=curve,
        definition={
            "formula": "design_effect", "icc": icc, "cluster_size": mean_size, "size_cv": size_cv,
            "predictor_icc": predictor_icc, "sought": "n", "source": "Kish (1965); Eldridge, Ashby and Kerry (2006)",
        },
        notes=_few(clusters),
    )  # fmt: skip


def cluster_comparison_power(
    d: float | None = None,
    *,
    icc: float,
    cluster_size: float | tuple[int, ...],
    size_cv: float | None = None,
    clusters: int | None = None,
    power: float | None = None,
    alternative: Sides = "two-sided",
    significance_level: float = 0.05,
) -> PowerResult:
    """Two groups of whole clusters compared: finds the one of ``d``, ``clusters``, ``power`` that is not given.

    Schools or districts belong to one group or the other, half of them to each; ``clusters`` counts both groups
    together. The t test has clusters − 2 degrees of freedom, however many respondents there are, and noncentrality
    d √(N/4 / design effect) with N respondents in all.

    Parameters
    ----------
    d : float
        Difference over the standard deviation of respondents in a group.
    icc, cluster_size, size_cv
        As in `cluster_design`.

    References
    ----------
    Donner, A., & Klar, N. (2000). Design and analysis of cluster randomization trials in health research. Arnold.
    """
    name = "cluster_comparison_power"
    checks.choice(name, "alternative", alternative, ("two-sided", "one-sided"))
    checks.number(name, "icc", icc, 0, 1, closed=True)
    if d is not None:
        checks.number(name, "d", abs(d) if isinstance(d, int | float) else d, 0, math.inf)
        d = abs(d)
    mean_size, size_cv = _sizes(name, cluster_size, size_cv)
    which, target = checks.sought(name, "d", d, clusters, power, significance_level)
    effect = formulas.design_effect(icc, mean_size, size_cv=size_cv)

    def at(difference: float, count: float) -> float:
        ncp = difference * math.sqrt(count * mean_size / 4 / effect)
        return formulas.t_power(ncp, count - 2, significance_level, alternative)

    exact = None
    if clusters is not None:
        checks.whole(name, "clusters", clusters, 3)
        count = clusters
    if d is None:
        count = clusters or 3
        d = smallest_effect(lambda trial: at(trial, count), target, 100.0)
    assumed = d
    if clusters is None:
        exact = smallest(lambda trial: at(assumed, trial), target, 3.0)
        count = 2 * rounded_up(exact / 2)
    total = math.ceil(count * mean_size - 1e-9)
    return PowerResult(
        n=total,
        n_exact=None if exact is None else exact * mean_size,
        effect=d,
        power=at(d, count),
        target_power=None if which == "power" else target,
        design_effect=effect,
        sizes=sizes_table({"clusters": (count if exact is None else exact, count)}),
        curve=curve_of(lambda size: at(assumed, size / mean_size), total, 4 * mean_size, "power",
                       step=max(round(2 * mean_size), 1)),
        definition={
            "formula": "noncentral_t", "effect": "cohen_d", "icc": icc, "cluster_size": mean_size, "size_cv": size_cv,
            "alternative": alternative, "sought": which, "significance_level": significance_level,
            "source": "Donner and Klar (2000)",
        },
        notes=_few(count),
    )  # fmt: skip


def _sizes(name: str, cluster_size: float | tuple[int, ...], size_cv: float | None) -> tuple[float, float]:
    """Return the mean size and its coefficient of variation (population formula, so that m(1 + CV²) = Σm²/Σm)."""
    if not isinstance(cluster_size, tuple):
        checks.number(name, "cluster_size", cluster_size, 1, math.inf, closed=True)
        checks.number(name, "size_cv", size_cv or 0.0, 0, 10, closed=True)
        return float(cluster_size), float(size_cv or 0.0)
    if size_cv is not None:
        raise ValueError(f"The 'size_cv' of {name} follows from the listed cluster sizes; leave it out.")
    if not cluster_size:
        raise ValueError(f"The 'cluster_size' parameter of {name} must list at least one cluster. Got () instead.")
    for size in cluster_size:
        checks.whole(name, "cluster_size", size, 1)
    return float(np.mean(cluster_size)), float(np.std(cluster_size) / np.mean(cluster_size))


def _few(clusters: int) -> tuple[Note, ...]:
    if clusters >= _FEW_CLUSTERS:
        return ()
    text = (
        "Only {clusters} clusters: what differs between clusters rests on these few, and more respondents in the same "
        "clusters hardly help."
    )
    return (Note("power_few_clusters", text, {"clusters": clusters}),)
