"""The joint display: the rule, both strands, silence, and a person's judgement."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest

from leadership_study.errors import InsufficientDataError, PlanError
from leadership_study.influences.descriptives import describe
from leadership_study.results import Result
from leadership_study.synthesis.joint_display import joint_display
from leadership_study.synthesis.rule import Rule, fit_of
from leadership_study.synthesis.segments import segments_of, starts_of


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Scales(Result):
    """Means as those of descriptives."""

    scales: pd.DataFrame


OPTIONS = {"scores": "scores", "gaps": ["by_post"], "influences": {"years": "political"}}


@pytest.mark.parametrize(
    ("survey", "interviews", "fit"),
    [
        ("weak", "weak", "convergent"), ("strong", "strong", "convergent"), ("strong", "weak", "discordant"),
        ("weak", "strong", "discordant"), ("undecided", "weak", "complementary"),
        ("weak", "undecided", "complementary"),
        ("undecided", "undecided", "complementary"), ("no_data", "weak", "silent"), ("undecided", "no_data", "silent"),
    ],
)  # fmt: skip
def test_how_two_calls_fit(survey, interviews, fit):
    assert fit_of(survey, interviews) == fit


def test_the_calls_of_the_strands():
    rule = Rule()
    assert [rule.of_survey(*ends) for ends in [(-0.2, -0.1), (-0.2, 0.0), (-0.1, 0.1), (0.0, 0.1), (0.1, 0.2)]] == [
        "weak", "undecided", "undecided", "undecided", "strong",
    ]  # fmt: skip
    assert rule.of_survey(np.nan, np.nan) == "undecided"
    assert [rule.of_interviews(6, n, 12) for n in (0, 1, 3, 4, 6)] == [
        "strong", "undecided", "undecided", "weak", "weak"
    ]  # fmt: skip
    assert rule.of_interviews(0, 0, 12) == "no_data"
    assert Rule(problem_share=0.5, sound_share=0.2).of_interviews(6, 2, 12) == "strong"


def test_both_strands_row_by_row(results, interviews):
    display = joint_display(results, interviews, **OPTIONS)
    table = display.table
    assert list(table.index) == ["structural", "political", "interpersonal", "teaching"]
    assert dict(table["survey"]) == {
        "structural": "strong", "political": "weak", "interpersonal": "strong", "teaching": "undecided"
    }  # fmt: skip
    assert dict(table["interviews"]) == {
        "structural": "weak", "political": "weak", "interpersonal": "strong", "teaching": "no_data"
    }  # fmt: skip
    assert dict(table["fit"]) == {
        "structural": "discordant", "political": "convergent", "interpersonal": "convergent", "teaching": "silent"
    }  # fmt: skip
    deviations = results["scores"].deviations
    for name in table.index:
        assert table.loc[name, "deviation"] == deviations.loc[name, "estimate"]
        assert table.loc[name, "ci_high"] == deviations.loc[name, "ci_high"]
    assert dict(table["rank"]) == {"structural": 2, "political": 4, "interpersonal": 1, "teaching": 3}
    assert table.loc["political", "gaps"] == "post"
    assert table.loc["political", "influences"] == "years"
    assert table.loc["structural", ["codes", "references", "sources", "problem_codes", "problem_sources"]].tolist() == [
        3, 7, 6, 1, 2,
    ]  # fmt: skip
    assert table.loc["structural", "problem_share"] == pytest.approx(2 / 6)
    assert table.loc["political", "agreement"] == pytest.approx(1)
    assert np.isnan(table.loc["teaching", "agreement"])
    assert display.n_sources == 6
    assert Result.from_json(display.to_json()).to_json() == display.to_json()


def test_quotes_are_problems_first_of_different_informants_and_say_who(results, interviews):
    display = joint_display(results, interviews, **OPTIONS, quotes=2)
    own = display.quotes.loc["structural"]
    assert list(own["code"]) == ["plans", "plans"]
    assert set(own["transcript"]) == {"T1", "T2"}
    assert display.table.loc["structural", "quote"] == own.index[0]
    assert display.labels("en")[own.index[0]].endswith("(Teacher 1)")
    assert display.labels("zh")["plans"] == "规划滞后"
    chosen = next(id for id, one in segments_of(interviews).items() if one.code == "order" and one.transcript == "T5")
    display = joint_display(results, interviews, **OPTIONS, argument={"quote": [{"segment": chosen}]})
    assert display.table.loc["structural", "quote"] == chosen


def test_ids_of_segments_are_those_of_any_coder(interviews):
    segments = segments_of(interviews)
    assert len(segments) == 18
    first = next(iter(segments.values()))
    assert first.id == f"{first.transcript}:{first.code}:{first.start}"
    assert first.coders == ("A", "B")
    assert starts_of(interviews, segments)[f"{first.transcript}:{first.code}:{first.start + 1}"] == first.id


def test_a_person_overrules_the_rule_with_a_reason(results, interviews):
    said = {"judgement": [{"dimension": "structural", "fit": "complementary", "reason": {"en": "Why.", "zh": "理由"}}]}
    display = joint_display(results, interviews, **OPTIONS, argument=said)
    row = display.table.loc["structural"]
    assert (row["rule_fit"], row["fit"], bool(row["overruled"])) == ("discordant", "complementary", True)
    assert display.judgements.loc["structural", "reason"] == "Why."
    assert not display.table["overruled"].drop("structural").any()
    said["judgement"][0]["dimension"] = "structura"
    with pytest.raises(PlanError, match="did you mean structural"):
        joint_display(results, interviews, **OPTIONS, argument=said)


def test_one_strand_alone_is_silent_about_the_other(results, interviews):
    assert set(joint_display(results, None, **OPTIONS).table["fit"]) == {"silent"}
    alone = joint_display(None, interviews)
    assert list(alone.table.index) == ["structural", "political", "interpersonal"]
    assert set(alone.table["fit"]) == {"silent"}
    assert set(alone.table["survey"]) == {"no_data"}
    with pytest.raises(InsufficientDataError):
        joint_display(None, None)


def test_what_could_not_be_estimated_is_said(results, interviews):
    display = joint_display(results, interviews, scores="lost")
    assert [note.id for note in display.notes] == ["joint_block_not_estimated"]
    assert set(display.table["survey"]) == {"no_data"}


def test_means_alone_call_nothing_weak(results, interviews):
    data = pd.DataFrame({"structural": [1.0, 2, 2], "political": [3.0, 4, 5]})
    table = describe(data).variables.rename_axis("dimension")
    display = joint_display({"means": Scales(scales=table)}, interviews, scores="means")
    assert display.table.loc["political", "rank"] == 1
    assert set(display.table.loc[["structural", "political"], "survey"]) == {"undecided"}
    assert [note.id for note in display.notes] == ["joint_no_paired_differences"]


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"scores": "score"}, "did you mean scores"),
        ({"scores": "years"}, "no scores of dimensions"),
        ({"gaps": ["years"]}, "compares no groups"),
        ({"influences": ["by_post"]}, "no coefficients"),
    ],
)
def test_wrong_blocks(results, interviews, options, told):
    with pytest.raises(PlanError, match=told):
        joint_display(results, interviews, **{"scores": "scores", **options})


@pytest.mark.parametrize(
    "options",
    [{"problem_share": 1.5}, {"sound_share": 0.5}, {"coefficient": "kappa"}, {"quotes": -1}, {"gaps": "by_post"}],
)
def test_wrong_options(results, interviews, options):
    with pytest.raises(ValueError, match="parameter of joint_display must be"):
        joint_display(results, interviews, **{"scores": "scores", **options})
