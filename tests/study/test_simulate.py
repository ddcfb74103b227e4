"""Simulated answers come out of the population that was written down, and only out of it."""

import argparse
import json
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from leadership_study.errors import LeadershipStudyError, PlanError
from leadership_study.importing import read_responses
from leadership_study.instruments import load_instrument
from leadership_study.measurement.reliability import cronbach_alpha, mcdonald_omega
from leadership_study.samples.one_way import one_way
from leadership_study.scoring import score
from leadership_study.study import simulate_command
from leadership_study.study.simulate import load_population, simulate
from leadership_study.validation import validate

ROOT = Path(__file__).parents[2]
FLAGSHIP = load_instrument(ROOT / "questionnaires" / "school_district_head_leadership.toml")
LQ2002 = load_instrument(ROOT / "questionnaires" / "lq2002.toml")
TINY = """
questionnaire = "lq2002"
[[responses]]
id = "soldiers"
n = 50
"""
NESTED = """
questionnaire = "school_district_head_leadership"
nested_in = ["school", "district"]
[groups.school]
n = 3000
[groups.district]
n = 1000
[icc]
school = 0.10
district = { structural = 0.15, cultural = 0.05 }
[correlations]
halo = 0.6
[items]
loadings = { str_01 = 0.5, str_04 = 0.9 }
thresholds = { agreement = [-2.0, -1.2, -0.4, 0.9] }
shifts = { str_02 = -0.5 }
[background.teaching_years]
shares = { "0-5" = 0.5, "21+" = 0.5 }
seniority = 0.8
[background.location]
of = "school"
[[effect]]
of = "teaching_years"
levels = { "21+" = 0.4 }
[[effect]]
of = "location"
on = ["structural"]
levels = { rural = -0.5 }
[[responses]]
id = "teachers"
n = 60000
"""

FACTS = """
[background.district_stages]
of = "district"
shares = { single_stage = 0.5, cross_stage = 0.5 }
[background.stage]
of = "school"
alike_where = { district_stages = ["single_stage"] }
[background.school_type]
of = "school"
one = "core"
[[fact]]
of = "school"
id = "pupils"
median = 500
log_sd = 0.2
factors = { school_type = { core = 2 } }
decimals = 0
[[fact]]
of = "school"
id = "books"
median = 20
times = "pupils"
"""


def run(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="leadership-study")
    simulate_command.add_parser(parser.add_subparsers(required=True))
    options = parser.parse_args(["simulate", *arguments])
    return options.do(options)


@pytest.fixture
def load(tmp_path):
    def of(text, instrument=FLAGSHIP):
        path = tmp_path / "population.toml"
        path.write_text(text, encoding="utf-8")
        return load_population(path, instrument)

    return of


# --- what comes out -----------------------------------------------------------------------------------------


def test_any_questionnaire_can_be_answered_from_three_lines(load):
    simulated = simulate(LQ2002, load(TINY, LQ2002))
    validated = validate(simulated.blocks["soldiers"].raw(), LQ2002)
    assert len(validated.frame) == 50
    assert validated.frame[LQ2002.item_ids()].notna().all().all()
    assert [row["dimension"] for row in simulated.values["dimensions"]] == LQ2002.dimension_ids
    assert simulated.values["effects"] == []


def test_the_population_files_of_the_page_are_read(tmp_path):
    page = (ROOT / "docs" / "simulation.md").read_text("utf-8")
    files = re.findall(r"```toml\n(.*?)```", page, re.DOTALL)
    assert len(files) == 2
    sizes = []
    for text in files:
        path = tmp_path / "population.toml"
        path.write_text(text, encoding="utf-8")
        drawn = simulate(FLAGSHIP, load_population(path, FLAGSHIP))
        sizes.append({name: block.n for name, block in drawn.blocks.items()})
    assert sizes == [{"teachers": 300}, {"teachers": 900, "heads": 12}]


def test_careless_and_missing_answers_leave_the_others_as_they_were(tmp_path):
    frames = []
    for more in ("", "[careless]\nshare = 0.2\n[missing]\nmcar = 0.1\n"):
        path = tmp_path / "population.toml"
        path.write_text(TINY + more, encoding="utf-8")
        block = simulate(LQ2002, load_population(path, LQ2002)).blocks["soldiers"]
        frames.append(block.items().where(block.careless.eq("attentive"), axis=0))
    plain, marred = frames
    same = marred.isna() | (plain == marred)
    assert same.to_numpy().all()
    assert 0.1 < marred.isna().to_numpy().mean() < 0.5


