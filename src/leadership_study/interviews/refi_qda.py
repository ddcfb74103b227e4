"""REFI-QDA: codebooks (.qdc) and projects (.qdpx) of other programs for qualitative analysis, read with distrust."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from leadership_study.interviews._archive import Archive, xml_tree
from leadership_study.interviews._positions import Selection, counted
from leadership_study.interviews._problems import Problems, refused
from leadership_study.interviews.codebook import Code, Codebook, checked
from leadership_study.interviews.codings import Coding
from leadership_study.interviews.text import normalise, read_bytes, text_of
from leadership_study.interviews.transcripts import Transcript, turns_of

_MEDIA = {"PDFSource": "a PDF", "PictureSource": "a picture", "AudioSource": "a recording", "VideoSource": "a video"}
_PARTS = {
    "Sets": "a set",
    "Graphs": "a graph",
    "Links": "a link",
    "Notes": "a note that belongs to no segment",
    "Cases": "a case",
}
_OWN = {"role", "district", "date"}


@dataclass(frozen=True)
class Project:
    """What a REFI-QDA project holds for us; ``problems.warnings`` list what isn't carried."""

    transcripts: tuple[Transcript, ...]
    codebook: Codebook
    codings: tuple[Coding, ...]
    problems: Problems = field(default_factory=Problems)


def read_qdpx(path: str | Path) -> Project:
    """Read a ``.qdpx`` project: text sources, codes, segments by coder, memos, values of variables of sources.

    Offsets become half-open code points of the normalised text: how the other program counted is found from the quotes
    that it wrote beside its segments. What can't be carried (pictures, recordings, regions of PDF, sets, links, cases,
    notes apart from segments, segments without a code) is in ``.problems.warnings``.

    Raises
    ------
    ImportFormatError
        No archive, one that can't be trusted (paths upwards, bombs, document types in XML), or no project in it.

    References
    ----------
    REFI-QDA Standard 1.5, https://www.qdasoftware.org
    """
    path = Path(path)
    return parse_qdpx(read_bytes(path), path.name)


def parse_qdpx(data: bytes, file: str) -> Project:
    """The same from bytes."""
    archive = Archive(data, file)
    main = [name for name in archive.names if name.lower().endswith(".qde")]
    if len(main) != 1:
        message = f"there {'are' if main else 'is'} {len(main) or 'no'} project file{'s' if main else ''} (.qde) in it"
        raise refused(file, "no_project", message, "export the project again as REFI-QDA")
    root = xml_tree(archive.read(main[0]) or b"", file)
    if _name(root) != "Project":
        raise refused(file, "no_project", f"the project file holds {_name(root)}, not Project", "export it again")
    problems = Problems()
    users = {_guid(user): user.get("name") or _guid(user) for user in _all(root, "Users", "User")}
    codebook, by_guid = _codes(_child(root, "CodeBook"), file, problems)
    notes = {_guid(note): _note_text(note, archive) for note in _all(root, "Notes", "Note")}
    variables = {_guid(one): one.get("name") or "" for one in _all(root, "Variables", "Variable")}
    reader = _Sources(archive, file, problems, users, by_guid, notes, variables, _id(root.get("creatingUserGUID")))
    sources = _child(root, "Sources")
    for source in [] if sources is None else list(sources):
        kind = _name(source)
        if kind == "TextSource":
            reader.text_source(source)
        else:
            what = _MEDIA.get(kind, kind)
            reader.left_out("source", f"{what} isn't carried: {source.get('name') or _guid(source)}")
    for part, what in _PARTS.items():
        for one in _all(root, part):
            if part == "Notes" and _guid(one) in reader.notes_used:
                continue
            reader.left_out(part.lower(), f"{what} isn't carried: {one.get('name') or _guid(one)}")
    problems.refuse(f"The project {file}")
    return Project(tuple(reader.transcripts), codebook, tuple(reader.codings), problems)


def parse_qdc(data: bytes, file: str) -> Codebook:
    """The codebook of a ``.qdc`` file."""
    root = xml_tree(data, file)
    if _name(root) != "CodeBook":
        raise refused(file, "no_codebook", f"the file holds {_name(root)}, not CodeBook", "export the codebook again")
    problems = Problems()
    codebook, _ = _codes(root, file, problems)
    problems.refuse(f"The codebook {file}")
    if not len(codebook):
        raise refused(file, "no_codes", "there is no code in it", "export the codebook again")
    return codebook


