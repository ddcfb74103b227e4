"""Scored answers with their gaps filled by multiple imputation, scored again: what pooled analyses run on."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from leadership_study.instruments import BackgroundQuestion
from leadership_study.results import Note
from leadership_study.samples.imputation import (
    GROUP_EFFECT_ANSWERS,
    ITERATIONS,
    ROWS_PER_PREDICTOR,
    ChainedEquations,
    Completed,
    IncompleteTable,
)
from leadership_study.scoring._scales import members_of, scale_scores
from leadership_study.scoring._score import form_scores
from leadership_study.scoring._scored import ScoredResponses
from leadership_study.scoring.asked import was_asked


def impute_scored(
    scored: ScoredResponses, m: int, seed: int, *, iterations: int = ITERATIONS
) -> Iterator[ScoredResponses]:
    """Yield ``m`` copies of ``scored`` without gaps: imputed items, forms and background, and scales scored from them.

    Parameters
    ----------
    scored
        Answers of the respondents that an analysis is about: impute after ``scored.of(blocks)``.
    m : int
        Imputed data sets, at least 2.
    seed : int
        Of the analysis block. The first data sets are the same whatever ``m``.
    iterations : int
        Rounds through all variables before a data set is taken.

    Raises
    ------
    InsufficientDataError
        A variable with gaps that fewer than two respondents answered.
    ValueError
        ``m`` below 2, or ``iterations`` below 1.

    See Also
    --------
    Imputation : the same with its diagnostics and notes.
    """
    if isinstance(m, bool) or not isinstance(m, int) or m < 2:
        raise ValueError(f"The 'm' parameter of impute_scored must be a whole number of at least 2. Got {m!r} instead.")
    if isinstance(iterations, bool) or not isinstance(iterations, int) or iterations < 1:
        raise ValueError(
            f"The 'iterations' parameter of impute_scored must be a whole number of at least 1. Got {iterations!r}."
        )
    model = Imputation(scored)
    for number in range(m):
        yield model.scored_again(model.draw(seed, number, iterations=iterations))


class Imputation:
    """The imputation model of scored answers.

    Items are imputed and scales are scored from them, which keeps more of what was answered than imputing scores
    (Gottschall, West & Enders, 2012, https://doi.org/10.1080/00273171.2012.640589). Nominal background questions, the
    ordered ones by their ranks, and numbers are imputed where the question was put to the respondent; texts, dates,
    multiple answers, groups and context are not. Weights and the block of responses are predictors.

    Attributes
    ----------
    equations : ChainedEquations
    not_imputed : tuple of str
        Background questions with gaps that stay.
    """

    def __init__(self, scored: ScoredResponses) -> None:
        self.scored = scored
        self._levels = {question.id: [level.value for level in question.levels] for question in _codable(scored)}
        values = _values(scored, self._levels)
        nominal = {q.id for q in _codable(scored) if q.kind == "nominal"}
        table = IncompleteTable(
            values=values,
            wanted=_wanted(scored, values),
            nominal=frozenset(nominal),
            parcels=_parcels(scored, values),
            covariates=_covariates(scored),
            groups=_groups(scored),
        )
        self.equations = ChainedEquations(table)
        rest = [scored.background[column] for column in scored.background if column not in values]
        gaps = [str(column.name) for column in rest if (column.isna() & was_asked(scored, column)).any()]
        self.not_imputed = tuple(gaps)
        self._cells = int(table.wanted.sum())

    @property
    def cells(self) -> int:
        """Cells that are filled."""
        return self._cells

    def levels(self, variable: str) -> list[str] | None:
        """Answers behind the codes of a background question with levels; None for numbers."""
        return self._levels.get(variable)

    def draw(self, seed: int, number: int, *, iterations: int = ITERATIONS) -> Completed:
        """Complete the table of items, forms and background (numbers; levels as codes) for data set ``number``."""
        return self.equations.draw(seed, number, iterations=iterations)

    def scored_again(self, completed: Completed) -> ScoredResponses:
        """The answers with a completed table in their place, and everything scored from it."""
        scored, table = self.scored, completed.values
        items = scored.items.copy()
        filled = table.columns.intersection(items.columns)
        items[filled] = table[filled]
        forms = scored.forms[[c for c in scored.instrument.form_scales if c in scored.forms]].copy()
        filled = table.columns.intersection(forms.columns)
        forms[filled] = table[filled]
        background = scored.background.copy()
        for column in table.columns.intersection(background.columns):
            background[column] = self._answers(column, table[column])
        dimensions, composites = members_of(scored.instrument)
        scales, _ = scale_scores(items, dimensions, scored.rule, scored.instrument)
        totals, _ = scale_scores(items, composites, scored.rule, scored.instrument)
        return replace(
            scored,
            items=items,
            scales=scales,
            forms=form_scores(forms, scored.instrument, scored.rule) if len(scored.forms.columns) else forms,
            background=background,
            composites=totals if composites else None,
        )

    def notes(self, m: int) -> tuple[Note, ...]:
        """What readers of a result from ``m`` imputed data sets must know about how they were made."""
        text = (
            "{cells} unanswered cells of {variables} variables were imputed in {imputations} data sets by chained "
            "equations (predictive mean matching; a multinomial logit for nominal variables)."
        )
        counts = {"cells": self.cells, "variables": len(self.equations.imputed), "imputations": m}
        notes = [Note("imputed_answers", text, counts)]
        effects = self.equations.group_effects
        if len(effects) and int(effects["groups"].max()) > 0:
            text = (
                "In the imputation each {group} with at least {answers} answers to a variable had an effect of its own "
                "on it (from {fewest} to {most} of {groups} groups, by variable); the other groups entered by their "
                "means."
            )
            values: dict[str, str | int] = {
                "group": self.scored.nested_in[0],
                "answers": GROUP_EFFECT_ANSWERS,
                "fewest": int(effects["with_effect"].min()),
                "most": int(effects["with_effect"].max()),
                "groups": int(effects["groups"].max()),
            }
            notes.append(Note("imputation_group_effects", text, values))
        if self.equations.by_parcels and self.equations.imputed:
            text = (
                "There are fewer than {rows} answers for each predictor, so each item was imputed from the items of "
                "its own dimension and the mean scores of the other dimensions."
            )
            notes.append(Note("imputation_by_parcels", text, {"rows": ROWS_PER_PREDICTOR}))
        if self.not_imputed:
            text = "Gaps in {variables} were not imputed (texts, dates and multiple answers stay as they are)."
            notes.append(Note("background_not_imputed", text, {"variables": ", ".join(self.not_imputed)}))
        return tuple(notes)

    def _answers(self, column: str, codes: pd.Series) -> pd.Series:
        if column not in self._levels:
            return codes
        levels = np.array(self._levels[column], dtype=object)
        known = codes.notna().to_numpy()
        texts = np.full(len(codes), np.nan, dtype=object)
        texts[known] = levels[codes.to_numpy()[known].astype(np.intp)]
        return pd.Series(texts, index=codes.index, name=column).astype(self.scored.background[column].dtype)


def _codable(scored: ScoredResponses) -> list[BackgroundQuestion]:
    """Background questions with levels that have one answer each."""
    return [q for q in scored.instrument.background if q.kind in ("nominal", "ordinal") and q.levels]


def _values(scored: ScoredResponses, levels: dict[str, list[str]]) -> pd.DataFrame:
    """Everything that takes part in the equations, as numbers; columns that nobody answered are left out."""
    numbers = [q.id for q in scored.instrument.background if q.kind == "number"]
    columns = {column: scored.items[column] for column in scored.items}
    columns |= {column: scored.forms[column] for column in scored.instrument.form_scales if column in scored.forms}
    columns |= {column: scored.background[column] for column in numbers if column in scored.background}
    for column, values in levels.items():
        if column in scored.background:
            columns[column] = scored.background[column].map({value: float(at) for at, value in enumerate(values)})
    kept = {column: values.astype(float) for column, values in columns.items() if values.notna().any()}
    return pd.DataFrame(kept, index=scored.items.index)


def _wanted(scored: ScoredResponses, values: pd.DataFrame) -> NDArray[np.bool_]:
    """Missing cells whose question was put to the respondent."""
    asked = np.column_stack([was_asked(scored, values[column]) for column in values])
    return np.asarray(values.isna().to_numpy() & asked)


def _parcels(scored: ScoredResponses, values: pd.DataFrame) -> dict[str, str]:
    """The dimension of an item, form and dimension of a form's rating of items, the form of its other ratings."""
    home = {item.id: item.dimension for item in scored.instrument.items}
    for form in scored.instrument.forms:
        if form.of == "items":
            home |= {f"{form.id}_{item.id}": f"{form.id}_{item.dimension}" for item in scored.instrument.items}
        else:
            home |= {f"{form.id}_{dimension}": form.id for dimension in scored.instrument.dimension_ids}
    return {str(column): home.get(str(column), f"={column}") for column in values.columns}


def _covariates(scored: ScoredResponses) -> NDArray[np.float64]:
    columns = [] if scored.weights is None else [scored.weights.to_numpy(dtype=float)]
    blocks = scored.block.to_numpy()
    columns += [(blocks == block).astype(float) for block in list(dict.fromkeys(blocks))[1:]]
    return np.column_stack(columns) if columns else np.zeros((len(blocks), 0))


def _groups(scored: ScoredResponses) -> NDArray[np.int64] | None:
    """Codes of the innermost group, −1 where unknown; None when answers are not nested or nobody's group is known."""
    if not scored.nested_in or scored.groups[scored.nested_in[0]].isna().all():
        return None
    codes, _ = pd.factorize(scored.groups[scored.nested_in[0]], sort=True)
    return codes.astype(np.int64)
