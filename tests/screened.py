"""Answers of two hundred teachers as a platform exports them, some careless; scored by the ordinary road."""

from dataclasses import replace

import numpy as np
import pandas as pd

from leadership_study.importing import RawResponses
from leadership_study.importing._raw import Source
from leadership_study.instruments.model import AttentionCheck, Dimension, Form, Instrument, Item, ResponseScale
from leadership_study.scoring import ScoredResponses, score
from leadership_study.validation import ValidatedResponses, validate

DIMENSIONS = {f"d{at}": [f"d{at}_{item}" for item in range(1, 7)] for at in range(1, 5)}
REVERSED = frozenset({"d1_6", "d2_6"})
CARELESS = 10


def instrument() -> Instrument:
    """Four dimensions of six items, two of them reverse-keyed; an attention check; importance of each dimension."""
    return Instrument(
        id="screened",
        version="1",
        title={"en": "Screened"},
        response_scales={"agreement": ResponseScale(id="agreement", values=(1, 2, 3, 4, 5))},
        dimensions=tuple(
            Dimension(
                id=name,
                response_scale="agreement",
                items=tuple(
                    Item(id=item, dimension=name, response_scale="agreement", reverse_keyed=item in REVERSED)
                    for item in items
                ),
            )
            for name, items in DIMENSIONS.items()
        ),
        forms=(Form(id="importance", of="dimensions", response_scale="agreement"),),
        attention_checks=(AttentionCheck(id="check_1", expected=4, after="d1_6"),),
    )


def answers(n: int = 200, seed: int = 1) -> pd.DataFrame:
    """Numbers as answered: the first ten answer 5 throughout, the next ten at random and in a hurry."""
    rng = np.random.default_rng(seed)
    general = rng.normal(size=(n, 1))
    traits = 0.7 * general + 0.6 * rng.normal(size=(n, 4))
    columns = {}
    for at, items in enumerate(DIMENSIONS.values()):
        for number, item in enumerate(items):
            latent = traits[:, at] + 0.7 * rng.normal(size=n) + 0.4 + 0.1 * (number - 3)
            value = np.clip(np.round(3 + latent), 1, 5)
            columns[item] = 6 - value if item in REVERSED else value
    for at, name in enumerate(DIMENSIONS):
        columns[f"importance_{name}"] = np.clip(np.round(3.5 + 0.6 * traits[:, at] + 0.6 * rng.normal(size=n)), 1, 5)
    columns["check_1"] = np.full(n, 4.0)
    frame = pd.DataFrame(columns)
    frame.iloc[:CARELESS] = 5.0
    frame.iloc[CARELESS : 2 * CARELESS] = rng.integers(1, 6, size=(CARELESS, frame.shape[1]))
    return frame


def raw_of(table: pd.DataFrame, *, system: pd.DataFrame | None = None, file: str = "answers.csv") -> RawResponses:
    """The text of a file that holds ``table``."""
    rows = pd.RangeIndex(1, len(table) + 1, name="row")
    text = table.map(lambda value: None if pd.isna(value) else f"{value:g}" if isinstance(value, float) else str(value))
    frame = text.set_axis(rows).astype("str")
    if "respondent_id" not in frame:
        frame.insert(0, "respondent_id", pd.array([f"r{row}" for row in rows], dtype="str"))
    source = Source(file=file, format="csv_text", sha256="", encoding="utf-8")
    raw = RawResponses(frame=frame, source=source)
    return raw if system is None else replace(raw, system=system.set_axis(rows))


def recorded(n: int = 200) -> pd.DataFrame:
    """Durations: the ten who answered at random took 20 seconds."""
    seconds = np.random.default_rng(8).lognormal(5.5, 0.25, n)
    seconds[CARELESS : 2 * CARELESS] = 20.0
    return pd.DataFrame({"duration_seconds": seconds})


def validated(**options: object) -> ValidatedResponses:
    """The answers above, held against their questionnaire."""
    return validate(raw_of(answers(), system=recorded()), instrument(), **options)  # type: ignore[arg-type]


def scored(**options: object) -> ScoredResponses:
    """And scored."""
    return score(validated(**options))
