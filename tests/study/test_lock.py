"""One run at a time, and no lock outlives its process."""

import subprocess
import sys

import pytest

from leadership_study.errors import BusyError
from leadership_study.study.lock import locked

HOLD = """
import sys, time
from pathlib import Path
from leadership_study.study.lock import locked
with locked(Path(sys.argv[1]), "there"):
    print("held", flush=True)
    time.sleep(60)
"""


def test_the_second_is_refused_until_the_first_is_dead(tmp_path):
    folder = tmp_path / "processed" / "x"
    first = subprocess.Popen([sys.executable, "-c", HOLD, str(folder)], stdout=subprocess.PIPE, text=True)
    try:
        assert first.stdout.readline() == "held\n"
        with pytest.raises(BusyError, match="Another run is working in there"), locked(folder, "there"):
            pass
    finally:
        first.kill()
        first.communicate()
    with locked(folder, "there"):
        assert (folder / ".lock").exists()
    assert list(folder.iterdir()) == []


def test_a_folder_that_was_made_for_nothing_is_taken_away(tmp_path):
    with locked(tmp_path / "processed" / "x", "there"):
        pass
    assert list(tmp_path.iterdir()) == []


def test_whoever_holds_it_may_take_it_again_and_what_was_there_stays(tmp_path):
    (tmp_path / "kept").write_text("x")
    with locked(tmp_path, "here"), locked(tmp_path, "here"):
        pass
    assert [path.name for path in tmp_path.iterdir()] == ["kept"]