class _Sources:
    """Text sources read one by one."""

    def __init__(
        self, archive: Archive, file: str, problems: Problems, users: dict[str, str], codes: dict[str, str],
        notes: dict[str, str], variables: dict[str, str], owner: str,
    ) -> None:  # fmt: skip
        self.archive, self.file, self.problems = archive, file, problems
        self.users, self.codes, self.notes, self.variables, self.owner = users, codes, notes, variables, owner
        self.transcripts: list[Transcript] = []
        self.codings: list[Coding] = []
        self.notes_used: set[str] = set()

    def left_out(self, rule: str, message: str, **place: Any) -> None:
        self.problems.warning(self.file, f"not_carried_{rule}", message, "keep it in the program it is from", **place)

    def text_source(self, source: ElementTree.Element) -> None:
        name = source.get("name") or _guid(source)
        raw = self._text(source, name)
        if raw is None:
            return
        taken = {one.id for one in self.transcripts}
        own, number = name, 2
        while own in taken:
            own, number = f"{name} ({number})", number + 1
        facts = self._values(source)
        when = None
        if "date" in facts:
            try:
                when = date.fromisoformat(facts["date"])
            except ValueError:
                self.left_out("date", f"the date {facts['date']!r} is none", respondent_id=own)
        text = normalise(raw)
        self.transcripts.append(
            Transcript(
                own,
                text,
                turns_of(text),
                facts.get("role"),
                facts.get("district"),
                when,
                self.file,
                {key: value for key, value in facts.items() if key not in _OWN},
            )
        )
        self._selections(source, own, raw)
        for coding in _children(source, "Coding"):
            self.left_out("coding", f"a code of a whole source isn't carried: {self._code(coding)}", respondent_id=own)

    def _text(self, source: ElementTree.Element, name: str) -> str | None:
        inline = _child(source, "PlainTextContent")
        if inline is not None:
            return inline.text or ""
        path = source.get("plainTextPath") or ""
        if not path.lower().startswith("internal://"):
            self.left_out("source", f"the text of {name} is outside the archive ({path or 'no path'})")
            return None
        inner = path[len("internal://") :].lstrip("/")
        if ".." in inner.replace("\\", "/").split("/"):
            message = f"the path of {name} leads out of the archive: {path!r}"
            raise refused(self.file, "path_traversal", message, "don't open it; export it again")
        data = self.archive.read(f"sources/{inner}")
        if data is None:
            self.left_out("source", f"the text of {name} isn't in the archive ({inner})")
            return None
        text = text_of(data, f"{self.file}/{inner}")
        # Some programs count the byte order mark: whether this one does, its quotes tell.
        return "\ufeff" + text if data.startswith(b"\xef\xbb\xbf") and not text.startswith("\ufeff") else text

    def _values(self, source: ElementTree.Element) -> dict[str, str]:
        facts = {}
        for value in _children(source, "VariableValue"):
            reference = _child(value, "VariableRef")
            texts = [one.text or "" for one in value if _name(one).endswith("Value")]
            key = "" if reference is None else self.variables.get(_id(reference.get("targetGUID")), "")
            if key and texts and texts[0]:
                facts[key] = texts[0]
        return facts

    def _selections(self, source: ElementTree.Element, own: str, raw: str) -> None:
        found: list[tuple[ElementTree.Element, Selection]] = []
        for one in _children(source, "PlainTextSelection"):
            try:
                start, end = int(one.get("startPosition") or ""), int(one.get("endPosition") or "")
            except ValueError:
                self.problems.error(
                    self.file, "bad_offset", "a segment has no positions", "export the project again", respondent_id=own
                )
                continue
            found.append((one, Selection(start, end, one.get("name"))))
        places, way, inclusive, wrong = counted(raw, [one for _, one in found])
        if way != "code_points" or inclusive:
            message = (
                f"its offsets count {way}{' with the last character inside' if inclusive else ''}, as its quotes show"
            )
            self.problems.warning(
                self.file, "other_offsets", message, "nothing: they were converted", respondent_id=own
            )
        if wrong:
            message = f"{wrong} quotes of segments aren't the text at their offsets"
            self.problems.warning(self.file, "quotes_differ", message, "compare these segments", respondent_id=own)
        for (element, _), (start, end) in zip(found, places, strict=True):
            self._segment(element, own, start, end)

    def _segment(self, element: ElementTree.Element, own: str, start: int, end: int) -> None:
        codings = _children(element, "Coding")
        memos = [_text_of(_child(element, "Description"))]
        memos += [self._note(reference) for reference in _children(element, "NoteRef")]
        if not codings:
            extra = f" (with the memo {memos[0]!r})" if memos[0] else ""
            self.left_out(
                "segment", f"a segment without a code isn't carried: {start} to {end}{extra}", respondent_id=own
            )
        for coding in codings:
            user = _id(coding.get("creatingUser") or element.get("creatingUser") or self.owner)
            said = [*memos, *(self._note(reference) for reference in _children(coding, "NoteRef"))]
            code = self._code(coding)
            if code is None:
                message = "a segment refers to a code that isn't in the codebook"
                self.problems.error(self.file, "unknown_code", message, "export the project again", respondent_id=own)
                continue
            memo = "\n".join(text for text in said if text)
            self.codings.append(
                Coding(own, self.users.get(user, user or "unknown"), start, end, code, memo, file=self.file)
            )

    def _note(self, reference: ElementTree.Element) -> str:
        guid = _id(reference.get("targetGUID"))
        self.notes_used.add(guid)
        return self.notes.get(guid, "")

    def _code(self, coding: ElementTree.Element) -> str | None:
        reference = _child(coding, "CodeRef")
        return None if reference is None else self.codes.get(_id(reference.get("targetGUID")))


