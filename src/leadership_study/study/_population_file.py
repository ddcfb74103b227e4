"""Reading a population file: everything that is wrong with it is said at once."""

import itertools
import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from scipy import special

from leadership_study.errors import PlanError
from leadership_study.instruments import BackgroundQuestion, Instrument
from leadership_study.study import _population_tables as take
from leadership_study.study._population import (
    RESPONDENT,
    Background,
    Effect,
    Floats,
    Groups,
    Population,
)
from leadership_study.study._population_parts import CHOICES, Parts
from leadership_study.study.checked import Problems, Table, read_toml


def load_population(path: str | Path, instrument: Instrument) -> Population:
    """Read the population file of ``instrument``.

    Everything but ``[[responses]]`` may be left out: loadings are .7, dimensions correlate .5, thresholds are evenly
    spread from −1.5 to 1.5, levels of background questions are equally frequent, and nobody is nested.

    Raises
    ------
    PlanError
        With all problems of the file at once, impossible correlations among them.
    """
    path = Path(path)
    problems = Problems(path.name)
    try:
        data = read_toml(path, path.name)
    except PlanError as error:
        raise PlanError(f"{path.name} is not a population file", error.problem_list) from None
    population = _Reader(Table(data, "", problems), instrument, path.name).population()
    if problems:
        raise PlanError(f"{path.name} has {len(problems)} problem{'' if len(problems) == 1 else 's'}", problems)
    return population


