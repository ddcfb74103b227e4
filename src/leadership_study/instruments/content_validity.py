"""Content validity: what a panel of experts thinks of each item, before anybody answers it."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import pandas as pd

from leadership_study.instruments import _content_indices as indices
from leadership_study.instruments._content_ratings import check_options, checked_ratings, essential_answers
from leadership_study.results import Note, Result

SCALE_CUTOFFS = {"s_cvi_ave": 0.90, "s_cvi_ua": 0.80}
"""Polit, D. F., & Beck, C. T. (2006), Research in Nursing & Health, 29, 489-497, https://doi.org/10.1002/nur.20147."""

REVISABLE_KAPPA = 0.40
"""An item below its I-CVI cut-off is to be revised while its kappa is at least fair, otherwise to be discarded."""


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class ContentValidity(Result):
    """What a panel of experts thinks of the items of a questionnaire.

    Attributes
    ----------
    n_items, n_experts : int
        Items rated at all, and experts who rated at all.
    s_cvi_ave : float
        Mean of the items' I-CVI.
    s_cvi_ave_verdict : str
        "met" from .90, otherwise "not_met".
    s_cvi_ua : float
        Share of items that all of their raters call relevant.
    s_cvi_ua_verdict : str
        "met" from .80, otherwise "not_met".
    mean_cvr : float
        Lawshe's content validity index: mean CVR of the items whose CVR reaches its critical value; NaN without any.
    mean_aiken_v : float
    items : DataFrame, index ``item``
        n (experts who rated it), n_relevant, icvi, chance_agreement, modified_kappa, kappa_band (excellent, good, fair,
        poor), icvi_cutoff, verdict (retain, revise, discard; too_few_experts below three, not_rated); n_essential,
        cvr, cvr_critical, cvr_p_value (exact, one-sided), cvr_verdict (essential, not_essential; undecidable where not
        even unanimity is significant); aiken_v, ci_low, ci_high (of V).
    experts : DataFrame, index ``expert``
        n (items rated), mean, relevant_share: an expert who stands apart is seen here.
    dimensions : DataFrame, index ``dimension``, or None
        n_items, s_cvi_ave, s_cvi_ua, mean_aiken_v, when the dimensions of the items were given.
    """

    main: ClassVar[str] = "items"

    n_items: int
    n_experts: int
    s_cvi_ave: float
    s_cvi_ave_verdict: str
    s_cvi_ua: float
    s_cvi_ua_verdict: str
    mean_cvr: float
    mean_aiken_v: float
    items: pd.DataFrame
    experts: pd.DataFrame
    dimensions: pd.DataFrame | None = None


