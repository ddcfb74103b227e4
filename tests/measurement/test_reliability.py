"""Alpha, omega and split halves against R, and what they refuse."""

import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pingouin
import pytest
from reference_models import SCALES, data_of

from leadership_study.errors import ConvergenceError, InsufficientDataError, PlanError
from leadership_study.measurement.reliability import cronbach_alpha, mcdonald_omega, run, split_half, verdict
from leadership_study.results import Result
from leadership_study.samples.moments import moments

CLOSED = {"rel": 1e-8, "abs": 1e-10, "nan_ok": False}
OPTIMISED = 1e-5  # lavaan stops its search there


@pytest.fixture(params=[(data_set, name) for data_set in SCALES for name in SCALES[data_set]], ids=".".join)
def scale(request):
    return request.param


@pytest.fixture
def items(scale):
    """Answers to the items of one scale; those of bfi have gaps."""
    data_set, name = scale
    return data_of(data_set)[SCALES[data_set][name]]


@pytest.fixture
def section(reference, scale):
    """``section("alpha", "pairwise")``: the value of alpha.<this scale>.pairwise of this scale's data set."""
    data_set, name = scale
    return lambda topic, *rest: reference(data_set)(".".join([topic, name, *rest]))


@pytest.fixture(params=["listwise", "pairwise"])
def alpha_of_psych(request, section, scale):
    """The rule for missing answers, and what psych has for it: without gaps both of its rules are one section."""
    complete = request.param == "listwise" and scale[0] == "bfi"
    return request.param, section("alpha", "complete" if complete else "pairwise")


def toy(n: int = 40, k: int = 4, seed: int = 3) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    common = random.normal(size=(n, 1))
    values = np.clip(np.round(3 + common + random.normal(size=(n, k))), 1, 5)
    return pd.DataFrame(values, columns=[f"q{at}" for at in range(k)])


def as_frame(rows: list[dict]) -> pd.DataFrame:
    return pd.DataFrame(rows).set_index("row")


# --- alpha against psych ----------------------------------------------------------------------------------------------


def test_alpha_is_psychs(items, alpha_of_psych):
    missing, expected = alpha_of_psych
    assert set(expected) == {
        "total", "feldt_ci", "duhachek_ci", "alpha_drop", "item_stats", "var_r", "unidim", "n_var",
    }  # fmt: skip
    found = cronbach_alpha(items, missing=missing, interval_n="rows", totals="answered")
    total = {
        "raw_alpha": found.alpha,
        "std.alpha": found.standardized_alpha,
        "G6(smc)": found.guttman_lambda6,
        "average_r": found.average_r,
        "S/N": found.signal_to_noise,
        "ase": found.std_error,
        "mean": found.mean,
        "sd": found.sd,
        "median_r": found.median_r,
    }
    rows = len(items if missing == "pairwise" else items.dropna())
    assert total == pytest.approx(expected["total"], **CLOSED)
    assert found.variance_r == pytest.approx(expected["var_r"], **CLOSED)
    assert (found.n_items, found.n) == (expected["n_var"], rows)
    assert {"lower": found.ci_low, "upper": found.ci_high} == pytest.approx(expected["feldt_ci"], **CLOSED)
    assert {"Unidim": found.unidimensionality} == pytest.approx(expected["unidim"], **CLOSED)


def test_item_statistics_are_psychs(items, alpha_of_psych):
    missing, expected = alpha_of_psych
    expected = as_frame(expected["item_stats"])
    names = {
        "n": "n",
        "raw.r": "item_total",
        "std.r": "standardized_item_total",
        "r.cor": "overlap_corrected_item_total",
        "r.drop": "corrected_item_total",
        "mean": "mean",
        "sd": "sd",
    }
    assert set(expected.columns) == set(names)
    found = cronbach_alpha(items, missing=missing, totals="answered").items
    assert list(found.index) == list(expected.index)
    # By default the correlation with the total follows from the pairwise covariances, as all else does.
    of_moments = cronbach_alpha(items, missing=missing).items
    np.testing.assert_allclose(of_moments["item_total"], found["item_total"], atol=0.005)
    pd.testing.assert_frame_equal(of_moments.drop(columns="item_total"), found.drop(columns="item_total"))
    for theirs, ours in names.items():
        np.testing.assert_allclose(found[ours], expected[theirs].astype(float), rtol=1e-8, err_msg=theirs)


