"""Logistic and ordinal regression beyond the reference: nested answers, separation, proportional odds, bad input."""

import numpy as np
import pandas as pd
import pytest

from leadership_study.errors import InsufficientDataError
from leadership_study.influences.logistic_regression import logistic_regression
from leadership_study.influences.logistic_regression import run as run_logistic
from leadership_study.influences.ordinal_regression import ordinal_regression
from leadership_study.influences.ordinal_regression import run as run_ordinal
from leadership_study.reporting.figures import kinds, plot, save
from leadership_study.results import Result


@pytest.fixture(scope="module")
def data() -> pd.DataFrame:
    random = np.random.default_rng(11)
    group = np.repeat(np.arange(24), 25)
    x, stage = random.normal(size=600), random.integers(0, 3, 600)
    latent = 0.8 * x + 0.5 * (stage == 2) + 0.6 * random.normal(size=24)[group] + random.logistic(size=600)
    return pd.DataFrame(
        {
            "x": x,
            "stage": np.array(["primary", "secondary", "upper"])[stage],
            "school": group,
            "high": (latent > 0).astype(int),
            "answer": np.digitize(latent, [-1.5, 0, 1.5]) + 1,
        }
    )


# clubSandwich 0.5.8: vcovCR(m, mtcars$carb, "CR1") of m <- glm(am ~ wt, binomial)
CLUB = {"estimate": [12.0403697287, -4.02396996217], "std_error": [5.28312094979, 1.6646222998]}
MTCARS_AM = [1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1]
MTCARS_WT = [2.62, 2.875, 2.32, 3.215, 3.44, 3.46, 3.57, 3.19, 3.15, 3.44, 3.44, 4.07, 3.73, 3.78, 5.25,
             5.424, 5.345, 2.2, 1.615, 1.835, 2.465, 3.52, 3.435, 3.84, 3.845, 1.935, 2.14, 1.513,
             3.17, 2.77, 3.57, 2.78]  # fmt: skip
MTCARS_CARB = [4, 4, 1, 1, 2, 1, 4, 2, 2, 4, 4, 3, 3, 3, 4, 4, 4, 1, 2, 1, 1, 2, 2, 4, 2, 1, 2, 2, 4, 6, 8, 2]


def test_cluster_errors_of_a_logistic_regression():
    cars = pd.DataFrame({"am": MTCARS_AM, "wt": MTCARS_WT, "carb": MTCARS_CARB})
    found = logistic_regression("am ~ wt", cars, covariance="CR1", clusters="carb").coefficients
    assert found["estimate"].to_numpy() == pytest.approx(CLUB["estimate"], rel=1e-8)
    # glm keeps the weights of its last step but one
    assert found["std_error"].to_numpy() == pytest.approx(CLUB["std_error"], rel=1e-7)


# clubSandwich 0.5.8: coef_test(m, vcovCR(m, COMPID, "CR2")) of
# m <- glm(event ~ LEAD01 + LEAD02 + factor(TSIG01), binomial, control = glm.control(epsilon = 1e-15, maxit = 100))
# on the first six companies of lq2002, event = HOSTIL01 > 0
SIX = {
    "estimate": [2.09376076343108, -0.04992285096613, -0.17363964797105, 0.30739345128745, -1.06856220787595,
                 -0.77230393463507, -1.35370003737042],
    "std_error": [0.3616639844601, 0.0411908492342, 0.1561561652867, 0.7390472528296, 0.9031135265371,
                  0.5742766499508, 0.8348304596366],
    "df": [3.639458158340, 3.572636953549, 3.340555311846, 4.512585213072, 4.326889833827, 4.047213014823,
           3.821063690439],
}  # fmt: skip


def test_bias_reduced_errors_of_a_logistic_regression_are_clubsandwichs(lq2002):
    first = lq2002[lq2002["COMPID"] <= 7]
    result = logistic_regression(
        "event ~ LEAD01 + LEAD02 + C(TSIG01)",
        first.assign(event=(first["HOSTIL01"] > 0).astype(int)),
        covariance="CR2",
        clusters="COMPID",
    )
    assert result.definition["n_clusters"] == 6
    for name, values in SIX.items():
        assert result.coefficients[name].to_numpy() == pytest.approx(values, rel=1e-9)


def test_dummies_of_one_variable_are_tested_together_and_marginal_effects_are_differences(data):
    result = logistic_regression("high ~ x + stage", data, covariance="CR2", clusters="school")
    assert list(result.tests["df1"]) == [1, 2]
    assert result.definition["df"] == "satterthwaite"
    b = result.coefficients["estimate"]
    at = {
        level: 1 / (1 + np.exp(-(b["intercept"] + b["x"] * data["x"] + b.get(f"stage[{level}]", 0.0))))
        for level in ("primary", "upper")
    }
    effect = result.marginal_effects.loc["stage[upper]", "estimate"]
    assert effect == pytest.approx((at["upper"] - at["primary"]).mean(), rel=1e-9)
    assert logistic_regression("high ~ x*stage", data).marginal_effects.empty
    flipped = logistic_regression("high ~ x + stage", data, event=0)
    assert flipped.coefficients["estimate"].to_numpy() == pytest.approx(-b.to_numpy(), rel=1e-8)


