"""Exploratory factor analysis: which items go together, and how the factors correlate."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Literal, get_args

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from leadership_study.errors import ConvergenceError, InsufficientDataError
from leadership_study.measurement._checks import one_of
from leadership_study.measurement._factor_scores import factor_scores, item_table
from leadership_study.measurement._item_correlations import Correlation, ItemCorrelations, item_correlations
from leadership_study.results import Note, Result
from leadership_study.samples.factor_fit import degrees_of_freedom, factor_fit
from leadership_study.samples.factor_scores import Method as Scoring
from leadership_study.samples.factoring import Extraction, extract
from leadership_study.samples.factoring import Method as Extracting
from leadership_study.samples.moments import Missing, Moments
from leadership_study.samples.rotation import Method as Rotating
from leadership_study.samples.rotation import PromaxVariant, Rotation, rotate
from leadership_study.samples.solomon import Half, half_of
from leadership_study.scoring import ScoredResponses
from leadership_study.scoring.variables import Variables
from leadership_study.sem.threads import one_thread

Floats = NDArray[np.float64]

_LIKELIHOOD_BASED = (
    "chi_square", "p_value", "rmsea", "rmsea_ci_low", "rmsea_ci_high", "tli", "bic", "sabic", "objective", "df", "crms",
    "empirical_chi_square", "empirical_p_value", "empirical_bic", "null_chi_square", "null_df",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class ExploratoryFactorAnalysis(Result):
    """Factors of a set of items.

    Attributes
    ----------
    loadings : DataFrame, items × factors
        Pattern: the weights of the factors in each item. Factors are ordered by the variance they account for; each
        column has a non-negative sum.
    structure : DataFrame, items × factors
        Correlations of items with factors, ΛΦ.
    factor_correlations : DataFrame, factors × factors
        Φ, in the order and with the signs of ``loadings``; the identity for orthogonal rotations.
    rotation_matrix : DataFrame, T of loadings = unrotated loadings · T, with Φ = (T′T)⁻¹
    items : DataFrame
        ``communality`` (diagonal of ΛΦΛ′), ``uniqueness`` (1 − communality), ``complexity`` (Hofmann, 1978: 1 when an
        item loads on one factor only), ``primary_factor`` with its ``primary_loading``, and ``cross_loading``, the
        largest in size on another factor.
    variance : DataFrame, a row a factor
        ``ss_loadings`` (diagonal of ΦΛ′Λ), its ``proportion`` of the items' variance and the ``cumulative`` one, and
        both as shares of the variance that all factors account for; ``score_r_squared``, the share of the factor's own
        variance that the items determine (diagonal of ΦΛ′R⁻¹ΛΦ; missing when R has no inverse).
    eigenvalues : DataFrame
        ``eigenvalue`` of the correlation matrix, and ``reduced_eigenvalue`` with communalities on its diagonal.
    fit : Series
        See `leadership_study.samples.factor_fit.factor_fit`.
    n, n_factors : int
    converged : bool
        Of the rotation; an extraction that does not converge raises.
    scores : DataFrame or None, respondents × factors
        Factor scores, when asked for; missing for respondents without all answers.
    score_weights : DataFrame or None, items × factors
        Weights of the standardised answers in the scores.
    """

    loadings: pd.DataFrame
    factor_correlations: pd.DataFrame
    items: pd.DataFrame
    variance: pd.DataFrame
    fit: pd.Series
    structure: pd.DataFrame
    rotation_matrix: pd.DataFrame
    eigenvalues: pd.DataFrame
    n: int
    n_factors: int
    converged: bool
    scores: pd.DataFrame | None = None
    score_weights: pd.DataFrame | None = None

    main: ClassVar[str] = "loadings"
    aligned: ClassVar[bool] = False
    shown_as: ClassVar[Mapping[str, str]] = {
        "loadings": "loading",
        "structure": "loading",
        "rotation_matrix": "r",
        "factor_correlations": "r",
        "scores": "score",
        "score_weights": "weight",
    }

    @property
    def communalities(self) -> pd.Series:
        """Share of each item's variance that the factors account for."""
        return self.items["communality"]

    @property
    def uniquenesses(self) -> pd.Series:
        """1 − communalities."""
        return self.items["uniqueness"]


