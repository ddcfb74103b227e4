"""Balance of a county's schools by an official standard, with the indices that tell where the inequality lies."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, ClassVar

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from leadership_study.districts import _balance_tables as tables
from leadership_study.districts._indicators import by_stage, check_ratios, indicators_of
from leadership_study.districts._labelled import Labelled, words_frame
from leadership_study.districts._standard import STAGES, Standard, load_standard
from leadership_study.errors import InsufficientDataError, PlanError
from leadership_study.results import Note
from leadership_study.scoring.variables import TableFile

__all__ = ["ResourceBalance", "StandardName", "resource_balance", "resource_inequality"]

StandardName = Annotated[str | Path, "name_or_toml"]
"""An option that names a standard of the package, or the TOML file of another in the study's folder."""

FACTS: Mapping[str, tuple[str, ...]] = {
    "district": (
        "n_schools",
        "pupils",
        "composite_cv",
        *(f"composite_cv_{stage}" for stage in STAGES),
        "resource_level",
    )
}
"""What ``[[context]]`` may take from a balance."""


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class ResourceBalance(Labelled):
    """How evenly resources are shared out among the pupils of a county.

    Attributes
    ----------
    county_verdict : str
        "meets" when every stage of the standard does, "fails" when one does not, else "open".
    verdict : DataFrame
        Index ``stage``: n_schools, pupils, composite_cv (mean of the indicators' coefficients of variation), limit,
        indicators_failing (by the rule of the standard), schools_failing (missing without thresholds), and verdict:
        meets, fails, open.
    indicators : DataFrame
        Rows (stage, indicator): mean (all amounts over all pupils), sd, cv with cv_low, cv_high (leaving out one school
        at a time), limit and meets under the rule "each"; gini, theil, theil_location and theil_district (shares that
        lie between places; NaN when unknown), mcloone, range_ratio.
    inequality : DataFrame
        Rows (stage, indicator, measure): value, low and high when one school is left out.
    decomposition : DataFrame
        Rows (stage, indicator, by): Theil's index, theil_between, theil_within, share_between; by location or district.
    schools : DataFrame
        Rows (stage, school): pupils, one column an indicator; with thresholds also indicators_met, lowest_share (of
        its threshold) and meets.
    failing : DataFrame
        Rows (stage, school) of the schools that do not meet the standard: indicators_met, lowest_share, and what is
        lacking to each threshold.
    shortfalls : DataFrame
        Rows (stage, school, indicator) where a threshold is missed: value, threshold, share, gap (what is lacking to
        the threshold, in the unit of the indicator) and missing, the amount of the resource that the school lacks.
    districts : DataFrame
        Index ``district``: n_schools, pupils, composite_cv of its own schools, by stage and over them, resource_level.
    """

    main: ClassVar[str] = "verdict"

    county_verdict: str
    verdict: pd.DataFrame
    indicators: pd.DataFrame
    inequality: pd.DataFrame
    decomposition: pd.DataFrame
    schools: pd.DataFrame
    failing: pd.DataFrame
    shortfalls: pd.DataFrame
    districts: pd.DataFrame

    def facts(self, of: str) -> pd.DataFrame:
        """Return what is known of each group ``of``."""
        return {"district": self.districts}[of]


def resource_balance(
    schools: pd.DataFrame,
    *,
    standard: str | Path,
    conversion: Mapping[str, float] | None = None,
    check_units: bool = True,
) -> ResourceBalance:
    """Judge a county's schools by a standard.

    Per indicator and stage CV = S/X̄ with X̄ = Σx/ΣP and S² = Σ(P/ΣP)(x/P − X̄)², P the pupils of a school. Under the
    standard of 2012 the mean of the CVs is held against the limit, under that of 2017 each of them, and each school
    must meet six of the seven thresholds and 85 % of the rest; the two are never mixed.

    Parameters
    ----------
    schools : DataFrame
        One row a school: ``school``, ``stage``, ``pupils``, the amounts that the standard's indicators are of (whole
        amounts, not per pupil), and where known ``pupils_lower_secondary``, ``location``, ``district``,
        ``school_type``.
    standard : "2012", "2017" or the path of a TOML file
    conversion : mapping from stage to a number, optional
        Needed for schools of two stages: see `leadership_study.districts._indicators.by_stage`.
    check_units : bool
        Refuse amounts that can only be in another unit than the standard's, or given a pupil.

    Raises
    ------
    ResponseError
        With every row that cannot be right; there is no verdict on incomplete data.
    PlanError
        A standard, column or ratio that is not there.
    InsufficientDataError
        When the table has no rows, or no stage has two schools.

    Notes
    -----
    A county's schools are a census: no sampling interval is given, and the range is that of leaving out one school.
    Sources: 教督〔2012〕3号, 教督〔2017〕6号; Theil (1967), Economics and Information Theory; for McLoone's index and
    the restricted range ratio Berne & Stiefel (1984), The Measurement of Equity in School Finance.
    """
    rules = load_standard(standard)
    table, notes = by_stage(schools, rules, conversion, check_units=check_units)
    stages = [stage for stage in rules.limits if (table["stage"] == stage).sum() > 1]
    for stage in rules.limits:
        if stage not in stages:
            text = "{stage}: fewer than two schools, so there is no balance to judge."
            notes.append(Note("stage_without_schools", text, {"stage": stage}))
    if not stages:
        text = "Every stage of the standard has fewer than two schools, so there is no balance to judge."
        raise InsufficientDataError(Note("no_stage_with_schools", text))
    values = indicators_of(table, rules)
    indicators, inequality, decomposition = tables.indicator_table(table, values, rules, stages)
    shortfalls = tables.shortfall_table(table, values, rules)
    of_schools = tables.school_table(table, values, shortfalls, rules)
    verdict = tables.verdict_table(table, indicators, of_schools, rules, stages)
    return ResourceBalance(
        county_verdict=tables.county_verdict(verdict, of_schools, rules),
        verdict=verdict,
        indicators=indicators,
        inequality=inequality,
        decomposition=decomposition,
        schools=of_schools,
        failing=tables.failing_table(of_schools, shortfalls, rules),
        shortfalls=shortfalls,
        districts=tables.district_table(table, values, rules),
        words=words_frame(words_of(rules)),
        definition={
            "formula": "coefficient_of_variation",
            "weights": "pupils",
            "standard": rules.id,
            "rule": rules.rule,
            **({"conversion": dict(conversion)} if conversion else {}),
            "range": "leave_one_school_out",
            "source": rules.source,
        },
        notes=(*notes, *_nothing(indicators), *_places(table)),
    )


