"""From a model's text and data to a fitted solution: the one road that `cfa` and `sem` take."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal, get_args

import numpy as np
import pandas as pd

from leadership_study.errors import InsufficientDataError
from leadership_study.results import Note
from leadership_study.samples.moments import Moments
from leadership_study.sem.data import Sample, sample_of
from leadership_study.sem.fitting import fit_table
from leadership_study.sem.options import Information, Likelihood, Missing, options_of
from leadership_study.sem.orientation import oriented
from leadership_study.sem.parameter_table import (
    KINDS,
    Defaults,
    ParameterTable,
    build_table,
    with_free_covariates,
)
from leadership_study.sem.solution import Solution
from leadership_study.sem.syntax import Model, parse
from leadership_study.sem.variables import Variables, variables_of

Errors = Literal["standard", "robust", "bootstrap", "none"]
Parameterization = Literal["delta", "theta"]


def solve(
    model: str,
    data: pd.DataFrame | Moments,
    *,
    estimator: str | None,
    missing: str,
    ordered: Sequence[str] | bool,
    group: str | None,
    equal: Sequence[str],
    partial: Sequence[str],
    std_lv: bool,
    orthogonal: bool,
    meanstructure: bool | None,
    parameterization: Parameterization,
    information: Information | None,
    likelihood: Likelihood,
    se: Errors | None,
    clusters: str | None,
) -> Solution:
    """Fit a model; the arguments are those of `leadership_study.measurement.cfa.cfa`."""
    read = parse(model)
    variables = variables_of(read.terms)
    missing = "fiml" if missing == "ml" else missing
    for name, value, allowed in (
        ("missing", missing, get_args(Missing)), ("parameterization", parameterization, ("delta", "theta")),
        ("likelihood", likelihood, ("normal", "wishart")), ("information", information, (None, "expected", "observed")),
        ("se", se, (None, *get_args(Errors))),
    ):  # fmt: skip
        if value not in allowed:
            raise ValueError(
                f"The '{name}' parameter must be one of {', '.join(map(repr, allowed))}. Got {value!r} instead."
            )
    for name, switch in (("std_lv", std_lv), ("orthogonal", orthogonal)):
        if not isinstance(switch, bool):
            raise ValueError(f"The '{name}' parameter must be True or False. Got {switch!r} instead.")
    kinds = tuple(kind.replace(".", "_") for kind in ([equal] if isinstance(equal, str) else equal))
    if wrong := [kind for kind in kinds if kind not in KINDS]:
        raise ValueError(f"The 'equal' parameter may name {', '.join(KINDS)}. Got {wrong[0]!r} instead.")
    if (kinds or partial) and group is None:
        raise ValueError("'equal' and 'partial' compare groups; name the column of 'group'.")
    names = _ordered(ordered, variables, data)
    wants_means = (
        (meanstructure is not None and meanstructure)
        or group is not None or missing == "fiml" or clusters is not None
        or bool(names) or any(term.op == "~1" for term in read.terms)
    )  # fmt: skip
    if meanstructure is False:
        if missing == "fiml" or names or any(term.op == "~1" for term in read.terms):
            raise ValueError("This model has means or thresholds: 'meanstructure' cannot be False.")
        wants_means = False
    options = options_of(
        estimator, missing=missing, information=information, likelihood=likelihood,  # type: ignore[arg-type]
        errors="none" if se in ("none", "bootstrap") else se,  # type: ignore[arg-type]
        meanstructure=wants_means, clustered=clusters is not None,
        ordered=bool(names),
    )  # fmt: skip
    sample = sample_of(
        data, variables.observed, missing=options.missing, group=group, clusters=clusters,
        complete=variables.covariates,
    )  # fmt: skip
    _check_sample(sample, options.scaling != "none" or options.errors == "robust", data)
    sample, cuts = _coded(sample, names)
    defaults = Defaults(
        std_lv=std_lv, orthogonal=orthogonal, meanstructure=wants_means, parameterization=parameterization,
        thresholds=cuts, n_groups=len(sample.groups), equal=kinds,
        partial=tuple([partial] if isinstance(partial, str) else partial),
    )  # fmt: skip
    table = build_table(read, defaults)
    _refuse_unoffered(table, read)
    if options.method != "ML":  # least squares, whose weights tie the covariates' moments to the others
        table = with_free_covariates(table)
    return oriented(fit_table(table, sample, options))


def _ordered(ordered: Sequence[str] | bool, variables: Variables, data: object) -> tuple[str, ...]:
    if isinstance(ordered, bool):
        return variables.observed if ordered else ()
    names = [ordered] if isinstance(ordered, str) else list(ordered)
    known = [*variables.observed, *(data.columns if isinstance(data, pd.DataFrame) else ())]
    if wrong := [name for name in names if name not in known]:
        raise ValueError(f"The 'ordered' parameter names {wrong[0]!r}, which is neither in the model nor in the data.")
    if not any(name in variables.observed for name in names):
        return ()
    if plain := [name for name in variables.observed if name not in names]:
        raise ValueError(f"Models that mix ordered and continuous variables are not offered: {plain[0]!r} is not in "
                         "'ordered'. Name all variables of the model, or none.")  # fmt: skip
    return variables.observed


def _check_sample(sample: Sample, needs_rows: bool, data: object) -> None:
    if needs_rows and isinstance(data, Moments):
        text = "Robust errors and tests need raw answers; moments of a sample do not hold what they are made of."
        raise InsufficientDataError(Note("robust_needs_rows", text))
    if sample.groups[0].means is None:
        return


def _coded(sample: Sample, names: Sequence[str]) -> tuple[Sample, dict[str, int]]:
    """Check that ordered items show the same categories in every group; return thresholds by item."""
    if not names:
        return sample, {}
    cuts: dict[str, int] = {}
    for at, name in enumerate(sample.observed):
        seen = [np.unique(g.rows[:, at][~np.isnan(g.rows[:, at])]) for g in sample.groups if g.rows is not None]
        if not seen:
            text = "Models of ordered items need raw answers; moments of a sample hold no categories."
            raise InsufficientDataError(Note("ordinal_needs_rows", text))
        everything = np.unique(np.concatenate(seen))
        for group, own in zip(sample.groups, seen, strict=True):
            if len(own) < len(everything):
                gone = sorted(set(everything) - set(own))
                text = (
                    "Category {category} of {item} does not occur in group {group}; merge it with a neighbour in all "
                    "groups, or leave the item out."
                )
                values = {"category": _plain(gone[0]), "item": name, "group": group.label}
                raise InsufficientDataError(Note("category_in_one_group_only", text, values))
        if len(everything) > 40:
            raise ValueError(f"The column {name!r} has {len(everything)} different values; it is not an ordered item.")
        cuts[name] = len(everything) - 1
    return replace(sample), cuts


def _plain(value: float) -> str:
    return str(int(value)) if float(value).is_integer() else str(value)


def _refuse_unoffered(table: ParameterTable, model: Model) -> None:
    ordered = table.defaults.thresholds
    if ordered and table.variables.covariates:
        names = ", ".join(table.variables.covariates)
        raise ValueError(
            f"Covariates beside ordered items are not offered ({names}); add them to the measurement part."
        )
    if ordered and table.defaults.parameterization == "delta":
        for term in model.terms:
            if term.op == "~" and term.rhs in ordered:
                raise ValueError(f"The ordered variable {term.rhs!r} predicts another; this needs "
                                 "parameterization='theta'.")  # fmt: skip
    for row in table.rows:
        if row.op == "|" and (row.lhs not in ordered or int(row.rhs[1:]) > ordered[row.lhs]):
            raise ValueError(f"The model has the threshold {row.name}, which {row.lhs!r} does not have in these data; "
                             "name it in 'ordered' or remove the threshold.")  # fmt: skip
