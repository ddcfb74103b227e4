"""Reading a population file: who answers, what is left out, and facts about groups."""

from datetime import date

from leadership_study.instruments import Instrument
from leadership_study.study import _population_tables as take
from leadership_study.study._population import (
    RESPONDENT,
    Background,
    Block,
    Careless,
    Fact,
    FormModel,
    Groups,
    Missing,
    Submissions,
)
from leadership_study.study.checked import Table

CHOICES = ("nominal", "ordinal")


class Parts:
    """Reads the parts of one file that stand on their own, one method each; problems are noted in ``top``."""

    def __init__(self, top: Table, instrument: Instrument, file: str) -> None:
        self.top, self.instrument, self.file = top, instrument, file
        self.questions = {question.id: question for question in instrument.background}
        self.nested_in = top.names_of("nested_in", instrument.group_ids, "background question of kind 'group'")

    def forms(self) -> dict[str, FormModel]:
        """Answers on other forms."""
        entries = {form.id: form for form in self.instrument.forms}
        found = {id: FormModel(id=id, loading=0.6, shifts={}) for id in entries}
        for name, table in take.subtables(self.top, "forms").items():
            if take.known_name(table, name, list(entries), "form"):
                of = self.instrument.dimension_ids if entries[name].of == "dimensions" else self.instrument.item_ids()
                found[name] = FormModel(
                    id=name,
                    loading=take.number(table, "loading", 0.6, low=-0.999, high=0.999),
                    shifts=take.each(table, "shifts", of, 0.0, entries[name].of[:-1], low=-5, high=5),
                )
                table.finish()
        return found

    def blocks(self, groups: dict[str, Groups]) -> tuple[Block, ...]:
        """Who answers."""
        found: list[Block] = []
        if self.top.required("responses", '[{ id = "teachers", n = 900 }]') and not self.top.data["responses"]:
            self.top.wrong("responses", "at least one table: [[responses]]")
        dimensions = self.instrument.dimension_ids
        for table in self.top.tables("responses"):
            table.required("id", '"teachers"')
            form = table.choice("form", ["other", "self"], "other")
            per = table.choice("per", list(self.nested_in), "") or None
            if per is None:
                table.required("n", "900")
            block = Block(
                id=table.name("id"),
                form="self" if form == "self" else "other",
                n=take.count(table, "n", 1, low=1) if per is None else groups[per].n,
                size_cv=take.number(table, "size_cv", 0.0, low=0, high=3),
                least=take.count(table, "least", 1, low=0),
                per=per,
                bias=take.each(table, "bias", dimensions, 0.0, "dimension", low=-5, high=5),
                validity=take.number(table, "validity", 0.0, low=-1, high=1),
                shares=self._own_shares(table),
                not_asked=table.names_of("not_asked", list(self.questions), "background question"),
            )
            inner = groups[self.nested_in[0]].n if self.nested_in else 1
            if per is None and block.n < block.least * inner:
                message = f"{block.n} respondents are too few for {block.least} in each of {inner} groups"
                table.problems.note(table.place, message, "raise n or lower least", "group_sizes")
            if any(block.id.lower() == other.id.lower() for other in found):
                message = f"the id {block.id!r} is used twice"
                table.problems.note(table.place, message, "give each block an id of its own", "duplicate_id")
            found.append(block)
            table.finish()
        return tuple(found)

    def _own_shares(self, table: Table) -> dict[str, dict[str, float]]:
        found = {}
        own = table.table("shares")
        for name in own.data:
            own.has(name)
            if take.known_name(table, name, [id for id, q in self.questions.items() if q.kind in CHOICES], "question"):
                found[name] = take.shares(own, name, [level.value for level in self.questions[name].levels])
        return found

    def careless(self) -> Careless:
        """Who does not read."""
        table = self.top.table("careless")
        found = Careless(
            share=take.number(table, "share", 0.0, low=0, high=1),
            straight=take.number(table, "straight", 0.5, low=0, high=1),
            lapses=take.number(table, "lapses", 0.0, low=0, high=1),
        )
        table.finish()
        return found

    def missing(self, background: dict[str, Background]) -> Missing:
        """What is left out."""
        table = self.top.table("missing")
        by = table.choice("by", [id for id in background if self.questions[id].kind in CHOICES], "") or None
        levels = [level.value for level in self.questions[by].levels] if by else []
        if by is None and table.has("shares"):
            table.required("by", '"teaching_years"')
        found = Missing(
            mcar=take.number(table, "mcar", 0.0, low=0, high=1),
            by=by,
            shares=take.named(table, "shares", levels, "level", low=0, high=1) if by else {},
        )
        table.finish()
        return found

    def facts(self, background: dict[str, Background]) -> tuple[Fact, ...]:
        """Facts about groups."""
        found: list[Fact] = []
        for table in self.top.tables("fact"):
            table.required("of", '"school"')
            table.required("id", '"pupils"')
            of = table.choice("of", list(self.nested_in), self.nested_in[0] if self.nested_in else "")
            earlier = [fact.id for fact in found if fact.of == of]
            id = table.name("id")
            if id in earlier or id in self.questions:
                table.problems.note(table.place, f"the id {id!r} is taken", "choose another", "duplicate_id")
            factors = {}
            kinds = table.table("factors")
            # A group knows its own answers and those of the groups around it.
            around = [RESPONDENT] if of not in self.nested_in else list(self.nested_in[self.nested_in.index(of) :])
            usable = [q for q in background if background[q].of in around and self.questions[q].kind in CHOICES]
            for name in kinds.data:
                kinds.has(name)
                if take.known_name(table, name, usable, "question in 'factors'"):
                    levels = [level.value for level in self.questions[name].levels]
                    factors[name] = take.named(kinds, name, levels, "level", low=0)
            times = table.choice("times", earlier, "") or None
            if not {"median", "mean"} & table.data.keys():
                table.required("median", "600")
            found.append(
                Fact(
                    of=of,
                    id=id,
                    median=take.number(table, "median", 1.0, low=0) if table.has("median") else None,
                    log_sd=take.number(table, "log_sd", 0.0, low=0, high=3),
                    mean=take.number(table, "mean", 0.0),
                    sd=take.number(table, "sd", 0.0, low=0),
                    sd_between=take.number(table, "sd_between", 0.0, low=0),
                    times=times,
                    factors=factors,
                    grows_with=take.named(table, "grows_with", earlier, "earlier fact"),
                    decimals=take.count(table, "decimals", 2),
                )
            )
            table.finish()
        return tuple(found)

    def submissions(self) -> Submissions:
        """When answers come in."""
        table = self.top.table("submissions")
        start = table.data.get("start", Submissions.start)
        table.has("start")
        if not isinstance(start, date):
            table.wrong("start", "a date, as in 2026-03-09")
            start = Submissions.start
        found = Submissions(
            start=start,
            days=take.count(table, "days", 10, low=1),
            seconds_per_item=take.number(table, "seconds_per_item", 6.0, low=0.1, high=600),
        )
        table.finish()
        return found
