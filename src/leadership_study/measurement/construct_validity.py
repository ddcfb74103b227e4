"""Construct validity of a fitted model: what its factors capture of their items, and whether they differ."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from leadership_study.errors import InsufficientDataError
from leadership_study.measurement._checks import inside_unit, one_of, whole_number_and_seed
from leadership_study.measurement._dimension_models import dimension_data, model_of
from leadership_study.measurement._factor_reliability import factor_variants
from leadership_study.measurement._htmt import bootstrap_htmt, htmt_matrices
from leadership_study.measurement._measurement_part import MeasurementPart, measurement_parts
from leadership_study.measurement._model_reliability import ModelReliability, model_reliability
from leadership_study.measurement._nesting import outer_groups
from leadership_study.measurement._sem_result import SemFit
from leadership_study.measurement.cfa import Missing, cfa
from leadership_study.results import Note, Result
from leadership_study.scoring import ScoredResponses
from leadership_study.scoring.variables import Variables
from leadership_study.sem.options import Estimator

Floats = NDArray[np.float64]
Variance = Literal["standardized", "model", "observed"]

__all__ = [
    "FORNELL_LARCKER", "HENSELER", "ConstructValidity", "ModelReliability", "construct_validity", "model_reliability",
    "run",
]  # fmt: skip

FORNELL_LARCKER: Mapping[str, float] = {"composite_reliability": 0.70, "average_variance_extracted": 0.50}
"""Limits of Fornell and Larcker (1981) and Hair et al. (2019) for a factor's convergent validity."""
HENSELER: Mapping[str, float] = {"strict": 0.85, "lenient": 0.90}
"""Limits below which HTMT tells two factors apart (Henseler, Ringle & Sarstedt, 2015)."""


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class ConstructValidity(Result):
    """Convergent and discriminant validity of a model's factors.

    Attributes
    ----------
    factors : DataFrame, one row a factor
        ``n_items, composite_reliability, average_variance_extracted``; the lowest standardised loading in size
        (``lowest_loading``); ``root_average_variance_extracted`` beside the factor's ``largest_correlation`` in size
        with another; ``convergent`` (met, reliability_low, variance_low, both_low) and ``discriminant`` (met, violated,
        not_judged) are the verdicts.
    fornell_larcker : DataFrame, factors × factors
        Correlations of the factors, the roots of the average variances extracted on the diagonal.
    pairs : DataFrame, one row a pair of factors
        ``r``, ``htmt`` and ``htmt2`` with their intervals (NaN without a bootstrap), and the ``verdict``: distinct
        (below the strict limit), acceptable (below the lenient one), not_distinct; not_distinct also when the interval
        of HTMT reaches 1.
    htmt, htmt2 : DataFrame, factors × factors
    variants : DataFrame
        Other forms of composite reliability and average variance extracted, and alpha.
    n : int

    In several groups all indexes have the group first.
    """

    factors: pd.DataFrame
    fornell_larcker: pd.DataFrame
    pairs: pd.DataFrame
    htmt: pd.DataFrame
    htmt2: pd.DataFrame
    variants: pd.DataFrame
    n: int

    main: ClassVar[str] = "factors"
    shown_as: ClassVar[Mapping[str, str]] = {"fornell_larcker": "r", "htmt": "r", "htmt2": "r"}

    @property
    def composite_reliability(self) -> "pd.Series[float]":
        """Composite reliability by factor."""
        return self.factors["composite_reliability"]

    @property
    def average_variance_extracted(self) -> "pd.Series[float]":
        """Average variance extracted by factor."""
        return self.factors["average_variance_extracted"]


