"""The README tells the truth: its tree, its links, its commands, its code, its number."""

import csv
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text("utf-8")
PAGES = ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", *(str(p.relative_to(ROOT)) for p in ROOT.glob("docs/*.md"))]


def tracked() -> list[str]:
    listed = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True)
    if listed.returncode:
        pytest.skip("not a git checkout: the list of tracked files is not known")
    return listed.stdout.splitlines()


def tree() -> str:
    return README.split("## The tree")[1].split("```")[1]


def test_the_tree_names_every_tracked_top_level_entry():
    entries = {name.split("/")[0] for name in tracked()} - {".gitignore", ".ci"}
    named = set(re.findall(r"[\w.]+", tree()))
    assert entries <= named | {"data"}


def test_the_tree_names_every_part_of_the_package_and_nothing_else():
    parts = {name.split("/")[2] for name in tracked() if name.startswith("src/leadership_study/")} - {"__init__.py"}
    lines = tree().split("src/leadership_study/")[1].splitlines()[1:]
    named = {
        word.rstrip("/") for line in lines for word in re.findall(r"^[├└]── (.*)", line)[0].split("    ")[0].split()
    }
    assert named == parts


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_to_tracked_files(page):
    files = set(tracked())
    folder = (ROOT / page).parent
    for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", (ROOT / page).read_text("utf-8")):
        path = (folder / target).resolve().relative_to(ROOT).as_posix()
        assert path in files or any(name.startswith(path + "/") for name in files), f"{page} links to {target}"


@pytest.mark.parametrize("page", PAGES)
def test_no_placeholder_is_left(page):
    assert "PLACEHOLDER" not in (ROOT / page).read_text("utf-8")


def test_make_help_lists_the_commands_of_the_readme():
    shown = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for target in set(re.findall(r"make ([a-z]+)", README)):
        assert f"make {target}" in shown


def test_the_commands_of_the_readme_are_those_of_the_program():
    from leadership_study.__main__ import _parser

    shown = _parser().format_help()
    for command in set(re.findall(r"leadership-study ([a-z]+)", README)):
        assert command in shown


@pytest.fixture
def from_root(monkeypatch):
    monkeypatch.chdir(ROOT)


@pytest.mark.usefixtures("from_root")
def test_the_code_of_the_readme_runs(tmp_path, monkeypatch):
    from leadership_study.study.pipeline import Study

    monkeypatch.setattr(Study, "run", lambda self: {"reliability": _reliability(self)})
    names: dict = {}
    for block in re.findall(r"```python\n(.*?)```", README, re.DOTALL):
        exec(compile(block, "README.md", "exec"), names)
    assert len(names["scored"].items) == 2042


def _reliability(study):
    from leadership_study.measurement.reliability import run

    return run(study.scored())


def test_the_number_followed_in_the_readme(reference, lq2002):
    from leadership_study import regress

    shown = float(re.search(r"hostility\.coefficients\.csv`: −([\d.]+)", README)[1])
    theirs = float(re.search(r"lq2002_few_clusters\.json`: −([\d.]+)", README)[1])
    rows = {row["term"]: row for row in reference("lq2002_few_clusters")("cluster_robust.all")["CR2"]}
    assert f"{theirs:.15g}" == f"{-rows['LEAD']['est']:.15g}"
    data = lq2002.assign(
        leadership_climate=lq2002.filter(like="LEAD").mean(axis=1),
        task_significance=lq2002.filter(like="TSIG").mean(axis=1),
        hostility=lq2002.filter(like="HOSTIL").mean(axis=1),
    )
    result = regress("hostility ~ task_significance + leadership_climate", data, covariance="CR2", clusters="COMPID")
    assert -result.coefficients.loc["leadership_climate", "estimate"] == pytest.approx(shown, rel=1e-12)
    assert f"B = −{shown:.3f}" in README
    for test in re.findall(r"`(test_\w+)` in \[`([\w/.]+)`\]", README):
        assert f"def {test[0]}(" in (ROOT / test[1]).read_text("utf-8")


def test_stored_results_when_there_agree_with_the_readme():
    from leadership_study.study import provenance
    from leadership_study.study.project import Project

    path = ROOT / "data/processed/lq2002/results/hostility.coefficients.csv"
    if provenance.state(Project(ROOT), "lq2002") != "up to date":
        pytest.skip("run 'make analysis' first: the stored results are not those of this version")
    with path.open(newline="") as file:
        rows = {row["term"]: row["estimate"] for row in csv.DictReader(file)}
    assert f"−{rows['leadership_climate'].removeprefix('-')}" in README
