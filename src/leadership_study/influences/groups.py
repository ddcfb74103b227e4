"""Whether groups differ in one outcome: tests, effect sizes, pairs, assumptions, and equivalence."""

from dataclasses import dataclass, replace
from typing import ClassVar, Literal, get_args

import numpy as np
import pandas as pd

from leadership_study.errors import InsufficientDataError, PlanError
from leadership_study.influences import _comparison_tables as tables
from leadership_study.influences._comparison_tables import Variances
from leadership_study.influences._group_rows import GroupRows, Nesting, group_rows
from leadership_study.influences._scored import with_levels
from leadership_study.results import Note, Result
from leadership_study.samples.k_groups import Center
from leadership_study.samples.multiplicity import Adjust
from leadership_study.samples.nested_groups import FEW_CLUSTERS, NestedGroups, NestedTest, mixed_test, nested_groups
from leadership_study.samples.post_hoc import PostHoc
from leadership_study.scoring import ScoredResponses, Variable
from leadership_study.scoring.dimensions import unweighted

By = Literal["means", "ranks"]


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class GroupComparison(Result):
    """Groups compared in one outcome.

    Attributes
    ----------
    verdict : str
        "different" (the deciding test is significant), "negligible" (significant, and all pairs equivalent),
        "equivalent" (not significant, and all pairs equivalent), "undecided", or "not_tested".
    outcome, group : str
    n, n_groups : int
    groups : DataFrame, index ``level``
        n, mean, sd, median, std_error, ci_low, ci_high, skewness, kurtosis, shapiro_p_value.
    test : DataFrame, index ``test``
        statistic, df (of t or chi-square), df1, df2 (of F), p_value; for two groups also estimate (first less second),
        std_error, ci_low, ci_high; decides: the test that the verdict and the report go by. Two groups: welch_t,
        student_t, mann_whitney. More: welch_anova, brown_forsythe, fisher_anova, kruskal_wallis. Nested answers:
        cluster_robust, mixed_model_f.
    effect_size : DataFrame, index ``effect_size``
        estimate, ci_low, ci_high, verdict. Two groups: hedges_g, cohen_d, cohen_d_unpooled, glass_delta,
        rank_biserial, superiority (A); always eta_squared, omega_squared, epsilon_squared, cohen_f; more than two
        groups: rank_epsilon_squared (no interval). With nested answers only standardised differences have intervals:
        those of the cluster-robust difference over the standard deviation.
    post_hoc : DataFrame, index ``pair``
        group1, group2, difference (group2 less group1), std_error, statistic, df, p_value, adjusted_p_value, ci_low,
        ci_high, cohen_d (by the pooled sd of all groups); no rows for two groups.
    equivalence : DataFrame, index ``pair``
        difference, its interval ci_low, ci_high (90 % at a confidence level of 95 %), bound, p_value, equivalent.
    assumptions : DataFrame, index ``assumption``
        statistic, df1, df2, p_value of levene_test, bartlett_test, shapiro_wilk (residuals), and variance_ratio for two
        groups.
    qq : DataFrame, index ``point``
        theoretical, residual: normal quantiles beside those of the residuals.
    """

    verdict: str
    outcome: str
    group: str
    n: int
    n_groups: int
    groups: pd.DataFrame
    test: pd.DataFrame
    effect_size: pd.DataFrame
    post_hoc: pd.DataFrame
    equivalence: pd.DataFrame
    assumptions: pd.DataFrame
    qq: pd.DataFrame

    main: ClassVar[str] = "test"


