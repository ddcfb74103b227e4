"""Which of a fit's indices are shown: the scaled chi-square with the robust CFI, TLI and RMSEA, or the plain ones."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import pandas as pd

from leadership_study.measurement._sem_result import SemFit
from leadership_study.results import Note

Variant = Literal["plain", "scaled", "robust"]
FitVerdict = Literal["good", "acceptable", "poor", "not_judged"]

COLUMNS = (
    "chi_square", "df", "p_value", "cfi", "tli", "rmsea", "rmsea_ci_low", "rmsea_ci_high", "srmr", "aic", "bic",
    "sabic", "n_parameters", "n", "indices", "verdict",
)  # fmt: skip
_INDICES = ("cfi", "tli", "rmsea", "rmsea_ci_low", "rmsea_ci_high")


@dataclass(frozen=True, kw_only=True)
class FitCriteria:
    """From where a model's fit is called good or acceptable; all three limits of one word must hold."""

    cfi: float
    rmsea: float
    srmr: float
    acceptable_cfi: float
    acceptable_rmsea: float
    acceptable_srmr: float


HU_BENTLER = FitCriteria(
    cfi=0.95, rmsea=0.06, srmr=0.08, acceptable_cfi=0.90, acceptable_rmsea=0.08, acceptable_srmr=0.08
)
"""Good: CFI ≥ .95, RMSEA ≤ .06 and SRMR ≤ .08 (Hu & Bentler, 1999, https://doi.org/10.1080/10705519909540118).
Acceptable: CFI ≥ .90 (Bentler & Bonett, 1980) with RMSEA ≤ .08 (Browne & Cudeck, 1993). They are conventions for
continuous answers and maximum likelihood: with few degrees of freedom or ordered items they mean less."""


def reported(fit: SemFit, variant: Variant | None = None) -> dict[str, Any]:
    """Return the fit that tables show, by the names of `COLUMNS`.

    ``indices`` says which CFI, TLI and RMSEA they are: ``robust`` ones where the estimator corrects its test (or takes
    in missing answers by likelihood) and they exist, else ``scaled``, else ``plain``. What an estimator has not (a
    likelihood, for one) is NaN. Models that are compared need the same ``variant``: see `common_variant`.
    """
    measures = fit.fit
    variant = variant_of(measures) if variant is None else variant
    suffix = "" if variant == "plain" else f"_{variant}"
    scaled = "_scaled" if "chi_square_scaled" in measures.index else ""
    row: dict[str, Any] = {name: _value(measures, f"{name}{scaled}") for name in ("chi_square", "df", "p_value")}
    row |= {name: _value(measures, f"{name}{suffix}") for name in _INDICES}
    row |= {name: _value(measures, name) for name in ("srmr", "aic", "bic", "sabic", "n_parameters", "n")}
    for name in ("df", "n_parameters", "n"):
        row[name] = int(row[name])
    return row | {"indices": variant, "verdict": verdict(row)}


def variant_of(measures: "pd.Series[float]") -> Variant:
    """Return which indices a fit has that mean what they are taken for."""
    for variant in ("robust", "scaled"):
        names = [f"{name}_{variant}" for name in ("cfi", "tli", "rmsea")]
        if all(math.isfinite(_value(measures, name)) for name in names):
            return variant  # type: ignore[return-value]
    return "plain"


def common_variant(fits: Iterable[SemFit]) -> Variant:
    """Return the best indices that all of these fits have, so that they can be compared."""
    found = {variant_of(fit.fit) for fit in fits if fit.fit["df"] > 0}
    return "plain" if "plain" in found or not found else "scaled" if "scaled" in found else "robust"


def verdict(row: Mapping[str, Any], criteria: FitCriteria = HU_BENTLER) -> FitVerdict:
    """Return the word for a model's fit; ``not_judged`` without degrees of freedom."""
    cfi, rmsea, srmr = (float(row[name]) for name in ("cfi", "rmsea", "srmr"))
    if not row["df"] or not all(map(math.isfinite, (cfi, rmsea, srmr))):
        return "not_judged"
    if cfi >= criteria.cfi and rmsea <= criteria.rmsea and srmr <= criteria.srmr:
        return "good"
    if cfi >= criteria.acceptable_cfi and rmsea <= criteria.acceptable_rmsea and srmr <= criteria.acceptable_srmr:
        return "acceptable"
    return "poor"


def fit_notes(fit: SemFit, variant: Variant | None = None) -> tuple[Note, ...]:
    """Say which indices are shown when they are not the plain ones, and why no better ones."""
    variant = variant_of(fit.fit) if variant is None else variant
    has_scaled = "chi_square_scaled" in fit.fit.index
    if variant == "robust" and has_scaled:
        text = (
            "The chi-square is the scaled one and CFI, TLI and RMSEA are the robust ones: the plain ones of this "
            "estimator would not mean what their names say."
        )
        return (Note("fit_indices_robust", text),)
    if variant == "robust":
        text = "CFI, TLI and RMSEA are the robust ones: with missing answers the plain ones are too favourable."
        return (Note("fit_indices_robust_missing", text),)
    if variant == "scaled":
        text = (
            "The chi-square, CFI, TLI and RMSEA are the scaled ones; robust ones cannot be computed for this model and "
            "these answers."
        )
        return (Note("fit_indices_scaled", text),)
    if has_scaled and fit.fit["df"] > 0:
        text = "Neither robust nor scaled CFI, TLI and RMSEA exist for this model; the plain ones are not dependable."
        return (Note("fit_indices_plain_only", text),)
    return ()


def fit_table(rows: Mapping[str, Mapping[str, Any]], index: str) -> pd.DataFrame:
    """Put rows of `reported` into a table."""
    names = pd.Index(list(rows), name=index, dtype="str")
    table = pd.DataFrame([[row[name] for name in COLUMNS] for row in rows.values()], index=names, columns=list(COLUMNS))
    whole = dict.fromkeys(("df", "n_parameters", "n"), "int64")
    words = dict.fromkeys(("indices", "verdict"), "str")
    numbers = {name: "float64" for name in COLUMNS if name not in whole | words}
    return table.astype(numbers | whole | words)


def _value(measures: "pd.Series[float]", name: str) -> float:
    return float(measures[name]) if name in measures.index else math.nan
