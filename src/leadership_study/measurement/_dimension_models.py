"""Models of a questionnaire's dimensions, and the answers that they are fitted to."""

from collections.abc import Mapping, Sequence
from typing import Literal

import pandas as pd

from leadership_study.errors import InsufficientDataError
from leadership_study.results import Note
from leadership_study.scoring import ScoredResponses
from leadership_study.scoring.dimensions import dimensions_of

ModelKind = Literal["one_factor", "correlated", "second_order", "bifactor"]
KINDS: tuple[ModelKind, ...] = ("one_factor", "correlated", "second_order", "bifactor")


def dimension_data(scored: ScoredResponses, scales: Sequence[str]) -> tuple[pd.DataFrame, dict[str, list[str]]]:
    """Return the keyed items of the dimensions ``scales``, and the items' names by dimension.

    Raises
    ------
    PlanError
        If one of ``scales`` is not a dimension.
    """
    dimensions = dimensions_of(scored, scales, what="A model of dimensions")
    frames = {name: scored.scale_items(name) for name in dimensions}
    return pd.concat(frames.values(), axis=1), {name: list(frame.columns) for name, frame in frames.items()}


def general_name(members: Mapping[str, Sequence[str]]) -> str:
    """Return a name for a general factor that no dimension or item has."""
    taken = set(members) | {item for items in members.values() for item in items}
    name = "general"
    while name in taken:
        name += "_factor"
    return name


def model_of(kind: ModelKind, members: Mapping[str, Sequence[str]]) -> str:
    """Return the text of a model of the dimensions.

    ``one_factor``: one factor of all items; ``correlated``: a factor a dimension; ``second_order``: these factors
    measured by a general one; ``bifactor``: a general factor of all items and, uncorrelated with it and with each
    other, a group factor for each dimension. The two loadings of a group factor with two items are equal; a dimension
    of one item has no group factor. Bifactor models are for ``std_lv=True, orthogonal=True``.

    Raises
    ------
    InsufficientDataError
        For a model that so few dimensions do not identify.
    """
    everything = [item for items in members.values() for item in items]
    general = general_name(members)
    own = [_measured(name, items) for name, items in members.items()]
    if kind == "one_factor":
        return _measured(general, everything)
    if kind == "correlated":
        return "\n".join(own)
    if len(members) < 2:
        text = "A model with a general factor above the dimensions needs more than {n} dimension."
        raise InsufficientDataError(Note("general_factor_needs_dimensions", text, {"n": len(members)}))
    if kind == "second_order":
        if len(members) < 3:
            text = (
                "A second-order factor needs at least three dimensions; with two it says no more than their "
                "correlation."
            )
            raise InsufficientDataError(Note("second_order_needs_three", text))
        return "\n".join([*own, _measured(general, list(members))])
    lines = [_measured(general, everything)]
    for name, items in members.items():
        if len(items) == 2:
            lines.append(f"{name} =~ {name}_loading*{items[0]} + {name}_loading*{items[1]}")
        elif len(items) > 2:
            lines.append(_measured(name, items))
    if len(lines) == 1:
        text = "A bifactor model needs dimensions of at least two items; every dimension has one."
        raise InsufficientDataError(Note("bifactor_needs_items", text))
    return "\n".join(lines)


def most_parameters(members: Mapping[str, Sequence[str]], *, beside_method: bool = True) -> int:
    """Return how many free parameters, means included, correlated dimensions have, beside a factor of all items or not.

    With that factor there are no more in any model of `model_of`.
    """
    items = sum(len(own) for own in members.values())
    return (4 if beside_method else 3) * items + len(members) * (len(members) - 1) // 2


def _measured(factor: str, items: Sequence[str]) -> str:
    return f"{factor} =~ {' + '.join(items)}"
