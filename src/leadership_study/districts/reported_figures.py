"""Checks on figures that a county or its schools report, and what such figures can and cannot show."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import pandas as pd

from leadership_study.districts import _figure_checks as checks
from leadership_study.districts._figure_table import no_figures, of_figures, of_schools, read_figures, wording
from leadership_study.districts._labelled import Labelled, words_frame
from leadership_study.districts._plausible import DEFAULT, Bounds, load_bounds
from leadership_study.districts._standard import Standard, load_standard
from leadership_study.districts.balance import StandardName, words_of
from leadership_study.errors import PlanError
from leadership_study.results import Note
from leadership_study.scoring.variables import TableFile

__all__ = ["ReportedFigures", "check_figures"]


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class ReportedFigures(Labelled):
    """What checks on reported figures found.

    Attributes
    ----------
    overview : DataFrame
        Index ``check`` (sums, ratios, changes, digits, and those of single schools): n checked, n_doubtful.
    figures : DataFrame
        Index ``figure``: the figures of a report as given.
    sums : DataFrame
        Rows (total_figure, partition): n_parts, reported, parts_sum, difference, verdict; with both tables also every
        total beside the sum over the schools.
    ratios : DataFrame
        Rows (stage, year, ratio): value, low and high of what it can be, verdict; ``school_ratios`` by place too.
    changes : DataFrame
        Rows (stage, quantity, years), and ``school_changes`` by place too: before, after, yearly_change, low, high,
        verdict; "unchanged" says that a number was reported twice.
    digits : DataFrame
        Index ``quantity``: n whole numbers of three digits or more, how many end in 0 or 5, p_value, verdict.
    doubts : DataFrame
        Rows (check, place, what): everything that somebody has to look at.
    support : DataFrame
        Rows (stage, indicator) of a standard: county_mean where total and pupils are known, n_schools with a value of
        their own, cv_possible.
    claims : DataFrame
        Index ``claim``: whether the figures carry it.
    classes : DataFrame
        Index ``stage``: fewest classes that the pupils can be in, when none is larger than reported.
    """

    main: ClassVar[str] = "overview"

    overview: pd.DataFrame
    figures: pd.DataFrame
    sums: pd.DataFrame
    ratios: pd.DataFrame
    changes: pd.DataFrame
    school_ratios: pd.DataFrame
    school_changes: pd.DataFrame
    digits: pd.DataFrame
    doubts: pd.DataFrame
    support: pd.DataFrame
    claims: pd.DataFrame
    classes: pd.DataFrame


def check_figures(
    figures: pd.DataFrame | None = None,
    schools: pd.DataFrame | None = None,
    *,
    standard: str | Path = "2017",
    bounds: str | Path = DEFAULT,
) -> ReportedFigures:
    """Check the figures of a report, or of a table of schools, or both.

    Parameters
    ----------
    figures : DataFrame, optional
        One row a figure: ``figure`` (its id) and ``value``; where known ``quantity`` (pupils, teachers, schools,
        land_m2 …), ``stage``, ``location``, ``year``, ``bound`` (exact, at_most, at_least), ``part_of`` (the total that
        it is a part of) and ``partition`` (when a total is split in several ways). Any other column has its wording in
        the language it is called by.
    schools : DataFrame, optional
        One row a school (and ``year``), as for `resource_balance`.
    standard : str or path
        Whose indicators the figures would have to support.
    bounds : str or path
        What ratios and yearly changes can be.

    Returns
    -------
    ReportedFigures

    Raises
    ------
    PlanError
        With neither table, or a table without its columns.
    ResponseError
        With every figure that is none, and every school there twice or with an amount that is none.
    InsufficientDataError
        A table without rows.

    Notes
    -----
    A figure that passes is not thereby right. Last digits: by chance one whole number in five ends in 0 or 5; with
    fewer than twenty numbers nothing is said.
    """
    if figures is None and schools is None:
        raise PlanError("Give a table of figures, a table of schools, or both.")
    limits, rules = load_bounds(bounds), load_standard(standard)
    given = read_figures(figures) if figures is not None else no_figures()
    amounts = of_figures(given)
    by_place = of_schools(schools, _known(limits, rules)) if schools is not None else amounts.iloc[:0]
    everything = pd.concat([part for part in (amounts, by_place) if len(part)] or [amounts], ignore_index=True)
    found = {
        "sums": _sums(given, by_place),
        "ratios": checks.ratios(amounts, limits),
        "changes": checks.changes(amounts, limits),
        "school_ratios": checks.ratios(by_place, limits),
        "school_changes": checks.changes(by_place, limits),
        "digits": checks.digits(everything),
    }
    doubts = checks.doubts(found)
    carried = checks.support(amounts, by_place, rules)
    named = list(doubts.index.get_level_values("check"))
    overview = {name: {"n": len(table), "n_doubtful": named.count(name)} for name, table in found.items() if len(table)}
    found |= {name: found[name].droplevel("place") for name in ("ratios", "changes")}
    if not any(found["ratios"].index.get_level_values("year")):
        found["ratios"] = found["ratios"].droplevel("year")
    places = set(given["location"]) - {""}
    if schools is not None and "location" in schools:
        places |= set(schools["location"].dropna().astype(str))
    texts = {**words_of(rules), **{rule.id: rule.label for rule in limits.ratios}}
    return ReportedFigures(
        overview=pd.DataFrame.from_dict(overview, orient="index", columns=["n", "n_doubtful"]).rename_axis("check"),
        figures=_shown(given),
        **found,
        doubts=doubts,
        support=carried,
        claims=checks.claims(amounts, places, by_place, carried),
        classes=checks.fewest_classes(amounts),
        words=words_frame({**texts, **(wording(figures) if figures is not None else {})}),
        definition={
            "formula": "checks_of_figures",
            "standard": rules.id,
            "n": len(everything),
            "bounds": limits.id,
        },
        notes=tuple(_notes(given, carried)),
    )


def _shown(given: pd.DataFrame) -> pd.DataFrame:
    """The figures as they were given: whole numbers stay whole."""
    whole = len(given) > 0 and bool((given["value"] % 1 == 0).all())
    shown = given.drop(columns=["part_of", "partition", "location"])
    return shown.astype({"value": "int64"}) if whole else shown


def _sums(given: pd.DataFrame, by_place: pd.DataFrame) -> pd.DataFrame:
    tables = [checks.sums(given), checks.totals_of_schools(given, by_place)]
    return pd.concat([table for table in tables if len(table)] or tables[:1])


def _known(limits: Bounds, rules: Standard) -> set[str]:
    """Quantities that are amounts, so that neither text nor a negative number can be one."""
    named = {name for rule in (*limits.ratios, *limits.changes) for name in (rule.of, rule.by) if name}
    return named | {indicator.of for indicator in rules.indicators}


def _notes(figures: pd.DataFrame, carried: pd.DataFrame) -> list[Note]:
    found = []
    if not carried["cv_possible"].any():
        text = (
            "No coefficient of variation can be computed from these figures: it needs the value of every school, and "
            "they are totals. Schools that are all alike and schools that differ widely can have the same totals."
        )
        found.append(Note("totals_have_no_variation", text))
    open_stage = [str(name) for name in figures.index[figures["stage"] == "unknown"]]
    if open_stage:
        text = "To which stage these figures belong is not told, so they enter no ratio of a stage: {figures}."
        found.append(Note("figures_without_stage", text, {"figures": ", ".join(open_stage)}))
    return found


def check(**options: Any) -> None:
    """Refuse what a plan asks for before any table is read.

    Raises
    ------
    PlanError
        Without a table, or for an unknown standard or file of bounds.
    """
    if options.get("figures") is None and options.get("schools") is None:
        raise PlanError("Name a table of 'figures', a table of 'schools', or both.")
    for name, load in (("standard", load_standard), ("bounds", load_bounds)):
        if not str(options.get(name, "")).endswith(".toml"):
            load(options[name])


def run(
    *,
    figures: TableFile | None = None,
    schools: TableFile | None = None,
    standard: StandardName = "2017",
    bounds: StandardName = DEFAULT,
) -> ReportedFigures:
    """Check the tables that a plan names."""
    return check_figures(figures, schools, standard=standard, bounds=bounds)