def compare_groups(
    data: pd.DataFrame,
    outcome: str,
    group: str,
    *,
    variances: Variances = "unequal",
    by: By = "means",
    levene_center: Center = "median",
    post_hoc: PostHoc | Literal["cluster_robust"] | None = None,
    adjust: Adjust = "holm",
    nested_in: Nesting | None = None,
    equivalence_bound: float = 0.2,
    confidence_level: float = 0.95,
) -> GroupComparison:
    """Compare the groups of ``data`` in one outcome.

    Parameters
    ----------
    data : DataFrame
        One row a respondent; rows without outcome, group or cluster are left out.
    outcome : str
        Column of numbers.
    group : str
        Column of text, numbers or categories; groups stand in the order of the categories, else in natural order.
    variances : {"unequal", "equal", "levene"}
        Which test decides: Welch's, Student's and Fisher's, or (as is the habit with SPSS) whichever Levene's test
        says.
    by : {"means", "ranks"}
        "ranks" lets Mann–Whitney or Kruskal–Wallis decide.
    levene_center : {"median", "mean"}
    post_hoc : {"tukey", "games_howell", "scheffe", "lsd", "bonferroni", "dunn", "dunnett", "cluster_robust"}, optional
        Method for all pairs of three groups or more. By default Games–Howell, Tukey–Kramer with equal variances, Dunn
        by ranks, cluster-robust differences with nested answers. "dunnett" compares every group with the first only.
    adjust : {"holm", "bonferroni", "fdr_bh"}
        Adjusts the p values of "lsd", "dunn" and "cluster_robust".
    nested_in : column label, list of column labels, Series or array, optional
        What answers are nested in, inner to outer. The test with CR2 errors for the outermost level then decides, with
        Satterthwaite degrees of freedom (HTZ for several differences); beside it stands a mixed model with a random
        intercept for every level (Kenward–Roger).
    equivalence_bound : float
        Smallest difference that would matter, in pooled standard deviations. "No difference" needs two one-sided tests
        to show every pair closer than this.
    confidence_level : float

    Raises
    ------
    ValueError, TypeError
        For unknown options or columns, an outcome that is no numbers.
    InsufficientDataError
        With fewer than two groups of two answers, an outcome that does not vary, one cluster.

    Notes
    -----
    R twins: ``t.test``, ``oneway.test``, ``wilcox.test(exact=FALSE, correct=FALSE)``, ``kruskal.test``,
    ``car::leveneTest``, ``effectsize`` 0.8.3, ``clubSandwich::Wald_test``, ``pbkrtest::KRmodcomp``. For more than two
    groups all pairs must be equivalent (intersection–union), so no adjustment is needed.

    References
    ----------
    Delacre, M., Lakens, D., & Leys, C. (2017). https://doi.org/10.5334/irsp.82. Lakens, D. (2017).
    https://doi.org/10.1177/1948550617697177. Pustejovsky, J. E., & Tipton, E. (2018).
    https://doi.org/10.1080/07350015.2016.1247004. Cohen, J. (1988). Statistical power analysis.
    """
    _check(variances, by, levene_center, post_hoc, adjust, equivalence_bound, confidence_level, nested_in is not None)
    rows = group_rows(data, outcome, group, nested_in, "compare_groups")
    groups, notes = rows.groups, list(rows.notes)
    errors, nested = _nesting(rows, notes)
    test = tables.tests(groups, confidence_level, nested, errors)
    assumptions = tables.assumptions(groups, levene_center)
    decides, equal = _deciding(test, assumptions, variances, by, errors, notes, confidence_level)
    if decides is not None:
        test.loc[decides, "decides"] = True
        test = pd.concat([test.loc[[decides]], test.drop(index=decides)]).rename_axis("test")
    method = post_hoc or (
        "cluster_robust" if errors else "dunn" if by == "ranks" else "tukey" if equal else "games_howell"
    )
    pairs = tables.post_hoc(groups, rows.labels, method, adjust, confidence_level, errors)
    equivalence = tables.equivalence(groups, rows.labels, equivalence_bound, confidence_level, errors)
    p_value = float(test["p_value"].iloc[0]) if decides is not None else np.nan
    if groups.n > tables.SHAPIRO_LIMIT:
        text = "Normality is not tested for more than {limit} answers: the test's p value was made for fewer."
        notes.append(Note("shapiro_not_made", text, {"limit": tables.SHAPIRO_LIMIT}))
    return GroupComparison(
        verdict=_verdict(p_value, bool(equivalence["equivalent"].all()), 1 - confidence_level),
        outcome=outcome,
        group=group,
        n=groups.n,
        n_groups=groups.k,
        groups=tables.described(groups, rows.labels, confidence_level, errors),
        test=test,
        effect_size=tables.effects(groups, confidence_level, errors),
        post_hoc=pairs if groups.k > 2 else pairs.iloc[:0],
        equivalence=equivalence,
        assumptions=assumptions,
        qq=tables.quantiles(groups),
        definition={
            "test": decides or "none",
            "variances": variances,
            "levene_center": levene_center,
            "post_hoc": method if groups.k > 2 else "none",
            "adjust": adjust,
            "nested_in": ", ".join(name for name, _ in rows.levels) or "none",
            "equivalence_bound": equivalence_bound,
            "missing": "listwise",
            "n": groups.n,
            "confidence_level": confidence_level,
        },
        notes=tuple(notes),
    )


def run(
    scored: ScoredResponses,
    *,
    outcome: Variable,
    group: Variable,
    variances: Variances = "unequal",
    by: By = "means",
    levene_center: Center = "median",
    post_hoc: PostHoc | Literal["cluster_robust"] | None = None,
    adjust: Adjust = "holm",
    equivalence_bound: float = 0.2,
    confidence_level: float = 0.95,
) -> GroupComparison:
    """Compare the groups of one background question in one outcome; nested answers are allowed for."""
    frame = scored.frame([outcome, group])
    if not pd.api.types.is_numeric_dtype(frame[outcome].dtype):
        raise PlanError(f"The answers to {outcome!r} are words and have no means; name another 'outcome'.")
    frame[group] = with_levels(scored, group, frame[group], "a group")
    levels = [scored.groups[level] for level in scored.nested_in if level != group] if by == "means" else []
    result = compare_groups(
        frame,
        outcome,
        group,
        variances=variances,
        by=by,
        levene_center=levene_center,
        post_hoc=post_hoc,
        adjust=adjust,
        nested_in=levels or None,
        equivalence_bound=equivalence_bound,
        confidence_level=confidence_level,
    )
    names = [level for level in scored.nested_in if level != group]
    result = _with_variable(result)
    definition = {**result.definition, "nested_in": ", ".join(names) if levels else "none"}
    notes = list(result.notes)
    if names and not levels:
        text = "Tests of ranks take respondents as independent although they are nested in {groups}."
        notes.append(Note("ranks_ignore_nesting", text, {"groups": ", ".join(names)}))
    return replace(result, definition=definition, notes=(*notes, *unweighted(scored)))


