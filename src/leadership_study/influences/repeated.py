"""Which dimension is higher: the same respondents' scores compared by pairs, with intervals, never as bare means."""

from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from leadership_study.errors import InsufficientDataError, PlanError
from leadership_study.influences._comparison_tables import verdict
from leadership_study.influences._groups import Clusters, cluster_codes, is_label, place_of
from leadership_study.influences._mean_tests import (
    against_midpoint,
    clustered_mean,
    error_row,
    from_their_mean,
    with_verdict,
)
from leadership_study.influences._scored import chosen_group
from leadership_study.results import Note, Result
from leadership_study.samples.cluster_robust import cluster_robust
from leadership_study.samples.effect_sizes import eta_squared, omega_squared
from leadership_study.samples.k_groups import FTest
from leadership_study.samples.least_squares import least_squares
from leadership_study.samples.moments import numbers
from leadership_study.samples.multiplicity import Adjust
from leadership_study.samples.nested_groups import FEW_CLUSTERS
from leadership_study.samples.rank_tests import signed_ranks
from leadership_study.samples.repeated_measures import Repeated, repeated
from leadership_study.scoring import ScoredResponses, Variable, Variables
from leadership_study.scoring.dimensions import unweighted

Floats = NDArray[np.float64]

_TIES = 10  # decimals: differences that are the same but for rounding are ties


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class RepeatedMeasures(Result):
    """Measures of the same respondents compared.

    Attributes
    ----------
    measures : DataFrame, index ``measure``, the highest mean first
        mean, sd, std_error, ci_low, ci_high; rank; exceeds and exceeded_by: how many of the others it is shown to
        exceed and to be exceeded by, after adjustment.
    deviations : DataFrame, index ``measure``
        Paired difference from the mean of all measures: estimate, std_error, statistic, df, p_value, adjusted_p_value,
        ci_low, ci_high, verdict.
    midpoint : DataFrame, index ``measure``
        One-sample test against the midpoint of the scale: null, estimate (mean − null), statistic, df, p_value,
        adjusted_p_value, ci_low, ci_high, cohen_d, verdict; no rows without scale ends.
    pairs : DataFrame, index ``pair``
        measure1, measure2, difference (the first less the second), std_error, statistic, df, p_value,
        adjusted_p_value, ci_low, ci_high, cohen_dz (by the sd of the differences), wilcoxon_p_value (NaN when
        nested), and the verdict "above" (the first is shown to be higher), "below" or "undecided".
    test : DataFrame, index ``test``
        statistic, df1, df2, p_value, epsilon of sphericity_assumed, greenhouse_geisser, huynh_feldt, multivariate, and
        cluster_robust with nested answers; decides.
    effect_size : DataFrame, index ``effect_size``
        partial_eta_squared, partial_omega_squared: estimate, ci_low, ci_high, verdict.
    sphericity : DataFrame, index ``test``
        mauchly: w, chi_square, df, p_value.
    n : int
        Respondents with all measures.
    """

    measures: pd.DataFrame
    deviations: pd.DataFrame
    midpoint: pd.DataFrame
    pairs: pd.DataFrame
    test: pd.DataFrame
    effect_size: pd.DataFrame
    sphericity: pd.DataFrame
    n: int

    main: ClassVar[str] = "pairs"


