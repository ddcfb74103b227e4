"""The calls on lq2002 that Bliese's manual of the R package multilevel shows, to the digits that version 2.7 prints."""

import numpy as np
import pandas as pd
import pytest

from leadership_study.errors import EstimationError
from leadership_study.influences.correlations import correlate
from leadership_study.influences.multilevel import mixed_model
from leadership_study.influences.rater_agreement import rater_agreement
from leadership_study.influences.regression import regress

LEAD = [f"LEAD{at:02d}" for at in range(1, 12)]

# summary() of awg(lq2002[, 3:13], lq2002$COMPID, range = c(1, 5)), rwg.j(lq2002[, 3:13], lq2002$COMPID) and
# ad.m(lq2002[, 3:13], lq2002$COMPID): minimum, quartiles with the mean in the middle, maximum.
PRINTED = {
    "awg": [0.2158, 0.2926, 0.3762, 0.3837, 0.4419, 0.6227],
    "rwg_j": [0.7749, 0.8344, 0.8701, 0.8678, 0.9004, 0.9423],
    "average_deviation": [0.6618, 0.8269, 0.8919, 0.8902, 0.9704, 1.0398],
}
# mult.icc(lq2002[, c("LEAD", "TSIG", "HOSTILE")], lq2002$COMPID)
ICC = {"LEAD": (0.107829349, 0.83434742), "TSIG": (0.080981526, 0.78596615), "HOSTILE": (0.055283995, 0.70919215)}


@pytest.fixture
def scales(lq2002: pd.DataFrame) -> pd.DataFrame:
    data = lq2002
    for name, prefix in (("LEAD", "LEAD"), ("TSIG", "TSIG"), ("HOSTILE", "HOSTIL")):
        data[name] = data[[column for column in lq2002 if column[:-2] == prefix]].mean(axis=1)
    return data


@pytest.mark.parametrize("name", PRINTED)
def test_summaries_of_agreement(scales: pd.DataFrame, name: str) -> None:
    found = rater_agreement(scales[[*LEAD, "COMPID"]], "COMPID", scale=(1, 5)).groups
    assert [found["n"].min(), found["n"].max(), len(found)] == [10, 99, 49]
    values = found[name]
    summary = [*np.quantile(values, [0, 0.25, 0.5]), values.mean(), *np.quantile(values, [0.75, 1])]
    assert summary == pytest.approx(PRINTED[name], abs=5.1e-5)


@pytest.mark.parametrize("name", ICC)
def test_intraclass_correlations_of_several_variables(scales: pd.DataFrame, name: str) -> None:
    found = rater_agreement(scales[[name, "COMPID"]], "COMPID", scale=(0, 5), icc="mixed_model")
    assert (found.icc1, found.icc2) == pytest.approx(ICC[name], rel=1e-5)


def test_within_and_between_analysis(scales: pd.DataFrame) -> None:
    """``waba(LEAD, TSIG, COMPID)``: RawCorr, CorrB, CorrW."""
    found = correlate(scales[["LEAD", "TSIG"]], groups=scales["COMPID"])
    row = found.levels.iloc[0]
    assert found.correlations.loc["LEAD", "TSIG"] == pytest.approx(0.5207698, abs=5.1e-8)
    assert (row["r_between"], row["r_within"]) == pytest.approx((0.4597353, 0.5279068), abs=5.1e-8)


def test_levels_of_a_category_that_do_not_occur_and_an_outcome_of_groups_alone() -> None:
    rng = np.random.default_rng(3)
    data = pd.DataFrame({"x": rng.normal(size=60), "g": np.repeat(np.arange(12), 5), "c": list("abc") * 20})
    data["y"] = data["g"].astype(float)
    data["c"] = pd.Categorical(data["c"], ["a", "b", "c", "d"])
    found = regress("x ~ C(c)", data)
    assert list(found.coefficients.index) == ["intercept", "c[b]", "c[c]"]
    for random in ("1", "1 + x"):
        with pytest.raises(EstimationError):
            mixed_model("y ~ x", data, "g", random=random)
