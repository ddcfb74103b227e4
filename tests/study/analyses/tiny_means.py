"""An analysis of few lines, as small as one can be: means of variables."""

from dataclasses import dataclass
from typing import ClassVar, Literal

import pandas as pd

from leadership_study.errors import InsufficientDataError
from leadership_study.results import Note, Result
from leadership_study.scoring import ScoredResponses, Variables

CALLS: list[str] = []


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Means(Result):
    means: pd.DataFrame
    n: int
    main: ClassVar[str] = "means"


def run(
    scored: ScoredResponses,
    *,
    variables: Variables = ("dimensions",),
    statistic: Literal["mean", "median"] = "mean",
    factor: float = 1.0,
    least: int = 1,
) -> Result:
    CALLS.append(statistic)
    if factor <= 0:
        raise ValueError(f"The 'factor' parameter of run must be above 0. Got {factor} instead.")
    frame = scored.frame(variables)
    if len(frame) < least:
        text = "{n} respondents are fewer than the {least} that are needed."
        raise InsufficientDataError(Note("tiny_too_few", text, {"n": len(frame), "least": least}))
    means = pd.DataFrame({"mean": frame.agg(statistic) * factor}).rename_axis("variable")
    return Means(means=means, n=len(frame), definition={"formula": statistic, "n": len(frame)})