def repeated_measures(
    data: pd.DataFrame,
    *,
    adjust: Adjust = "holm",
    clusters: Clusters | None = None,
    midpoint: float | None = None,
    confidence_level: float = 0.95,
) -> RepeatedMeasures:
    """Compare the columns of ``data``, measures of the same respondents on the same scale.

    Parameters
    ----------
    data : DataFrame
        Numbers, one column a measure; rows with a missing measure are left out, and counted.
    adjust : {"holm", "bonferroni", "fdr_bh"}
        Adjusts the p values of all pairs, of the deviations and of the tests against the midpoint, each a family.
    clusters : column label, Series or array, optional
        What respondents are nested in: every error is then CR2 with Satterthwaite degrees of freedom, and the HTZ test
        decides.
    midpoint : float, optional
        Middle of the scale, for one-sample tests.
    confidence_level : float

    Raises
    ------
    ValueError, TypeError
        For text, infinite numbers, unknown options.
    InsufficientDataError
        With fewer than two measures, three complete respondents, or one cluster.

    Notes
    -----
    Greenhouse and Geisser's test decides when answers are independent. Pairs are paired t tests, which need no
    sphericity. R twins: ``anova.mlm``, ``mauchly.test``, ``t.test(paired=TRUE)``, ``p.adjust``.

    References
    ----------
    Greenhouse, S. W., & Geisser, S. (1959). https://doi.org/10.1007/BF02289823. Bell, R. M., & McCaffrey, D. F. (2002).
    Survey Methodology, 28, 169–181.
    """
    if adjust not in ("holm", "bonferroni", "fdr_bh"):
        listed = "'holm', 'bonferroni', 'fdr_bh'"
        raise ValueError(
            f"The 'adjust' parameter of repeated_measures must be one of {listed}. Got {adjust!r} instead."
        )
    if not 0 < confidence_level < 1:
        raise ValueError(
            "The 'confidence_level' parameter of repeated_measures must be between 0 and 1. "
            f"Got {confidence_level!r} instead."
        )
    measures, codes = data, None
    if clusters is not None:
        codes = cluster_codes(data, clusters, "repeated_measures")
        if is_label(data, clusters):
            aside = place_of(data, clusters, "column of clusters")  # type: ignore[arg-type]
            measures = data.iloc[:, [at for at in range(data.shape[1]) if at != aside]]
    values, labels = numbers(measures)
    kept = np.asarray(~np.isnan(values).any(axis=1))
    if codes is not None:
        kept &= codes >= 0
        codes = np.unique(codes[kept], return_inverse=True)[1]
    found = repeated(values[kept])
    notes = []
    if left := int((~kept).sum()):
        text = "{count} of {received} respondents lack a measure and are left out."
        notes.append(Note("repeated_incomplete", text, {"count": left, "received": len(kept)}))
    if codes is not None:
        count = int(codes.max()) + 1
        if count < 2:
            text = "All respondents belong to one group, so its differences cannot be allowed for."
            raise InsufficientDataError(Note("repeated_one_cluster", text))
        if count < FEW_CLUSTERS:
            text = "Respondents are nested in only {count} groups: tests with so few have little power."
            notes.append(Note("repeated_few_clusters", text, {"count": count}))
    pairs = _pairs(found, labels, codes, adjust, confidence_level)
    return RepeatedMeasures(
        measures=_ranked(found, labels, codes, pairs, 1 - confidence_level, confidence_level),
        deviations=from_their_mean(found.values, labels, codes, adjust, confidence_level),
        midpoint=against_midpoint(
            pd.DataFrame(found.values, columns=labels),
            {label: midpoint for label in labels if midpoint is not None},
            codes,
            adjust,
            confidence_level,
        ),
        pairs=pairs,
        test=_tests(found, codes),
        effect_size=_effects(found, codes, confidence_level),
        sphericity=_sphericity(found),
        n=found.n,
        definition={
            "test": "greenhouse_geisser" if codes is None else "cluster_robust",
            "adjust": adjust,
            "missing": "listwise",
            "n": found.n,
            "confidence_level": confidence_level,
        },
        notes=tuple(notes),
    )


def run(
    scored: ScoredResponses,
    *,
    measures: Variables = ("dimensions",),
    adjust: Adjust = "holm",
    group: Variable | None = None,
    confidence_level: float = 0.95,
) -> RepeatedMeasures:
    """Compare the scores of dimensions on the same scale; nested answers are allowed for.

    Dimensions whose scales have other ends than the first one's are a `PlanError`: such means cannot be ranked.
    """
    names = scored.expand(measures)
    known = {*scored.instrument.dimension_ids, *scored.instrument.composite_ids}
    if words := [name for name in names if name not in known]:
        raise PlanError(
            f"Only scores of dimensions can be ranked, and {words[0]!r} is none; leave it out of 'measures'."
        )
    ends = {name: scored.limits(name) for name in names}
    if others := [name for name in names if ends[name] != ends[names[0]]]:
        text = "{first} and {second} are measured on different scales, so their means cannot be compared."
        raise InsufficientDataError(Note("repeated_other_scales", text, {"first": names[0], "second": others[0]}))
    outer = chosen_group(scored, group)
    result = repeated_measures(
        scored.frame(names),
        adjust=adjust,
        clusters=scored.groups[outer] if outer is not None else None,
        midpoint=sum(ends[names[0]]) / 2 if names else None,
        confidence_level=confidence_level,
    )
    definition = {**result.definition, "nested_in": outer or "none"}
    return replace(result, definition=definition, notes=(*result.notes, *unweighted(scored)))


def _pairs(
    found: Repeated, labels: list[str], codes: NDArray[np.int64] | None, adjust: Adjust, level: float
) -> pd.DataFrame:
    rows = {}
    for i, j in zip(*np.triu_indices(found.k, 1), strict=True):
        away = found.values[:, i] - found.values[:, j]
        test = clustered_mean(away, codes)
        spread = float(away.std(ddof=1))
        rows[f"{labels[i]} – {labels[j]}"] = {
            "measure1": labels[i],
            "measure2": labels[j],
            "difference": test.estimate,
            **error_row(test, level),
            "cohen_dz": test.estimate / spread if spread > 0 else np.nan,
            "wilcoxon_p_value": signed_ranks(away.round(_TIES)).p_value if codes is None else np.nan,
        }
    return with_verdict(pd.DataFrame.from_dict(rows, orient="index").rename_axis("pair"), adjust, level, "difference")