def test_coefficients_without_an_item_are_psychs(items, alpha_of_psych):
    missing, expected = alpha_of_psych
    expected = as_frame(expected["alpha_drop"])
    names = {
        "raw_alpha": "alpha",
        "std.alpha": "standardized_alpha",
        "G6(smc)": "guttman_lambda6",
        "average_r": "average_r",
        "S/N": "signal_to_noise",
        "alpha se": "std_error",
        "var.r": "variance_r",
        "med.r": "median_r",
    }
    assert set(expected.columns) == set(names)
    found = cronbach_alpha(items, missing=missing, interval_n="rows")
    assert list(found.items.index) == list(expected.index)
    for theirs, ours in names.items():
        want = expected[theirs].astype(float)  # var.r of three items is NA: one correlation is left
        np.testing.assert_allclose(found.items[f"{ours}_if_deleted"], want, rtol=1e-8, err_msg=theirs)


def test_duhacheks_interval_is_psychs(items, alpha_of_psych):
    missing, expected = alpha_of_psych
    expected = expected["duhachek_ci"]
    assert set(expected) == {"ase", "lower", "upper", "note"}
    found = cronbach_alpha(items, interval="duhachek", missing=missing, interval_n="rows")
    assert found.std_error == pytest.approx(expected["ase"], **CLOSED)
    # psych writes 1.96 for the normal quantile
    printed = [found.alpha - 1.96 * found.std_error, found.alpha + 1.96 * found.std_error]
    assert printed == pytest.approx([expected["lower"], expected["upper"]], **CLOSED)
    assert [found.ci_low, found.ci_high] == pytest.approx(printed, abs=4e-5 * found.std_error)


def test_guttmans_bounds_are_psychs(items, section):
    expected = dict(section("guttman"))
    alpha = cronbach_alpha(items)
    bounds = alpha.guttman["correlation"]
    for at in (1, 2, 3, 5, 6):
        assert bounds[f"lambda{at}"] == pytest.approx(expected.pop(f"lambda.{at}"), **CLOSED), at
    assert alpha.guttman.loc["lambda3", "covariance"] == alpha.alpha
    k = alpha.n_items
    assert bounds["lambda5_plus"] == pytest.approx(expected.pop("lambda.5p"), **CLOSED)
    assert bounds["theta"] == pytest.approx(expected.pop("alpha.pc"), **CLOSED)
    # λ4 of every split: psych visits half of them when k is odd, and names the lowest one it saw beta.
    halves = split_half(items).splits.loc["lambda4_correlation"]
    best, worst = expected.pop("lambda.4"), expected.pop("beta")
    if k % 2 == 0:
        assert [halves["maximum"], halves["minimum"]] == pytest.approx([best, worst], **CLOSED)
    assert halves["minimum"] - 1e-12 <= worst <= best <= halves["maximum"] + 1e-12
    # Coefficients of the second principal component, of which this package has none: from the same correlations.
    first, second = np.linalg.eigvalsh(items.dropna().corr())[:-3:-1]
    theta = k / (k - 1) * (1 - 1 / first)
    between = theta * (2 * first / (first + second) - 1)
    assert between == pytest.approx(expected.pop("r.pc"), **CLOSED)
    assert 2 * between / (1 + between) == pytest.approx(expected.pop("beta.pc"), **CLOSED)
    # psych's "glb" takes the communalities of one minres search that it stops at 1e-3: an approximation of the bound.
    assert bounds["lambda2"] - 0.02 < expected.pop("glb") < 1
    assert expected == {}


def test_alpha_of_moments_is_alpha_of_the_rows(items):
    items = items.dropna()
    by_rows = cronbach_alpha(items)
    by_moments = cronbach_alpha(moments(items.corr(), len(items), means=items.mean(), sd=items.std()))
    for name in ("alpha", "ci_low", "ci_high", "guttman_lambda6", "std_error", "mean", "sd", "n"):
        assert getattr(by_moments, name) == pytest.approx(getattr(by_rows, name), rel=1e-10), name
    pd.testing.assert_frame_equal(by_moments.items, by_rows.items, rtol=1e-10)


def test_alpha_of_bare_correlations_says_that_it_is_the_standardised_one():
    items = toy()
    found = cronbach_alpha(moments(items.corr(), len(items)))
    assert found.alpha == found.standardized_alpha == pytest.approx(cronbach_alpha(items).standardized_alpha)
    assert found.definition["matrix"] == "correlation"
    assert "alpha_of_correlations" in [note.id for note in found.notes]
    assert math.isnan(found.mean)


# --- missing answers --------------------------------------------------------------------------------------------------


