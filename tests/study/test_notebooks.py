"""The executor of notebooks, on small notebooks made here."""

import json
import os
import re
import subprocess
import sys
import textwrap
from pathlib import Path

import psutil
import pytest

from leadership_study.errors import LeadershipStudyError
from leadership_study.study.notebooks import execute, execute_all

OPENING = "def open_study(path):\n    return path\n\nstudy = open_study('studies/somebody_elses.toml')\nstudy"


def write_notebook(path: Path, *cells: str, tagged: bool = True, minor: int = 5) -> Path:
    """Write a notebook with a heading, the study cell and ``cells``."""
    made = [{"cell_type": "markdown", "metadata": {}, "source": ["# A & B\n", "\n", "> 摘要"]}]
    for number, source in enumerate((OPENING, *cells)):
        tags = {"tags": ["study"]} if tagged and number == 0 else {}
        made.append({"cell_type": "code", "metadata": tags, "source": source, "outputs": [], "execution_count": None})
    if minor >= 5:
        for number, cell in enumerate(made):
            cell["id"] = f"c{number}"
    content = {"cells": made, "metadata": {}, "nbformat": 4, "nbformat_minor": minor}
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


def outputs(made: dict[str, bytes], stem: str, cell: int) -> list[dict]:
    """Outputs of the code cell number ``cell``, the study cell being 0."""
    code = [each for each in json.loads(made[f"{stem}.ipynb"])["cells"] if each["cell_type"] == "code"]
    return code[cell]["outputs"]


NOISY = textwrap.dedent(
    """
    import os, sys, warnings, pathlib
    print("first")
    print("an error", file=sys.stderr)
    warnings.warn("mind this")
    print(object(), os.getcwd(), sys.prefix, pathlib.Path.home() / "x")
    {"beta", "alpha"}, hash("text"), os.environ["OMP_NUM_THREADS"]
    """
)
PICTURE = textwrap.dedent(
    """
    from leadership_study.reporting.figures import _style
    with _style.style():
        figure, axes = _style.new(2.0)
        axes.plot([1, 2], [-1, 1])
    figure.alt = "A line that rises"
    figure
    """
)


@pytest.fixture(scope="module")
def made_twice(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, bytes]]:
    runs = []
    for name in ("one", "another-folder"):
        folder = tmp_path_factory.mktemp(name)
        notebooks = [write_notebook(folder / "01_a.ipynb", NOISY), write_notebook(folder / "02_b.ipynb", PICTURE)]
        runs.append(execute_all(notebooks, "studies/mine.toml", cwd=folder))
    return runs


def test_same_bytes_in_two_folders(made_twice: list[dict[str, bytes]]) -> None:
    assert list(made_twice[0]) == ["01_a.ipynb", "01_a.html", "02_b.ipynb", "02_b.html"]
    assert made_twice[0] == made_twice[1]


def test_a_notice_stands_first(tmp_path: Path) -> None:
    notebook = write_notebook(tmp_path / "01_a.ipynb", "1 + 1")
    made = execute_all([notebook], "studies/mine.toml", cwd=tmp_path, notice=["Simulated.", "模拟数据。"])
    cell = json.loads(made["01_a.ipynb"])["cells"][0]
    assert (cell["cell_type"], "".join(cell["source"])) == ("markdown", "**Simulated.**\n\n**模拟数据。**")
    assert "模拟数据。" in made["01_a.html"].decode()


def test_the_study_is_put_in(made_twice: list[dict[str, bytes]]) -> None:
    assert outputs(made_twice[0], "01_a", 0)[0]["data"]["text/plain"] == "'studies/mine.toml'"
    assert b"somebody_elses" not in b"".join(made_twice[0].values())


def test_streams_are_joined_warnings_plain_and_machine_hidden(made_twice: list[dict[str, bytes]]) -> None:
    stdout, stderr, result = outputs(made_twice[0], "01_a", 1)
    assert stdout["text"].startswith("first\n<object object at 0x…> . … ~")
    assert stderr["text"] == "an error\nUserWarning: mind this\n"
    assert result["data"]["text/plain"].endswith(", '1')")
    everything = b"".join(made_twice[0].values()).decode()
    assert str(Path.home()) + "/" not in everything
    assert sys.prefix not in everything


def test_nothing_of_the_run_is_kept(made_twice: list[dict[str, bytes]]) -> None:
    notebook = json.loads(made_twice[0]["01_a.ipynb"])
    assert all("execution" not in cell["metadata"] for cell in notebook["cells"])
    assert "version" not in notebook["metadata"]["language_info"]
    assert [cell["id"] for cell in notebook["cells"]] == ["c0", "c1", "c2"]


def test_page_needs_no_network(made_twice: list[dict[str, bytes]]) -> None:
    for stem in ("01_a", "02_b"):
        page = made_twice[0][f"{stem}.html"].decode()
        assert "<title>A &amp; B</title>" in page
        assert "摘要" in page
        assert not re.search(r"<script|<link|@import|(?:src|href)\s*=\s*[\"']?(?:https?:)?//|url\(", page)
    assert 'src="data:image/png;base64,' in made_twice[0]["02_b.html"].decode()


