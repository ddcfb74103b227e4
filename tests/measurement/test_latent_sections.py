"""No section from R on models with latent variables goes uncompared."""

import importlib
import json
import re
from pathlib import Path
from types import ModuleType

import pytest

TESTS = Path(__file__).parents[1]
DATA_SETS = ("bfi", "bfi_ordinal_invariance", "holzinger", "lq2002")
TOPICS = ("cfa", "cmb", "htmt", "invariance", "invariance_ordinal", "reliability")
LATENT = ("mediation.latent", "mediation.lavaan_delta", "mediation.lavaan_cluster")

ELSEWHERE = {
    r"htmt\.(original|htmt2)": "measurement/test_construct_validity.py::test_every_ratio_of_correlations_is_semtools",
    r"reliability\.full_model": (
        "measurement/test_construct_validity.py::test_every_value_of_the_full_model_is_semtools"
    ),
    r"cmb\.harman(_pa_multi)?": "measurement/test_method_bias.py::test_shares_of_a_first_factor_are_psychs",
    r"invariance_ordinal\.gender": "measurement/test_invariance.py::test_every_value_of_the_ordinal_ladder_is_semtools",
}
"""Sections that are no single model, and the test that compares them on every data set that has them."""

PARTS = {
    "parameters": "test_estimates_with_errors_and_standardised_values",
    "standardized": "test_standardised_solution_with_delta_method_errors",
    "fit": "test_all_fit_measures", "converged": "test_all_fit_measures", "post_check": "test_all_fit_measures",
    "ntotal": "test_all_fit_measures", "npar": "test_all_fit_measures", "nobs": "test_all_fit_measures",
    "rsquare": "test_explained_variance_and_factor_correlations",
    "latent_cor": "test_explained_variance_and_factor_correlations",
    "modindices_top20": "test_modification_indices",
    "scores_regression_first10": "test_factor_scores", "scores_bartlett_first10": "test_factor_scores",
    "residual_cor_bollen": "test_residuals", "residual_summary": "test_residuals",
    "sample_cor": "test_what_ordered_items_are_reduced_to", "thresholds": "test_what_ordered_items_are_reduced_to",
}  # fmt: skip
"""Parts of a model's section, and the test of them in tests/sem/test_reference.py."""

WORDS = ("iterations", "scores_note")
"""Parts that say how R found its values."""

SUMMARIES = {
    "bifactor_indices": "measurement/test_construct_validity.py::test_bifactor_indices_of_the_reference",
    "mean_sq_method_loading": "measurement/test_method_bias.py::test_what_the_method_factor_takes_up",
    "mean_sq_method_loading_std": "measurement/test_method_bias.py::test_what_the_method_factor_takes_up",
    "mean_sq_trait_loading": "measurement/test_method_bias.py::test_what_the_method_factor_takes_up",
    "vs_trait_only": "measurement/test_method_bias.py::test_what_the_method_factor_takes_up",
}


@pytest.fixture(scope="module")
def models() -> ModuleType:
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(TESTS / "sem"))
        return importlib.import_module("test_reference")


def sections(data_set: str) -> dict[str, dict]:
    found = json.loads((TESTS / "reference" / f"{data_set}.json").read_text("utf-8"))
    return {name: found[name] for name in found if name.partition(".")[0] in TOPICS or name in LATENT}


def cases_of(module: ModuleType, test: str) -> set[tuple[str, str]]:
    """The data sets and sections that a test is run for."""
    (mark,) = [mark for mark in getattr(module, test).pytestmark if mark.name == "parametrize"]
    return set(mark.args[1])


def exists(test: str) -> bool:
    file, _, name = test.partition("::")
    return re.search(rf"^def {name}\(", (TESTS / file).read_text("utf-8"), re.MULTILINE) is not None


@pytest.mark.parametrize("data_set", DATA_SETS)
def test_every_part_of_every_section_is_compared(models: ModuleType, data_set: str) -> None:
    for section, entry in sections(data_set).items():
        if elsewhere := [test for pattern, test in ELSEWHERE.items() if re.fullmatch(pattern, section)]:
            assert len(elsewhere) == 1
            continue
        if section.startswith("invariance."):
            continue  # the next test's
        for part, value in entry["value"].items():
            if part in WORDS or (isinstance(value, dict) and "error" in value):
                continue
            if part in SUMMARIES:
                continue
            assert part in PARTS, f"{data_set}: {section} has {part}, which no test compares"
            assert (data_set, section) in cases_of(models, PARTS[part]), f"{data_set}: {section}: {part}"


def test_every_ladder_is_compared(models: ModuleType) -> None:
    import test_invariance

    ladders = {(name, section) for name in DATA_SETS for section in sections(name) if section.startswith("invariance.")}
    assert len(ladders) == 5
    for test in ("test_every_model_of_the_ladder_is_lavaans", "test_every_comparison_is_lavaans"):
        assert cases_of(test_invariance, test) == ladders


@pytest.mark.parametrize("test", sorted({*ELSEWHERE.values(), *SUMMARIES.values()}))
def test_the_tests_named_here_exist(test: str) -> None:
    assert exists(test)


def test_there_are_sections() -> None:
    assert sum(len(sections(name)) for name in DATA_SETS) == 78
