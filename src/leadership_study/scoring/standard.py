"""Standard scores: how far a scale score lies from the mean, in standard deviations (z) or as T = 50 + 10 z."""

from typing import Literal

import numpy as np
import pandas as pd

from leadership_study.scoring._scored import ScoredResponses

Standard = Literal["z", "t"]


def standard_scores(
    scored: ScoredResponses, *, kind: Standard = "t", reference: pd.DataFrame | None = None
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the standard scores of the scales and composites, and the moments they rest on.

    Parameters
    ----------
    scored
        Scored answers.
    kind : {"t", "z"}
        z = (score − mean) / sd, or T = 50 + 10 z.
    reference : DataFrame, index scale, optional
        ``mean`` and ``sd`` of a norm group; those of ``scored`` itself (divisor n − 1) when None.

    Returns
    -------
    scores : DataFrame, respondents × scales
        Missing where there is no score, and in scales that do not vary.
    moments : DataFrame, index scale
        n, mean, sd.

    Raises
    ------
    ValueError
        An unknown kind, or a reference without one of the scales.

    Notes
    -----
    T scores after McCall (1922), linear: the shape of the distribution stays. R twin: ``50 + 10 * scale(x)``.
    """
    if kind not in ("z", "t"):
        raise ValueError(f"The 'kind' parameter of standard_scores must be one of 'z', 't'. Got {kind!r} instead.")
    scales = scored.scales if scored.composites is None else pd.concat([scored.scales, scored.composites], axis=1)
    moments = pd.DataFrame({"n": scales.count(), "mean": scales.mean(), "sd": scales.std()}).rename_axis("scale")
    if reference is not None:
        if lacking := [str(name) for name in scales if name not in reference.index]:
            raise ValueError(f"The reference of standard_scores has no mean and sd for {', '.join(lacking)}; add them.")
        moments[["mean", "sd"]] = reference.loc[moments.index, ["mean", "sd"]].to_numpy(dtype=float)
    spread = moments["sd"].where(moments["sd"] > 0, np.nan)
    scores = (scales - moments["mean"]) / spread
    return (50 + 10 * scores if kind == "t" else scores), moments
