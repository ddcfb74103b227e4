"""One hash for scored answers: equal when, and only when, every analysis would see the same."""

import hashlib
from collections.abc import Mapping

import numpy as np
import pandas as pd

from leadership_study.measurement._returns import Returns
from leadership_study.scoring import ScoredResponses


def scored_sha256(scored: ScoredResponses) -> str:
    """Return the SHA-256 of all values, ids and names in ``scored``, in their order."""
    frames = {
        "items": scored.items,
        "scales": scored.scales,
        "background": scored.background,
        "groups": scored.groups,
        "forms": scored.forms,
        "block": scored.block.to_frame(),
        "weights": None if scored.weights is None else scored.weights.to_frame(),
        "context": scored.context,
        "composites": scored.composites,
        **_screened(scored),
    }
    return _sha256(frames)


def returns_sha256(returns: Returns) -> str:
    """Return the SHA-256 of what went out and came back."""
    return _sha256({"received": returns.received, "distributed": returns.distributed})


def _screened(scored: ScoredResponses) -> dict[str, pd.DataFrame | None]:
    """Return what flags and indices are made from: everybody received in these blocks, those left out included."""
    if scored.validated is None:
        return {}
    screening = scored.validated.screening
    own = screening.block.isin(list(dict.fromkeys(scored.block))).to_numpy()
    return {"received": screening.frame[own], "system": screening.system[own]}


def _sha256(frames: Mapping[str, pd.DataFrame | None]) -> str:
    digest = hashlib.sha256()
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
