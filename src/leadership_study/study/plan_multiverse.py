"""``[[multiverse]]``: which choices an analysis is repeated under, checked before any data are read."""

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from leadership_study.by_name import unknown
from leadership_study.errors import PlanError
from leadership_study.instruments import Instrument
from leadership_study.scoring import score
from leadership_study.scoring._scales import ScoringRule, check_rule
from leadership_study.study.checked import Table
from leadership_study.study.options import Known, analyses, analysis, bind
from leadership_study.study.plan_block import BlockPlan
from leadership_study.validation import check_rules

MOST_UNIVERSES = 1000
DECLARED = "declared"
_FLAGGED = "without_flagged"
_LABEL = "label"
_MISSING = ("listwise", "imputed")
_PREDICTORS = ("blocks", "predictors", "covariates")
_EXAMPLE = '[{ covariance = "HC3" }, { covariance = "CR1" }]'


@dataclass(frozen=True, kw_only=True)
class Choice:
    """One choice of a decision: its id, and what it sets; nothing when it is the declared one."""

    id: str
    sets: Mapping[str, Any] = field(default_factory=dict)
    words: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class MultiversePlan(BlockPlan):
    """``[[multiverse]]``: the analysis ``base`` under all combinations of choices; each decision's first is declared.

    ``runs`` holds use and bound options by estimator and covariates.
    """

    base: BlockPlan
    terms: tuple[str, ...]
    exclusions: tuple[Choice, ...]
    missing: tuple[Choice, ...]
    scoring: tuple[Choice, ...]
    estimators: tuple[Choice, ...]
    covariates: tuple[Choice, ...]
    data_sets: int
    runs: Mapping[tuple[str, str], tuple[str, Mapping[str, Any]]]

    @property
    def decisions(self) -> tuple[tuple[Choice, ...], ...]:
        """The choices of each decision, in the order of the tables."""
        return (self.exclusions, self.missing, self.scoring, self.estimators, self.covariates)

    def universes(self) -> Iterator[tuple[Choice, ...]]:
        """Every combination of choices, the declared one first."""
        return itertools.product(*self.decisions)


def read_multiverses(
    top: Table,
    blocks: Sequence[BlockPlan],
    instrument: Instrument | None,
    known: Known,
    languages: tuple[str, ...],
    taken: Sequence[str],
) -> tuple[MultiversePlan, ...]:
    """Read every ``[[multiverse]]`` table, noting all that is wrong with them."""
    found: list[MultiversePlan] = []
    listed = top.data.get("analysis", [])
    raw = {str(entry.get("id", entry.get("use"))): entry for entry in listed if isinstance(entry, dict)}
    for table in top.tables("multiverse"):
        name = table.name("id") if table.required("id", '"hostility_multiverse"') else ""
        table.unique([*taken, *(one.id for one in found)], name)
        title = table.translations("title", languages) if table.has("title") else None
        base = _base(table, blocks)
        terms = table.texts("terms")
        data_sets = table.whole("imputations", 5)
        if data_sets < 2:
            table.wrong("imputations", "at least 2 imputed data sets")
        exclusions = _choices(table, "exclusions", _exclusion, words=(_FLAGGED,))
        scoring = _choices(table, "scoring", partial(_scoring, table, instrument, known))
        estimators = _choices(table, "estimators", lambda sets: None)
        missing = _missing(table, base)
        own = raw.get(base.id, {}) if base is not None else {}
        covariates, varied = _covariates(table, own, known)
        table.finish()
        if base is None:
            continue
        runs = _runs(table, base, own, estimators, covariates, varied, known)
        plan = MultiversePlan(
            id=name, use="multiverse", title=title, of=base.of, options={"analysis": base.id}, base=base, terms=terms,
            exclusions=exclusions, missing=missing, scoring=scoring, estimators=estimators, covariates=covariates,
            data_sets=data_sets, runs=runs,
        )  # fmt: skip
        count = sum(1 for _ in plan.universes())
        if not 1 < count <= MOST_UNIVERSES:
            message = f"has {count} universe{'' if count == 1 else 's'}, the combinations of all choices"
            remedy = "add choices" if count == 1 else f"leave choices out: at most {MOST_UNIVERSES} can be computed"
            table.problems.note(table.place, message, remedy, "universes")
        found.append(plan)
    return tuple(found)


def _base(table: Table, blocks: Sequence[BlockPlan]) -> BlockPlan | None:
    if not table.required("analysis", '"hostility"'):
        return None
    ids = [block.id for block in blocks]
    chosen = table.choice("analysis", ids, "")
    return next((block for block in blocks if block.id == chosen), None)


def _choices(
    table: Table, key: str, check: Callable[[Mapping[str, Any]], str | None], *, words: Sequence[str] = ()
) -> tuple[Choice, ...]:
    """Return the declared choice and those of a list of tables, or of ``words``."""
    found = [Choice(id=DECLARED)]
    entries = table.data.get(key, []) if table.has(key) else []
    if not isinstance(entries, list):
        table.wrong(key, f"a list of tables, such as {_EXAMPLE}")
        return tuple(found)
    for entry in entries:
        if isinstance(entry, str) and entry in (DECLARED, *words):
            choice = Choice(id=entry)
        elif isinstance(entry, dict) and set(entry) - {_LABEL}:
            sets = {name: value for name, value in entry.items() if name != _LABEL}
            label = entry.get(_LABEL, {})
            if not isinstance(label, dict) or not all(isinstance(text, str) for text in label.values()):
                table.wrong(key, 'a list of tables whose label is a table of texts: label = { en = "…" }')
                label = {}
            choice = Choice(id=_named(sets), sets=sets, words=label)
            if message := check(sets):
                table.problems.note(table.place, f"{key!r}: {message.removesuffix('.')}", "correct it", "wrong_option")
        else:
            said = "".join(f", or {word!r}" for word in words)
            table.problems.note(
                table.place, f"{key!r} holds {entry!r}", f"write a table of options{said}", "wrong_value"
            )
            continue
        if choice.id not in [one.id for one in found]:
            found.append(choice)
    return tuple(found)