def test_population_values_are_those_of_a_large_sample(load):
    population = load(NESTED)
    simulated = simulate(FLAGSHIP, population, seed=11)
    block, values = simulated.blocks["teachers"], simulated.values
    items, codes = block.items(), block.answers.groups
    known = pd.DataFrame(values["items"]).set_index("item")
    assert items.mean().to_numpy() == pytest.approx(known["mean"].to_numpy(), abs=0.03)
    assert items.std().to_numpy() == pytest.approx(known["sd"].to_numpy(), abs=0.015)
    assert known.loc["str_02", "mean"] < known.loc["str_03", "mean"] - 0.3
    correlations = pd.DataFrame(values["item_correlations"]).to_numpy()
    assert items.corr().to_numpy() == pytest.approx(correlations, abs=0.015)
    scales = pd.DataFrame({id: items[FLAGSHIP.item_ids(id)].mean(axis=1) for id in FLAGSHIP.dimension_ids})
    assert scales.corr().to_numpy() == pytest.approx(pd.DataFrame(values["scale_correlations"]).to_numpy(), abs=0.015)
    for row in values["dimensions"]:
        own = items[FLAGSHIP.item_ids(row["dimension"])]
        assert cronbach_alpha(own).alpha == pytest.approx(row["alpha"], abs=0.006)
        assert mcdonald_omega(own).omega == pytest.approx(row["omega"], abs=0.006)
        inner = one_way(scales[row["dimension"]].to_numpy(), codes["school"])
        between, within = inner.mean_square_between, inner.mean_square_within
        icc = (between - within) / (between + (inner.adjusted_size - 1) * within)
        assert icc == pytest.approx(row["icc"]["school"] + row["icc"]["district"], abs=0.012)
    found = {row["dimension"]: row for row in values["dimensions"]}
    assert found["structural"]["latent_icc"] == {"school": 0.10, "district": 0.15}
    assert found["structural"]["icc"]["district"] > 2 * found["cultural"]["icc"]["district"]
    assert found["teaching"]["icc"]["district"] == pytest.approx(0, abs=1e-12)
    background = block.background()
    design = np.column_stack(
        [
            np.ones(60000),
            background["teaching_years"] == "21+",
            *(background["location"] == at for at in ("town", "rural")),
        ]
    )
    effects = pd.DataFrame(values["effects"]).set_index(["dimension", "term"])["estimate"]
    for dimension in ("structural", "teaching"):
        estimates = np.linalg.lstsq(design.astype(float), scales[dimension].to_numpy(), rcond=None)[0]
        terms = ["intercept", "teaching_years[21+]", "location[town]", "location[rural]"]
        assert [effects[dimension, term] for term in terms] == pytest.approx(estimates, abs=0.04)
    assert effects["structural", "location[rural]"] < -0.2
    assert effects["teaching", "location[rural]"] == pytest.approx(0, abs=1e-9)


def test_reverse_keyed_items_are_answered_the_other_way_round(load):
    simulated = simulate(FLAGSHIP, load(NESTED.replace("n = 60000", "n = 3000")), seed=1)
    block = simulated.blocks["teachers"]
    raw = block.raw().frame
    assert raw["str_04"].astype(float).mean() < 2.5
    assert raw[["str_03", "str_04"]].astype(float).corr().iloc[0, 1] < -0.3
    turned = score(validate(block.raw(), FLAGSHIP), nested_in=["school", "district"]).items
    assert turned.to_numpy() == pytest.approx(block.items().to_numpy())


def test_equal_seeds_give_equal_answers(load):
    population = load(NESTED.replace("n = 60000", "n = 3000"))
    first, again, other = (simulate(FLAGSHIP, population, seed=seed).blocks["teachers"] for seed in (4, 4, 5))
    pd.testing.assert_frame_equal(first.raw().frame, again.raw().frame)
    assert (first.answers.items != other.answers.items).mean() > 0.3
    assert first.raw(slice(10, 13)).frame.equals(first.raw().frame.iloc[10:13])


def test_blocks_do_not_disturb_each_other(load):
    text = NESTED.replace("n = 60000", "n = 3000")
    heads = '[[responses]]\nid = "heads"\nform = "self"\nper = "district"\n'
    heads += 'bias = 0.8\nvalidity = 0.9\nnot_asked = ["school"]\n'
    alone = simulate(FLAGSHIP, load(text)).blocks["teachers"]
    both = simulate(FLAGSHIP, load(text + heads)).blocks
    pd.testing.assert_frame_equal(alone.raw().frame, both["teachers"].raw().frame)
    own = both["heads"].items()
    assert len(own) == 1000
    assert own.mean().mean() > alone.items().mean().mean() + 0.3
    assert both["heads"].raw().frame["school"].isna().all()
    seen = own[FLAGSHIP.item_ids("structural")].mean(axis=1)
    true = both["heads"].setting.effects["district"][:, 0]
    assert np.corrcoef(seen, true)[0, 1] > 0.7


