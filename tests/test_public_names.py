"""The public names that others build on: each is there with these arguments, and its result has these attributes."""

import dataclasses
import inspect
from pathlib import Path

import pytest

import leadership_study as ls

CALLS = {
    "open_study": ("path", "raw validated setting scored run interviews evidence report"),
    "load_instrument": ("path_or_name", "dimensions items background response_scales item_ids"),
    "read_responses": ("path instrument format", "frame source"),
    "validate": ("raw instrument exclusions", "frame flow flags"),
    "score": ("validated method min_answered context", "items scales background groups weights context"),
    "plot": ("result kind language", ""),
    "moments": ("matrix n means sd", ""),
    "item_analysis": ("items extreme_group variances", "items"),
    "cronbach_alpha": (
        "items confidence_level missing ordinal interval bootstrap seed",
        "alpha standardized_alpha ci_low ci_high n items",
    ),
    "mcdonald_omega": ("items ordinal", "omega"),
    "hierarchical_omega": (
        "items n_factors method rotation flip",
        "omega_hierarchical omega_total subscales",
    ),
    "model_reliability": ("fit", "table"),
    "split_half": ("items", "spearman_brown guttman_lambda4 maximum minimum mean"),
    "polychoric": ("items missing empty_cell", "correlations thresholds n"),
    "sampling_adequacy": ("items", "kmo kmo_items bartlett_chi_square bartlett_df bartlett_p_value"),
    "parallel_analysis": (
        "items replicates basis resample criterion quantile correlation seed",
        "n_factors eigenvalues reference",
    ),
    "minimum_average_partial": ("items", "n_factors values"),
    "efa": (
        "items n_factors method rotation correlation missing normalize n_starts gamma power target scores",
        "loadings factor_correlations communalities uniquenesses variance fit",
    ),
    "cfa": (
        "model data estimator missing ordered group equal partial std_lv orthogonal meanstructure parameterization "
        "information likelihood se clusters bootstrap seed",
        "estimates fit r_squared converged problems modification_indices factor_scores implied residuals",
    ),
    "sem": ("model data", "estimates fit"),
    "measurement_invariance": ("model data group estimator ordered levels partial", "table fits"),
    "construct_validity": (
        "fit",
        "composite_reliability average_variance_extracted fornell_larcker htmt htmt2",
    ),
    "method_bias": ("items model marker bootstrap seed", "harman_share models"),
    "compare_groups": (
        "data outcome group variances levene_center post_hoc adjust nested_in",
        "test effect_size post_hoc assumptions",
    ),
    "correlate": ("data method missing partial adjust", "correlations p_values ci_low ci_high n"),
    "regress": ("formula data covariance clusters df", "coefficients fit diagnostics"),
    "hierarchical_regression": ("outcome blocks data covariance clusters df", "steps coefficients"),
    "relative_importance": ("formula data method bootstrap clusters seed", "shares"),
    "mediate": ("data x m y kind covariates interval bootstrap clusters seed", "paths indirect"),
    "moderate": ("data x w y covariates covariance clusters", "coefficients simple_slopes johnson_neyman"),
    "rater_agreement": (
        "data group scale null icc nested_in truncate",
        "icc1 icc2 variants rwg rwg_j awg average_deviation design_effect reliability groups",
    ),
    "mixed_model": ("formula data group random reml df", "fixed random fit modes"),
    "little_mcar": ("items", "chi_square df p_value"),
    "pool": ("estimates variances n", "table"),
    "careless": ("items", "indices flags"),
    "cohen_kappa": ("a b weights", "estimate std_error ci_low ci_high n"),
    "fleiss_kappa": ("ratings counts", "estimate std_error ci_low ci_high n"),
    "krippendorff_alpha": ("ratings level", "estimate std_error ci_low ci_high n"),
    "gwet_ac1": ("ratings weights", "estimate std_error ci_low ci_high n"),
    "holsti": ("a b", "estimate std_error ci_low ci_high n"),
    "read_interviews": ("", "transcripts codings codebook agreement frequencies saturation"),
    "joint_display": ("results interviews", "table"),
    "argument": ("", "table gaps"),
    "resource_balance": ("schools standard", "indicators schools verdict"),
    "zoning": ("schools n_districts", "assignment criteria"),
}
DEFAULTS = {
    "score": {"method": "mean", "min_answered": 0.5},
    "item_analysis": {"extreme_group": 0.27, "variances": "unequal"},
    "cronbach_alpha": {"confidence_level": 0.95, "missing": "listwise", "ordinal": False, "interval": "feldt"},
    "hierarchical_omega": {"method": "minres", "rotation": "oblimin", "flip": True},
    "polychoric": {"missing": "listwise", "empty_cell": 0.0},
    "parallel_analysis": {"replicates": 100, "basis": "components", "resample": "normal", "quantile": 0.95},
    "efa": {"method": "minres", "rotation": "oblimin", "correlation": "pearson", "missing": "pairwise", "n_starts": 1},
    "cfa": {"missing": "listwise", "std_lv": False, "parameterization": "delta", "likelihood": "normal"},
    "compare_groups": {"variances": "unequal", "levene_center": "median", "post_hoc": None, "adjust": "holm"},
    "correlate": {"method": "pearson", "missing": "pairwise", "adjust": None},
    "regress": {"covariance": "nonrobust", "df": None},
    "relative_importance": {"method": "lmg", "bootstrap": 0},
    "mediate": {"kind": "parallel", "interval": "percentile", "bootstrap": 5000},
    "moderate": {"covariance": "nonrobust"},
    "rater_agreement": {"null": "uniform", "icc": "anova", "truncate": True},
    "mixed_model": {"random": "1", "reml": True, "df": "satterthwaite"},
}


def returned(name: str) -> type:
    hint = inspect.get_annotations(getattr(ls, name))["return"]
    return getattr(ls, hint) if isinstance(hint, str) else hint


@pytest.mark.parametrize("name", CALLS)
def test_the_call_takes_these_arguments(name):
    parameters = inspect.signature(getattr(ls, name)).parameters
    for argument in CALLS[name][0].split():
        assert argument in parameters
    for argument, default in DEFAULTS.get(name, {}).items():
        assert parameters[argument].default == default


@pytest.mark.parametrize("name", CALLS)
def test_the_result_has_these_attributes(name):
    result = returned(name)
    fields = {field.name for field in dataclasses.fields(result)} if dataclasses.is_dataclass(result) else set()
    for attribute in CALLS[name][1].split():
        assert attribute in fields or hasattr(result, attribute)


def test_a_study_has_its_instrument():
    root = Path(__file__).parents[1]
    assert ls.open_study(root / "studies" / "lq2002.toml").instrument.id == "lq2002"


@pytest.mark.parametrize("name", [name for name in ls.__all__ if name != "__version__"])
def test_every_public_name_says_what_it_is(name):
    value = getattr(ls, name)
    assert inspect.getdoc(value), "no docstring"
    if inspect.isfunction(value):
        assert value.__module__.startswith("leadership_study.")
        assert "alpha" not in inspect.signature(value).parameters or name == "alpha_precision"  # the coefficient
        assert "return" in inspect.get_annotations(value)
