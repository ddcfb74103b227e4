"""The confirmatory block of a report: the fit that counts, its tables, and what it does about nesting."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from reference_models import SCALES, data_of, model_text

from leadership_study.measurement._reported_fit import reported, verdict
from leadership_study.measurement.cfa import ConfirmatoryAnalysis, cfa, run
from leadership_study.results import Result


def test_scaled_chi_square_and_robust_indices_are_shown() -> None:
    data = data_of("lq2002")
    plain, robust = cfa(model_text("lq2002"), data), cfa(model_text("lq2002"), data, estimator="MLR")
    shown = reported(robust)
    assert shown["indices"] == "robust"
    for name in ("chi_square", "df", "p_value"):
        assert shown[name] == robust.fit[f"{name}_scaled"]
    for name in ("cfi", "tli", "rmsea", "rmsea_ci_low", "rmsea_ci_high"):
        assert shown[name] == robust.fit[f"{name}_robust"]
    assert shown["srmr"] == robust.fit["srmr"]
    assert shown["chi_square"] != plain.fit["chi_square"]
    assert reported(plain)["indices"] == "plain"
    assert reported(plain)["cfi"] == plain.fit["cfi"]


def test_plain_wlsmv_indices_never_stand_alone() -> None:
    # On bfi the CFI of WLSMV is .916 plain, .825 scaled and .752 robust
    fit = cfa(model_text("bfi"), data_of("bfi"), ordered=True)
    assert fit.fit["cfi"] == pytest.approx(0.916, abs=1e-3)
    assert reported(fit)["cfi"] == pytest.approx(0.752, abs=1e-3)
    without = replace(fit, fit=fit.fit.drop(["cfi_robust"]))
    assert reported(without)["indices"] == "scaled"
    assert reported(without)["cfi"] == pytest.approx(0.825, abs=1e-3)
    assert np.isnan(reported(fit)["bic"])


def test_words_for_fit_follow_the_limits() -> None:
    row = {"df": 5, "cfi": 0.95, "rmsea": 0.06, "srmr": 0.08}
    assert verdict(row) == "good"
    assert verdict(row | {"cfi": 0.949}) == "acceptable"
    assert verdict(row | {"rmsea": 0.081}) == "poor"
    assert verdict(row | {"srmr": 0.081}) == "poor"
    assert verdict(row | {"df": 0}) == "not_judged"
    assert verdict(row | {"cfi": float("nan")}) == "not_judged"


def test_tables_hold_what_the_fit_says(scored_lq2002) -> None:
    found = run(scored_lq2002)
    assert isinstance(found, ConfirmatoryAnalysis)
    assert found.definition["estimator"] == "MLR"
    assert len(found.loadings) == 19
    standard = found.standardized().loc["hostility =~ HOSTIL02"]
    row = found.loadings.loc[("hostility", "HOSTIL02")]
    assert row["loading"] == standard["estimate"]
    assert (row["loading_ci_low"], row["loading_ci_high"]) == (standard["ci_low"], standard["ci_high"])
    assert row["r_squared"] == pytest.approx(row["loading"] ** 2)
    assert row["std_error"] == found.estimates.loc["hostility =~ HOSTIL02", "std_error"]
    assert found.modification["mi"].is_monotonic_decreasing
    assert found.modification["mi"].iloc[0] == found.modification_indices()["mi"].max()
    first = found.largest_residuals.index[0]
    assert found.largest_residuals["r"].iloc[0] == found.residuals.loc[first[1], first[0]]
    assert abs(found.largest_residuals["r"].iloc[0]) == np.tril(found.residuals.abs(), -1).max()
    back = Result.from_json(found.to_json())
    assert isinstance(back, ConfirmatoryAnalysis)
    assert back.to_json() == found.to_json()


def test_few_clusters_leave_errors_unadjusted_and_many_do_not(scored_lq2002) -> None:
    few = run(scored_lq2002)
    assert few.definition["standard_errors"] != "cluster_robust"
    note = next(note for note in few.notes if note.id == "sem_nesting_unadjusted")
    assert (note.values["n_clusters"], note.values["n_parameters"]) == (49, 60)
    many = run(scored_lq2002, items=("TSIG01", "TSIG02", "TSIG03", "HOSTIL01", "HOSTIL02", "HOSTIL03"))
    assert many.definition["standard_errors"] == "cluster_robust"
    assert not any(note.id == "sem_nesting_unadjusted" for note in many.notes)
    items = SCALES["lq2002"]["TSIG"] + SCALES["lq2002"]["HOSTILE"][:3]
    data = data_of("lq2002")
    expected = cfa(
        f"a =~ {' + '.join(items[:3])}\nb =~ {' + '.join(items[3:])}", data, estimator="MLR", clusters="COMPID"
    )
    own = many.estimates.loc["hostility =~ HOSTIL02", "std_error"]
    assert own == pytest.approx(expected.estimates.loc["b =~ HOSTIL02", "std_error"], rel=1e-8)
    ordered = run(
        scored_lq2002, items=("TSIG01", "TSIG02", "TSIG03"), ordered=True, model="t =~ TSIG01 + TSIG02 + TSIG03"
    )
    assert any(note.id == "sem_takes_independent" for note in ordered.notes)


def test_halves_are_apart_and_said(scored_lq2002) -> None:
    first, second = run(scored_lq2002, half="first"), run(scored_lq2002, half="second")
    assert first.n + second.n == run(scored_lq2002).n
    assert any(note.id == "half_of_sample" and note.values["half"] == "second" for note in second.notes)


def test_groups_stand_in_the_tables() -> None:
    from leadership_study.measurement._cfa_block import block_of

    found = block_of(cfa(model_text("holzinger"), data_of("holzinger"), group="school"))
    assert found.loadings.index.names == ["group", "factor", "item"]
    assert found.largest_residuals.index.names == ["group", "item", "other_item"]
    assert len(found.loadings) == 18
    assert isinstance(found.shown, pd.DataFrame)


def test_exploration_takes_the_half_that_confirmation_leaves(scored_lq2002) -> None:
    from leadership_study.measurement import efa

    explored, confirmed = efa.run(scored_lq2002, half="first"), run(scored_lq2002, half="second")
    assert explored.n + confirmed.n == 2042
    note = next(note for note in explored.notes if note.id == "half_of_sample")
    assert note.values["half"] == "first"
