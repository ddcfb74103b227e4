"""A result repeated under every combination of choices: what is repeated, what is refused, what is shown."""

import numpy as np
import pandas as pd
import pytest

import leadership_study as ls
from leadership_study.errors import PlanError
from leadership_study.influences._multiverse import Multiverse, Universe, specification_curve
from leadership_study.influences.regression import regress
from leadership_study.reporting.figures import kinds, plot, save
from leadership_study.reporting.languages import load_language
from leadership_study.results import NotEstimated, Result
from leadership_study.samples.pooling import pool_tests
from leadership_study.study.computing import _run_seeded
from leadership_study.study.multiverse import run_multiverse
from leadership_study.study.variations import flagged_by

PLAN = """
title = { en = "Small" }
questionnaire = "lq2002"
seed = 7
nested_in = ["company"]
[[responses]]
id = "soldiers"
files = ["lq2002.csv"]
respondent_id = "SUB"
columns = { "COMPID" = "company" }
[scoring]
min_answered = 0.5
[[analysis]]
id = "hostility"
use = "regression"
outcome = "hostility"
blocks = [["task_significance"], ["leadership_climate"]]
covariance = "CR2"
bootstrap = 0
"""
MULTIVERSE = """
[[multiverse]]
id = "other_choices"
analysis = "hostility"
terms = ["leadership_climate"]
exclusions = ["without_flagged"]
missing = ["imputed"]
imputations = 2
scoring = [{ method = "sum", label = { en = "Sums" } }]
estimators = [{ covariance = "HC3" }, { use = "multilevel" }]
covariates = [[], ["task_significance"]]
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    from pathlib import Path

    root, here = tmp_path_factory.mktemp("multiverse"), Path(__file__).parents[2]
    for name in ("studies", "questionnaires", "data/raw/small"):
        (root / name).mkdir(parents=True)
    text = (here / "questionnaires" / "lq2002.toml").read_text("utf-8")
    (root / "questionnaires" / "lq2002.toml").write_text(text, encoding="utf-8")
    data = pd.read_csv(here / "data" / "raw" / "lq2002" / "lq2002.csv", dtype=str)
    data = data[data["COMPID"].astype(int) % 6 == 0]
    data.loc[data.index[::9], "LEAD01"] = ""
    data.to_csv(root / "data/raw/small" / "lq2002.csv", index=False)
    return root


def opened(folder, plan):
    path = folder / "studies" / "small.toml"
    path.write_text(plan, encoding="utf-8")
    return ls.open_study(path)


@pytest.fixture(scope="module")
def computed(folder):
    study = opened(folder, PLAN + MULTIVERSE)
    (plan,) = study.plan.multiverses
    return study, run_multiverse(study, plan, lambda block, answers: _run_seeded(study, block, answers))


def test_every_combination_is_there_and_each_is_the_analysis_itself(computed):
    study, result = computed
    assert isinstance(result, Multiverse)
    curve = result.curve.loc["leadership_climate"]
    assert len(curve) == result.terms.loc["leadership_climate", "n_universes"] == 2 * 2 * 2 * 3 * 2
    assert curve["is_declared"].sum() == 1
    scored = study.scored()
    kept = ~flagged_by(scored, study.plan.min_flags)
    data = scored.scales.assign(company=scored.groups["company"])
    chosen = dict(exclusions="declared", missing_answers="listwise", scoring="declared")

    def of(**choices):
        own = chosen | choices
        return curve[(curve[list(own)] == pd.Series(own)).all(axis="columns")].iloc[0]

    formula = "hostility ~ task_significance + leadership_climate"
    by_hand = regress(formula, data, covariance="CR2", clusters="company").coefficients.loc["leadership_climate"]
    declared = of(estimator="declared", covariates="task_significance")
    assert declared["is_declared"]
    for name in ("estimate", "ci_low", "ci_high", "p_value"):
        assert declared[name] == pytest.approx(by_hand[name], rel=1e-12)
    alone = regress("hostility ~ leadership_climate", data[kept], covariance="HC3").coefficients
    found = of(exclusions="without_flagged", estimator="covariance = HC3", covariates="no_covariates")
    assert found["ci_low"] == pytest.approx(alone.loc["leadership_climate", "ci_low"], rel=1e-12)
    assert found["n"] == kept.sum()
    summed = of(scoring="method = sum", estimator="covariance = HC3", covariates="no_covariates")
    plain = of(estimator="covariance = HC3", covariates="no_covariates")
    assert summed["estimate"] == pytest.approx(plain["estimate"] * 5 / 11, rel=1e-9), "sums of 5 and of 11 items"
    imputed = of(missing_answers="imputed", estimator="covariance = HC3", covariates="no_covariates")
    assert 0 < abs(imputed["estimate"] - plain["estimate"]) < 0.05
    mixed = of(estimator="use = multilevel", covariates="no_covariates")
    assert mixed["estimate"] != plain["estimate"]


def test_choices_are_put_into_words(computed):
    _, result = computed
    note = {note.id: note for note in result.notes}["universes_in_other_units"]
    for language, words in (
        ("en", ["errors = HC3", "Multilevel", "sum scores", "missing = 0.1"]),
        ("zh", ["标准误 = HC3", "多层", "总分计分", "0.1"]),
    ):
        named = load_language(language)
        choices = ("covariance = HC3", "use = multilevel", "method = sum", "max_missing_share = 0.1")
        for choice, word in zip(choices, words, strict=True):
            text = named.term(choice)
            assert text != choice
            assert "_" not in text
            assert word in text or choice.startswith("max")
        assert "method = sum" not in named.note(note)


def test_the_summary_describes_the_curve(computed):
    _, result = computed
    curve, terms = result.curve["estimate"], result.terms.loc["leadership_climate"]
    assert terms["minimum"] == curve.min()
    assert terms["maximum"] == curve.max()
    assert terms["share_same_sign"] == 1
    flat = result.choices.reset_index()
    by_scoring = flat[flat["decision"] == "scoring"]
    assert set(by_scoring["choice"]) == {"declared", "method = sum"}
    assert by_scoring["n_estimated"].sum() == len(curve)
    assert result.labels("zh") == {"method = sum": "Sums"}
    assert Result.from_json(result.to_json()).curve.equals(result.curve)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_curve_rises_and_equal_results_give_equal_figures(computed, language):
    _, result = computed
    assert kinds(result) == ("curve",)
    figure = plot(result, language=language)
    points = next(line for line in figure.axes[0].lines if line.get_marker() == "o")
    assert np.all(np.diff(points.get_ydata()) >= 0)
    marks = [line for line in figure.axes[1].lines if line.get_marker() == "|"]
    assert sum(len(line.get_xdata()) for line in marks) == 5 * len(points.get_xdata())
    assert save(figure)[0] == save(plot(result, language=language))[0]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('analysis = "hostility"', 'analysis = "hostilty"', "hostility"),
        ('{ covariance = "HC3" }', '{ covariance = "HC9" }', "covariance"),
        ('{ use = "multilevel" }', '{ use = "multilevels" }', "did you mean multilevel"),
        ('["without_flagged"]', '["without_flaged"]', "without_flaged"),
        ('["without_flagged"]', "[{ max_mising_share = 0.1 }]", "max_mising_share"),
        ('{ method = "sum",', '{ method = "summ",', "method"),
        ('[[], ["task_significance"]]', '[["task_significanse"]]', "task_significanse"),
        ('missing = ["imputed"]', 'missing = ["imputation"]', "imputation"),
        ("imputations = 2", "imputations = 1", "at least 2"),
        ("terms =", "term =", "did you mean terms"),
        ('id = "other_choices"', 'id = "hostility"', "used twice"),
    ],
)
def test_what_is_wrong_in_the_plan_is_told_with_its_place(folder, old, new, said):
    assert old in MULTIVERSE
    with pytest.raises(PlanError) as error:
        opened(folder, PLAN + MULTIVERSE.replace(old, new, 1))
    told = [str(problem) for problem in error.value.problem_list]
    assert any(said in one and "[[multiverse]]" in one for one in told), told
    assert len(told) == 1


def test_a_multiverse_of_one_universe_is_none(folder):
    plan = PLAN + '\n[[multiverse]]\nid = "one"\nanalysis = "hostility"\n'
    with pytest.raises(PlanError, match="1 problem") as error:
        opened(folder, plan)
    assert "1 universe" in str(error.value.problem_list[0])


def test_terms_and_universes_that_are_not_there():
    data = pd.DataFrame({"y": np.arange(20.0) % 7, "x": np.arange(20.0) % 5})
    choices = dict.fromkeys(("exclusions", "missing_answers", "scoring", "estimator", "covariates"), "declared")
    own = Universe(choices=choices, result=regress("y ~ x", data), is_declared=True)
    reason = ls.Note("constant_outcome", "The outcome has the same value in all {n} rows used.", {"n": 3})
    other = Universe(
        choices=choices | {"scoring": "method = sum"}, result=NotEstimated.because(reason), is_declared=False
    )
    result = specification_curve([own, other], (), pd.DataFrame(), {})
    assert result.terms.loc["x", ["n_universes", "n_estimated"]].tolist() == [2, 1]
    assert [note.id for note in result.notes] == ["universes_not_estimated"]
    with pytest.raises(ls.InsufficientDataError, match="no row z"):
        specification_curve([own, other], ("z",), pd.DataFrame(), {})


def test_pooled_tests_by_hand():
    """D2 of Li, Meng, Raghunathan and Rubin (1991), and the plain test when all data sets agree."""
    found = pool_tests([2.0, 3.0, 2.5], 4)
    wald = np.array([8.0, 12.0, 10.0])
    r = (1 + 1 / 3) * np.sqrt(wald).var(ddof=1)
    d2 = (10 / 4 - 4 / 2 * r) / (1 + r)
    nu = 4 ** (-3 / 3) * 2 * (1 + 1 / r) ** 2
    assert found[:3] == pytest.approx((d2, 4, nu))
    assert pool_tests([2.0, 2.0], 3, df2=40)[:3] == (2.0, 3, 40)
    with pytest.raises(ValueError, match="two imputed"):
        pool_tests([2.0], 3)
