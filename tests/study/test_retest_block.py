"""Retest reliability from the plan to the report: two waves of a small study."""

from collections.abc import Callable

import pandas as pd
from small_study import HEAD

from leadership_study.study.complete import run_study
from leadership_study.study.pipeline import open_study
from leadership_study.study.project import Project


def test_two_waves_give_retest_reliability_in_the_report(project: Project, replan: Callable[[str], None]) -> None:
    first = pd.read_csv(project.raw("small") / "responses.csv", dtype=str)
    first.iloc[::-1].to_csv(project.raw("small") / "second.csv", index=False)  # the same answers in another order
    replan(
        HEAD + '[[responses]]\nid = "again"\nwave = 2\nfiles = ["second.csv"]\n'
        '[[analysis]]\nuse = "retest"\nof = ["teachers", "again"]\nfirst = "teachers"\nsecond = "again"\n'
    )
    run_study(project, "small", lambda *_: None)
    page = (project.reports("small") / "report.en.html").read_text("utf-8")
    assert 'id="retest"' in page
    found = open_study(project.study_file("small")).run()["retest"]
    assert (found.table["n"] == len(first)).all()
    assert (found.table["correlation"] > 1 - 1e-12).all()
