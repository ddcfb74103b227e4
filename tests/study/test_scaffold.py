"""``init`` writes a study that is right and never overwrites one."""

import shutil
from pathlib import Path

import pytest

from leadership_study.errors import LeadershipStudyError
from leadership_study.study.pipeline import Study
from leadership_study.study.project import Project
from leadership_study.study.scaffold import create_study


def test_what_is_written_is_a_valid_simulated_study(tmp_path):
    project = Project(tmp_path)
    written = create_study(project, "mine")
    assert written == [
        "questionnaires/mine.toml", "studies/mine.toml", "data/raw/mine/responses.csv", "data/raw/mine/SOURCES.md",
    ]  # fmt: skip
    study = Study(project, "mine")
    assert study.plan.simulated
    assert len(study.plan.analyses) == 5
    scored = study.scored()
    assert len(scored.items) == 60
    assert scored.groups["school"].nunique() == 6
    # The reverse-keyed item goes with the others only when it is turned, which is what scoring does.
    correlations = scored.scale_items("structural").corr()
    assert (correlations > 0.2).all(axis=None)


def test_the_same_study_is_written_every_time(tmp_path):
    for name in ("a", "b"):
        create_study(Project(tmp_path / name), "mine")
    assert (tmp_path / "a/data/raw/mine/responses.csv").read_bytes() == (
        tmp_path / "b/data/raw/mine/responses.csv"
    ).read_bytes()


def test_the_notebooks_that_show_one_of_its_analyses_are_taken_along(tmp_path):
    shutil.copytree(Path(__file__).parents[2] / "notebooks", tmp_path / "notebooks")
    (tmp_path / "notebooks" / "own.ipynb").write_text("{}")
    create_study(Project(tmp_path), "mine")
    found = Study(Project(tmp_path), "mine").plan.report.notebooks
    assert found == ("01_responses", "02_reliability", "04_differences", "05_influences"), "no factors in its plan"


@pytest.mark.parametrize("name", ["", "my study", "1st", "a/b", "../x", "a.b", "学区", "-x"])
def test_a_name_that_cannot_be_one_is_refused(tmp_path, name):
    with pytest.raises(LeadershipStudyError, match="cannot be the name of a study"):
        create_study(Project(tmp_path), name)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("there", ["questionnaires/mine.toml", "studies/mine.toml", "data/raw/mine/responses.csv"])
def test_nothing_is_overwritten(tmp_path, there):
    path = tmp_path / there
    path.parent.mkdir(parents=True)
    path.write_text("mine")
    with pytest.raises(LeadershipStudyError, match=f"{there} is there already"):
        create_study(Project(tmp_path), "mine")
    assert [file.read_text() for file in tmp_path.rglob("*") if file.is_file()] == ["mine"]
