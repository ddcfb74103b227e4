"""A small project of its own for each test, with two analyses of a few lines each."""

from collections.abc import Callable
from pathlib import Path

import pytest
from small_study import make_project

import leadership_study.measurement
from leadership_study.study.project import Project


@pytest.fixture(autouse=True)
def _tiny_analyses(monkeypatch: pytest.MonkeyPatch) -> None:
    folder = str(Path(__file__).parent / "analyses")
    monkeypatch.setattr(leadership_study.measurement, "__path__", [*leadership_study.measurement.__path__, folder])


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return make_project(tmp_path / "project")


@pytest.fixture
def replan(project: Project) -> Callable[[str], None]:
    def write(plan: str) -> None:
        project.study_file("small").write_text(plan, encoding="utf-8")

    return write
