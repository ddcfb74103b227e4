"""Checklists of reporting, filled in from what is there: the item, where it stands, what is missing."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import pandas as pd

from leadership_study.by_name import unknown
from leadership_study.districts._labelled import Labelled, words_frame
from leadership_study.errors import InsufficientDataError, Problem
from leadership_study.interviews import Guide, Interviews
from leadership_study.results import NotEstimated, Result
from leadership_study.synthesis._reading import refuse
from leadership_study.synthesis.argument import Argument
from leadership_study.synthesis.argument_file import ArgumentFile, read_argument
from leadership_study.synthesis.checklist_texts import CHECKLISTS, Item, checklist
from leadership_study.synthesis.joint_display import JointDisplay

AUTHORS = "authors"
"""Stands among what is missing when only the authors can say it."""

OF_ANALYSES = {
    "sample": ("sample",),
    "response_quality": ("response_quality",),
    "missing_data": ("missing_answers",),
    "reliability": ("reliability", "total_reliability", "retest"),
    "validity": ("efa", "cfa", "construct_validity", "criterion", "known_groups", "invariance"),
    "descriptives": ("descriptives",),
    "effects": ("differences", "groups", "repeated", "factorial", "regression", "multilevel", "correlations"),
    "nesting": ("rater_agreement", "multilevel", "head_profiles"),
    "power": ("power",),
    "setting": ("balance", "zoning"),
}
"""Which analyses answer for a fact."""


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Checklists(Labelled):
    """Checklists filled in.

    Attributes
    ----------
    table : DataFrame, index ``checklist``, ``checklist_item``
        asks (what the item asks for), status: "there", "partly", "missing", or "for_authors" (only they can say it);
        where: the places that answer it (joined with ", "), or the authors' own words; missing: what would.
    overview : DataFrame, index ``checklist``
        n_items, there, partly, missing, for_authors.
    words : DataFrame, index ``id``, a column a language
        Checklists, what items ask for, and the authors' words in other languages.
    """

    table: pd.DataFrame
    overview: pd.DataFrame

    main: ClassVar[str] = "table"


def checklists(
    results: Mapping[str, Result] | None = None,
    interviews: Interviews | None = None,
    *,
    guide: Guide | None = None,
    display: JointDisplay | None = None,
    argument: Argument | None = None,
    reported: str | Path | Mapping[str, Any] | ArgumentFile | None = None,
    facts: Iterable[str] = (),
    which: Sequence[str] = CHECKLISTS,
    language: str = "en",
) -> Checklists:
    """Fill in the checklists of reporting.

    Parameters
    ----------
    results, interviews, guide, display, argument
        What there is of a study; each answers items.
    reported : path, tables or ArgumentFile, optional
        An argument file: its ``[[reported]]`` (checklist, item, text) say where an item stands that no program can see.
    facts : iterable of str
        What else there is: "plan", "title", "flow", "exclusions", "questionnaire", "pseudonyms", "provenance".
    which : sequence of str
        Of coreq, srqr, gramms, jars_quant, jars_qual, jars_mixed.
    language : str
        Of ``asks`` and of the authors' words.

    Raises
    ------
    ValueError
        For an unknown checklist.
    PlanError
        When ``reported`` names a checklist or an item that does not exist.

    Notes
    -----
    An item is there when everything that answers it is; that something is in the report does not make it good. The
    words of the items are our own; read the sources for what they mean.

    References
    ----------
    Tong et al. (2007). https://doi.org/10.1093/intqhc/mzm042. O'Brien et al. (2014).
    https://doi.org/10.1097/ACM.0000000000000388. O'Cathain et al. (2008). https://doi.org/10.1258/jhsrp.2007.007074.
    Appelbaum et al. (2018). https://doi.org/10.1037/amp0000191. Levitt et al. (2018).
    https://doi.org/10.1037/amp0000151.
    """
    if isinstance(which, str) or (wrong := [one for one in which if one not in CHECKLISTS]):
        got = which if isinstance(which, str) else wrong[0]
        listed = ", ".join(map(repr, CHECKLISTS))
        raise ValueError(f"The 'which' parameter of checklists must be a list of {listed}. Got {got!r} instead.")
    there = {"software", *facts, *_of_results(results or {}), *_of_interviews(interviews, guide)}
    there |= _of_synthesis(display, argument)
    own = _own_words(reported)
    rows = {}
    for name in which:
        for item in checklist(name).items:
            said = own.get((name, item.id))
            text = None if said is None else said.get(language) or next(iter(said.values()))
            status, where, missing = _filled(item, there, text)
            asks = item.asks.get(language) or item.asks["en"]
            rows[name, item.id] = {"asks": asks, "status": status, "where": where, "missing": missing}
    index = pd.MultiIndex.from_tuples(list(rows), names=["checklist", "checklist_item"])
    table = pd.DataFrame(list(rows.values()), index=index, columns=["asks", "status", "where", "missing"])
    texts = {checklist(name).id: dict(checklist(name).title) for name in which}
    texts |= {
        row["asks"]: dict(item.asks) for name in which for item in checklist(name).items if (row := rows[name, item.id])
    }
    texts |= {text.get(language) or next(iter(text.values())): dict(text) for text in own.values()}
    return Checklists(table=table.astype("object"), overview=_overview(table, which), words=words_frame(texts))


def _filled(item: Item, there: set[str], said: str | None) -> tuple[str, str, str]:
    if said is not None:
        return "there", said, ""
    found = [fact for fact in item.facts if fact in there]
    lacking = [fact for fact in item.facts if fact not in there]
    if item.authors:
        return "partly" if found else "for_authors", ", ".join(map(place, found)), ", ".join([*lacking, AUTHORS])
    status = "there" if not lacking else "partly" if found else "missing"
    return status, ", ".join(map(place, found)), ", ".join(lacking)


def place(fact: str) -> str:
    """Return the term for where a fact stands."""
    return f"in_{fact}"


def _of_results(results: Mapping[str, Result]) -> set[str]:
    made = {
        type(result).__module__.rpartition(".")[2].lstrip("_")
        for result in results.values()
        if not isinstance(result, NotEstimated)
    }
    return {fact for fact, uses in OF_ANALYSES.items() if made & set(uses)}


def _of_interviews(interviews: Interviews | None, guide: Guide | None) -> set[str]:
    found = set() if guide is None else {"guide", "consent"}
    if interviews is None or not interviews.transcripts:
        return found
    every = list(interviews.transcripts.values())
    found.add("transcripts")
    found |= {"roles"} if all(one.role for one in every) else set()
    found |= {"dates"} if all(one.date for one in every) else set()
    found |= {"minutes"} if all(one.facts.get("minutes") for one in every) else set()
    found |= {"codebook"} if interviews.codebook is not None else set()
    if interviews.codings.empty:
        return found
    found |= {"frequencies", "saturation"}
    if len(interviews.coders) > 1:
        found.add("coders")
        with suppress(InsufficientDataError):
            found |= {"agreement"} if len(interviews.agreement.pooled) else set()
    adjudicated = getattr(interviews, "adjudication", None)
    return found | ({"adjudication"} if adjudicated is not None and len(adjudicated) else set())


def _of_synthesis(display: JointDisplay | None, argument: Argument | None) -> set[str]:
    found = set()
    if display is not None:
        found |= {"joint_display", "judgements_or_rule"}
        found |= {"quotes"} if len(display.quotes) else set()
    return found | (set() if argument is None else {"argument", "argument_gaps"})


def _own_words(
    reported: str | Path | Mapping[str, Any] | ArgumentFile | None,
) -> dict[tuple[str, str], Mapping[str, str]]:
    if reported is None:
        return {}
    said = reported if isinstance(reported, ArgumentFile) else read_argument(reported)
    problems = []
    for one in said.reported:
        place = f"[[reported]] {one.item!r}"
        if one.checklist not in CHECKLISTS:
            told = unknown("checklist", one.checklist, list(CHECKLISTS))
            problems.append(Problem(said.file, f"{place}: {told}", "correct it", "unknown_checklist"))
        elif one.item not in (ids := [item.id for item in checklist(one.checklist).items]):
            told = unknown(f"item of {one.checklist}", one.item, ids)
            problems.append(Problem(said.file, f"{place}: {told}", "correct it", "unknown_item"))
    refuse(said.file, problems)
    return {(one.checklist, one.item): one.text for one in said.reported}


def _overview(table: pd.DataFrame, which: Sequence[str]) -> pd.DataFrame:
    states = ("there", "partly", "missing", "for_authors")
    names = table.index.get_level_values("checklist")
    rows = [
        {"n_items": int((names == name).sum())}
        | {state: int(((names == name) & (table["status"] == state).to_numpy()).sum()) for state in states}
        for name in which
    ]
    index = pd.Index(list(which), name="checklist", dtype="object")
    return pd.DataFrame(rows, columns=["n_items", *states], index=index).astype("int64")