@one_thread()
def efa(
    items: pd.DataFrame | Moments,
    n_factors: int,
    *,
    method: Extracting = "minres",
    rotation: Rotating = "oblimin",
    correlation: Correlation = "pearson",
    missing: Missing = "pairwise",
    normalize: bool | None = None,
    n_starts: int = 1,
    gamma: float = 0.0,
    power: float = 4.0,
    promax_variant: PromaxVariant = "psych",
    target: pd.DataFrame | None = None,
    scores: Scoring | None = None,
    seed: int = 0,
) -> ExploratoryFactorAnalysis:
    """Factor-analyse the correlations of items.

    Parameters
    ----------
    items : DataFrame or Moments
        One column an item, NaN where missing; or the moments of items.
    n_factors : int
        How many factors, from theory or `parallel_analysis`; there is no default.
    method : {"minres", "ml", "paf", "principal"}
        Minimum residuals, maximum likelihood, principal axes, or principal components (not a factor model).
    rotation : {"oblimin", "quartimin", "geomin", "target", "promax", "varimax", "quartimax", "none"}
    correlation : {"pearson", "polychoric"}
    missing : {"pairwise", "listwise"}
        Each correlation over the rows that have both items, or all over the complete rows.
    normalize : bool, optional
        Kaiser normalisation; None: for varimax and promax only, as in R's psych.
    n_starts, seed : int
        Starts of the rotation beyond the first are random; the lowest criterion is kept.
    gamma, power, promax_variant
        Of oblimin and promax: see `leadership_study.samples.rotation.rotate`.
    target : DataFrame, items × factors
        Of the target rotation: the loadings wanted, NaN where free. Its columns name the factors, which keep its order.
    scores : {"regression", "bartlett", "tenBerge"}, optional
        Score the respondents: see `leadership_study.samples.factor_scores.score_weights`. Not for polychoric
        correlations, whose underlying variables nobody has answered.

    Raises
    ------
    InsufficientDataError
        No more respondents than items, more factors than items, more parameters than correlations (negative degrees of
        freedom), items without answers or variance, maximum likelihood or scores of a matrix that is not positive
        definite; scores or polychoric correlations of moments.
    ConvergenceError
        The extraction found no optimum.
    TypeError, ValueError
        Columns that are not finite numbers, an unknown option, a number of factors that is not a whole one from 1.

    Notes
    -----
    A uniqueness at or below .005 (Heywood case) is named in a note. R twin: ``psych::fa(items, n_factors, fm = method,
    rotate = rotation)``; ``psych::principal`` for components.
    """
    if scores is not None:
        one_of(scores, get_args(Scoring), name="scores", function="efa")
        if correlation == "polychoric":
            raise ValueError(
                "There are no factor scores from polychoric correlations; leave out 'scores' or use pearson."
            )
    least = 2 if method == "principal" else 3
    found = item_correlations(items, missing=missing, at_least=least, correlation=correlation)
    extraction, rotated = solve(
        found, n_factors, method, rotation, normalize=normalize, gamma=gamma, power=power,
        promax_variant=promax_variant, target=_aligned(target, found.items, n_factors), n_starts=n_starts, seed=seed,
    )  # fmt: skip
    definition: dict[str, str | float] = {
        "extraction": method,
        "rotation": rotation if n_factors > 1 else "none",
        "normalization": "kaiser" if rotated.normalized and n_factors > 1 else "none",
        "matrix": found.kind,
        "missing": found.missing,
        "n": found.n,
    }
    if rotation == "oblimin" and n_factors > 1:
        definition["gamma"] = gamma
    if rotation == "promax" and n_factors > 1:
        definition |= {"power": power, "promax_variant": promax_variant}
    notes = solution_notes(found, extraction, rotated, method, n_starts)
    names = [str(name) for name in target.columns] if rotation == "target" and target is not None else None
    result = _assemble(found, rotated, method, definition, notes, names)
    if scores is None:
        return result
    found_scores, weights, more = factor_scores(items, found, result.loadings, result.factor_correlations, scores)
    return replace(
        result, scores=found_scores, score_weights=weights, notes=(*notes, *more),
        definition={**definition, "scores": scores},
    )  # fmt: skip


def solve(
    found: ItemCorrelations, n_factors: int, method: Extracting, rotation: Rotating, **options: Any
) -> tuple[Extraction, Rotation]:
    """Extract and rotate, or say in the errors of `efa` why not; ``options`` are those of `rotate`."""
    p = len(found.items)
    _check_n_factors(n_factors, p)
    df = degrees_of_freedom(p, n_factors)
    if method != "principal" and (df < 0 or n_factors >= p):
        text = (
            "{n_factors} factors are too many for {n_items} items: the model would have more parameters than there are "
            "correlations (degrees of freedom {df}); extract fewer factors."
        )
        values = {"n_factors": n_factors, "n_items": p, "df": df}
        raise InsufficientDataError(Note("too_many_factors", text, values))
    extraction = extract(found.matrix, n_factors, method=method)
    if not extraction.converged:
        text = (
            "The extraction of {n_factors} factors by {method} did not converge; extract fewer factors or use another "
            "method."
        )
        raise ConvergenceError(Note("extraction_not_converged", text, {"n_factors": n_factors, "method": method}))
    return extraction, rotate(extraction.loadings, rotation, **options)