def _named(sets: Mapping[str, Any]) -> str:
    """Id of a choice: names with values, which a report puts into words."""
    return ", ".join(f"{name} = {value}" for name, value in sets.items())


def _exclusion(sets: Mapping[str, Any]) -> str | None:
    try:
        check_rules(dict(sets))
    except PlanError as error:
        return error.message
    return None


def _scoring(table: Table, instrument: Instrument | None, known: Known, sets: Mapping[str, Any]) -> str | None:
    before = len(table.problems)
    options = bind(score, sets, known, table.place, table.problems, aside=("context", "nested_in"))
    if len(table.problems) > before or instrument is None:
        return None
    try:
        check_rule(ScoringRule(**{name: options[name] for name in sets}), instrument)
    except (PlanError, ValueError) as error:
        return str(error)
    return None


def _missing(table: Table, base: BlockPlan | None) -> tuple[Choice, ...]:
    declared = "imputed" if base is not None and base.imputations > 0 else "listwise"
    names = table.names_of("missing", list(_MISSING), "rule for missing answers")
    return tuple(Choice(id=name) for name in dict.fromkeys([declared, *names]))


def _covariates(table: Table, base: Mapping[str, Any], known: Known) -> tuple[tuple[Choice, ...], tuple[str, ...]]:
    """Return the sets of covariates, that of the analysis first, and every covariate that is named in any."""
    entries = table.data.get("covariates", []) if table.has("covariates") else []
    if not isinstance(entries, list) or not all(
        isinstance(entry, list) and all(isinstance(name, str) for name in entry) for entry in entries
    ):
        table.wrong("covariates", 'a list of lists of variables, such as [[], ["gender"], ["gender", "age"]]')
        return (Choice(id=DECLARED),), ()
    before = len(table.problems)
    for name in dict.fromkeys(name for entry in entries for name in entry):
        if trouble := known.unknown(name, several=False):
            table.problems.note(table.place, f"'covariates': {trouble}", "correct it", "unknown_variable")
    varied = tuple(dict.fromkeys(name for entry in entries for name in entry))
    if not varied or len(table.problems) > before:
        return (Choice(id=DECLARED),), ()
    declared = [name for name in varied if name in _predictors(base)]
    found = [Choice(id=_listed(declared))]
    for entry in entries:
        if set(entry) != set(declared) and _listed(entry) not in [one.id for one in found]:
            found.append(Choice(id=_listed(entry), sets={"names": tuple(entry)}))
    return tuple(found), varied


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names) or "no_covariates"


def _predictors(options: Mapping[str, Any]) -> list[str]:
    """Names of all predictors of an analysis."""
    given: list[Any] = next((options[key] for key in _PREDICTORS if isinstance(options.get(key), list)), [])
    return [name for entry in given for name in (entry if isinstance(entry, list) else [entry])]


def _runs(
    table: Table,
    base: BlockPlan,
    raw: Mapping[str, Any],
    estimators: Sequence[Choice],
    covariates: Sequence[Choice],
    varied: Sequence[str],
    known: Known,
) -> dict[tuple[str, str], tuple[str, Mapping[str, Any]]]:
    """Bind the options of every estimator with every set of covariates; what does not fit is noted."""
    aside = ("id", "use", "title", "of", "imputations", "headline")
    given = {name: value for name, value in raw.items() if name not in aside}
    runs: dict[tuple[str, str], tuple[str, Mapping[str, Any]]] = {}
    uses = analyses()
    for estimator in estimators:
        use = str(estimator.sets.get("use", base.use))
        if use not in uses:
            message = f"'estimators': {unknown('analysis', use, sorted(uses))}"
            table.problems.note(table.place, message, "correct it", "unknown_name")
            continue
        options = dict(given)
        if use != base.use:
            options = {name: value for name, value in given.items() if name in _options_of(use)}
        options |= {name: value for name, value in estimator.sets.items() if name != "use"}
        for choice in covariates:
            own, before = dict(options), len(table.problems)
            if "names" in choice.sets and not _with_covariates(own, choice.sets["names"], varied):
                message = f"'covariates' cannot be varied in {use!r}: it takes no predictors"
                table.problems.note(table.place, message, "leave 'covariates' out", "no_covariates")
                return runs
            bound = bind(analysis(use).run, own, known, table.place, table.problems)
            if len(table.problems) > before:
                break  # with other covariates it would be the same again
            runs[estimator.id, choice.id] = (use, bound)
    return runs


def _options_of(use: str) -> set[str]:
    import inspect

    return set(inspect.signature(analysis(use).run).parameters)


def _with_covariates(options: dict[str, Any], names: Sequence[str], varied: Sequence[str]) -> bool:
    """Put ``names`` in place of all covariates that are varied; False when there is no list of predictors."""
    key = next((name for name in _PREDICTORS if name in options), None)
    if key is None:
        return False
    if key == "blocks":
        kept = [[name for name in block if name not in varied] for block in options[key]]
        options[key] = [block for block in [list(names), *kept] if block]
    else:
        options[key] = [*(name for name in options[key] if name not in varied), *names]
    return True
