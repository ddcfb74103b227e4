"""The argument: ways, evidence, every kind of gap, and bad files."""

import pytest

from leadership_study.errors import PlanError
from leadership_study.results import Result
from leadership_study.synthesis.argument import argument
from leadership_study.synthesis.argument_file import read_argument
from leadership_study.synthesis.gaps import MESSAGES
from leadership_study.synthesis.joint_display import joint_display

WEAK = "scores.deviations.political.estimate"


@pytest.fixture(scope="module")
def display(results, interviews):
    return joint_display(results, interviews, scores="scores")


def text(en):
    return {"en": en, "zh": "文"}


def problem(**more):
    return {"id": "p", "dimension": "political", "text": text("Conflicts stay."), "results": [WEAK],
            "codes": ["conflict"], **more}  # fmt: skip


def cause(**more):
    return {"id": "c", "problems": ["p"], "level": "head", "text": text("No time."), "codes": ["time"], **more}


def measure(**more):
    return {"id": "m", "causes": ["c"], "agent": "government", "dimension": "structural", "text": text("A calendar."),
            "segments": ["T6:calendar:62"], **more}  # fmt: skip


def whole(p=None, c=None, m=None, **more):
    return {"problem": [problem(**(p or {}))], "cause": [cause(**(c or {}))],
            "countermeasure": [measure(**(m or {}))], **more}  # fmt: skip


@pytest.fixture(scope="module")
def hold(results, interviews, display):
    def held(tables, **options):
        return argument(tables, results=results, interviews=interviews, display=display, **options)

    return held


@pytest.fixture(scope="module")
def calendar(interviews):
    from leadership_study.synthesis.segments import segments_of

    return next(id for id in segments_of(interviews) if ":calendar:" in id)


def kinds(found):
    return [(row["element"], row["kind"]) for _, row in found.gaps.iterrows()]


def test_an_argument_that_stands(hold, calendar):
    found = hold(whole(m={"segments": [calendar]}))
    assert found.n_gaps == 0
    assert list(found.table.index) == [("p", "c", "m")]
    assert bool(found.table["holds"].iloc[0])
    value = found.evidence.loc[("p", WEAK), "value"]
    assert value < 0
    assert found.evidence.loc[("c", "time"), "sources"] == 3
    assert found.evidence.loc[("m", calendar), "quote"].startswith("About calendar")
    assert Result.from_json(found.to_json()).to_json() == found.to_json()


def test_numbers_in_texts_are_references(hold, calendar):
    found = hold(whole(p={"text": text(f"It lies {{{WEAK}}} below.")}, m={"segments": [calendar]}))
    value = found.evidence.loc[("p", WEAK), "value"]
    assert found.elements.loc["p", "text"] == f"It lies {value:.3f} below.".replace("-", "−")
    assert found.n_gaps == 0
    typed = hold(whole(p={"text": text("It lies 0.4 below.")}, m={"segments": [calendar]}))
    assert kinds(typed) == [("p", "typed_number")]


@pytest.mark.parametrize(
    ("change", "gap"),
    [
        ({"m": {"segments": []}}, ("m", "no_evidence")),
        ({"m": {"causes": []}}, ("m", "countermeasure_without_cause")),
        ({"c": {"problems": []}}, ("p", "no_cause")),
        ({"c": {"problems": []}}, ("c", "no_problem")),
        ({"m": {"causes": []}}, ("p", "no_countermeasure")),
        ({"p": {"results": ["scores.pairs.structural – political.difference"]}}, None),
        ({"p": {"results": ["scores.measures.political.mean"]}}, ("p", "result_without_interval")),
        ({"p": {"results": ["lost.any.row.estimate"]}}, ("p", "result_not_estimated")),
        ({"p": {"dimension": "structural", "results": [], "codes": ["plans"]}}, ("p", "against_the_survey")),
        ({"p": {"dimension": "structural", "results": [], "codes": ["plans"]}}, ("political", "weak_without_problem")),
        ({"p": {"dimension": "teaching", "results": ["scores.deviations.teaching.estimate"], "codes": []}},
         ("p", "result_shows_no_weakness")),
        ({"c": {"results": ["years.coefficients.years.estimate"]}}, None),
        ({"c": {"results": ["scores.deviations.teaching.estimate"]}}, ("c", "result_shows_no_relation")),
        ({"c": {"codes": ["trust"], "level": "district"}}, ("c", "low_agreement")),
        ({"c": {"codes": ["never_used"]}}, ("c", "too_few_sources")),
        ({"c": {"codes": ["never_used"]}}, ("c", "agreement_unknown")),
        ({"c": {"level": "government"}}, ("c", "other_level")),
        ({"c": {"codes": ["conflict"]}}, ("c", "other_kind")),
        ({"p": {"codes": ["plans"]}}, ("p", "other_dimension")),
        ({"p": {"text": text("Conflicts lead to low ratings.")}}, ("p", "causal_wording")),
        ({"p": {"text": {"en": "Conflicts.", "zh": "矛盾导致评价偏低。"}}}, ("p", "causal_wording")),
    ],
)  # fmt: skip
def test_each_gap(hold, calendar, change, gap):
    change = {"m": {}, **change}
    tables = whole(**{**change, "m": {"segments": [calendar], **change["m"]}})
    found = hold(tables)
    assert (gap is None and not found.n_gaps) or gap in kinds(found)
    assert all(row["kind"] in MESSAGES and row["message"] for _, row in found.gaps.iterrows())


