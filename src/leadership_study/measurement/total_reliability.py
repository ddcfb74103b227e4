"""Reliability of the total over several dimensions: never a bare alpha, which takes what they share for one scale."""

from dataclasses import dataclass
from typing import ClassVar, Literal

import pandas as pd

from leadership_study.errors import ConvergenceError, InsufficientDataError
from leadership_study.measurement._hierarchical_omega import HierarchicalOmega, hierarchical_omega, omega_of_total
from leadership_study.measurement._stratified_alpha import StratifiedAlpha, length_for, prophecy, stratified_alpha
from leadership_study.results import Note, Result
from leadership_study.samples.moments import Missing
from leadership_study.scoring import ScoredResponses, Variables
from leadership_study.scoring.dimensions import dimensions_of, unweighted

__all__ = [
    "HierarchicalOmega",
    "StratifiedAlpha",
    "TotalReliability",
    "hierarchical_omega",
    "length_for",
    "prophecy",
    "run",
    "stratified_alpha",
]


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class TotalReliability(Result):
    """What a total over several dimensions measures, and how reliably.

    Attributes
    ----------
    omega_hierarchical, omega_total, explained_common_variance : float
        Of `HierarchicalOmega`; NaN, with a note that says why, when it could not be had.
    stratified_alpha, alpha : float
        Of `StratifiedAlpha`; alpha takes all items for one scale and stands here only beside the others.
    loadings, subscales : DataFrame
        Of `HierarchicalOmega`; empty when it could not be had.
    n, n_items, n_factors : int
        Complete rows behind stratified alpha, items, and group factors.
    """

    main: ClassVar[str] = "summary"

    omega_hierarchical: float
    omega_total: float
    explained_common_variance: float
    stratified_alpha: float
    alpha: float
    loadings: pd.DataFrame
    subscales: pd.DataFrame
    n: int
    n_items: int
    n_factors: int


def run(
    scored: ScoredResponses,
    *,
    scales: Variables = ("dimensions",),
    n_factors: int | Literal["dimensions"] = "dimensions",
    missing: Missing = "listwise",
) -> TotalReliability:
    """Reliability of the total over ``scales``.

    Parameters
    ----------
    scales : ids of dimensions
        At least two.
    n_factors : int or "dimensions"
        Group factors of omega hierarchical; one a dimension by default.
    missing : {"listwise", "pairwise"}

    Raises
    ------
    PlanError
        If one of ``scales`` is not a dimension.
    InsufficientDataError
        With one dimension, or when neither coefficient can be estimated.
    """
    dimensions = dimensions_of(scored, scales, what="Reliability of a total")
    members = {dimension: list(scored.scale_items(dimension).columns) for dimension in dimensions}
    answers = pd.concat([scored.scale_items(dimension) for dimension in dimensions], axis=1)
    factors = len(dimensions) if n_factors == "dimensions" else n_factors
    notes: list[Note] = []
    stratified = stratified_alpha(answers, members, missing=missing)
    try:
        omega = omega_of_total(answers, factors, missing=missing)
        notes += omega.notes
    except (InsufficientDataError, ConvergenceError) as trouble:
        if len(dimensions) < 2:
            raise
        omega = None
        notes.append(Note("total_without_omega", "No omega of the total: {reason}", {"reason": trouble.note}))
    text = (
        "Alpha of all items stands here only beside the others: it counts what the items of one dimension share as "
        "consistency of the total. How much one general factor accounts for is omega hierarchical."
    )
    notes = [Note("alpha_of_total", text), *notes, *unweighted(scored)]
    if scored.nested_in:
        text = "These coefficients are of the totals of respondents, not of the scores of groups ({group})."
        notes.append(Note("total_of_respondents", text, {"group": scored.nested_in[-1]}))
    empty = pd.DataFrame(index=pd.Index([], name="item", dtype="str"))
    return TotalReliability(
        omega_hierarchical=float("nan") if omega is None else omega.omega_hierarchical,
        omega_total=float("nan") if omega is None else omega.omega_total,
        explained_common_variance=float("nan") if omega is None else omega.explained_common_variance,
        stratified_alpha=stratified.stratified_alpha,
        alpha=stratified.alpha,
        loadings=empty if omega is None else omega.loadings,
        subscales=empty.rename_axis("factor") if omega is None else omega.subscales,
        n=stratified.n,
        n_items=stratified.n_items,
        n_factors=factors,
        definition={
            "formula": "omega_hierarchical",
            "model": "schmid_leiman",
            "extraction": "minres",
            "rotation": "oblimin",
            "missing": missing,
            "n": stratified.n,
            "source": "Zinbarg, Revelle, Yovel and Li (2005)",
        },
        notes=tuple(notes),
    )