def construct_validity(
    fit: SemFit,
    *,
    variance: Variance = "standardized",
    bootstrap: int = 0,
    confidence_level: float = 0.95,
    clusters: "pd.Series[str] | Sequence[str] | None" = None,
    seed: int | None = None,
) -> ConstructValidity:
    """Judge whether the factors of a fitted model capture their items and can be told apart.

    Parameters
    ----------
    fit : SemFit
        Any model with factors; factors that are measured by other factors only are left out.
    variance : {"standardized", "model", "observed"}
        What composite reliability and average variance extracted are shares of: the completely standardised solution
        (Fornell & Larcker), or the items' implied or sample variances (semTools' ``compRelSEM`` and ``AVE``).
    bootstrap : int
        Samples of rows for the percentile intervals of HTMT and HTMT2. 0: no intervals. Not offered for ordered items,
        or without raw answers.
    confidence_level : float
    clusters : one value a row of the data, optional
        Draw whole clusters; those that the model was fitted with by default.
    seed : int, optional
        Needed for the bootstrap.

    Raises
    ------
    InsufficientDataError
        When the model has no factor with items, or intervals are asked for that cannot be had.
    ValueError
        When the fit was read back from a file, or for a wrong option.

    Notes
    -----
    HTMT and HTMT2 are of the sample correlations of the items (complete rows; polychoric of ordered items), see
    `leadership_study.measurement._htmt.htmt_matrices`. R twins: ``semTools::compRelSEM``, ``AVE``, ``htmt``.
    """
    one_of(variance, ("standardized", "model", "observed"), name="variance", function="construct_validity")
    inside_unit(confidence_level, name="confidence_level", function="construct_validity")
    if not isinstance(fit, SemFit):
        raise TypeError(f"construct_validity needs the result of cfa or sem. Got {type(fit).__name__} instead.")
    whole_number_and_seed(bootstrap, seed, function="construct_validity")
    parts = measurement_parts(fit)
    if not parts[0].measured:
        text = "The model has no factor with items, so there is nothing to judge."
        raise InsufficientDataError(Note("no_measured_factor", text))
    ordered = fit.definition.get("matrix") == "polychoric"
    if bootstrap and (ordered or parts[0].rows is None):
        text = "Bootstrap intervals of HTMT need raw answers and Pearson correlations; leave out the bootstrap."
        raise InsufficientDataError(Note("htmt_needs_rows", text))
    if clusters is not None:
        parts = _with_clusters(fit, parts, clusters)
    pieces = [_of_group(part, variance, bootstrap, confidence_level, seed, several=len(parts) > 1) for part in parts]
    return ConstructValidity(
        **{name: pd.concat([piece[name] for piece in pieces]) for name in pieces[0]},
        n=fit.n,
        definition={
            "formula": {"standardized": "fornell_larcker", "model": "model_variance", "observed": "observed_variance"}[
                variance
            ],
            "matrix": "polychoric_correlation" if ordered else "pearson_correlation",
            "estimator": fit.definition.get("estimator", "ML"),
            "missing": fit.definition.get("missing", "listwise"),
            "n": fit.n,
            "interval": "bootstrap" if bootstrap else "none",
            "replicates": bootstrap,
            "confidence_level": confidence_level,
            "resampled": "clusters" if bootstrap and parts[0].clusters is not None else "respondents",
            "source": "Fornell and Larcker (1981)",
        },
        notes=_notes(fit, parts, ordered),
    )


def _with_clusters(fit: SemFit, parts: Sequence[MeasurementPart], clusters: Any) -> list[MeasurementPart]:
    n_rows = fit.solution.sample.n_rows
    if len(clusters) != n_rows:
        raise ValueError(f"The 'clusters' parameter of construct_validity must have {n_rows} values, one a row.")
    codes = pd.factorize(pd.Series(clusters).to_numpy())[0].astype(np.int64)
    found = []
    for part, group in zip(parts, fit.solution.sample.groups, strict=True):
        if (codes[group.kept] < 0).any():
            text = (
                "For {n} respondents the {group} is not known, so whole groups cannot be drawn; choose another "
                "interval."
            )
            values = {"n": int((codes[group.kept] < 0).sum()), "group": str(getattr(clusters, "name", "") or "group")}
            raise InsufficientDataError(Note("groups_unknown_for_bootstrap", text, values))
        found.append(replace(part, clusters=codes[group.kept]))
    return found