def test_missing_arrows_are_shown_as_such(hold):
    found = hold({"problem": [problem()]})
    assert list(found.table.index) == [("p", "–", "–")]
    assert not found.table["holds"].iloc[0]


def test_unknown_references_are_errors_all_at_once(hold, calendar):
    tables = whole(
        p={"results": ["score.deviations.political.estimate", "scores.deviations.politics.estimate"]},
        c={"codes": ["tme"]},
        m={"segments": [calendar[:-1] + "x"], "dimension": "structral", "text": text("{scores.nothing.a.b}")},
    )
    with pytest.raises(PlanError) as caught:
        hold(tables)
    told = "\n".join(caught.value.problems["message"])
    for near in ("did you mean scores", "did you mean political", "did you mean time", "did you mean structural"):
        assert near in told
    assert calendar in told
    assert set(caught.value.problems["rule"]) == {
        "unknown_result", "unknown_code", "unknown_segment", "unknown_dimension"
    }  # fmt: skip


@pytest.mark.parametrize(
    ("tables", "rule"),
    [
        ({}, "empty_file"),
        ({"problem": [problem()], "cause": [cause(problems=["q"])]}, "dangling_arrow"),
        ({"cause": [cause()]}, "dangling_arrow"),
        (whole(c={"problems": ["m"]}), "cyclic_arrow"),
        (whole(c={"problems": ["c"]}), "cyclic_arrow"),
        (whole(m={"causes": ["p"]}), "cyclic_arrow"),
        (whole(p={"results": WEAK}), "wrong_type"),
        (whole(p={"codes": [1]}), "wrong_type"),
        (whole(p={"text": "no table"}), "wrong_type"),
        (whole(p={"text": {"en": " "}}), "wrong_type"),
        ({"problem": problem()}, "wrong_type"),
        (whole(p={"text": {"en": "Only English."}}), "missing_language"),
        (whole(c={"level": "inside"}), "unknown_name"),
        (whole(m={"agent": "goverment"}), "unknown_name"),
        (whole(p={"code": ["x"]}), "unknown_key"),
        (whole(problems=[]), "unknown_key"),
        (whole(c={"id": "P"}), "duplicate_id"),
        (whole(p={"id": "1 p"}), "bad_id"),
        (whole(p={"codes": ["plans", "plans"]}), "duplicate_entry"),
        ({"judgement": [{"dimension": "a", "fit": "agreeing", "reason": text("x")}]}, "unknown_name"),
        ({"judgement": [{"dimension": "a", "fit": "silent"}]}, "missing_key"),
    ],
)
def test_bad_files(tables, rule):
    with pytest.raises(PlanError) as caught:
        read_argument(tables, languages=("en", "zh"))
    assert rule in set(caught.value.problems["rule"])


def test_files_that_are_none(tmp_path):
    path = tmp_path / "a.argument.toml"
    with pytest.raises(PlanError, match="cannot be read"):
        read_argument(path)
    for content, told in ((b"", "empty"), (b"[[problem]\n", "not TOML"), (b"a = '\xff'\n", "not UTF-8")):
        path.write_bytes(content)
        with pytest.raises(PlanError, match=told):
            read_argument(path)


@pytest.mark.parametrize(
    "options", [{"min_sources": 0}, {"min_agreement": 2}, {"coefficient": "x"}, {"dimensions": "structural"}]
)
def test_wrong_options(hold, options):
    with pytest.raises(ValueError, match="parameter of argument must be"):
        hold(whole(), **options)
