"""What is simulated from: a population of groups, respondents and answers, as plain frozen data."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

RESPONDENT = "respondent"


@dataclass(frozen=True, kw_only=True)
class Groups:
    """``[groups.<id>]``: how many groups, and how unequally they lie in those around them."""

    id: str
    n: int
    size_cv: float = 0.0
    least: int = 1
    prefix: str = ""


@dataclass(frozen=True, kw_only=True)
class Background:
    """``[background.<id>]``: how a background question is answered, and who is alike in it.

    ``of`` is ``respondent`` or a group. ``shares`` has one number a level, adding up to 1 (each on its own for
    questions with several answers). ``seniority`` is the correlation with a factor that all such questions share;
    ``one`` a level that exactly one group in each outer group has; ``alike_where`` the outer groups, by their answers,
    whose inner groups are all alike, while those of the others are not.
    """

    id: str
    of: str = RESPONDENT
    shares: Mapping[str, float] = field(default_factory=dict)
    seniority: float = 0.0
    one: str | None = None
    alike_where: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    mean: float = 0.0
    sd: float = 1.0
    low: float = -np.inf
    high: float = np.inf


@dataclass(frozen=True, kw_only=True)
class Effect:
    """``[[effect]]``: what levels of a background question add to dimensions, in SDs of the dimensions.

    ``blocks`` of responses have it (waves, say); all when empty.
    """

    of: str
    on: tuple[str, ...]
    levels: Mapping[str, float]
    blocks: tuple[str, ...] = ()

    def holds_in(self, block: str) -> bool:
        """Whether the respondents of ``block`` have it."""
        return not self.blocks or block in self.blocks


@dataclass(frozen=True, kw_only=True)
class FormModel:
    """``[forms.<id>]``: answers on another form; ``loading`` on what the answers to it have in common."""

    id: str
    loading: float
    shifts: Mapping[str, float]


@dataclass(frozen=True, kw_only=True)
class Block:
    """``[[responses]]``: one group of respondents.

    ``n`` respondents, or one ``per`` group. In the form ``self``, ``validity`` is the correlation of the self-rated
    with the true dimension of the group, and ``bias`` what is added to it. ``shares`` overrides [background].
    """

    id: str
    form: Literal["other", "self"] = "other"
    n: int = 0
    size_cv: float = 0.0
    least: int = 1
    per: str | None = None
    bias: Mapping[str, float] = field(default_factory=dict)
    validity: float = 0.0
    shares: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    not_asked: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Careless:
    """``[careless]``: who does not read; ``straight`` of them give one answer throughout, the others any."""

    share: float = 0.0
    straight: float = 0.5
    lapses: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Missing:
    """``[missing]``: share of item answers left out by chance, and more by the answer to a background question."""

    mcar: float = 0.0
    by: str | None = None
    shares: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Fact:
    """``[[fact]]``: a number about each group, lognormal (``median``) or normal (``mean``)."""

    of: str
    id: str
    median: float | None = None
    log_sd: float = 0.0
    mean: float = 0.0
    sd: float = 0.0
    sd_between: float = 0.0
    times: str | None = None
    factors: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    grows_with: Mapping[str, float] = field(default_factory=dict)
    decimals: int = 2


@dataclass(frozen=True, kw_only=True)
class Submissions:
    """``[submissions]``: when answers come in, and how long they take."""

    start: date = date(2026, 1, 5)
    days: int = 10
    seconds_per_item: float = 6.0


@dataclass(frozen=True, kw_only=True, eq=False)
class Population:
    """Everything that answers are drawn from.

    Attributes
    ----------
    file : str
        Its name, for messages.
    nested_in : tuple of str
        Groups, inner to outer.
    factor_correlations : array, k × k
        Of the dimensions, the same at every level.
    icc : Mapping
        Share of each dimension's variance between the groups of each level (between inner ones: inside outer ones).
    thresholds : Mapping
        Rising thresholds by response scale, in SDs of what lies under an item.
    loadings, shifts : Mapping
        By item.
    """

    file: str
    instrument: str
    seed: int
    language: str
    nested_in: tuple[str, ...]
    groups: Mapping[str, Groups]
    factor_correlations: Floats
    icc: Mapping[str, Mapping[str, float]]
    thresholds: Mapping[str, tuple[float, ...]]
    loadings: Mapping[str, float]
    shifts: Mapping[str, float]
    background: Mapping[str, Background]
    effects: tuple[Effect, ...]
    forms: Mapping[str, FormModel]
    blocks: tuple[Block, ...]
    careless: Careless
    missing: Missing
    facts: tuple[Fact, ...]
    submissions: Submissions
