"""The document: sections in the order of the plan, every number bound, nothing left blank or untranslated."""

import dataclasses
import re
from typing import Any

import pytest

from leadership_study.by_name import find, names
from leadership_study.errors import EstimationError, LeadershipStudyError, PlanError
from leadership_study.reporting.document import Block, build_document
from leadership_study.reporting.lookup import Values, resolve
from leadership_study.reporting.parts import RESPONDENTS, Pairs, Paragraph, Table, plain
from leadership_study.results import NotEstimated
from leadership_study.scoring import score


def paragraphs(document: Any) -> list[str]:
    return [plain(part.spans) for one in document.sections for part in one.parts if isinstance(part, Paragraph)]


def test_sections_follow_the_plan(study: Any) -> None:
    document = study.document("en")
    assert [section.id for section in document.sections] == [
        "report-about",
        "report-respondents",
        *(block.id for block in study.blocks),
        "report-appendix",
        "report-methods",
        "report-provenance",
        "report-references",
    ]
    ids = [section.id for section in document.sections]
    assert ids.index("rater_agreement") < ids.index("hostility"), "nesting is shown before tests"


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_number_is_the_stored_one(study: Any, language: str) -> None:
    values = {block.id: Values.of(block.id, block.result) for block in study.blocks}
    values[RESPONDENTS] = Values(RESPONDENTS, {"flow": study.flow})
    numbers = list(study.document(language).numbers())
    assert len(numbers) > 500
    for number in numbers:
        assert resolve(values, number.ref).value == pytest.approx(number.value, abs=0, nan_ok=True), number.ref
        assert number.text


@pytest.mark.parametrize("language", ["en", "zh"])
def test_findings_of_every_analysis_are_said_and_bound(study: Any, language: str) -> None:
    """Prose without a single bound number would be prose without a finding."""
    for section in study.document(language).sections:
        if section.id in {block.id for block in study.blocks}:
            prose = [part for part in section.parts if isinstance(part, Paragraph) and part.kind == "text"]
            refs = [span.ref for part in prose for span in part.spans if hasattr(span, "ref")]
            assert len(refs) >= 3, section.id
            assert all(ref.startswith(f"{section.id}.") for ref in refs)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_no_id_of_the_program_is_left_in_the_text(study: Any, language: str) -> None:
    document = study.document(language)
    texts = paragraphs(document)
    for table in document.tables():
        texts += [plain(table.caption), *(plain(head) for head in table.header)]
        texts += [plain(cell.spans) for row in table.rows for cell in row]
    found = {word for text in texts if "doi.org" not in text for word in re.findall(r"[a-z]+_[a-z_]+", text)}
    assert found <= {"r_wg"}


def test_the_chinese_report_is_chinese(study: Any) -> None:
    for section in study.document("zh").sections:
        for part in section.parts:
            if isinstance(part, Paragraph) and part.kind != "reference":
                text = plain(part.spans).replace(study.instrument.source.rstrip("."), "")
                assert re.search(r"[\u4e00-\u9fff]", text), text
                assert not re.search(r"\b(the|of|and|are|is)\b", text), text


def test_p_values_are_never_zero(study: Any) -> None:
    texts = [number.text for number in study.document("en").numbers() if "p_value" in number.ref]
    assert "< .001" in texts
    assert not {"0.000", ".000", "0"} & set(texts)


def test_columns_have_equal_decimals(study: Any) -> None:
    for table in study.document("en").tables():
        if [plain(head) for head in table.header][-1] == "Value":
            continue  # a list of statistics of different kinds
        for at in range(table.stub, len(table.header)):
            texts = [plain(row[at].spans) for row in table.rows]
            decimals = {len(text.partition(".")[2]) for text in texts if re.fullmatch(r"−?\d*\.\d+|−?\d+", text)}
            assert len(decimals) <= 1, (table.ref, plain(table.header[at]), texts)


