"""A complete run: the same bytes whenever and wherever, killed or not; nothing done twice."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from small_study import DRAW, HEAD, MEANS, make_project, tree

from leadership_study.errors import LeadershipStudyError, PlanError, ResponseError
from leadership_study.study import provenance
from leadership_study.study.complete import run_study
from leadership_study.study.options import analysis
from leadership_study.study.store import Store


def run(project):
    return run_study(project, "small", lambda stage, what: None)


@pytest.fixture
def finished(tmp_path):
    project = make_project(tmp_path / "finished")
    run(project)
    return project


def test_every_output_is_there_and_vouched_for(finished):
    files = tree(finished.root)
    expected = {f"data/processed/small/{name}" for name in (
        "validated.csv", "exclusions.csv", "flow.csv", "columns.csv", "scores.csv", "results.json", "provenance.json",
        "results/means.json", "results/means.means.csv", "results/means.summary.csv",
        "results/tiny_draw.json", "results/tiny_draw.summary.csv",
    )} | {"reports/small/report.en.html"}  # fmt: skip
    # Tables cannot say themselves that their answers are simulated.
    places = ("data/processed/small", "data/processed/small/results", "reports/small", "reports/small/tables")
    expected |= {f"{place}/NOTICE.txt" for place in places}
    tables = {name for name in files if name.startswith("reports/small/tables/en/")}
    assert len(tables) >= 6
    assert set(files) == expected | tables
    record = json.loads(files["data/processed/small/provenance.json"])
    assert set(record["outputs"]) == set(files) - {"data/processed/small/provenance.json"}
    assert all(provenance.sha256(files[name]) == digest for name, digest in record["outputs"].items())
    assert set(record["inputs"]) == {
        "studies/small.toml", "questionnaires/small.toml", "data/raw/small/responses.csv", "requirements.lock",
        "leadership_study",
    }  # fmt: skip
    assert set(record["blocks"]) == {"means", "tiny_draw"}
    assert str(finished.root) not in files["data/processed/small/provenance.json"].decode()


def test_results_json_lists_every_block(finished):
    index = json.loads((finished.processed("small") / "results.json").read_text())
    means, draw = index["blocks"]
    assert (means["id"], means["use"], means["status"]) == ("means", "tiny_means", "estimated")
    assert means["tables"] == {"summary": "results/means.summary.csv", "means": "results/means.means.csv"}
    assert means["definition"] == {"formula": "mean", "n": 60}
    assert draw["id"] == "tiny_draw"


def test_two_folders_have_the_same_bytes(finished, tmp_path):
    other = make_project(tmp_path / "some" / "other folder")
    run(other)
    assert tree(other.root) == tree(finished.root)


def test_an_unchanged_study_is_recognised(finished):
    before = tree(finished.root)
    assert run(finished).unchanged
    assert tree(finished.root) == before


@pytest.mark.parametrize("kind", ["changed", "gone"])
def test_an_output_that_is_not_as_it_was_is_made_again(finished, kind):
    before = tree(finished.root)
    for name in sorted(before):
        path = finished.root / name
        if kind == "changed":
            path.write_bytes(path.read_bytes() + b" ")
        else:
            path.unlink()
        outcome = run(finished)
        assert tree(finished.root) == before, name
        assert not outcome.unchanged or name.endswith("provenance.json")


def test_one_changed_block_is_computed_and_the_others_are_not(finished):
    finished.study_file("small").write_text(HEAD + MEANS + "factor = 2.0\n" + DRAW)
    outcome = run(finished)
    assert (outcome.computed, outcome.reused) == (["means"], ["tiny_draw"])


def test_a_block_that_is_taken_out_leaves_nothing(finished, tmp_path):
    finished.study_file("small").write_text(HEAD + MEANS)
    run(finished)
    fresh = make_project(tmp_path / "fresh", HEAD + MEANS)
    run(fresh)
    assert tree(finished.root) == tree(fresh.root)


def test_refused_answers_leave_everything_as_it_was(finished):
    before = tree(finished.root)
    path = finished.raw("small") / "responses.csv"
    path.write_text(path.read_text().replace("\nt101,school_1,", "\nt101,school_1,9", 1))
    with pytest.raises(ResponseError):
        run(finished)
    assert tree(finished.root) == before


def outputs(project):
    return {name: content for name, content in tree(project.root).items() if "/.staged/" not in name}


def test_refused_options_leave_everything_as_it_was_and_are_all_listed(finished, tmp_path):
    before = tree(finished.root)
    wrong = MEANS.replace('"means"', '"{}"') + "factor = {}\n"
    plan = HEAD + MEANS + "factor = 2.0\n" + wrong.format("zero", "0.0") + DRAW + wrong.format("negative", "-1.0")
    finished.study_file("small").write_text(plan)
    with pytest.raises(PlanError) as caught:
        run(finished)
    assert outputs(finished) == before
    assert "studies/small.toml has 2 problems; nothing that was stored has been changed" in str(caught.value)
    zero, negative = caught.value.problem_list
    assert str(zero) == (
        "studies/small.toml: [[analysis]] 'zero': The 'factor' parameter of run must be above 0. Got 0.0 instead; "
        "correct the block"
    )
    assert "[[analysis]] 'negative'" in negative.message

    corrected = plan.replace("= 0.0", "= 3.0").replace("= -1.0", "= 4.0")
    finished.study_file("small").write_text(corrected)
    outcome = run(finished)
    assert (outcome.computed, outcome.reused) == (["zero", "negative"], ["means", "tiny_draw"]), "none computed twice"
    fresh = make_project(tmp_path / "fresh", corrected)
    run(fresh)
    assert tree(finished.root) == tree(fresh.root)


def test_a_wrong_plan_that_is_taken_back_leaves_no_trace(finished):
    before = tree(finished.root)
    wrong = MEANS.replace('"means"', '"x"') + "factor = 0.0\n"
    finished.study_file("small").write_text(HEAD + MEANS + "factor = 2.0\n" + wrong)
    with pytest.raises(PlanError):
        run(finished)
    assert tree(finished.root) != before
    finished.study_file("small").write_text(HEAD + MEANS + DRAW)
    assert run(finished).unchanged
    assert tree(finished.root) == before


def test_what_is_not_estimated_is_not_counted_as_computed(finished):
    finished.study_file("small").write_text(HEAD + MEANS + "least = 61\n" + DRAW)
    outcome = run(finished)
    assert (outcome.computed, outcome.reused, outcome.not_estimated) == ([], ["tiny_draw"], ["means"])


class Killed(BaseException):
    """Nothing in the program catches this, as nothing catches a kill."""


def test_killed_at_any_write_the_next_run_ends_with_the_same_bytes(tmp_path, monkeypatch):
    """Between every two steps on the disk, in a study whose plan has changed since its last run."""
    fresh = make_project(tmp_path / "fresh", HEAD + MEANS + "factor = 2.0\n")
    run(fresh)
    wanted = tree(fresh.root)
    write, unlink = Store._write, Path.unlink
    project = make_project(tmp_path / "killed")
    left = 0

    def step() -> None:
        nonlocal left
        left -= 1
        if left < 0:
            raise Killed

    def dying_write(self, path, content):
        if left == 0:  # killed in the middle of a file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.with_name(path.name + ".part").write_bytes(content[: len(content) // 2])
        step()
        write(self, path, content)

    def dying_unlink(self, missing_ok=False):
        if self.name != ".lock":
            step()
        unlink(self, missing_ok=missing_ok)

    steps = 0
    while True:
        project.study_file("small").write_text(HEAD + MEANS + DRAW)
        run(project)
        before = tree(project.root)
        project.study_file("small").write_text(HEAD + MEANS + "factor = 2.0\n")
        left = steps
        with monkeypatch.context() as patch:
            patch.setattr(Store, "_write", dying_write)
            patch.setattr(Path, "unlink", dying_unlink)
            try:
                run(project)
            except Killed:
                vouched = (project.processed("small") / "provenance.json").exists()
                assert not vouched or before.items() <= tree(project.root).items(), steps
            else:
                break
        run(project)
        assert tree(project.root) == wanted, steps
        steps += 1
    assert steps > 15
    assert tree(project.root) == wanted


RUN = """
import sys
from pathlib import Path
import leadership_study.measurement as home
home.__path__.append(sys.argv[2])
from leadership_study.study.complete import run_study
from leadership_study.study.project import Project
print("start", flush=True)
run_study(Project(Path(sys.argv[1])), "small", lambda stage, what: print(stage, what, flush=True))
"""


@pytest.mark.skipif(os.name == "nt", reason="no SIGKILL")
@pytest.mark.parametrize("stage", ["computed means", "writing en"])
def test_a_real_kill_leaves_a_folder_that_the_next_run_completes(tmp_path, stage):
    fresh, project = make_project(tmp_path / "fresh"), make_project(tmp_path / "killed")
    run(fresh)
    command = [sys.executable, "-c", RUN, str(project.root), str(Path(__file__).parent / "analyses")]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    for line in process.stdout:
        if line.strip() == stage:
            process.send_signal(signal.SIGKILL)
            break
    process.communicate()
    assert process.returncode == -signal.SIGKILL
    outcome = run(project)
    assert outcome.reused[:1] == ["means"]
    assert tree(project.root) == tree(fresh.root)


def test_a_notebook_that_fails_stops_the_run_before_the_provenance(finished):
    finished.notebooks.mkdir()
    (finished.notebooks / "01_x.ipynb").write_text("{}")
    finished.study_file("small").write_text(HEAD + MEANS + '\n[report]\nnotebooks = ["01_x"]\n')
    with pytest.raises(LeadershipStudyError, match="01_x"):
        run(finished)
    assert not (finished.processed("small") / "provenance.json").exists()


def test_an_unchanged_study_is_recognised_without_heavy_libraries(finished):
    code = (
        "import sys; from pathlib import Path\n"
        "from leadership_study.study.complete import run_study\n"
        "from leadership_study.study.project import Project\n"
        "outcome = run_study(Project(Path(sys.argv[1])), 'small', lambda *_: None)\n"
        "heavy = {'numpy', 'pandas', 'scipy', 'matplotlib', 'rich'} & set(sys.modules)\n"
        "print(outcome.unchanged, sorted(heavy))"
    )
    started = time.perf_counter()
    done = subprocess.run([sys.executable, "-c", code, str(finished.root)], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "True []"
    assert time.perf_counter() - started < 3


def test_nothing_of_the_tests_leaks_into_the_fingerprints():
    assert analysis("tiny_means").run.__module__ == "leadership_study.measurement.tiny_means"