def content_validity(
    ratings: pd.DataFrame,
    *,
    relevant_from: int = 3,
    essential: int | pd.DataFrame | None = None,
    scale: tuple[int, int] = (1, 4),
    dimensions: Mapping[str, str] | None = None,
    confidence_level: float = 0.95,
    significance_level: float = 0.05,
) -> ContentValidity:
    """Judge items by the ratings of experts.

    Parameters
    ----------
    ratings : DataFrame of whole numbers, items × experts
        One row an item, one column an expert; NaN where an expert gave no rating.
    relevant_from : int
        Lowest rating that calls an item relevant.
    essential : int or DataFrame of bool, items × experts, optional
        For Lawshe's CVR: the lowest rating that counts as "essential", or the experts' separate answers (True =
        essential, False = useful or not necessary, missing = no answer). Otherwise ``relevant_from`` stands in for it.
    scale : tuple of two whole numbers
        Lowest and highest possible rating.
    dimensions : mapping of item to dimension, optional
        Adds the scale indices of each dimension.
    confidence_level : float
        Of the interval of Aiken's V.
    significance_level : float
        Of the exact one-sided test behind the critical CVR.

    Raises
    ------
    ValueError, TypeError
        For ratings that are no whole numbers of the scale (items and experts are named), items or experts named twice,
        a cut-off outside the scale.
    InsufficientDataError
        With fewer than two experts or without any item.

    Notes
    -----
    I-CVI = A/N, where A of the N experts who rated the item call it relevant; κ* = (I-CVI − p_c)/(1 − p_c) with
    p_c = C(N, A)·½^N. The cut-off follows the panel: 1.00 with three to five experts, .83 with six to eight, .78 from
    nine on. CVR = (n_e − N/2)/(N/2); its critical value is exact: the fewest n_e with
    P(X ≥ n_e | N, ½) ≤ ``significance_level``. V = (mean − low)/(high − low) with the score interval. A missing rating
    lowers N for its item only.

    References
    ----------
    Lynn (1986), 10.1097/00006199-198611000-00017. Polit, Beck and Owen (2007), 10.1002/nur.20199. Lawshe (1975),
    10.1111/j.1744-6570.1975.tb01393.x. Ayre and Scally (2014), 10.1177/0748175613513808. Aiken (1985),
    10.1177/0013164485451012. Penfield and Giacobbi (2004), 10.1207/s15327841mpee0804_3.
    """
    check_options(relevant_from, essential, scale, confidence_level, significance_level)
    used = checked_ratings(ratings, scale)
    answers = essential_answers(used, essential, relevant_from)
    rows = {}
    for (item, row), (_, own) in zip(used.iterrows(), answers.iterrows(), strict=True):
        rated = row.dropna()
        judged = _judged(rated, own.dropna(), relevant_from, significance_level)
        rows[str(item)] = judged | _aiken(rated, scale, confidence_level)
    items = pd.DataFrame.from_dict(rows, orient="index")
    items = items.astype({"n": "int64", "n_relevant": "int64", "n_essential": "int64"}).rename_axis("item")
    whole = _scale_indices(items)
    retained = items.loc[items["cvr_verdict"] == "essential", "cvr"]
    experts = pd.DataFrame(
        {
            "n": used.notna().sum(),
            "mean": used.mean(),
            "relevant_share": (used >= relevant_from).sum() / used.notna().sum(),
        }
    ).rename_axis("expert")
    return ContentValidity(
        n_items=int(whole["n_items"]),
        n_experts=used.shape[1],
        s_cvi_ave=whole["s_cvi_ave"],
        s_cvi_ave_verdict=_met("s_cvi_ave", whole),
        s_cvi_ua=whole["s_cvi_ua"],
        s_cvi_ua_verdict=_met("s_cvi_ua", whole),
        mean_cvr=float(retained.mean()) if len(retained) else math.nan,
        mean_aiken_v=whole["mean_aiken_v"],
        items=items,
        experts=experts,
        dimensions=None if dimensions is None else _by_dimension(items, dimensions),
        definition={
            "formula": "content_validity_index",
            "relevant_from": relevant_from,
            "essential": "own_answers"
            if isinstance(essential, pd.DataFrame)
            else f"{relevant_from if essential is None else essential}+",
            "scale": f"{scale[0]}–{scale[1]}",
            "missing": "by_item",
            "interval": "score",
            "confidence_level": confidence_level,
            "significance_level": significance_level,
            "source": "Lynn (1986); Polit, Beck and Owen (2007); Lawshe (1975); Ayre and Scally (2014); "
            "Penfield and Giacobbi (2004)",
        },
        notes=_notes(ratings, used, items, essential),
    )


def _judged(row: pd.Series, answers: pd.Series, relevant_from: int, significance_level: float) -> dict[str, Any]:
    n, relevant = len(row), int((row >= relevant_from).sum())
    of, essential = len(answers), int(answers.sum())
    cutoff = indices.panel_cutoff(n)
    kappa = indices.modified_kappa(n, relevant) if n else math.nan
    verdict = "not_rated" if n == 0 else "too_few_experts"
    if cutoff is not None:
        met = relevant >= cutoff * n
        verdict = "retain" if met else "revise" if kappa >= REVISABLE_KAPPA else "discard"
    needed = indices.essential_needed(of, significance_level)
    return {
        "n": n,
        "n_relevant": relevant,
        "icvi": relevant / n if n else math.nan,
        "chance_agreement": indices.chance_agreement(n, relevant) if n else math.nan,
        "modified_kappa": kappa,
        "kappa_band": indices.kappa_band(kappa) if n else "not_rated",
        "icvi_cutoff": math.nan if cutoff is None else float(cutoff),
        "verdict": verdict,
        "n_essential": essential,
        "cvr": indices.content_validity_ratio(of, essential) if of else math.nan,
        "cvr_critical": math.nan if needed is None else indices.content_validity_ratio(of, needed),
        "cvr_p_value": indices.binomial_tail(of, essential) if of else math.nan,
        "cvr_verdict": "undecidable" if needed is None else "essential" if essential >= needed else "not_essential",
    }


