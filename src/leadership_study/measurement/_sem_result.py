"""What a fitted model shows: the public result of `cfa` and `sem`."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from leadership_study.errors import ConvergenceError
from leadership_study.results import Note, Result
from leadership_study.samples.moments import Moments
from leadership_study.sem.assessment import fit_measures, independence_of, residuals_of
from leadership_study.sem.bootstrap import Bootstrap
from leadership_study.sem.bootstrap import bootstrap as draw
from leadership_study.sem.estimates import estimates_frame, inference, r_squared_frame, standardised_frame
from leadership_study.sem.expressions import values_of
from leadership_study.sem.modification import modification_indices
from leadership_study.sem.ordinal_scores import modal_scores
from leadership_study.sem.problems import problems_of
from leadership_study.sem.residual_tests import residual_summary, residual_z
from leadership_study.sem.scores import factor_scores
from leadership_study.sem.solution import Solution
from leadership_study.sem.specify import solve
from leadership_study.sem.threads import told
from leadership_study.sem.weighted_squares import lower_triangle

Floats = NDArray[np.float64]

FEW_CLUSTERS = 30
"""Below this, or below the number of parameters, cluster-robust errors are not dependable (Muthén & Satorra, 1995)."""


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class SemFit(Result):
    """A fitted model.

    Attributes
    ----------
    estimates : DataFrame, one row a parameter
        ``lhs, op, rhs`` as in the syntax, ``group`` (1, 2, …; 0 for definitions), ``label``, ``free`` (its number, 0
        when fixed), ``estimate, std_error, statistic, p_value, ci_low, ci_high, std_all``.
    fit : Series
        Fit measures; ``_scaled`` and ``_robust`` ones under their own names.
    r_squared : DataFrame
        Share of variance explained of each dependent variable.
    problems : DataFrame
        What is improper in the solution: ``kind, parameter, value``; empty when nothing is.
    groups : DataFrame
        Rows used by group.
    implied, residuals : DataFrame, variables × variables
        Implied covariances (correlations of ordered items), and residual correlations (Bollen, 1989): observed less
        implied. In several groups the index is (group, variable).
    implied_means : DataFrame
        Implied and observed means, with a mean structure of continuous variables.
    latent_correlations : DataFrame, factors × factors
    converged : bool
        Always true: a search that finds no optimum raises.
    n : int
    """

    estimates: pd.DataFrame
    fit: pd.Series
    r_squared: pd.DataFrame
    problems: pd.DataFrame
    groups: pd.DataFrame
    implied: pd.DataFrame
    residuals: pd.DataFrame
    implied_means: pd.DataFrame
    latent_correlations: pd.DataFrame
    converged: bool
    n: int

    main: ClassVar[str] = "estimates"
    shown_as: ClassVar[Mapping[str, str]] = {"residuals": "r", "latent_correlations": "r"}
    _solution: ClassVar[Solution | None] = None

    @property
    def solution(self) -> Solution:
        """The optimum with its data: what the methods below work on.

        Raises
        ------
        ValueError
            When the result was read back from a file, which holds no data.
        """
        if self._solution is None:
            raise ValueError("This fit was read back from a file, which holds no data; fit the model again.")
        return self._solution

    def modification_indices(self) -> pd.DataFrame:
        """Expected fall of the chi-square (``mi``) and value (``epc``) for every parameter left out or fixed."""
        with told():
            return modification_indices(self.solution)

    def factor_scores(self, method: Literal["regression", "bartlett", "ebm"] = "regression") -> pd.DataFrame:
        """Scores of the rows used, with the index of the data.

        ``regression`` (Thurstone) and ``bartlett`` for continuous variables, ``ebm`` for ordered items: the most likely
        factor values given the answers.

        Raises
        ------
        ValueError
            For another method, or one that the variables' kind rules out.
        """
        solution = self.solution
        if method not in ("regression", "bartlett", "ebm"):
            raise ValueError(f"The 'method' parameter must be one of 'regression', 'bartlett', 'ebm'. Got {method!r}.")
        if solution.options.ordered != (method == "ebm"):
            right = '"ebm" (empirical Bayes modal)' if solution.options.ordered else '"regression" or "bartlett"'
            kind = "ordered items" if solution.options.ordered else "continuous variables"
            raise ValueError(f"Scores by {method!r} are not offered for {kind}; use {right}.")
        with told():
            scores = modal_scores(solution) if method == "ebm" else factor_scores(solution, method)  # type: ignore[arg-type]
        names = list(solution.table.variables.latent)
        kept = np.concatenate([group.kept for group in solution.sample.groups])
        frame = pd.DataFrame(np.vstack(scores), index=kept, columns=names).sort_index()
        index = solution.sample.index
        return frame if index is None else frame.set_axis(index[frame.index], axis=0)

    def residual_summary(self) -> pd.DataFrame:
        """SRMR and its unbiased estimate with standard errors, interval and tests (Maydeu-Olivares, 2017)."""
        with told():
            return residual_summary(self.solution)

    def standardized_residuals(self, of: Literal["covariances", "means"] = "covariances") -> pd.DataFrame:
        """Residuals over their standard errors (Jöreskog & Sörbom): beyond ±2 the model misses by more than chance.

        ``covariances`` (of ordered items: correlations), variables × variables; ``means`` (of ordered items:
        thresholds), column ``z``, empty without a mean structure. What the model leaves no room for is 0. In several
        groups the index has the group first. R twin: ``residuals(fit, type = "standardized")``, whose errors in several
        groups leave out what groups share by equal parameters.

        Raises
        ------
        ValueError
            For another ``of``.
        """
        if of not in ("covariances", "means"):
            raise ValueError(f"The 'of' parameter must be one of 'covariances', 'means'. Got {of!r} instead.")
        with told():
            return _residual_frame(self.solution, residual_z(self.solution), of)

    def standardized(self, kind: Literal["all", "latent", "no_covariates"] = "all") -> pd.DataFrame:
        """Standardised solution with delta-method standard errors: of all variables, or of the factors only."""
        with told():
            return standardised_frame(self.solution, kind)


def sem_fit(model: str, data: pd.DataFrame | Moments, *, bootstrap: int, seed: int | None, **options: Any) -> SemFit:
    """Fit a model and put together what it shows."""
    if isinstance(bootstrap, bool) or not isinstance(bootstrap, int) or bootstrap < 0 or bootstrap == 1:
        raise ValueError(
            f"The 'bootstrap' parameter must be 0 or a number of samples above 1. Got {bootstrap!r} instead."
        )
    if bootstrap and seed is None:
        raise ValueError("A bootstrap needs a 'seed', so that its numbers can be had again.")
    if bootstrap and (isinstance(seed, bool) or not isinstance(seed, int | np.integer) or seed < 0):
        raise ValueError(f"The 'seed' parameter must be a whole number from 0. Got {seed!r} instead.")
    if options["se"] == "bootstrap" and not bootstrap:
        raise ValueError("se='bootstrap' needs the number of samples: set 'bootstrap', as in bootstrap=1000.")
    with told():
        solution = solve(model, data, **options)
        found = result_of(solution)
        if bootstrap and seed is not None:
            return with_bootstrap(found, draw(solution, bootstrap, seed), bootstrap)
        return found


def with_bootstrap(found: SemFit, drawn: Bootstrap, samples: int) -> SemFit:
    """Replace standard errors and intervals by those of the bootstrap (percentiles)."""
    if len(drawn.values) < 2:
        text = "None of the {samples} bootstrap samples led to a solution."
        raise ConvergenceError(Note("bootstrap_all_failed", text, {"samples": samples}))
    values = drawn.values
    solution = found.solution
    definitions = solution.table.definitions
    if definitions:
        names = solution.problem.constraints.names
        expressions, known = [e for _, e, _ in definitions], [name for name, _, _ in definitions]
        more = [np.real(values_of(expressions, names, row, known)) for row in values]
        values = np.hstack([values, np.array(more)])
    estimates = found.estimates.copy()
    errors = values.std(axis=0, ddof=1)
    varies = errors > 0
    low, high = np.quantile(values, (0.025, 0.975), axis=0)
    table = inference(estimates["estimate"].to_numpy(), np.where(varies, errors, 0.0), 0.95)
    for name, column in table.items():
        estimates[name] = column
    estimates["ci_low"], estimates["ci_high"] = (
        np.where(varies, limit, estimates["estimate"]) for limit in (low, high)
    )
    notes = found.notes
    if drawn.failed:
        text = "{failed} of {samples} bootstrap samples led to no solution and are left out."
        notes = (*notes, Note("bootstrap_failed_samples", text, {"failed": drawn.failed, "samples": samples}))
    definition = {**found.definition, "standard_errors": "bootstrap", "interval": "percentile", "replicates": samples}
    again = replace(found, estimates=estimates, notes=notes, definition=definition)
    object.__setattr__(again, "_solution", solution)
    return again


def result_of(solution: Solution) -> SemFit:
    """Put together what a solution shows."""
    baseline = independence_of(solution)
    measures = fit_measures(solution, baseline)
    estimates = estimates_frame(solution)
    standard = estimates["std_all"].to_numpy()[: len(solution.table.rows)]
    problems, notes = problems_of(solution, standard)
    implied, residuals, means = _moments(solution)
    found = SemFit(
        estimates=estimates,
        fit=pd.Series(measures, dtype="float64").rename_axis("statistic"),
        r_squared=r_squared_frame(solution),
        problems=problems,
        groups=_groups(solution),
        implied=implied,
        residuals=residuals,
        implied_means=means,
        latent_correlations=_latent(solution),
        converged=True,
        n=solution.sample.n,
        definition=_definition(solution),
        notes=(*_cluster_notes(solution), *notes),
    )
    object.__setattr__(found, "_solution", solution)
    return found


def _definition(solution: Solution) -> dict[str, Any]:
    options = solution.options
    found: dict[str, Any] = {
        "estimator": options.estimator,
        "matrix": "polychoric" if options.ordered else "covariance",
        "missing": options.missing,
        "n": solution.sample.n,
        "standard_errors": "cluster_robust" if options.clustered else options.errors,
        "information": options.information,
        "test": options.scaling,
        "confidence_level": 0.95,
    }
    return found


def _groups(solution: Solution) -> pd.DataFrame:
    labels = [group.label or "all" for group in solution.sample.groups]
    counts = np.array([group.n for group in solution.sample.groups], dtype=np.int64)
    return pd.DataFrame({"n": counts}, index=pd.Index(labels, name="group", dtype="str"))


def _cluster_notes(solution: Solution) -> tuple[Note, ...]:
    codes = [group.clusters for group in solution.sample.groups if group.clusters is not None]
    if not codes:
        return ()
    n_clusters = len(np.unique(np.concatenate(codes)))
    notes: tuple[Note, ...] = ()
    if sum(len(np.unique(own)) for own in codes) > n_clusters:
        text = (
            "Some clusters have members in several groups; errors and tests take them as clusters of their own in each "
            "group, so what ties the groups together is not allowed for."
        )
        notes = (Note("sem_clusters_across_groups", text),)
    if n_clusters >= max(FEW_CLUSTERS, solution.n_parameters):
        return notes
    text = (
        "There are {n_clusters} clusters for {n_parameters} free parameters; with so few, cluster-robust standard "
        "errors and tests are not dependable."
    )
    return (Note("sem_few_clusters", text, {"n_clusters": n_clusters, "n_parameters": solution.n_parameters}), *notes)


def _moments(solution: Solution) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    names = list(solution.table.variables.observed)
    labels = [group.label for group in solution.sample.groups]
    several = len(labels) > 1
    pieces = residuals_of(solution)
    index = _crossed(labels, names, "variable") if several else pd.Index(names, name="variable", dtype="str")
    implied = pd.DataFrame(np.vstack([piece.implied for piece in pieces]), index=index, columns=names)
    away = []
    for piece in pieces:
        sd, own = np.sqrt(np.diag(piece.observed)), np.sqrt(np.abs(np.diag(piece.implied)))
        away.append(piece.observed / np.outer(sd, sd) - piece.implied / np.outer(own, own))
    residuals = pd.DataFrame(np.vstack(away), index=index, columns=names)
    if solution.options.ordered or pieces[0].observed_means is None:
        means = pd.DataFrame({"implied": [], "observed": []}, index=index[:0], dtype="float64")
    else:
        columns = {
            "implied": np.concatenate([piece.implied_means for piece in pieces]),  # type: ignore[misc]
            "observed": np.concatenate([piece.observed_means for piece in pieces]),  # type: ignore[misc]
        }
        means = pd.DataFrame(columns, index=index)
    return implied, residuals, means


def _residual_frame(solution: Solution, pieces: list[tuple[Floats, Floats]], of: str) -> pd.DataFrame:
    names, labels = list(solution.table.variables.observed), [group.label for group in solution.sample.groups]
    ordered = solution.options.ordered
    if of == "covariances":
        i, j = lower_triangle(len(names), diagonal=not ordered)
        values = np.zeros((len(pieces), len(names), len(names)))
        for matrix, (_, z) in zip(values, pieces, strict=True):
            matrix[i, j] = matrix[j, i] = z
        rows, what, columns, table = names, "variable", names, values.reshape(-1, len(names))
    else:
        cuts = solution.table.defaults.thresholds
        rows, what = names, "variable"
        if ordered:
            rows, what = [f"{name} | t{k + 1}" for name in names for k in range(cuts[name])], "threshold"
        columns, table = ["z"], np.concatenate([first for first, _ in pieces])[:, None]
        rows = rows if len(table) else []
    index = _crossed(labels, rows, what) if len(labels) > 1 else pd.Index(rows, name=what, dtype="str")
    return pd.DataFrame(table, index=index, columns=columns)


def _crossed(labels: list[str], names: list[str], of: str) -> pd.Index:
    """Every name within every group, as an index of two levels."""
    codes = [np.repeat(np.arange(len(labels)), len(names)), np.tile(np.arange(len(names)), len(labels))]
    levels = [pd.Index(labels, dtype="str"), pd.Index(names, dtype="str")]
    return pd.MultiIndex(levels=levels, codes=codes, names=["group", of])  # type: ignore[arg-type]


def _latent(solution: Solution) -> pd.DataFrame:
    names = list(solution.table.variables.latent)
    labels = [group.label for group in solution.sample.groups]
    blocks = []
    for state in solution.states:
        own = state.factor_covariance[: len(names), : len(names)]
        sd = np.sqrt(np.abs(np.diag(own)))
        blocks.append(own / np.outer(sd, sd) if len(names) else own)
    index = _crossed(labels, names, "factor") if len(labels) > 1 else pd.Index(names, name="factor", dtype="str")
    return pd.DataFrame(np.vstack(blocks) if names else np.zeros((0, 0)), index=index, columns=names)
