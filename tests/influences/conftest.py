"""Scored answers of lq2002, made without a file."""

from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd
import pytest

from leadership_study.instruments.model import BackgroundQuestion, Dimension, Instrument, Item, Level, ResponseScale
from leadership_study.scoring import ScoredResponses

DIMENSIONS = {
    "leadership_climate": ([f"LEAD{at:02d}" for at in range(1, 12)], (1, 5)),
    "task_significance": ([f"TSIG{at:02d}" for at in range(1, 4)], (1, 5)),
    "hostility": ([f"HOSTIL{at:02d}" for at in range(1, 6)], (0, 4)),
}


@pytest.fixture
def scored_of(lq2002) -> Callable[..., ScoredResponses]:
    """``scored_of(nested_in, **columns)``: columns of answers to replace, groups by ``company`` and ``battalion``."""

    def make(nested_in=("company",), weights=None, replace: Mapping[str, object] | None = None) -> ScoredResponses:
        data = lq2002.assign(**(replace or {}))
        index = pd.Index(data["SUB"].astype(str), name="respondent_id")
        items = data[[item for names, _ in DIMENSIONS.values() for item in names]].astype(float).set_axis(index)
        company = data["COMPID"].astype(str)
        groups = pd.DataFrame(
            {"company": company.to_numpy(), "battalion": (data["COMPID"] % 7).astype(str).to_numpy()}, index=index
        )
        rank = pd.Series(np.array(["private", "officer", "sergeant"])[data["SUB"] % 3], index=index)
        background = pd.DataFrame(
            {
                "rank": rank.where(data["SUB"].to_numpy() > 20),
                "words": "some",
                "number": (data["SUB"] * 1.0).to_numpy(),
            },
            index=index,
        )
        instrument = Instrument(
            id="lq2002",
            version="1",
            title={"en": "LQ 2002"},
            response_scales={
                name: ResponseScale(id=name, values=tuple(range(low, high + 1)))
                for name, (_, (low, high)) in DIMENSIONS.items()
            },
            dimensions=tuple(
                Dimension(
                    id=name,
                    response_scale=name,
                    items=tuple(Item(id=item, dimension=name, response_scale=name) for item in names),
                )
                for name, (names, _) in DIMENSIONS.items()
            ),
            background=(
                BackgroundQuestion(
                    id="rank",
                    kind="ordinal",
                    levels=tuple(Level(value=value) for value in ("private", "sergeant", "officer")),
                ),
                BackgroundQuestion(id="words", kind="text"),
                BackgroundQuestion(id="number", kind="number"),
                BackgroundQuestion(id="company", kind="group"),
                BackgroundQuestion(id="battalion", kind="group"),
            ),
        )
        return ScoredResponses(
            instrument=instrument,
            items=items,
            scales=pd.DataFrame({name: items[names].mean(axis=1) for name, (names, _) in DIMENSIONS.items()}),
            background=background,
            groups=groups,
            forms=pd.DataFrame(index=index),
            block=pd.Series("soldiers", index=index),
            weights=None if weights is None else pd.Series(weights, index=index),
            nested_in=tuple(nested_in),
            definition={"method": "mean"},
        )

    return make
