"""The words of the reports: complete in every language, without typed numbers."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import leadership_study
from leadership_study.by_name import names
from leadership_study.errors import PlanError
from leadership_study.reporting.languages import languages, load_language, markup
from leadership_study.reporting.layout import references_of, shown_tables
from leadership_study.reporting.parts import Symbol, plain
from leadership_study.results import Note

SOURCE = Path(leadership_study.__file__).parent
PLUG_INS = ("measurement", "influences", "districts")
ANALYSES = [name for package in PLUG_INS for name in names(f"leadership_study.{package}")]
DIGITS = re.compile(r"[0-9０-９]")
TOKEN = re.compile(r"\{[^{}]*\}")


def _texts(value: ast.expr) -> list[str]:
    """The texts that an expression can be: itself, or the branches of a choice."""
    if isinstance(value, ast.IfExp):
        return _texts(value.body) + _texts(value.orelse)
    return [value.value] if isinstance(value, ast.Constant) and isinstance(value.value, str) else []


def note_ids() -> Iterator[tuple[str, str, str | None]]:
    """File, id and (where it is written beside it) text of every note in the source."""
    for path in sorted(SOURCE.rglob("*.py")):
        tree = ast.parse(path.read_text("utf-8"))
        strings: dict[str, list[str]] = {}
        for node in ast.walk(tree):
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                strings.setdefault(node.targets[0].id, []).extend(_texts(node.value))
        for call in ast.walk(tree):
            if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "Note"):
                continue
            first = call.args[0]
            text = call.args[1].value if len(call.args) > 1 and isinstance(call.args[1], ast.Constant) else None
            if isinstance(first, ast.Constant):
                yield path.name, first.value, text
            elif isinstance(first, ast.Name):
                for value in strings.get(first.id, []):
                    if "_" in value:
                        yield path.name, value, text


def test_every_note_is_translated() -> None:
    found = {note: file for file, note, _ in note_ids()}
    assert len(found) > 50, "the search for notes is broken"
    missing = {note: file for note, file in found.items() if note not in load_language("zh").data["notes"]}
    assert not missing, "give these notes a sentence in [notes] of a file in languages/zh/"


def test_translations_keep_the_placeholders_of_the_note() -> None:
    notes = load_language("zh").data["notes"]
    wrong = {}
    for _, note, text in note_ids():
        if text is not None and note in notes:
            extra = set(re.findall(r"\{(\w+)\}", notes[note])) - set(re.findall(r"\{(\w+)\}", text))
            if extra:
                wrong[note] = extra
    assert not wrong


@pytest.mark.parametrize("section", ["words", "terms", "columns", "definitions", "sections"])
def test_languages_have_the_same_entries(section: str) -> None:
    entries = {code: set(load_language(code).data[section]) for code in languages()}
    assert entries["en"] ^ entries["zh"] <= {"docx_first_line_em"}


@pytest.mark.parametrize("code", ["en", "zh"])
@pytest.mark.parametrize("use", ANALYSES)
def test_every_analysis_has_a_title_and_sentences(code: str, use: str) -> None:
    own = load_language(code).analysis(use)
    assert own["title"]
    assert own["intro"]
    assert own["findings"]


@pytest.mark.parametrize("code", ["en", "zh"])
@pytest.mark.parametrize("use", ANALYSES)
def test_every_printed_table_and_figure_has_a_caption(code: str, use: str) -> None:
    import importlib

    own = load_language(code).analysis(use)
    everything = {name: [0] * 5 for name in own.get("tables", {})}
    for name in shown_tables(use, everything):  # type: ignore[arg-type]
        assert own["tables"][name]["caption"]
    assert references_of([use])
    if use in names("leadership_study.reporting.figures"):
        for kind in importlib.import_module(f"leadership_study.reporting.figures.{use}").KINDS:
            assert own["figures"][kind]["caption"]
            assert own["figures"][kind]["alt"]


def sentences(value: object, sourced: bool = False) -> Iterator[tuple[str, bool]]:
    match value:
        case str():
            yield value, sourced
        case dict():
            for key, entry in value.items():
                if key not in ("each", "list", "when", "source", "references"):
                    yield from sentences(entry, sourced or "source" in value)
        case list():
            for entry in value:
                yield from sentences(entry, sourced)


@pytest.mark.parametrize("code", ["en", "zh"])
@pytest.mark.parametrize("part", ["sections", "analyses"])
def test_no_number_is_typed_but_in_criteria_with_a_source(code: str, part: str) -> None:
    found = list(sentences(load_language(code).data[part]))
    assert found
    typed = [text for text, sourced in found if not sourced and DIGITS.search(TOKEN.sub("", text))]
    assert not typed


@pytest.mark.parametrize("code", ["en", "zh"])
def test_the_reports_do_not_claim_what_the_design_cannot_carry(code: str) -> None:
    """No cause from a cross-section, no validity from sampling adequacy."""
    banned = {
        "en": r"\b(affects?|effect of|influences|increases|decreases|causes|leads to|improves|predicts)\b",
        "zh": r"导致|使得|促进|显著影响|对[^，。]*有[^，。]*影响|提高了|预测了",
    }[code]
    data = load_language(code).data["analyses"]
    said = [text for text, _ in sentences(data) if re.search(banned, TOKEN.sub("", text), re.IGNORECASE)]
    assert not said
    adequacy = [text for text, _ in sentences(data["sampling_adequacy"])]
    assert not any(re.search("valid|效度", text) for text in adequacy)


def test_an_unknown_language_names_the_known_ones() -> None:
    with pytest.raises(PlanError, match="did you mean en"):
        load_language("eng")


def test_markup_gives_italics_subscripts_and_code() -> None:
    assert markup("median *r*~wg(j)~ in `x`") == (
        "median ",
        Symbol("r"),
        Symbol("wg(j)", "subscript"),
        " in ",
        Symbol("x", "code"),
    )
    assert plain(markup("3 * 4")) == "3 * 4"


def test_words_for_ids() -> None:
    words, labels = load_language("en"), {"trust": "Trust", "care": "Care", "sex": "Sex"}
    assert words.term("trust", labels) == "Trust"
    assert words.term("trust, care", labels) == "Trust and Care"
    assert words.term("trust – care", labels) == "Trust – Care"
    assert words.term("sex[male]", labels) == "Sex: male"
    assert words.term("listwise") == "listwise deletion"
    assert words.term("never seen, anywhere", labels) == "never seen, anywhere"


def test_notes_are_translated_with_the_notes_inside_them() -> None:
    inner = Note("constant_outcome", "The outcome has the same value in all {n} rows used.", {"n": 12})
    outer = Note(
        "dimension_not_estimated", "{dimension} is left out: {reason}", {"dimension": "trust", "reason": inner}
    )
    assert load_language("zh").note(outer, {"trust": "信任"}) == "信任未能计算：因变量在所用的12行中取值全部相同。"
    assert load_language("en").note(outer, {"trust": "Trust"}).startswith("Trust is left out: The outcome has")


def test_a_note_without_translation_is_shown_in_english() -> None:
    assert load_language("zh").note(Note("brand_new", "There are {n} of them.", {"n": 3})) == "There are 3 of them."
