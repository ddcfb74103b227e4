"""Norms: mean, spread and percentiles of scale scores by group, and what a score is worth in a group."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd
from scipy import stats

from leadership_study.errors import InsufficientDataError, PlanError
from leadership_study.results import Note, Result
from leadership_study.scoring import ScoredResponses, Variable, Variables
from leadership_study.scoring.dimensions import unweighted

PERCENTILES = (5, 10, 25, 50, 75, 90, 95)
"""Percentiles of a norm table."""
EVERYONE = "everyone"


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Norms(Result):
    """Norms of scale scores.

    Attributes
    ----------
    norms : DataFrame, index ``dimension``, ``group``
        n, mean, sd, and the percentiles p5 … p95. The group ``everyone`` comes first.
    conversion : DataFrame, index ``dimension``, ``group``, ``score``
        For every score that occurs: n, percentile_rank, z_score, t_score (linear) and t_normalised (by the rank).
    """

    norms: pd.DataFrame
    conversion: pd.DataFrame

    main: ClassVar[str] = "norms"


def norm_table(scores: pd.Series) -> tuple[dict[str, float], pd.DataFrame]:
    """Norms of one scale in one group.

    Parameters
    ----------
    scores : Series of numbers
        Missing ones are left out.

    Returns
    -------
    norms : dict
        n, mean, sd (divisor n − 1), percentiles p5 … p95 (linear between order statistics, R's type 7).
    conversion : DataFrame, index ``score``
        n; percentile_rank = 100 (below + ½ at) / n; z_score; t_score = 50 + 10 z; t_normalised = 50 + 10 Φ⁻¹(rank).
        z and T are missing where the scores do not vary.

    Notes
    -----
    R twins: ``quantile(x, type = 7)``, ``50 + 10 * scale(x)``.
    """
    values = scores.dropna().to_numpy(dtype=float)
    n = len(values)
    mean, sd = (float(values.mean()), float(values.std(ddof=1)) if n > 1 else np.nan) if n else (np.nan, np.nan)
    levels = np.percentile(values, PERCENTILES) if n else np.full(len(PERCENTILES), np.nan)
    norms = {"n": n, "mean": mean, "sd": sd, **{f"p{at}": float(v) for at, v in zip(PERCENTILES, levels, strict=True)}}
    # Scores that are equal but for rounding in the last place are one score.
    found, counts = np.unique(np.round(values, 10), return_counts=True)
    if len(found) == 1:
        sd, norms["sd"] = 0.0, 0.0  # the mean of equal scores may differ from them in the last place
    rank = (np.cumsum(counts) - counts / 2) / max(n, 1)
    z = (found - mean) / (sd if n > 1 and sd > 0 else np.nan)
    conversion = pd.DataFrame(
        {
            "n": counts.astype(np.int64),
            "percentile_rank": 100 * rank,
            "z_score": z,
            "t_score": 50 + 10 * z,
            "t_normalised": 50 + 10 * stats.norm.ppf(rank),
        },
        index=pd.Index([f"{score:.10g}" for score in found], name="score", dtype="str"),
    )
    return norms, conversion


def run(
    scored: ScoredResponses,
    *,
    scales: Variables = ("dimensions",),
    by: Variable | None = None,
    means_of: Variable | None = None,
    min_n: int = 10,
) -> Norms:
    """Norms of ``scales``, of all respondents and of the groups ``by``; ``means_of``: of the means of these groups.

    Ratings of a leader by several people describe the leader by their mean: name the leader's group in ``means_of``.
    Groups of fewer than ``min_n`` have no norms, only a note.
    """
    names = scored.expand(scales)
    frame = scored.frame(names)
    if bad := [name for name in names if not pd.api.types.is_numeric_dtype(frame[name])]:
        raise PlanError(f"Norms are of scores, and {bad[0]!r} is no number; choose scales, items or ratings.")
    if by is not None and means_of is not None:
        raise ValueError("Norms of group means are not split by another group: give 'by' or 'means_of', not both.")
    if means_of is not None:
        frame = frame.groupby(scored.frame(means_of)[means_of], sort=True).mean()
    sets: dict[str, pd.DataFrame] = {EVERYONE: frame}
    if by is not None:
        kind = scored.frame(by)[by]
        levels = [level for level in _order(scored, by, kind) if (kind == level).any()]
        sets |= {f"{by}[{level}]": frame[kind == level] for level in levels}
    rows: dict[tuple[str, str], dict[str, float]] = {}
    conversions, notes = {}, []
    for name in names:
        for group, part in sets.items():
            if (count := int(part[name].notna().sum())) < min_n:
                text = "No norms of {dimension} for {group}: {n} scores are fewer than {least}."
                values = {"dimension": name, "group": group, "least": min_n, "n": count}
                notes.append(Note("norm_group_too_small", text, values))
                continue
            rows[name, group], conversions[name, group] = norm_table(part[name])
    if not rows:
        raise InsufficientDataError(notes[0])
    if means_of is None and scored.nested_in:
        text = (
            "These norms are of single ratings. A {group} is described by the mean of its ratings, which varies less: "
            "do not look up a mean in them."
        )
        notes.append(Note("norms_of_single_ratings", text, {"group": scored.nested_in[-1]}))
    table = pd.DataFrame(list(rows.values())).astype({"n": "int64"})
    table.index = pd.MultiIndex.from_tuples(list(rows), names=["dimension", "group"])
    conversion = pd.concat(conversions, names=["dimension", "group"])
    return Norms(
        norms=table,
        conversion=conversion,
        definition=_definition(scored, means_of, min_n),
        notes=(*notes, *unweighted(scored)),
    )


def _definition(scored: ScoredResponses, means_of: str | None, min_n: int) -> Mapping[str, object]:
    return {
        "formula": "norms",
        "quantile": "type_7",
        "unit": "respondent" if means_of is None else means_of,
        "min_n": min_n,
        "n": len(scored.items),
        "source": "McCall (1922)",
    }


def _order(scored: ScoredResponses, by: str, kind: pd.Series) -> list[object]:
    """Levels in the questionnaire's order, or sorted."""
    asked = {question.id: [level.value for level in question.levels] for question in scored.instrument.background}
    return list(asked.get(by) or sorted(kind.dropna().unique()))
