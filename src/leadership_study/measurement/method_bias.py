"""Common-method bias: what one factor behind all answers could be, and what the relations are beside it."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from leadership_study.errors import ConvergenceError, InsufficientDataError
from leadership_study.measurement._checks import inside_unit, whole_number_and_seed
from leadership_study.measurement._differences import TEST_COLUMNS, tested
from leadership_study.measurement._dimension_models import dimension_data, model_of, most_parameters
from leadership_study.measurement._harman import bootstrap_shares, harman_shares
from leadership_study.measurement._method_models import (
    Traits,
    marker_fits,
    method_model,
    one_factor_model,
    traits_of,
)  # fmt: skip
from leadership_study.measurement._nesting import outer_groups, takes_independent, usable_clusters
from leadership_study.measurement._reported_fit import COLUMNS, common_variant, fit_notes, fit_table, reported
from leadership_study.measurement._sem_result import SemFit
from leadership_study.measurement.cfa import Missing, cfa
from leadership_study.results import Note, Result
from leadership_study.scoring import ScoredResponses
from leadership_study.scoring.variables import Variables
from leadership_study.sem.options import Estimator

__all__ = ["CHANGES", "MethodBias", "method_bias", "run"]

CHANGES: Mapping[str, float] = {"delta_cfi": 0.01, "loading": 0.20}
"""Changes up to which a method factor is taken to leave the traits as they are: ΔCFI (Cheung & Rensvold, 2002), and any
standardised loading (Gaskin's convention). They are conventions, not tests."""


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class MethodBias(Result):
    """Models with and without a method factor.

    Attributes
    ----------
    harman_share : float
        Share of the first unrotated principal component of all items in their variance (a proportion): a description of
        the items, which cannot show or rule out method bias. ``harman_ci_low``, ``harman_ci_high`` with a bootstrap.
    n_above_one : int
        Components with an eigenvalue above 1.
    models : DataFrame, one row a model
        ``traits`` (the model given), ``one_factor``, ``method_free`` and ``method_equal`` (an unmeasured method factor
        of all items, uncorrelated with the traits), and with marker items those of the marker technique. Fit as in
        `cfa`'s tables; ``compared_with``, ``delta_cfi`` and the difference test against that model; the mean squared
        standardised loadings on the method factor (``method_variance``) and on the traits (``trait_variance``); and
        ``largest_change``, the largest change of a trait's loading or correlation from ``compared_with``.
    loadings : DataFrame, one row an item
        Standardised: ``factor`` and ``traits`` (loading in the trait model), ``with_method`` and ``method`` (with the
        free method factor), ``change``, ``method_equal``.
    correlations : DataFrame, one row a pair of factors
        As each model estimates them.
    harman : DataFrame
        Shares of a first factor by other extractions.
    eigenvalues : DataFrame
    fits : mapping
        The `SemFit` of each model.
    n : int
    """

    harman_share: float
    harman_ci_low: float
    harman_ci_high: float
    n_above_one: int
    n: int
    models: pd.DataFrame
    loadings: pd.DataFrame
    correlations: pd.DataFrame
    harman: pd.DataFrame
    eigenvalues: pd.DataFrame
    fits: Mapping[str, SemFit]

    main: ClassVar[str] = "models"
    shown_as: ClassVar[Mapping[str, str]] = {"correlations": "r"}


def method_bias(
    items: pd.DataFrame,
    model: str,
    *,
    marker: Sequence[str] | None = None,
    bootstrap: int = 0,
    seed: int | None = None,
    estimator: Estimator | None = None,
    missing: Missing = "listwise",
    clusters: str | None = None,
    confidence_level: float = 0.95,
) -> MethodBias:
    """Compare a trait model with models in which answers share a method.

    Parameters
    ----------
    items : DataFrame of numbers, respondents × items
        All items of the model, and those of the marker.
    model : str
        The trait model.
    marker : sequence of str, optional
        Columns of items that have no reason to go with the traits, for the marker technique.
    bootstrap, seed : int
        Samples of rows for an interval of the share of the first component.
    estimator, missing, clusters
        As in `cfa`; continuous answers.

    Returns
    -------
    MethodBias

    Raises
    ------
    InsufficientDataError, ConvergenceError
        When the trait model cannot be fitted. A model beside it that cannot is left out with a note.
    ValueError
        For unknown columns or options.

    Notes
    -----
    No statistic of one questionnaire can prove that its answers are free of method bias (Podsakoff et al., 2003,
    https://doi.org/10.1037/0021-9010.88.5.879; Fuller et al., 2016, https://doi.org/10.1016/j.jbusres.2015.12.008).
    The marker technique: Williams, Hartman and Cavazotte (2010), https://doi.org/10.1177/1094428110366036.
    R twin: ``lavaan::cfa`` of each model; ``eigen(cor(na.omit(items)))``.
    """
    inside_unit(confidence_level, name="confidence_level", function="method_bias")
    whole_number_and_seed(bootstrap, seed, function="method_bias")
    chosen = [marker] if isinstance(marker, str) else list(marker or ())
    traits = traits_of(model, chosen)
    if both := [name for name in chosen if name in traits.items]:
        raise ValueError(f"The marker item {both[0]!r} is an item of the model; a marker must stand outside it.")
    known = [str(column) for column in items.columns]
    if absent := [name for name in (*traits.items, *chosen) if name not in known]:
        raise ValueError(f"The data have no column {absent[0]!r}; the columns are {', '.join(known)}.")
    options: dict[str, Any] = {"estimator": estimator, "missing": missing, "clusters": clusters}
    fits = {"traits": cfa(model, items, std_lv=True, **options)}
    notes: list[Note] = []
    for name, text in (
        ("one_factor", one_factor_model(traits)),
        ("method_free", method_model(traits, equal=False)),
        ("method_equal", method_model(traits, equal=True)),
    ):
        try:
            fits[name] = cfa(text, items, std_lv=True, **options)
        except (InsufficientDataError, ConvergenceError) as trouble:
            notes.append(_left_out(name, trouble.note))
    if chosen:
        try:
            fits |= marker_fits(traits, items, chosen, **options)
        except (InsufficientDataError, ConvergenceError) as trouble:
            notes.append(_left_out("marker_cfa", trouble.note))
    factors = sum(1 for name in traits.factors if any(name == row for row in fits["traits"].estimates["lhs"]))
    shares, eigenvalues, n = harman_shares(items[list(traits.items)], factors)
    low = high = math.nan
    if bootstrap and seed is not None:
        draws = bootstrap_shares(items[list(traits.items)], bootstrap, seed)
        low, high = np.quantile(draws, [(1 - confidence_level) / 2, (1 + confidence_level) / 2])
    models, more = _model_table(traits, fits)
    return MethodBias(
        harman_share=float(shares["share"].to_numpy()[0]),
        harman_ci_low=float(low),
        harman_ci_high=float(high),
        n_above_one=int((eigenvalues["eigenvalue"] > 1).sum()),
        n=n,
        models=models,
        loadings=_loading_table(traits, fits),
        correlations=_correlation_table(traits, fits),
        harman=shares,
        eigenvalues=eigenvalues,
        fits=fits,
        definition={
            "estimator": fits["traits"].definition["estimator"],
            "matrix": "pearson_correlation",
            "missing": fits["traits"].definition["missing"],
            "n": fits["traits"].n,
            "interval": "bootstrap" if bootstrap else "none",
            "replicates": bootstrap,
            "confidence_level": confidence_level,
            "source": "Podsakoff et al. (2003)",
        },
        notes=(_no_proof(), *fit_notes(fits["traits"], common_variant(fits.values())), *notes, *more, *_improper(fits)),
    )


def _no_proof() -> Note:
    text = (
        "None of this can prove that the answers are free of method bias: the share of a first factor follows from how "
        "many items and dimensions there are, and a method factor takes up what the dimensions have in common for "
        "other "
        "reasons too. Asking different people or at different times is what helps."
    )
    return Note("method_bias_no_proof", text)


def _left_out(name: str, reason: Note) -> Note:
    return Note("model_left_out", "{model} is left out: {reason}", {"model": name, "reason": reason})


def _improper(fits: Mapping[str, SemFit]) -> list[Note]:
    few = [note for note in fits["traits"].notes if note.id == "sem_few_clusters"]
    return few + [
        Note("model_note", "{model}: {reason}", {"model": name, "reason": note})
        for name, fit in fits.items()
        for note in fit.notes
        if note.id.startswith("sem_") and note.id != "sem_few_clusters"
    ]


_AGAINST = {
    "one_factor": "traits", "method_free": "traits", "method_equal": "traits", "marker_equal": "marker_baseline",
    "marker_free": "marker_equal", "marker_restricted": "marker_free",
}  # fmt: skip


def _model_table(traits: Traits, fits: Mapping[str, SemFit]) -> tuple[pd.DataFrame, list[Note]]:
    rows: dict[str, dict[str, Any]] = {}
    notes: list[Note] = []
    variant = common_variant(fits.values())
    for name, fit in fits.items():
        row = reported(fit, variant) | dict.fromkeys(
            ("method_variance", "trait_variance", "delta_cfi", "largest_change"), math.nan
        )
        row |= {"compared_with": "none", "difference": math.nan, "difference_df": pd.NA}
        row |= {"difference_p_value": math.nan, "difference_test": "none"}
        loads = _loadings(traits, fit)
        if name in ("method_free", "method_equal", "marker_equal", "marker_free", "marker_restricted"):
            row["method_variance"] = float((loads[traits.method] ** 2).mean())
        if name != "one_factor":
            row["trait_variance"] = float((loads["trait"] ** 2).mean())
        other = _AGAINST.get(name, "")
        if other in fits:
            row["compared_with"] = other
            # one factor and the marker's restrictions are nested in the other model; method factors widen it
            nested, wider = (fit, fits[other]) if name in ("one_factor", "marker_restricted") else (fits[other], fit)
            test, more = tested(nested, wider, name)
            notes += more
            row |= test
            row["delta_cfi"] = row["cfi"] - rows[other]["cfi"]
            if name != "one_factor":
                row["largest_change"] = _largest_change(traits, fit, fits[other])
        rows[name] = row
    table = fit_table(rows, "model")
    extra = ["compared_with", *TEST_COLUMNS, "delta_cfi", "method_variance", "trait_variance", "largest_change"]
    words = ("compared_with", "difference_test")
    for column in extra:
        kind = "str" if column in words else "Int64" if column == "difference_df" else "float64"
        table[column] = pd.Series([row[column] for row in rows.values()], index=table.index, dtype=kind)
    return table[[*COLUMNS, *extra]], notes


def _loadings(traits: Traits, fit: SemFit) -> pd.DataFrame:
    """Standardised loadings of each item on its (first) trait and on the method factor."""
    rows = fit.estimates[(fit.estimates["op"] == "=~") & fit.estimates["rhs"].isin(traits.items)]
    own = rows[rows["lhs"] == traits.method].set_index("rhs")["std_all"]
    trait = rows[rows["lhs"] != traits.method].drop_duplicates("rhs").set_index("rhs")
    found = pd.DataFrame(index=pd.Index(traits.items, name="item", dtype="str"))
    found["factor"] = trait["lhs"].reindex(found.index).fillna("").astype("str")
    found["trait"] = trait["std_all"].reindex(found.index)
    found[traits.method] = own.reindex(found.index)
    return found


def _largest_change(traits: Traits, fit: SemFit, other: SemFit) -> float:
    first, second = _loadings(traits, fit)["trait"], _loadings(traits, other)["trait"]
    return float((first.abs() - second.abs()).abs().max())


def _loading_table(traits: Traits, fits: Mapping[str, SemFit]) -> pd.DataFrame:
    base = _loadings(traits, fits["traits"])
    found = base[["factor"]].assign(traits=base["trait"])
    empty = pd.Series(math.nan, index=base.index)
    free = _loadings(traits, fits["method_free"]) if "method_free" in fits else None
    equal = _loadings(traits, fits["method_equal"]) if "method_equal" in fits else None
    found["with_method"] = empty if free is None else free["trait"]
    found["method"] = empty if free is None else free[traits.method]
    found["change"] = found["with_method"] - found["traits"]
    found["method_equal"] = empty if equal is None else equal[traits.method]
    return found


def _correlation_table(traits: Traits, fits: Mapping[str, SemFit]) -> pd.DataFrame:
    pairs = [(a, b) for at, b in enumerate(traits.factors) for a in traits.factors[:at]]
    index = pd.MultiIndex.from_tuples(pairs, names=["factor", "other_factor"])
    shown = [name for name in fits if name not in ("one_factor", "marker_cfa")]
    values = {name: [float(fits[name].latent_correlations[b][a]) for a, b in pairs] for name in shown}
    return pd.DataFrame(values, index=index, columns=shown, dtype="float64")


def run(
    scored: ScoredResponses,
    *,
    model: str | None = None,
    scales: Variables = ("dimensions",),
    marker: Variables = (),
    estimator: Estimator | None = None,
    missing: Missing = "listwise",
    bootstrap: int = 0,
    seed: int = 1,
) -> MethodBias:
    """Method bias of the dimensions as correlated factors, or of ``model``.

    Fitted by MLR unless another estimator is named; in a nested study errors and tests are cluster-robust where the
    clusters suffice.
    """
    data, members = dimension_data(scored, scales)
    text = model_of("correlated", members) if model is None else model
    chosen = scored.expand(marker) if marker else []
    extra = scored.frame(tuple(chosen)) if chosen else None
    if extra is not None:
        data = data.join(extra[[name for name in extra.columns if name not in data.columns]])
    estimator = estimator or "MLR"
    group: str | None = None
    notes: tuple[Note, ...] = ()
    if missing == "listwise" and estimator in ("ML", "MLR"):
        group, notes = usable_clusters(outer_groups(scored), most_parameters(members))
    elif scored.nested_in:
        notes = (takes_independent(scored.nested_in[-1]),)
    if group is not None:
        data = data.assign(**{group: outer_groups(scored)})
    found = method_bias(
        data, text, marker=chosen or None, bootstrap=bootstrap, seed=seed, estimator=estimator, missing=missing,
        clusters=group,
    )  # fmt: skip
    return replace(found, notes=(*found.notes, *notes))
