"""The rule of the joint display: what each strand says of a dimension, and how the two fit."""

from dataclasses import dataclass

import numpy as np

SAYS = ("weak", "strong", "undecided", "no_data")


@dataclass(frozen=True, kw_only=True)
class Rule:
    """Parameters of the rule; each is a key of ``[synthesis]``.

    Attributes
    ----------
    problem_share : float
        The interviews call a dimension weak when problem codes come from at least this share of the sources.
    sound_share : float
        They call it strong when they speak of it and problem codes come from no more than this share; in between they
        are undecided.
    """

    problem_share: float = 1 / 3
    sound_share: float = 0.0

    def __post_init__(self) -> None:
        for name in ("problem_share", "sound_share"):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
                raise ValueError(
                    f"The '{name}' parameter of joint_display must be a share from 0 to 1. Got {value!r} instead."
                )
        if self.sound_share >= self.problem_share:
            raise ValueError(
                "The 'sound_share' parameter of joint_display must be below 'problem_share' "
                f"({self.problem_share:g}). Got {self.sound_share!r} instead."
            )

    def of_survey(self, low: float, high: float) -> str:
        """Weak when the upper limit of the paired difference is below 0, strong when the lower one is above it."""
        if np.isnan(low) or np.isnan(high):
            return "undecided"
        return "weak" if high < 0 else "strong" if low > 0 else "undecided"

    def of_interviews(self, sources: int, with_problem: int, n_sources: int) -> str:
        """Weak, strong or undecided by the share of all sources that name a problem; no data when none speaks of it."""
        if not sources or not n_sources:
            return "no_data"
        slack = 1e-9  # a third of twelve is four, whatever floats make of it
        if with_problem >= self.problem_share * n_sources - slack:
            return "weak"
        return "strong" if with_problem <= self.sound_share * n_sources + slack else "undecided"


def fit_of(survey: str, interviews: str) -> str:
    """Return how two calls fit: convergent, complementary, discordant, or silent where a strand has no data."""
    if "no_data" in (survey, interviews):
        return "silent"
    if "undecided" in (survey, interviews):
        return "complementary"
    return "convergent" if survey == interviews else "discordant"
