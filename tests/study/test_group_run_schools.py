"""The simulated study of schools run in groups: its files, what was planted in them, its interviews and cases."""

import hashlib
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from leadership_study.influences.difference_in_differences import difference_in_differences
from leadership_study.instruments import load_instrument
from leadership_study.study.interview_results import read_as_received
from leadership_study.study.pipeline import open_study
from leadership_study.study.simulate import load_population, simulate

ROOT = Path(__file__).parents[2]
DATA = ROOT / "data" / "raw" / "group_run_schools"
INSTRUMENT = load_instrument(ROOT / "questionnaires" / "group_run_schools.toml")


@pytest.fixture(scope="module")
def study():
    return open_study(ROOT / "studies" / "group_run_schools.toml")


def hashes(sources, pattern):
    return dict(re.findall(pattern, sources, re.MULTILINE))


def test_the_files_are_those_of_the_command_in_sources(made_by_sources):
    sources = (DATA / "SOURCES.md").read_text("utf-8")
    made = made_by_sources(DATA)
    assert sorted(made) == ["population_values.json", "schools.csv", *(f"wave_{at}.csv" for at in range(1, 5))]
    for name, content in made.items():
        assert content == (DATA / name).read_bytes(), name
    kept = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in DATA.iterdir() if path.is_file()}
    del kept["SOURCES.md"]
    assert hashes(sources, r"^\| `([\w.]+)` \|.*`([0-9a-f]{64})` \|$") == kept


def test_interviews_and_cases_are_those_of_their_sources():
    folder = DATA / "interviews"
    found = hashes((folder / "SOURCES.md").read_text("utf-8"), r"^\| `([\w./]+)` \| `([0-9a-f]{64})` \|$")
    files = [path for path in folder.rglob("*") if path.is_file() and path.name != "SOURCES.md"]
    assert found == {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files
    }
    for path in (folder / "transcripts").iterdir():
        assert re.search(r"^note: 模拟.* / simulated ", path.read_text("utf-8"), re.MULTILINE), path.name


def test_cases_are_coded_with_the_codebook_of_the_interviews(study):
    read = read_as_received(study)
    roles = pd.Series({name: one.role for name, one in read.transcripts.items()})
    assert roles.value_counts().to_dict() == {"case": 4, "principal": 2, "teacher": 2, "official": 1, "parent": 1}
    themes = read.informants.themes
    assert list(themes.columns) == list(INSTRUMENT.dimension_ids)
    assert ((themes.loc[roles.index[roles == "case"]] > 0).sum(axis=1) >= 4).all()
    assert themes.to_numpy().sum() == read.frequencies.table["references"].sum()
    assert read.names("zh")["case_02"] == "案例02"


def test_every_file_says_that_it_is_simulated(study):
    assert study.plan.simulated
    assert (DATA / "population.toml").read_text("utf-8").startswith("# SIMULATED")
    assert '"simulated": true' in (DATA / "population_values.json").read_text("utf-8")
    frame = pd.read_csv(DATA / "wave_3.csv")
    assert (frame[["来源", "来源详情"]] == "模拟数据").all().all()


def test_an_effect_holds_in_the_blocks_that_it_names():
    population = load_population(DATA / "population.toml", INSTRUMENT)
    with_effect = simulate(INSTRUMENT, population).blocks
    other = [one for one in population.effects if not (one.of == "joined" and one.blocks == ("wave_2",))]
    assert len(other) == len(population.effects) - 1
    without = simulate(INSTRUMENT, replace(population, effects=tuple(other))).blocks
    items = np.array([item.id for item in INSTRUMENT.items])
    for name, block in with_effect.items():
        changed = items[(block.answers.items != without[name].answers.items).any(axis=0)]
        assert set(changed) <= {*INSTRUMENT.item_ids("sharing"), *INSTRUMENT.item_ids("exchange")}
        assert bool(len(changed)) == (name == "wave_2")


def test_what_joining_adds_is_found_again(study):
    scored = study.scored()
    frame = scored.frame(["sharing", "effects", "mode", "school", "joined"])
    frame["wave"] = scored.block.str.removeprefix("wave_").astype(float)
    frame["joined"] = pd.to_numeric(frame["joined"], errors="coerce")
    planted = {"sharing": [0.35, 0.60, 0.75], "effects": [0.0, 0.25, 0.40], "mode": [0.0, 0.0, 0.0]}
    for outcome, expected in planted.items():
        events = difference_in_differences(frame, outcome, unit="school", time="wave", joined="joined").events
        latent_sd = 0.62  # a scale's standard deviation, without what single items and chance add
        away = (events.loc[["0", "1", "2"], "estimate"] - np.array(expected) * latent_sd) / events["std_error"]
        assert (away.dropna().abs() < 2.6).all(), (outcome, away)
        assert abs(events.loc["-1", "estimate"] / events.loc["-1", "std_error"]) < 2.6
