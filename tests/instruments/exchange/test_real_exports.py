"""Forms by other authors. They are not part of this project; whoever has a folder of such files can point to it."""

import os
from pathlib import Path

import pytest

from leadership_study.instruments import exchange

FOLDER = os.environ.get("LEADERSHIP_STUDY_EXPORTS", "")
pytestmark = pytest.mark.skipif(not FOLDER, reason="set LEADERSHIP_STUDY_EXPORTS to a folder of real export files")

FORMS = [
    # file, languages, what the form puts to respondents, dimensions, background questions, open questions
    ("kobo/xlsform_aggregate-kobotoolbox.xlsx", ("en", "ru"), "33 questions, with 25 choices in 8 lists", 0, 31, 0),
    ("kobo/xlsform_artifact-kobotoolbox.xlsx", ("en", "ru"), "69 questions, with 111 choices in 24 lists", 0, 67, 0),
    ("kobo/xlsform_group.xlsx", ("en",), "3 questions, with 0 choices in 0 lists", 0, 3, 0),
    ("kobo/xlsform_group.csv", ("en",), "3 questions, with 0 choices in 0 lists", 0, 3, 0),
    ("kobo/xlsform_or_other.xlsx", ("und",), "2 questions, with 5 choices in 1 lists", 0, 3, 0),
    ("kobo/xlsform_widgets.csv", ("und",), "21 questions, with 12 choices in 2 lists", 0, 15, 0),
    ("kobo/xlsform_yes_or_no_question.xlsx", ("en",), "1 questions, with 2 choices in 1 lists", 0, 1, 0),
    ("limesurvey/structure_block_school.txt", ("ca",), "2 questions with 5 fields and 10 choices", 1, 0, 1),
    ("limesurvey/survey.lss", ("en",), "4 questions with 3 fields and 7 choices", 0, 2, 1),
    ("limesurvey/free_text.lsq", ("en",), "1 questions with 1 fields and 0 choices", 0, 0, 1),
    ("qualtrics/matrix_single.qsf", ("en",), "5 questions with 15 fields and 20 choices", 5, 0, 0),
]


def read(name):
    path = Path(FOLDER) / name
    return exchange.read(path.read_bytes(), file=path.name)


@pytest.mark.parametrize(("name", "languages", "told", "dimensions", "background", "opened"), FORMS)
def test_questions_choices_and_languages(name, languages, told, dimensions, background, opened):
    instrument, notes = read(name)
    assert instrument.languages == languages
    assert told in str(next(note for note in notes if note.id in ("form_read", "survey_read")))
    found = (len(instrument.dimensions), len(instrument.background), len(instrument.open_questions))
    assert found == (dimensions, background, opened)


def test_labels_of_kobotoolbox():
    instrument, notes = read("kobo/xlsform_artifact-kobotoolbox.xlsx")
    question = instrument.background_question("Artifact_type")
    assert question.label == {"en": "Artifact type", "ru": "Тип артефакта"}
    assert [level.value for level in question.levels][:3] == ["broken_flake", "complete_flake", "core"]
    assert question.levels[2].text == {"en": "core", "ru": "нуслеус"}
    assert instrument.background_question("Retouch_type").relevant == {"Retouch": ("True",)}
    told = {note.id: note.values for note in notes}
    assert told["translations_missing"]["n"] == 54


def test_names_of_qualtrics_are_those_of_its_exports():
    instrument, _ = read("qualtrics/matrix_single.qsf")
    header = (Path(FOLDER) / "qualtrics" / "matrix_single_insights.csv").read_text("utf-8").splitlines()[0].split(",")
    assert set(instrument.item_ids()) <= set(header)