def _of_group(
    part: MeasurementPart, variance: Variance, bootstrap: int, level: float, seed: int | None, *, several: bool
) -> dict[str, pd.DataFrame]:
    unit, variants, names = part.standardised(), factor_variants(part), part.measured
    suffix = "" if variance == "standardized" else f"_{variance}"
    reliability = variants[f"composite_reliability{suffix}"]
    extracted = variants[f"average_variance_extracted{suffix}"]
    at = [part.factors.index(name) for name in names]
    correlations = unit.covariance[np.ix_(at, at)]
    apart = np.abs(correlations - np.eye(len(names)))
    largest = apart.max(axis=1) if len(names) > 1 else np.full(1, math.nan)
    root = np.sqrt(extracted.to_numpy())
    matrix = correlations.copy()
    np.fill_diagonal(matrix, root)
    lowest = [np.abs(unit.loadings[part.indicators(name), k]).min() for name, k in zip(names, at, strict=True)]
    index = variants.index
    factors = pd.DataFrame(
        {
            "n_items": variants["n_items"],
            "composite_reliability": reliability,
            "average_variance_extracted": extracted,
            "lowest_loading": lowest,
            "root_average_variance_extracted": root,
            "largest_correlation": largest,
            "convergent": _words([_convergent(*pair) for pair in zip(reliability, extracted, strict=True)], index),
            "discriminant": _words([_discriminant(*pair) for pair in zip(root, largest, strict=True)], index),
        },
        index=index,
    )
    members = {name: part.indicators(name) for name in names}
    sample = _sample_correlations(part)
    original, geometric = htmt_matrices(sample, members)
    intervals = None
    if bootstrap and seed is not None and part.rows is not None and len(names) > 1:
        complete = ~np.isnan(part.rows).any(axis=1)
        codes = None if part.clusters is None else part.clusters[complete]
        draws = bootstrap_htmt(part.rows[complete], members, replicates=bootstrap, seed=seed, clusters=codes)
        intervals = [np.nanquantile(each, [(1 - level) / 2, (1 + level) / 2], axis=0) for each in draws]
    found = {
        "factors": factors,
        "fornell_larcker": _square(matrix, names),
        "pairs": _pairs(names, correlations, original, geometric, intervals),
        "htmt": _square(original, names),
        "htmt2": _square(geometric, names),
        "variants": variants,
    }
    return {name: _of(part.group, table) for name, table in found.items()} if several else found


def _sample_correlations(part: MeasurementPart) -> Floats:
    if part.rows is not None and np.isnan(part.rows).any():
        complete = part.rows[~np.isnan(part.rows).any(axis=1)]
        if len(complete) > 2:
            return np.asarray(np.corrcoef(complete, rowvar=False))
    sd = np.sqrt(np.diag(part.observed))
    return np.asarray(part.observed / np.outer(sd, sd))


def _convergent(reliability: float, extracted: float) -> str:
    low = reliability < FORNELL_LARCKER["composite_reliability"]
    little = extracted < FORNELL_LARCKER["average_variance_extracted"]
    return "both_low" if low and little else "reliability_low" if low else "variance_low" if little else "met"


def _discriminant(root: float, largest: float) -> str:
    return "not_judged" if math.isnan(largest) else "met" if root > largest else "violated"