def test_listwise_interval_counts_the_rows_left_not_the_rows_received():
    """pingouin 0.7 prints [0.581, 0.933]: it counts n before it drops incomplete rows."""
    wide = pingouin.read_dataset("cronbach_wide_missing")
    found = cronbach_alpha(wide)
    assert found.n == 9
    assert found.alpha == pytest.approx(0.8017, abs=5e-5)
    assert [found.ci_low, found.ci_high] == pytest.approx([0.533, 0.947], abs=5e-4)
    theirs = pingouin.cronbach_alpha(wide.dropna(), nan_policy="listwise")
    assert found.alpha == pytest.approx(theirs[0], rel=1e-12)


def test_pairwise_interval_counts_the_smallest_pair_unless_told():
    items = toy(60)
    items.iloc[:20, 0] = np.nan
    items.iloc[30:35, 1] = np.nan
    smallest = cronbach_alpha(items, missing="pairwise")
    rows = cronbach_alpha(items, missing="pairwise", interval_n="rows")
    assert (smallest.n, rows.n) == (35, 60)
    assert smallest.alpha == rows.alpha
    assert smallest.ci_low < rows.ci_low
    assert list(smallest.items["n"]) == [40, 55, 60, 60]


# --- intervals --------------------------------------------------------------------------------------------------------


def test_bonetts_interval():
    found = cronbach_alpha(toy(), interval="bonett")
    spread = 1.959963984540054 * math.sqrt(2 * 4 / (3 * 38))
    assert found.ci_low == pytest.approx(1 - math.exp(math.log(1 - found.alpha) + spread))
    assert found.ci_high == pytest.approx(1 - math.exp(math.log(1 - found.alpha) - spread))


@pytest.mark.parametrize("interval", ["feldt", "bonett", "duhachek"])
def test_intervals_cover_the_true_alpha(interval):
    # k parallel items with r = 1/2: alpha = k r / (1 + (k − 1) r) = .8
    random = np.random.default_rng(11)
    hits = 0
    for _ in range(400):
        values = random.normal(size=(80, 1)) + random.normal(size=(80, 4))
        found = cronbach_alpha(pd.DataFrame(values, columns=list("abcd")), interval=interval)
        hits += found.ci_low <= 0.8 <= found.ci_high
    assert 0.92 <= hits / 400 <= 0.98


def test_bootstrap_interval_is_near_feldts_and_reproducible(lq2002):
    items = lq2002[[f"HOSTIL0{at}" for at in range(1, 6)]].iloc[:300]
    first = cronbach_alpha(items, interval="bootstrap", bootstrap=1000, seed=5)
    again = cronbach_alpha(items, interval="bootstrap", bootstrap=1000, seed=5)
    other = cronbach_alpha(items, interval="bootstrap", bootstrap=1000, seed=6)
    assert (first.ci_low, first.ci_high) == (again.ci_low, again.ci_high)
    assert first.ci_low != other.ci_low
    feldt = cronbach_alpha(items)
    assert first.alpha == feldt.alpha
    assert [first.ci_low, first.ci_high] == pytest.approx([feldt.ci_low, feldt.ci_high], abs=0.03)


def test_bootstrap_over_groups_is_wider_when_groups_differ():
    random = np.random.default_rng(4)
    groups = np.repeat(np.arange(12), 30)
    spread = random.uniform(0, 2, size=12)[groups][:, None]  # consistency differs from group to group
    values = spread * random.normal(size=(360, 1)) + random.normal(size=(360, 5))
    items = pd.DataFrame(values, columns=list("abcde"))
    rows = cronbach_alpha(items, interval="bootstrap", bootstrap=500, seed=1)
    whole = cronbach_alpha(
        items, interval="bootstrap", bootstrap=500, seed=1, clusters=pd.Series(groups, index=items.index)
    )
    assert whole.ci_high - whole.ci_low > 1.5 * (rows.ci_high - rows.ci_low)
    assert whole.definition["clusters"] == 12
    assert "bootstrap_few_groups" in [note.id for note in whole.notes]


def test_bootstrap_of_pairwise_and_of_complete_rows_agree_without_gaps():
    items = toy(50)
    options = {"interval": "bootstrap", "bootstrap": 150, "seed": 2}
    complete = cronbach_alpha(items, **options)
    pairwise = cronbach_alpha(items, missing="pairwise", **options)
    assert [complete.ci_low, complete.ci_high] == pytest.approx([pairwise.ci_low, pairwise.ci_high], rel=1e-10)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"interval": "fisher"}, "'interval' parameter of cronbach_alpha must be one of 'feldt'"),
        ({"interval_n": "all"}, "'interval_n' parameter"),
        ({"missing": "mean"}, "'missing' parameter"),
        ({"confidence_level": 95}, "must lie between 0 and 1. Got 95"),
        ({"interval": "bootstrap", "seed": 1}, "'bootstrap' parameter .* at least 100"),
        ({"interval": "bootstrap", "bootstrap": 200}, "'seed' parameter"),
        ({"bootstrap": 200}, "must be 'bootstrap' when"),
        ({"interval": "bootstrap", "bootstrap": 100, "seed": 1, "clusters": ["a"]}, "must have 40 values"),
    ],
)
def test_wrong_options_are_refused_in_words(options, message):
    with pytest.raises(ValueError, match=message):
        cronbach_alpha(toy(), **options)


