"""The notebooks as stored, and the story they tell of a study that has every block, and of one that has almost none."""

import json
import re
import shutil
from pathlib import Path

import pytest

from leadership_study.study.notebooks import execute_all
from leadership_study.study.pipeline import open_study

PROJECT = Path(__file__).parents[1]
NOTEBOOKS = sorted((PROJECT / "notebooks").glob("*.ipynb"))

SMALL_STUDY = """
title = { en = "A study with one block" }
questionnaire = "lq2002"
seed = 1
nested_in = []

[[responses]]
id = "soldiers"
form = "other"
files = ["lq2002.csv"]
respondent_id = "SUB"
columns = { "COMPID" = "company" }

[[analysis]]
use = "rater_agreement"

[report]
formats = ["html"]
languages = ["en"]
"""


def read(path: Path) -> dict:
    return json.loads(path.read_text(encoding="utf-8"))


def test_they_are_there() -> None:
    names = ["01_responses", "02_reliability", "03_factors", "04_differences", "05_influences"]
    assert [path.stem for path in NOTEBOOKS][:5] == names


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_stored_without_outputs_and_with_fixed_ids(path: Path) -> None:
    notebook = read(path)
    assert notebook["metadata"]["kernelspec"]["name"] == "python3"
    assert "version" not in notebook["metadata"].get("language_info", {})
    ids = [cell["id"] for cell in notebook["cells"]]
    assert len(set(ids)) == len(ids)
    for cell in notebook["cells"]:
        assert re.fullmatch(r"[a-z][a-z0-9-]*", cell["id"]), "an id that says what the cell is"
        if cell["cell_type"] == "code":
            assert cell["outputs"] == []
            assert cell["execution_count"] is None
            compile("".join(cell["source"]), path.name, "exec")
    text = path.read_text(encoding="utf-8")
    assert text == json.dumps(notebook, ensure_ascii=False, indent=1) + "\n"


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_the_study_is_opened_once_and_prose_is_offline(path: Path) -> None:
    cells = read(path)["cells"]
    tagged = [cell for cell in cells if "study" in cell["metadata"].get("tags", [])]
    assert len(tagged) == 1
    assert 'ls.open_study("studies/lq2002.toml")' in "".join(tagged[0]["source"])
    assert cells[0]["cell_type"] == "markdown"
    assert "**摘要**" in "".join(cells[0]["source"]), "a short Chinese abstract on top"
    prose = "".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown")
    assert "$" not in prose, "formulas would need a script from elsewhere"
    assert "http" not in prose


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_no_notebook_has_helpers_of_its_own(path: Path) -> None:
    code = ["".join(cell["source"]) for cell in read(path)["cells"] if cell["cell_type"] == "code"]
    assert not [source for source in code if re.search(r"^def ", source, flags=re.MULTILINE)]
    assert max(source.count("\n") for source in code) < 22


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of what people wrote: plans, questionnaires, notebooks, data."""
    root = tmp_path_factory.mktemp("project")
    for name in ("studies", "questionnaires", "notebooks", "data/raw"):
        shutil.copytree(PROJECT / name, root / name)
    shutil.copytree(PROJECT / "data" / "raw" / "lq2002", root / "data" / "raw" / "small")
    (root / "studies" / "small.toml").write_text(SMALL_STUDY, encoding="utf-8")
    return root


def texts(notebook: bytes) -> str:
    """All that a notebook printed."""
    outputs = [output for cell in json.loads(notebook)["cells"] for output in cell.get("outputs", [])]
    assert not [output for output in outputs if output.get("name") == "stderr"], "a warning in a notebook"
    return "".join(output.get("text", "") for output in outputs)


def test_lq2002_is_told(project: Path) -> None:
    open_study(project / "studies" / "lq2002.toml").run()
    made = execute_all(NOTEBOOKS, "studies/lq2002.toml", cwd=project)
    pictures, absent = {}, {}
    for path in NOTEBOOKS:
        images = re.findall(r"<img [^>]*>", made[f"{path.stem}.html"].decode())
        assert images or path.stem >= "06", "the survey's notebooks have pictures of every study"
        assert all('src="data:image/png;base64,' in image and re.search(r'alt="[^"]{20,}"', image) for image in images)
        assert "No description" not in "".join(images)
        pictures[path.stem] = made[f"{path.stem}.ipynb"].count(b'"image/png": "')
        absent[path.stem] = re.findall(
            r"This study has no block of the analysis '(\w+)'", texts(made[f"{path.stem}.ipynb"])
        )
        assert str(project).encode() not in made[f"{path.stem}.ipynb"] + made[f"{path.stem}.html"]
    assert {name: count for name, count in pictures.items() if name < "06"} == {
        "01_responses": 1, "02_reliability": 2, "03_factors": 6, "04_differences": 2, "05_influences": 10,
    }  # fmt: skip
    assert "This study has no interviews." in texts(made["06_interviews.ipynb"])
    assert {name: found for name, found in absent.items() if found and name < "06"} == {
        "04_differences": ["self_other", "differences", "repeated", "importance_performance"],
        "05_influences": ["logistic_regression", "ordinal_regression"],
    }
    assert "Largest difference: " in texts(made["02_reliability.ipynb"])
    assert "largest difference of a loading" in texts(made["03_factors.ipynb"])
    assert re.search(
        r"hostility\.coefficients\.leadership_climate\.estimate = -0\.3\d+", texts(made["05_influences.ipynb"])
    )
    assert b"&lt; .001" in made["05_influences.html"], "p values by the rounding rule"


def test_a_study_with_almost_nothing_is_told_too(project: Path) -> None:
    open_study(project / "studies" / "small.toml").run()
    made = execute_all(NOTEBOOKS, "studies/small.toml", cwd=project)
    told = {path.stem: texts(made[f"{path.stem}.ipynb"]) for path in NOTEBOOKS}
    assert "This study has no block of the analysis 'descriptives'." in told["01_responses"]
    assert "This study has no block of the analysis 'efa'." in told["03_factors"]
    assert "rater_agreement: Not estimated: " in told["04_differences"]
    assert "This study has no block of the analysis 'regression'." in told["05_influences"]
    assert "The plan of this study has no [synthesis]" in told["07_evidence"]
