"""Codebooks and projects as REFI-QDA files that other programs read; what can't be carried is listed."""

import io
import re
import uuid
import zipfile
from collections.abc import Iterable, Mapping
from xml.etree import ElementTree

import pandas as pd

from leadership_study.interviews.codebook import Code, Codebook
from leadership_study.interviews.codings import Coding
from leadership_study.interviews.transcripts import Transcript

_NAMES = uuid.uuid5(uuid.NAMESPACE_URL, "leadership_study/interviews")
_PROJECT = "urn:QDA-XML:project:1.0"
_CODEBOOK = "urn:QDA-XML:codebook:1.0"
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_QUOTE = 255
_LOST = ("include", "exclude", "anchor", "dimension", "level", "kind")


def qdc_bytes(codebook: Codebook, *, language: str = "en") -> tuple[bytes, pd.DataFrame]:
    """The codebook as ``.qdc``, and what of it the standard has no place for (index ``code``, column ``lost``)."""
    lost: list[tuple[str, str]] = []
    root = ElementTree.Element("CodeBook", {"xmlns": _CODEBOOK, "origin": "leadership_study"})
    _write_codes(root, codebook, language, lost)
    return _xml(root), _lost_table(lost)


def qdpx_bytes(
    transcripts: Iterable[Transcript],
    codebook: Codebook,
    codings: Iterable[Coding],
    *,
    name: str = "interviews",
    language: str = "en",
) -> tuple[bytes, pd.DataFrame]:
    r"""A ``.qdpx`` project, the same bytes for the same content.

    Texts are UTF-8 with ``\\n`` line ends, positions half-open code points from 0, the quote is the segment's name, a
    memo its description; role, district, date and other facts of a transcript are variables of its source.

    Returns
    -------
    (bytes, DataFrame)
        The file, and what can't be carried: index ``what``, column ``lost``.
    """
    lost: list[tuple[str, str]] = []
    listed, given = list(transcripts), list(codings)
    root = ElementTree.Element("Project", {"xmlns": _PROJECT, "name": name, "origin": "leadership_study"})
    users = ElementTree.SubElement(root, "Users")
    for coder in sorted({one.coder for one in given}):
        ElementTree.SubElement(users, "User", {"guid": _guid("user", coder), "name": _clean(coder, lost)})
    _write_codes(ElementTree.SubElement(root, "CodeBook"), codebook, language, lost)
    facts = {one.id: _facts(one) for one in listed}
    keys = sorted({key for own in facts.values() for key in own})
    if keys:
        variables = ElementTree.SubElement(root, "Variables")
        for key in keys:
            ElementTree.SubElement(
                variables, "Variable", {"guid": _guid("variable", key), "name": key, "typeOfVariable": "Text"}
            )
    sources = ElementTree.SubElement(root, "Sources")
    files: dict[str, bytes] = {}
    code_ids = {code.code: _code_guid(code) for code in codebook}
    for transcript in listed:
        guid = _guid("source", transcript.id)
        files[f"sources/{guid}.txt"] = transcript.text.encode("utf-8")
        source = ElementTree.SubElement(
            sources, "TextSource", {"guid": guid, "name": transcript.id, "plainTextPath": f"internal://{guid}.txt"}
        )
        own = [one for one in given if one.transcript == transcript.id]
        _write_segments(source, transcript, own, code_ids, lost)
        for key, value in facts[transcript.id].items():
            held = ElementTree.SubElement(source, "VariableValue")
            ElementTree.SubElement(held, "VariableRef", {"targetGUID": _guid("variable", key)})
            ElementTree.SubElement(held, "TextValue").text = _clean(value, lost)
    return _zip({"project.qde": _xml(root), **files}), _lost_table(lost)


def _write_codes(book: ElementTree.Element, codebook: Codebook, language: str, lost: list[tuple[str, str]]) -> None:
    top = ElementTree.SubElement(book, "Codes")
    elements: dict[str | None, ElementTree.Element] = {None: top}

    def write(parent: str | None) -> None:
        for code in codebook:
            if code.parent != parent:
                continue
            held = {
                "guid": _code_guid(code),
                "name": _clean(_written(code), lost),
                "isCodable": str(code.codable).lower(),
            }
            if code.colour and re.fullmatch("#(?:[0-9A-Fa-f]{3}|[0-9A-Fa-f]{6})", code.colour):
                held["color"] = code.colour
            element = elements[code.code] = ElementTree.SubElement(elements[parent], "Code", held)
            text = code.definition.get(language) or next(iter(code.definition.values()), "")
            if text:
                ElementTree.SubElement(element, "Description").text = _clean(text, lost)
            missing = [key for key in _LOST if getattr(code, key)]
            missing += [f"name ({key})" for key, label in code.name.items() if label != _written(code)]
            missing += [f"definition ({key})" for key, other in code.definition.items() if other != text]
            if missing:
                lost.append((code.code, ", ".join(missing)))
            write(code.code)

    write(None)


def _write_segments(
    source: ElementTree.Element, transcript: Transcript, codings: list[Coding], codes: Mapping[str, str],
    lost: list[tuple[str, str]],
) -> None:  # fmt: skip
    together: dict[tuple[int, int, str], list[Coding]] = {}
    for one in sorted(codings, key=lambda one: (one.start, one.end, one.memo, one.coder, one.code)):
        together.setdefault((one.start, one.end, one.memo), []).append(one)
    for (start, end, memo), own in together.items():
        place = f"{transcript.id}/{start}/{end}/{memo}"
        selection = ElementTree.SubElement(
            source,
            "PlainTextSelection",
            {
                "guid": _guid("segment", place),
                "name": _clean(transcript.quote(start, end)[:_QUOTE], lost),
                "startPosition": str(start),
                "endPosition": str(end),
                "creatingUser": _guid("user", own[0].coder),
            },
        )
        if memo:
            ElementTree.SubElement(selection, "Description").text = _clean(memo, lost)
        for one in own:
            coding = ElementTree.SubElement(
                selection,
                "Coding",
                {"guid": _guid("coding", f"{place}/{one.coder}/{one.code}"), "creatingUser": _guid("user", one.coder)},
            )
            ElementTree.SubElement(coding, "CodeRef", {"targetGUID": codes[one.code]})


def _facts(transcript: Transcript) -> dict[str, str]:
    own = {"role": transcript.role, "district": transcript.district}
    own["date"] = None if transcript.date is None else transcript.date.isoformat()
    return {key: value for key, value in own.items() if value} | dict(transcript.facts)


def _guid(kind: str, name: str) -> str:
    return str(uuid.uuid5(_NAMES, f"{kind}:{name}"))


def _written(code: Code) -> str:
    """What other programs show: the id, or for codes from such a program their name there."""
    return code.name.get("", code.code) if code.guid else code.code


def _code_guid(code: Code) -> str:
    return code.guid or _guid("code", code.code)


def _clean(text: str, lost: list[tuple[str, str]]) -> str:
    """XML has no place for control characters."""
    found = _FORBIDDEN.sub(" ", text)
    if found != text:
        lost.append((found[:40], "control characters"))
    return found


def _xml(root: ElementTree.Element) -> bytes:
    return b'<?xml version="1.0" encoding="utf-8"?>\n' + bytes(ElementTree.tostring(root, encoding="utf-8"))


def _zip(files: Mapping[str, bytes]) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, data)
    return held.getvalue()


def _lost_table(lost: list[tuple[str, str]]) -> pd.DataFrame:
    distinct = list(dict.fromkeys(lost))
    return pd.DataFrame(
        {"lost": [text for _, text in distinct]}, index=pd.Index([key for key, _ in distinct], name="what")
    )
