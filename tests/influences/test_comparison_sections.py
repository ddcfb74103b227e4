"""No section from R on descriptives, groups, correlations, agreement and survey weights goes uncompared."""

import ast
import json
import re
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
DATA_SETS = ("bfi", "holzinger", "lq2002", "textbook")
TOPICS = (
    "descriptives", "scores", "two_groups", "k_groups", "two_way_anova", "ancova", "chisq", "one_sample", "paired",
    "cor", "icc", "rwgj", "rwgj_lindell", "rwg", "ad", "awg", "waba", "level2_correlation", "survey", "kendall",
)  # fmt: skip

COMPARED = {
    r"lq2002\.descriptives\.items(_type[12])?": "influences/test_descriptives.py::test_items",
    r"lq2002\.descriptives\.missing": "influences/test_descriptives.py::test_missing",
    r"lq2002\.descriptives\.frequencies": "influences/test_descriptives.py::test_frequencies",
    r"(bfi|holzinger)\.descriptives\.items(_type[12])?": (
        "influences/test_descriptives.py::test_items_of_other_sets"
    ),
    r"(bfi|holzinger)\.descriptives\.(missing|frequencies)": (
        "influences/test_descriptives.py::test_counts_of_other_sets"
    ),
    r"(bfi|lq2002)\.scores\.(available|complete)_items": "scoring/test_score.py::test_scale_scores_are_those_of_r",
    r"(bfi|lq2002)\.scores\.(first10_available|sum_first10_complete)": (
        "scoring/test_score.py::test_the_first_scores_are_those_of_r"
    ),
    r"holzinger\.scores\.\w+": "scoring/test_scales.py::test_scores_of_holzinger_are_those_of_r",
    r"\w+\.two_groups\.\w+\.\w+": "influences/test_compare_groups.py::test_two_groups",
    r"\w+\.k_groups\.\w+\.\w+": "influences/test_compare_groups.py::test_several_groups",
    r"bfi\.two_way_anova\.N": "influences/test_factorial.py::test_two_factors",
    r"bfi\.ancova\.N": "influences/test_factorial.py::test_covariance",
    r"bfi\.chisq\.gender_education": "influences/test_correlation_kinds.py::test_cross_table",
    r"bfi\.one_sample\.A": "influences/test_repeated.py::test_one_sample",
    r"bfi\.paired\.A_C": "influences/test_repeated.py::test_pairs",
    r"lq2002\.cor\.(pearson|spearman|kendall)": "influences/test_correlations.py::test_every_pair",
    r"lq2002\.cor\.partial": "influences/test_correlations.py::test_partial",
    r"lq2002\.cor\.partial_matrix_given_rest": "influences/test_correlations.py::test_partial_given_the_rest",
    r"bfi\.cor\.(pearson|spearman|kendall)": "influences/test_correlation_kinds.py::test_every_pair",
    r"bfi\.cor\.partial": "influences/test_correlation_kinds.py::test_partial",
    r"bfi\.cor\.partial_matrix_given_rest": "influences/test_correlation_kinds.py::test_partial_given_the_rest",
    r"bfi\.cor\.disattenuated": "influences/test_correlation_kinds.py::test_corrected_for_attenuation",
    r"bfi\.cor\.compare_dependent": "influences/test_correlation_kinds.py::test_two_correlations_of_one_sample",
    r"bfi\.cor\.compare_independent": "influences/test_correlation_kinds.py::test_two_correlations_of_two_groups",
    r"lq2002\.icc\.aov\.\w+": "influences/test_rater_agreement.py::test_icc_by_mean_squares",
    r"lq2002\.icc\.lmer\.\w+": "influences/test_rater_agreement.py::test_icc_by_mixed_model",
    r"lq2002\.icc\.mult": "influences/test_rater_agreement.py::test_icc_of_several_variables",
    r"textbook\.icc\.(shrout_fleiss_(aov|lmer)|bfi_N)": (
        "influences/test_ratings.py::test_every_coefficient_is_psychs"
    ),
    r"textbook\.kendall\.w": "influences/test_ratings.py::test_concordance",
    r"lq2002\.rwgj\.(uniform|slight_skew)\.\w+": "influences/test_rater_agreement.py::test_rwg_j",
    r"lq2002\.rwgj_lindell\.\w+": "influences/test_rater_agreement.py::test_rwg_j_lindell",
    r"lq2002\.ad\.m\.(mean|median)\.\w+": "influences/test_rater_agreement.py::test_average_deviation",
    r"lq2002\.awg\.\w+": "influences/test_rater_agreement.py::test_awg",
    r"lq2002\.rwg\.single_item": "influences/test_rater_agreement.py::test_rwg_of_one_variable",
    r"lq2002\.waba": "influences/test_correlations.py::test_levels_agree_with_waba",
    r"lq2002\.level2_correlation": "influences/test_correlation_kinds.py::test_company_means",
    r"\w+\.survey\.mean\.(weights_only|cluster)": "influences/test_weighted.py::test_means",
    r"\w+\.survey\.glm\.(weights_only|cluster)": "influences/test_weighted.py::test_regression",
    r"lq2002\.survey\.weighted_var": "influences/test_weighted.py::test_weighted_variance",
}  # fmt: skip
"""Sections, and the test that compares them: parametrised over what its own tables list."""


def sections() -> list[str]:
    """``<data set>.<section>`` for all sections of these topics."""
    found = []
    for name in DATA_SETS:
        values = json.loads((TESTS / "reference" / f"{name}.json").read_text("utf-8"))
        found += [f"{name}.{section}" for section in values if section.partition(".")[0] in TOPICS]
    return found


def test_every_section_is_compared_by_one_test() -> None:
    found = sections()
    assert len(found) > 100
    for section in found:
        tests = [test for pattern, test in COMPARED.items() if re.fullmatch(pattern, section)]
        assert len(tests) == 1, f"{section} is compared by {tests or 'no test'}"


@pytest.mark.parametrize("pattern", COMPARED)
def test_no_pattern_stands_for_nothing(pattern: str) -> None:
    assert [section for section in sections() if re.fullmatch(pattern, section)]


@pytest.mark.parametrize("test", sorted(set(COMPARED.values())))
def test_the_tests_named_here_exist(test: str) -> None:
    file, _, name = test.partition("::")
    defined = {node.name for node in ast.parse((TESTS / file).read_text("utf-8")).body if hasattr(node, "name")}
    assert name in defined
