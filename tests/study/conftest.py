"""A small project of its own for each test, with two analyses of a few lines each."""

import argparse
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from small_study import make_project

import leadership_study.measurement
from leadership_study.study import simulate_command
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


@pytest.fixture
def made_by_sources(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[Path], dict[str, bytes]]:
    """Run the command in a folder's SOURCES.md into another folder; return the files it makes."""

    def make(data: Path) -> dict[str, bytes]:
        root = data.parents[2]
        sources = (data / "SOURCES.md").read_text("utf-8")
        (command,) = re.findall(r"^leadership-study (simulate .*)$", sources, re.MULTILINE)
        arguments = command.replace(f"--out {data.relative_to(root).as_posix()}", "").replace("--replace", "").split()
        monkeypatch.chdir(root)
        parser = argparse.ArgumentParser()
        simulate_command.add_parser(parser.add_subparsers(required=True))
        options = parser.parse_args([*arguments, "--out", str(tmp_path / "out")])
        assert options.do(options) == 0
        return {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()}

    return make
