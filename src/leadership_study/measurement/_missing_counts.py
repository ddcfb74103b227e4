"""Counts of what was not answered: by item, scale, background question and pattern."""

import numpy as np
import pandas as pd

from leadership_study.instruments import Instrument
from leadership_study.samples.missing_patterns import Patterns
from leadership_study.scoring import ScoredResponses
from leadership_study.scoring.asked import was_asked


def item_gaps(items: pd.DataFrame, instrument: Instrument) -> pd.DataFrame:
    """Answers and gaps of each item, with mean and standard deviation of the answers."""
    gone = items.isna().sum()
    return pd.DataFrame(
        {
            "dimension": pd.Series({str(item): instrument.item(str(item)).dimension for item in items}, dtype=object),
            "n": (len(items) - gone).astype("int64"),
            "missing": gone.astype("int64"),
            "missing_share": gone / max(len(items), 1),
            "mean": items.mean(),
            "sd": items.std(),
        }
    ).rename_axis("item")


def scale_gaps(scored: ScoredResponses) -> pd.DataFrame:
    """How completely each scale was answered, and who has a score of it by the rule for partly answered scales."""
    rows = {}
    for dimension in scored.instrument.dimension_ids:
        own = scored.instrument.item_ids(dimension)
        answered = scored.items[own].notna().sum(axis=1)
        has_score = scored.scales[dimension].notna()
        complete = answered == len(own)
        rows[dimension] = {
            "n_items": len(own),
            "complete": int(complete.sum()),
            "partly": int((has_score & ~complete).sum()),
            "too_few": int((~has_score & (answered > 0)).sum()),
            "none_answered": int((answered == 0).sum()),
            "n": int(has_score.sum()),
        }
    return pd.DataFrame.from_dict(rows, orient="index").astype("int64").rename_axis("dimension")


def background_gaps(scored: ScoredResponses) -> pd.DataFrame:
    """Answers and gaps of each background question and group; who was not asked has no gap."""
    frame = pd.concat([scored.background, scored.groups], axis=1)
    rows = {}
    for column in frame:
        answered, asked = frame[column].notna(), was_asked(scored, frame[column])
        total, gone = int((answered | asked).sum()), int((asked & ~answered).sum())
        if total:
            rows[str(column)] = [int(answered.sum()), gone, gone / total]
    columns = {"n": "int64", "missing": "int64", "missing_share": "float64"}
    table = pd.DataFrame.from_dict(rows, orient="index", columns=list(columns)).astype(columns)
    return table.set_axis(pd.Index(list(rows), name="variable", dtype="str"), axis="index")


def pattern_table(patterns: Patterns, items: list[str]) -> pd.DataFrame:
    """One row a pattern, the most frequent first: n, share of respondents, number and names of the missing items."""
    total = patterns.n + patterns.n_empty
    rows = [(pattern.n, [items[at] for at in pattern.unobserved]) for pattern in patterns]
    if patterns.n_empty:
        rows.append((patterns.n_empty, list(items)))
        rows.sort(key=lambda row: -row[0])
    return pd.DataFrame(
        {
            "n": np.array([n for n, _ in rows], dtype=np.int64),
            "share": np.array([n / max(total, 1) for n, _ in rows]),
            "n_missing": np.array([len(gone) for _, gone in rows], dtype=np.int64),
            "missing_items": pd.Series([", ".join(gone) for _, gone in rows], dtype=object).to_numpy(),
        },
        index=pd.Index([str(at) for at in range(1, len(rows) + 1)], name="pattern", dtype="str"),
    )