def test_tables_and_figures_are_numbered_through(study: Any) -> None:
    document = study.document("zh")
    assert [table.label for table in document.tables()] == [f"表{at + 1}" for at in range(len(document.tables()))]
    assert [figure.label for figure in document.figures()] == [f"图{at + 1}" for at in range(len(study.blocks))]
    assert all(figure.alt for figure in document.figures())


def test_an_analysis_without_sentences_has_all_its_tables(report_of: Any, trial: Any) -> None:
    section = next(one for one in report_of(trial).sections if one.id == "b0")
    assert section.title == "Brand new"
    assert [part.ref for part in section.parts if isinstance(part, Table)] == ["b0.summary", "b0.scales", "b0.loadings"]
    told = [plain(part.spans) for part in section.parts if isinstance(part, Paragraph)]
    assert told[0] == "Note: Something about Trust <in> the head."
    assert told[1] == "How it was computed: confidence level: 90%; missing answers: listwise deletion; n: 120."


@pytest.mark.parametrize(
    ("use", "options"),
    [
        ("descriptives", {"dimensions": ("hostility",), "type": 3}),
        ("rater_agreement", {"null": "moderate_skew", "icc": "mixed_model", "deviation": "median"}),
        ("item_analysis", {"criteria": "international", "variances": "levene", "extraction": "minres"}),
        ("reliability", {"interval": "bonett", "scales": ("hostility",), "missing": "pairwise"}),
        ("sampling_adequacy", {"missing": "listwise"}),
        ("retention", {"basis": "factors", "criterion": "mean", "replicates": 5, "seed": 1}),
        ("efa", {"n_factors": 1}),
        ("efa", {"n_factors": 2, "method": "principal", "rotation": "varimax"}),
        ("efa", {"n_factors": 2, "method": "ml", "rotation": "promax"}),
        ("correlations", {"method": "spearman", "partial": ("hostility",)}),
        ("correlations", {"method": "kendall", "variables": ("hostility", "TSIG01", "LEAD01")}),
        ("regression", {"outcome": "hostility", "blocks": (("LEAD01", "TSIG01"),), "covariance": "HC3"}),
        ("regression", {"outcome": "hostility", "blocks": (("task_significance",),), "covariance": "nonrobust"}),
    ],
)
@pytest.mark.parametrize("nested_in", [(), ("company",)])
def test_sentences_fit_every_option(study: Any, use: str, options: dict[str, Any], nested_in: tuple[str, ...]) -> None:
    """Other options give other tables and definitions; nothing the sentences refer to may be missing then."""
    home = "measurement" if use in names("leadership_study.measurement") else "influences"
    run = find(f"leadership_study.{home}", use).run
    scored = score(study.validated, nested_in=nested_in)
    if use == "rater_agreement" and not nested_in:
        with pytest.raises(EstimationError):
            run(scored, **options)
        return
    blocks = [Block(id="b", use=use, result=run(scored, **options), options=options)]
    for language in ("en", "zh"):
        document = study.document(language, blocks=blocks)
        texts = paragraphs(document)
        for table in document.tables():
            texts += [plain(head) for head in table.header] + [plain(cell.spans) for row in table.rows for cell in row]
        found = {word for text in texts if "doi.org" not in text for word in re.findall(r"[a-z]+_[a-z0-9_]+", text)}
        assert found <= {"r_wg"}


def test_the_reason_stands_where_nothing_was_estimated(report_of: Any, trial: Any, not_estimated: NotEstimated) -> None:
    document = report_of(trial, not_estimated, language="zh")
    section = next(one for one in document.sections if one.id == "b1")
    assert [plain(part.spans) for part in section.parts] == ["未能估计：因变量在所用的9行中取值全部相同。"]


def test_sentences_that_do_not_fit_the_result_are_an_error(report_of: Any, trial: Any) -> None:
    with pytest.raises(LeadershipStudyError, match="Unknown"):
        report_of(trial, use="regression")


def test_reasons_are_announced_at_the_beginning(report_of: Any, not_estimated: NotEstimated) -> None:
    assert "These analyses could not be computed; their sections say why: Brand new." in paragraphs(
        report_of(not_estimated)
    )


