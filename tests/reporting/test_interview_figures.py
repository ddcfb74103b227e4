"""Figures of the interviews: what they show, and when there is nothing to show."""

import pandas as pd
import pytest

from leadership_study.interviews import read_interviews
from leadership_study.interviews.codebook import codebook_from
from leadership_study.reporting.figures import kinds, plot

BOOK = {"code": [{"code": "plan", "kind": "problem"}, {"code": "talk", "kind": "cause"}, {"code": "none"}]}


@pytest.fixture
def interviews(tmp_path):
    rows = []
    for number in range(1, 7):
        text = "问：请谈谈。\nT：规划不够，沟通很少。\n"
        (tmp_path / f"teacher_{number}.txt").write_text(f"---\nrole: teacher\n---\n{text}", encoding="utf-8")
        for coder in "AB":
            rows.append((f"teacher_{number}", coder, text.index("规"), text.index("，"), "plan"))
            if number != 3 or coder == "A":
                rows.append((f"teacher_{number}", coder, text.index("沟"), text.index("少") + 1, "talk"))
    frame = pd.DataFrame(rows, columns=["transcript", "coder", "start", "end", "code"])
    frame.to_csv(tmp_path / "c.csv", index=False)
    return read_interviews(tmp_path / "*.txt", tmp_path / "c.csv", codebook_from(BOOK, "b"))


def names(figure):
    return [text.get_text() for text in figure.axes[0].get_yticklabels()]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_codes_without_a_coefficient_or_a_reference_are_left_out(interviews, language):
    labels = interviews.labels(language)
    assert names(plot(interviews.agreement, language=language, labels=labels))[1:] == ["plan", "talk"]
    assert names(plot(interviews.frequencies, language=language, labels=labels)) == ["plan", "talk"]
    figure = plot(interviews.informants, language=language, labels=labels)
    columns = [text.get_text() for text in figure.axes[0].get_xticklabels()]
    assert columns[0] == ("Teacher 1" if language == "en" else "教师1")
    assert len(columns) == 6


def test_the_network_has_what_came_together_twice(interviews):
    assert kinds(interviews.co_occurrence) == ("network", "matrix")
    figure = plot(interviews.co_occurrence)
    assert {text.get_text() for text in figure.axes[0].texts} == {"plan", "talk", "6"}
    assert names(plot(interviews.co_occurrence, "matrix")) == ["2  talk"]


def test_nothing_together_has_no_figure(interviews):
    from leadership_study.interviews.co_occurrence import co_occurrence

    own = interviews.codings[interviews.codings["code"] == "plan"]
    assert kinds(co_occurrence(own, interviews.transcripts, interviews.codebook)) == ()


def test_saturation_marks_where_it_was_reached(interviews):
    figure = plot(interviews.saturation, language="zh")
    legend = [text.get_text() for text in figure.axes[0].get_legend().get_texts()]
    assert any("5%" in text for text in legend)
    assert interviews.saturation.reached == 6
