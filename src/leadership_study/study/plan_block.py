"""One ``[[analysis]]`` block of the study file."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, kw_only=True)
class BlockPlan:
    """``[[analysis]]``: which analysis, of whose answers, with which options of its ``run``.

    ``imputations`` is the number of data sets in which missing answers are imputed, 0 for none; a ``headline`` is also
    shown without the flagged respondents.
    """

    id: str
    use: str
    title: Mapping[str, str] | None
    of: tuple[str, ...]
    options: Mapping[str, Any] = field(default_factory=dict)
    imputations: int = 0
    headline: bool = False
