"""Every section of every file of reference values is compared by a test named here or in the table of its topic."""

import ast
import json
import re
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
FILES = ("bfi", "bfi_ordinal_invariance", "holzinger", "lq2002", "lq2002_few_clusters", "power", "textbook")
WORDS = ("_meta", "_setup", "_inputs")
"""Sections that hold no values: versions, R code, what went in."""

REGRESSION = "influences/test_regression.py::test_"
INFLUENCES = "influences/test_influences_reference.py::test_"
MIXED = "influences/test_mixed_model_reference.py::test_"
PATHS = "influences/test_mediation_reference.py::test_"
POWER = "study/test_power.py::test_"
AGREEMENT = "samples/test_agreement.py::test_"

COMPARED = {
    r"lq2002\.ols\.full": REGRESSION + "ols_agrees_with_lm",
    r"lq2002\.ols\.standardised_betas": REGRESSION + "standardised_betas",
    r"lq2002\.ols\.vif": REGRESSION + "collinearity_agrees_with_car",
    r"lq2002\.ols\.durbin_watson": REGRESSION + "durbin_watson_only_with_an_order",
    r"lq2002\.ols\.breusch_pagan": REGRESSION + "heteroscedasticity",
    r"lq2002\.ols\.HC[0-4]": REGRESSION + "heteroscedasticity_consistent_errors",
    r"lq2002\.ols\.CR(0|1|1S)": REGRESSION + "cluster_errors_as_sandwich",
    r"lq2002\.ols\.hierarchical": REGRESSION + "hierarchical",
    r"lq2002\.ols\.diagnostics": REGRESSION + "diagnostics",
    r"(bfi|lq2002)\.ols\.anova_type1_2_3": "influences/test_factorial.py::test_three_types",
    r"bfi\.ols\.full": INFLUENCES + "full",
    r"bfi\.ols\.(standardised_betas|vif)": INFLUENCES + "betas_and_collinearity",
    r"bfi\.ols\.(durbin_watson|breusch_pagan|diagnostics)": INFLUENCES + "residuals",
    r"bfi\.ols\.HC[0-4]": INFLUENCES + "robust_errors",
    r"bfi\.ols\.hierarchical": INFLUENCES + "hierarchical",
    r"(bfi|lq2002)\.ols\.dominance": INFLUENCES + "dominance",
    r"(bfi|lq2002)\.ols\.step_aic": INFLUENCES + "steps_by_aic",
    r"bfi\.logit\.gender": INFLUENCES + "logit",
    r"bfi\.ordinal\.education": INFLUENCES + "ordinal",
    r"lq2002_few_clusters\.cluster_robust\.(all|few)": REGRESSION + "cluster_errors_as_clubsandwich",
    r"lq2002_few_clusters\.htz\.(all|few)": REGRESSION + "htz_as_clubsandwich",
    r"lq2002_few_clusters\.mixed_df\.(all|few|group_level)": MIXED + "degrees_of_freedom",
    r"lq2002_few_clusters\.mixed_lrt": MIXED + "likelihood_ratio_by_maximum_likelihood",
    r"lq2002_few_clusters\.ranef": MIXED + "conditional_modes_and_their_deviations",
    r"lq2002\.lmer\.lrt_slope": MIXED + "restricted_likelihood_ratio_of_a_slope",
    r"lq2002\.lmer\.\w+\.(reml|ml)": MIXED + "lq2002_equals_lme4",
    r"lq2002\.lme\.random_intercept\.reml": MIXED + "nlme",
    r"lq2002\.lme\.random_slope\.reml": MIXED + "nlme_at_its_own_point",
    r"lq2002\.r2_nakagawa": MIXED + "r_squared_of_nakagawa",
    r"textbook\.sleepstudy\.\w+(\.(reml|ml))?": MIXED + "sleepstudy_equals_lme4",
    r"lq2002\.mediation\.regressions": PATHS + "regressions_and_sobel",
    r"lq2002\.mediation\.bootstrap": PATHS + "bootstrap_limits_within_their_error_of_simulation",
    r"lq2002\.mediation\.analytic_prodnormal": PATHS + "distribution_of_the_product",
    r"(bfi|lq2002)\.moderation\.lm": PATHS + "moderation",
    r"(bfi|lq2002)\.moderation\.simple_slopes": PATHS + "simple_slopes",
    r"(bfi|lq2002)\.moderation\.johnson_neyman": PATHS + "johnson_neyman",
    r"(bfi\.moderation\.block_test|lq2002\.moderation\.quadratic_controls)": PATHS + "change_by_the_product",
    r"lq2002\.moderated_mediation\.index": PATHS + "moderated_mediation",
    r"bfi\.missing\.patterns": "measurement/test_missing_answers.py::test_patterns_are_those_of_r",
    r"bfi\.missing\.little_mcar\.(A|AC|all)": "measurement/test_missing_answers.py::test_little_and_em_are_those_of_r",
    r"bfi\.missing\.em_lavaan_check": "measurement/test_missing_answers.py::test_em_moments_are_those_of_lavaan",
    r"bfi\.missing\.pool_rubin": "samples/test_pooling.py::test_pooled_estimates_are_those_of_mice",
    r"bfi\.missing\.pool_r2": "samples/test_pooling.py::test_pooled_r_squared_is_that_of_mice",
    r"bfi\.careless\.\w+": "validation/test_careless.py::test_all_values_of_the_reference",
    r"textbook\.content_validity": "instruments/test_content_validity.py::test_every_value_of_the_textbook",
    r"textbook\.krippendorff\.\w+": AGREEMENT + "krippendorff",
    r"textbook\.fleiss\.kappa": AGREEMENT + "fleiss",
    r"textbook\.gwet\.ac1": AGREEMENT + "gwet",
    r"textbook\.gwet\.ac2_quadratic": AGREEMENT + "gwet_ac2",
    r"textbook\.cohen\.kappa_table": AGREEMENT + "cohen_table",
    r"textbook\.cohen\.kappa_linear": AGREEMENT + "cohen_linear",
    r"textbook\.cohen\.kappa_bfi_pair": AGREEMENT + "cohen_bfi",
    r"power\.t_two(_one_sided)?": POWER + "two_groups",
    r"power\.anova": POWER + "analysis_of_variance",
    r"power\.r": POWER + "correlation",
    r"power\.regression": POWER + "regression",
    r"power\.(not_)?close_fit(_power)?": POWER + "fit",
}
"""Sections, and the test that compares every value of them."""

