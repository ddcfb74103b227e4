"""Item analysis: does each item tell high from low scorers, and does it belong to its scale."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np
import pandas as pd

from leadership_study.errors import InsufficientDataError
from leadership_study.measurement import _checks
from leadership_study.measurement._alpha_coefficients import coefficients, item_table
from leadership_study.measurement._deletions import deletions
from leadership_study.measurement._extreme_groups import compare_groups, split_by_total
from leadership_study.results import Note, Result
from leadership_study.samples.factoring import extract
from leadership_study.samples.moments import moments_of, numbers
from leadership_study.scoring import ScoredResponses, Variables
from leadership_study.scoring.dimensions import all_failed, dimensions_of, not_estimated, unweighted
from leadership_study.sem.threads import one_thread

Variances = Literal["unequal", "equal", "levene"]
Extraction = Literal["principal_component", "minres"]


@dataclass(frozen=True, kw_only=True)
class Criteria:
    """Cut-offs that an item must meet to be kept; None: not asked for."""

    source: str
    p_value: float
    corrected_item_total: float
    critical_ratio: float | None = None
    item_total: float | None = None
    communality: float | None = None
    loading: float | None = None


CRITERIA: Mapping[str, Criteria] = {
    "wu": Criteria(
        source="Wu (2010)",
        critical_ratio=3.0,
        p_value=0.05,
        item_total=0.40,
        corrected_item_total=0.40,
        communality=0.20,
        loading=0.45,
    ),
    "international": Criteria(source="Nunnally and Bernstein (1994)", p_value=0.05, corrected_item_total=0.30),
}
"""Named sets of cut-offs. In each, alpha must not rise when the item is deleted.

