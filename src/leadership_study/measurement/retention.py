"""How many factors: parallel analysis decides, and what other rules vote for stands beside it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import ClassVar, Literal, get_args

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from leadership_study.errors import ConvergenceError, InsufficientDataError
from leadership_study.measurement._checks import one_of
from leadership_study.measurement._item_correlations import Correlation, ItemCorrelations, item_correlations
from leadership_study.results import Note, Result
from leadership_study.samples import factor_counts
from leadership_study.samples.contingency import categories
from leadership_study.samples.factoring import extract
from leadership_study.samples.moments import Missing, Moments, numbers
from leadership_study.samples.random_correlations import normal_correlations, permuted_correlations
from leadership_study.samples.random_polychorics import drawn_polychorics, permuted_polychorics
from leadership_study.scoring import ScoredResponses
from leadership_study.scoring.variables import Variables
from leadership_study.sem.threads import one_thread

Floats = NDArray[np.float64]
Basis = Literal["components", "factors"]
Resample = Literal["normal", "permutation"]
Criterion = Literal["quantile", "mean"]


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class ParallelAnalysis(Result):
    """Eigenvalues beside those of items that have nothing in common.

    Attributes
    ----------
    n_factors : int
        How many eigenvalues in a row, from the first, exceed the reference.
    components : DataFrame
        ``eigenvalue``, ``reference_mean`` and ``reference_quantile`` over the replicates, and ``retained``.
    """

    n_factors: int
    n: int
    components: pd.DataFrame

    main: ClassVar[str] = "components"

    @property
    def eigenvalues(self) -> pd.Series:
        """Eigenvalues of the data."""
        return self.components["eigenvalue"]

    @property
    def reference(self) -> pd.Series:
        """What each eigenvalue must exceed: the quantile or the mean, as ``definition["criterion"]`` says."""
        return self.components[f"reference_{self.definition['criterion']}"]


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class MinimumAveragePartial(Result):
    """Velicer's minimum average partial.

    Attributes
    ----------
    n_factors : int
        Number of components with the smallest average squared partial correlation.
    values : Series
        That average after 0, 1, 2, … components are partialled out.
    """

    n_factors: int
    n: int
    values: pd.Series

    main: ClassVar[str] = "values"
    shown_as: ClassVar[Mapping[str, str]] = {"values": "r"}


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Retention(Result):
    """What each criterion votes for.

    Attributes
    ----------
    n_factors : int
        The vote of the parallel analysis that decides.
    votes : DataFrame
        ``n_factors`` by ``kaiser``, ``parallel_components``, ``parallel_factors``, ``minimum_average_partial``,
        ``acceleration``, ``optimal_coordinates``, ``empirical_kaiser`` and, where it is defined, ``hull``; ``decides``
        marks the one that counts.
    eigenvalues : DataFrame
        A row a component: eigenvalues of the correlation matrix and of the reduced matrix (``reduced_``), each with
        mean and quantile of the replicates; ``acceleration`` of the scree, the ``optimal_coordinate`` that the line
        through the later eigenvalues predicts, and the ``empirical_kaiser`` reference.
    hull : DataFrame
        A row a number of factors: ``common_part``, the fit, and the ``elbow`` of those on the hull.
    average_partials : Series
        Average squared partial correlation after 0, 1, 2, … components.
    """

    n_factors: int
    n: int
    votes: pd.DataFrame
    eigenvalues: pd.DataFrame
    hull: pd.DataFrame
    average_partials: pd.Series

    main: ClassVar[str] = "votes"
    shown_as: ClassVar[Mapping[str, str]] = {"average_partials": "r"}


@one_thread()
def parallel_analysis(
    items: pd.DataFrame | Moments,
    *,
    replicates: int = 100,
    basis: Basis = "components",
    resample: Resample = "normal",
    criterion: Criterion = "quantile",
    quantile: float = 0.95,
    correlation: Correlation = "pearson",
    missing: Missing = "pairwise",
    seed: int,
) -> ParallelAnalysis:
    """Compare the eigenvalues of the items with those of random items.

    Parameters
    ----------
    items : DataFrame or Moments
        One column an item, NaN where missing; or moments of items (with ``resample = "normal"``).
    replicates : int
        Random samples, at least 2.
    basis : {"components", "factors"}
        Eigenvalues of the correlation matrix (Horn), or of the matrix with the communalities of the one-factor
        minimum-residual solution on its diagonal, in each sample anew, as psych.
    resample : {"normal", "permutation"}
        Independent normal items of the same n, or the answers with each column shuffled. For polychoric correlations
        the normal items are cut into the items' own categories.
    criterion, quantile
        An eigenvalue must exceed this quantile (type 7) of the replicates, or their mean.
    correlation : {"pearson", "polychoric"}
        Of the items and of every replicate.
    missing : {"pairwise", "listwise"}
    seed : int

    Raises
    ------
    InsufficientDataError
        Fewer than three items, items without answers or variance; permutation of moments, or
        of answers with so many gaps that shuffled items have no correlation; no more respondents than items.
    TypeError, ValueError
        Columns that are not finite numbers, an unknown option.

    Notes
    -----
    Horn (1965, https://doi.org/10.1007/BF02289447); Glorfeld (1995, https://doi.org/10.1177/0013164495055003002).
    R twin: ``psych::fa.parallel(fm = "minres", fa = "both", quant = .95)``, whose returned ``pc.sim`` and ``fa.sim``
    are means. With ``basis = "factors"`` some random samples have a Heywood case, which lifts the reference of the
    first factor above what it is in the others, most with few items and respondents.
    """
    one_of(basis, get_args(Basis), name="basis", function="parallel_analysis")
    one_of(resample, get_args(Resample), name="resample", function="parallel_analysis")
    one_of(criterion, get_args(Criterion), name="criterion", function="parallel_analysis")
    if replicates < 2:
        raise ValueError(f"The 'replicates' parameter of parallel_analysis must be at least 2. Got {replicates}.")
    if not 0 < quantile < 1:
        raise ValueError(f"The 'quantile' parameter of parallel_analysis must be between 0 and 1. Got {quantile}.")
    found = item_correlations(items, missing=missing, at_least=3, correlation=correlation)
    p = len(found.items)
    samples = _samples(items, found, resample, replicates, seed)
    drawn = np.linalg.eigvalsh(samples)[:, ::-1] if basis == "components" else np.stack([_reduced(r) for r in samples])
    observed = np.linalg.eigvalsh(found.matrix)[::-1] if basis == "components" else _reduced(found.matrix)
    mean, high = drawn.mean(axis=0), np.quantile(drawn, quantile, axis=0)
    retained = np.cumprod(observed > (high if criterion == "quantile" else mean)).astype(bool)
    return ParallelAnalysis(
        n_factors=int(retained.sum()),
        n=found.n,
        components=pd.DataFrame(
            {"eigenvalue": observed, "reference_mean": mean, "reference_quantile": high, "retained": retained},
            index=_numbered(p, "component", 1),
        ),
        definition={
            "basis": basis,
            "resample": resample,
            "replicates": replicates,
            "criterion": criterion,
            "quantile": quantile,
            "matrix": found.kind,
            "missing": found.missing,
            "n": found.n,
            "seed": seed,
        },
        notes=found.notes,
    )


@one_thread()
def minimum_average_partial(
    items: pd.DataFrame | Moments, *, correlation: Correlation = "pearson", missing: Missing = "pairwise"
) -> MinimumAveragePartial:
    """Find the number of components after which the items' partial correlations are smallest on average.

    Parameters
    ----------
    items : DataFrame or Moments
    correlation : {"pearson", "polychoric"}
    missing : {"pairwise", "listwise"}

    Raises
    ------
    InsufficientDataError
        Fewer than three items, items without answers or variance.
    TypeError, ValueError
        Columns that are not finite numbers, an unknown option.

    Notes
    -----
    Mean of the squared off-diagonal partial correlations given the first m principal components, m = 0 … p − 1, as far
    as every item has variance left (Velicer, 1976, https://doi.org/10.1007/BF02293557). R twin: ``psych::vss()$map``,
    which starts at m = 1.
    """
    found = item_correlations(items, missing=missing, at_least=3, correlation=correlation)
    p = len(found.items)
    values, vectors = np.linalg.eigh(found.matrix)
    loadings = (vectors * np.sqrt(np.maximum(values, 0.0)))[:, ::-1]
    averages: list[float] = []
    for m in range(p):
        left = found.matrix - loadings[:, :m] @ loadings[:, :m].T
        variance = np.diag(left)
        if variance.min() <= 1e-10:
            break
        partial = left / np.sqrt(np.outer(variance, variance))
        averages.append(float((np.sum(partial**2) - p) / (p * (p - 1))))
    return MinimumAveragePartial(
        n_factors=int(np.argmin(averages)),
        n=found.n,
        values=pd.Series(averages, index=_numbered(len(averages), "components", 0), name="value"),
        definition={"matrix": found.kind, "missing": found.missing, "n": found.n},
        notes=found.notes,
    )


@one_thread()
def factors_to_retain(
    items: pd.DataFrame | Moments,
    *,
    replicates: int = 100,
    basis: Basis = "components",
    resample: Resample = "normal",
    criterion: Criterion = "quantile",
    quantile: float = 0.95,
    correlation: Correlation = "pearson",
    missing: Missing = "pairwise",
    seed: int,
) -> Retention:
    """Put the votes of all rules side by side.

    The parallel analysis of ``basis`` decides. Kaiser's rule counts
    eigenvalues above 1 (Kaiser, 1960, https://doi.org/10.1177/001316446002000116) and usually finds too many; the
    optimal coordinates take the mean of the random eigenvalues as their reference when ``criterion`` says so, else
    their quantile. The other rules: `minimum_average_partial`, `leadership_study.samples.factor_counts`.

    Parameters
    ----------
    items : DataFrame of numbers, respondents × items, or Moments
        Missing answers are NaN.
    replicates, basis, resample, criterion, quantile, correlation, missing, seed
        As in `parallel_analysis`, whose errors it raises too.
    """
    one_of(basis, get_args(Basis), name="basis", function="factors_to_retain")
    analyses = {
        each: parallel_analysis(
            items, replicates=replicates, basis=each, resample=resample, criterion=criterion, quantile=quantile,
            correlation=correlation, missing=missing, seed=seed,
        )
        for each in get_args(Basis)
    }  # fmt: skip
    components, factors = analyses["components"], analyses["factors"]
    partial = minimum_average_partial(items, correlation=correlation, missing=missing)
    found = item_correlations(items, missing=missing, at_least=3, correlation=correlation)
    observed, reference = components.eigenvalues.to_numpy(), components.reference.to_numpy()
    bend, bends = factor_counts.acceleration(observed)
    coordinates, predicted = factor_counts.optimal_coordinates(observed, reference)
    empirical, limits = factor_counts.empirical_kaiser(observed, found.n)
    hull = factor_counts.hull(found.matrix, min(factors.n_factors + 1, (len(observed) - 1) // 2))
    counts = {
        "kaiser": int((observed > 1).sum()),
        "parallel_components": components.n_factors,
        "parallel_factors": factors.n_factors,
        "minimum_average_partial": partial.n_factors,
        "acceleration": bend,
        "optimal_coordinates": coordinates,
        "empirical_kaiser": empirical,
    }
    if hull.n_factors is not None:
        counts["hull"] = hull.n_factors
    votes = pd.DataFrame(
        {"n_factors": list(counts.values()), "decides": [name == f"parallel_{basis}" for name in counts]},
        index=pd.Index(list(counts), name="rule", dtype="str"),
    )
    notes = components.notes
    low, high = int(votes["n_factors"].min()), int(votes["n_factors"].max())
    if low < high:
        text = "The criteria point to between {lowest} and {highest} factors; parallel analysis decides."
        notes = (*notes, Note("retention_criteria_disagree", text, {"lowest": low, "highest": high}))
    deciding = analyses[basis]
    if deciding.n_factors == 0:
        text = "Not even the first eigenvalue exceeds chance: these items have no factor in common."
        notes = (*notes, Note("retention_no_factor", text))
    return Retention(
        n_factors=deciding.n_factors,
        n=components.n,
        votes=votes,
        eigenvalues=pd.DataFrame(
            {
                "eigenvalue": components.eigenvalues,
                "reference_mean": components.components["reference_mean"],
                "reference_quantile": components.components["reference_quantile"],
                "reduced_eigenvalue": factors.eigenvalues,
                "reduced_reference_mean": factors.components["reference_mean"],
                "reduced_reference_quantile": factors.components["reference_quantile"],
                "acceleration": bends,
                "optimal_coordinate": predicted,
                "empirical_kaiser": limits,
            }
        ),
        hull=pd.DataFrame({"common_part": hull.fit, "elbow": hull.elbow}, index=_numbered(len(hull.fit), "factors", 0)),
        average_partials=partial.values,
        definition=deciding.definition,
        notes=notes,
    )


def run(
    scored: ScoredResponses,
    *,
    items: Variables = ("items",),
    replicates: int = 100,
    basis: Basis = "components",
    resample: Resample = "normal",
    criterion: Criterion = "quantile",
    quantile: float = 0.95,
    correlation: Correlation = "pearson",
    missing: Missing = "pairwise",
    seed: int,
) -> Retention:
    """Number of factors of the keyed items, beside the number of dimensions that they serve."""
    chosen = scored.expand(items)
    found = factors_to_retain(
        scored.frame(chosen), replicates=replicates, basis=basis, resample=resample, criterion=criterion,
        quantile=quantile, correlation=correlation, missing=missing, seed=seed,
    )  # fmt: skip
    served = [each for each in scored.instrument.dimension_ids if set(scored.instrument.item_ids(each)) & set(chosen)]
    if len(served) == found.n_factors:
        return found
    text = (
        "Parallel analysis retains {n_factors} factors where the questionnaire distinguishes {n_dimensions} dimensions."
    )
    note = Note("retention_differs_from_theory", text, {"n_factors": found.n_factors, "n_dimensions": len(served)})
    return replace(found, notes=(*found.notes, note))


def _samples(
    items: pd.DataFrame | Moments, found: ItemCorrelations, resample: Resample, replicates: int, seed: int
) -> Floats:
    if found.kind == "polychoric_correlation":
        coded = categories(_answers(items, found), found.items)
        return (drawn_polychorics if resample == "normal" else permuted_polychorics)(coded, replicates, seed)
    if resample == "normal":
        return normal_correlations(found.n, len(found.items), replicates, seed)
    return permuted_correlations(_answers(items, found), replicates, seed)


def _answers(items: pd.DataFrame | Moments, found: ItemCorrelations) -> Floats:
    if isinstance(items, Moments):
        text = "Permutation needs the answers themselves, not only their moments; use resample = normal."
        raise InsufficientDataError(Note("permutation_needs_answers", text))
    values = numbers(items)[0]
    seen = ~np.isnan(values)
    return np.asarray(values[seen.all(axis=1) if found.missing == "listwise" else seen.any(axis=1)])


def _reduced(correlation: Floats) -> Floats:
    # The first minimum in every sample and in the data alike: looking for lower ones would find Heywood cases in the
    # random samples and raise the reference.
    one = extract(correlation, 1, starts="one")
    if not one.converged:
        text = "The one-factor solution that parallel analysis of factors starts from did not converge; use components."
        raise ConvergenceError(Note("parallel_factors_not_converged", text))
    reduced = correlation.copy()
    np.fill_diagonal(reduced, 1 - one.uniquenesses)
    return np.asarray(np.linalg.eigvalsh(reduced)[::-1], dtype=np.float64)


def _numbered(count: int, name: str, first: int) -> pd.Index:
    return pd.Index([str(number) for number in range(first, first + count)], name=name, dtype="str")
