"""Imagined respondents: what they are, how they answer, who does not read, what is left out."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from leadership_study.importing._wording import check_scale
from leadership_study.instruments import AttentionCheck, Instrument
from leadership_study.samples.simulation import (
    Categories,
    Codes,
    Floats,
    ItemModel,
    answer,
    correlated,
    group_sizes,
    streams,
)
from leadership_study.study._imagined_groups import Setting, stream_of
from leadership_study.study._population import RESPONDENT, Block, Population
from leadership_study.study._population_file import normal_cuts

_ATTENTIVE, _STRAIGHT, _RANDOM = 0, 1, 2


@dataclass(frozen=True, kw_only=True, eq=False)
class Answers:
    """The answers of one block, as positions: of a level, of a value on its scale; −1 where there is none.

    Attributes
    ----------
    groups : group id → position of the group
    background : question → positions (``multiple``: one column a level, 0 or 1); ``numbers`` for numbers
    items, forms : array, n × columns
        As answered: reverse-keyed items are not turned.
    checks : check → positions
    careless : array of n
        0 attentive, 1 one answer throughout, 2 any answers.
    seconds, minute : arrays of n
        How long it took; when it came in, in minutes of field work.
    """

    block: Block
    n: int
    groups: Mapping[str, Codes]
    background: dict[str, Categories] = field(default_factory=dict)
    numbers: dict[str, Floats] = field(default_factory=dict)
    items: Categories
    forms: Categories
    checks: dict[str, Categories]
    careless: Categories
    seconds: Codes
    minute: Floats


def draw_answers(population: Population, instrument: Instrument, setting: Setting, number: int, seed: int) -> Answers:
    """Draw the answers of the block ``number``."""
    block = population.blocks[number]
    groups = _membership(population, setting, block, stream_of(seed, 3, number, 0))
    n = block.n
    answers = Answers(
        block=block,
        n=n,
        groups=groups,
        items=np.zeros((n, len(instrument.items)), dtype=np.int8),
        forms=np.zeros((n, len(instrument.form_scales)), dtype=np.int8),
        checks={check.id: np.zeros(n, dtype=np.int8) for check in instrument.attention_checks},
        careless=np.zeros(n, dtype=np.int8),
        seconds=np.zeros(n, dtype=np.int64),
        minute=np.sort(stream_of(seed, 3, number, 1).uniform(0, 13 * 60 * population.submissions.days, n)),
    )
    for question in instrument.background:
        if question.kind == "number":
            answers.numbers[question.id] = np.full(n, np.nan)
        elif question.kind == "multiple":
            answers.background[question.id] = np.zeros((n, len(question.levels)), dtype=np.int8)
        elif question.levels:
            answers.background[question.id] = np.full(n, -1, dtype=np.int8)
    model = item_model(population, instrument)
    for stream, rows in streams(np.random.SeedSequence(seed, spawn_key=(3, number, 2)), n):
        _background(population, instrument, setting, answers, stream, rows)
        levels = _levels(population, instrument, setting, answers, stream, rows)
        items = answer(stream, levels, model)
        for at, item in enumerate(instrument.items):
            if item.reverse_keyed:
                items[:, at] = len(instrument.scale_of(item.id).values) - 1 - items[:, at]
        answers.items[rows] = items
        answers.forms[rows] = _forms(population, instrument, stream, rows.stop - rows.start)
        _attention(population, instrument, answers, stream, rows)
        _leave_out(population, answers, stream, rows)
    return answers


def item_model(population: Population, instrument: Instrument) -> ItemModel:
    """Return the numbers that the items of ``instrument`` are drawn from."""
    ids = instrument.item_ids()
    most = max(len(scale.values) for scale in instrument.response_scales.values()) - 1
    cuts = np.full((len(ids), most), np.inf)
    for at, id in enumerate(ids):
        own = population.thresholds[instrument.scale_of(id).id]
        cuts[at, : len(own)] = own
    return ItemModel(
        dimension=np.array([instrument.dimension_ids.index(item.dimension) for item in instrument.items]),
        loadings=np.array([population.loadings[id] for id in ids]),
        shifts=np.array([population.shifts[id] for id in ids]),
        cuts=cuts,
    )


def _membership(
    population: Population, setting: Setting, block: Block, stream: np.random.Generator
) -> dict[str, Codes]:
    if block.per is not None:
        return setting.around(block.per, np.arange(block.n))
    if not population.nested_in:
        return {}
    innermost = population.nested_in[0]
    sizes = group_sizes(stream, block.n, population.groups[innermost].n, block.size_cv, block.least)
    return setting.around(innermost, stream.permutation(np.repeat(np.arange(len(sizes)), sizes)))


def _background(
    population: Population,
    instrument: Instrument,
    setting: Setting,
    answers: Answers,
    stream: np.random.Generator,
    rows: slice,
) -> None:
    n = rows.stop - rows.start
    senior = stream.standard_normal(n)
    for id, entry in population.background.items():
        own = stream.standard_normal(n)
        score = entry.seniority * senior + np.sqrt(1 - entry.seniority**2) * own
        if id in answers.numbers:
            answers.numbers[id][rows] = np.clip(np.round(entry.mean + entry.sd * score), entry.low, entry.high)
        elif id in answers.background and answers.background[id].ndim == 2:
            chances = np.array(list(entry.shares.values()))
            answers.background[id][rows] = stream.uniform(size=(n, len(chances))) < chances
        elif id in answers.background and entry.of == RESPONDENT:
            shares = answers.block.shares.get(id, entry.shares)
            answers.background[id][rows] = np.searchsorted(normal_cuts(list(shares.values())), score)
        elif id in answers.background and entry.of in answers.groups:
            answers.background[id][rows] = setting.answers[id][answers.groups[entry.of][rows]]
    for question in instrument.background:
        asked = np.full(n, question.id not in answers.block.not_asked)
        for other, values in question.relevant.items():
            known = [level.value for level in instrument.background_question(other).levels]
            given = answers.background[other][rows]
            allowed = [known.index(value) for value in values]
            asked &= given[:, allowed].any(axis=1) if given.ndim == 2 else np.isin(given, allowed)
        if question.id in answers.numbers:
            answers.numbers[question.id][rows][~asked] = np.nan
        elif question.id in answers.background:
            answers.background[question.id][rows][~asked] = 0 if answers.background[question.id].ndim == 2 else -1


def _levels(
    population: Population,
    instrument: Instrument,
    setting: Setting,
    answers: Answers,
    stream: np.random.Generator,
    rows: slice,
) -> Floats:
    """Each respondent's level of every dimension: groups, own share, background; or what self-raters see."""
    dimensions = instrument.dimension_ids
    n = rows.stop - rows.start
    root = np.linalg.cholesky(population.factor_correlations).astype(np.float64)
    own = correlated(stream, n, root)
    shared = np.zeros((n, len(dimensions)))
    for id, codes in answers.groups.items():
        shared += setting.effects[id][codes[rows]]
    among = np.zeros(len(dimensions))
    for id in answers.groups:
        among += [population.icc[id][dimension] for dimension in dimensions]
    if answers.block.form == "self":
        # With no variance between groups there is nothing to know about oneself.
        seen = np.where(among > 0, answers.block.validity, 0.0)
        true = shared / np.sqrt(np.where(among > 0, among, 1.0))
        bias = np.array([answers.block.bias[dimension] for dimension in dimensions])
        return np.asarray(bias + seen * true + np.sqrt(1 - seen**2) * own)
    levels = shared + np.sqrt(1 - among) * own
    levels += np.array([answers.block.bias[dimension] for dimension in dimensions])
    for effect in population.effects:
        if not effect.holds_in(answers.block.id):
            continue
        added = np.array([*effect.levels.values(), 0.0])[answers.background[effect.of][rows]]  # −1 is the last: none
        for dimension in effect.on:
            levels[:, dimensions.index(dimension)] += added
    return levels


