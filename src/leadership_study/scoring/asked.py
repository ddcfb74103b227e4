"""Who was asked what: a question that was not put to somebody leaves no gap."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from leadership_study.scoring._scored import ScoredResponses


def was_asked(scored: ScoredResponses, answers: pd.Series) -> NDArray[np.bool_]:
    """Say for each respondent whether the question of the column ``answers`` was put to him.

    It was not when nobody of his block of responses answered it (heads are not asked about their head), or when the
    questionnaire puts it to others (``relevant``); where the answer that decides this is missing, it counts as not put.
    """
    asked = np.zeros(len(answers), dtype=bool)
    blocks = scored.block.to_numpy()
    answered = answers.notna().to_numpy()
    for block in dict.fromkeys(blocks):
        here = blocks == block
        asked[here] = answered[here].any()
    for condition, values in _conditions(scored, str(answers.name)).items():
        asked &= scored.frame(condition)[condition].isin(list(values)).to_numpy()
    return asked


def _conditions(scored: ScoredResponses, column: str) -> Mapping[str, tuple[str, ...]]:
    return next((q.relevant for q in scored.instrument.background if q.id == column), {})
