"""Names of variables in a plan: what they may be, and the words that stand for several."""

from collections.abc import Iterable, Sequence
from typing import Annotated

import pandas as pd

from leadership_study.by_name import unknown
from leadership_study.errors import PlanError
from leadership_study.instruments import Instrument

Variable = Annotated[str, "variable"]
"""An option of an analysis that names one variable of the questionnaire or the context."""

Variables = Annotated[tuple[str, ...], "variables"]
"""An option that names several; the words ``dimensions``, ``items`` and ``background`` stand for all of them."""

TableFile = Annotated[pd.DataFrame, "table_file"]
"""A table given to an analysis; in a plan the option names its CSV file, and ``run`` is handed the cells as text."""

WORDS = ("dimensions", "items", "background")


def variable_ids(instrument: Instrument, context: Iterable[str] = ()) -> list[str]:
    """Every name that a plan may use: dimensions, composites, items, forms, background, groups, ``context`` columns."""
    asked = [form.id for form in instrument.forms if form.of == "items"]
    form_scores = [f"{form}_{dimension}" for form in asked for dimension in instrument.dimension_ids]
    own = (
        *instrument.dimension_ids,
        *instrument.composite_ids,
        *instrument.item_ids(),
        *instrument.form_scales,
        *form_scores,
    )
    return [*own, *instrument.background_ids, *instrument.group_ids, *context]


def expand(variables: str | Sequence[str], instrument: Instrument, context: Iterable[str] = ()) -> list[str]:
    """Ids for ``variables``, in the order given, each once; the words of `WORDS` become all of their kind.

    Raises
    ------
    PlanError
        For an unknown name, with the nearest right ones. It needs no data, so a plan can be checked before any is read.
    """
    groups = {
        "dimensions": instrument.dimension_ids,
        "items": instrument.item_ids(),
        "background": instrument.background_ids,
    }
    known = variable_ids(instrument, context)
    found: dict[str, None] = {}
    for name in [variables] if isinstance(variables, str) else variables:
        if name not in groups and name not in known:
            raise PlanError(unknown("variable", name, [*known, *WORDS]))
        found |= dict.fromkeys(groups.get(name, [name]))
    return list(found)
