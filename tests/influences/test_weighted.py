"""Weighted and design-based estimates against R's survey package."""

import numpy as np
import pandas as pd
import pytest
from samples_of_reference import bfi, lq2002
from scipy import stats

from leadership_study.errors import InsufficientDataError, PlanError
from leadership_study.influences.weighted import design_means, design_regression, run
from leadership_study.results import Result
from leadership_study.samples.survey_design import survey_design

closed = {"rel": 1e-9, "abs": 1e-300}


def drawn(name):
    if name == "lq2002":
        data = lq2002()
        return data.assign(w=0.5 + (data["SUB"] % 4) / 2, psu=data["COMPID"]), "HOSTILE", "LEAD"
    data = bfi()
    row = np.arange(1, len(data) + 1)
    weights = np.where(data["gender"] == 1, 1.5, 0.8) * (1 + (row % 3) / 4)
    return data.assign(w=weights, psu=(row - 1) // 50 + 1), "N", "E"


@pytest.mark.parametrize("kind", ["weights_only", "cluster"])
@pytest.mark.parametrize("name", ["lq2002", "bfi"])
def test_means(reference, name, kind):
    value = reference(name)(f"survey.mean.{kind}")
    data, first, second = drawn(name)
    clusters = "psu" if kind == "cluster" else None
    columns = [first, second, "w", *([clusters] if clusters else [])]
    result = design_means(data[columns], weights="w", clusters=clusters)
    table = result.means
    z = stats.norm.ppf(0.975)
    normal = np.column_stack([table["mean"] - z * table["std_error"], table["mean"] + z * table["std_error"]])
    mine = {
        "mean": table["mean"].to_dict(), "se": table["std_error"].to_dict(), "df": result.df,
        "deff": table.loc[first, "design_effect_population"], "total": table.loc[first, "total"],
        "total_se": table.loc[first, "total_std_error"], "kish_neff": result.effective_n,
    }  # fmt: skip
    assert set(value) == {"vcov", "ci_normal", *mine}
    for key, number in mine.items():
        assert number == pytest.approx(value[key], **closed), key
    assert value["vcov"]["rows"] == list(result.covariance.index)
    assert result.covariance.to_numpy() == pytest.approx(np.array(value["vcov"]["data"]), **closed)
    assert normal == pytest.approx(np.array(value["ci_normal"]["data"]), **closed)


@pytest.mark.parametrize("kind", ["weights_only", "cluster"])
@pytest.mark.parametrize("name", ["lq2002", "bfi"])
def test_regression(reference, name, kind):
    value = reference(name)(f"survey.glm.{kind}")
    data, first, second = drawn(name)
    result = design_regression(f"{first} ~ {second}", data, weights="w", clusters="psu" if kind == "cluster" else None)
    table = result.coefficients.rename(index={"intercept": "(Intercept)"})
    assert set(value) == {"coef", "se", "vcov", "df", "table"}
    assert table["estimate"].to_dict() == pytest.approx(value["coef"], **closed)
    assert table["std_error"].to_dict() == pytest.approx(value["se"], **closed)
    assert result.df == value["df"]
    assert result.covariance.to_numpy() == pytest.approx(np.array(value["vcov"]["data"]), **closed)
    for row in value["table"]:
        mine = table.loc[row["row"]]
        theirs = [row[key] for key in ("Estimate", "Std. Error", "t value", "Pr(>|t|)")]
        assert [mine["estimate"], mine["std_error"], mine["statistic"], mine["p_value"]] == pytest.approx(
            theirs, rel=1e-8, abs=1e-300
        )
        assert len(row) == 5


def test_weighted_variance(reference):
    value = reference("lq2002")("survey.weighted_var")
    data, _, _ = drawn("lq2002")
    row = design_means(data[["HOSTILE", "w"]], weights="w").means.loc["HOSTILE"]
    mine = {"svyvar": row["sd"] ** 2, "weighted_mean": row["mean"], "median": row["median"]}
    assert mine == pytest.approx(value, rel=1e-10)


def test_strata_and_clusters_by_hand():
    """Binder's (1983) sums written out, cluster by cluster, for the first 600 rows of bfi."""
    data = drawn("bfi")[0].iloc[:600]
    data = data.assign(st=(np.arange(600) // 300), psu=(np.arange(600) // 20) % 15)
    means = design_means(data[["N", "w", "st", "psu"]], weights="w", strata="st", clusters="psu")
    mean = np.average(data["N"], weights=data["w"])
    variance = 0.0
    for _, stratum in data.assign(z=data["w"] * (data["N"] - mean) / data["w"].sum()).groupby("st"):
        totals = stratum.groupby("psu")["z"].sum()
        variance += len(totals) * totals.var(ddof=1)
    assert means.means.loc["N", "std_error"] == pytest.approx(variance**0.5, rel=1e-10)
    assert means.df == 28
    fit = design_regression("N ~ E + age", data, weights="w", strata="st", clusters="psu")
    x = np.column_stack([np.ones(600), data["E"], data["age"]])
    w = data["w"].to_numpy()
    bread = np.linalg.inv((x * w[:, None]).T @ x)
    b = bread @ (x * w[:, None]).T @ data["N"]
    scores = pd.DataFrame(x * (w * (data["N"] - x @ b).to_numpy())[:, None]).assign(
        st=data["st"].to_numpy(), psu=data["psu"].to_numpy()
    )
    middle = sum(15 * np.cov(part.groupby("psu")[[0, 1, 2]].sum().T) for _, part in scores.groupby("st"))
    assert fit.coefficients["std_error"].to_numpy() == pytest.approx(np.sqrt(np.diag(bread @ middle @ bread)), rel=1e-8)
    assert fit.df == 26


def test_without_weights_it_is_the_plain_mean():
    rng = np.random.default_rng(1)
    data = pd.DataFrame({"a": rng.normal(size=80)})
    row = design_means(data).means.loc["a"]
    assert row["std_error"] == pytest.approx(data["a"].std() / 80**0.5, rel=1e-12)
    assert row["design_effect"] == pytest.approx(1)
    assert row["median"] == pytest.approx(data["a"].median())
    assert row["df"] == 79


def test_design_based_intervals_cover():
    """Clusters of a population without end: 95 % intervals hold its mean in about 95 % of samples."""
    rng = np.random.default_rng(6)
    covered = 0
    for _ in range(200):
        cluster = np.repeat(np.arange(30), 10)
        data = pd.DataFrame({"y": rng.normal(size=30)[cluster] + rng.normal(size=300), "w": rng.uniform(1, 3, 300)})
        row = design_means(data, weights="w", clusters=cluster).means.loc["y"]
        covered += row["ci_low"] < 0 < row["ci_high"]
    assert 180 <= covered <= 198


def test_what_cannot_be_estimated_says_why():
    data = pd.DataFrame({"y": [1.0, 2, 3, 4], "w": [1.0, 1, 1, 1], "s": [1, 1, 1, 2]})
    with pytest.raises(InsufficientDataError) as error:
        design_means(data, weights="w", strata="s")
    assert error.value.note.id == "lonely_stratum"
    with pytest.raises(ValueError, match="above 0"):
        design_means(data.assign(w=[0.0, 1, 1, 1]), weights="w")
    with pytest.raises(InsufficientDataError) as error:
        design_means(data.assign(y=np.nan), weights="w")
    assert error.value.note.id == "design_too_few"
    with pytest.raises(InsufficientDataError) as error:
        design_regression("y ~ s", data, clusters=[1, 1, 2, 2])
    assert error.value.note.id == "design_too_few_clusters"
    lonely = survey_design(np.ones(4), np.array([0, 0, 1, 1]), np.array([0, 1, 0, 1]))
    assert lonely.df == 2, "the same number in another stratum is another cluster"


def test_run_uses_the_weights_of_the_responses(scored_of, lq2002):
    weights = 0.5 + (lq2002["SUB"] % 4) / 2
    result = run(scored_of(weights=weights.to_numpy()), outcome="hostility", predictors=("leadership_climate", "rank"))
    assert result.means.loc["hostility", "std_error"] == pytest.approx(0.047082863707167855, rel=1e-9)
    assert list(result.coefficients.index)[:2] == ["intercept", "leadership_climate"]
    plain = run(scored_of())
    assert "no_weights" in [note.id for note in plain.notes]
    assert plain.coefficients.empty
    with pytest.raises(PlanError, match="both"):
        run(scored_of(), outcome="hostility")
    for one in (result, plain):
        back = Result.from_json(one.to_json())
        for name, table in one.tables().items():
            pd.testing.assert_frame_equal(back.tables()[name], table, check_index_type=len(table) > 0)
