"""Scored answers: what every analysis starts from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pandas as pd

from leadership_study.by_name import unknown
from leadership_study.errors import PlanError
from leadership_study.instruments import Instrument
from leadership_study.results import Note
from leadership_study.scoring import variables as names
from leadership_study.scoring._scales import ScoringRule
from leadership_study.validation import ValidatedResponses


@dataclass(frozen=True, kw_only=True, eq=False)
class ScoredResponses:
    """Keyed items, scale scores and everything they are analysed with; all frames share the index ``respondent_id``.

    Attributes
    ----------
    instrument
        What was asked.
    items
        Keyed items, float64: in a reverse-keyed item x is low + high − x of its scale, so that high always means much
        of the dimension. Items are turned nowhere else, and scored answers cannot be scored again.
    scales
        Scale scores, one column a dimension, float64; NaN where too few items were answered.
    background
        Background answers that are no groups: numbers float64, all else text.
    groups
        What respondents are nested in, text; ``nested_in`` first, inner to outer.
    forms
        Ratings on the questionnaire's other forms (``importance_structural``), float64; where a form asks the items,
        the scores of its dimensions too.
    composites
        Scores over several dimensions or items (a total beside its subscales), one column each, float64.
    answered
        How many items of each dimension and composite (columns) each respondent answered.
    weights
        One weight a respondent, or None.
    context
        Facts about groups, repeated for each of their respondents, or None.
    block
        Block of responses that each respondent belongs to.
    nested_in
        Groups that the analyses allow for, inner to outer.
    definition
        How scale scores were made.
    notes
        What readers must know about the scores.
    rule
        The options of `score` that made the scale scores.
    validated
        The checked answers behind the scores, for what was recorded about the respondents; None when made by hand.
    """

    instrument: Instrument
    items: pd.DataFrame
    scales: pd.DataFrame
    background: pd.DataFrame
    groups: pd.DataFrame
    forms: pd.DataFrame
    block: pd.Series
    weights: pd.Series | None = None
    context: pd.DataFrame | None = None
    nested_in: tuple[str, ...] = ()
    definition: Mapping[str, Any] = field(default_factory=dict)
    notes: tuple[Note, ...] = ()
    composites: pd.DataFrame | None = None
    answered: pd.DataFrame | None = None
    rule: ScoringRule = field(default_factory=ScoringRule)
    validated: ValidatedResponses | None = field(default=None, repr=False)

    @property
    def system(self) -> pd.DataFrame:
        """What the platform recorded about these respondents: duration_seconds, submitted_at, …; maybe no column."""
        return self._recorded("system")

    @property
    def flags(self) -> pd.DataFrame:
        """The matrix of screening flags (bool) of these respondents, worked out when first asked for."""
        return self._recorded("flags")

    @property
    def indices(self) -> pd.DataFrame:
        """The numbers behind `flags`."""
        return self._recorded("indices")

    def _recorded(self, name: str) -> pd.DataFrame:
        frame = getattr(self.validated, name, None)
        return pd.DataFrame(index=self.items.index) if frame is None else frame.loc[self.items.index]

    def of(self, blocks: Sequence[str]) -> "ScoredResponses":
        """Only the respondents of ``blocks``; an unknown block is a `PlanError`."""
        known = list(dict.fromkeys(self.block))
        for block in blocks:
            if block not in known:
                raise PlanError(unknown("block of responses", block, known))
        kept = self.block.isin(list(blocks))
        return replace(
            self,
            items=self.items[kept],
            scales=self.scales[kept],
            background=self.background[kept],
            groups=self.groups[kept],
            forms=self.forms[kept],
            block=self.block[kept],
            weights=None if self.weights is None else self.weights[kept],
            context=None if self.context is None else self.context[kept],
            composites=None if self.composites is None else self.composites[kept],
            answered=None if self.answered is None else self.answered[kept],
        )

    def expand(self, variables: str | Sequence[str]) -> list[str]:
        """Ids for names that may be the words ``dimensions``, ``items``, ``background``; unknown is a `PlanError`."""
        return names.expand(variables, self.instrument, () if self.context is None else self.context.columns)

    def frame(self, variables: str | Sequence[str]) -> pd.DataFrame:
        """Columns for ``variables``: dimension ids give scale scores, item ids keyed items, and so on."""
        own = [self.scales, self.items, self.forms, self.background, self.groups]
        parts = [*own, *(part for part in (self.composites, self.context) if part is not None)]
        home = {column: part for part in parts for column in part.columns}
        return pd.DataFrame({id: home[id][id] for id in self.expand(variables)}, index=self.items.index)

    def scale_items(self, dimension: str) -> pd.DataFrame:
        """Keyed items of ``dimension``, in the questionnaire's order; an unknown dimension is a `PlanError`."""
        if dimension not in (known := self.instrument.dimension_ids):
            raise PlanError(unknown("dimension", dimension, known))
        return self.items[self.instrument.item_ids(dimension)]

    def limits(self, dimension: str) -> tuple[float, float]:
        """Lowest and highest score of a dimension or composite; an unknown one is a `PlanError`."""
        known = [*self.instrument.dimension_ids, *self.instrument.composite_ids]
        if dimension not in known:
            raise PlanError(unknown("dimension", dimension, known))
        own = dimension in self.instrument.dimension_ids
        items = (
            self.instrument.item_ids(dimension)
            if own
            else [item.id for item in self.instrument.composite_items(dimension)]
        )
        return self.rule.limits(items, self.instrument)

    def labels(self, language: str) -> dict[str, str]:
        """What people read for every id in ``language``; the id itself where there is no wording."""
        ids = names.variable_ids(self.instrument, () if self.context is None else self.context.columns)
        return {id: self.instrument.label(id, language) for id in ids}

    def level_labels(self, language: str) -> dict[str, dict[str, str]]:
        """Answers of each background question that has levels, in their order: ``{id: {value: wording}}``."""
        asked = [question for question in self.instrument.background if question.levels]
        return {
            question.id: {level.value: level.text.get(language, level.value) for level in question.levels}
            for question in asked
        }
