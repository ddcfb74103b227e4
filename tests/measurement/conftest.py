"""Scored answers made by hand: two dimensions or more, no file."""

from collections.abc import Callable, Mapping

import pandas as pd
import pytest

from leadership_study.instruments.model import BackgroundQuestion, Dimension, Instrument, Item, ResponseScale
from leadership_study.scoring import ScoredResponses

LQ2002 = {
    "leadership_climate": [f"LEAD{at:02d}" for at in range(1, 12)],
    "task_significance": [f"TSIG{at:02d}" for at in range(1, 4)],
    "hostility": [f"HOSTIL{at:02d}" for at in range(1, 6)],
}


def scored_of(
    data: pd.DataFrame,
    dimensions: Mapping[str, list[str]],
    *,
    scales: Mapping[str, tuple[int, int]] | None = None,
    groups: Mapping[str, str] | None = None,
) -> ScoredResponses:
    """``groups`` maps ids of groups to columns of ``data``, inner to outer; ``scales`` dimensions to (low, high)."""
    limits = {name: (scales or {}).get(name, (1, 5)) for name in dimensions}
    instrument = Instrument(
        id="by_hand",
        version="1",
        title={"en": "By hand"},
        response_scales={
            name: ResponseScale(id=name, values=tuple(range(low, high + 1))) for name, (low, high) in limits.items()
        },
        dimensions=tuple(
            Dimension(
                id=name,
                response_scale=name,
                items=tuple(Item(id=i, dimension=name, response_scale=name) for i in items),
            )
            for name, items in dimensions.items()
        ),
        background=tuple(BackgroundQuestion(id=name, kind="group") for name in groups or {}),
    )
    index = pd.Index([str(row) for row in range(len(data))], name="respondent_id", dtype="str")
    own = [item for items in dimensions.values() for item in items]
    items = data[own].astype(float).set_axis(index)
    return ScoredResponses(
        instrument=instrument,
        items=items,
        scales=pd.DataFrame({name: items[columns].mean(axis=1) for name, columns in dimensions.items()}),
        background=pd.DataFrame(index=index),
        groups=pd.DataFrame(
            {name: data[col].astype(str).to_numpy() for name, col in (groups or {}).items()}, index=index
        ),
        forms=pd.DataFrame(index=index),
        block=pd.Series("respondents", index=index),
        nested_in=tuple(groups or {}),
    )


@pytest.fixture
def make_scored() -> Callable[..., ScoredResponses]:
    return scored_of


@pytest.fixture
def scored_lq2002(lq2002: pd.DataFrame) -> ScoredResponses:
    return scored_of(lq2002, LQ2002, scales={"hostility": (0, 4)}, groups={"company": "COMPID"})
