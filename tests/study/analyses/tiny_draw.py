"""An analysis that draws random numbers."""

from dataclasses import dataclass

import numpy as np

from leadership_study.results import Result
from leadership_study.scoring import ScoredResponses


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Draw(Result):
    value: float
    seed: int


def run(scored: ScoredResponses, *, seed: int) -> Result:
    return Draw(value=float(np.random.default_rng(seed).normal()), seed=seed)
