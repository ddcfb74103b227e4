"""The simulated flagship study: its files are those that its command makes, and what was planted is in them."""

import hashlib
import re
from pathlib import Path

import pandas as pd
import pytest

from leadership_study.influences.rater_agreement import rater_agreement
from leadership_study.instruments import load_instrument
from leadership_study.measurement.reliability import cronbach_alpha
from leadership_study.study.pipeline import open_study
from leadership_study.study.recovery import planted_share, weak_items_found
from leadership_study.study.simulate import load_population, simulate

ROOT = Path(__file__).parents[2]
DATA = ROOT / "data" / "raw" / "school_district_heads"
FLAGSHIP = load_instrument(ROOT / "questionnaires" / "school_district_head_leadership.toml")


@pytest.fixture(scope="module")
def study():
    return open_study(ROOT / "studies" / "school_district_heads.toml")


@pytest.fixture(scope="module")
def teachers(study):
    return study.scored().of(["teachers"])


def test_the_files_are_those_of_the_command_in_sources(made_by_sources):
    sources = (DATA / "SOURCES.md").read_text("utf-8")
    made = made_by_sources(DATA)
    assert sorted(made) == ["heads.csv", "population_values.json", "schools.csv", "teachers.csv"]
    for name, content in made.items():
        assert content == (DATA / name).read_bytes(), name
    kept = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in DATA.iterdir() if path.is_file()}
    assert dict(re.findall(r"^\| `([\w.]+)` \|.*`([0-9a-f]{64})` \|$", sources, re.MULTILINE)) == {
        name: value for name, value in kept.items() if name != "SOURCES.md"
    }


def test_every_file_says_that_it_is_simulated(study):
    assert study.plan.simulated
    assert "simulated" in (DATA / "SOURCES.md").read_text("utf-8")
    assert (DATA / "population.toml").read_text("utf-8").startswith("# SIMULATED")
    assert '"simulated": true' in (DATA / "population_values.json").read_text("utf-8")
    for name in ("teachers.csv", "heads.csv"):
        frame = pd.read_csv(DATA / name)
        assert (frame[["来源", "来源详情"]] == "模拟数据").all().all()
        assert frame["来自IP"].str.startswith("192.0.2.").all()


def test_who_answers(study, teachers):
    groups = teachers.groups
    assert (len(teachers.items), groups["school"].nunique(), groups["district"].nunique()) == (900, 60, 12)
    assert len(study.scored().of(["heads"]).items) == 12
    assert groups.groupby("school").size().std() > 3  # unequal
    schools = pd.read_csv(DATA / "schools.csv")
    assert set(schools["school"]) == set(groups["school"])
    assert (groups.groupby("school").size() <= schools.set_index("school")["teachers"]).all()
    assert (schools["pupils_lower_secondary"] <= schools["pupils"]).all()
    parts = ["teachers_above_required_degree", "teachers_middle_title_or_higher", "backbone_teachers"]
    assert (schools[parts].max(axis=1) <= schools["teachers"]).all()
    assert schools.drop(columns=["x_km", "y_km", "strength"]).select_dtypes("number").min().min() >= 0
    assert not schools.isna().any().any()
    single = schools.groupby("district")["stage"].nunique() == 1
    assert (schools.groupby("district")["district_stages"].first()[single] == "single_stage").all()


def test_answers_look_like_answers(study, teachers):
    items = teachers.items
    assert 0.02 <= items.isna().mean().mean() <= 0.04
    assert items.skew().between(-1.5, -0.4).all()
    correlations = teachers.scales.corr().to_numpy()
    assert ((correlations > 0.5) & (correlations < 0.75))[~(correlations > 0.999)].all()
    for dimension in FLAGSHIP.dimension_ids:
        own = teachers.scale_items(dimension)
        assert 0.80 <= cronbach_alpha(own).alpha <= 0.90
        found = rater_agreement(
            pd.concat([own, teachers.groups], axis=1), "district", scale=(1, 5), nested_in=["school"]
        )
        total = found.group_variance + found.unit_variance + found.residual_variance
        assert 0.05 <= found.group_variance / total <= 0.15
        assert 0.05 <= found.unit_variance / total <= 0.10
    careless = simulate(FLAGSHIP, load_population(DATA / "population.toml", FLAGSHIP)).blocks["teachers"].careless
    failed = study.validated().flags["check_1"][study.validated().block == "teachers"].to_numpy()
    reads = (careless == "attentive").to_numpy()
    assert 0.03 <= (~reads).mean() <= 0.05
    assert failed[~reads].mean() > 0.6
    assert failed[reads].mean() < 0.03


def test_what_was_planted_is_there(teachers):
    assert weak_items_found(FLAGSHIP, teachers.items, teachers.groups["district"])
    turned = teachers.items.assign(str_02=teachers.items["str_05"], str_05=teachers.items["str_02"])
    assert not weak_items_found(FLAGSHIP, turned, teachers.groups["district"])


def test_what_was_planted_is_there_with_other_seeds():
    population = load_population(DATA / "population.toml", FLAGSHIP)
    assert planted_share(FLAGSHIP, population, studies=10, seed=0) >= 0.95


def test_heads_rate_themselves_higher_in_their_own_wording(study):
    heads, teachers = study.scored().of(["heads"]), study.scored().of(["teachers"])
    assert heads.scales.mean().mean() > teachers.scales.mean().mean()
    assert heads.groups["district"].nunique() == 12
    headers = study.raw()["heads"][0].source.columns
    assert any("我提前统筹安排" in header for header in headers)
    assert not any("学区长提前统筹安排" in header for header in headers)
