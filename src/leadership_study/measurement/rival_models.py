"""Rival models of a questionnaire's dimensions: one factor, correlated, second-order, bifactor."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Literal

import numpy as np
import pandas as pd

from leadership_study.errors import ConvergenceError, InsufficientDataError
from leadership_study.measurement._checks import one_of
from leadership_study.measurement._differences import TEST_COLUMNS, tested
from leadership_study.measurement._dimension_models import (
    KINDS,
    ModelKind,
    dimension_data,
    model_of,
    most_parameters,
)  # fmt: skip
from leadership_study.measurement._model_reliability import model_reliability
from leadership_study.measurement._nesting import outer_groups, takes_independent, usable_clusters
from leadership_study.measurement._reported_fit import COLUMNS, common_variant, fit_notes, fit_table, reported
from leadership_study.measurement._sem_result import SemFit
from leadership_study.measurement.cfa import Missing, cfa
from leadership_study.results import Note, Result
from leadership_study.samples.solomon import solomon_halves
from leadership_study.scoring import ScoredResponses
from leadership_study.scoring.variables import Variables
from leadership_study.sem.options import Estimator

__all__ = ["RivalModels", "rival_models", "run"]

Sample = Literal["whole", "halves"]

_SAME = 1e-6
"""BICs as close as this are those of one model in two forms; the first is named."""

NESTED: tuple[tuple[ModelKind, ModelKind], ...] = (
    ("one_factor", "correlated"),
    ("second_order", "correlated"),
    ("one_factor", "second_order"),
    ("second_order", "bifactor"),
    ("one_factor", "bifactor"),
)
"""Nested models with those they are nested in (Yung, Thissen & McLeod, 1999, https://doi.org/10.1007/BF02294531)."""


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class RivalModels(Result):
    """Rival models beside each other.

    Attributes
    ----------
    table : DataFrame, rows (sample, model)
        Fit as in `cfa`'s tables; ``delta_bic`` from the lowest BIC of the sample; ``n_problems``, how much of a
        solution is improper; and with a general factor ``omega_hierarchical``, its share in the variance of the total.
        Samples are ``whole``, and with halves ``first_half`` and ``second_half``.
    comparisons : DataFrame, rows (sample, model, wider)
        ``delta_cfi`` and the difference test of each nested model against a wider one, scaled where due.
    samples : DataFrame, one row a sample
        ``n`` rows, and the sampling adequacy (``kmo``) of the halves.
    rows : DataFrame, one row a respondent
        ``half``: first, second, or none for rows without an answer; empty without halves.
    lowest_bic : str
        The model with the lowest BIC in the whole sample, among proper solutions; "none" where the estimator has none.
    communality_ratio : float
        Of the halves (see `leadership_study.samples.solomon.Halves`); NaN without.
    fits : mapping
        ``"<sample> <model>"`` → `SemFit`.
    n : int
    """

    lowest_bic: str
    communality_ratio: float
    n: int
    table: pd.DataFrame
    comparisons: pd.DataFrame
    samples: pd.DataFrame
    rows: pd.DataFrame
    fits: Mapping[str, SemFit]

    main: ClassVar[str] = "table"


def rival_models(
    data: pd.DataFrame,
    dimensions: Mapping[str, Sequence[str]],
    *,
    models: Sequence[ModelKind] = KINDS,
    sample: Sample = "whole",
    estimator: Estimator | None = None,
    ordered: bool = False,
    missing: Missing = "listwise",
    clusters: str | None = None,
) -> RivalModels:
    """Fit and compare the rival models of an instrument.

    Parameters
    ----------
    data : DataFrame of numbers, respondents × items
    dimensions : mapping
        Items of each dimension; any number of either.
    models : sequence of {"one_factor", "correlated", "second_order", "bifactor"}
    sample : {"whole", "halves"}
        The whole sample; or also each of two equivalent halves, so that what was explored in the first can be confirmed
        in the second.
    estimator, ordered, missing, clusters
        As in `cfa`; ``ordered`` means all items.

    Raises
    ------
    InsufficientDataError
        When no model can be fitted.
    ValueError
        For wrong options, unknown or repeated items.

    Notes
    -----
    A model that so few dimensions do not identify, or that does not converge, is left out with a note. With three
    dimensions the second-order model is the correlated one in another form. A bifactor model fits better than its
    rivals also where none of them is right (Bonifay, Lane & Reise, 2017, https://doi.org/10.1177/2167702616657069).
    Halves: `leadership_study.samples.solomon.solomon_halves`. R twin: ``lavaan::cfa`` and ``lavTestLRT`` of each model.
    """
    one_of(sample, ("whole", "halves"), name="sample", function="rival_models")
    for kind in models:
        one_of(kind, KINDS, name="models", function="rival_models")
    if not models or not dimensions:
        raise ValueError("rival_models needs at least one model and one dimension.")
    members = {str(name): [str(item) for item in items] for name, items in dimensions.items()}
    everything = _checked_items(data, members)
    known = [str(column) for column in data.columns]
    if clusters is not None and clusters not in known:
        raise ValueError(f"The data have no column {clusters!r} of clusters.")
    kept = data[[*everything, *([] if clusters is None else [clusters])]]
    parts, samples, rows, ratio = {"whole": kept}, {"whole": (len(kept), math.nan)}, _no_rows(), math.nan
    notes: list[Note] = []
    if sample == "halves":
        halves = solomon_halves(data[everything])
        masks = {"first_half": halves.first, "second_half": halves.used & ~halves.first}
        parts |= {name: kept[mask] for name, mask in masks.items()}
        samples |= {name: (int(mask.sum()), halves.kmo[at]) for at, (name, mask) in enumerate(masks.items())}
        half = np.where(halves.first, "first", np.where(halves.used, "second", "none"))
        index = pd.Index([str(label) for label in data.index], name="row", dtype="str")
        rows, ratio = pd.DataFrame({"half": pd.Series(half, index=index, dtype="str")}), halves.communality_ratio
        notes.append(_halves_note())
    fits: dict[str, SemFit] = {}
    options: dict[str, Any] = {"estimator": estimator, "ordered": ordered, "missing": missing, "clusters": clusters}
    failure: Note | None = None
    for name, part in parts.items():
        for kind in models:
            loose: dict[str, Any] = {"std_lv": True, "orthogonal": True} if kind == "bifactor" else {}
            try:
                fits[f"{name} {kind}"] = cfa(model_of(kind, members), part, **options, **loose)
            except (InsufficientDataError, ConvergenceError) as trouble:
                failure = trouble.note
                if name == "whole" or f"whole {kind}" in fits:
                    notes.append(_left_out(name, kind, trouble.note))
    if not any(name.startswith("whole ") for name in fits):
        raise InsufficientDataError(failure or Note("no_measured_factor", "The model has no factor with items."))
    table = _table(fits)
    comparisons, more = _comparisons(fits, members)
    first = next(iter(fits.values()))
    whole = table.loc["whole"]
    whole = whole.loc[whole["n_problems"] == 0, "bic"].dropna()
    return RivalModels(
        lowest_bic=str(whole.index[whole <= whole.min() + _SAME][0]) if len(whole) else "none",
        communality_ratio=ratio,
        n=first.n,
        table=table,
        comparisons=comparisons,
        samples=_samples(samples, fits),
        rows=rows,
        fits=fits,
        definition={
            "estimator": first.definition["estimator"],
            "matrix": first.definition["matrix"],
            "missing": first.definition["missing"],
            "n": first.n,
            "n_factors": len(members),
            "sample": sample,
            "standard_errors": first.definition["standard_errors"],
        },
        notes=(*fit_notes(first, common_variant(fits.values())), *notes, *more, *_improper(fits), *_caution(fits)),
    )


def _checked_items(data: pd.DataFrame, members: Mapping[str, Sequence[str]]) -> list[str]:
    everything = [item for items in members.values() for item in items]
    known = [str(column) for column in data.columns]
    if absent := [item for item in everything if item not in known]:
        raise ValueError(f"The data have no column {absent[0]!r}; the columns are {', '.join(known)}.")
    if empty := [name for name, items in members.items() if not items]:
        raise ValueError(f"The dimension {empty[0]!r} has no items.")
    if twice := sorted({item for item in everything if everything.count(item) > 1}):
        raise ValueError(f"The item {twice[0]!r} stands in two dimensions; rival models need each item in one.")
    return everything


def _no_rows() -> pd.DataFrame:
    index = pd.Index([], name="row", dtype="str")
    return pd.DataFrame({"half": pd.Series([], index=index, dtype="str")}, index=index)


def _halves_note() -> Note:
    text = (
        "The respondents were cut into two equivalent halves: explore in the first, confirm in the second. The table "
        "of "
        "rows says who is in which; what is fitted to all of them shares the data with both."
    )
    return Note("rivals_halves", text)


def _left_out(sample: str, kind: str, reason: Note) -> Note:
    if sample == "whole":
        return Note("model_left_out", "{model} is left out: {reason}", {"model": kind, "reason": reason})
    text = "{model} is left out of {sample}: {reason}"
    return Note("model_left_out_of_sample", text, {"model": kind, "sample": sample, "reason": reason})


def _table(fits: Mapping[str, SemFit]) -> pd.DataFrame:
    rows = {}
    variant = common_variant(fits.values())
    for name, fit in fits.items():
        rows[name] = reported(fit, variant) | {"n_problems": len(fit.problems), "omega_hierarchical": math.nan}
        if name.endswith(("second_order", "bifactor")):
            rows[name]["omega_hierarchical"] = model_reliability(fit).omega_hierarchical
    table = fit_table(rows, "model")
    table["n_problems"] = pd.Series([row["n_problems"] for row in rows.values()], index=table.index, dtype="int64")
    for name in ("omega_hierarchical", "delta_bic"):
        table[name] = pd.Series([row.get(name, math.nan) for row in rows.values()], index=table.index, dtype="float64")
    keys = [tuple(name.split(" ")) for name in rows]
    table.index = pd.MultiIndex.from_tuples(keys, names=["sample", "model"])
    table["delta_bic"] = table["bic"] - table.groupby(level="sample")["bic"].transform("min")
    return table[[*COLUMNS, "delta_bic", "omega_hierarchical", "n_problems"]]


def _comparisons(fits: Mapping[str, SemFit], members: Mapping[str, Sequence[str]]) -> tuple[pd.DataFrame, list[Note]]:
    keys, rows, notes = [], [], []
    variant = common_variant(fits.values())
    small = any(len(items) < 3 for items in members.values())
    for sample in dict.fromkeys(name.split(" ")[0] for name in fits):
        for kind, wider in NESTED:
            if f"{sample} {kind}" not in fits or f"{sample} {wider}" not in fits:
                continue
            if (kind, wider) == ("second_order", "bifactor") and small:
                continue  # equal loadings of a group factor with two items are no part of the second-order model
            one, other = fits[f"{sample} {kind}"], fits[f"{sample} {wider}"]
            if one.fit["df"] == other.fit["df"]:
                if sample == "whole":
                    text = "{model} is {wider} in another form: with so few dimensions the data cannot tell them apart."
                    notes.append(Note("models_equivalent", text, {"model": kind, "wider": wider}))
                continue
            test, more = tested(one, other, kind)
            a, b = reported(one, variant), reported(other, variant)
            keys.append((sample, kind, wider))
            rows.append(test | {"delta_cfi": a["cfi"] - b["cfi"], "delta_bic": a["bic"] - b["bic"]})
            notes += more
    columns = [*TEST_COLUMNS, "delta_cfi", "delta_bic"]
    index = pd.MultiIndex.from_tuples(keys, names=["sample", "model", "wider"])
    table = pd.DataFrame(rows, index=index, columns=columns)
    kinds = dict.fromkeys(columns, "float64") | {"difference_df": "int64", "difference_test": "str"}
    return table.astype(kinds), notes


def _samples(samples: Mapping[str, tuple[int, float]], fits: Mapping[str, SemFit]) -> pd.DataFrame:
    index = pd.Index(list(samples), name="sample", dtype="str")
    used = [next((fit.n for name, fit in fits.items() if name.startswith(f"{sample} ")), 0) for sample in samples]
    columns = {
        "n_rows": np.array([n for n, _ in samples.values()], dtype=np.int64),
        "n": np.array(used, dtype=np.int64),
        "kmo": np.array([kmo for _, kmo in samples.values()], dtype=float),
    }
    return pd.DataFrame(columns, index=index)


def _improper(fits: Mapping[str, SemFit]) -> list[Note]:
    found: dict[tuple[str, str], Note] = {}
    for name, fit in fits.items():
        sample, kind = name.split(" ")
        for note in fit.notes:
            if sample != "whole" and note.id == "sem_few_clusters":
                continue
            if note.id == "sem_few_clusters":
                found[("", note.id)] = note
            elif sample == "whole":
                found[(kind, note.id)] = Note("model_note", "{model}: {reason}", {"model": kind, "reason": note})
            else:
                text = "{model} in {sample}: {reason}"
                found[(name, note.id)] = Note(
                    "model_note_of_sample", text, {"model": kind, "sample": sample, "reason": note}
                )
    return list(found.values())


def _caution(fits: Mapping[str, SemFit]) -> list[Note]:
    if "whole bifactor" not in fits:
        return []
    text = (
        "A bifactor model bends to almost any data: that it fits best is no reason to prefer it unless its group "
        "factors "
        "are worth having."
    )
    return [Note("bifactor_bends", text)]


def run(
    scored: ScoredResponses,
    *,
    scales: Variables = ("dimensions",),
    models: tuple[ModelKind, ...] = KINDS,
    sample: Sample = "whole",
    estimator: Estimator | None = None,
    ordered: bool = False,
    missing: Missing = "listwise",
) -> RivalModels:
    """Rival models of the dimensions.

    Continuous items are fitted by MLR unless another estimator is named; in a nested study errors and tests are
    cluster-robust where the clusters suffice for all models.
    """
    data, members = dimension_data(scored, scales)
    estimator = estimator if estimator is not None or ordered else "MLR"
    group: str | None = None
    notes: tuple[Note, ...] = ()
    if missing == "listwise" and estimator in ("ML", "MLR"):
        group, notes = usable_clusters(outer_groups(scored), most_parameters(members))
    elif scored.nested_in:
        notes = (takes_independent(scored.nested_in[-1]),)
    if group is not None:
        data = data.assign(**{group: outer_groups(scored)})
    found = rival_models(
        data, members, models=models, sample=sample, estimator=estimator, ordered=ordered, missing=missing,
        clusters=group,
    )  # fmt: skip
    return replace(found, notes=(*found.notes, *notes))