def test_large_means_cost_no_digits_and_rows_may_be_shuffled(data):
    plain = logistic_regression("high ~ x", data).coefficients.loc["x"]
    moved = logistic_regression("high ~ x", data.assign(x=data["x"] + 1e6).sample(frac=1, random_state=1))
    assert moved.coefficients.loc["x", "estimate"] == pytest.approx(plain["estimate"], rel=1e-7)
    assert moved.coefficients.loc["x", "std_error"] == pytest.approx(plain["std_error"], rel=1e-7)
    one = ordinal_regression("answer ~ x", data)
    other = ordinal_regression("answer ~ x", data.assign(x=data["x"] + 1e5))
    assert other.coefficients.loc["x"].to_numpy() == pytest.approx(one.coefficients.loc["x"].to_numpy(), rel=1e-6)
    first = one.thresholds["estimate"] + 1e5 * one.coefficients.loc["x", "estimate"]
    assert other.thresholds["estimate"].to_numpy() == pytest.approx(first.to_numpy(), rel=1e-9)


def test_two_categories_of_an_ordinal_model_are_the_logistic_one(data):
    """The proportional-odds likelihood of a three-category outcome, collapsed, brackets the two binary fits."""
    result = ordinal_regression("answer ~ x + stage", data, covariance="CR1", clusters="school")
    assert result.definition["n_clusters"] == 24
    assert (result.coefficients["df"] == 23).all()
    for cut, label in ((1, "> 1"), (2, "> 2"), (3, "> 3")):
        binary = logistic_regression("high ~ x + stage", data.assign(high=(data["answer"] > cut).astype(int)))
        own = binary.coefficients.loc[result.splits.index, "estimate"]
        assert result.splits[label].to_numpy() == pytest.approx(own.to_numpy(), rel=1e-8)
    assert result.proportional_odds.loc["overall", "df"] == 3 * 2
    assert result.proportional_odds.loc["overall", "p_value"] > 0.01, "the odds of the sample are proportional"


def test_odds_that_are_not_proportional_are_named():
    random = np.random.default_rng(3)
    x = random.normal(size=4000)
    answer = np.where(random.uniform(size=4000) < 1 / (1 + np.exp(-2 * x)), 2, 1)
    answer = np.where((answer == 2) & (random.uniform(size=4000) < 0.5), 3, answer)
    result = ordinal_regression("answer ~ x", pd.DataFrame({"x": x, "answer": answer}))
    assert result.proportional_odds.loc["overall", "p_value"] < 1e-6
    assert "odds_not_proportional" in [note.id for note in result.notes]


def test_separation_is_named(data):
    apart = data.assign(sure=data["high"] * (data["x"] > 0.3))
    for formula in ("high ~ x + sure", "high ~ x + sure + stage"):
        with pytest.raises(InsufficientDataError, match="sure tell") as error:
            logistic_regression(formula, apart)
        assert error.value.note.id == "separation"
    with pytest.raises(InsufficientDataError, match="x tell"):
        logistic_regression("high ~ x", data.assign(high=(data["x"] > 0).astype(int)))
    with pytest.raises(InsufficientDataError, match="top tell"):
        ordinal_regression("answer ~ x + top", data.assign(top=(data["answer"] == 4).astype(int)))
    far = data.assign(x=100 * data["x"])  # a steep slope alone is no separation
    assert logistic_regression("high ~ x", far).coefficients.loc["x", "estimate"] < 0.1


@pytest.mark.parametrize(
    ("change", "id"),
    [
        ({"high": 1}, "constant_outcome"),
        ({"high": [0, 1, 2] * 200}, "outcome_not_binary"),
        ({"x": np.nan}, "no_complete_row"),
        ({"x": 2.0}, "collinear"),
        ({"school": 1}, "one_cluster"),
    ],
)
def test_what_a_logistic_regression_cannot_estimate(data, change, id):
    with pytest.raises(InsufficientDataError) as error:
        logistic_regression("high ~ x", data.assign(**change), covariance="CR2", clusters="school")
    assert error.value.note.id == id


def test_what_an_ordinal_regression_cannot_estimate(data):
    with pytest.raises(InsufficientDataError, match="three or more"):
        ordinal_regression("high ~ x", data)
    with pytest.raises(InsufficientDataError, match="follows exactly"):
        ordinal_regression("answer ~ x + twice", data.assign(twice=2 * data["x"]))
    with pytest.raises(ValueError, match="leave out"):
        ordinal_regression("answer ~ x", data, levels=[1, 2, 3])
    unused = ordinal_regression("answer ~ x", data, levels=[1, 2, 3, 4, 5])
    assert "categories_unused" in [note.id for note in unused.notes]
    for call in (logistic_regression, ordinal_regression):
        with pytest.raises(ValueError, match="covariance"):
            call("high ~ x", data, covariance="HC9")
        with pytest.raises(ValueError, match="needs clusters"):
            call("high ~ x", data, covariance="CR1")
        with pytest.raises(ValueError, match="did you mean high"):
            call("hihg ~ x", data)


def test_blocks_of_a_plan(scored_of):
    scored = scored_of(nested_in=("company",))
    high = run_logistic(scored, outcome="hostility", at_least=2.0, predictors=("leadership_climate", "rank"))
    assert high.definition["covariance"] == "CR2"
    assert high.definition["n_clusters"] == 49
    assert high.fit["n_events"] == int((scored.scales["hostility"][scored.background["rank"].notna()] >= 2).sum())
    item = run_ordinal(scored, outcome="HOSTIL01", predictors=("leadership_climate",))
    assert item.definition["covariance"] == "CR1"
    assert item.coefficients.loc["leadership_climate", "odds_ratio"] < 1
    for result in (high, item):
        again = Result.from_json(result.to_json())
        pd.testing.assert_frame_equal(again.coefficients, result.coefficients)
        assert kinds(result) == ("odds_ratios",)
        one, other = (save(plot(result, language=language)) for language in ("en", "zh"))
        assert one[0] != other[0]
