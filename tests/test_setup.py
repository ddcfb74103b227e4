"""Setting up says in one sentence what is missing."""

import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def set_up(tmp_path: Path, python: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        ["sh", str(ROOT / "setup.sh")],
        cwd=tmp_path,
        env={"PYTHON": python, "PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
    )


def fake_python(tmp_path: Path, script: str) -> str:
    path = tmp_path / "python"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return str(path)


OLD = 'case "$*" in *version_info*) exit 1;; -V) echo Python 3.9.2;; esac'
NO_VENV = 'case "$*" in *ensurepip*) exit 1;; esac'
NO_NETWORK = 'case "$*" in "-m venv .venv") mkdir -p .venv/bin; cp "$0" .venv/bin/python;; *"-m pip"*) exit 1;; esac'


@pytest.mark.parametrize(
    ("script", "sentence"),
    [
        (OLD, "Python 3.9.2 is not supported; use Python 3.11"),
        (NO_VENV, "install python3-venv"),
        (NO_NETWORK, "is there a network?"),
    ],
)
def test_what_is_missing_is_said_in_one_sentence(tmp_path, script, sentence):
    done = set_up(tmp_path, fake_python(tmp_path, script))
    assert done.returncode == 1
    assert sentence in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert not (tmp_path / ".venv" / "ready").exists()


def test_no_python_at_all(tmp_path):
    done = set_up(tmp_path, "python-that-is-not-there")
    assert done.returncode == 1
    assert "install Python 3.11" in done.stderr


def test_the_lock_pins_every_package_with_hashes_and_names_no_index():
    text = (ROOT / "requirements.lock").read_text()
    packages = [line for line in text.splitlines() if line and line[0] not in " #"]
    assert len(packages) > 100
    assert all("==" in line and line.endswith("\\") for line in packages)
    assert "://" not in text