def test_bootstrap_needs_rows_and_groups_without_gaps():
    items = toy()
    with pytest.raises(InsufficientDataError, match="needs the answers themselves"):
        cronbach_alpha(moments(items.cov(), 40), interval="bootstrap", bootstrap=100, seed=1)
    groups = pd.Series(["a", None] * 20)
    with pytest.raises(ValueError, match="name a group for every row"):
        cronbach_alpha(items, interval="bootstrap", bootstrap=100, seed=1, clusters=groups)


# --- edges ------------------------------------------------------------------------------------------------------------


def test_items_that_oppose_each_other_give_a_negative_alpha_and_say_so():
    random = np.random.default_rng(1)
    base = random.normal(size=200)
    items = pd.DataFrame({"a": base + 0.3 * random.normal(size=200), "b": -base + 0.3 * random.normal(size=200)})
    found = cronbach_alpha(items)
    assert found.alpha < 0
    assert found.ci_low < found.alpha < found.ci_high
    assert {"alpha_negative", "items_against_the_rest"} <= {note.id for note in found.notes}


def test_a_badly_keyed_item_is_named():
    items = toy(200)
    items["q1"] = 6 - items["q1"]
    note = next(note for note in cronbach_alpha(items).notes if note.id == "items_against_the_rest")
    assert note.values["items"] == "q1"


def test_items_that_cancel_out_have_no_alpha():
    items = pd.DataFrame({"a": [1.0, 2, 3, 4], "b": [4.0, 3, 2, 1]})
    with pytest.raises(InsufficientDataError, match="cancel each other out"):
        cronbach_alpha(items)
    with pytest.raises(InsufficientDataError, match="cancel each other out"):
        split_half(items)


def test_two_items_have_alpha_but_nothing_is_left_without_one():
    items = toy(k=2)
    found = cronbach_alpha(items)
    r = items.corr().iloc[0, 1]
    assert found.standardized_alpha == pytest.approx(2 * r / (1 + r))
    assert found.items["alpha_if_deleted"].isna().all()
    assert list(found.items["corrected_item_total"]) == pytest.approx([r, r])
    with pytest.raises(InsufficientDataError, match="at least 3 items; there are 2"):
        mcdonald_omega(items)
    halves = split_half(items)
    assert halves.n_splits == 1
    assert halves.maximum == halves.minimum == pytest.approx(halves.guttman_lambda4)


@pytest.mark.parametrize("function", [cronbach_alpha, split_half])
def test_one_item_has_no_consistency(function):
    with pytest.raises(InsufficientDataError, match="at least 2 items; there are 1"):
        function(toy(k=1))


@pytest.mark.parametrize("function", [cronbach_alpha, split_half, mcdonald_omega])
def test_constant_and_empty_items_are_named(function):
    with pytest.raises(InsufficientDataError, match="same answer to q2"):
        function(toy().assign(q2=4))
    with pytest.raises(InsufficientDataError, match="No respondent answered q0"):
        function(toy().assign(q0=np.nan))


@pytest.mark.parametrize("function", [cronbach_alpha, split_half, mcdonald_omega])
def test_text_and_infinity_are_refused(function):
    with pytest.raises(TypeError, match="'q2' holds"):
        function(toy().assign(q2="agree"))
    with pytest.raises(ValueError, match="'q2' holds an infinite number"):
        function(toy().assign(q2=np.inf))


def test_fewer_respondents_than_items():
    items = toy(n=5, k=8)
    found = cronbach_alpha(items)
    assert math.isfinite(found.alpha)
    assert math.isnan(found.guttman_lambda6)
    assert "squared_multiple_correlations_undefined" in [note.id for note in found.notes]
    with pytest.raises(InsufficientDataError):
        mcdonald_omega(items)


def test_adding_1e8_changes_nothing_but_the_means():
    items = toy()
    near, far = cronbach_alpha(items), cronbach_alpha(items + 1e8)
    for name in ("alpha", "ci_low", "ci_high", "guttman_lambda6", "std_error", "sd"):
        assert getattr(near, name) == getattr(far, name), name
    pd.testing.assert_frame_equal(near.items.drop(columns="mean"), far.items.drop(columns="mean"), check_exact=True)
    for function in (mcdonald_omega, split_half):
        assert function(items).to_json() == function(items + 1e8).to_json()


