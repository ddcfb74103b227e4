"""REFI-QDA: codebooks (.qdc) and projects (.qdpx) of other programs for qualitative analysis, read with distrust."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from leadership_study.interviews._archive import Archive, xml_tree
from leadership_study.interviews._positions import Selection, counted
from leadership_study.interviews._problems import Problems, refused
from leadership_study.interviews._refi_xml import child, children, guid_of, name_of, parts, plain_guid, said_in
from leadership_study.interviews.codebook import Code, Codebook, checked
from leadership_study.interviews.codings import Coding
from leadership_study.interviews.text import normalise, read_bytes, text_of
from leadership_study.interviews.transcripts import NAMES, Transcript, turns_of

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

    The text of a PDF and the transcript of a recording are carried where the project holds them. Offsets become
    half-open code points of the normalised text: how the other program counted is found from the quotes that it wrote
    beside its segments. What can't be carried (pictures, recordings, places on pages, sets, links, cases, notes apart
    from segments, segments without a code) is in ``.problems.warnings``.

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
    main = [name for name in archive.names if name.lower().endswith(".qde") and not _shadow(name)]
    if len(main) != 1:
        message = f"there {'are' if main else 'is'} {len(main) or 'no'} project file{'s' if main else ''} (.qde) in it"
        raise refused(file, "no_project", message, "export the project again as REFI-QDA")
    root = xml_tree(archive.read(main[0]) or b"", file)
    if name_of(root) != "Project":
        raise refused(file, "no_project", f"the project file holds {name_of(root)}, not Project", "export it again")
    problems = Problems()
    users = _users(root, file, problems)
    codebook, by_guid = _codes(child(root, "CodeBook"), file, problems)
    notes = {guid_of(note): _note_text(note, archive) for note in parts(root, "Notes", "Note")}
    variables = {guid_of(one): one.get("name") or "" for one in parts(root, "Variables", "Variable")}
    reader = _Sources(
        archive, file, problems, users, by_guid, notes, variables, plain_guid(root.get("creatingUserGUID"))
    )
    sources = child(root, "Sources")
    for source in [] if sources is None else list(sources):
        if name_of(source) == "TextSource":
            reader.text_source(source, source)
        else:
            reader.other_source(source)
    for part, what in _PARTS.items():
        for one in parts(root, part):
            if part == "Notes" and guid_of(one) in reader.notes_used:
                continue
            reader.left_out(part.lower(), f"{what} isn't carried: {one.get('name') or guid_of(one)}")
    problems.refuse(f"The project {file}")
    return Project(tuple(reader.transcripts), _codable(codebook, reader, file), tuple(reader.codings), problems)


def parse_qdc(data: bytes, file: str) -> Codebook:
    """The codebook of a ``.qdc`` file."""
    root = xml_tree(data, file)
    if name_of(root) != "CodeBook":
        raise refused(file, "no_codebook", f"the file holds {name_of(root)}, not CodeBook", "export the codebook again")
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
        notes: dict[str, str | None], variables: dict[str, str], owner: str,
    ) -> None:  # fmt: skip
        self.archive, self.file, self.problems = archive, file, problems
        self.users, self.codes, self.notes, self.variables, self.owner = users, codes, notes, variables, owner
        self.transcripts: list[Transcript] = []
        self.codings: list[Coding] = []
        self.notes_used: set[str] = set()

    def left_out(self, rule: str, message: str, **place: Any) -> None:
        self.problems.warning(self.file, f"not_carried_{rule}", message, "keep it in the program it is from", **place)

    def other_source(self, source: ElementTree.Element) -> None:
        """A PDF, picture or recording: only text that belongs to it is carried."""
        name, what = source.get("name") or guid_of(source), _MEDIA.get(name_of(source), name_of(source))
        texts = [*children(source, "Representation"), *children(source, "Transcript")]
        carried = [self.text_source(text, source) for text in texts]
        only = f"of {what} only the text is carried" if any(carried) else f"{what} isn't carried"
        coded = sum(name_of(one).endswith("Selection") for one in source)
        marked = f" (coded places left out: {coded})" if coded else ""
        self.left_out("source", f"{only}{marked}: {name}")

    def text_source(self, source: ElementTree.Element, holder: ElementTree.Element) -> bool:
        """The text of a source; ``holder`` has its name, values and codes. Whether there was one."""
        name = holder.get("name") or source.get("name") or guid_of(source)
        raw = self._text(source, name)
        if raw is None:
            return False
        taken = {one.id for one in self.transcripts}
        own = _free(name, taken)
        facts = self._values(holder)
        when = None
        if "date" in facts:
            try:
                when = date.fromisoformat(facts["date"].partition("T")[0])
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
        for coding in children(holder, "Coding"):
            self.left_out("coding", f"a code of a whole source isn't carried: {self._code(coding)}", respondent_id=own)
        return True

    def _text(self, source: ElementTree.Element, name: str) -> str | None:
        inline = child(source, "PlainTextContent")
        if inline is not None:
            return inline.text or ""
        path = source.get("plainTextPath") or ""
        if not path:
            self.left_out("source", f"there is no plain text of {name}, which its segments count in")
            return None
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
        for value in children(source, "VariableValue"):
            reference = child(value, "VariableRef")
            texts = [one.text or "" for one in value if name_of(one).endswith("Value")]
            key = "" if reference is None else self.variables.get(plain_guid(reference.get("targetGUID")), "")
            if key and texts and texts[0]:
                known = NAMES.get(key.strip().casefold(), key)
                facts[known if known in _OWN else key] = texts[0]
        return facts

    def _selections(self, source: ElementTree.Element, own: str, raw: str) -> None:
        found: list[tuple[ElementTree.Element, Selection]] = []
        marks = {guid_of(mark): mark.get("position") or "" for mark in children(source, "SyncPoint")}
        for one in [*children(source, "PlainTextSelection"), *children(source, "TranscriptSelection")]:
            if name_of(one) == "TranscriptSelection":
                given = [marks.get(plain_guid(one.get(key)), "") for key in ("fromSyncPoint", "toSyncPoint")]
            else:
                given = [one.get("startPosition") or "", one.get("endPosition") or ""]
            if not all(text.strip().isdecimal() for text in given):
                message = f"a segment has no positions of 0 or more ({' to '.join(given)})"
                self.problems.error(self.file, "bad_offset", message, "export the project again", respondent_id=own)
                continue
            start, end = int(given[0]), int(given[1])
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
        codings = children(element, "Coding")
        memos = [said_in(child(element, "Description"))]
        memos += [self._note(reference) for reference in children(element, "NoteRef")]
        if not codings:
            extra = f" (with the memo {memos[0]!r})" if memos[0] else ""
            self.left_out(
                "segment", f"a segment without a code isn't carried: {start} to {end}{extra}", respondent_id=own
            )
        for coding in codings:
            user = plain_guid(coding.get("creatingUser") or element.get("creatingUser") or self.owner)
            said = [*memos, *(self._note(reference) for reference in children(coding, "NoteRef"))]
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
        guid = plain_guid(reference.get("targetGUID"))
        self.notes_used.add(guid)
        said = self.notes.get(guid)
        if said is None:
            self.left_out("memo", f"a memo of a segment isn't in the archive ({guid})")
        return said or ""

    def _code(self, coding: ElementTree.Element) -> str | None:
        reference = child(coding, "CodeRef")
        return None if reference is None else self.codes.get(plain_guid(reference.get("targetGUID")))


def _codes(book: ElementTree.Element | None, file: str, problems: Problems) -> tuple[Codebook, dict[str, str]]:
    found: list[tuple[ElementTree.Element, tuple[str, ...], str | None]] = []

    def walk(elements: Iterable[ElementTree.Element], above: tuple[str, ...], parent: str | None) -> None:
        for element in elements:
            path = (*above, (element.get("name") or "").strip() or guid_of(element))
            found.append((element, path, parent))
            walk(children(element, "Code"), path, guid_of(element))

    top = None if book is None else child(book, "Codes")
    walk([] if top is None else children(top, "Code"), (), None)
    names = [path[-1] for _, path, _ in found]
    ids: dict[str, str] = {}
    for element, path, _ in found:
        # Two codes of one name under different codes are told apart by what is above them.
        plain = path[-1] if names.count(path[-1]) == 1 else "::".join(path)
        ids[guid_of(element)] = own = _free(plain, ids.values())
        if own != plain:
            message = f"another code is called {plain!r} as well: this one is {own!r} here"
            problems.warning(file, "same_name", message, "rename one of them", column="code", value=own)
    codes = []
    for element, path, parent in found:
        definition = said_in(child(element, "Description"))
        codes.append(
            Code(
                ids[guid_of(element)],
                parent=None if parent is None else ids[parent],
                name={"": path[-1]},
                definition={"": definition} if definition else {},
                colour=element.get("color"),
                codable=(element.get("isCodable") or "true").lower() in ("true", "1"),
                guid=guid_of(element),
            )
        )
    return checked(codes, file, problems), ids


def _codable(codebook: Codebook, reader: _Sources, file: str) -> Codebook:
    """Codes said to be folders that were given all the same are codes."""
    given = {one.code for one in reader.codings}
    wrong = {code.code for code in codebook if not code.codable and code.code in given}
    for name in sorted(wrong):
        message = f"{name!r} is said to be a folder but was given to segments: it is read as a code"
        reader.problems.warning(file, "folder_coded", message, "nothing, if it is meant so", column="code", value=name)
    return Codebook(tuple(replace(code, codable=True) if code.code in wrong else code for code in codebook))


def _users(root: ElementTree.Element, file: str, problems: Problems) -> dict[str, str]:
    """Names of users; two of one name stay two coders."""
    users: dict[str, str] = {}
    for user in parts(root, "Users", "User"):
        name = (user.get("name") or "").strip() or guid_of(user)
        users[guid_of(user)] = own = _free(name, users.values())
        if own != name:
            message = f"two users are called {name!r}: the second is {own!r} here"
            problems.warning(file, "same_name", message, "rename one of them", value=own)
    return users


def _free(name: str, taken: Iterable[str]) -> str:
    """The name, or with a number if it is taken."""
    held, own, number = set(taken), name, 2
    while own in held:
        own, number = f"{name} ({number})", number + 1
    return own


def _shadow(name: str) -> bool:
    """What some systems put beside the files of an archive."""
    return name.startswith("__MACOSX/") or name.rpartition("/")[2].startswith("._")


def _note_text(note: ElementTree.Element, archive: Archive) -> str | None:
    inline = child(note, "PlainTextContent")
    if inline is not None:
        return (inline.text or "").strip()
    path = note.get("plainTextPath") or ""
    inside = path.lower().startswith("internal://")
    data = archive.read("sources/" + path[len("internal://") :].lstrip("/")) if inside else None
    return None if data is None else normalise(text_of(data, path)).strip()
