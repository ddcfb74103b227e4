"""LimeSurvey's survey structure in XML (.lss), and of single questions (.lsq): read only."""

import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator, Mapping

from leadership_study.instruments._reader import Complaints
from leadership_study.instruments.exchange import _xml
from leadership_study.instruments.exchange._check import refused
from leadership_study.instruments.exchange._finish import finish
from leadership_study.instruments.exchange._limesurvey_read import Row, read_rows
from leadership_study.instruments.model import Instrument
from leadership_study.results import Note

SUFFIX = ".lss"

_Record = Mapping[str, str]


def recognises(data: bytes, file: str) -> bool:
    """Whether the file is XML with LimeSurvey's mark."""
    return b"<LimeSurveyDocType>" in data[:2000]


def read(data: bytes, *, file: str) -> tuple[Instrument, tuple[Note, ...]]:
    """Read a survey structure as a questionnaire; the rules are those of the tab-separated form.

    Raises
    ------
    InstrumentError
        A document type or entities are declared, the XML is broken, or the form has problems; all at once.
    """
    complaints = Complaints(file)
    root = _xml.parse(data, complaints)
    if root is not None and root.find("LimeSurveyDocType") is None:
        complaints.add("no_survey", "", "this is no survey structure of LimeSurvey", "export it as .lss")
    if root is None or complaints.found:
        raise refused(complaints)
    form, default = read_rows(list(_Tables(root).rows()), complaints)
    return finish(form, default, complaints)


class _Tables:
    """The tables of the document; texts stand beside (since version 4) or in the rows themselves (before)."""

    def __init__(self, root: ElementTree.Element) -> None:
        self.tables: dict[str, list[_Record]] = {}
        for section in root:
            rows = section.find("rows")
            if rows is not None:
                self.tables[section.tag] = [{cell.tag: cell.text or "" for cell in row} for row in rows]
        self.languages = [element.text or "" for element in root.findall("languages/language")]

    def rows(self) -> Iterator[Row]:
        """Rows as the tab-separated form has them, language by language."""
        for survey in self.tables.get("surveys", []):
            yield Row("survey", {"class": "S", "name": "language", "text": survey.get("language", "")})
            more = survey.get("additional_languages", "")
            yield Row("survey", {"class": "S", "name": "additional_languages", "text": more})
        for settings in self.tables.get("surveys_languagesettings", []):
            language, title = settings.get("surveyls_language", ""), settings.get("surveyls_title", "")
            yield Row("survey", {"class": "SL", "name": "surveyls_title", "text": title, "language": language})
        for language in self.languages:
            yield from self._in(language)

    def _in(self, language: str) -> Iterator[Row]:
        groups = self._sorted("groups", "group_order", language)
        questions = self._sorted("questions", "question_order", language)
        if not groups:  # the file of one question
            groups = [{"gid": gid} for gid in dict.fromkeys(question.get("gid", "") for question in questions)]
        for group in groups:
            gid = group.get("gid", "")
            name = self._text("group_l10ns", "gid", gid, language).get("group_name") or group.get("group_name", "")
            rule = group.get("grelevance", "")
            cells = {"class": "G", "id": gid, "name": name, "language": language, "relevance": rule}
            yield Row(f"group {gid}", cells)
            for question in questions:
                if question.get("gid") == gid and question.get("parent_qid", "0") in ("0", ""):
                    yield from self._question(question, language)

    def _question(self, question: _Record, language: str) -> Iterator[Row]:
        qid = question.get("qid", "")
        place = f"question {question.get('title', qid)!r}"
        hidden = any(
            attribute.get("qid") == qid and attribute.get("attribute") == "hidden" and attribute.get("value") == "1"
            for attribute in self.tables.get("question_attributes", [])
        )
        yield Row(
            place,
            {
                "class": "Q",
                "type/scale": question.get("type", ""),
                "name": question.get("title", ""),
                "relevance": question.get("relevance", ""),
                "text": self._wording(question, language),
                "language": language,
                "other": question.get("other", ""),
                "hidden": "1" if hidden else "",
            },
        )
        for part in self._sorted("subquestions", "question_order", language):
            if part.get("parent_qid") == qid:
                cells = {"class": "SQ", "type/scale": part.get("scale_id", ""), "name": part.get("title", "")}
                yield Row(place, cells | {"text": self._wording(part, language), "language": language})
        for answer in self._sorted("answers", "sortorder", language):
            if answer.get("qid") == qid:
                text = self._text("answer_l10ns", "aid", answer.get("aid", ""), language).get("answer")
                cells = {"class": "A", "type/scale": answer.get("scale_id", ""), "name": answer.get("code", "")}
                yield Row(place, cells | {"text": text or answer.get("answer", ""), "language": language})

    def _wording(self, question: _Record, language: str) -> str:
        found = self._text("question_l10ns", "qid", question.get("qid", ""), language)
        return found.get("question") or question.get("question", "")

    def _text(self, table: str, key: str, id: str, language: str) -> _Record:
        rows = self.tables.get(table, [])
        return next((row for row in rows if row.get(key) == id and row.get("language") == language), {})

    def _sorted(self, table: str, order: str, language: str) -> list[_Record]:
        rows = [row for row in self.tables.get(table, []) if row.get("language", language) in ("", language)]
        return sorted(rows, key=lambda row: int(row[order]) if row.get(order, "").lstrip("-").isdigit() else 0)
