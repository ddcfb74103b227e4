import argparse
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from leadership_study.errors import InstrumentError, LeadershipStudyError
from leadership_study.instruments import exchange, load_instrument
from leadership_study.study import instrument_command

ROOT = Path(__file__).parents[2]
NAME = "school_district_head_leadership"


@pytest.fixture
def run(tmp_path, monkeypatch, capsys):
    """Run ``instrument …`` in a small project; return its output."""
    for folder in ("studies", "questionnaires"):
        (tmp_path / folder).mkdir()
    shutil.copy(ROOT / "questionnaires" / f"{NAME}.toml", tmp_path / "questionnaires")
    monkeypatch.chdir(tmp_path)
    parser = argparse.ArgumentParser()
    instrument_command.add_parser(parser.add_subparsers())

    def call(*arguments):
        options = parser.parse_args(["instrument", *map(str, arguments)])
        assert options.do(options) == 0
        return capsys.readouterr().out

    return call


@pytest.mark.parametrize(
    ("target", "file"),
    [
        ("paper", f"{NAME}.paper.en.docx"),
        ("xlsform", f"{NAME}.xlsform.xlsx"),
        ("limesurvey", f"{NAME}.limesurvey.txt"),
        ("qualtrics", f"{NAME}.qualtrics.en.txt"),
        ("codebook", f"{NAME}.codebook.en.html"),
        ("codebook-csv", f"{NAME}.codebook.csv"),
        ("ddi", f"{NAME}.ddi.xml"),
    ],
)
def test_export_writes_a_file_and_tells_the_losses(run, target, file, tmp_path):
    out = run("export", NAME, "--to", target)
    assert f"written {file}" in out
    assert (tmp_path / file).stat().st_size > 1000
    assert ("Note:" in out) == (target not in ("paper", "codebook", "codebook-csv"))
    assert not list(tmp_path.glob("*.part"))


def test_options_of_the_paper_form(run, tmp_path):
    run("export", NAME, "--to", "paper", "--language", "zh", "--form", "self")
    assert (tmp_path / f"{NAME}.paper.zh.self.docx").is_file()
    with pytest.raises(LeadershipStudyError, match="leave out --language"):
        run("export", NAME, "--to", "xlsform", "--language", "zh")


def test_no_file_is_written_over_unasked(run, tmp_path):
    target = tmp_path / "out" / "form.xlsx"
    run("export", NAME, "--to", "xlsform", "--output", target)
    run("export", NAME, "--to", "xlsform", "--output", target)  # the same bytes
    target.write_bytes(b"mine")
    with pytest.raises(LeadershipStudyError, match="there already"):
        run("export", NAME, "--to", "xlsform", "--output", target)
    assert target.read_bytes() == b"mine"
    run("export", NAME, "--to", "xlsform", "--output", target, "--replace")
    assert target.read_bytes() != b"mine"


@pytest.mark.parametrize("target", ["xlsform", "limesurvey"])
def test_import_makes_a_questionnaire_that_loads_equal(run, target, tmp_path):
    run("export", NAME, "--to", target, "--output", "form")
    run("import", "form", "--as", "again")
    again = load_instrument("again")
    assert replace(again, id=NAME) == load_instrument(NAME)
    (tmp_path / "questionnaires" / "again.toml").write_text("mine")
    with pytest.raises(LeadershipStudyError, match="there already"):
        run("import", "form", "--as", "again")


def test_gaps_keep_a_questionnaire_from_being_written(run, tmp_path):
    whole = load_instrument(NAME)
    item = replace(whole.dimensions[0].items[0], text={"en": "Only English"})
    dimension = replace(whole.dimensions[0], items=(item, *whole.dimensions[0].items[1:]))
    data, _ = exchange.write(replace(whole, dimensions=(dimension, *whole.dimensions[1:])), "xlsform")
    Path("form.xlsx").write_bytes(data)
    with pytest.raises(InstrumentError, match="--language") as caught:
        run("import", "form.xlsx", "--as", "gaps")
    assert "str_01" in str(caught.value)
    assert not (tmp_path / "questionnaires" / "gaps.toml").exists()
    out = run("import", "form.xlsx", "--as", "gaps", "--draft")
    assert "To be added before it can be used" in out
    out = run("import", "form.xlsx", "--as", "gaps", "--language", "en", "--replace")
    assert load_instrument("gaps").languages == ("en",)
    assert "translations are missing" not in out


def test_bad_names_and_files_are_told(run):
    with pytest.raises(LeadershipStudyError, match="letters, digits"):
        run("import", "form.xlsx", "--as", "my form")
    with pytest.raises(LeadershipStudyError, match=r"nowhere.xlsx cannot be read"):
        run("import", "nowhere.xlsx", "--as", "x")
    with pytest.raises(LeadershipStudyError, match="cannot be read"):
        run("import", "studies", "--as", "x")
    Path("x.txt").write_text("hello")
    with pytest.raises(InstrumentError, match="no form of a known format"):
        run("import", "x.txt", "--as", "x")
