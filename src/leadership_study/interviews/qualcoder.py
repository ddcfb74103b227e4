"""QualCoder's projects: the SQLite file ``data.qda`` in a folder ``….qda``, opened for reading only."""

import sqlite3
from pathlib import Path

from leadership_study.interviews._positions import Selection, counted
from leadership_study.interviews._problems import Problems, refused
from leadership_study.interviews.codebook import Code, checked
from leadership_study.interviews.codings import Coding
from leadership_study.interviews.refi_qda import Project
from leadership_study.interviews.text import normalise
from leadership_study.interviews.transcripts import Transcript, turns_of

_OTHER = {
    "code_image": "codes of pictures",
    "code_av": "codes of recordings",
    "annotation": "annotations",
    "journal": "journals",
}


def read_qualcoder(path: str | Path) -> Project:
    """Read a QualCoder project: texts, codes in categories, codings by coder with memos.

    Categories become codes that only hold others. Codes of pictures and recordings, annotations and journals aren't
    carried and are listed.

    Raises
    ------
    ImportFormatError
        No such project, or one whose tables aren't QualCoder's.
    """
    path = Path(path)
    file = path / "data.qda" if path.is_dir() else path
    if not file.is_file():
        raise refused(path.name, "missing_file", "there is no data.qda in it", "give the folder of the project")
    problems = Problems()
    try:
        with sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro&immutable=1", uri=True) as base:
            sources = base.execute("select id, name, fulltext from source order by id").fetchall()
            categories = base.execute("select catid, name, memo, supercatid from code_cat order by catid").fetchall()
            names = base.execute("select cid, name, memo, catid, color from code_name order by cid").fetchall()
            segments = base.execute("select cid, fid, seltext, pos0, pos1, owner, memo from code_text").fetchall()
            for table, what in _OTHER.items():
                there = base.execute(
                    "select count(*) from sqlite_master where type='table' and name=?", (table,)
                ).fetchone()
                count = base.execute(f"select count(*) from {table}").fetchone()[0] if there[0] else 0
                if count:
                    problems.warning(
                        path.name, f"not_carried_{table}", f"{count} {what} aren't carried", "keep them there"
                    )
        base.close()
    except sqlite3.Error as error:
        raise refused(
            path.name, "no_project", f"it is no QualCoder project ({error})", "give the project's folder"
        ) from None
    holders = {number: name for number, name, _, _ in categories}
    taken = {name for _, name, _, _, _ in names}
    ids = {number: name if name not in taken else f"{name} (category)" for number, name in holders.items()}
    codes = [
        Code(ids[number], parent=ids.get(above), name={"": name}, definition=_memo(memo), codable=False)
        for number, name, memo, above in categories
    ]
    codes += [
        Code(name, parent=ids.get(category), name={"": name}, definition=_memo(memo), colour=colour)
        for _, name, memo, category, colour in names
    ]
    codebook = checked(codes, path.name, problems)
    by_number = {number: name for number, name, _, _, _ in names}
    transcripts, codings = [], []
    for number, name, text in sources:
        if not text:
            problems.warning(path.name, "not_carried_source", f"{name} has no text and isn't carried", "keep it there")
            continue
        transcripts.append(Transcript(name, normalise(text), turns_of(normalise(text)), source=path.name))
        own = [row for row in segments if row[1] == number]
        places, way, _, wrong = counted(text, [Selection(int(row[3]), int(row[4]), row[2]) for row in own])
        if wrong:
            message = f"{wrong} quotes of segments aren't the text at their offsets (counted as {way})"
            problems.warning(path.name, "quotes_differ", message, "compare these segments", respondent_id=name)
        for row, (start, end) in zip(own, places, strict=True):
            code = by_number.get(row[0])
            if code is None:
                message = "a segment refers to a code that isn't in the codebook"
                problems.error(
                    path.name, "unknown_code", message, "repair the project in QualCoder", respondent_id=name
                )
                continue
            codings.append(Coding(name, row[5] or "unknown", start, end, code, row[6] or "", file=path.name))
    problems.refuse(f"The project {path.name}")
    return Project(tuple(transcripts), codebook, tuple(codings), problems)


def _memo(memo: str | None) -> dict[str, str]:
    return {"": memo} if memo else {}
