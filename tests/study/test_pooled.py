"""One result from those of imputed data sets: Rubin's rules against mice, and what is averaged, kept or left out."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd
import pytest

from leadership_study.errors import InsufficientDataError
from leadership_study.results import Note, NotEstimated, Result
from leadership_study.study.pooled import is_averaged, pool_results, pool_table


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Fitted(Result):
    coefficients: pd.DataFrame
    fit: pd.Series
    loadings: pd.DataFrame
    n: int

    main: ClassVar[str] = "coefficients"


def fitted(shift: float, n: int = 50, **changes) -> Fitted:
    terms = pd.Index(["a", "b"], name="term")
    table = pd.DataFrame({"estimate": [1.0 + shift, 2.0 - shift], "std_error": [0.5, 0.25], "df": [20.0, 20.0]}, terms)
    table = table.assign(
        statistic=table["estimate"] / table["std_error"], p_value=0.01 + shift, ci_low=0.0 + shift, ci_high=3.0,
        beta=[0.3 + shift, np.nan], verdict=["good", "good" if shift else "poor"],
    )  # fmt: skip
    return Fitted(
        coefficients=table,
        fit=pd.Series({"r_squared": 0.2 + shift, "statistic": 4.0 + shift, "n": 50.0}).rename_axis("statistic"),
        loadings=pd.DataFrame({"F1": [0.1, shift]}, index=pd.Index(["x", "y"], name="item")),
        n=n,
        definition={"n": n},
        **changes,
    )


RESULTS = [fitted(shift) for shift in (0.0, 0.1, 0.2)]


def test_estimates_are_pooled_and_everything_beside_them_made_anew():
    pooled = pool_results(RESULTS, fitted(9.0))
    row = pooled.coefficients.loc["a"]
    between = 0.01
    total = 0.25 + (1 + 1 / 3) * between
    share = (1 + 1 / 3) * between / total
    large, observed = 2 / share**2, 21 / 23 * 20 * (1 - share)
    df = large * observed / (large + observed)
    riv = (1 + 1 / 3) * between / 0.25
    assert row["estimate"] == pytest.approx(1.1)
    assert row["std_error"] == pytest.approx(np.sqrt(total))
    assert row["df"] == pytest.approx(df)
    assert row["statistic"] == pytest.approx(1.1 / np.sqrt(total))
    assert row["fmi"] == pytest.approx((riv + 2 / (df + 3)) / (1 + riv))
    assert row["ci_low"] < 1.1 < row["ci_high"]
    assert row["p_value"] != pytest.approx(0.11)  # no mean of p values
    assert pooled.definition["imputations"] == 3


def test_other_numbers_are_means_the_same_or_left_out():
    pooled = pool_results(RESULTS, fitted(9.0))
    assert pooled.coefficients.loc["a", "beta"] == pytest.approx(0.4)
    assert pooled.coefficients["verdict"].tolist() == [None, None]
    assert pooled.fit["r_squared"] == pytest.approx(0.3)
    assert np.isnan(pooled.fit["statistic"])
    assert pooled.fit["n"] == 50
    assert pooled.n == 50


def test_a_table_that_cannot_be_pooled_is_that_of_the_answers_as_given():
    pooled = pool_results(RESULTS, fitted(9.0))
    assert pooled.loadings.loc["y", "F1"] == 9.0
    assert [note.id for note in pooled.notes] == ["pooled_by_rubin", "tables_of_observed_answers"]
    missing = pool_results(RESULTS, NotEstimated.because(Note("tiny_too_few", "Too few.")))
    assert missing.loadings["F1"].isna().all()
    assert missing.notes[-1].id == "tables_left_empty"


def test_notes_stay_when_every_data_set_gave_them():
    common, own = Note("common", "The same."), Note("own", "Only here.")
    first = fitted(0.0, notes=(common, own))
    pooled = pool_results([first, fitted(0.1, notes=(common,))], first)
    assert pooled.notes[0].id == "common"
    assert "own" not in [note.id for note in pooled.notes]


def test_results_that_mean_something_else_in_every_data_set_are_refused():
    @dataclass(frozen=True, kw_only=True, eq=False, repr=False)
    class Factors(Fitted):
        aligned: ClassVar[bool] = False

    turned = [
        Factors(**{name: getattr(one, name) for name in ("coefficients", "fit", "loadings", "n")}) for one in RESULTS
    ]
    with pytest.raises(InsufficientDataError, match="cannot be put together"):
        pool_results(turned, turned[0])

    @dataclass(frozen=True, kw_only=True, eq=False, repr=False)
    class Loadings(Fitted):
        main: ClassVar[str] = "loadings"

    others = [
        Loadings(**{name: getattr(one, name) for name in ("coefficients", "fit", "loadings", "n")}) for one in RESULTS
    ]
    with pytest.raises(InsufficientDataError, match="cannot be put together"):
        pool_results(others, others[0])


def test_one_data_set_without_a_result_leaves_none():
    failed = NotEstimated.because(Note("tiny_too_few", "Too few."))
    with pytest.raises(InsufficientDataError, match="imputed data set 2: Too few"):
        pool_results([RESULTS[0], failed], RESULTS[0])


def test_rows_that_differ_between_data_sets_are_not_pooled():
    frames = [one.coefficients for one in RESULTS]
    table, kind = pool_table([frames[0], frames[1].rename({"b": "c"})], None, 0.95)
    assert kind == "none"
    assert table["estimate"].isna().all()


@pytest.mark.parametrize(
    "name", ["alpha", "mean", "r_squared", "beta", "corrected_item_total", "icc1", "delta_r_squared"]
)
def test_descriptive_statistics_are_averaged(name):
    assert is_averaged(name)


@pytest.mark.parametrize(
    "name", ["alpha_ci_low", "p_value", "r_ci_high", "statistic", "chi_square", "df2", "n", "verdict"]
)
def test_tests_and_limits_are_not(name):
    assert not is_averaged(name)


def test_the_pooled_coefficients_of_mice(reference):
    found = reference("bfi")("missing.pool_rubin")
    terms, df = found["coef"]["rows"], float(found["residual_df"])
    estimates = np.array(found["coef"]["data"]).T
    errors = np.array(found["se"]["data"]).T
    frames = [
        pd.DataFrame({"estimate": one, "std_error": se, "statistic": one / se, "df": df, "p_value": 0.5}, index=terms)
        for one, se in zip(estimates, errors, strict=True)
    ]
    table, kind = pool_table(frames, None, 0.95)
    assert kind == "rubin"
    for row in found["summary"]:
        own = table.loc[row["term"]]
        for theirs, ours in (("estimate", "estimate"), ("std.error", "std_error"), ("statistic", "statistic"),
                             ("df", "df"), ("p.value", "p_value")):  # fmt: skip
            assert own[ours] == pytest.approx(row[theirs], rel=1e-6, abs=1e-12)
