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


@pytest.mark.parametrize(
    "line",
    [
        "t-test --d 0.3 --one-sided", "anova --f 0.25 --groups 4", "correlation --n 90", "rmsea --df 24",
        "rmsea --df 24 --alternative 0.01", "rmsea --df 24 --null 0", "regression --f2 0.15 --tested 5 --others 2",
        "alpha --alpha 0.85 --items 6 --width 0.1 --interval bonett", "icc --icc 0.1 --raters 15",
        "icc --icc 0.1 --raters 15 --width 0.2", "cluster --n 128 --icc 0.1 --cluster-size 15",
        "cluster-comparison --d 0.5 --icc 0.1 --cluster-size 15", "yamane --population 900",
        f"group-difference --means 0 0.6 --level district {NESTED} --test cluster_means",
        f"group-difference --means 0 0.6 0.2 --shares 0.5 0.3 0.2 --level school {NESTED} --test nonrobust",
        f"nested-regression --predictor years:0.2:school --predictor z:0.1 --tested years {NESTED}",
    ],
)  # fmt: skip
def test_chinese_readers_get_chinese(capsys, line):
    assert run(f"{line} --language zh") == 0
    shown = capsys.readouterr().out
    # Names of people, methods and predictors keep their letters; no word of English nor of the program is left.
    kept = r"\([12]\d{3}\)|Cohen|Bonett|Feldt|Fisher|Wilson|Yamane|Cronbach|Donner|Eliasziw|Klar|Kish|Eldridge|Ashby"
    kept += r"|Kerry|MacCallum|Browne|Sugawara|and|RMSEA|ICC|CR2|years|[tFzdf]²?|[Ne]"
    left = re.sub(rf"(?<![A-Za-z_])(?:{kept})(?![A-Za-z_])", "", shown)
    assert not re.findall(r"[A-Za-z]{2,}|_", left), shown
    assert "计算说明：" in shown


def test_columns_of_wide_characters_stay_in_line(capsys):
    import unicodedata

    run("t-test --d 0.5 --language zh")
    lines = capsys.readouterr().out.split("\n\n")[1].splitlines()[1:]
    widths = {sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in line) for line in lines}
    assert len(lines) == 5
    assert len(widths) == 1


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
