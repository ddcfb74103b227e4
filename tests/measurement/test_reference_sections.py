"""No section from R on items, reliability, polychorics, number of factors, EFA and rotation goes uncompared."""

import ast
import json
import re
from collections import Counter
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
DATA_SETS = ("bfi", "holzinger", "lq2002")
TOPICS = (
    "alpha", "split_half", "split_half_all", "guttman", "odd_even", "omega_1f", "omega_h", "ordinal_alpha",
    "reliability", "item_analysis", "polychoric", "nfactors", "efa", "rotation", "pca",
)  # fmt: skip

COMPARED = {
    r"alpha\.\w+\.(pairwise|complete)": "measurement/test_reliability.py::test_alpha_is_psychs",
    r"split_half\.\w+": "measurement/test_reliability.py::test_splits_visited_by_psych_lie_within_ours",
    r"split_half_all\.\w+": "measurement/test_reliability.py::test_all_splits_are_rs",
    r"guttman\.\w+": "measurement/test_reliability.py::test_guttmans_bounds_are_psychs",
    r"odd_even\.\w+": "measurement/test_reliability.py::test_odd_even_halves_are_rs",
    r"omega_1f\.\w+": "measurement/test_reliability.py::test_omega_is_lavaans",
    r"omega_h\.\w+": "measurement/test_total_reliability.py::test_every_value_is_psychs",
    r"ordinal_alpha\.\w+": "measurement/test_ordinal_reliability.py::test_ordinal_alpha_and_omega_are_psychs",
    r"reliability\.full_model": (
        "measurement/test_construct_validity.py::test_every_value_of_the_full_model_is_semtools"
    ),
    r"item_analysis\.critical_ratio\.\w+": "measurement/test_item_analysis.py::test_critical_ratios_are_rs",
    r"polychoric\.(lavaan|psych)_(complete|pairwise)": (
        "measurement/test_polychoric.py::test_every_value_of_lavaan_and_psych"
    ),
    r"polychoric\.lavaan_se": "measurement/test_polychoric.py::test_every_standard_error_of_lavaan",
    r"polychoric\.polycor_pair": "samples/test_polychoric_pair.py::test_two_steps_equal_polycor",
    r"polychoric\.polyserial": (
        "samples/test_polychoric_pair.py::test_polyserial_equals_psych_polycor_and_the_best_likelihood"
    ),
    r"nfactors\.(kmo|bartlett)(_complete|_pairwise)?": (
        "measurement/test_sampling_adequacy.py::test_every_value_of_kmo_and_bartlett"
    ),
    r"nfactors\.eigen": "measurement/test_retention.py::test_eigenvalues_and_kaisers_rule",
    r"nfactors\.parallel_minres_n100": "measurement/test_retention.py::test_every_value_of_psychs_parallel_analysis",
    r"nfactors\.parallel_pca_horn": "measurement/test_retention.py::test_every_value_of_horns_analysis",
    r"nfactors\.vss_map": "measurement/test_efa_reference.py::test_every_value_of_the_very_simple_structure",
    r"nfactors\.nFactors": "measurement/test_retention.py::test_every_value_of_nfactors",
    r"efa\.(minres|ml|pa)\.(none|varimax|promax|oblimin)": (
        "measurement/test_efa_reference.py::test_every_value_of_psych_fa"
    ),
    r"efa\.pa_default\.none": (
        "measurement/test_efa_reference.py::test_principal_axes_at_psychs_own_stopping_rule"
    ),
    r"efa\.minres_tight": "measurement/test_efa_reference.py::test_every_value_of_the_tight_minres",
    r"efa\.factanal": "measurement/test_efa_reference.py::test_every_value_of_factanal",
    r"efa\.poly_minres\.oblimin": (
        "measurement/test_efa_reference.py::test_every_value_of_psych_fa_of_polychorics"
    ),
    r"rotation\.from_minres_tight": "measurement/test_efa_reference.py::test_every_rotation_of_one_matrix",
    r"pca\.(none|varimax)": "measurement/test_efa_reference.py::test_every_value_of_principal",
}  # fmt: skip
"""Sections, and the test that compares them: parametrised over the data sets and scales that its own tables list."""


def sections(data_set: str) -> list[str]:
    found = json.loads((TESTS / "reference" / f"{data_set}.json").read_text("utf-8"))
    return [name for name in found if name.partition(".")[0] in TOPICS]


@pytest.mark.parametrize("data_set", DATA_SETS)
def test_every_section_is_compared_by_one_test(data_set: str) -> None:
    for section in sections(data_set):
        tests = [test for pattern, test in COMPARED.items() if re.fullmatch(pattern, section)]
        assert len(tests) == 1, f"{data_set}: {section} is compared by {tests or 'no test'}"


def test_no_pattern_stands_for_nothing() -> None:
    used = Counter(
        pattern for name in DATA_SETS for section in sections(name) for pattern in COMPARED
        if re.fullmatch(pattern, section)
    )  # fmt: skip
    assert set(used) == set(COMPARED)
    assert sum(used.values()) > 190


@pytest.mark.parametrize("test", sorted(set(COMPARED.values())))
def test_the_tests_named_here_exist(test: str) -> None:
    file, _, name = test.partition("::")
    defined = {node.name for node in ast.parse((TESTS / file).read_text("utf-8")).body if hasattr(node, "name")}
    assert name in defined