def test_answers_are_left_out_as_said(load):
    missing = '[missing]\nmcar = 0.05\nby = "teaching_years"\nshares = { "0-5" = 0.2 }\n'
    block = simulate(FLAGSHIP, load(NESTED.replace("n = 60000", "n = 20000") + missing)).blocks["teachers"]
    gone, young = block.items().isna().mean(axis=1), block.background()["teaching_years"] == "0-5"
    assert gone[~young].mean() == pytest.approx(0.05, abs=0.004)
    assert gone[young].mean() == pytest.approx(1 - 0.95 * 0.8, abs=0.006)


def test_the_careless_give_one_answer_or_any(load):
    careless = "[careless]\nshare = 0.2\nstraight = 0.5\nlapses = 0.02\n"
    block = simulate(FLAGSHIP, load(NESTED.replace("n = 60000", "n = 20000") + careless)).blocks["teachers"]
    kinds = block.careless
    assert kinds.value_counts(normalize=True)[["straight", "random"]].to_numpy() == pytest.approx(0.1, abs=0.01)
    raw = block.raw().frame[[*FLAGSHIP.item_ids(), "check_1"]]
    one_answer = raw.nunique(axis=1) == 1  # reverse-keyed items and the check too
    assert one_answer[kinds == "straight"].all()
    assert not one_answer[kinds == "random"].any()
    failed = (raw["check_1"] != "4").groupby(kinds).mean()
    assert failed.to_dict() == pytest.approx({"attentive": 0.02, "random": 0.8, "straight": 0.8}, abs=0.03)
    seconds = pd.Series(block.answers.seconds, index=kinds.index).groupby(kinds).median()
    assert seconds["straight"] < 0.4 * seconds["attentive"]


def test_questions_are_put_to_whom_they_concern(load):
    shares = "[background.post]\nshares = { teacher = 0.5, district_head = 0.5 }\n"
    raw = simulate(FLAGSHIP, load(NESTED.replace("n = 60000", "n = 3000") + shares)).blocks["teachers"].raw().frame
    head = raw["post"] == "district_head"
    assert raw.loc[head, "contact"].isna().all()
    assert raw.loc[~head, "contact"].notna().all()
    assert raw.loc[~head, "head_years"].isna().all()


def test_groups_know_what_is_true_of_them(load):
    text = NESTED.replace("n = 60000", "n = 3000").replace("n = 3000\n[groups.d", "n = 300\nleast = 2\n[groups.d")
    simulated = simulate(FLAGSHIP, load(text.replace("n = 1000", "n = 60") + FACTS))
    schools = simulated.facts["school"]
    stages = schools.groupby("district")["stage"].nunique()
    alike = schools.groupby("district")["district_stages"].first() == "single_stage"
    assert alike.sum() == 30
    assert (stages[alike] == 1).all()
    assert (stages[~alike] > 1).all()
    assert (schools[schools["school_type"] == "core"].groupby("district").size() == 1).all()
    core = schools.groupby("school_type")["pupils"].median()
    assert core["core"] > 1.6 * core["member"]
    assert schools["books"].to_numpy() == pytest.approx(20 * schools["pupils"].to_numpy())
    raw = simulated.blocks["teachers"].raw().frame
    joined = raw.merge(schools, on="school", suffixes=("", "_known"))
    assert (joined["stage"] == joined["stage_known"]).all()
    assert (joined["district"] == joined["district_known"]).all()


# --- what is refused ----------------------------------------------------------------------------------------


