"""Where things lie: the project's root, its studies, and the folders of one study."""

from dataclasses import dataclass
from pathlib import Path

from leadership_study.by_name import unknown
from leadership_study.errors import ProjectError


@dataclass(frozen=True)
class Project:
    """A folder with ``studies/`` and ``questionnaires/``; every other place follows from it."""

    root: Path

    @property
    def lock_file(self) -> Path:
        """The pinned versions of all dependencies; may be absent outside a clone."""
        return self.root / "requirements.lock"

    @property
    def questionnaires(self) -> Path:
        """Folder of the questionnaires."""
        return self.root / "questionnaires"

    @property
    def notebooks(self) -> Path:
        """Folder of the notebooks, stored without output."""
        return self.root / "notebooks"

    def study_file(self, name: str) -> Path:
        """Return the plan of the study ``name``."""
        return self.root / "studies" / f"{name}.toml"

    def questionnaire_file(self, name: str) -> Path:
        """Return the file of the questionnaire ``name``."""
        return self.questionnaires / f"{name}.toml"

    def raw(self, name: str) -> Path:
        """Folder of the answers as received, never written by the program."""
        return self.root / "data" / "raw" / name

    def processed(self, name: str) -> Path:
        """Folder of the generated data and results of the study ``name``."""
        return self.root / "data" / "processed" / name

    def reports(self, name: str) -> Path:
        """Folder of the generated report of the study ``name``."""
        return self.root / "reports" / name

    def relative(self, path: Path) -> str:
        """Return ``path`` as written in messages and in the provenance: from the root, with slashes."""
        return path.relative_to(self.root).as_posix()

    def private(self, name: str) -> Path:
        """Folder of what identifies people in the study ``name``: no part of the repository, read by no report."""
        return self.root / "private" / name

    def studies(self) -> list[str]:
        """Names of all studies, sorted; ``<name>.frozen.toml`` and ``<name>.argument.toml`` are no studies."""
        return sorted(path.stem for path in (self.root / "studies").glob("*.toml") if "." not in path.stem)

    def notebook_names(self) -> list[str]:
        """Names of all notebooks, sorted."""
        return sorted(path.stem for path in self.notebooks.glob("*.ipynb"))


def find_project(start: str | Path | None = None) -> Project:
    """Return the project around ``start`` (default: the current folder): the nearest folder upwards that is one.

    Raises
    ------
    ProjectError
        When no folder upwards holds ``studies/`` and ``questionnaires/``.
    """
    here = Path(start) if start is not None else Path.cwd()
    here = here.resolve()
    for folder in (here, *here.parents):
        if (folder / "studies").is_dir() and (folder / "questionnaires").is_dir():
            return Project(folder)
    raise ProjectError(
        f"No project found from {here} upwards: go to a folder that holds studies/ and questionnaires/, "
        "or begin one with 'leadership-study init NAME'"
    )


def find_study(name: str | Path) -> tuple[Project, str]:
    """Return the project and the name of the study given as a path of its plan or as a bare name.

    Raises
    ------
    ProjectError
        When there is no such study, naming the nearest.
    """
    text = str(name)
    if text.endswith(".toml") or Path(text).name != text:
        path = Path(text).resolve()
        if not path.is_file() and not Path(text).is_absolute():  # from notebooks/, say: paths count from the root too
            path = find_project().root / text
        if not path.is_file():
            raise ProjectError(f"There is no study file {text}: give the name or the path of a file in studies/")
        project = find_project(path.parent)
        if path != project.study_file(path.stem) or "." in path.stem:
            raise ProjectError(f"{text} is not a plan in the studies/ folder of its project: move it there")
        return project, path.stem
    project = find_project()
    if text not in (known := project.studies()):
        raise ProjectError(unknown("study", text, known) if known else "There are no studies in studies/ yet")
    return project, text