def _pairs(
    names: Sequence[str], correlations: Floats, original: Floats, geometric: Floats, intervals: list[Floats] | None
) -> pd.DataFrame:
    keys, rows = [], []
    for b in range(1, len(names)):
        for a in range(b):
            row: dict[str, Any] = {"r": correlations[a, b]}
            for name, values, k in (("htmt", original, 0), ("htmt2", geometric, 1)):
                low, high = (math.nan, math.nan) if intervals is None else intervals[k][:, a, b]
                row |= {name: values[a, b], f"{name}_ci_low": low, f"{name}_ci_high": high}
            row["verdict"] = _pair_verdict(row["htmt"], row["htmt_ci_high"])
            keys.append((names[a], names[b]))
            rows.append(row)
    columns = ["r", "htmt", "htmt_ci_low", "htmt_ci_high", "htmt2", "htmt2_ci_low", "htmt2_ci_high", "verdict"]
    index = pd.MultiIndex.from_tuples(keys, names=["factor", "other_factor"])
    table = pd.DataFrame(rows, index=index, columns=columns)
    return table.astype(dict.fromkeys(columns[:-1], "float64") | {"verdict": "str"})


def _pair_verdict(ratio: float, high: float) -> str:
    if math.isnan(ratio):
        return "not_judged"
    if high >= 1 or ratio >= HENSELER["lenient"]:
        return "not_distinct"
    return "distinct" if ratio < HENSELER["strict"] else "acceptable"


def _notes(fit: SemFit, parts: Sequence[MeasurementPart], ordered: bool) -> tuple[Note, ...]:
    notes = list(fit.notes)
    shared = [item for at, item in enumerate(parts[0].items) if np.count_nonzero(parts[0].loadings[at]) > 1]
    if shared:
        text = (
            "These items load on several factors: {items}. Composite reliability, average variance extracted and HTMT "
            "take "
            "each item for one factor's; model_reliability tells the factors' shares apart."
        )
        notes.append(Note("items_of_several_factors", text, {"items": ", ".join(shared)}))
    if single := [name for name in parts[0].measured if len(parts[0].indicators(name)) < 2]:
        text = "HTMT does not exist for factors with one item: {factors}."
        notes.append(Note("htmt_one_item", text, {"factors": ", ".join(single)}))
    if ordered:
        text = "These are coefficients of the responses that underlie the ordered answers, not of the observed scores."
        notes.append(Note("reliability_of_underlying_responses", text))
    if fit.definition.get("missing") == "fiml":
        complete = sum(int((~np.isnan(part.rows).any(axis=1)).sum()) for part in parts if part.rows is not None)
        text = "HTMT rests on the {n} respondents with all answers; the model took in those with gaps too."
        notes.append(Note("htmt_complete_rows", text, {"n": complete}))
    return tuple(notes)


def _words(values: Sequence[str], index: pd.Index) -> "pd.Series[str]":
    return pd.Series(list(values), index=index, dtype="str")


def _square(values: Floats, names: Sequence[str]) -> pd.DataFrame:
    return pd.DataFrame(values, index=pd.Index(list(names), name="factor", dtype="str"), columns=list(names))


def _of(group: str, table: pd.DataFrame) -> pd.DataFrame:
    return pd.concat({group: table}, names=["group", *table.index.names])


def run(
    scored: ScoredResponses,
    *,
    model: str | None = None,
    scales: Variables = ("dimensions",),
    estimator: Estimator | None = None,
    ordered: bool = False,
    missing: Missing = "listwise",
    variance: Variance = "standardized",
    bootstrap: int = 1000,
    confidence_level: float = 0.95,
    seed: int = 1,
) -> ConstructValidity:
    """Construct validity of the dimensions as correlated factors, or of the factors of ``model``.

    In a nested study whole groups (the outermost ones) are drawn for the bootstrap.
    """
    data, members = dimension_data(scored, scales)
    text = model_of("correlated", members) if model is None else model
    fit = cfa(text, data, estimator=estimator, ordered=ordered, missing=missing)
    groups = outer_groups(scored)
    return construct_validity(
        fit, variance=variance, bootstrap=0 if ordered else bootstrap, confidence_level=confidence_level,
        clusters=None if ordered else groups, seed=seed,
    )  # fmt: skip
