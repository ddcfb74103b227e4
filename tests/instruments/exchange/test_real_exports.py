"""Forms by other authors. They are not part of this project; whoever has a folder of such files can point to it."""

import os
from pathlib import Path

import pytest

from leadership_study.instruments import exchange

FOLDER = os.environ.get("LEADERSHIP_STUDY_EXPORTS", "")
pytestmark = pytest.mark.skipif(not FOLDER, reason="set LEADERSHIP_STUDY_EXPORTS to a folder of real export files")

FORMS = [
    # file, languages, what the form puts to respondents, dimensions, background questions, open questions
    ("kobo/xlsform_aggregate-kobotoolbox.xlsx", ("en", "ru"), "Questions: 33; choices: 25; lists: 8;", 0, 31, 0),
    ("kobo/xlsform_artifact-kobotoolbox.xlsx", ("en", "ru"), "Questions: 69; choices: 111; lists: 24;", 0, 67, 0),
    ("kobo/xlsform_group.xlsx", ("en",), "Questions: 3; choices: 0; lists: 0;", 0, 3, 0),
    ("kobo/xlsform_group.csv", ("en",), "Questions: 3; choices: 0; lists: 0;", 0, 3, 0),
    ("kobo/xlsform_or_other.xlsx", ("und",), "Questions: 2; choices: 5; lists: 1;", 0, 3, 0),
    ("kobo/xlsform_widgets.csv", ("und",), "Questions: 21; choices: 12; lists: 2;", 0, 15, 0),
    ("kobo/xlsform_yes_or_no_question.xlsx", ("en",), "Questions: 1; choices: 2; lists: 1;", 0, 1, 0),
    ("limesurvey/structure_block_school.txt", ("ca",), "Questions: 2; fields: 5; choices: 10;", 1, 0, 1),
    ("limesurvey/survey.lss", ("en",), "Questions: 4; fields: 3; choices: 7;", 0, 2, 1),
    ("limesurvey/free_text.lsq", ("en",), "Questions: 1; fields: 1; choices: 0;", 0, 0, 1),
    ("qualtrics/matrix_single.qsf", ("en",), "Questions: 5; fields: 15; choices: 20;", 5, 0, 0),
]


def read(name):
    path = Path(FOLDER) / name
    return exchange.read(path.read_bytes(), file=path.name)


@pytest.mark.parametrize(("name", "languages", "told", "dimensions", "background", "opened"), FORMS)
def test_questions_choices_and_languages(name, languages, told, dimensions, background, opened):
    instrument, notes = read(name)
    assert instrument.languages == languages
    said = str(next(note for note in notes if note.id in ("form_read", "survey_read")))
    assert told in said.replace("lists of choices", "lists")
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