def problems_of(load, text):
    with pytest.raises(PlanError) as caught:
        load(text)
    assert all(problem.file == "population.toml" and problem.remedy for problem in caught.value.problem_list)
    return [str(problem) for problem in caught.value.problem_list]


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("halo = 0.6", "halo = { structural = 1.5 }", "'structural' in 'halo' must be a number from -0.999 to 0.999"),
        (
            "halo = 0.6",
            'halo = 0.9\nbetween = [{ dimensions = ["structural", "teaching"], value = -0.5 }]',
            "no variables can have these correlations",
        ),
        ("halo = 0.6", 'between = [{ dimensions = ["structural"], value = 0.5 }]', "must be a list of two dimensions"),
        ("school = 0.10", "school = 0.9", "leave no variance between respondents"),
        ("str_01 = 0.5", "str_1 = 0.5", "Unknown item in 'loadings': 'str_1'; did you mean str_01"),
        ("str_01 = 0.5", "str_01 = 1.0", "'str_01' in 'loadings' must be a number from -0.999 to 0.999"),
        ("str_01 = 0.5", "str_01 = nan", "must be a number"),
        ("[-2.0, -1.2, -0.4, 0.9]", "[-2.0, -1.2, -1.4, 0.9]", "must be 4 rising numbers"),
        ("[-2.0, -1.2, -0.4, 0.9]", "[-2.0, -1.2]", "must be 4 rising numbers"),
        ('"0-5" = 0.5, ', '"0-5" = 0.4, ', "the numbers in 'shares' must add up to 1"),
        ('"21+" = 0.4 }', '"22+" = 0.4 }', "Unknown level in 'levels': '22+'; did you mean 21+"),
        ('of = "teaching_years"', 'of = "teaching_yeers"', "did you mean teaching_years"),
        ('on = ["structural"]', 'on = ["strutural"]', "did you mean structural"),
        ("[groups.district]\nn = 1000", "", "the table [groups.district] is missing"),
        ("n = 3000", "n = 10", "cannot have 1 of 'school' each"),
        ("n = 60000", "n = 6", "6 respondents are too few"),
        ("n = 60000", 'per = "town"', "Unknown 'per': 'town'"),
        ("n = 60000", "n = 60000\nbiass = 1", "Unknown key: 'biass'; did you mean bias"),
        ('id = "teachers"', "", "'id' is missing"),
        ('questionnaire = "school', 'questionnaire = "high', "'questionnaire' must be the one that is simulated"),
        ('"school", "district"]', '"schools", "district"]', "did you mean school"),
        ("seniority = 0.8", 'seniority = "high"', "'seniority' must be a number"),
        ("seniority = 0.8", 'one = "0-5"', "'one' and 'alike_where' are for questions of groups"),
        ("[items]", "[item]\n[items]", "Unknown key: 'item'"),
    ],
)
def test_a_wrong_population_file_is_refused(load, old, new, told):
    assert old in NESTED
    found = problems_of(load, NESTED.replace(old, new, 1))
    assert any(told in line for line in found), found


def test_all_problems_are_said_at_once(load):
    text = NESTED.replace("seniority = 0.8", "seniority = 8").replace("0.9]", "9.9]").replace("halo = 0.6", "hallo = 1")
    assert len(problems_of(load, text)) == 3


@pytest.mark.parametrize(
    ("content", "told"), [(b"n = ", "line 1: not TOML"), (b"\xff\xfe", "not UTF-8"), (None, "cannot be read")]
)
def test_a_file_that_is_none(tmp_path, content, told):
    path = tmp_path / "population.toml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(PlanError, match=told):
        load_population(path, FLAGSHIP)


# --- the command --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("format", ["csv", "wenjuanxing"])
def test_the_command_writes_answers_that_are_read_back(tmp_path, capsys, monkeypatch, format):
    monkeypatch.setattr("leadership_study.study.simulate.BLOCK", 7)  # files are written in pieces
    path, out = tmp_path / "population.toml", tmp_path / "out"
    path.write_text(TINY, encoding="utf-8")
    arguments = [str(ROOT / "questionnaires" / "lq2002.toml"), "--population", str(path), "--out", str(out)]
    assert run([*arguments, "--seed", "9", "--format", format]) == 0
    assert "simulated with seed 9; these answers are nobody's" in capsys.readouterr().out
    assert sorted(file.name for file in out.iterdir()) == ["population_values.json", "soldiers.csv"]
    values = json.loads((out / "population_values.json").read_text("utf-8"))
    assert (values["simulated"], values["seed"]) == (True, 9)
    if format == "csv":
        frame = read_responses(out / "soldiers.csv", LQ2002).frame
        expected = simulate(LQ2002, load_population(path, LQ2002), seed=9).blocks["soldiers"].raw().frame
        pd.testing.assert_frame_equal(frame, expected)
    else:
        assert len((out / "soldiers.csv").read_text("utf-8-sig").splitlines()) == 51
    before = {file.name: file.read_bytes() for file in out.iterdir()}
    with pytest.raises(LeadershipStudyError, match="is there already"):
        run([*arguments, "--seed", "9"])
    assert before == {file.name: file.read_bytes() for file in out.iterdir()}
    assert run([*arguments, "--seed", "9", "--format", format, "--replace"]) == 0
    assert before == {file.name: file.read_bytes() for file in out.iterdir()}
    with pytest.raises(LeadershipStudyError, match="--seed must be"):
        run([*arguments, "--seed", "-1", "--replace"])
