"""A small project: the plan in parts, and what it generates."""

from pathlib import Path

from leadership_study.study.project import Project
from leadership_study.study.scaffold import create_study

HEAD = """\
title = { en = "Small" }
questionnaire = "small"
simulated = true
seed = 7
nested_in = ["school"]

[[responses]]
id = "teachers"
files = ["responses.csv"]
"""
MEANS = """
[[analysis]]
id = "means"
use = "tiny_means"
"""
DRAW = """
[[analysis]]
use = "tiny_draw"
"""


def make_project(root: Path, plan: str = HEAD + MEANS + DRAW) -> Project:
    project = Project(root)
    create_study(project, "small")
    project.study_file("small").write_text(plan, encoding="utf-8")
    return project


def tree(root: Path) -> dict[str, bytes]:
    """Every generated file of a project with its bytes."""
    places = [root / "data" / "processed", root / "reports"]
    files = (path for place in places for path in place.rglob("*") if path.is_file())
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in files}