def test_order_of_rows_and_items_is_irrelevant():
    items = toy(k=6)
    turned = items.sample(frac=1, random_state=0)[["q3", "q0", "q5", "q1", "q4", "q2"]]
    first, second = cronbach_alpha(items), cronbach_alpha(turned)
    assert second.alpha == pytest.approx(first.alpha, rel=1e-13)
    pd.testing.assert_frame_equal(second.items.loc[first.items.index], first.items, rtol=1e-10)
    assert mcdonald_omega(turned).omega == pytest.approx(mcdonald_omega(items).omega, rel=1e-9)
    one, two = split_half(items), split_half(turned)
    assert [two.maximum, two.minimum, two.mean] == pytest.approx([one.maximum, one.minimum, one.mean], rel=1e-12)


# --- omega against lavaan ---------------------------------------------------------------------------------------------


def test_omega_is_lavaans(items, section):
    items, expected = items.dropna(), section("omega_1f")
    found, observed = mcdonald_omega(items), mcdonald_omega(items, denominator="observed")
    assert found.n == expected["n"]
    columns = {"loading": "loadings", "residual_variance": "residual_variances", "standardized_loading": "std_loadings"}
    for ours, theirs in columns.items():
        assert found.items[ours].to_dict() == pytest.approx(expected[theirs], rel=OPTIMISED), theirs
    values = {
        "omega_congeneric": found.omega,
        "omega_observed_variance": observed.omega,
        "CR_std": found.composite_reliability,
        "AVE_std": found.average_variance_extracted,
    }
    for name, value in values.items():
        assert value == pytest.approx(expected[name], rel=OPTIMISED), name
    rows = expected["semTools_reliability"]
    semtools = {row: values[0] for row, values in zip(rows["rows"], rows["data"], strict=True)}
    assert cronbach_alpha(items).alpha == pytest.approx(semtools["alpha"], rel=1e-8)
    assert [found.omega, found.omega, observed.omega] == pytest.approx(
        [semtools["omega"], semtools["omega2"], semtools["omega3"]], rel=OPTIMISED
    )
    assert observed.omega == pytest.approx(expected["semTools_compRelSEM"]["F"], rel=OPTIMISED)
    assert found.omega == pytest.approx(expected["semTools_compRelSEM_modelvar"]["F"], rel=OPTIMISED)
    raw_ave = (found.items["loading"] ** 2).sum() / (items.var(ddof=0)).sum()
    assert raw_ave == pytest.approx(semtools["avevar"], rel=OPTIMISED)
    assert raw_ave == pytest.approx(expected["semTools_AVE"]["F"], rel=OPTIMISED)


def test_fit_of_the_one_factor_model_is_lavaans(items, section):
    expected = section("omega_1f")["fit"]
    found = mcdonald_omega(items)
    assert set(expected) == {"chisq", "df", "pvalue", "cfi", "tli", "rmsea", "srmr"}
    assert found.df == expected["df"]
    assert found.chi_square == pytest.approx(expected["chisq"], rel=1e-6, abs=1e-6)
    assert found.srmr == pytest.approx(expected["srmr"], rel=OPTIMISED, abs=1e-6)
    ours = [found.p_value, found.cfi, found.tli, found.rmsea]
    if found.df == 0:  # lavaan: CFI 1, TLI 1, RMSEA 0 of a model that cannot fail
        assert all(math.isnan(value) for value in ours)
        assert "omega_just_identified" in [note.id for note in found.notes]
    else:
        theirs = [expected[name] for name in ("pvalue", "cfi", "tli", "rmsea")]
        assert ours == pytest.approx(theirs, rel=OPTIMISED, abs=1e-12)


def test_omega_finds_the_loadings_it_was_made_from():
    random = np.random.default_rng(8)
    loadings = np.array([0.5, 1.0, 1.5, 2.0])
    values = random.normal(size=(200_000, 1)) * loadings + random.normal(size=(200_000, 4))
    found = mcdonald_omega(pd.DataFrame(values, columns=list("abcd")))
    np.testing.assert_allclose(found.items["loading"], loadings, atol=0.02)
    assert found.omega == pytest.approx(25 / 29, abs=0.003)


def test_omega_says_when_an_item_loads_negatively():
    items = toy(200)
    items["q1"] = 6 - items["q1"]
    note = next(note for note in mcdonald_omega(items).notes if note.id == "omega_negative_loadings")
    assert note.values["items"] == "q1"


