"""Relative importance: how much of what a regression explains each predictor accounts for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Literal, get_args

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from leadership_study.errors import PlanError
from leadership_study.influences._design import Design, from_formula
from leadership_study.influences._groups import Clusters
from leadership_study.influences._scored import chosen_group, with_levels
from leadership_study.results import Note, Result
from leadership_study.samples.importance import Dominance, correlations_of, dominance, relative_weights
from leadership_study.samples.least_squares import least_squares
from leadership_study.samples.resampling import weight_blocks
from leadership_study.scoring import ScoredResponses, Variable, Variables
from leadership_study.scoring.dimensions import unweighted

Method = Literal["lmg", "relative_weights"]

MOST_VARIABLES = 12
"""All subsets of more variables than this are too many."""


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class RelativeImportance(Result):
    """R² shared out among the predictors.

    Attributes
    ----------
    shares : DataFrame, index ``variable``
        contribution (in units of R²; they add up to it), share of R², alone (R² of the variable by itself), last (what
        it adds to all others); with a bootstrap contribution_ci_low, contribution_ci_high, share_ci_low, share_ci_high.
    differences : DataFrame, index ``variable``, ``other``
        difference of the contributions, with a bootstrap ci_low and ci_high.
    conditional : DataFrame, index ``variable``
        Mean gain of R² by adding the variable to 0, 1, … others, one number of others a column.
    dominance : DataFrame, index ``variable``, ``other``
        complete (adds more to every subset of the others), conditional (more at every number of others), general (more
        on average).
    subsets : DataFrame, index ``subset``
        n_variables and r_squared of every subset.
    r_squared : float
    """

    shares: pd.DataFrame
    differences: pd.DataFrame
    conditional: pd.DataFrame
    dominance: pd.DataFrame
    subsets: pd.DataFrame
    r_squared: float

    main: ClassVar[str] = "shares"
    shown_as: ClassVar[Mapping[str, str]] = {"conditional": "r_squared"}


def relative_importance(
    formula: str,
    data: pd.DataFrame,
    *,
    method: Method = "lmg",
    bootstrap: int = 0,
    clusters: Clusters | None = None,
    seed: int | None = None,
    confidence_level: float = 0.95,
) -> RelativeImportance:
    """Share R² of ``formula`` out among its variables; the dummies of a variable count together.

    Parameters
    ----------
    formula, data
        As `regress` takes them.
    method : {"lmg", "relative_weights"}
        The mean gain of R² over all orders of entry (Lindeman, Merenda & Gold, 1980: general dominance), or Johnson's
        (2000) weights.
    bootstrap : int
        Draws of respondents with replacement for percentile intervals; 0 for none.
    clusters : column label, Series or array, optional
        Whole clusters are drawn.
    seed : int, optional
        Needed by the bootstrap.
    confidence_level : float

    Raises
    ------
    ValueError, TypeError
        As `regress`; for more than twelve variables, a bootstrap without a seed.
    InsufficientDataError
        As `regress`.

    Notes
    -----
    Shares describe this set of predictors: they change when one is added. R twin: ``relaimpo::calc.relimp``.

    References
    ----------
    Lindeman, R. H., Merenda, P. F., & Gold, R. Z. (1980). Introduction to bivariate and multivariate analysis. Budescu,
    D. V. (1993). Psychological Bulletin, 114, 542–551. https://doi.org/10.1037/0033-2909.114.3.542. Johnson, J. W.
    (2000). Multivariate Behavioral Research, 35, 1–19. https://doi.org/10.1207/S15327906MBR3501_1
    """
    _check(method, bootstrap, seed, confidence_level)
    design = from_formula(formula, data, clusters, "relative_importance")
    if design.constant is None:
        raise ValueError(f"The formula {formula!r} has no constant, and R² is shared out about the mean; keep it.")
    least_squares(design.matrix, design.outcome, design.terms, constant=design.constant)  # refuses bad predictors
    columns = [at for at in range(len(design.terms)) if at != design.constant]
    parts = [design.parts[at] for at in columns]
    variables = list(dict.fromkeys(parts))
    if not 1 < len(variables) <= MOST_VARIABLES:
        raise ValueError(
            f"The formula of relative_importance must have 2 to {MOST_VARIABLES} predictors. It has {len(variables)}; "
            "take composites or leave some out."
        )
    groups = [[at for at, part in enumerate(parts) if part == variable] for variable in variables]
    table = np.column_stack([np.ones(len(design.outcome)), design.matrix[:, columns], design.outcome])
    table[:, 1:] -= table[:, 1:].mean(axis=0)
    found = dominance(correlations_of((table.T @ table)[None], np.array([len(table)])), groups)
    estimate = _contributions(table.T @ table, len(table), groups, method)
    draws = None
    if bootstrap > 0 and seed is not None:
        draws = _bootstrap(table, design.codes, groups, method, bootstrap, seed)
    definition: dict[str, Any] = {
        "formula": method,
        "outcome": design.outcome_name,
        "missing": "listwise",
        "n": len(table),
        "source": "Lindeman, Merenda & Gold (1980)" if method == "lmg" else "Johnson (2000)",
    }
    if draws is not None:
        definition |= {"interval": "percentile", "bootstrap": bootstrap, "confidence_level": confidence_level}
        definition["resampled"] = "respondents" if design.codes is None else "clusters"
    if design.codes is not None:
        definition["n_clusters"] = int(design.codes.max()) + 1
    return RelativeImportance(
        shares=_shares(estimate, found, variables, draws, confidence_level),
        differences=_differences(estimate, variables, draws, confidence_level),
        conditional=pd.DataFrame(
            found.conditional[0],
            index=pd.Index(variables, name="variable"),
            columns=[str(size) for size in range(len(variables))],
        ),
        dominance=_dominance(found, variables),
        subsets=_subsets(found, variables),
        r_squared=float(found.subsets[0, -1]),
        definition=definition,
        notes=(*design.notes, *_notes(design, draws is not None)),
    )


def _check(method: str, bootstrap: int, seed: int | None, confidence_level: float) -> None:
    if method not in get_args(Method):
        raise ValueError(
            "The 'method' parameter of relative_importance must be one of 'lmg', 'relative_weights'. "
            f"Got {method!r} instead."
        )
    if bootstrap < 0 or 0 < bootstrap < 100:
        raise ValueError(
            f"The 'bootstrap' parameter of relative_importance must be 0 or at least 100 draws. Got {bootstrap!r}."
        )
    if bootstrap > 0 and seed is None:
        raise ValueError("The bootstrap of relative_importance needs a 'seed', a whole number.")
    if not 0 < confidence_level < 1:
        raise ValueError(
            "The 'confidence_level' parameter of relative_importance must be between 0 and 1. "
            f"Got {confidence_level!r} instead."
        )


def _contributions(
    products: NDArray[np.float64], n: float, groups: Sequence[Sequence[int]], method: Method
) -> NDArray[np.float64]:
    correlations = correlations_of(products[None], np.array([n]))
    values = dominance(correlations, groups).general if method == "lmg" else relative_weights(correlations, groups)
    return np.asarray(values[0])


def _bootstrap(
    table: NDArray[np.float64],
    codes: NDArray[np.int64] | None,
    groups: Sequence[Sequence[int]],
    method: Method,
    bootstrap: int,
    seed: int,
) -> NDArray[np.float64]:
    """Contributions in each draw, draws × variables: all from sums of products of rows or of clusters."""
    n, q = table.shape
    products = (table[:, :, None] * table[:, None, :]).reshape(n, q * q)
    sizes = np.ones(n)
    if codes is not None:
        units = int(codes.max()) + 1
        products = np.column_stack([np.bincount(codes, column, units) for column in products.T])
        sizes = np.bincount(codes, minlength=units).astype(float)
    found = []
    for weights in weight_blocks(len(products), bootstrap, seed):
        drawn = correlations_of((weights @ products).reshape(-1, q, q), weights @ sizes)
        found.append(dominance(drawn, groups).general if method == "lmg" else relative_weights(drawn, groups))
    return np.concatenate(found)


def _shares(
    estimate: NDArray[np.float64],
    found: Dominance,
    variables: list[str],
    draws: NDArray[np.float64] | None,
    confidence_level: float,
) -> pd.DataFrame:
    full, k = float(found.subsets[0, -1]), len(variables)
    alone = [found.subsets[0, 1 << j] for j in range(k)]
    last = [full - found.subsets[0, (1 << k) - 1 - (1 << j)] for j in range(k)]
    values = {"contribution": estimate, "share": estimate / full, "alone": alone, "last": last}
    table = pd.DataFrame(values, index=pd.Index(variables, name="variable"))
    if draws is not None:
        shares = draws / draws.sum(axis=1, keepdims=True)
        for name, drawn in (("contribution", draws), ("share", shares)):
            limits = np.quantile(drawn, [(1 - confidence_level) / 2, (1 + confidence_level) / 2], axis=0)
            table[f"{name}_ci_low"], table[f"{name}_ci_high"] = limits
    return table


def _differences(
    estimate: NDArray[np.float64], variables: list[str], draws: NDArray[np.float64] | None, confidence_level: float
) -> pd.DataFrame:
    rows = {}
    for i, one in enumerate(variables):
        for j in range(i + 1, len(variables)):
            row = {"difference": float(estimate[i] - estimate[j])}
            if draws is not None:
                limits = [(1 - confidence_level) / 2, (1 + confidence_level) / 2]
                row["ci_low"], row["ci_high"] = np.quantile(draws[:, i] - draws[:, j], limits)
            rows[one, variables[j]] = row
    table = pd.DataFrame.from_dict(rows, orient="index")
    table.index = pd.MultiIndex.from_tuples(list(rows), names=["variable", "other"])
    return table


def _dominance(found: Dominance, variables: list[str]) -> pd.DataFrame:
    complete, by_size, general = found.complete(), found.conditional[0], found.general[0]
    rows = {}
    for i, one in enumerate(variables):
        for j, other in enumerate(variables):
            if i != j:
                rows[one, other] = {
                    "complete": bool(complete[i, j]),
                    "conditional": bool((by_size[i] > by_size[j]).all()),
                    "general": bool(general[i] > general[j]),
                }
    table = pd.DataFrame.from_dict(rows, orient="index")
    table.index = pd.MultiIndex.from_tuples(list(rows), names=["variable", "other"])
    return table


def _subsets(found: Dominance, variables: list[str]) -> pd.DataFrame:
    rows = {}
    for number, r_squared in enumerate(found.subsets[0]):
        inside = [variable for j, variable in enumerate(variables) if number >> j & 1]
        rows[" + ".join(inside) or "1"] = (len(inside), float(r_squared))
    table = pd.DataFrame.from_dict(rows, orient="index", columns=["n_variables", "r_squared"])
    return table.rename_axis("subset").sort_values("n_variables", kind="stable")


def _notes(design: Design, bootstrapped: bool) -> list[Note]:
    if not bootstrapped or design.codes is None or (groups := int(design.codes.max()) + 1) >= 20:
        return []
    text = "Whole clusters were drawn, and there are only {n_clusters} of them: the intervals are rough."
    return [Note("shares_few_clusters", text, {"n_clusters": groups})]


def run(
    scored: ScoredResponses,
    *,
    outcome: Variable,
    predictors: Variables,
    method: Method = "lmg",
    bootstrap: int = 2000,
    group: Variable | None = None,
    confidence_level: float = 0.95,
    seed: int = 0,
) -> RelativeImportance:
    """Share R² of a regression of ``outcome`` out among the ``predictors``.

    Whole outermost groups are drawn when the answers are nested; ``group`` names another.
    """
    group = chosen_group(scored, group)
    names = scored.expand(predictors)
    if outcome in names:
        raise PlanError(
            f"The outcome {outcome!r} is also a predictor; name the other predictors one by one in 'predictors'."
        )
    if not 1 < len(names) <= MOST_VARIABLES:
        raise PlanError(f"The 'predictors' must be 2 to {MOST_VARIABLES} variables; they are {len(names)}.")
    data = scored.frame([outcome, *names])
    for name in data.columns:
        data[name] = with_levels(scored, name, data[name])
    result = relative_importance(
        f'Q("{outcome}") ~ ' + " + ".join(f'Q("{name}")' for name in names),
        data,
        method=method,
        bootstrap=bootstrap,
        clusters=scored.groups[group] if group is not None else None,
        seed=seed,
        confidence_level=confidence_level,
    )
    return replace(result, notes=(*result.notes, *unweighted(scored)))