def resource_inequality(amounts: ArrayLike, pupils: ArrayLike) -> "pd.Series[float]":
    """Return how unevenly one resource is shared out among the pupils of some schools, without any standard.

    Parameters
    ----------
    amounts : array of n numbers
        What each school has in all, not per pupil.
    pupils : array of n numbers
        Pupils of each school, above 0.

    Returns
    -------
    Series
        ``cv`` (enrolment-weighted, no n − 1, as `resource_balance`), ``gini``, ``theil``, ``mcloone``, ``range_ratio``,
        ``restricted_range_ratio`` (95th over 5th percentile of pupils). NaN when no school has anything.

    Raises
    ------
    PlanError
        Unless there are as many amounts as pupils, of two schools or more, none missing or negative, pupils in each.
    """
    given, weights = np.asarray(amounts, dtype=float), np.asarray(pupils, dtype=float)
    if given.ndim != 1 or given.shape != weights.shape or len(given) < 2:
        raise PlanError("Give one amount and one number of pupils for each of two schools or more.")
    if not (np.isfinite(given).all() and np.isfinite(weights).all() and (given >= 0).all() and (weights > 0).all()):
        raise PlanError("Amounts must be numbers of 0 or more, pupils numbers above 0; none may be missing.")
    found = {name: measure(given / weights, weights) for name, measure in tables.MEASURES.items()}
    return pd.Series(found, dtype="float64", name="value")


def words_of(rules: Standard) -> dict[str, Mapping[str, str]]:
    """Return what a standard calls itself, its indicators and their units."""
    texts: dict[str, Mapping[str, str]] = {"standard": rules.title}
    for indicator in rules.indicators:
        texts[indicator.id] = indicator.label
        texts[f"unit_{indicator.id}"] = indicator.unit
        texts[f"amount_{indicator.id}"] = indicator.amount_unit
        brackets = {"zh": "{}（{}）"}
        texts[f"gap_{indicator.id}"] = {
            language: brackets.get(language, "{} ({})").format(label, indicator.unit.get(language, ""))
            for language, label in indicator.label.items()
        }
    return texts


def _nothing(indicators: pd.DataFrame) -> list[Note]:
    found = []
    for stage, indicator in indicators.index[indicators["mean"] == 0]:
        text = "{stage}: no school has any of {indicator}, so there is no balance of it to judge."
        found.append(Note("indicator_without_amount", text, {"stage": stage, "indicator": indicator}))
    return found


def _places(table: pd.DataFrame) -> list[Note]:
    found = []
    for by in ("location", "district"):
        unknown_of = table.loc[table[by].isna(), "school"].unique()
        if 0 < len(unknown_of) < table["school"].nunique():
            text = "The inequality is not split by {by}, which is unknown for: {schools}."
            found.append(Note("place_unknown", text, {"by": by, "schools": ", ".join(unknown_of)}))
    return found


def check(**options: Any) -> None:
    """Refuse what a plan asks for before any table is read.

    Raises
    ------
    PlanError
        For an unknown standard, or ratios of what is no stage.
    """
    standard = str(options.get("standard", ""))
    if not standard.endswith(".toml"):
        load_standard(standard)
    check_ratios(options.get("conversion"))


def run(
    *,
    schools: TableFile,
    standard: StandardName = "2017",
    conversion: Mapping[str, float] | None = None,
    check_units: bool = True,
) -> ResourceBalance:
    """Judge the table of schools that a plan names."""
    return resource_balance(schools, standard=standard, conversion=conversion, check_units=check_units)
