"""From a leadership questionnaire to the finished chapter, with every number bound to its result.

``import leadership_study as ls`` costs nothing: each public name loads its module when it is first used.
"""

import importlib
import sys
from types import ModuleType
from typing import Any

__version__ = "0.1.0"

_HOME = {
    "errors": [
        "BusyError", "ConvergenceError", "EstimationError", "ImportFormatError", "InstrumentError",
        "InsufficientDataError", "LeadershipStudyError", "PlanError", "ProjectError", "ResponseError",
    ],
    "results": ["NotEstimated", "Note", "Result"],
    "samples.moments": ["Moments", "moments"],
    "samples.expectation_maximization": ["em_moments"],
    "samples.pooling": ["pool", "pool_r_squared"],
    "samples.polychoric_pair": ["polychoric_pair"],
    "instruments": ["Instrument", "load_instrument"],
    "instruments.content_validity": ["content_validity"],
    "importing": ["RawResponses", "read_files", "read_responses"],
    "validation": ["CarelessResult", "ValidatedResponses", "flagged", "validate"],
    "validation.privacy": ["coarsen", "k_anonymity"],
    "validation.careless": ["careless"],
    "scoring": ["ScoredResponses", "score"],
    "scoring.imputed": ["impute_scored"],
    "scoring.standard": ["standard_scores"],
    "measurement.missing_answers": ["little_mcar"],
    "measurement.polychoric": ["polychoric", "polyserial"],
    "measurement.item_analysis": ["item_analysis"],
    "measurement.reliability": ["cronbach_alpha", "mcdonald_omega", "split_half"],
    "measurement.total_reliability": ["hierarchical_omega", "length_for", "prophecy", "stratified_alpha"],
    "measurement.retest": ["retest_reliability"],
    "measurement.criterion": ["criterion_validity"],
    "measurement.known_groups": ["known_groups"],
    "measurement.sampling_adequacy": ["sampling_adequacy"],
    "measurement.retention": ["factors_to_retain", "minimum_average_partial", "parallel_analysis"],
    "measurement.efa": ["efa"],
    "measurement.cfa": ["SemFit", "cfa", "sem"],
    "measurement.construct_validity": ["construct_validity", "model_reliability"],
    "measurement.rival_models": ["rival_models"],
    "measurement.invariance": ["measurement_invariance"],
    "measurement.method_bias": ["method_bias"],
    "influences.difference_in_differences": ["difference_in_differences"],
    "influences.propensity_weighting": ["propensity_weighting"],
    "influences.descriptives": ["describe"],
    "influences.rater_agreement": ["rater_agreement"],
    "influences.correlations": [
        "compare_dependent_correlations", "compare_independent_correlations", "correlate",
    ],
    "influences.groups": ["compare_groups"],
    "influences.factorial": ["factorial_anova"],
    "influences.repeated": ["repeated_measures"],
    "influences.weighted": ["design_means", "design_regression"],
    "influences._cross_table": ["cross_table"],
    "influences._manova": ["manova"],
    "influences._ratings": ["intraclass_correlation", "kendall_w"],
    "influences.regression": ["hierarchical_regression", "regress"],
    "influences.logistic_regression": ["logistic_regression"],
    "influences.ordinal_regression": ["ordinal_regression"],
    "influences.relative_importance": ["relative_importance"],
    "influences.mediation": ["latent_mediation", "mediate"],
    "influences.moderated_mediation": ["moderated_mediation"],
    "influences.moderation": ["moderate"],
    "influences.multilevel_mediation": ["multilevel_mediation"],
    "influences.split_raters": ["split_raters"],
    "influences.multilevel": ["compare_mixed_models", "mixed_model"],
    "influences.head_profiles": ["head_profiles"],
    "influences.importance_performance": ["importance_performance"],
    "influences.self_other": ["self_other"],
    "interviews": [
        "Codebook", "Guide", "Interviews", "Pseudonymised", "Transcript", "keyword_in_context", "leftovers",
        "pseudonymise", "read_codebook", "read_guide", "read_interviews", "read_transcript", "restore", "word_counts",
    ],
    "interviews.adjudication": ["read_adjudication"],
    "interviews.without_names": ["without_names"],
    "interviews.agreement": [
        "brennan_prediger", "cohen_kappa", "fleiss_kappa", "gwet_ac1", "holsti", "krippendorff_alpha",
        "percent_agreement", "scott_pi",
    ],
    "districts.balance": ["resource_balance", "resource_inequality"],
    "districts.balance_trend": ["balance_trend"],
    "districts.location_gaps": ["location_gaps"],
    "districts.reported_figures": ["check_figures"],
    "synthesis.joint_display": ["JointDisplay", "joint_display"],
    "synthesis.argument": ["Argument", "argument"],
    "synthesis.checklists": ["Checklists", "checklists"],
    "synthesis.segments": ["segments_of"],
    "districts.zoning": ["zoning"],
    "reporting.figures": ["plot"],
    "study.pipeline": ["Study", "StudyResults", "open_study"],
    "study.share": ["share"],
    "study.power": [
        "NestedDesign", "PowerResult", "Predictor", "SimulatedPower", "alpha_precision", "anova_power",
        "cluster_comparison_power", "cluster_design", "correlation_power", "design_effect", "icc_power",
        "icc_precision", "regression_power", "rmsea_power", "simulate_group_difference",
        "simulate_regression", "t_test_power", "yamane_sample",
    ],
}  # fmt: skip
_MODULE_OF = {name: module for module, names in _HOME.items() for name in names}

__all__ = ["__version__", *sorted(_MODULE_OF)]


class _Package(ModuleType):
    """Keeps ``ls.sem`` the function: importing the engine's package of that name would put itself in its place."""

    def __setattr__(self, name: str, value: object) -> None:
        if not (name in _MODULE_OF and isinstance(value, ModuleType)):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package


def __getattr__(name: str) -> Any:
    if name not in _MODULE_OF:
        raise AttributeError(f"module 'leadership_study' has no attribute {name!r}")
    value = getattr(importlib.import_module(f"leadership_study.{_MODULE_OF[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
