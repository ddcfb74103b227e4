"""Response quality as a block of a study."""

import numpy as np
import pandas as pd
import pytest

import screened
from leadership_study.errors import InsufficientDataError
from leadership_study.measurement.response_quality import ResponseQuality, run
from leadership_study.reporting.figures import kinds, plot, save


@pytest.fixture(scope="module")
def quality() -> ResponseQuality:
    return run(screened.scored())


def test_flags_count_those_who_could_be_judged(quality: ResponseQuality) -> None:
    flags = quality.flags
    assert flags.loc["too_fast", ["n_judged", "n_flagged"]].tolist() == [200, 10]
    assert flags.loc["longstring", "n_flagged"] == 10
    assert flags.loc["check_1", "kind"] == "attention"
    assert (flags["n_flagged"] <= flags["n_judged"]).all()
    assert (flags["n_only"] <= flags["n_flagged"]).all()
    np.testing.assert_allclose(flags["share"], flags["n_flagged"] / flags["n_judged"])
    assert "same_address" not in flags.index  # nothing was recorded


def test_flagged_are_those_with_signs_of_two_kinds(quality: ResponseQuality) -> None:
    assert quality.n == quality.kinds["n"].sum() == 200
    assert quality.n_flagged == quality.kinds["n"].iloc[2:].sum()
    assert 18 <= quality.n_flagged <= 32  # twenty are careless
    every = run(screened.scored(), min_flags=1)
    assert every.n_flagged == every.kinds["n"].iloc[1:].sum() >= quality.n_flagged


def test_flags_together_are_symmetric_with_the_counts_on_the_diagonal(quality: ResponseQuality) -> None:
    table = quality.together
    assert (table.to_numpy() == table.to_numpy().T).all()
    assert np.diag(table).tolist() == quality.flags["n_flagged"].tolist()


def test_the_excluded_are_in_the_flow_and_in_no_count() -> None:
    result = run(screened.scored(exclusions={"min_seconds_per_item": 2, "attention_checks": 1}))
    assert result.flow["n"].to_dict() == {
        "received": 200, "all_missing": 0, "min_seconds_per_item": 10, "attention_checks": 10, "analysed": 180,
    }  # fmt: skip
    assert result.n == 180
    assert result.flags.loc["too_fast", "n_flagged"] == 0
    assert result.flags.loc["too_fast", "n_judged"] == 180


def test_answers_never_screened_say_so(scored_lq2002) -> None:
    with pytest.raises(InsufficientDataError, match="did not come through validation"):
        run(scored_lq2002)


def test_the_result_survives_json(quality: ResponseQuality) -> None:
    again = ResponseQuality.from_json(quality.to_json())
    assert isinstance(again, ResponseQuality)
    for name, table in quality.tables().items():
        pd.testing.assert_frame_equal(again.tables()[name], table)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_figure_draws_in_both_languages(quality: ResponseQuality, language: str) -> None:
    assert kinds(quality) == ("flags", "flow", "together")
    for kind in kinds(quality):
        svg, png = save(plot(quality, kind, language=language))
        assert svg.startswith(b"<?xml")
        assert png.startswith(b"\x89PNG")