def test_simulated_data_are_marked_on_every_table_and_figure(study: Any) -> None:
    document = study.document("en", simulated=True)
    assert document.notice is not None
    captions = [plain(part.caption) for part in (*document.tables(), *document.figures())]
    assert all(caption.endswith("(simulated data)") for caption in captions)
    assert study.document("en").notice is None


def test_the_plans_title_comes_first(study: Any) -> None:
    blocks = [Block(id="r", use="reliability", result=study.blocks[3].result, title={"zh": "信度分析"})]
    titles = {code: study.document(code, blocks=blocks).sections[2].title for code in ("en", "zh")}
    assert titles == {"en": "信度分析", "zh": "信度分析"}


def test_provenance_is_listed(study: Any) -> None:
    section = next(one for one in study.document("en").sections if one.id == "report-provenance")
    pairs = next(part for part in section.parts if isinstance(part, Pairs))
    told = {plain(name): plain(value) for name, value in pairs.rows}
    assert told["Seed"] == "2002"
    assert told["Study file"] == "ab" * 32
    assert study.sources[0].sha256 in told["lq2002.csv"]


def test_several_blocks_of_respondents_have_their_columns(study: Any) -> None:
    flow = study.flow.assign(teachers=1000, heads=1042)
    document = study.document("en", flow=flow)
    assert [plain(head) for head in document.tables()[0].header] == ["Step", "n", "teachers", "heads"]
    assert not any("at one time by the same people" in text for text in paragraphs(document))


def test_an_unknown_language_is_a_plan_error(study: Any) -> None:
    with pytest.raises(PlanError, match="language of the report"):
        study.document("fr")


def test_the_same_study_gives_the_same_document(study: Any) -> None:
    assert repr(study.document("en")) == repr(study.document("en"))
    assert build_document.__kwdefaults__["sources"] == ()


def test_who_answered_is_said_where_analyses_use_some_of_the_blocks(study: Any) -> None:
    flow = study.flow.assign(teachers=1000, heads=1042)
    blocks = [dataclasses.replace(block, of=("teachers",)) for block in study.blocks]
    texts = paragraphs(study.document("en", flow=flow, blocks=blocks))
    told = (
        "By group of respondents: teachers 1000 and heads 1042. No analysis of this report uses the answers of: heads."
    )
    assert told in texts
    assert texts.count("Whose answers: teachers.") == len(blocks)
    both = [dataclasses.replace(block, of=("teachers", "heads")) for block in study.blocks]
    told = [text for text in paragraphs(study.document("en", flow=flow, blocks=both)) if text.startswith("Whose")]
    assert set(told) == {"Whose answers: teachers and heads."}


def test_a_favourable_verdict_is_not_told_without_the_other(study: Any) -> None:
    (text,) = [one for one in paragraphs(study.document("en")) if one.startswith("The two indices")]
    assert text.startswith("The two indices of agreement disagree about Leadership climate, Task significance and Host")
    (own,) = [one for one in paragraphs(study.document("en")) if one.startswith("Task significance (2042 respond")]
    assert "in 27% of the groups; it is unacceptable by awg" in own


def test_the_number_of_factors_is_explained_and_a_poor_fit_is_called_so(study: Any) -> None:
    blocks = [
        dataclasses.replace(block, options={"n_factors": "dimensions"}) for block in study.blocks if block.use == "efa"
    ]
    prose = " ".join(paragraphs(study.document("en", blocks=blocks)))
    assert "This number is that of the questionnaire's dimensions" in prose
    assert "The RMSEA lies above .10" in prose
    assert "The TLI lies below the .90" in prose


def test_works_are_cited_only_for_what_was_computed(report_of: Any, not_estimated: NotEstimated) -> None:
    assert not any(section.id == "report-references" for section in report_of(not_estimated, use="efa").sections)
    assert any("turned" in text for text in paragraphs(report_of(not_estimated))) is False