def _forms(population: Population, instrument: Instrument, stream: np.random.Generator, n: int) -> Categories:
    found = np.zeros((n, len(instrument.form_scales)), dtype=np.int8)
    at = 0
    for form in instrument.forms:
        model = population.forms[form.id]
        common = stream.standard_normal(n)
        cuts = np.array(population.thresholds[form.response_scale])
        for of in instrument.dimension_ids if form.of == "dimensions" else instrument.item_ids():
            own = np.sqrt(1 - model.loading**2) * stream.standard_normal(n)
            underlying = model.shifts.get(of, 0.0) + model.loading * common + own
            found[:, at] = np.searchsorted(cuts, underlying)
            at += 1
    return found


def _attention(
    population: Population, instrument: Instrument, answers: Answers, stream: np.random.Generator, rows: slice
) -> None:
    """Overwrite the answers of those who do not read; answer the checks; say how long it took."""
    n, careless = rows.stop - rows.start, population.careless
    kind = np.where(stream.uniform(size=n) < careless.straight, _STRAIGHT, _RANDOM)
    kind[stream.uniform(size=n) >= careless.share] = _ATTENTIVE
    answers.careless[rows] = kind
    place = stream.uniform(size=n)  # where on a scale someone ticks throughout
    sizes = [len(instrument.scale_of(item.id).values) for item in instrument.items]
    form_sizes = [len(scale.values) for scale in instrument.form_scales.values()]
    for table, lengths in ((answers.items, sizes), (answers.forms, form_sizes)):
        for at, size in enumerate(lengths):
            column = table[rows][:, at]
            column[kind == _STRAIGHT] = (place * size).astype(np.int8)[kind == _STRAIGHT]
            anything = stream.integers(0, size, n)
            column[kind == _RANDOM] = anything[kind == _RANDOM]
    for check in instrument.attention_checks:
        right, size = expected_position(instrument, check)
        given = np.full(n, right)
        other = (right + 1 + stream.integers(0, max(size - 1, 1), n)) % size
        lapse = stream.uniform(size=n) < careless.lapses
        given[lapse] = other[lapse]
        given[kind == _STRAIGHT] = (place * size).astype(np.int8)[kind == _STRAIGHT]
        anything = stream.integers(0, size, n)
        given[kind == _RANDOM] = anything[kind == _RANDOM]
        answers.checks[check.id][rows] = given
    # Some 60 answers read at the usual speed; who does not read needs a quarter of the time.
    asked = len(instrument.column_ids)
    pace = np.where(kind == _ATTENTIVE, 1.0, 0.25) * population.submissions.seconds_per_item * asked
    answers.seconds[rows] = np.ceil(pace * np.exp(0.35 * stream.standard_normal(n)))


def expected_position(instrument: Instrument, check: AttentionCheck) -> tuple[int, int]:
    """Position of a check's right answer among its answers, and their number; text is right (0) or not (1)."""
    if isinstance(check.expected, str):
        return 0, 2
    values = check_scale(instrument, check).values
    return (values.index(check.expected), len(values)) if check.expected in values else (0, len(values))


def _leave_out(population: Population, answers: Answers, stream: np.random.Generator, rows: slice) -> None:
    missing = population.missing
    n = rows.stop - rows.start
    chance = np.full(n, missing.mcar)
    if missing.by is not None:
        levels = list(population.background[missing.by].shares)
        more = np.array([*(missing.shares.get(level, 0.0) for level in levels), 0.0])
        chance = 1 - (1 - chance) * (1 - more[answers.background[missing.by][rows]])
    for table in (answers.items, answers.forms):
        for at in range(table.shape[1]):
            table[rows][:, at][stream.uniform(size=n) < chance] = -1
