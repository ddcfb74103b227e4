"""Do raters of the same group agree, and do groups differ: ICC, r_wg, a_wg, average deviation, design effect.

A head is rated by many teachers. Before their answers are averaged, the raters of a head must agree (r_wg, a_wg,
average deviation) and the averages must tell heads apart (ICC(1), ICC(2)).
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np
import pandas as pd
from scipy import stats

from leadership_study.errors import EstimationError, InsufficientDataError
from leadership_study.influences import _agreement
from leadership_study.influences._agreement_levels import harmonic_mean, inner_units, reliability_of, variants_of
from leadership_study.influences._agreement_plans import by_raters, under_nulls
from leadership_study.influences._agreement_verdicts import AGREED, row_of
from leadership_study.influences._groups import Clusters
from leadership_study.influences._scored import about, chosen_group
from leadership_study.results import Note, Result
from leadership_study.samples.one_way import one_way
from leadership_study.samples.variance_components import two_levels
from leadership_study.scoring import ScoredResponses, Variable, Variables
from leadership_study.scoring.dimensions import all_failed, dimensions_of, not_estimated, unweighted

Null = Literal["uniform", "slight_skew", "moderate_skew"]
Icc = Literal["anova", "mixed_model"]
Deviation = Literal["mean", "median"]


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class RaterAgreement(Result):
    """Agreement inside groups and differences between them, for the items of one dimension.

    Attributes
    ----------
    n, n_groups, single_rater_groups : int
        Raters with all items, groups, groups with one rater (they have no agreement).
    mean_group_size : float
        N/G.
    icc1, icc2, f, df1, df2, p_value : float
        Of the scale mean. F is the one-way F; with ``nested_in`` that of the means of the inner units.
    group_variance, unit_variance, residual_variance : float
        REML variances between groups, between units inside them (None without ``nested_in``) and between raters.
    reliability : float
        Of a group's mean, from these variances at harmonic mean numbers of units and raters.
    design_effect : float
        1 + (Σn²/N − 1) · ICC(1), ICC(1) not below 0; every level adds its own term.
    variants : DataFrame, index ``variant``
        icc1, icc2 by each definition.
    agreement : DataFrame, index ``index``
        mean, median, sd, minimum, maximum, share (of groups that reach the cut-off), n_groups of ``rwg_j``,
        ``rwg_j_lindell``, ``awg``, ``average_deviation``.
    nulls : DataFrame, index ``null_distribution``
        null_variance, mean, median, minimum, maximum, share and n_outside of r_wg(j) under every null distribution
        that is known for the scale: how far the verdict hangs on it.
    by_raters : DataFrame, index ``raters``
        reliability of a group's mean with so many raters, and n_units, the harmonic mean of units that share them.
    rwg : DataFrame, groups × items
        r_wg of each item.
    groups : DataFrame, index ``group``
        n, mean, ci_low, ci_high, rwg_j, rwg_j_lindell, awg, awg_items (that a_wg rests on), average_deviation,
        reliability.
    """

    n: int
    n_groups: int
    single_rater_groups: int
    mean_group_size: float
    icc1: float
    icc2: float
    f: float
    df1: int
    df2: int
    p_value: float
    group_variance: float
    unit_variance: float | None
    residual_variance: float
    reliability: float
    design_effect: float
    variants: pd.DataFrame
    agreement: pd.DataFrame
    nulls: pd.DataFrame
    by_raters: pd.DataFrame
    rwg: pd.DataFrame
    groups: pd.DataFrame

    shown_as: ClassVar[dict[str, str]] = {"rwg": "rwg"}

    @property
    def rwg_j(self) -> pd.Series:
        """r_wg(j) of each group."""
        return self.groups["rwg_j"]

    @property
    def awg(self) -> pd.Series:
        """a_wg of each group."""
        return self.groups["awg"]

    @property
    def average_deviation(self) -> pd.Series:
        """Average deviation of each group, in points of the response scale."""
        return self.groups["average_deviation"]


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class DimensionAgreement(Result):
    """Rater agreement, dimension by dimension.

    Attributes
    ----------
    table : DataFrame, index ``dimension``
        The numbers of `RaterAgreement` with medians over groups, and a verdict for each kind of index.
    variants, nulls, by_raters, groups : DataFrame, index ``dimension`` and that of the table of `RaterAgreement`
        As there.
    """

    table: pd.DataFrame
    variants: pd.DataFrame
    nulls: pd.DataFrame
    by_raters: pd.DataFrame
    groups: pd.DataFrame

    main: ClassVar[str] = "table"


def rater_agreement(
    data: pd.DataFrame,
    group: Clusters,
    *,
    scale: tuple[float, float],
    categories: int | None = None,
    null: Null | float = "uniform",
    icc: Icc = "anova",
    nested_in: Sequence[Hashable] = (),
    deviation: Deviation = "mean",
    truncate: bool = True,
    confidence_level: float = 0.95,
) -> RaterAgreement:
    """Judge whether raters agree about their group on the items of one dimension.

    Parameters
    ----------
    data : DataFrame, raters × items
        Keyed answers, missing as NaN; it may hold the columns named in ``group`` and ``nested_in`` too.
    group : column label, Series or array
        Column of ``data``, or one group a rater, missing as NaN or None. Whole numbers are labelled without decimals.
    scale : (low, high)
        End points of the response scale.
    categories : int, optional
        Answers on the scale, equally spaced; high − low + 1 by default.
    null : {"uniform", "slight_skew", "moderate_skew"} or float
        Variance that answers without agreement would have: (A² − 1)/12 spacings², the values 1.34 and .90 of LeBreton
        & Senter (2008) for five categories, or a variance of your own.
    icc : {"anova", "mixed_model"}
        Where ``.icc1`` and ``.icc2`` come from: mean squares with k = N/G, or REML variances with ICC(2) at mean k.
        All of them stand in ``.variants``.
    nested_in : sequence of one column label, optional
        Column of ``data`` with the units (schools) between raters and groups. ICC(1), ICC(2), reliability and F then
        count that level, and the one-way values are in ``.variants`` under ``ignores_units``.
    deviation : {"mean", "median"}
        Centre of the average deviation.
    truncate : bool
        Set r_wg and r_wg(j) outside 0–1 to 0, as R's multilevel does.
    confidence_level : float
        Of the intervals of the groups' means, mean ± t √(MSW/n) with N − G degrees of freedom.

    Raises
    ------
    ValueError, TypeError
        For text, infinite numbers, answers off the scale, unknown options, groups called 1 and "1" at a time.
    InsufficientDataError
        With no complete rater, one group, no group of two raters, or one answer everywhere; with ``nested_in``, when
        no group has two units.

    Notes
    -----
    Raters with a missing item are left out and counted, and so are those who lack only their group or unit. With s̄² the
    mean variance of J items (n − 1)
    and σ² the null variance, r_wg = 1 − s²/σ²; r_wg(j) = J(1 − s̄²/σ²) / (J(1 − s̄²/σ²) + s̄²/σ²); Lindell's r*_wg(j) =
    1 − s̄²/σ²; a_wg = 1 − 2s² / ([(H + L)M − M² − HL] n/(n − 1)), averaged over the items whose mean lies between
    L + (H − L)/n and H − (H − L)/n or is L or H, where it is 1 (elsewhere the formula does not apply, even if all
    agree); the average deviation is
    mean |x − centre|, averaged over items, with the cut-off A/6. With units, F is the one-way F of the units' means,
    exact when they have equally many raters, and ICC(2) is
    σ²_group / (σ²_group + σ²_unit/n_units + σ²_rater/n_raters) with harmonic means.

    References
    ----------
    James, Demaree & Wolf (1984), https://doi.org/10.1037/0021-9010.69.1.85; Lindell, Brandt & Whitney (1999),
    https://doi.org/10.1177/01466219922031257; Bliese (2000); Brown & Hauenstein (2005); Burke & Dunlap (2002),
    https://doi.org/10.1177/1094428102005002002. R twins: ``multilevel::ICC1, ICC2, rwg.j, rwg.j.lindell, awg, ad.m``.
    """
    _agreement.check(icc, deviation, nested_in, confidence_level)
    low, high = _agreement.ends_of(scale)
    n_categories, variance = _agreement.null_variance(low, high, categories, null)
    answers = _agreement.prepare(data, group, nested_in, (low, high))
    scores = answers.items.mean(axis=1)
    analysis = one_way(scores, answers.codes)
    per_group, rwg, set_to_zero = _agreement.within_groups(answers, low, high, variance, deviation, truncate)
    components = two_levels(scores, answers.codes)
    variants = variants_of(analysis, components)
    notes = list(answers.notes)
    single = int((analysis.sizes == 1).sum())
    if single:
        notes.append(
            Note(
                "single_raters",
                "Groups with a single rater, which have no index of agreement: {groups}.",
                {"groups": single},
            )
        )
    notes += set_to_zero
    chosen = variants.to_dict("index")["anova_mean_size" if icc == "anova" else "mixed_model_mean_size"]
    values: dict[str, Any] = {"icc1": chosen["icc1"], "icc2": chosen["icc2"]}
    values |= {"f": analysis.f, "df1": analysis.df1, "df2": analysis.df2, "p_value": analysis.p_value}
    design_effect = 1 + (analysis.size_of_a_raters_group - 1) * max(values["icc1"], 0.0)
    sizes = analysis.sizes.astype(float)
    units = np.ones(len(sizes))
    if answers.unit_codes is not None:
        inner = inner_units(scores, answers.codes, answers.unit_codes)
        components, units = inner.components, inner.units
        values |= inner.test
        total = components.group + components.unit + components.residual
        values["icc1"] = components.group / total if total > 0 else np.nan
        design_effect = 1 + (analysis.size_of_a_raters_group - 1) * values["icc1"]
        design_effect += (inner.size_of_a_raters_unit - 1) * components.unit / total
        variants = variants.rename(index=lambda name: f"{name}_ignores_units")
    reliability = reliability_of(components, units, sizes)
    at = (np.array([harmonic_mean(units)]), np.array([harmonic_mean(sizes)]))
    harmonic = float(reliability_of(components, *at)[0])
    if answers.unit_codes is not None:
        values["icc2"] = harmonic
        three = pd.DataFrame({"icc1": values["icc1"], "icc2": harmonic}, index=["three_levels"])
        variants = pd.concat([three, variants]).rename_axis("variant")
    if values["icc1"] < 0:
        text = "ICC(1) is negative: groups differ less than raters inside them would have it by chance."
        notes.append(Note("icc_negative", text))
    nulls = under_nulls(
        (1 - per_group["rwg_j_lindell"].to_numpy()) * variance,
        len(answers.names),
        _agreement.null_variances(low, high, n_categories, null),
        truncate=truncate,
        agreed=AGREED,
    )
    per_group["reliability"] = reliability
    half = stats.t.ppf((1 + confidence_level) / 2, analysis.df2) * np.sqrt(analysis.mean_square_within / sizes)
    per_group.insert(2, "ci_low", per_group["mean"] - half)
    per_group.insert(3, "ci_high", per_group["mean"] + half)
    return RaterAgreement(
        n=analysis.n,
        n_groups=len(analysis.sizes),
        single_rater_groups=single,
        mean_group_size=analysis.mean_size,
        **values,
        group_variance=components.group,
        unit_variance=components.unit if answers.unit_codes is not None else None,
        residual_variance=components.residual,
        reliability=harmonic,
        design_effect=float(design_effect),
        variants=variants,
        agreement=_agreement.summarise(per_group, AGREED, n_categories / 6 * (high - low) / (n_categories - 1)),
        nulls=nulls,
        by_raters=by_raters(components, harmonic_mean(units)),
        rwg=rwg,
        groups=per_group,
        definition={
            "icc": "mixed_model_three_levels" if answers.unit_codes is not None else icc,
            "null": null,
            "null_variance": variance,
            "categories": n_categories,
            "average_deviation": f"about_the_{deviation}",
            "truncate": truncate,
            "missing": "listwise",
            "confidence_level": confidence_level,
            "n": analysis.n,
            "n_groups": len(analysis.sizes),
            "source": "Bliese (2000); LeBreton & Senter (2008)",
        },
        notes=tuple(notes),
    )


def run(
    scored: ScoredResponses,
    *,
    dimensions: Variables = ("dimensions",),
    group: Variable | None = None,
    null: Null | float = "uniform",
    icc: Icc = "anova",
    deviation: Deviation = "mean",
    truncate: bool = True,
    confidence_level: float = 0.95,
) -> DimensionAgreement:
    """Judge agreement for every dimension; the groups are the outermost ones unless ``group`` names others.

    One level between raters and that group (schools under heads) is counted; of several the outermost of them is.
    """
    group = chosen_group(scored, group)
    if group is None:
        raise InsufficientDataError(
            Note("no_groups", "The answers are not nested in groups, so there is no agreement of raters to judge.")
        )
    levels = scored.nested_in
    nested = [levels[levels.index(group) - 1]] if group in levels and levels.index(group) > 0 else []
    rows, definition = {}, {}
    tables: dict[str, dict[str, pd.DataFrame]] = {name: {} for name in ("variants", "nulls", "by_raters", "groups")}
    notes: list[Note] = []
    failures: list[Note] = []
    for dimension in dimensions_of(scored, dimensions, what="Rater agreement"):
        items = scored.scale_items(dimension)
        scale = scored.instrument.scale_of(items.columns[0])
        data = pd.concat([items, scored.groups[[group, *nested]]], axis=1)
        try:
            result = rater_agreement(
                data,
                group,
                scale=(float(scale.low), float(scale.high)),
                categories=len(scale.values),
                null=null,
                icc=icc,
                nested_in=nested,
                deviation=deviation,
                truncate=truncate,
                confidence_level=confidence_level,
            )
        except EstimationError as error:
            failures.append(not_estimated(dimension, error.note))
            continue
        rows[dimension] = row_of(result, result.agreement)
        for name, parts in tables.items():
            parts[dimension] = getattr(result, name)
        notes += [about(dimension, note) for note in result.notes]
        definition = {key: value for key, value in result.definition.items() if key not in ("n", "n_groups")}
    if not rows:
        raise all_failed(failures)
    definition["group"] = group
    if nested:
        definition["units"] = nested[0]
    return DimensionAgreement(
        table=pd.DataFrame.from_dict(rows, orient="index").rename_axis("dimension"),
        variants=pd.concat(tables["variants"], names=["dimension", "variant"]),
        nulls=pd.concat(tables["nulls"], names=["dimension", "null_distribution"]),
        by_raters=pd.concat(tables["by_raters"], names=["dimension", "raters"]),
        groups=pd.concat(tables["groups"], names=["dimension", "group"]),
        definition=definition,
        notes=(*failures, *notes, *unweighted(scored)),
    )