def test_omega_says_when_a_residual_variance_vanishes():
    correlations = pd.DataFrame([[1, 0.9, 0.9], [0.9, 1, 0.7], [0.9, 0.7, 1]], index=list("abc"), columns=list("abc"))
    found = mcdonald_omega(moments(correlations, 100))
    assert next(note for note in found.notes if note.id == "omega_heywood").values["items"] == "a"


def test_omega_takes_moments(items):
    items = items.dropna()
    by_rows = mcdonald_omega(items)
    by_moments = mcdonald_omega(moments(items.cov(), len(items)))
    assert by_moments.omega == pytest.approx(by_rows.omega, rel=1e-8)
    assert by_moments.chi_square == pytest.approx(by_rows.chi_square, rel=1e-6, abs=1e-6)


# --- split halves against R -------------------------------------------------------------------------------------------


def test_odd_even_halves_are_rs(items, section):
    expected = section("odd_even")
    found = split_half(items)
    ours = {
        "n": found.n,
        "r": found.correlation,
        "spearman_brown": found.spearman_brown,
        "guttman_split": found.guttman_lambda4,
    }
    assert ours == pytest.approx(expected, **CLOSED)


def test_all_splits_are_rs(items, section):
    expected = section("split_half_all")
    found = split_half(items)
    assert found.n == expected["n"]
    assert set(expected) == {"n", *found.splits.index}
    names = {"n_splits": "n_splits", "max": "maximum", "min": "minimum", "mean": "mean", "median": "median"}
    for form in found.splits.index:
        assert set(expected[form]) == set(names)
        for theirs, ours in names.items():
            assert found.splits.loc[form, ours] == pytest.approx(expected[form][theirs], **CLOSED), (form, theirs)
    own = expected["lambda4_covariance"]
    assert [found.maximum, found.minimum, found.mean, found.median, found.n_splits] == pytest.approx(
        [own["max"], own["min"], own["mean"], own["median"], own["n_splits"]], **CLOSED
    )


def test_splits_visited_by_psych_lie_within_ours(items, section):
    expected = section("split_half")
    found = split_half(items).splits.loc["lambda4_correlation"]
    assert expected["max_lambda4"] <= found["maximum"] + 1e-12
    assert expected["min_beta"] >= found["minimum"] - 1e-12
    alpha = cronbach_alpha(items)
    bounds = alpha.guttman["correlation"]
    assert [bounds["lambda2"], bounds["lambda3"], bounds["lambda6"], alpha.average_r, alpha.median_r] == pytest.approx(
        [expected[name] for name in ("lambda2", "alpha_lambda3", "lambda6", "average_r", "median_r")], **CLOSED
    )


def test_mean_of_all_even_splits_is_alpha():
    """Cronbach's theorem, for any items when k is even."""
    items = toy(k=6)
    found = split_half(items)
    assert found.n_splits == 10
    assert found.mean == pytest.approx(cronbach_alpha(items).alpha, rel=1e-12)


def test_horsts_formula_is_spearman_brown_for_equal_halves_and_knows_unequal_ones():
    even = split_half(toy(k=4))
    assert even.horst == pytest.approx(even.spearman_brown, rel=1e-12)
    # three parallel items with r = .5: their sum has reliability .75, whatever the halves
    parallel = pd.DataFrame(np.full((3, 3), 0.5) + 0.5 * np.eye(3), index=list("abc"), columns=list("abc"))
    odd = split_half(moments(parallel, 100))
    assert odd.horst == pytest.approx(0.75, rel=1e-12)
    assert odd.spearman_brown < 0.75


def test_more_than_16_items_are_split_at_random_and_it_says_so():
    items = toy(n=100, k=18)
    found, again = split_half(items, seed=3), split_half(items, seed=3)
    assert found.n_splits == 10_000
    assert "splits_sampled" in [note.id for note in found.notes]
    assert found.to_json() == again.to_json()
    assert split_half(items, seed=4).mean != found.mean
    assert found.mean == pytest.approx(cronbach_alpha(items).alpha, abs=0.002)


def test_16_items_are_split_in_all_ways():
    assert split_half(toy(n=50, k=16)).n_splits == 6435


# --- the analysis -----------------------------------------------------------------------------------------------------


