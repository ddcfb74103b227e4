"""All fit measures of a solution, beside the independence model of the same data."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from leadership_study.sem.baseline import independence_table
from leadership_study.sem.fit_measures import (
    NAN,
    Residuals,
    Test,
    comparative,
    comparative_robust,
    information_criteria,
    parsimony,
    residual_measures,
    rmsea,
    sample_size_measures,
)
from leadership_study.sem.fitting import fit_table
from leadership_study.sem.normal_theory import inverse_and_log_determinant
from leadership_study.sem.solution import Solution
from leadership_study.sem.weighted_squares import lower_triangle

Floats = NDArray[np.float64]


def independence_of(solution: Solution) -> Solution:
    """Fit the independence model to the data of a solution."""
    return fit_table(independence_table(solution.table), solution.sample, solution.options, parts_from=solution)


def fit_measures(solution: Solution, baseline: Solution) -> dict[str, float]:
    """Return every fit measure by name.

    ``_scaled`` ones use the corrected statistics; ``_robust`` ones estimate the same population values as the
    uncorrected indices would under normality.
    """
    test, independent = solution.test, baseline.test
    groups, n, df = len(solution.sample.groups), solution.units, solution.df
    found: dict[str, float] = {
        "n_parameters": solution.n_parameters,
        "minimum": test.chi_square / (n if solution.options.method == "ML" else solution.sample.n) / 2,
        "chi_square": test.chi_square,
        "df": df,
        "p_value": test.p_value,
        "baseline_chi_square": independent.chi_square,
        "baseline_df": baseline.df,
        "baseline_p_value": independent.p_value,
    }
    found |= comparative(test, independent)
    found |= rmsea(test, n, groups)
    scaled, scaled0 = solution.scaled_test, baseline.scaled_test
    if solution.options.missing == "fiml" and scaled is None:
        found |= robust_measures(solution, baseline, test, independent)
    if scaled is not None and scaled0 is not None:
        found |= _scaled(solution, baseline, scaled, scaled0)
    found |= _likelihood(solution)
    found |= residual_measures(residuals_of(solution))
    found |= parsimony(goodness_of_fit(solution), _all_moments(solution), df)
    found |= sample_size_measures(test, n, solution.n_parameters)
    if solution.options.ordered:
        found["wrmr"] = math.sqrt(test.chi_square / (solution.n_moments / groups))
    found["n"] = solution.sample.n
    return found


def _scaled(solution: Solution, baseline: Solution, scaled: Test, scaled0: Test) -> dict[str, float]:
    groups, n = len(solution.sample.groups), solution.units
    found = {
        "chi_square_scaled": scaled.chi_square,
        "df_scaled": scaled.df,
        "p_value_scaled": scaled.p_value,
        "chi_square_scaling_factor": scaled.scaling,
        "baseline_chi_square_scaled": scaled0.chi_square,
        "baseline_df_scaled": scaled0.df,
        "baseline_p_value_scaled": scaled0.p_value,
        "baseline_chi_square_scaling_factor": scaled0.scaling,
    }
    found |= comparative(scaled, scaled0, "_scaled")
    if solution.options.scaling == "scaled_shifted" or solution.df == 0:
        found |= rmsea(scaled if solution.df else Test(NAN, 0), n, groups, "_scaled")
    else:  # the unscaled statistic with as many degrees of freedom as it has expectation
        found |= rmsea(Test(solution.test.chi_square, scaled.scaling * solution.df), n, groups, "_scaled")
    found |= robust_measures(solution, baseline, scaled, scaled0)
    return found


def robust_measures(solution: Solution, baseline: Solution, scaled: Test, scaled0: Test) -> dict[str, float]:
    """CFI, TLI and RMSEA that estimate what they would under normality, where this is known to be possible."""
    groups, n = len(solution.sample.groups), solution.units
    test, test0 = solution.test, baseline.test
    factor, factor0 = scaled.scaling, scaled0.scaling
    own = getattr(solution.problem.parts[0].discrepancy, "robust_tests", None)
    if own is not None:
        tests = own(solution, baseline)
        if tests is None:
            names = ("cfi", "tli", "nnfi", "rni", *rmsea(test, n, groups))
            return {f"{name}_robust": NAN for name in names}
        test, test0 = tests
        factor, factor0 = test.scaling, test0.scaling
    if solution.df == 0:
        names = ("cfi", "tli", "nnfi", "rni")
        return {f"{name}_robust": NAN for name in names} | rmsea(test, n, groups, "_robust")
    found = comparative_robust(test, test0, factor, factor0)
    return found | rmsea(Test(test.chi_square / factor, test.df), n, groups, "_robust", factor)


def _likelihood(solution: Solution) -> dict[str, float]:
    if solution.options.method != "ML":
        return {}
    own = [getattr(part.discrepancy, "log_likelihood", None) for part in solution.problem.parts]
    total = saturated = 0.0
    for part, state, group, given in zip(
        solution.problem.parts, solution.states, solution.sample.groups, own, strict=True
    ):
        if given is not None:
            model, best = given(state)
        else:
            best = -0.5 * group.n * (len(state.mu) * math.log(2 * math.pi) + _saturated(part.discrepancy))
            model = best - group.n * part.discrepancy.value(state)
        less = _covariates_likelihood(solution, group.n, part.discrepancy)
        total, saturated = total + model - less, saturated + best - less
    found = {"log_likelihood": total, "unrestricted_log_likelihood": saturated}
    found |= information_criteria(total, solution.n_parameters, solution.sample.n)
    if solution.options.scaling == "yuan_bentler_mplus":
        k = len(solution.problem.free)  # as lavaan: equal parameters counted apart
        used = float(np.sum(solution.bread * solution.meat))
        found["scaling_factor_h0"] = used / k if k else NAN
        found["scaling_factor_h1"] = solution.saturated_trace / solution.n_moments
    return found


def _saturated(discrepancy: object) -> float:
    return float(discrepancy.saturated)  # type: ignore[attr-defined]


def _covariates_likelihood(solution: Solution, n: int, discrepancy: object) -> float:
    """Return the log-likelihood of the covariates, which the model takes as they are."""
    names = solution.table.variables
    if not names.covariates:
        return 0.0
    at = [names.observed.index(name) for name in names.covariates]
    covariance = discrepancy.covariance[np.ix_(at, at)]  # type: ignore[attr-defined]
    found = inverse_and_log_determinant(covariance)
    return -0.5 * n * (len(at) * math.log(2 * math.pi) + (found[1] if found else NAN) + len(at))


def residuals_of(solution: Solution) -> list[Residuals]:
    """Observed and implied moments by group."""
    found = []
    for part, state, group in zip(solution.problem.parts, solution.states, solution.sample.groups, strict=True):
        own = getattr(part.discrepancy, "residuals", None)
        if own is not None:
            found.append(own(state, group.n))
            continue
        means = getattr(part.discrepancy, "means", None)
        covariance = part.discrepancy.covariance  # type: ignore[attr-defined]
        found.append(Residuals(group.n, covariance, state.sigma, means, None if means is None else state.mu))
    return found


def _all_moments(solution: Solution) -> int:
    p = len(solution.table.variables.observed)
    if solution.options.ordered:
        return solution.n_moments
    return (p * (p + 1) // 2 + (p if solution.options.meanstructure else 0)) * len(solution.sample.groups)


def goodness_of_fit(solution: Solution) -> float:
    """1 − (s − σ)′W(s − σ)/s′Ws, W the estimator's weight at the model's moments (Tanaka & Huba, 1985).

    Of several groups the mean, by their sizes.
    """
    found, names = 0.0, solution.table.variables
    for part, state in zip(solution.problem.parts, solution.states, strict=True):
        squares: Any = part.discrepancy
        means = getattr(squares, "means", None)
        if hasattr(squares, "weighted"):
            top, bottom = _quadratic(squares.residual(state), squares.moments, squares.weighted)
        elif hasattr(squares, "available"):  # missing answers: as lavaan, against the moments of the answers there are
            i, j = lower_triangle(len(state.mu))
            level, spread = squares.available()
            moments, weight = np.concatenate([level, spread[i, j]]), squares.moment_weight(state)
            residual = moments - np.concatenate([state.mu, state.sigma[i, j]])
            top, bottom = _quadratic(residual, moments, weight.__matmul__)
        else:
            inverted = inverse_and_log_determinant(state.sigma)
            if inverted is None:
                return NAN
            precision, sample, level = inverted[0], squares.covariance.copy(), means
            away = precision @ (sample - state.sigma)
            if at := [names.observed.index(name) for name in names.covariates]:  # they are given, not explained
                sample[np.ix_(at, at)] = 0.0
                level = None if means is None else np.where(np.isin(np.arange(len(means)), at), 0.0, means)
            product = precision @ sample
            top, bottom = 0.5 * float(np.sum(away * away.T)), 0.5 * float(np.sum(product * product.T))
            if means is not None and level is not None:
                top += _quadratic(means - state.mu, means, precision.__matmul__)[0]
                bottom += _quadratic(level, level, precision.__matmul__)[0]
        if bottom <= 0:
            return NAN
        found += part.share * (1 - top / bottom)
    return found


def _quadratic(residual: Floats, moments: Floats, weighted: Callable[[Floats], Floats]) -> tuple[float, float]:
    return float(residual @ weighted(residual)), float(moments @ weighted(moments))