def _aligned(target: pd.DataFrame | None, items: list[str], n_factors: int) -> Floats | None:
    if target is None:
        return None
    if not isinstance(target, pd.DataFrame) or sorted(map(str, target.index)) != sorted(items):
        raise ValueError("The 'target' parameter of efa must be a DataFrame with the items as its index.")
    if target.shape[1] != n_factors or len(set(map(str, target.columns))) != n_factors:
        raise ValueError(f"The target must have one column for each of the {n_factors} factors, named differently.")
    return np.asarray(target.set_axis([str(name) for name in target.index]).loc[items].to_numpy(dtype=np.float64))


def _check_n_factors(n_factors: int, p: int) -> None:
    whole = isinstance(n_factors, int | np.integer) and not isinstance(n_factors, bool)
    if not whole or n_factors < 1:
        raise ValueError(f"The 'n_factors' parameter of efa must be a whole number from 1. Got {n_factors!r} instead.")
    if n_factors > p:
        text = "{n_factors} factors are more than the {n_items} items; extract fewer factors."
        raise InsufficientDataError(Note("more_factors_than_items", text, {"n_factors": n_factors, "n_items": p}))


def solution_notes(
    found: ItemCorrelations, extraction: Extraction, rotated: Rotation, method: str, n_starts: int = 1
) -> tuple[Note, ...]:
    """What readers must know about a solution."""
    notes = list(found.notes)
    if extraction.heywood:
        text = (
            "Heywood case: the factors leave (almost) no unique variance to {items}; the solution is improper, so "
            "extract fewer factors or look for items that repeat each other."
        )
        notes.append(Note("heywood_case", text, {"items": ", ".join(found.items[i] for i in extraction.heywood)}))
    if extraction.passed_over:
        text = (
            "Searches from several starts ended in {minima} different solutions; the best proper one is shown, for "
            "what reproduces the correlations slightly better leaves some item no unique variance (Heywood case)."
        )
        notes.append(Note("extraction_improper_passed_over", text, {"minima": extraction.minima}))
    elif extraction.minima > 1:
        text = (
            "Searches from several starts ended in {minima} different solutions; the one that reproduces the "
            "correlations best is shown."
        )
        notes.append(Note("extraction_local_minima", text, {"minima": extraction.minima}))
    if beyond := [item for item, left in zip(found.items, extraction.uniquenesses, strict=True) if left < -1e-9]:
        text = "The communality of {items} is above 1, which no one set of answers can have; the solution is improper."
        notes.append(Note("communality_above_one", text, {"items": ", ".join(beyond)}))
    if method == "principal":
        text = "Principal components are no factor model: they summarise all variance of the items, errors included."
        notes.append(Note("components_not_factors", text))
    elif degrees_of_freedom(*extraction.loadings.shape) == 0:
        text = "The model has as many parameters as there are correlations, so its fit cannot be tested."
        notes.append(Note("efa_no_degrees_of_freedom", text))
    if found.kind == "polychoric_correlation" and method != "principal":
        text = (
            "The chi-square and what rests on it treat polychoric correlations as if they were Pearson correlations of "
            "normal answers; they come out too large, so judge the residuals (RMSR) instead."
        )
        notes.append(Note("efa_polychoric_fit", text))
    if not rotated.converged:
        text = "The rotation stopped before its criterion was smallest; the loadings are not final."
        notes.append(Note("rotation_not_converged", text))
    if rotated.minima > 1:
        text = (
            "{n_starts} starts of the rotation ended in {minima} different solutions; the one with the lowest "
            "criterion is shown."
        )
        notes.append(Note("rotation_local_minima", text, {"n_starts": n_starts, "minima": rotated.minima}))
    return tuple(notes)


