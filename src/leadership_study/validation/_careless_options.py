"""What `careless` is asked for, checked: items, their dimensions and their keying."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from leadership_study.by_name import unknown
from leadership_study.validation._blocks import Array
from leadership_study.validation._cutoffs import PRESETS, Cutoffs, Preset


@dataclass(frozen=True)
class Keying:
    """Places of the items of each dimension that can be halved, and how reverse-keyed items are turned: s − x."""

    scales: tuple[tuple[int, ...], ...]
    reverse_keyed: tuple[int, ...]
    ends: Array
    """Low + high of each reverse-keyed item."""

    def turned(self, values: Array) -> Array:
        """Turn the reverse-keyed items of a matrix (n × p), or of a row of p numbers."""
        if not self.reverse_keyed:
            return values
        places = list(self.reverse_keyed)
        result = values.copy()
        result[..., places] = self.ends - result[..., places]
        return result


def checked_items(
    items: pd.DataFrame,
    dimensions: Mapping[str, Sequence[str]] | None,
    reverse_keyed: Collection[str],
    scale: tuple[float, float] | Mapping[str, tuple[float, float]] | None,
) -> Keying:
    """Return the keying of ``items``, or raise TypeError or ValueError naming the column that is wrong."""
    if not isinstance(items, pd.DataFrame):
        raise TypeError(f"The 'items' parameter of careless must be a DataFrame. Got {type(items).__name__} instead.")
    names = [str(name) for name in items.columns]
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"The column {twice!r} is there more than once; name each item once.")
    for name, column in items.items():
        if not pd.api.types.is_numeric_dtype(column.dtype) or pd.api.types.is_bool_dtype(column.dtype):
            raise TypeError(f"The column {name!r} holds no numbers; validate the answers first.")
    places = {name: at for at, name in enumerate(names)}
    halved = []
    for dimension, own in (dimensions or {}).items():
        for name in own:
            if name not in places:
                raise ValueError(unknown(f"item of the dimension {dimension!r}", name, names))
        if len(own) > 1:
            halved.append(tuple(places[name] for name in own))
    turned = [name for name in names if name in set(reverse_keyed)]
    for name in reverse_keyed:
        if name not in places:
            raise ValueError(unknown("item in reverse_keyed", name, names))
    if turned and scale is None:
        raise ValueError("The 'scale' parameter of careless is needed to turn reverse-keyed items: (low, high).")
    ends = [sum(scale[name] if isinstance(scale, Mapping) else scale) for name in turned] if scale else []
    return Keying(tuple(halved), tuple(places[name] for name in turned), np.array(ends, dtype=np.float64))


def checked_cutoffs(cutoffs: Preset | Cutoffs) -> Cutoffs:
    """Return the values of a preset, or the values themselves."""
    if isinstance(cutoffs, Cutoffs):
        return cutoffs
    one_of(cutoffs, tuple(PRESETS), "cutoffs")
    return PRESETS[cutoffs]


def checked_pairs(synonyms: float, antonyms: float, irv_parts: int) -> None:
    """Raise ValueError for critical correlations on the wrong side of 0, or no whole number of parts."""
    if not 0 < synonyms < 1:
        raise ValueError(f"The 'synonyms' parameter of careless must lie between 0 and 1. Got {synonyms!r} instead.")
    if not -1 < antonyms < 0:
        raise ValueError(f"The 'antonyms' parameter of careless must lie between -1 and 0. Got {antonyms!r} instead.")
    if isinstance(irv_parts, bool) or not isinstance(irv_parts, int) or irv_parts < 1:
        raise ValueError(f"The 'irv_parts' parameter of careless must be 1 or more. Got {irv_parts!r} instead.")


def one_of(value: object, allowed: Sequence[str], name: str) -> None:
    """Raise ValueError unless ``value`` is one of ``allowed``."""
    if value not in allowed:
        listed = ", ".join(repr(choice) for choice in allowed)
        raise ValueError(f"The '{name}' parameter of careless must be one of {listed}. Got {value!r} instead.")
