"""Multilevel models: what goes with an outcome at the level of teachers, of schools and of heads.

Teachers of one school, and schools under one head, answer alike. A mixed model gives each level its own variance, so a
predictor is tested against the units that it varies between: a fact about heads against heads, however many teachers.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, get_args

import pandas as pd

from leadership_study.influences import _mixed_tables as tables
from leadership_study.influences import _multilevel_steps as steps
from leadership_study.influences._design import Design
from leadership_study.influences._mixed_design import Groups, crossing, mixed_design
from leadership_study.influences._mixed_tables import DegreesOfFreedom, IntervalMethod
from leadership_study.influences._multilevel_data import levels_of, prepare
from leadership_study.results import Note, Result
from leadership_study.samples.mixed_model import fit_mixed_model, refitted_by_ml
from leadership_study.samples.mixed_model_shares import ratio_test
from leadership_study.samples.mixed_model_structure import RandomTerm
from leadership_study.scoring import ScoredResponses, Variable, Variables
from leadership_study.scoring.dimensions import unweighted
from leadership_study.sem.threads import one_thread

_SOURCES = {
    "satterthwaite": "Bates et al. (2015); Kuznetsova et al. (2017)",
    "kenward-roger": "Bates et al. (2015); Kenward & Roger (1997)",
    "containment": "Bates et al. (2015); Pinheiro & Bates (2000)",
    "asymptotic": "Bates et al. (2015)",
}


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class MixedModel(Result):
    """A linear mixed model.

    Attributes
    ----------
    fixed : DataFrame, index ``term``
        estimate, std_error, statistic (t), df, p_value, ci_low, ci_high.
    random : DataFrame, index ``group``, ``effect``
        variance (a covariance where two effects are named), sd, correlation, share of all variance (only when nothing
        but intercepts vary: the intraclass correlation of that level), sd_ci_low, sd_ci_high (profile intervals only).
    fit : Series
        n, n_parameters, log_likelihood, log_likelihood_ml, aic, bic, r_squared_marginal, r_squared_conditional,
        adjusted_icc, sigma.
    modes : DataFrame, index ``group``, ``level``, ``effect``
        Conditional modes: estimate, std_error with the coefficients taken as known, ci_low, ci_high.
    tests : DataFrame, index ``variable``
        statistic (F), df1, df2, p_value: the dummies of a variable taken together.
    groups : DataFrame, index ``group``
        n_groups, mean_size, smallest, largest: rows in each level of a grouping factor.
    """

    fixed: pd.DataFrame
    random: pd.DataFrame
    fit: pd.Series
    modes: pd.DataFrame
    tests: pd.DataFrame
    groups: pd.DataFrame

    main: ClassVar[str] = "fixed"


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Multilevel(MixedModel):
    """A sequence of mixed models; the inherited tables are those of the last.

    Attributes
    ----------
    levels : DataFrame, index ``group``
        n_groups, variance and share (the ICC) of each level in the model without predictors.
    models : DataFrame, index ``model``
        added, n_parameters, log_likelihood, aic, bic (all by maximum likelihood), chi_square, df, p_value of the
        likelihood-ratio test of each against the one before (``boundary_p_value`` where a variance is tested),
        r_squared_marginal, r_squared_conditional.
    contextual : DataFrame, index ``term``, ``group``
        Difference between the coefficient of the groups' means and that of the level below.
    head_level : DataFrame, index ``term``
        Coefficients that vary between the outermost units only, with the smallest effect that would be found with a
        power of 80 %: in points (``smallest_detectable``) and as a share of the outcome's standard deviation for one
        standard deviation of the predictor between these units (``smallest_detectable_beta``).
    fixed_groups : DataFrame, index ``term``
        With fewer than ten outermost units: the coefficients when these units are fixed instead of random.
    """

    levels: pd.DataFrame
    models: pd.DataFrame
    contextual: pd.DataFrame
    head_level: pd.DataFrame
    fixed_groups: pd.DataFrame


@one_thread()
def mixed_model(
    formula: str,
    data: pd.DataFrame,
    group: Groups,
    *,
    random: Groups = "1",
    reml: bool = True,
    df: DegreesOfFreedom = "satterthwaite",
    interval: IntervalMethod = "wald",
    confidence_level: float = 0.95,
) -> MixedModel:
    """Fit ``formula`` with effects that vary between groups, for example ``("trust ~ age", data, "school")``.

    Parameters
    ----------
    formula : str
        Fixed effects in patsy's language, as `regress` takes it.
    data : DataFrame
        One row a respondent; rows that lack a variable or a group are left out, and counted.
    group : str or list of str
        Columns of grouping factors, nested or crossed; ``"head/school"`` are heads and schools within heads,
        ``"head:school"`` the pairs alone.
    random : str or list of str
        What varies between the levels, as to the left of the bar in lme4's ``(1 + x|group)``; ``"0 + x"`` leaves the
        intercept out, ``"1 + x ||"`` takes the effects as uncorrelated. One for all factors, or a list beside
        ``group``.
    reml : bool
        Restricted maximum likelihood; otherwise maximum likelihood.
    df : {"satterthwaite", "kenward-roger", "containment", "asymptotic"}
        Degrees of freedom of the t tests; "kenward-roger" also enlarges the errors, and needs REML; "containment" are
        nlme's; "asymptotic" are infinite.
    interval : {"wald", "profile"}
        Profile intervals are those of the model fitted by maximum likelihood, standard deviations included.
    confidence_level : float

    Raises
    ------
    ValueError, TypeError
        For an unknown option or variable, and as `regress`.
    InsufficientDataError
        With no complete row, a factor with one level or with as many random effects as rows, a constant outcome, a
        predictor that follows from the others, nothing left unexplained.
    ConvergenceError
        When the search does not settle.

    Notes
    -----
    The log likelihood is lme4's. A variance that is estimated as 0, or random effects that follow from one another, are
    named in the notes. R twins: ``lme4::lmer``, ``lmerTest``, ``pbkrtest``.

    References
    ----------
    Bates, D., Mächler, M., Bolker, B., & Walker, S. (2015). Journal of Statistical Software, 67(1).
    https://doi.org/10.18637/jss.v067.i01
    """
    check("mixed_model", df, reml, interval, confidence_level)
    design = mixed_design(formula, data, group, random, "mixed_model")
    return model_of(design.fixed, design.terms, reml, df, interval, confidence_level, design.notes)[0]


def compare_mixed_models(smaller: MixedModel, larger: MixedModel, *, restricted: bool = False) -> pd.Series:
    """Likelihood-ratio test of one model within another that has all its terms.

    Parameters
    ----------
    smaller, larger : MixedModel
        Of the same outcome and rows. Both are compared by maximum likelihood, whatever they were fitted by.
    restricted : bool
        Compare by the restricted likelihood: for models with the same fixed effects only.

    Returns
    -------
    Series
        chi_square, df, p_value, and boundary_p_value when one variance (with its covariances) is tested: half
        χ²(df − 1) and half χ²(df), for a variance cannot be negative.

    Raises
    ------
    ValueError
        When the models are of different rows, or not one within the other.

    References
    ----------
    Stram, D. O., & Lee, J. W. (1994). Biometrics, 50, 1171–1177. https://doi.org/10.2307/2533455
    """
    same = all(smaller.definition[key] == larger.definition[key] for key in ("outcome", "n"))
    within = set(smaller.random.index) <= set(larger.random.index)
    if restricted:
        fitted = smaller.definition["estimation"] == larger.definition["estimation"] == "reml"
        if not fitted or list(smaller.fixed.index) != list(larger.fixed.index):
            raise ValueError(
                "The restricted likelihoods of compare_mixed_models need two models with the same fixed effects, both "
                "fitted by REML; leave 'restricted' out to compare by maximum likelihood."
            )
    parameters = int(larger.fit["n_parameters"]) - int(smaller.fit["n_parameters"])
    if not same or not within or parameters <= 0:
        raise ValueError(
            "The models of compare_mixed_models must be of the same outcome and rows, and the first must have fewer "
            "terms, all of which the second has too; give them in that order."
        )
    added = [effect for _, effect in larger.random.index.difference(smaller.random.index)]
    covariances = sum(", " in effect for effect in added)
    name = "log_likelihood" if restricted else "log_likelihood_ml"
    test = ratio_test(
        float(smaller.fit[name]), float(larger.fit[name]), parameters, new_effects=len(added) - covariances,
        covariances=covariances,
    )  # fmt: skip
    values = {"chi_square": test.chi_square, "df": test.df, "p_value": test.p_value, "boundary_p_value": test.boundary}
    return pd.Series(values, dtype=object).rename_axis("statistic")


@one_thread()
def run(
    scored: ScoredResponses,
    *,
    outcome: Variable,
    blocks: tuple[Variables, ...] = (),
    centred: Variables = (),
    slopes: Variables = (),
    interactions: tuple[Variables, ...] = (),
    groups: Variables = (),
    reml: bool = True,
    df: DegreesOfFreedom | None = None,
    interval: IntervalMethod = "wald",
    heads_per_predictor: int = 5,
    confidence_level: float = 0.95,
) -> Multilevel:
    """Model ``outcome`` in steps: no predictor, then each block, then random ``slopes``, then ``interactions``.

    Parameters
    ----------
    blocks
        Predictors of any level, context columns too, added one block at a time.
    centred
        Those of them that are split into the deviation from the innermost group's mean and the means of each level,
        so that within, between and contextual effects come apart.
    slopes
        Predictors whose effect varies between the innermost units that they vary within.
    interactions
        Pairs of predictors, of the same or of different levels. A centred one enters with its deviation inside groups,
        any other about its mean, so that the single coefficients hold for average values.
    groups
        Grouping factors, inner to outer; those that the answers are nested in by default.
    df
        Kenward–Roger when a predictor varies between the outermost units only, else Satterthwaite.
    heads_per_predictor
        Outermost units needed for each predictor of their level; with fewer the model is refused.
    """
    levels = levels_of(scored, groups)
    data = prepare(scored, outcome, blocks, scored.expand(centred), scored.expand(slopes), interactions, levels)
    steps.refuse_too_many(data, heads_per_predictor)
    if df is None:
        df = "kenward-roger" if data.head_level and reml else "satterthwaite"
    check("multilevel", df, reml, interval, confidence_level)
    last = data.stages[-1]
    terms = data.terms_at(last)
    model, inference = model_of(data.design_at(last), terms, reml, df, interval, confidence_level, data.notes)
    fits = [data.fit(stage, reml=False) for stage in data.stages]
    inherited = {name: getattr(model, name) for name in ("fixed", "random", "fit", "modes", "tests", "groups")}
    return Multilevel(
        **inherited,
        levels=steps.null_levels(data),
        models=steps.sequence(data, fits),
        contextual=steps.contextual(data, inference, confidence_level),
        head_level=steps.detectable(data, inference, confidence_level),
        fixed_groups=steps.fixed_groups(data, reml, df, confidence_level),
        definition={**model.definition, "group": ", ".join(levels), "detection_power": steps.POWER},
        notes=(*model.notes, *crossing(terms), *steps.few_notes(data), *unweighted(scored)),
    )


def check(function: str, df: str, reml: bool, interval: str, confidence_level: float) -> None:
    """Refuse unknown options."""
    for name, value, allowed in (("df", df, DegreesOfFreedom), ("interval", interval, IntervalMethod)):
        if value not in get_args(allowed):
            listed = ", ".join(repr(choice) for choice in get_args(allowed))
            raise ValueError(f"The {name!r} parameter of {function} must be one of {listed}. Got {value!r} instead.")
    if df == "kenward-roger" and not reml:
        raise ValueError(f"The df 'kenward-roger' of {function} needs REML; set reml=True or choose 'satterthwaite'.")
    if not 0 < confidence_level < 1:
        raise ValueError(
            f"The 'confidence_level' parameter of {function} must be between 0 and 1. Got {confidence_level!r} instead."
        )


def model_of(
    design: Design,
    terms: Sequence[RandomTerm],
    reml: bool,
    df: DegreesOfFreedom,
    interval: IntervalMethod,
    confidence_level: float,
    notes: Sequence[Note],
) -> tuple[MixedModel, tables.Inference]:
    """Fit and put all tables together; the second value answers for further contrasts."""
    fit = fit_mixed_model(design.matrix, design.outcome, design.terms, terms, constant=design.constant, reml=reml)
    by_ml = refitted_by_ml(fit)
    inference = tables.Inference(fit, df)
    fixed = tables.fixed(inference, design.terms, confidence_level)
    profiled = by_ml if interval == "profile" else None
    if profiled is not None:
        fixed = tables.with_profiles(fixed, profiled, confidence_level)
    definition: dict[str, Any] = {
        "formula": "linear_mixed_model",
        "outcome": design.outcome_name,
        "estimation": "reml" if reml else "ml",
        "missing": "listwise",
        "n": design.matrix.shape[0],
        "n_groups": fit.terms[-1].n_levels,
        "df": df,
        "interval": interval,
        "confidence_level": confidence_level,
        "source": _SOURCES[df],
    }
    model = MixedModel(
        fixed=fixed,
        random=tables.random(fit, profiled, confidence_level),
        fit=tables.fit_measures(fit, by_ml),
        modes=tables.modes(fit, confidence_level),
        tests=tables.tests(inference, design),
        groups=tables.groups(fit),
        definition=definition,
        notes=(*notes, *tables.singular_notes(fit)),
    )
    return model, inference