def _ranked(
    found: Repeated,
    labels: list[str],
    codes: NDArray[np.int64] | None,
    pairs: pd.DataFrame,
    significance: float,
    level: float,
) -> pd.DataFrame:
    shown = pairs[pairs["adjusted_p_value"] < significance]
    winners = np.where(shown["difference"] > 0, shown["measure1"], shown["measure2"])
    losers = np.where(shown["difference"] > 0, shown["measure2"], shown["measure1"])
    rows: dict[str, dict[str, float]] = {}
    for at in np.argsort(-found.means, kind="stable"):
        own = error_row(clustered_mean(found.values[:, at], codes), level)
        rows[labels[at]] = {
            "mean": float(found.means[at]),
            "sd": float(found.values[:, at].std(ddof=1)),
            "std_error": own["std_error"],
            "ci_low": own["ci_low"],
            "ci_high": own["ci_high"],
            "rank": len(rows) + 1,
            "exceeds": int((winners == labels[at]).sum()),
            "exceeded_by": int((losers == labels[at]).sum()),
        }
    types = dict.fromkeys(("rank", "exceeds", "exceeded_by"), "int64")
    return pd.DataFrame.from_dict(rows, orient="index").astype(types).rename_axis("measure")


def _tests(found: Repeated, codes: NDArray[np.int64] | None) -> pd.DataFrame:
    gg, hf = found.greenhouse_geisser, found.huynh_feldt
    rows: dict[str, tuple[FTest, float]] = {
        "greenhouse_geisser": (found.test(gg), gg),
        "huynh_feldt": (found.test(hf), hf),
        "sphericity_assumed": (found.test(), 1.0),
        "multivariate": (found.multivariate(), np.nan),
    }
    if codes is not None:
        rows = {"cluster_robust": (_robust(found, codes), np.nan), **rows}
    return pd.DataFrame(
        {
            "statistic": [test.statistic for test, _ in rows.values()],
            "df1": [float(test.df1) for test, _ in rows.values()],
            "df2": [test.df2 for test, _ in rows.values()],
            "p_value": [test.p_value for test, _ in rows.values()],
            "epsilon": [epsilon for _, epsilon in rows.values()],
            "decides": [at == 0 for at in range(len(rows))],
        },
        index=pd.Index(list(rows), name="test"),
    )


def _robust(found: Repeated, codes: NDArray[np.int64]) -> FTest:
    """HTZ test that all measures have the same mean, from the rows of all measures with the outer clusters."""
    k, n = found.k, found.n
    q = k - 1
    if codes.max() < k:
        return FTest(statistic=np.nan, df1=q, df2=np.nan)
    # Respondents' own means say nothing about differences between measures: taken off, they cost no df.
    away = (found.values - found.values.mean(axis=1, keepdims=True)).ravel()
    design = np.tile(np.eye(k), (n, 1))
    fit = least_squares(design, away, tuple(str(at) for at in range(k)), constant=None)
    robust = cluster_robust(fit, np.repeat(codes, k), "CR2")
    test = robust.htz_test(fit.estimates, np.column_stack([-np.ones(q), np.eye(q)]))
    return FTest(statistic=test.statistic, df1=q, df2=test.df2)


def _effects(found: Repeated, codes: NDArray[np.int64] | None, level: float) -> pd.DataFrame:
    test = found.test()
    rows = {}
    for name, effect in (
        ("partial_eta_squared", eta_squared(test.statistic, test.df1, test.df2, level)),
        ("partial_omega_squared", omega_squared(test.statistic, test.df1, test.df2, level)),
    ):
        low, high = (effect.ci_low, effect.ci_high) if codes is None else (np.nan, np.nan)
        rows[name] = (effect.estimate, low, high, verdict(effect.estimate, "share"))
    columns = ["estimate", "ci_low", "ci_high", "verdict"]
    return pd.DataFrame.from_dict(rows, orient="index", columns=columns).rename_axis("effect_size")


def _sphericity(found: Repeated) -> pd.DataFrame:
    w, chi_square, df, p_value = found.mauchly()
    row = {"w": w, "chi_square": chi_square, "df": float(df), "p_value": p_value}
    return pd.DataFrame([row], index=pd.Index(["mauchly"], name="test"))