``wu``: the six columns of Wu Minglong (吴明隆), 问卷统计分析实务——SPSS操作与应用, Chongqing University Press, 2010.
``international``: corrected item-total correlation from .30 (Nunnally and Bernstein, Psychometric Theory, 3rd edition,
1994), and groups that differ.
"""


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class ItemAnalysis(Result):
    """Analysis of the items of one scale.

    Attributes
    ----------
    items : DataFrame
        One row an item: mean_low, mean_high, sd_low, sd_high of the low and high scorers; critical_ratio (t), df,
        p_value; levene_statistic, levene_p_value; item_total, corrected_item_total, alpha_if_deleted; communality,
        loading; share_lowest, share_highest (answers at the ends of the response scale; NaN when it is not given);
        keep, and reasons: the columns whose criteria fail, joined by ", ".
    deletions : DataFrame
        One row an item: what the scale would be without it; see `leadership_study.measurement._deletions`.
    n, n_low, n_high : int
        Complete rows, low and high scorers.
    cut_low, cut_high : float
        Totals up to and from which respondents count as low and high scorers.
    share_lowest, share_highest : float
        Respondents whose every answer is the lowest, or the highest, that the response scale has: the floor and the
        ceiling of the scale (NaN when the response scale is not given).
    alpha : float
        Of the whole scale.
    """

    main: ClassVar[str] = "items"

    items: pd.DataFrame
    deletions: pd.DataFrame
    n: int
    n_low: int
    n_high: int
    cut_low: float
    cut_high: float
    share_lowest: float
    share_highest: float
    alpha: float


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class ItemAnalyses(Result):
    """`ItemAnalysis` of several dimensions: ``items``, ``deletions`` by (dimension, item); ``groups`` by dimension."""

    main: ClassVar[str] = "items"

    items: pd.DataFrame
    deletions: pd.DataFrame
    groups: pd.DataFrame


@one_thread()
def item_analysis(
    items: pd.DataFrame,
    *,
    extreme_group: float = 0.27,
    variances: Variances = "unequal",
    extraction: Extraction = "principal_component",
    criteria: Literal["wu", "international"] = "wu",
    scale: tuple[float, float] | Mapping[str, tuple[float, float]] | None = None,
) -> ItemAnalysis:
    """Analyse the items of one scale.

    Low scorers have a total at or below its quantile ``extreme_group``, high scorers at or above the quantile
    1 − ``extreme_group`` (type 7, ties included); the critical ratio of an item is the t of their difference on it.

    Parameters
    ----------
    items : DataFrame of numbers, respondents × items
        Reverse-keyed items already turned. Rows with a missing answer (NaN) are left out; totals are sums of the items.
    extreme_group : float
        Share of each group, above 0 and below 0.5.
    variances : {"unequal", "equal", "levene"}
        Welch's t; Student's t; or, as SPSS users choose, Welch's where Levene's test about the mean has p < .05.
    extraction : {"principal_component", "minres"}
        What ``communality`` and ``loading`` are of: the first principal component of the correlations, or one common
        factor. The sign of the loadings is such that their sum is positive.
    criteria : {"wu", "international"}
        The cut-offs behind ``keep``, one of `CRITERIA`.
    scale : (low, high) or mapping from item to (low, high), optional
        Ends of the response scale.

    Raises
    ------
    InsufficientDataError
        Fewer than two items; items without answers or variance; totals too much alike for two groups.
    TypeError, ValueError
        Columns that are not numbers; options that do not exist.

    Notes
    -----
    With two items nothing is left to form an alpha without one of them: ``alpha_if_deleted`` is NaN and its criterion
    is not asked for. R twin: ``t.test`` on groups by ``quantile(total, c(.27, .73))``; ``psych::alpha`` for the rest.

    References
    ----------
    Kelley (1939), 10.1037/h0057123. Welch (1947), 10.1093/biomet/34.1-2.28.
    """
    name = "item_analysis"
    if not 0 < extreme_group < 0.5:
        raise ValueError(
            f"The 'extreme_group' parameter of {name} must lie between 0 and 0.5. Got {extreme_group!r} instead."
        )
    _checks.one_of(variances, ["unequal", "equal", "levene"], name="variances", function=name)
    _checks.one_of(extraction, ["principal_component", "minres"], name="extraction", function=name)
    _checks.one_of(criteria, list(CRITERIA), name="criteria", function=name)
    m = moments_of(items)
    _checks.at_least_items(m.labels, 2)
    covariance = m.covariance.to_numpy()
    _checks.total_varies(float(covariance.sum()), float(np.trace(covariance)))
    values, labels = numbers(items)
    rows = values[~np.isnan(values).any(axis=1)]
    groups = split_by_total(rows, extreme_group)
    compared = compare_groups(rows, groups, variances)
    by_alpha = item_table(m, m.n)[["item_total", "corrected_item_total", "alpha_if_deleted"]]
    alpha = coefficients(covariance)["alpha"]
    table = pd.concat(
        [
            pd.DataFrame(compared, index=by_alpha.index),
            by_alpha,
            _loadings(m.correlation, extraction),
            _ends(rows, labels, scale),
        ],
        axis=1,
    ).rename_axis("item")
    table["reasons"] = [_reasons(row, alpha, CRITERIA[criteria]) for _, row in table.iterrows()]
    table["reasons"] = table["reasons"].astype(object)
    table.insert(table.columns.get_loc("reasons"), "keep", table["reasons"] == "")  # type: ignore[arg-type]
    return ItemAnalysis(
        items=table,
        deletions=deletions(m),
        n=m.n,
        n_low=int(groups.low.sum()),
        n_high=int(groups.high.sum()),
        cut_low=groups.cut_low,
        cut_high=groups.cut_high,
        **_extremes(rows, labels, scale),
        alpha=alpha,
        definition={
            "formula": name,
            "extreme_group": extreme_group,
            "variances": variances,
            "extraction": extraction,
            "criteria": criteria,
            "missing": "listwise",
            "n": m.n,
            "source": CRITERIA[criteria].source,
        },
        notes=_notes(table),
    )


def run(
    scored: ScoredResponses,
    *,
    scales: Variables = ("dimensions",),
    extreme_group: float = 0.27,
    variances: Variances = "unequal",
    extraction: Extraction = "principal_component",
    criteria: Literal["wu", "international"] = "wu",
) -> ItemAnalyses:
    """Item analysis of each dimension; the options are those of `item_analysis`.

    Raises
    ------
    PlanError
        If one of ``scales`` is not a dimension.
    InsufficientDataError
        If no dimension can be analysed.
    """
    options: dict[str, Any] = {
        "extreme_group": extreme_group,
        "variances": variances,
        "extraction": extraction,
        "criteria": criteria,
    }
    found: dict[str, ItemAnalysis] = {}
    notes: list[Note] = []
    for dimension in dimensions_of(scored, scales, what="Item analysis"):
        answers = scored.scale_items(dimension)
        limits = {item: scored.instrument.scale_of(item) for item in answers.columns}
        try:
            found[dimension] = item_analysis(
                answers, scale={item: (limit.low, limit.high) for item, limit in limits.items()}, **options
            )
        except InsufficientDataError as trouble:
            notes.append(not_estimated(dimension, trouble.note))
    if not found:
        raise all_failed(notes)
    notes += {note.id: note for one in found.values() for note in one.notes}.values()
    notes += unweighted(scored)
    groups = {dimension: {name: getattr(one, name) for name in _GROUPS} for dimension, one in found.items()}
    definition = {key: value for key, value in next(iter(found.values())).definition.items() if key != "n"}
    return ItemAnalyses(
        items=pd.concat({dimension: one.items for dimension, one in found.items()}, names=["dimension", "item"]),
        deletions=pd.concat(
            {dimension: one.deletions for dimension, one in found.items()}, names=["dimension", "item"]
        ),
        groups=pd.DataFrame.from_dict(groups, orient="index").rename_axis("dimension"),
        definition=definition,
        notes=tuple(notes),
    )


_GROUPS = ("n", "n_low", "n_high", "cut_low", "cut_high", "share_lowest", "share_highest", "alpha")


def _loadings(correlation: pd.DataFrame, extraction: Extraction) -> pd.DataFrame:
    method: Literal["principal", "minres"] = "principal" if extraction == "principal_component" else "minres"
    if method == "minres" and len(correlation) < 3:
        text = "A common factor needs at least three items; take the principal component for two."
        raise InsufficientDataError(Note("factor_needs_three_items", text))
    loadings = extract(correlation.to_numpy(copy=True), 1, method=method).loadings[:, 0]
    if loadings.sum() < 0:
        loadings = -loadings
    return pd.DataFrame({"communality": loadings**2, "loading": loadings}, index=correlation.index)


def _ends(
    rows: np.ndarray[Any, np.dtype[np.float64]],
    labels: list[str],
    scale: tuple[float, float] | Mapping[str, tuple[float, float]] | None,
) -> pd.DataFrame:
    shares = np.full((len(labels), 2), math.nan)
    if scale is not None:
        shares = np.stack([np.mean(rows == end, axis=0) for end in _limits(labels, scale)], axis=1)
    return pd.DataFrame(shares, index=labels, columns=["share_lowest", "share_highest"])


def _extremes(
    rows: np.ndarray[Any, np.dtype[np.float64]],
    labels: list[str],
    scale: tuple[float, float] | Mapping[str, tuple[float, float]] | None,
) -> dict[str, float]:
    if scale is None:
        return {"share_lowest": math.nan, "share_highest": math.nan}
    low, high = (float(np.mean((rows == end).all(axis=1))) for end in _limits(labels, scale))
    return {"share_lowest": low, "share_highest": high}


def _limits(
    labels: list[str], scale: tuple[float, float] | Mapping[str, tuple[float, float]]
) -> tuple[np.ndarray[Any, np.dtype[np.float64]], np.ndarray[Any, np.dtype[np.float64]]]:
    limits = np.array([scale[label] if isinstance(scale, Mapping) else scale for label in labels], dtype=np.float64)
    return limits[:, 0], limits[:, 1]


def _reasons(row: pd.Series, alpha: float, criteria: Criteria) -> str:
    """The criteria that an item fails. A value that is not known fails, an alpha that cannot exist does not."""
    failed = []
    for name in ("critical_ratio", "p_value", "item_total", "corrected_item_total", "communality", "loading"):
        cut_off = getattr(criteria, name)
        if cut_off is not None and not (row[name] < cut_off if name == "p_value" else row[name] >= cut_off):
            failed.append(name)
    if row["alpha_if_deleted"] > alpha:
        failed.append("alpha_if_deleted")
    return ", ".join(failed)


def _notes(table: pd.DataFrame) -> tuple[Note, ...]:
    text = (
        "High and low scorers are formed on a total that contains the item, so critical ratios are large by "
        "construction: they screen items and test nothing."
    )
    notes = [Note("critical_ratio_is_a_screen", text)]
    if not table["keep"].all():
        text = (
            "An item that misses a criterion is a candidate for revision; what it covers decides whether it goes, for "
            "deleting by alpha alone can cost validity."
        )
        notes.append(Note("keep_is_a_screen", text))
    return tuple(notes)
