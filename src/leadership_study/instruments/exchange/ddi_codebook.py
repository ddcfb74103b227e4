"""DDI-Codebook 2.5, the XML of data archives: written only.

Reference: DDI Alliance, DDI Codebook 2.5, namespace ``ddi:codebook:2_5``.
"""

import xml.etree.ElementTree as ElementTree
from collections.abc import Mapping

from leadership_study.instruments.exchange._finish import withheld
from leadership_study.instruments.exchange._variables import Variable, variables
from leadership_study.instruments.exchange.codebook_csv import scored_as
from leadership_study.instruments.model import Instrument, Text
from leadership_study.results import Note

SUFFIX = ".xml"
_NAMESPACE = "ddi:codebook:2_5"
_LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"
_NATURE = {"nominal": "nominal", "ordinal": "ordinal", "interval": "interval"}

_Element = ElementTree.Element


def write(instrument: Instrument) -> tuple[bytes, tuple[Note, ...]]:
    """Return the questionnaire as the codebook of a study without data, and notes on what DDI cannot hold.

    Groups of variables (``varGrp``) stand for the dimensions, groups of groups for the composites. Labels, questions
    and categories are given in every language (``xml:lang``), a second definition of a dimension as a text, the
    wording about oneself as a second question (its ID begins with S). Reverse keys and the right answers of attention
    checks are told in words, since DDI-Codebook has no element for them.
    """
    root = ElementTree.Element("codeBook", {"xmlns": _NAMESPACE, "version": "2.5", _LANGUAGE: instrument.languages[0]})
    _citation(ElementTree.SubElement(root, "docDscr"), instrument)
    study = ElementTree.SubElement(root, "stdyDscr")
    _citation(study, instrument)
    if instrument.source:
        method = ElementTree.SubElement(ElementTree.SubElement(study, "method"), "dataColl")
        if instrument.source_in:
            _texts(method, "resInstru", instrument.source_in)
        else:
            ElementTree.SubElement(method, "resInstru").text = instrument.source
    data = ElementTree.SubElement(root, "dataDscr")
    for dimension in instrument.dimensions:
        of = [f"V_{variable.id}" for variable in variables(instrument) if _belongs(variable, dimension.id)]
        told = {
            "ID": f"G_{dimension.id}",
            "name": dimension.id,
            "type": "other",
            "otherType": "dimension",
            "var": " ".join(of),
        }
        group = ElementTree.SubElement(data, "varGrp", told)
        _texts(group, "labl", dimension.label)
        # One definition is allowed, any number of texts, which come before it.
        first, *others = dimension.definition or ("",)
        _texts(group, "txt", {language: dimension.definition[language] for language in others})
        _texts(group, "defntn", {first: dimension.definition[first]} if first else {})
    for composite in instrument.composites:
        told = {
            "ID": f"G_{composite.id}",
            "name": composite.id,
            "type": "other",
            "otherType": "composite",
            "varGrp": " ".join(f"G_{dimension}" for dimension in composite.of),
        }
        _texts(ElementTree.SubElement(data, "varGrp", told), "labl", composite.label)
    for variable in variables(instrument):
        _variable(data, instrument, variable)
    ElementTree.indent(root)
    text = ElementTree.tostring(root, encoding="unicode", short_empty_elements=True)
    content = f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'.encode()
    return content, (*_losses(instrument), *withheld(instrument))


def _belongs(variable: Variable, dimension: str) -> bool:
    return variable.part == "item" and variable.dimension == dimension


def _citation(parent: _Element, instrument: Instrument) -> None:
    citation = ElementTree.SubElement(parent, "citation")
    titles = ElementTree.SubElement(citation, "titlStmt")
    first, *others = instrument.languages
    ElementTree.SubElement(titles, "titl", {_LANGUAGE: first}).text = instrument.title[first]
    for language in others:
        ElementTree.SubElement(titles, "parTitl", {_LANGUAGE: language}).text = instrument.title[language]
    ElementTree.SubElement(titles, "IDNo").text = instrument.id
    version = ElementTree.SubElement(citation, "verStmt")
    ElementTree.SubElement(version, "version").text = instrument.version


def _variable(parent: _Element, instrument: Instrument, variable: Variable) -> None:
    element = ElementTree.SubElement(parent, "var", {"ID": f"V_{variable.id}", "name": variable.id})
    if variable.measure in _NATURE:
        element.set("nature", _NATURE[variable.measure])
    element.set("intrvl", "contin" if variable.measure == "interval" else "discrete")
    _texts(element, "labl", variable.text)
    for start, text in (("Q", variable.text), ("S", variable.self_text)):
        for language, words in text.items():
            named = {"ID": f"{start}_{variable.id}_{language}", _LANGUAGE: language}
            ElementTree.SubElement(ElementTree.SubElement(element, "qstn", named), "qstnLit").text = words
    if variable.relevant:
        ElementTree.SubElement(element, "universe").text = variable.relevant
    for value, text in variable.values:
        category = ElementTree.SubElement(element, "catgry")
        ElementTree.SubElement(category, "catValu").text = value
        _texts(category, "labl", text)
    if variable.reverse_keyed:
        ElementTree.SubElement(element, "codInstr").text = f"reverse-keyed: scored as {scored_as(instrument, variable)}"
    kind = "character" if variable.measure in ("text", "date") or not _numeric(variable) else "numeric"
    told = [f"part: {variable.part}"]
    if variable.kind:
        told.append(f"kind: {variable.kind}")
    if variable.expected:
        told.append(f"right answer: {variable.expected}")
    ElementTree.SubElement(element, "varFormat", {"type": kind})
    ElementTree.SubElement(element, "notes").text = "; ".join(told)


def _numeric(variable: Variable) -> bool:
    return variable.part in ("item", "form", "attention_check") or variable.measure == "interval"


def _texts(parent: _Element, name: str, text: Text) -> None:
    for language, words in text.items():
        ElementTree.SubElement(parent, name, {_LANGUAGE: language}).text = words


def _losses(instrument: Instrument) -> tuple[Note, ...]:
    told: Mapping[str, bool] = {
        "the reverse keys": any(item.reverse_keyed for item in instrument.items),
        "the right answers of the attention checks": bool(instrument.attention_checks),
        "the kinds of the questions": bool(instrument.background),
        "the rules for asking": any(question.relevant for question in instrument.background),
    }
    what = [name for name, there in told.items() if there]
    if not what:
        return ()
    text = "DDI-Codebook has no element for the following, told in words that programs do not understand: {what}."
    return (Note("told_in_words", text, {"what": ", ".join(what)}),)