def test_run_is_the_functions_for_each_dimension(scored_lq2002):
    found = run(scored_lq2002)
    assert list(found.table.index) == ["leadership_climate", "task_significance", "hostility"]
    for dimension, row in found.table.iterrows():
        answers = scored_lq2002.scale_items(dimension)
        alpha, halves = cronbach_alpha(answers), split_half(answers)
        assert row["alpha"] == alpha.alpha
        assert (row["alpha_ci_low"], row["alpha_ci_high"]) == (alpha.ci_low, alpha.ci_high)
        assert row["omega"] == mcdonald_omega(answers).omega
        assert (row["spearman_brown"], row["guttman_lambda4"]) == (halves.spearman_brown, halves.guttman_lambda4)
        assert row["std_error_of_measurement"] == pytest.approx(alpha.sd * math.sqrt(1 - alpha.alpha))
        assert (row["n"], row["n_items"]) == (2042, answers.shape[1])
        pd.testing.assert_frame_equal(found.items.loc[dimension], alpha.items)
        assert found.alphas[dimension].alpha == alpha.alpha
    assert list(found.table["verdict"]) == ["consider_shortening", "very_good", "very_good"]
    assert "consistency_of_raters" in [note.id for note in found.notes]
    assert Result.from_json(found.to_json()).to_json() == found.to_json()
    assert found.to_frame().index.name == "dimension"


def test_run_says_that_weights_are_not_used(make_scored):
    scored = make_scored(toy(), {"d": ["q0", "q1", "q2"]})
    weighted = replace(scored, weights=pd.Series(1.5, index=scored.items.index))
    assert "weights_not_used" in [note.id for note in run(weighted).notes]
    assert "weights_not_used" not in [note.id for note in run(scored).notes]


def test_run_without_nesting_does_not_warn_of_it(make_scored):
    found = run(make_scored(toy(), {"d": ["q0", "q1", "q2", "q3"]}))
    assert not {"consistency_of_raters", "interval_ignores_nesting"} & {note.id for note in found.notes}


def test_run_refuses_a_scale_that_is_no_dimension(scored_lq2002):
    with pytest.raises(PlanError, match="one dimension at a time, and 'LEAD01' is not one; choose"):
        run(scored_lq2002, scales=("items",))


def test_one_bad_dimension_does_not_sink_the_others(make_scored):
    data = toy(k=5).assign(q3=2.0)
    found = run(make_scored(data, {"good": ["q0", "q1", "q2"], "bad": ["q3", "q4"]}))
    assert list(found.table.index) == ["good"]
    note = next(note for note in found.notes if note.id == "dimension_not_estimated")
    reason = "All respondents gave the same answer to q3; leave them out of `items`, or of their dimension."
    assert str(note) == f"bad is left out: {reason}"
    with pytest.raises(InsufficientDataError, match="bad is left out"):
        run(make_scored(data, {"bad": ["q3", "q4"]}))


def test_two_items_have_no_omega_and_the_note_says_why(make_scored):
    found = run(make_scored(toy(), {"d": ["q0", "q1"]}))
    assert math.isnan(found.table.loc["d", "omega"])
    assert "dimension_without_omega" in [note.id for note in found.notes]