def test_figures_show_themselves(made_twice: list[dict[str, bytes]]) -> None:
    (shown,) = outputs(made_twice[0], "02_b", 1)
    assert set(shown["data"]) == {"image/png", "text/plain"}
    assert shown["metadata"]["image/png"] == {"alt": "A line that rises", "height": 220, "width": 770}


def test_cells_without_ids_get_fixed_ones(tmp_path: Path) -> None:
    made = execute(write_notebook(tmp_path / "old.ipynb", minor=4), "s.toml", cwd=tmp_path)
    assert [cell["id"] for cell in json.loads(made["old.ipynb"])["cells"]] == ["cell-01", "cell-02"]


def test_failing_cell_is_named(tmp_path: Path) -> None:
    path = write_notebook(tmp_path / "bad.ipynb", "1", "print('so far')\n{}['key']", "2")
    with pytest.raises(LeadershipStudyError, match=r"bad stopped at code cell 3 of 4 \(id c3\): KeyError: 'key'"):
        execute(path, "s.toml", cwd=tmp_path)


def test_slow_cell_is_named(tmp_path: Path) -> None:
    path = write_notebook(tmp_path / "slow.ipynb", "import time\ntime.sleep(60)")
    with pytest.raises(LeadershipStudyError, match=r"slow took longer than 1 seconds at code cell 2 of 2"):
        execute(path, "s.toml", cwd=tmp_path, timeout=1)


def test_dead_kernel_is_said(tmp_path: Path) -> None:
    path = write_notebook(tmp_path / "dead.ipynb", "import os\nos._exit(7)")
    with pytest.raises(LeadershipStudyError, match="that ran the notebook dead died"):
        execute(path, "s.toml", cwd=tmp_path)


@pytest.mark.parametrize(
    ("content", "message"),
    [(None, "cannot be read"), ("not json", "not a Jupyter notebook"), ('{"cells": 3}', "not a Jupyter notebook")],
)
def test_unreadable_notebook(tmp_path: Path, content: str | None, message: str) -> None:
    path = tmp_path / "x.ipynb"
    if content is not None:
        path.write_text(content)
    with pytest.raises(LeadershipStudyError, match=message):
        execute(path, "s.toml", cwd=tmp_path)


def test_notebook_without_study_cell(tmp_path: Path) -> None:
    with pytest.raises(LeadershipStudyError, match="does not say which study"):
        execute(write_notebook(tmp_path / "x.ipynb", tagged=False), "s.toml", cwd=tmp_path)


@pytest.mark.skipif(os.name != "posix", reason="processes")
def test_one_failure_stops_the_other_kernels(tmp_path: Path) -> None:
    notebooks = [
        write_notebook(tmp_path / "long.ipynb", "open('begun', 'w').write(str(__import__('os').getpid()))",
                       "import time\ntime.sleep(600)"),
        write_notebook(tmp_path / "bad.ipynb", "import time, pathlib\nwhile not pathlib.Path('begun').exists():\n"
                       "    time.sleep(0.05)\ntime.sleep(0.5)\n1 / 0"),
        write_notebook(tmp_path / "waiting.ipynb"),
    ]  # fmt: skip
    with pytest.raises(LeadershipStudyError, match="bad stopped"):
        execute_all(notebooks, "s.toml", cwd=tmp_path)
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "begun").read_text()), 0)


def test_failure_while_another_is_starting_leaves_no_process(tmp_path: Path) -> None:
    notebooks = [write_notebook(tmp_path / "bad.ipynb", "1 / 0"), write_notebook(tmp_path / "starting.ipynb")]
    with pytest.raises(LeadershipStudyError):
        execute_all([notebooks[0], notebooks[1], notebooks[1]], "s.toml", cwd=tmp_path)
    children = psutil.Process().children(recursive=True)
    # One that has ended may not be reaped yet.
    running = [child for child in children if child.status() != psutil.STATUS_ZOMBIE]
    assert not [child for child in running if "ipykernel_launcher" in " ".join(child.cmdline())]


@pytest.mark.skipif(os.name != "posix", reason="signals")
def test_interrupt_stops_the_kernels(tmp_path: Path) -> None:
    notebook = write_notebook(tmp_path / "long.ipynb", "open('begun', 'w').write(str(__import__('os').getpid()))",
                              "import time\ntime.sleep(600)")  # fmt: skip
    program = textwrap.dedent(
        f"""
        import os, signal, threading, time
        from pathlib import Path
        from leadership_study.study.notebooks import execute

        def interrupt():
            while not Path("begun").exists() or not Path("begun").read_text():
                time.sleep(0.05)
            os.kill(os.getpid(), signal.SIGINT)

        signal.signal(signal.SIGINT, signal.default_int_handler)  # it may be ignored where the tests run (nohup)
        threading.Thread(target=interrupt, daemon=True).start()
        try:
            execute(Path({str(notebook)!r}), "s.toml", cwd=Path("."))
        except KeyboardInterrupt:
            print("interrupted")
        """
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.stdout == "interrupted\n", done.stderr
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "begun").read_text()), 0)