def _aiken(row: pd.Series, scale: tuple[int, int], confidence_level: float) -> dict[str, float]:
    if row.empty:
        return {"aiken_v": math.nan, "ci_low": math.nan, "ci_high": math.nan}
    low, high = scale
    v = indices.aiken_v(float(row.mean()), low, high)
    ci_low, ci_high = indices.aiken_interval(v, len(row), high - low, confidence_level)
    return {"aiken_v": v, "ci_low": ci_low, "ci_high": ci_high}


def _scale_indices(items: pd.DataFrame) -> dict[str, float]:
    rated = items[items["n"] > 0]
    unanimous = rated["n_relevant"] == rated["n"]
    return {
        "n_items": len(rated),
        "s_cvi_ave": float(rated["icvi"].mean()),
        "s_cvi_ua": float(unanimous.mean()),
        "mean_aiken_v": float(rated["aiken_v"].mean()),
    }


def _met(name: str, whole: Mapping[str, float]) -> str:
    # Shares of items come from divisions: .9 may arrive as .8999999999999999.
    return "met" if whole[name] >= SCALE_CUTOFFS[name] - 1e-12 else "not_met"


def _by_dimension(items: pd.DataFrame, dimensions: Mapping[str, str]) -> pd.DataFrame:
    if lost := [item for item in items.index if item not in dimensions]:
        raise ValueError(f"The 'dimensions' of content_validity must name that of every item; add {lost[0]!r}.")
    of = pd.Series({item: dimensions[item] for item in items.index})
    rows = {name: _scale_indices(items[(of == name).to_numpy()]) for name in dict.fromkeys(of)}
    return pd.DataFrame.from_dict(rows, orient="index").astype({"n_items": "int64"}).rename_axis("dimension")


def _notes(
    ratings: pd.DataFrame, used: pd.DataFrame, items: pd.DataFrame, essential: int | pd.DataFrame | None
) -> tuple[Note, ...]:
    notes = []
    if silent := [str(expert) for expert in ratings.columns if str(expert) not in used.columns]:
        text = "Experts without any rating are left out: {experts}."
        notes.append(Note("experts_without_ratings", text, {"experts": ", ".join(silent)}))
    if unrated := list(items.index[items["n"] == 0]):
        text = "Items that no expert rated have no indices: {items}."
        notes.append(Note("items_not_rated", text, {"items": ", ".join(unrated)}))
    gaps = int(used.loc[items["n"] > 0].isna().to_numpy().sum())
    if gaps:
        text = "{missing} ratings are missing; each item is judged by the experts who rated it."
        notes.append(Note("ratings_missing", text, {"missing": gaps}))
    if few := list(items.index[items["verdict"] == "too_few_experts"]):
        text = "There is no cut-off for fewer than three experts, so no verdict on {items}."
        notes.append(Note("too_few_experts", text, {"items": ", ".join(few)}))
    if essential is None:
        text = "The experts were not asked what is essential: the CVR counts the ratings that call an item relevant."
        notes.append(Note("cvr_of_relevance", text))
    if open_ := list(items.index[(items["cvr_verdict"] == "undecidable") & (items["n"] > 0)]):
        text = "With so few experts not even agreement of all makes the CVR significant: {items}."
        notes.append(Note("cvr_undecidable", text, {"items": ", ".join(open_)}))
    return tuple(notes)