class _Reader(Parts):
    """Reads the parts of one file, one method each."""

    def population(self) -> Population:
        top, instrument = self.top, self.instrument
        if top.required("questionnaire", f'"{instrument.id}"') and top.data["questionnaire"] != instrument.id:
            top.wrong("questionnaire", f"the one that is simulated: {instrument.id!r}")
        groups = self._groups()
        icc = self._icc()
        correlations = self._correlations()
        items = top.table("items")
        thresholds = self._thresholds(items)
        loading = take.number(items, "loading", 0.7, low=-0.999, high=0.999)
        everything = instrument.item_ids()
        loadings = dict.fromkeys(everything, loading) | take.named(
            items, "loadings", everything, "item", low=-0.999, high=0.999
        )
        shifts = take.each(items, "shifts", everything, 0.0, "item", low=-5, high=5)
        items.finish()
        background = self._background()
        effects = self._effects(background)
        population = Population(
            file=self.file,
            instrument=instrument.id,
            seed=top.whole("seed", 1),
            language=top.choice("language", list(instrument.languages), instrument.languages[0]),
            nested_in=self.nested_in,
            groups=groups,
            factor_correlations=correlations,
            icc=icc,
            thresholds=thresholds,
            loadings=loadings,
            shifts=shifts,
            background=background,
            effects=effects,
            forms=self.forms(),
            blocks=self.blocks(groups),
            careless=self.careless(),
            missing=self.missing(background),
            facts=self.facts(background),
            submissions=self.submissions(),
        )
        top.finish()
        return population

    def _groups(self) -> dict[str, Groups]:
        found: dict[str, Groups] = {}
        tables = take.subtables(self.top, "groups")
        for name, table in tables.items():
            take.known_name(table, name, self.nested_in, "group of nested_in")
        for name in self.nested_in:
            if name not in tables:
                message = f"the table [groups.{name}] is missing"
                self.top.problems.note("", message, f"add [groups.{name}] with n = …", "missing_key")
                found[name] = Groups(id=name, n=1)
                continue
            table = tables[name]
            table.required("n", "12")
            found[name] = Groups(
                id=name,
                n=take.count(table, "n", 1, low=1),
                size_cv=take.number(table, "size_cv", 0.0, low=0, high=3),
                least=take.count(table, "least", 1, low=1),
                prefix=table.text("prefix", name[0].upper()),
            )
            table.finish()
        for inner, outer in itertools.pairwise(self.nested_in):
            if found[inner].n < found[outer].n * found[inner].least:
                message = f"{found[outer].n} groups of {outer!r} cannot have {found[inner].least} of {inner!r} each"
                place = f"[groups.{inner}]"
                self.top.problems.note(place, message, "raise n or lower least", "group_sizes", found[inner].n)
        return found

    def _icc(self) -> dict[str, dict[str, float]]:
        dimensions = self.instrument.dimension_ids
        table = self.top.table("icc")
        found = {
            name: take.each(table, name, dimensions, 0.0, "dimension", low=0, high=0.999) for name in self.nested_in
        }
        table.finish()
        for dimension in dimensions:
            total = sum(found[name][dimension] for name in self.nested_in)
            if total >= 1:
                message = f"the shares of {dimension!r} leave no variance between respondents"
                self.top.problems.note("[icc]", message, "lower them below 1 in all", "shares", total)
                found = {name: dict.fromkeys(dimensions, 0.0) for name in self.nested_in}
        return found

    def _correlations(self) -> Floats:
        dimensions = self.instrument.dimension_ids
        table = self.top.table("correlations")
        halo = take.each(table, "halo", dimensions, 0.5, "dimension", low=-0.999, high=0.999)
        root = np.array([np.sign(halo[id]) * math.sqrt(abs(halo[id])) for id in dimensions])
        correlations = np.outer(root, root)
        for entry in table.tables("between"):
            pair = entry.names_of("dimensions", dimensions, "dimension", some=True)
            value = take.number(entry, "value", 0.0, low=-1, high=1)
            if len(pair) != 2:
                entry.wrong("dimensions", "a list of two dimensions")
            else:
                first, second = (dimensions.index(id) for id in pair)
                correlations[first, second] = correlations[second, first] = value
            entry.finish()
        table.finish()
        np.fill_diagonal(correlations, 1.0)
        lowest = float(np.linalg.eigvalsh(correlations)[0])
        if lowest < 1e-8:
            message = "no variables can have these correlations: their matrix is not positive definite"
            self.top.problems.note("[correlations]", message, "bring them nearer to each other", "correlations", lowest)
            return np.eye(len(dimensions))
        return correlations

    def _thresholds(self, items: Table) -> dict[str, tuple[float, ...]]:
        given = take.lists(items, "thresholds")
        found = {}
        for name in given:
            take.known_name(items, name, list(self.instrument.response_scales), "response scale")
        for name, scale in self.instrument.response_scales.items():
            size = len(scale.values) - 1
            found[name] = tuple(float(cut) for cut in np.linspace(-1.5, 1.5, size + 2)[1:-1])
            if name not in given:
                continue
            cuts = given[name]
            rising = all(take.fits(cut, -8, 8) for cut in cuts) and all(a < b for a, b in itertools.pairwise(cuts))
            if len(cuts) != size or not rising:
                message = f"the thresholds of {name!r} must be {size} rising numbers from -8 to 8"
                items.problems.note(items.place, message, "correct them", "thresholds", list(cuts))
            else:
                found[name] = tuple(float(cut) for cut in cuts)
        return found

    def _background(self) -> dict[str, Background]:
        found = {id: self._equal(question) for id, question in self.questions.items() if question.kind != "group"}
        for name, table in take.subtables(self.top, "background").items():
            if not take.known_name(table, name, list(found), "background question"):
                continue
            question = self.questions[name]
            levels = [level.value for level in question.levels]
            of = table.choice("of", [RESPONDENT, *self.nested_in], RESPONDENT)
            one = table.choice("one", levels, "") if question.kind in CHOICES else None
            found[name] = Background(
                id=name,
                of=of,
                shares=take.shares(table, "shares", levels, several=question.kind == "multiple") if levels else {},
                seniority=take.number(table, "seniority", 0.0, low=-0.999, high=0.999),
                one=one or None,
                alike_where=self._alike(table, of, {id: entry.of for id, entry in found.items()}),
                mean=take.number(table, "mean", 0.0) if question.kind == "number" else 0.0,
                sd=take.number(table, "sd", 1.0, low=0) if question.kind == "number" else 1.0,
                low=take.number(table, "low", -math.inf) if question.kind == "number" else -math.inf,
                high=take.number(table, "high", math.inf) if question.kind == "number" else math.inf,
            )
            if (found[name].one or found[name].alike_where) and (not self.nested_in or of not in self.nested_in[:-1]):
                message = "'one' and 'alike_where' are for questions of groups that lie in others"
                table.problems.note(table.place, message, "name such a group as 'of', or leave them out", "wrong_value")
            table.finish()
        return found

    def _alike(self, table: Table, of: str, found_of: dict[str, str]) -> dict[str, tuple[str, ...]]:
        found = {}
        for name, values in take.lists(table, "alike_where").items():
            outer = list(self.nested_in[self.nested_in.index(of) + 1 :]) if of in self.nested_in else []
            known = [id for id, question in self.questions.items() if question.kind in CHOICES]
            if not take.known_name(table, name, known, "background question in 'alike_where'"):
                continue
            if found_of.get(name, RESPONDENT) not in outer:
                message = f"{name!r} in 'alike_where' is no question about the groups around"
                table.problems.note(table.place, message, "give it 'of' = an outer group, further up", "wrong_value")
            else:
                levels = [level.value for level in self.questions[name].levels]
                if all([take.known_name(table, str(value), levels, f"level of {name!r}") for value in values]):
                    found[name] = tuple(str(value) for value in values)
        return found

    @staticmethod
    def _equal(question: BackgroundQuestion) -> Background:
        levels = [level.value for level in question.levels]
        share = 0.5 if question.kind == "multiple" else 1 / max(len(levels), 1)
        return Background(id=question.id, shares=dict.fromkeys(levels, share))

    def _effects(self, background: dict[str, Background]) -> tuple[Effect, ...]:
        found: list[Effect] = []
        choices = [id for id in background if self.questions[id].kind in CHOICES]
        dimensions = self.instrument.dimension_ids
        for table in self.top.tables("effect"):
            table.required("of", '"teaching_years"')
            table.required("levels", "{ … = 0.2 }")
            of = table.choice("of", choices, "")
            levels = [level.value for level in self.questions[of].levels] if of else []
            on = table.names_of("on", dimensions, "dimension", tuple(dimensions), some=True)
            blocks = table.names_of("blocks", self._block_names(), "block of responses", (), some=True)
            sizes = take.named(table, "levels", levels, "level", low=-5, high=5) if of else {}
            if of and (background[of].one or background[of].alike_where):
                message = f"{of!r} is not drawn independently ('one', 'alike_where'), so its effect has no exact size"
                table.problems.note(table.place, message, "give another question an effect", "effect")
            twice = [effect for effect in found if effect.of == of and set(effect.on) & set(on)]
            if of and any(not blocks or not effect.blocks or set(blocks) & set(effect.blocks) for effect in twice):
                message = f"{of!r} has an effect on the same dimension already"
                table.problems.note(table.place, message, "put both into one", "effect")
            found.append(Effect(of=of, on=on, levels=dict.fromkeys(levels, 0.0) | sizes, blocks=blocks))
            table.finish()
        return tuple(found)

    def _block_names(self) -> list[str]:
        blocks = self.top.data.get("responses", [])
        return [str(block.get("id")) for block in blocks if isinstance(block, dict)] if isinstance(blocks, list) else []


def normal_cuts(shares: Sequence[float]) -> Floats:
    """Thresholds of a standard normal variable that give levels these shares."""
    inner = np.cumsum(np.asarray(shares, dtype=float))[:-1]
    return np.asarray(special.ndtri(np.clip(inner, 0.0, 1.0)))
