"""Answers to any questionnaire, drawn from a population that is written down."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from leadership_study.importing import RawResponses, Source
from leadership_study.importing._wording import check_scale
from leadership_study.instruments import Instrument
from leadership_study.samples.simulation import BLOCK
from leadership_study.study._imagined_answers import Answers, draw_answers, expected_position
from leadership_study.study._imagined_groups import Setting, draw_facts, draw_setting
from leadership_study.study._population import Population
from leadership_study.study._population_file import load_population
from leadership_study.study._population_values import population_values

__all__ = ["Simulated", "SimulatedBlock", "load_population", "simulate"]


@dataclass(frozen=True, kw_only=True, eq=False)
class SimulatedBlock:
    """The answers of one block.

    Attributes
    ----------
    id, form
        As in the population file.
    answers
        As positions; `raw` gives them as answers.
    """

    id: str
    form: str
    instrument: Instrument
    setting: Setting
    population: Population
    answers: Answers

    @property
    def n(self) -> int:
        """Respondents."""
        return self.answers.n

    @property
    def careless(self) -> pd.Series:
        """Who does not read: attentive, straight or random, by record number."""
        words = np.array(["attentive", "straight", "random"], dtype=object)[self.answers.careless]
        return pd.Series(words, index=self._rows(slice(0, self.n)), dtype="str", name="careless")

    def raw(self, rows: slice | None = None) -> RawResponses:
        """Return the answers as a file of codes would give them, or only those of some rows."""
        rows = slice(0, self.n) if rows is None else slice(*rows.indices(self.n))
        index = self._rows(rows)
        columns = {"respondent_id": np.array([str(row) for row in index], dtype=object)}
        found = {**self._items(rows), **self._background(rows), **self._checks(rows)}
        empty = np.full(len(index), np.nan, dtype=object)
        columns |= {id: found.get(id, empty) for id in self.instrument.column_ids}
        frame = pd.DataFrame(columns, index=index, dtype="str")
        source = Source(
            file=f"{self.id}.csv", format="simulated", sha256="", encoding="utf-8",
            form="self" if self.form == "self" else "other",
        )  # fmt: skip
        return RawResponses(frame=frame, source=source)

    def items(self) -> pd.DataFrame:
        """Return the keyed items as numbers, with the columns that answers are nested in: ready for an analysis."""
        columns: dict[str, Any] = {}
        for at, item in enumerate(self.instrument.items):
            values = np.array([*self.instrument.scale_of(item.id).values, np.nan], dtype=float)
            if item.reverse_keyed:
                values = self.instrument.scale_of(item.id).low + self.instrument.scale_of(item.id).high - values
            columns[item.id] = values[self.answers.items[:, at]]
        return pd.DataFrame(columns, index=self._rows(slice(0, self.n)))

    def groups(self) -> pd.DataFrame:
        """Return the name of every group of each respondent."""
        names = self.setting.names
        columns = {id: np.array(names[id], dtype=object)[codes] for id, codes in self.answers.groups.items()}
        return pd.DataFrame(columns, index=self._rows(slice(0, self.n)), dtype="str")

    def background(self) -> pd.DataFrame:
        """Return the answers to the background questions as codes; numbers are text too."""
        rows = slice(0, self.n)
        found = {id: cells for id, cells in self._background(rows).items() if id not in self.answers.groups}
        return pd.DataFrame(found, index=self._rows(rows), dtype="str")

    def leading(self, rows: slice) -> pd.DataFrame:
        """Return what a survey platform puts before the answers: made up, and said to be."""
        answers = self.answers
        first = datetime.combine(self.population.submissions.start, time(8))
        cells = []
        innermost = next(iter(answers.groups.values()), np.zeros(answers.n, dtype=np.int64))
        for at in range(*rows.indices(answers.n)):
            days, minutes = divmod(float(answers.minute[at]), 13 * 60)  # from 8 to 21 o'clock
            when = first + timedelta(days=int(days), seconds=round(minutes * 60))
            shown = f"{when.year}/{when.month}/{when.day} {when:%H:%M:%S}"
            # Addresses kept for documentation (RFC 5737); one a school, as behind a school's router.
            address = f"192.0.2.{innermost[at] % 254 + 1}"
            cells.append((shown, f"{answers.seconds[at]}秒", "模拟数据", "模拟数据", address))
        return pd.DataFrame(cells, columns=["提交答卷时间", "所用时间", "来源", "来源详情", "来自IP"])

    def pieces(self) -> Iterator[slice]:
        """Yield the rows in pieces that are small enough to be made into text."""
        for start in range(0, self.n, BLOCK):
            yield slice(start, min(start + BLOCK, self.n))

    def _rows(self, rows: slice) -> pd.RangeIndex:
        return pd.RangeIndex(rows.start + 1, rows.stop + 1, name="row")

    def _items(self, rows: slice) -> dict[str, np.ndarray]:
        found = {}
        scales = [(item.id, self.instrument.scale_of(item.id)) for item in self.instrument.items]
        for table, columns in (
            (self.answers.items, scales),
            (self.answers.forms, list(self.instrument.form_scales.items())),
        ):
            for at, (id, scale) in enumerate(columns):
                found[id] = _coded([f"{value:g}" for value in scale.values], table[rows][:, at])
        return found

    def _background(self, rows: slice) -> dict[str, np.ndarray]:
        found = {id: _coded(self.setting.names[id], codes[rows]) for id, codes in self.answers.groups.items()}
        found = {id: cells for id, cells in found.items() if id not in self.answers.block.not_asked}
        for id, numbers in self.answers.numbers.items():
            texts = [np.nan if np.isnan(value) else f"{value:g}" for value in numbers[rows]]
            found[id] = np.array(texts, dtype=object)
        for id, codes in self.answers.background.items():
            levels = [level.value for level in self.instrument.background_question(id).levels]
            if codes.ndim == 1:
                found[id] = _coded(levels, codes[rows])
            else:
                chosen = ["┋".join(np.array(levels, dtype=object)[row]) for row in codes[rows].astype(bool)]
                found[id] = np.array([text or np.nan for text in chosen], dtype=object)
        return found

    def _checks(self, rows: slice) -> dict[str, np.ndarray]:
        found = {}
        for check in self.instrument.attention_checks:
            codes = self.answers.checks[check.id][rows]
            if isinstance(check.expected, str):
                right, _ = expected_position(self.instrument, check)
                found[check.id] = _coded([check.expected, "?"], np.where(codes == right, 0, 1))
            else:
                values = check_scale(self.instrument, check).values
                found[check.id] = _coded([f"{value:g}" for value in values], codes)
        return found


@dataclass(frozen=True, kw_only=True, eq=False)
class Simulated:
    """A simulated study.

    Attributes
    ----------
    seed
        The one that was used.
    blocks
        Answers by block id.
    facts
        Tables about groups, by the group's id.
    """

    instrument: Instrument
    population: Population
    seed: int
    blocks: Mapping[str, SimulatedBlock]
    facts: Mapping[str, pd.DataFrame]

    @cached_property
    def values(self) -> Mapping[str, Any]:
        """What is true in the population, to be found again: see `population_values`."""
        return {"simulated": True, "seed": self.seed, **population_values(self.population, self.instrument)}

    def values_json(self) -> str:
        """Return the population values as JSON, to six decimals: the last digits differ between machines."""
        return json.dumps(_rounded(self.values), ensure_ascii=False, indent=1) + "\n"


def simulate(instrument: Instrument, population: Population, *, seed: int | None = None) -> Simulated:
    """Draw a study.

    Parameters
    ----------
    instrument
        What is asked.
    population
        From `load_population`.
    seed
        Whole number; the population's own when None. Equal seeds give equal answers on every machine with the same
        version of numpy, and a block's answers do not depend on the blocks after it.

    Returns
    -------
    Simulated

    Notes
    -----
    For item j of dimension d, y* = τ_j + λ_j η_d + √(1 − λ_j²) ε, cut at the thresholds of its response scale, and
    turned when the item is reverse-keyed. η is the sum of an effect of every group around the respondent (variances:
    the ICCs), of the respondent’s own part, all of them with the factor correlations, and of background effects. Heads
    who rate themselves see v·(true level of their group) + √(1 − v²)·(own part) + bias. Careless respondents give one
    answer throughout or any; answers are left out completely at random and by a background question that is known.
    """
    seed = population.seed if seed is None else seed
    setting = draw_setting(population, instrument, seed)
    blocks = {}
    for number, block in enumerate(population.blocks):
        blocks[block.id] = SimulatedBlock(
            id=block.id,
            form=block.form,
            instrument=instrument,
            setting=setting,
            population=population,
            answers=draw_answers(population, instrument, setting, number, seed),
        )
    facts = draw_facts(population, setting, seed)
    return Simulated(instrument=instrument, population=population, seed=seed, blocks=blocks, facts=facts)


def _rounded(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _rounded(entry) for key, entry in value.items()}
    if isinstance(value, list):
        return [_rounded(entry) for entry in value]
    return round(value, 6) + 0.0 if isinstance(value, float) else value  # + 0.0: there is no −0


def _coded(texts: list[str], codes: np.ndarray) -> np.ndarray:
    """Text of each position; −1, the last, is an empty cell."""
    cells: np.ndarray = np.array([*texts, np.nan], dtype=object)[codes]
    return cells