def _with_variable(result: GroupComparison) -> GroupComparison:
    """Call levels ``gender[male]``, so that reports know whose levels they are."""
    pairs = of_variable(result.post_hoc, result.group)
    for column in ("group1", "group2"):
        pairs[column] = [f"{result.group}[{level}]" for level in pairs[column]]
    return replace(
        result,
        groups=of_variable(result.groups, result.group),
        post_hoc=pairs,
        equivalence=of_variable(result.equivalence, result.group),
    )


def of_variable(table: pd.DataFrame, variable: str) -> pd.DataFrame:
    """The table with its rows, levels of ``variable`` or pairs of them, called ``variable[level]``."""
    rows = [" – ".join(f"{variable}[{level}]" for level in str(row).split(" – ")) for row in table.index]
    return table.set_axis(pd.Index(rows, name=table.index.name, dtype="str"))


def _nesting(rows: GroupRows, notes: list[Note]) -> tuple[NestedGroups | None, dict[str, NestedTest]]:
    if not rows.levels:
        return None, {}
    name, outer = rows.levels[-1]
    count = int(outer.max()) + 1
    if count < 2:
        text = "All answers come from one group ({level}), so its differences cannot be allowed for; none are tested."
        raise InsufficientDataError(Note("one_cluster_to_compare", text, {"level": name}))
    if count < FEW_CLUSTERS:
        text = "Answers are nested in only {count} groups ({level}): tests with so few have little power."
        notes.append(Note("few_clusters_to_compare", text, {"count": count, "level": name}))
    errors = nested_groups(rows.groups, outer)
    mixed, told = mixed_test(rows.groups, rows.levels)
    notes += told
    return errors, {"cluster_robust": errors.test(), "mixed_model_f": mixed}


def _deciding(
    test: pd.DataFrame,
    assumptions: pd.DataFrame,
    variances: str,
    by: str,
    errors: NestedGroups | None,
    notes: list[Note],
    level: float,
) -> tuple[str | None, bool]:
    """Name of the test that decides (None when it cannot be made), and whether variances count as equal."""
    equal = variances == "equal"
    if variances == "levene":
        equal = not float(assumptions["p_value"]["levene_test"]) < 1 - level
    two = "welch_t" in test.index
    if errors is not None:
        choice = ["cluster_robust", "mixed_model_f"]
    elif by == "ranks":
        choice = ["mann_whitney" if two else "kruskal_wallis"]
    elif two:
        choice = ["student_t"] if equal else ["welch_t", "student_t"]
    else:
        choice = ["fisher_anova"] if equal else ["welch_anova", "fisher_anova"]
    there = [name for name in choice if np.isfinite(test["p_value"][name])]
    if there[:1] == choice[:1]:
        return choice[0], equal
    if there:
        text = "The test {wanted} cannot be made with these groups; {used} stands in its place."
        notes.append(Note("other_test_decides", text, {"wanted": choice[0], "used": there[0]}))
        return there[0], equal
    text = "The test {wanted} cannot be made with these groups, so nothing is said about a difference."
    notes.append(Note("no_test_decides", text, {"wanted": choice[0]}))
    return None, equal


def _verdict(p_value: float, equivalent: bool, significance: float) -> str:
    if np.isnan(p_value):
        return "not_tested"
    if p_value < significance:
        return "negligible" if equivalent else "different"
    return "equivalent" if equivalent else "undecided"


def _check(
    variances: str, by: str, center: str, post_hoc: str | None, adjust: str, bound: float, level: float, nested: bool
) -> None:
    for name, value, choices in (
        ("variances", variances, get_args(Variances)),
        ("by", by, get_args(By)),
        ("levene_center", center, get_args(Center)),
        ("post_hoc", post_hoc, (None, *get_args(PostHoc), "cluster_robust")),
        ("adjust", adjust, get_args(Adjust)),
    ):
        if value not in choices:
            listed = ", ".join(repr(choice) for choice in choices)
            raise ValueError(
                f"The {name!r} parameter of compare_groups must be one of {listed}. Got {value!r} instead."
            )
    if not bound > 0:
        raise ValueError(f"The 'equivalence_bound' parameter of compare_groups must be above 0. Got {bound!r} instead.")
    if not 0.5 < level < 1:
        raise ValueError(
            f"The 'confidence_level' parameter of compare_groups must be between .5 and 1. Got {level!r} instead."
        )
    if nested and by == "ranks":
        raise ValueError("Tests of ranks do not allow for nesting; leave 'nested_in' out or compare means.")
    if post_hoc == "cluster_robust" and not nested:
        raise ValueError("The post hoc method 'cluster_robust' needs clusters; give 'nested_in'.")
