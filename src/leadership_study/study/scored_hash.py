"""One hash for scored answers: equal when, and only when, every analysis would see the same."""

import hashlib

import numpy as np
import pandas as pd

from leadership_study.scoring import ScoredResponses


def scored_sha256(scored: ScoredResponses) -> str:
    """Return the SHA-256 of all values, ids and names in ``scored``, in their order."""
    digest = hashlib.sha256()
    frames = {
        "items": scored.items,
        "scales": scored.scales,
        "background": scored.background,
        "groups": scored.groups,
        "forms": scored.forms,
        "block": scored.block.to_frame(),
        "weights": None if scored.weights is None else scored.weights.to_frame(),
        "context": scored.context,
    }
    for name, frame in frames.items():
        digest.update(f"\x1d{name}".encode())
        if frame is None:
            continue
        digest.update(_bytes(frame.index.to_series()))
        for column in frame.columns:
            digest.update(f"\x1e{column}\x1e{frame[column].dtype}".encode())
            digest.update(_bytes(frame[column]))
    return digest.hexdigest()


def _bytes(values: pd.Series) -> bytes:
    if values.dtype == np.float64:
        return np.ascontiguousarray(values.to_numpy()).tobytes()
    texts = ["" if missing else f"={value}" for value, missing in zip(values, values.isna(), strict=True)]
    return "\x1f".join(texts).encode()