def _assemble(
    found: ItemCorrelations,
    rotated: Rotation,
    method: str,
    definition: Mapping[str, object],
    notes: tuple[Note, ...],
    names: list[str] | None,
) -> ExploratoryFactorAnalysis:
    loadings, correlations = rotated.loadings, rotated.factor_correlations
    p, k = loadings.shape
    structure = loadings @ correlations
    reproduced = structure @ loadings.T
    communalities = np.diag(reproduced).copy()
    item = pd.Index(found.items, name="item", dtype="str")
    names = names or [f"F{number + 1}" for number in range(k)]
    factor = pd.Index(names, name="factor", dtype="str")
    columns = pd.Index(names, dtype="str")
    reduced = found.matrix.copy()
    np.fill_diagonal(reduced, communalities)
    ss_loadings = np.diag(correlations @ (loadings.T @ loadings)).copy()
    fit = factor_fit(found.matrix, reproduced, found.n, k, pair_n=found.pair_n)
    if method == "principal":
        # A component model has no likelihood and no degrees of freedom of its own.
        fit = {name: np.nan if name in _LIKELIHOOD_BASED else value for name, value in fit.items()}
    return ExploratoryFactorAnalysis(
        loadings=pd.DataFrame(loadings, index=item, columns=columns),
        factor_correlations=pd.DataFrame(correlations, index=factor, columns=columns),
        items=item_table(loadings, communalities, item, names),
        variance=pd.DataFrame(
            {
                "ss_loadings": ss_loadings,
                "proportion": ss_loadings / p,
                "cumulative": np.cumsum(ss_loadings) / p,
                "proportion_explained": ss_loadings / ss_loadings.sum(),
                "cumulative_explained": np.cumsum(ss_loadings) / ss_loadings.sum(),
                "score_r_squared": np.sum(structure * np.linalg.solve(found.matrix, structure), axis=0)
                if found.positive_definite
                else np.full(k, np.nan),
            },
            index=factor,
        ),
        fit=pd.Series(fit, name="value", dtype="float64").rename_axis("statistic"),
        structure=pd.DataFrame(structure, index=item, columns=columns),
        rotation_matrix=pd.DataFrame(rotated.rotation_matrix, index=_numbered(k), columns=columns),
        eigenvalues=pd.DataFrame(
            {
                "eigenvalue": np.linalg.eigvalsh(found.matrix)[::-1],
                "reduced_eigenvalue": np.linalg.eigvalsh(reduced)[::-1],
            },
            index=_numbered(p),
        ),
        n=found.n,
        n_factors=k,
        converged=rotated.converged,
        definition=definition,
        notes=notes,
    )


def _numbered(count: int) -> pd.Index:
    return pd.Index([str(number + 1) for number in range(count)], name="component", dtype="str")


def run(
    scored: ScoredResponses,
    *,
    items: Variables = ("items",),
    n_factors: int | Literal["dimensions"] = "dimensions",
    method: Extracting = "minres",
    rotation: Rotating = "oblimin",
    correlation: Correlation = "pearson",
    missing: Missing = "pairwise",
    normalize: bool | None = None,
    n_starts: int = 1,
    gamma: float = 0.0,
    power: float = 4.0,
    promax_variant: PromaxVariant = "psych",
    scores: Literal["none", "regression", "bartlett", "tenBerge"] = "none",
    half: Half = "all",
    seed: int = 0,
) -> ExploratoryFactorAnalysis:
    """Factor-analyse the keyed items; ``n_factors = "dimensions"`` takes as many as dimensions that the items serve.

    Rotation to a target has the items' own dimensions as its target: a loading on another dimension is to be 0.
    ``half`` takes one of two equivalent halves of the respondents, so that the other can confirm what this suggests.
    """
    chosen = scored.expand(items)
    answers, halved = half_of(scored.frame(chosen), half)
    served = [each for each in scored.instrument.dimension_ids if set(scored.instrument.item_ids(each)) & set(chosen)]
    target = None
    if rotation == "target":
        of = {item: each for each in served for item in scored.instrument.item_ids(each)}
        target = pd.DataFrame({each: [np.nan if of.get(item) == each else 0.0 for item in chosen] for each in served})
        target.index = pd.Index(chosen)
    found = efa(
        answers, len(served) if n_factors == "dimensions" else n_factors, method=method,
        rotation=rotation, correlation=correlation, missing=missing, normalize=normalize, n_starts=n_starts,
        gamma=gamma, power=power, promax_variant=promax_variant, target=target,
        scores=None if scores == "none" else scores, seed=seed,
    )  # fmt: skip
    text = (
        "A confirmatory analysis of these same respondents would be circular: it would test a structure on the answers "
        "that suggested it."
    )
    return replace(found, notes=(*found.notes, *halved, Note("efa_not_confirmatory", text)))
