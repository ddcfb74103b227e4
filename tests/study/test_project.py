"""A project is found from anywhere inside it, a study by name or path."""

import pytest

from leadership_study.errors import ProjectError
from leadership_study.study.project import find_project, find_study


def test_the_project_is_the_nearest_folder_upwards(project, monkeypatch):
    inside = project.raw("small")
    assert find_project(inside).root == project.root.resolve()
    monkeypatch.chdir(inside)
    assert find_study("small") == find_study(project.study_file("small"))


def test_frozen_plans_and_arguments_are_no_studies(project):
    for name in ("small.frozen.toml", "small.argument.toml"):
        (project.root / "studies" / name).write_text("")
    assert project.studies() == ["small"]


def test_an_unknown_study_names_the_nearest(project, monkeypatch):
    monkeypatch.chdir(project.root)
    with pytest.raises(ProjectError, match="'smal'; did you mean small"):
        find_study("smal")
    with pytest.raises(ProjectError, match=r"no study file studies/x\.toml"):
        find_study("studies/x.toml")


def test_a_plan_elsewhere_is_refused(project):
    stray = project.root / "small.toml"
    stray.write_text("")
    with pytest.raises(ProjectError, match="not a plan in the studies/ folder"):
        find_study(stray)


def test_no_project_at_all(tmp_path):
    with pytest.raises(ProjectError, match="leadership-study init NAME"):
        find_project(tmp_path)
