"""Strong and weak points inside each dimension: every item beside the mean of its own dimension's items."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd

from leadership_study.errors import InsufficientDataError
from leadership_study.influences._groups import coded
from leadership_study.influences._mean_tests import from_their_mean, with_verdict
from leadership_study.influences._scored import chosen_group
from leadership_study.results import Note, Result
from leadership_study.samples.multiplicity import Adjust
from leadership_study.scoring import ScoredResponses, Variable, Variables
from leadership_study.scoring.dimensions import unweighted

_FEWEST = 3


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class ItemProfiles(Result):
    """Items beside the mean of their dimension.

    Attributes
    ----------
    n_below : int
        Items that are shown to lie below.
    deviations : DataFrame, index ``item``
        dimension, n (respondents with every item of the dimension), mean; estimate (paired difference from the mean of
        the dimension's items), std_error, statistic, df, p_value, adjusted_p_value (over all items), ci_low, ci_high,
        verdict ("above", "below", "undecided").
    """

    n_below: int
    deviations: pd.DataFrame

    main: ClassVar[str] = "deviations"


def run(
    scored: ScoredResponses,
    *,
    dimensions: Variables = ("dimensions",),
    adjust: Adjust = "holm",
    group: Variable | None = None,
    confidence_level: float = 0.95,
) -> ItemProfiles:
    """Compare every keyed item with the mean of all items of its dimension, within respondents.

    Respondents without every item of a dimension are left out there. Nested answers are allowed for (CR2, Satterthwaite
    degrees of freedom). A dimension whose items have different scales, or with fewer than two items or three
    respondents, is left out with a note. R twin: ``clubSandwich::coef_test`` on ``lm(item - rowMeans(items) ~ 1)``.

    References
    ----------
    Bell, R. M., & McCaffrey, D. F. (2002). Survey Methodology, 28, 169–181.
    """
    outer = chosen_group(scored, group)
    notes, parts = [], []
    for dimension in (name for name in scored.expand(dimensions) if name in scored.instrument.dimension_ids):
        items = scored.scale_items(dimension)
        ends = {(scale.low, scale.high) for item in items.columns if (scale := scored.instrument.scale_of(item))}
        kept = items.notna().all(axis=1).to_numpy()
        codes = None
        if outer is not None:
            codes = coded(scored.groups[outer], "clusters", "item_profiles")[0]
            kept = kept & (codes >= 0)
            codes = np.unique(codes[kept], return_inverse=True)[1]
            codes = codes if len(codes) and codes.max() > 0 else None
        if len(ends) > 1 or items.shape[1] < 2 or kept.sum() < _FEWEST:
            text = "{dimension} is left out: its items have different scales, or there are too few items or answers."
            notes.append(Note("item_profiles_left_out", text, {"dimension": dimension}))
            continue
        values = items[kept].to_numpy(dtype=float)
        found = from_their_mean(values, [str(name) for name in items.columns], codes, adjust, confidence_level)
        found = found.drop(columns=["adjusted_p_value", "verdict"])
        found.insert(0, "mean", values.mean(axis=0))
        found.insert(0, "n", int(kept.sum()))
        found.insert(0, "dimension", dimension)
        parts.append(found)
    if not parts:
        text = "No dimension has items on one scale and answers enough to compare them."
        raise InsufficientDataError(Note("item_profiles_nothing", text))
    table = with_verdict(pd.concat(parts), adjust, confidence_level, "estimate").rename_axis("item")
    return ItemProfiles(
        n_below=int((table["verdict"] == "below").sum()),
        deviations=table.astype({"dimension": "object", "n": "int64"}),
        definition={
            "adjust": adjust,
            "family": len(table),
            "missing": "listwise",
            "nested_in": outer or "none",
            "confidence_level": confidence_level,
        },
        notes=(*notes, *unweighted(scored)),
    )
