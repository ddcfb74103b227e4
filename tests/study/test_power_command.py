"""``leadership-study power``: every kind answers, files are written, wrong use is 2, an interruption is 130."""

import argparse
import re

import pytest

from leadership_study.study import power_command

NESTED = "--districts 8 --schools 3 --teachers 6 --icc-district 0.05 --icc-school 0.05 --replicates 100 --seed 1"


def run(line: str) -> int:
    parser = argparse.ArgumentParser(prog="leadership-study")
    power_command.add_parser(parser.add_subparsers(required=True))
    options = parser.parse_args(["power", *line.split()])
    return options.do(options)


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("t-test --d 0.5", "n 128"),
        ("t-test --d 0.3 --power 0.9 --one-sided", "190.988"),
        ("t-test --n 128 --power 0.8", "effect 0.499"),
        ("anova --f 0.25 --groups 4", "n 180"),
        ("correlation --r 0.3", "n 85"),
        ("regression --f2 0.15 --tested 5", "n 92"),
        ("regression --r-squared 0.2 --r-squared-others 0.1 --tested 1 --others 4 --n 90", "power"),
        ("rmsea --df 24", "n 375"),
        ("rmsea --df 24 --n 200", "power .510"),
        ("alpha --alpha 0.85 --items 6 --width 0.1", "target_width"),
        ("icc --icc 0.1 --raters 15", "raters_per_group"),
        ("icc --icc 0.1 --raters 15 --width 0.2", "target_width"),
        ("cluster --n 128 --icc 0.1 --cluster-size 15", "design_effect 2.40"),
        ("cluster-comparison --d 0.5 --icc 0.1 --cluster-size 15", "clusters"),
        ("yamane --population 900", "legacy formula"),
        (f"group-difference --means 0 0.6 --level district {NESTED}", "false_positive_rate"),
        (f"nested-regression --predictor x:0.2:school --predictor z:0.1 --tested x {NESTED} --vary teachers --values 3",
         "teachers_per_school"),
    ],
)  # fmt: skip
def test_every_kind_answers(capsys, line, told):
    assert run(line) == 0
    assert told in re.sub(" +", " ", capsys.readouterr().out)


def test_curves_are_written(tmp_path, capsys):
    figure, table = tmp_path / "curve.svg", tmp_path / "curve.csv"
    assert run(f"t-test --d 0.5 --figure {figure} --csv {table} --language zh") == 0
    assert figure.read_bytes().startswith(b"<?xml")
    lines = table.read_text("utf-8").splitlines()
    assert lines[0] == "sample,n,power"
    assert any(line.startswith("128,128,0.80") for line in lines)
    assert "Curve" not in capsys.readouterr().out
    png = tmp_path / "curve.PNG"
    assert run(f"group-difference --means 0 0.6 --level district {NESTED} --figure {png}") == 0
    assert png.read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("t-test", "needs 'd' to find 'n'"),
        ("t-test --d 0.5 --n 40 --power 0.8", "finds the third; leave one out"),
        ("t-test --d big", "invalid float value"),
        ("t-test --d 0.5 --figure curve.pdf", "--figure must end in .svg or .png"),
        ("icc --raters 10 --width 0.2", "'icc'"),
        (f"nested-regression --predictor x {NESTED}", "--predictor must be NAME:SLOPE"),
        (f"nested-regression --predictor x:0.1:pupil {NESTED}", "'level'"),
        (f"group-difference --means 0 0.5 --level district {NESTED.replace('8', '3')}", "at least two districts"),
        ("bootstrap", "invalid choice"),
    ],
)
def test_wrong_use_is_2(capsys, line, told):
    with pytest.raises(SystemExit) as ended:
        run(line)
    assert ended.value.code == 2
    assert told in capsys.readouterr().err


def test_a_legacy_formula_has_no_curve(tmp_path):
    from leadership_study.errors import LeadershipStudyError

    with pytest.raises(LeadershipStudyError, match="no curve to draw"):
        run(f"yamane --population 900 --figure {tmp_path / 'x.svg'}")


def test_an_interruption_prints_what_there_is_and_is_130(capsys, monkeypatch):
    from leadership_study.study import _power_calls

    def stop(done, planned):
        if done == 100:
            raise KeyboardInterrupt

    monkeypatch.setattr(_power_calls, "_progress", stop)
    assert run(f"group-difference --means 0 0.6 --level district {NESTED.replace('100', '300')}") == 130
    assert "Interrupted: 100 of 300 replicates are counted." in capsys.readouterr().out


def test_building_the_arguments_loads_nothing_heavy():
    import subprocess
    import sys

    code = (
        "import sys, argparse\nfrom leadership_study.study.power_command import add_parser\n"
        "add_parser(argparse.ArgumentParser().add_subparsers())\n"
        "print([m for m in ('numpy', 'pandas', 'scipy', 'matplotlib', 'rich') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
