"""Results are stored under what they were made from, and read back exactly."""

import math

import pandas as pd
import pytest

from leadership_study.results import Note, NotEstimated
from leadership_study.study.store import Store, as_csv


@pytest.fixture
def result(project):
    from leadership_study.study.options import analysis

    means = pd.DataFrame({"mean": [0.1 + 0.2, math.nan]}, index=pd.Index(["a", "b"], name="variable"))
    return analysis("tiny_means").Means(means=means, n=3, definition={"formula": "mean"})


@pytest.fixture
def store(project):
    return Store(project, "small")


def test_csv_has_the_index_first_and_floats_in_full():
    frame = pd.DataFrame(
        {"x": [0.1 + 0.2, math.nan], "n": pd.array([1, None], dtype="Int64"), "t": ["ä,b", None]},
        index=pd.MultiIndex.from_tuples([("a", "1"), ("b", "2")], names=["row", "part"]),
    )
    assert as_csv(frame).decode() == 'row,part,x,n,t\na,1,0.30000000000000004,1,"ä,b"\nb,2,,,\n'


def test_what_is_stored_is_read_back(store, result):
    store.save("means", "mark", result)
    names = sorted(path.name for path in store.results.iterdir())
    assert names == ["means.json", "means.means.csv", "means.summary.csv"]
    again = Store(store.project, "small")
    found = again.load("means", "mark")
    assert found.means.equals(result.means)
    assert (found.n, dict(found.definition)) == (3, {"formula": "mean"})
    assert again.files == store.files


def test_not_estimated_is_stored_too(store):
    note = Note("why", "Only {n}.", {"n": 2})
    store.save("x", "mark", NotEstimated.because(note))
    assert store.load("x", "mark").reason == note


def test_another_fingerprint_is_not_taken(store, result):
    store.save("means", "mark", result)
    assert store.load("means", "other") is None
    assert store.load("absent", "mark") is None


@pytest.mark.parametrize("damage", ["csv changed", "csv gone", "number changed", "half a file"])
def test_a_damaged_block_is_not_taken(store, result, damage):
    store.save("means", "mark", result)
    table, record = store.results / "means.means.csv", store.results / "means.json"
    if damage == "csv changed":
        table.write_text(table.read_text() + "c,1.0\n")
    elif damage == "csv gone":
        table.unlink()
    elif damage == "number changed":
        text = record.read_text()
        assert "0.30000000000000004" in text
        record.write_text(text.replace("0.30000000000000004", "0.4"))
    else:
        record.write_bytes(record.read_bytes()[:100])
    assert store.load("means", "mark") is None


def test_what_is_put_aside_changes_nothing_until_it_is_adopted(store, result):
    store.finish({"a": 1})
    store.stage("means", "mark", result)
    assert store.load("means", "mark") is None
    assert (store.data / "provenance.json").exists()
    assert store.is_staged("means", "mark")
    assert not store.is_staged("means", "other")
    store.adopt("means")
    assert not (store.data / "provenance.json").exists()
    assert store.load("means", "mark").means.equals(result.means)
    adopted = {path.name: path.read_bytes() for path in store.results.iterdir()}
    store.save("means", "mark", result)
    assert adopted == {path.name: path.read_bytes() for path in store.results.iterdir()}
    store.drop_staged()
    assert not store.staged.exists()
    assert not store.is_staged("means", "mark")


def test_the_provenance_goes_before_anything_changes(store):
    record = store.data / "provenance.json"
    store.finish({"a": 1})
    store.put(store.data / "x.csv", b"1")
    assert not record.exists()
    store.finish({"a": 1})
    store.put(store.data / "x.csv", b"1")
    assert record.exists(), "the same bytes are no change"


def test_stale_files_go_and_the_users_own_stay(store, result):
    store.save("means", "mark", result)
    for name in ("results/old.json", "results/old.t.csv", "validated.csv.part", "notes.txt"):
        (store.data / name).write_text("x")
    for name in ("report.xx.html", "figures/xx/a.svg", "report.en.html.part", "mine.docx"):
        (store.reports / name).parent.mkdir(parents=True, exist_ok=True)
        (store.reports / name).write_text("x")
    store.remove_stale()
    left = {path.name for path in (*store.data.rglob("*"), *store.reports.rglob("*"))}
    assert left == {"results", "means.json", "means.means.csv", "means.summary.csv", "notes.txt", "mine.docx"}