def _codes(book: ElementTree.Element | None, file: str, problems: Problems) -> tuple[Codebook, dict[str, str]]:
    found: list[tuple[ElementTree.Element, tuple[str, ...], str | None]] = []

    def walk(elements: Iterable[ElementTree.Element], above: tuple[str, ...], parent: str | None) -> None:
        for element in elements:
            path = (*above, (element.get("name") or "").strip() or _guid(element))
            found.append((element, path, parent))
            walk(_children(element, "Code"), path, _guid(element))

    top = None if book is None else _child(book, "Codes")
    walk([] if top is None else _children(top, "Code"), (), None)
    names = [path[-1] for _, path, _ in found]
    ids: dict[str, str] = {}
    for element, path, _ in found:
        # Two codes of one name under different codes are told apart by what is above them.
        ids[_guid(element)] = path[-1] if names.count(path[-1]) == 1 else "::".join(path)
    codes = []
    for element, path, parent in found:
        definition = _text_of(_child(element, "Description"))
        codes.append(
            Code(
                ids[_guid(element)],
                parent=None if parent is None else ids[parent],
                name={"": path[-1]},
                definition={"": definition} if definition else {},
                colour=element.get("color"),
                codable=(element.get("isCodable") or "true").lower() in ("true", "1"),
                guid=_guid(element),
            )
        )
    return checked(codes, file, problems), ids


def _note_text(note: ElementTree.Element, archive: Archive) -> str:
    inline = _child(note, "PlainTextContent")
    if inline is not None:
        return (inline.text or "").strip()
    path = note.get("plainTextPath") or ""
    data = archive.read("sources/" + path[len("internal://") :].lstrip("/")) if path.startswith("internal://") else None
    return "" if data is None else normalise(text_of(data, path)).strip()


def _name(element: ElementTree.Element) -> str:
    return element.tag.rpartition("}")[2]


def _child(element: ElementTree.Element, name: str) -> ElementTree.Element | None:
    return next((one for one in element if _name(one) == name), None)


def _children(element: ElementTree.Element, name: str) -> list[ElementTree.Element]:
    return [one for one in element if _name(one) == name]


def _all(root: ElementTree.Element, part: str, name: str | None = None) -> list[ElementTree.Element]:
    holder = _child(root, part)
    return [] if holder is None else [one for one in holder if name is None or _name(one) == name]


def _text_of(element: ElementTree.Element | None) -> str:
    return "" if element is None else (element.text or "").strip()


def _id(guid: str | None) -> str:
    """One form for GUIDs: lower case, without braces."""
    return re.sub(r"[{}\s]", "", guid or "").lower()


def _guid(element: ElementTree.Element) -> str:
    return _id(element.get("guid"))
