"""Names of variables in a plan: what they may be, and the words that stand for several."""

from collections.abc import Iterable, Sequence
from typing import Annotated

from leadership_study.by_name import unknown
from leadership_study.errors import PlanError
from leadership_study.instruments import Instrument

Variable = Annotated[str, "variable"]
"""An option of an analysis that names one variable of the questionnaire or the context."""

Variables = Annotated[tuple[str, ...], "variables"]
"""An option that names several; the words ``dimensions``, ``items`` and ``background`` stand for all of them."""

WORDS = ("dimensions", "items", "background")


def variable_ids(instrument: Instrument, context: Iterable[str] = ()) -> list[str]:
    """Every name that a plan may use: dimensions, items, forms, background, groups and ``context`` columns."""
    own = (*instrument.dimension_ids, *instrument.item_ids(), *instrument.form_scales)
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