TOPICAL = {
    "influences/test_comparison_sections.py": (),
    "measurement/test_reference_sections.py": (),
    "measurement/test_latent_sections.py": ("LATENT",),
}
"""Files with a table of their own for the ``TOPICS`` that they check, and for sections listed under these names."""


def constants(file: str) -> dict[str, object]:
    """What a test file sets at its top, where it is written out."""
    found = {}
    for node in ast.parse((TESTS / file).read_text("utf-8")).body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            try:
                found[node.targets[0].id] = ast.literal_eval(node.value)
            except ValueError:
                continue
    return found


def topical() -> dict[str, str]:
    """File by section or by topic (``data_set.topic``)."""
    found = {}
    for file, lists in TOPICAL.items():
        written = constants(file)
        sections = [*written["TOPICS"], *(name for listed in lists for name in written[listed])]
        found |= {f"{data_set}.{name}": file for data_set in written["DATA_SETS"] for name in sections}
    return found


def sections(name: str) -> list[str]:
    values = json.loads((TESTS / "reference" / f"{name}.json").read_text("utf-8"))
    return [f"{name}.{section}" for section in values if section not in WORDS]


@pytest.mark.parametrize("name", FILES)
def test_every_section_is_compared(name: str) -> None:
    elsewhere = topical()
    for section in sections(name):
        here = {pattern for pattern in COMPARED if re.fullmatch(pattern, section)}
        topic = ".".join(section.split(".")[:2])
        there = section in elsewhere or topic in elsewhere
        special = {r"lq2002\.lmer\.\w+\.(reml|ml)"} if section == "lq2002.lmer.lrt_slope" else set()
        assert len(here - special) + there == 1, f"{section} is compared by {here or 'no test'}; by topic: {there}"


@pytest.mark.parametrize("pattern", COMPARED)
def test_no_pattern_stands_for_nothing_and_its_test_exists(pattern: str) -> None:
    assert any(re.fullmatch(pattern, section) for name in FILES for section in sections(name))
    file, _, test = COMPARED[pattern].partition("::")
    assert re.search(rf"^def {test}\(", (TESTS / file).read_text("utf-8"), re.MULTILINE)