def test_bootstrap_in_a_nested_study_draws_outermost_groups(make_scored):
    data = toy(120).assign(school=np.arange(120) // 10, district=np.arange(120) // 40)
    scored = make_scored(data, {"d": ["q0", "q1", "q2", "q3"]}, groups={"school": "school", "district": "district"})
    found = run(scored, interval="bootstrap", bootstrap=200, seed=9)
    assert found.alphas["d"].definition["clusters"] == 3
    assert "interval_ignores_nesting" not in [note.id for note in found.notes]


def test_bootstrap_over_groups_needs_every_group(make_scored):
    scored = make_scored(toy().assign(school="a"), {"d": ["q0", "q1", "q2"]}, groups={"school": "school"})
    scored.groups.iloc[:3, 0] = np.nan
    with pytest.raises(InsufficientDataError, match="For 3 respondents the school is not known"):
        run(scored, interval="bootstrap")


@pytest.mark.parametrize(
    ("alpha", "word"),
    [
        (-0.2, "unacceptable"),
        (0.599, "unacceptable"),
        (0.60, "undesirable"),
        (0.65, "minimally_acceptable"),
        (0.70, "respectable"),
        (0.80, "very_good"),
        (0.90, "very_good"),
        (0.901, "consider_shortening"),
    ],
)
def test_bands_of_devellis_and_thorpe(alpha, word):
    assert verdict(alpha) == word


def test_a_search_that_stopped_short_gives_no_omega(monkeypatch):
    from leadership_study.measurement import _omega

    real = _omega.one_factor
    monkeypatch.setattr(_omega, "one_factor", lambda correlation: replace(real(correlation), converged=False))
    with pytest.raises(ConvergenceError, match="did not converge"):
        mcdonald_omega(toy())


def test_a_residual_variance_just_above_zero_is_not_cut_off():
    # lavaan 0.6: theta1 .00199 (divisor n), chi-square 0, omega .851329.
    loadings = np.array([0.999, 0.8, 0.7, 0.6, 0.5])
    matrix = np.outer(loadings, loadings)
    np.fill_diagonal(matrix, 1.0)
    names = list("abcde")
    found = mcdonald_omega(moments(pd.DataFrame(matrix, index=names, columns=names), 200))
    assert found.omega == pytest.approx(0.85132903, abs=1e-8)
    assert found.chi_square == pytest.approx(0, abs=1e-9)
    assert found.items["residual_variance"].iloc[0] * 200 / 199 == pytest.approx(1 - 0.999**2, abs=1e-9)
    assert next(note for note in found.notes if note.id == "omega_heywood").values["items"] == "a"


def test_a_negative_residual_variance_is_what_maximum_likelihood_says():
    # Three items have a closed solution: the squared loading of a is r_ab r_ac / r_bc.
    matrix = pd.DataFrame([[1, 0.9, 0.9], [0.9, 1, 0.7], [0.9, 0.7, 1]], index=list("abc"), columns=list("abc"))
    found = mcdonald_omega(moments(matrix, 100))
    assert found.items["communality"]["a"] == pytest.approx(0.81 / 0.7, rel=1e-8)
    assert found.items["residual_variance"]["a"] < 0
    squared = np.array([0.81 / 0.7, 0.7, 0.7])
    common = np.sqrt(squared).sum() ** 2
    assert found.omega == pytest.approx(common / (common + (1 - squared).sum()), rel=1e-8)
    assert "omega_heywood" in [note.id for note in found.notes]


def test_a_matrix_of_no_one_set_of_answers_has_no_standard_error_and_no_warning():
    rng = np.random.default_rng(0)
    seen = 0
    for _ in range(400):
        matrix = np.eye(5)
        matrix[np.tril_indices(5, -1)] = rng.uniform(-0.99, 0.99, 10)
        matrix += np.tril(matrix, -1).T
        if matrix.sum() <= 0.01:
            continue
        names = list("abcde")
        given = moments(pd.DataFrame(matrix, index=names, columns=names), 40)
        found = cronbach_alpha(given)
        told = "alpha_without_standard_error" in [note.id for note in found.notes]
        assert told == math.isnan(found.std_error)
        seen += told
    assert seen > 0


def test_halves_with_negative_variances_have_no_coefficient():
    names = list("abcdef")
    matrix = np.full((6, 6), -0.9)  # each half of a–c and of d–f varies less than nothing, the whole varies
    matrix[:3, 3:] = matrix[3:, :3] = 0.9
    np.fill_diagonal(matrix, 1.0)
    found = split_half(moments(pd.DataFrame(matrix, index=names, columns=names), 40))
    assert math.isnan(found.splits.loc["spearman_brown_covariance", "maximum"])
    assert "splits_without_coefficient" in [note.id for note in found.notes]


def test_a_bootstrap_of_one_group_is_refused():
    items = toy(60)
    with pytest.raises(InsufficientDataError, match="come from one group"):
        cronbach_alpha(items, interval="bootstrap", bootstrap=200, seed=1, clusters=["a"] * 60)


@pytest.mark.parametrize(
    ("bootstrap", "interval"), [(-1, "feldt"), (-1, "bootstrap"), (0, "bootstrap"), (2.5, "feldt")]
)
def test_a_number_of_resamples_that_cannot_be(bootstrap, interval):
    with pytest.raises(ValueError, match=r"'bootstrap' parameter .* Got"):
        cronbach_alpha(toy(60), interval=interval, bootstrap=bootstrap, seed=1)


def test_every_dimension_that_failed_says_why(make_scored):
    data = pd.DataFrame({"a": [3.0] * 9, "b": [1.0, 2, 3] * 3, "c": [np.nan] * 9, "d": [1.0, 2, 3] * 3})
    with pytest.raises(InsufficientDataError) as caught:
        run(make_scored(data, {"first": ["a", "b"], "second": ["c", "d"]}))
    told = str(caught.value)
    assert "first is left out: All respondents gave the same answer to a;" in told
    assert "second is left out: No respondent answered c;" in told


def test_one_respondent_is_too_few_and_no_item_to_blame():
    with pytest.raises(InsufficientDataError, match="at least two are needed"):
        cronbach_alpha(pd.DataFrame({"a": [1.0], "b": [2.0]}))
    with pytest.raises(InsufficientDataError, match="at least two are needed"):
        cronbach_alpha(pd.DataFrame({"a": [1.0], "b": [2.0]}), missing="pairwise")
