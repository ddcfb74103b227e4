"""Regression against R (lm, sandwich, clubSandwich, car), and where answers are too few, nested or odd."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from leadership_study.errors import InsufficientDataError
from leadership_study.influences.regression import hierarchical_regression, regress
from leadership_study.results import Result
from leadership_study.samples.cluster_robust import cluster_robust
from leadership_study.samples.least_squares import least_squares
from leadership_study.samples.univariate import skewness_kurtosis

FORMULA = "HOSTILE ~ LEAD + TSIG + SIZE3"
R_NAMES = {
    "(Intercept)": "intercept",
    "LEAD": "LEAD",
    "TSIG": "TSIG",
    "SIZE3medium": "SIZE3[medium]",
    "SIZE3large": "SIZE3[large]",
}
R_COLUMNS = {
    "est": "estimate", "se": "std_error", "t": "statistic", "df": "df", "p": "p_value", "ci_lower": "ci_low",
    "ci_upper": "ci_high",
}  # fmt: skip
close = {"rel": 1e-8, "abs": 1e-300}


@pytest.fixture
def d2(lq2002):
    """The scale means and the made-up size factor that the R calls use."""
    scales = {"LEAD": ("LEAD", 11), "TSIG": ("TSIG", 3), "HOSTILE": ("HOSTIL", 5)}
    frame = pd.DataFrame(
        {name: lq2002[[f"{stem}{at:02d}" for at in range(1, k + 1)]].mean(axis=1) for name, (stem, k) in scales.items()}
    )
    size = lq2002.groupby("COMPID")["COMPID"].transform("size")
    frame["SIZE3"] = pd.cut(size, [0, 40, 70, np.inf], labels=["small", "medium", "large"])
    return frame.assign(COMPID=lq2002["COMPID"], SUB=lq2002["SUB"])


@pytest.fixture
def r(reference):
    return reference("lq2002")


def test_ols_agrees_with_lm(d2, r):
    value, result = r("ols.full"), regress(FORMULA, d2)
    assert len(value["coefficients"]) == len(result.coefficients) == 5
    for row in value["coefficients"]:
        for name in ("est", "se", "t", "p", "ci_lower", "ci_upper"):
            mine = result.coefficients.loc[R_NAMES[row["row"]], R_COLUMNS[name]]
            assert mine == pytest.approx(row[name], **close), (row["row"], name)
    names = {
        "n": "n", "r2": "r_squared", "adj_r2": "adj_r_squared", "sigma": "residual_sd", "F": "statistic", "df1": "df1",
        "df2": "df2", "p_F": "p_value", "rss": "residual_sum_of_squares", "logLik": "log_likelihood", "AIC": "aic",
        "BIC": "bic",
    }  # fmt: skip
    assert set(value) == set(names) | {"coefficients", "fitted_first5"}
    for theirs, mine in names.items():
        assert result.fit[mine] == pytest.approx(value[theirs], **close), theirs
    assert _fit(d2).fitted[:5] == pytest.approx(value["fitted_first5"], **close)


def _fit(d2):
    dummies = [(d2["SIZE3"] == level).to_numpy(float) for level in ("medium", "large")]
    design = np.column_stack([np.ones(len(d2)), d2["LEAD"], d2["TSIG"], *dummies])
    return least_squares(design, d2["HOSTILE"].to_numpy(), tuple(R_NAMES.values()))


def test_standardised_betas(d2, r):
    value, result = r("ols.standardised_betas"), regress(FORMULA, d2)
    for name, beta in value.items():
        assert result.coefficients.loc[R_NAMES[name], "beta"] == pytest.approx(beta, **close)
    assert np.isnan(result.coefficients.loc["intercept", "beta"])


def test_collinearity_agrees_with_car(d2, r):
    value, result = r("ols.vif"), regress(FORMULA, d2)
    for name, vif in value["vif_columns"].items():
        assert result.coefficients.loc[R_NAMES[name], "vif"] == pytest.approx(vif, **close)
        assert result.coefficients.loc[R_NAMES[name], "tolerance"] == pytest.approx(
            value["tolerance_columns"][name], **close
        )
    car = value["car_vif"]
    assert list(result.collinearity.index) == car["rows"]
    assert result.collinearity.to_numpy() == pytest.approx(np.array(car["data"]), **close)


def test_durbin_watson_only_with_an_order(d2, r):
    value = r("ols.durbin_watson")
    shuffled = d2.sample(frac=1, random_state=1)
    diagnostics = regress(FORMULA, shuffled, order="SUB").diagnostics
    assert diagnostics["durbin_watson"] == pytest.approx(value["dw"], **close)
    assert diagnostics["residual_autocorrelation"] == pytest.approx(value["r"], rel=1e-7)
    assert "durbin_watson" not in regress(FORMULA, d2).diagnostics
    with pytest.raises(ValueError, match="order"):
        regress(FORMULA, d2, order="nothing")


def test_heteroscedasticity(d2, r):
    value, table = r("ols.breusch_pagan"), regress(FORMULA, d2).heteroscedasticity
    names = {
        "koenker_studentised": "koenker",
        "original": "breusch_pagan",
        "car_ncvTest_fitted": "fitted_values",
        "white": "white_fitted",
    }
    assert set(value) == set(names)
    for theirs, mine in names.items():
        for key, column in {"stat": "statistic", "df": "df", "p": "p_value"}.items():
            assert table.loc[mine, column] == pytest.approx(value[theirs][key], rel=1e-7, abs=1e-300), (mine, key)


@pytest.mark.parametrize("kind", ["HC0", "HC1", "HC2", "HC3", "HC4"])
def test_heteroscedasticity_consistent_errors(d2, r, kind):
    value, result = r(f"ols.{kind}"), regress(FORMULA, d2, covariance=kind)
    _same_errors(value, result, {"se": "std_error", "t": "statistic", "p": "p_value"})
    assert _fit(d2).covariance(kind) == pytest.approx(np.array(value["vcov"]["data"]), rel=1e-7, abs=1e-12)
    assert (result.coefficients["df"] == 2037).all()
    assert set(value) == {"se", "t", "p", "vcov"}


@pytest.mark.parametrize("kind", ["CR0", "CR1", "CR1S"])
def test_cluster_errors_as_sandwich(d2, r, kind):
    value = r(f"ols.{kind}")
    by_groups = regress(FORMULA, d2, covariance=kind, clusters="COMPID", df="G-1")
    normal = regress(FORMULA, d2, covariance=kind, clusters="COMPID", df="normal")
    _same_errors(value, by_groups, {"se": "std_error", "t": "statistic", "p_tG1": "p_value"})
    _same_errors(value, normal, {"p_norm": "p_value"})
    assert by_groups.definition["n_clusters"] == value["n_clusters"] == 49
    assert set(value) == {"n_clusters", "se", "t", "p_tG1", "p_norm", "vcov"}
    codes = np.unique(d2["COMPID"], return_inverse=True)[1]
    covariance = cluster_robust(_fit(d2), codes, kind).covariance
    assert covariance == pytest.approx(np.array(value["vcov"]["data"]), rel=1e-7, abs=1e-12)


def _same_errors(value, result, columns):
    for key, column in columns.items():
        assert set(value[key]) == set(R_NAMES)
        for term, number in value[key].items():
            assert result.coefficients.loc[R_NAMES[term], column] == pytest.approx(number, rel=1e-7, abs=1e-300)


def test_hierarchical(d2, r):
    value = r("ols.hierarchical")
    result = hierarchical_regression("HOSTILE", [["SIZE3"], ["LEAD", "TSIG"]], d2)
    first, second = result.steps.loc["1"], result.steps.loc["2"]
    mine = {
        "r2_block1": first["r_squared"], "r2_block2": second["r_squared"], "delta_r2": second["delta_r_squared"],
        "F_change": second["statistic"], "df1": second["df1"], "df2": second["df2"], "p": second["p_value"],
        "f2_cohen": second["cohen_f2"],
    }  # fmt: skip
    assert set(mine) | {"coef_block1"} == set(value)
    for key, number in mine.items():
        assert number == pytest.approx(value[key], **close), key
    for term, number in value["coef_block1"].items():
        assert result.step_coefficients.loc[("1", R_NAMES[term]), "estimate"] == pytest.approx(number, **close)
    assert result.definition["test_of_change"] == "f"
    assert first["delta_r_squared"] == first["r_squared"]
    assert result.to_frame() is result.coefficients
    pd.testing.assert_frame_equal(result.step_coefficients.loc["2"], result.coefficients)


def test_diagnostics(d2, r):
    value, mine = r("ols.diagnostics"), regress(FORMULA, d2).diagnostics
    names = {
        "cook_max": "cook_largest", "cook_gt_4_n": "cook_above_four_over_n", "leverage_max": "leverage_largest",
        "rstudent_absmax": "studentised_largest", "n_rstudent_gt3": "studentised_above_three",
        "dffits_absmax": "dffits_largest", "shapiro_W": "shapiro_w", "shapiro_p": "shapiro_p_value",
        "condition_number": "condition_number",
    }  # fmt: skip
    for theirs, own in names.items():
        # Royston's p value in R is in single-digit agreement with scipy's port at 1e-27; all else is exact.
        assert mine[own] == pytest.approx(value[theirs], rel=1e-6, abs=1e-300), theirs
    assert int(mine["cook_largest_row"]) + 1 == value["cook_argmax_row"]
    skewness, kurtosis = skewness_kurtosis(_fit(d2).residuals, type=3)
    assert skewness == pytest.approx(value["resid_skew_type3"], **close)
    assert kurtosis == pytest.approx(value["resid_kurtosis_type3"], **close)
    assert set(value) == set(names) | {"cook_argmax_row", "resid_skew_type3", "resid_kurtosis_type3"}


@pytest.mark.parametrize("rows", ["all", "few"])
@pytest.mark.parametrize("kind", ["CR0", "CR1", "CR1S", "CR2", "CR3"])
def test_cluster_errors_as_clubsandwich(d2, reference, rows, kind):
    value = reference("lq2002_few_clusters")(f"cluster_robust.{rows}")
    assert set(value) == {"CR0", "CR1", "CR1S", "CR2", "CR3"}
    data = d2 if rows == "all" else d2[d2["COMPID"].isin(sorted(d2["COMPID"].unique())[:8])]
    result = regress("HOSTILE ~ TSIG + LEAD", data, covariance=kind, clusters="COMPID")
    assert [R_NAMES[row["term"]] for row in value[kind]] == list(result.coefficients.index)
    for row in value[kind]:
        assert set(row) == {"term", *R_COLUMNS}
        for theirs, mine in R_COLUMNS.items():
            tolerance = 1e-8 if theirs == "est" else 1e-6
            number = result.coefficients.loc[R_NAMES[row["term"]], mine]
            assert number == pytest.approx(row[theirs], rel=tolerance), (row["term"], theirs)


@pytest.mark.parametrize("rows", ["all", "few"])
def test_htz_as_clubsandwich(d2, reference, rows):
    value = reference("lq2002_few_clusters")(f"htz.{rows}")
    data = d2 if rows == "all" else d2[d2["COMPID"].isin(sorted(d2["COMPID"].unique())[:8])]
    result = hierarchical_regression("HOSTILE", [["TSIG"], ["LEAD"]], data, covariance="CR2", clusters="COMPID")
    tests = {"step2_LEAD": result.steps.loc["2"], "both": result.fit}
    assert set(value) == set(tests)
    for key, test in tests.items():
        for theirs, mine in {"F": "statistic", "df_num": "df1", "df_denom": "df2", "p": "p_value"}.items():
            assert test[mine] == pytest.approx(value[key][theirs], rel=1e-6), (key, theirs)
    assert result.definition["test_of_change"] == "htz"
    assert [note.id for note in result.notes] == (["few_clusters_bootstrapped"] if rows == "few" else [])


def test_robust_change_is_not_the_classical_f(d2):
    classical = hierarchical_regression("HOSTILE", [["TSIG"], ["LEAD", "SIZE3"]], d2).steps.loc["2", "statistic"]
    robust = hierarchical_regression("HOSTILE", [["TSIG"], ["LEAD", "SIZE3"]], d2, covariance="HC3")
    fit = _fit(d2)
    v, b = fit.covariance("HC3"), fit.estimates
    at = [1, 3, 4]
    by_hand = b[at] @ np.linalg.inv(v[np.ix_(at, at)]) @ b[at] / 3
    assert robust.steps.loc["2", "statistic"] == pytest.approx(by_hand, rel=1e-8)
    assert abs(by_hand - classical) > 1
    assert robust.definition["test_of_change"] == "wald_f"


def test_statsmodels_agrees(d2):
    from statsmodels.api import OLS

    fit = _fit(d2)
    other = OLS(fit.outcome, fit.design).fit(cov_type="HC3")
    assert fit.estimates == pytest.approx(other.params, rel=1e-9)
    assert np.sqrt(np.diag(fit.covariance("HC3"))) == pytest.approx(other.bse, rel=1e-9)


def _by_hand_cr2(design, outcome, codes):
    """CR2 and its degrees of freedom with whole n × n matrices: the definition, slow and plain."""
    n, p = design.shape
    m = np.linalg.inv(design.T @ design)
    hat = design @ m @ design.T
    residuals = outcome - hat @ outcome
    meat, columns = np.zeros((p, p)), [[] for _ in range(p)]
    for code in range(codes.max() + 1):
        rows = np.flatnonzero(codes == code)
        values, vectors = np.linalg.eigh(np.eye(len(rows)) - hat[np.ix_(rows, rows)])
        power = np.where(values > 1e-10, np.abs(values), np.inf) ** -0.5
        root = vectors @ np.diag(power) @ vectors.T
        half = design[rows].T @ root
        score = half @ residuals[rows]
        meat += np.outer(score, score)
        for k in range(p):
            columns[k].append((np.eye(n) - hat)[:, rows] @ root @ design[rows] @ m[:, k])
    df = []
    for k in range(p):
        product = np.column_stack(columns[k]).T @ np.column_stack(columns[k])
        df.append(np.trace(product) ** 2 / (product**2).sum())
    return m @ meat @ m, df


def test_cr2_by_definition_with_singletons_and_dummies(d2):
    """Singleton clusters, a cluster with its own dummy (I − H singular) and a group-level predictor."""
    rng = np.random.default_rng(3)
    codes = np.array([0, 1, 2, 2, 2, 3, 3, 4, 4, 4, 4, 5, 5, 5, 6, 6, 6, 6, 6, 6])
    x = rng.normal(size=20)
    data = pd.DataFrame(
        {"y": x + rng.normal(size=20), "x": x, "own": (codes == 4).astype(float), "z": codes % 3.0, "g": codes}
    )
    result = regress("y ~ x + own + z", data, covariance="CR2", clusters="g")
    design = np.column_stack([np.ones(20), data["x"], data["own"], data["z"]])
    covariance, df = _by_hand_cr2(design, data["y"].to_numpy(), codes)
    assert result.coefficients["std_error"].to_numpy() == pytest.approx(np.sqrt(np.diag(covariance)), rel=1e-8)
    assert result.coefficients["df"].to_numpy() == pytest.approx(df, rel=1e-7)


def test_cr2_with_every_row_its_own_cluster_is_hc2(d2):
    data = d2.head(200)
    alone = regress("HOSTILE ~ LEAD + TSIG", data, covariance="CR2", clusters="SUB")
    hc2 = regress("HOSTILE ~ LEAD + TSIG", data, covariance="HC2")
    assert alone.coefficients["std_error"].to_numpy() == pytest.approx(hc2.coefficients["std_error"].to_numpy())


def test_what_the_clusters_fit_exactly_has_no_error(d2):
    """A dummy for every cluster leaves residuals that sum to 0 in each: the sandwich would be 0 and p 0."""
    data = d2.head(300)
    result = regress("HOSTILE ~ C(COMPID)", data, covariance="CR2", clusters="COMPID")
    assert result.coefficients[["std_error", "statistic", "p_value", "df", "ci_low"]].isna().all(axis=None)
    assert np.isnan(result.fit["p_value"])
    assert "error_not_estimable" in [note.id for note in result.notes]
    inside = regress("HOSTILE ~ LEAD + C(COMPID)", data, covariance="CR2", clusters="COMPID").coefficients
    assert 0.02 < inside.loc["LEAD", "std_error"] < 0.3


def test_row_order_and_cluster_names_do_not_matter(d2):
    shuffled = d2.sample(frac=1, random_state=7)
    a = regress(FORMULA, d2, covariance="CR2", clusters="COMPID").coefficients
    b = regress(FORMULA, shuffled, covariance="CR2", clusters=shuffled["COMPID"].map(lambda c: f"c{c}")).coefficients
    assert a.to_numpy() == pytest.approx(b.to_numpy(), rel=1e-9, nan_ok=True)


def test_satterthwaite_tests_keep_their_level():
    """With 8 clusters, an intraclass correlation and no slope, CR2 rejects about 5 %, classical errors far more."""
    rng = np.random.default_rng(11)
    codes = np.repeat(np.arange(8), 12)
    rejected = {"CR2": 0, "nonrobust": 0}
    for _ in range(400):
        x = np.repeat(rng.normal(size=8), 12)
        y = np.repeat(rng.normal(size=8), 12) * 0.6 + rng.normal(size=96)
        fit = least_squares(np.column_stack([np.ones(96), x]), y, ("intercept", "x"))
        robust = cluster_robust(fit, codes, "CR2")
        for kind, covariance, df in (
            ("CR2", robust.covariance, robust.satterthwaite_df(np.eye(2))[1]),
            ("nonrobust", fit.covariance(), 94),
        ):
            p_value = 2 * stats.t.sf(abs(fit.estimates[1]) / covariance[1, 1] ** 0.5, df)
            rejected[kind] += int(p_value < 0.05)
    assert 6 <= rejected["CR2"] <= 34
    assert rejected["nonrobust"] > 120


def test_missing_values_are_left_out_and_counted(d2):
    d2.loc[:9, "LEAD"] = np.nan
    d2.loc[5:14, "COMPID"] = np.nan
    result = hierarchical_regression("HOSTILE", [["TSIG"], ["LEAD"]], d2, covariance="CR2", clusters="COMPID")
    assert result.definition["n"] == 2042 - 15
    assert (result.steps["n"] == 2042 - 15).all(), "the first step uses the rows of the last"
    assert {note.id: note.values for note in result.notes} == {
        "rows_left_out": {"left_out": 10, "received": 2042},
        "rows_without_group": {"left_out": 5, "received": 2042},
    }
    by_formula = regress("HOSTILE ~ TSIG + LEAD", d2, covariance="CR2", clusters="COMPID")
    pd.testing.assert_frame_equal(by_formula.coefficients, result.coefficients)


def test_text_becomes_dummies_and_says_so(d2):
    d2["SIZE3"] = d2["SIZE3"].astype(str)
    result = hierarchical_regression("HOSTILE", [["SIZE3"]], d2)
    assert list(result.coefficients.index) == ["intercept", "SIZE3[medium]", "SIZE3[small]"]
    assert str(result.notes[0]) == "The levels of SIZE3 are compared with large."
    assert str(regress("HOSTILE ~ SIZE3", d2).notes[0]) == str(result.notes[0])


def test_columns_called_like_functions(d2):
    plain = regress("HOSTILE ~ LEAD + C(COMPID)", d2).coefficients
    odd = d2.rename(columns={"LEAD": "C", "HOSTILE": "Q"})
    result = regress("Q ~ C + C(COMPID)", odd).coefficients
    assert list(result.index[:3]) == ["intercept", "C", "COMPID[3]"]
    assert result.to_numpy() == pytest.approx(plain.to_numpy(), nan_ok=True)
    named = d2.rename(columns={"LEAD": "领导 氛围"})
    assert "领导 氛围" in regress('HOSTILE ~ Q("领导 氛围") + TSIG', named).coefficients.index
    assert "LEAD:TSIG" in regress("HOSTILE ~ LEAD * TSIG", d2).coefficients.index


def test_formula_sees_nothing_but_the_data(d2):
    secret = d2["LEAD"]  # noqa: F841
    with pytest.raises(ValueError, match="secret"):
        regress("HOSTILE ~ secret", d2)


@pytest.mark.parametrize(
    ("change", "id"),
    [
        (lambda d: d.assign(COMPID=1), "one_cluster"),
        (lambda d: d.assign(HOSTILE=2.0), "constant_outcome"),
        (lambda d: d.assign(LEAD=d["TSIG"] * 2 + 1), "collinear"),
        (lambda d: d.assign(LEAD=3.0), "collinear"),
        (lambda d: d.assign(LEAD=np.nan), "no_complete_row"),
        (lambda d: d.iloc[[0, 1000, 2000]], "too_few_rows"),
    ],
)
def test_what_cannot_be_estimated_says_why(d2, change, id):
    data = change(d2)
    for call in (
        lambda: regress("HOSTILE ~ TSIG + LEAD", data, covariance="CR2", clusters="COMPID"),
        lambda: hierarchical_regression("HOSTILE", [["TSIG"], ["LEAD"]], data, covariance="CR2", clusters="COMPID"),
    ):
        with pytest.raises(InsufficientDataError) as error:
            call()
        assert error.value.note.id == id


def test_more_coefficients_than_clusters_leaves_the_change_untested(d2):
    data = d2[d2["COMPID"].isin(sorted(d2["COMPID"].unique())[:3])].assign(
        a=lambda d: np.sin(d["SUB"]), b=lambda d: np.cos(d["SUB"])
    )
    result = hierarchical_regression("HOSTILE", [["LEAD", "TSIG", "a", "b"]], data, covariance="CR2", clusters="COMPID")
    assert np.isnan(result.steps.loc["1", "p_value"])
    assert "change_not_tested" in [note.id for note in result.notes]


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda d: regress("HOSTILE ~ LEAD", d, covariance="HC9"), ValueError, "'covariance' parameter of regress"),
        (lambda d: regress("HOSTILE ~ LEAD", d, covariance="CR2"), ValueError, "needs clusters"),
        (lambda d: regress("HOSTILE ~ LEAD", d, clusters="COMPID"), ValueError, "to have an effect"),
        (lambda d: regress("HOSTILE ~ LEAD", d, df="G-1"), ValueError, "needs clusters"),
        (lambda d: regress("HOSTILE ~ LEAD", d, df="many"), ValueError, "'df' parameter"),
        (lambda d: regress("HOSTILE ~ LEAD", d, confidence_level=95), ValueError, "confidence_level"),
        (lambda d: regress("HOSTILE", d), ValueError, "outcome ~ predictors"),
        (lambda d: regress("HOSTILE ~ (LEAD", d), ValueError, "brackets"),
        (lambda d: regress("HOSTILE ~ LAED", d), ValueError, "LAED"),
        (lambda d: regress("SIZE3 ~ LEAD", d), TypeError, "text cannot be an outcome"),
        (lambda d: regress("HOSTILE ~ LEAD", d.assign(LEAD=np.inf)), ValueError, "'LEAD' holds an infinite"),
        (lambda d: hierarchical_regression("HOSTILE", [["LAED"]], d), ValueError, "LEAD"),
        (lambda d: hierarchical_regression("SIZE3", [["LEAD"]], d), TypeError, "'SIZE3' holds"),
        (lambda d: hierarchical_regression("HOSTILE", [["LEAD"], ["LEAD"]], d), ValueError, "more than once"),
        (lambda d: hierarchical_regression("HOSTILE", ["LEAD"], d), ValueError, "list of lists"),
    ],
)
def test_wrong_use_names_the_place(d2, call, error, message):
    with pytest.raises(error, match=message):
        call(d2)


def test_survives_json(d2):
    result = hierarchical_regression("HOSTILE", [["SIZE3"], ["LEAD"]], d2, covariance="CR2", clusters="COMPID")
    back = Result.from_json(result.to_json())
    for name, table in result.tables().items():
        pd.testing.assert_frame_equal(back.tables()[name], table)
    assert "Hierarchical regression" in str(result)
