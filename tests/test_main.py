"""The command line: what it prints, and how it ends."""

import os
import subprocess
import sys
import time

import pytest

from leadership_study import __version__
from leadership_study.__main__ import main


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(["init", "mine"]) == 0
    path = tmp_path / "studies" / "mine.toml"
    plan = path.read_text("utf-8")
    head = plan[: plan.index("[[analysis]]")]
    path.write_text(head + '[[analysis]]\nuse = "reliability"\n\n[report]\n', encoding="utf-8")
    return tmp_path


def test_init_list_validate_run_report(folder, capsys):
    assert main(["list"]) == 0
    assert "mine  never run     Leadership as teachers see it" in capsys.readouterr().out
    assert main(["validate", "mine"]) == 0
    assert "the answers fit the questionnaire" in capsys.readouterr().out
    assert not (folder / "data" / "processed").exists()
    assert main(["report", "mine"]) == 1
    assert "run 'leadership-study run mine' first" in capsys.readouterr().err
    assert main(["run", "mine"]) == 0
    out = capsys.readouterr().out
    assert "mine: computed reliability" in out
    assert "mine: 1 computed: reliability\nmine: 0 reused\n" in out
    assert "reports/mine/report.en.html" in out
    assert main(["run"]) == 0
    assert "mine: unchanged" in capsys.readouterr().out
    (folder / "reports/mine/report.en.html").unlink()
    assert main(["report", "studies/mine.toml"]) == 0
    assert (folder / "reports/mine/report.en.html").exists()


def test_it_runs_from_anywhere_inside_the_project(folder, monkeypatch, capsys):
    monkeypatch.chdir(folder / "data" / "raw" / "mine")
    assert main(["validate", "mine"]) == 0


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["run", "mein"], "Unknown study: 'mein'; did you mean mine"),
        (["run", "studies/other.toml"], "no study file studies/other.toml"),
    ],
)
def test_wrong_use_is_2_and_names_the_nearest(folder, capsys, arguments, told):
    capsys.readouterr()
    assert main(arguments) == 2
    shown = capsys.readouterr()
    assert told in shown.err
    assert shown.out == ""


def test_outside_of_any_project_is_2(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["run"]) == 2
    assert "No project found" in capsys.readouterr().err


def test_wrong_arguments_are_2():
    for arguments in ([], ["rnu"], ["run", "--fast"], ["init"]):
        with pytest.raises(SystemExit) as ended:
            main(arguments)
        assert ended.value.code == 2


def test_problems_are_1_and_all_are_printed(folder, capsys):
    path = folder / "data" / "raw" / "mine" / "responses.csv"
    lines = path.read_text().splitlines()
    path.write_text("\n".join([lines[0], *(line[:-1] + "9" for line in lines[1:])]) + "\n")
    assert main(["run", "mine"]) == 1
    error = capsys.readouterr().err
    assert error.count("column tea_04") == 60
    assert "Traceback" not in error


def test_a_wrong_plan_is_1(folder, capsys):
    path = folder / "studies" / "mine.toml"
    path.write_text(path.read_text("utf-8").replace('"reliability"', '"relability"'), encoding="utf-8")
    assert main(["run"]) == 1
    assert "did you mean reliability" in capsys.readouterr().err


def test_one_study_with_problems_does_not_stop_the_next(folder, capsys):
    (folder / "studies" / "bad.toml").write_text("title = [")
    assert main(["validate"]) == 1
    shown = capsys.readouterr()
    assert "bad: studies/bad.toml is not a study file" in shown.err
    assert "mine: the plan and the answers fit" in shown.out
    assert main(["list"]) == 0
    assert "bad   never run     (studies/bad.toml: line 1" in capsys.readouterr().out


def test_list_says_what_has_to_be_run(folder, capsys):
    def state():
        capsys.readouterr()
        assert main(["list"]) == 0
        return capsys.readouterr().out.removeprefix("mine  ").partition("  ")[0]

    assert state() == "never run"
    assert main(["run"]) == 0
    assert state() == "up to date"
    plan = folder / "studies" / "mine.toml"
    plan.write_text(plan.read_text("utf-8") + "# a remark\n", encoding="utf-8")
    assert state() == "changed"
    (folder / "data/processed/mine/provenance.json").unlink()
    assert state() == "not finished"
    command = [sys.executable, "-X", "importtime", "-m", "leadership_study", "list"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
    assert not [name for name in ("numpy", "pandas", "rich", "matplotlib") if f"| {name}" in done.stderr]


def test_a_file_in_the_place_of_a_folder_is_1_and_said(folder, capsys):
    (folder / "reports").write_text("")
    assert main(["run"]) == 1
    assert "reports cannot be written or read: a file stands where a folder is needed" in capsys.readouterr().err


@pytest.mark.parametrize("home", ["/dev/null", "/proc"])
def test_a_home_that_cannot_be_written_is_no_matter(folder, home):
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("XDG_", "MPL"))}
    command = [sys.executable, "-m", "leadership_study", "run", "mine"]
    done = subprocess.run(command, cwd=folder, env=environment | {"HOME": home}, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


def test_init_refuses_what_is_there(folder, capsys):
    assert main(["init", "mine"]) == 1
    assert "is there already" in capsys.readouterr().err


def test_a_defect_is_3_with_a_log(folder, capsys, monkeypatch):
    def broken(*_):
        raise ZeroDivisionError("deep inside")

    monkeypatch.setattr("leadership_study.study.complete.run_study", broken)
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    assert main(["run", "mine"]) == 3
    (line,) = capsys.readouterr().err.strip().splitlines()
    assert "defect of the program" in line
    with open(line.rpartition(" ")[2], encoding="utf-8") as log:
        assert "ZeroDivisionError: deep inside" in log.read()


def test_what_could_not_be_estimated_is_not_counted_as_computed(folder, capsys):
    path = folder / "data" / "raw" / "mine" / "responses.csv"
    lines = path.read_text().splitlines()
    path.write_text("\n".join([lines[0], *(line[:-15] + "3,3,3,3,3,3,3,3" for line in lines[1:])]) + "\n")
    assert main(["run", "mine"]) == 0
    out = capsys.readouterr().out
    assert "mine: 0 computed\nmine: 0 reused\nmine: 1 not estimated, the report says why: reliability\n" in out


def test_an_interruption_is_130(folder, capsys, monkeypatch):
    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("leadership_study.study.complete.run_study", interrupted)
    assert main(["run", "mine"]) == 130
    assert "Interrupted" in capsys.readouterr().err


def test_a_full_disk_is_1_and_said(folder, capsys, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device", "reports/mine/x")

    monkeypatch.setattr("leadership_study.study.complete.run_study", full)
    assert main(["run", "mine"]) == 1
    assert "reports/mine/x cannot be written or read: No space left on device" in capsys.readouterr().err


def test_help_and_version_load_nothing_heavy():
    command = [sys.executable, "-X", "importtime", "-m", "leadership_study"]
    for argument, told in (("--help", "leadership-study run lq2002"), ("--version", __version__)):
        started = time.perf_counter()
        done = subprocess.run([*command, argument], capture_output=True, text=True, check=True)
        assert time.perf_counter() - started < 2
        assert told in done.stdout
        assert not [name for name in ("numpy", "pandas", "rich", "matplotlib") if f"| {name}" in done.stderr]
