"""The parameter table: one row a parameter and group, free or fixed; everything else reads from it.

Defaults are those of lavaan's ``cfa()`` and ``sem()``: the first loading of a factor is 1 (or its variance, with
``std_lv``), exogenous factors covary, residuals of indicators do not, residuals of outcomes do.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from leadership_study.sem.expressions import Expression
from leadership_study.sem.syntax import Model, Term
from leadership_study.sem.variables import Variables, variables_of

NAN = float("nan")
Parameterization = Literal["delta", "theta"]
KINDS = (
    "loadings", "intercepts", "means", "thresholds", "regressions", "residuals", "residual_covariances", "lv_variances",
    "lv_covariances",
)  # fmt: skip


@dataclass
class Row:
    """One parameter of one group.

    ``value`` is the fixed value, and the estimate once there is one; ``covariate`` marks moments of covariates that are
    taken from the data. Groups count from 0.
    """

    lhs: str
    op: str
    rhs: str
    group: int
    free: bool = True
    value: float = NAN
    start: float = NAN
    label: str = ""
    user: bool = False
    covariate: bool = False

    @property
    def key(self) -> tuple[str, str, str]:
        """What the parameter is, whatever its group."""
        return self.lhs, self.op, self.rhs

    @property
    def name(self) -> str:
        """The parameter in words of the syntax."""
        return f"{self.lhs} {self.op} {self.rhs}".strip()


@dataclass(frozen=True)
class Defaults:
    """What is added to a model beyond what was written."""

    std_lv: bool = False
    orthogonal: bool = False
    meanstructure: bool = False
    parameterization: Parameterization = "delta"
    thresholds: Mapping[str, int] = field(default_factory=dict)
    """Thresholds of each ordered item: its categories less one."""
    n_groups: int = 1
    equal: tuple[str, ...] = ()
    partial: tuple[str, ...] = ()


@dataclass(frozen=True)
class ParameterTable:
    """Rows of all groups, group by group, and the constraints between them."""

    rows: tuple[Row, ...]
    variables: Variables
    defaults: Defaults
    definitions: tuple[tuple[str, Expression, str], ...] = ()
    equalities: tuple[tuple[Expression, Expression, str, str], ...] = ()
    inequalities: tuple[tuple[Expression, Expression, str, str, str], ...] = ()

    def of_group(self, group: int) -> list[tuple[int, Row]]:
        """Rows of one group with their positions."""
        return [(at, row) for at, row in enumerate(self.rows) if row.group == group]

    def with_values(self, values: Sequence[float]) -> "ParameterTable":
        """Return a copy whose rows hold ``values``."""
        return replace(self, rows=tuple(replace(r, value=float(v)) for r, v in zip(self.rows, values, strict=True)))


def build_table(model: Model, defaults: Defaults) -> ParameterTable:
    """Complete a model by the defaults, once a group.

    Raises
    ------
    ModelSyntaxError
        When a modifier lists more or fewer values than there are groups, or ``equal()`` names no earlier parameter.
    """
    variables = variables_of(model.terms)
    written = {(term.lhs, term.op, term.rhs) for term in model.terms}
    rows: list[Row] = []
    for group in range(defaults.n_groups):
        terms = [Row(term.lhs, term.op, term.rhs, group, user=True) for term in model.terms]
        own = terms + [row for row in _added(variables, defaults, group) if not _is_written(row.key, written)]
        _fix_scales(own, variables, defaults)
        if group:
            _free_what_constraints_identify(own, variables, defaults)
        for row, term in zip(own, model.terms, strict=False):
            _apply(term, row, group, defaults.n_groups)
        rows += own
    _apply_equal(rows, model.terms)
    _equal_over_groups(rows, variables, defaults)
    definitions = tuple((c.text[0], c.rhs, c.text[1]) for c in model.constraints if c.op == ":=")
    equalities = tuple((c.lhs, c.rhs, *c.text) for c in model.constraints if c.op == "==")
    inequalities = tuple((c.lhs, c.rhs, *c.text, c.op) for c in model.constraints if c.op in "<>")
    known = {row.label for row in rows if row.label}
    for constraint in model.constraints:
        names = constraint.rhs.names | (set() if constraint.op == ":=" else constraint.lhs.names)
        for name in sorted(names - known):
            raise constraint.token.error(f"no parameter has the label {name!r}; label one, as in '{name}*x'.")
        if constraint.op == ":=":
            if constraint.text[0] in known:
                raise constraint.token.error(f"{constraint.text[0]!r} is already a label; define another name.")
            known.add(constraint.text[0])
    return ParameterTable(tuple(rows), variables, defaults, definitions, equalities, inequalities)


def with_free_covariates(table: ParameterTable) -> ParameterTable:
    """Return a table in which the covariates' moments are parameters as those of other variables."""
    rows = tuple(replace(row, free=True, covariate=False) if row.covariate else row for row in table.rows)
    names = table.variables
    return replace(table, rows=rows, variables=replace(names, covariates=(), free_covariates=names.covariates))


def _is_written(key: tuple[str, str, str], written: set[tuple[str, str, str]]) -> bool:
    lhs, op, rhs = key
    return key in written or (op == "~~" and (rhs, op, lhs) in written)


def _added(variables: Variables, defaults: Defaults, group: int) -> list[Row]:
    """Rows that the defaults add when they are not written."""
    found: list[Row] = []
    ordered = [name for name in variables.observed if name in defaults.thresholds]
    for name in ordered:
        found += [Row(name, "|", f"t{k + 1}", group) for k in range(defaults.thresholds[name])]
    plain = [name for name in variables.observed if name not in variables.covariates]
    found += [Row(name, "~~", name, group, free=name not in ordered, value=1.0) for name in plain]
    found += [Row(name, "~~", name, group) for name in variables.latent]
    if defaults.orthogonal:
        pairs = _pairs(variables.exogenous_latent)
        found += [Row(a, "~~", b, group, free=False, value=0.0) for a, b in pairs]
    else:
        found += [Row(a, "~~", b, group) for a, b in _pairs(variables.exogenous_latent)]
    found += [Row(a, "~~", b, group) for a, b in _pairs(variables.dependent)]
    for at, name in enumerate(variables.covariates):
        found += [Row(name, "~~", other, group, free=False, covariate=True) for other in variables.covariates[at:]]
    found += [Row(name, "~*~", name, group, free=False, value=1.0) for name in ordered]
    if defaults.meanstructure or ordered:
        for name in variables.observed:
            exo = name in variables.covariates
            fixed = exo or name in ordered
            found.append(Row(name, "~1", "", group, free=not fixed, value=NAN if exo else 0.0, covariate=exo))
        found += [Row(name, "~1", "", group, free=False, value=0.0) for name in variables.latent]
    return found


def _pairs(names: Sequence[str]) -> list[tuple[str, str]]:
    return [(a, b) for at, a in enumerate(names) for b in names[at + 1 :]]


def _fix_scales(rows: list[Row], variables: Variables, defaults: Defaults) -> None:
    """Give each factor a scale, and single indicators no residual."""
    for factor in variables.latent:
        loadings = [row for row in rows if row.op == "=~" and row.lhs == factor]
        if defaults.std_lv:
            for row in rows:
                if row.key == (factor, "~~", factor) and not row.user:
                    row.free, row.value = False, 1.0
        else:
            loadings[0].free, loadings[0].value = False, 1.0
        if len(loadings) == 1:
            name = loadings[0].rhs
            elsewhere = [row for row in rows if row.op == "=~" and row.rhs == name and row.lhs != factor]
            for row in rows:
                own = row.key == (name, "~~", name) and not row.user and name in variables.observed
                if own and not elsewhere and name not in defaults.thresholds:
                    row.free, row.value = False, 0.0


def _free_what_constraints_identify(rows: list[Row], variables: Variables, defaults: Defaults) -> None:
    """In the groups after the first, free what equal parameters elsewhere identify."""
    equal = defaults.equal
    frees_means = ("intercepts" in equal or "thresholds" in equal) and "means" not in equal
    scales = "~*~" if defaults.parameterization == "delta" else "~~"
    for row in rows:
        if row.user:
            continue
        if row.op == "~1" and row.lhs in variables.latent and frees_means:
            row.free = True
        own_variance = row.op == "~~" and row.lhs == row.rhs and row.lhs in variables.latent
        if own_variance and defaults.std_lv and "loadings" in equal and "lv_variances" not in equal:
            row.free = True
        if "thresholds" in equal and row.op == scales and row.lhs == row.rhs and row.lhs in defaults.thresholds:
            row.free = True


def _apply(term: Term, row: Row, group: int, n_groups: int) -> None:
    """Let what was written about a parameter overrule the default."""

    def of_group(values: tuple, what: str) -> object:
        if len(values) not in (1, n_groups):
            raise term.token.error(f"{len(values)} {what} for {n_groups} groups; give one, or one a group.")
        return values[group] if len(values) == n_groups else values[0]

    if term.fixed:
        fixed = float(of_group(term.fixed, "values"))  # type: ignore[arg-type]
        row.free, row.value = math.isnan(fixed), fixed
    if term.start:
        row.start = float(of_group(term.start, "start values"))  # type: ignore[arg-type]
    if term.labels:
        row.label = str(of_group(term.labels, "labels"))


def _apply_equal(rows: list[Row], terms: Sequence[Term]) -> None:
    for term in terms:
        if not term.equal:
            continue
        for group in range(rows[-1].group + 1):
            wanted = _compact(term.equal[group if len(term.equal) > 1 else 0])
            mine = next(r for r in rows if r.key == (term.lhs, term.op, term.rhs) and r.group == group)
            named = [r for r in rows if _compact(r.name) == wanted and r.group == group]
            if not named:
                raise term.token.error(f"equal() names {term.equal[0]!r}, which is not a parameter of the model.")
            if not named[0].label:
                named[0].label = f".p{rows.index(named[0]) + 1}."
            mine.label = named[0].label


def _compact(name: str) -> str:
    return "".join(name.split())


def kind_of(row: Row, variables: Variables) -> str | None:
    """Return the kind of a parameter, as ``equal`` names kinds."""
    latent = row.lhs in variables.latent
    match row.op:
        case "=~":
            return "loadings"
        case "~":
            return "regressions"
        case "|":
            return "thresholds"
        case "~1":
            return "means" if latent else "intercepts"
        case "~~":
            if row.lhs == row.rhs:
                return "lv_variances" if latent else "residuals"
            return "lv_covariances" if latent and row.rhs in variables.latent else "residual_covariances"
    return None


def _equal_over_groups(rows: list[Row], variables: Variables, defaults: Defaults) -> None:
    """Label what must be equal in all groups, apart from what ``partial`` releases."""
    released = {_compact(name) for name in defaults.partial}
    first = {row.key: (at, row) for at, row in enumerate(rows) if row.group == 0}
    if unknown := sorted(released - {_compact(row.name) for row in rows}):
        raise ValueError(f"The 'partial' parameter names {unknown[0]!r}, which is not a parameter of the model.")
    for row in rows:
        at, leader = first[row.key]
        held = kind_of(row, variables) in defaults.equal and _compact(row.name) not in released
        if row.group and held and row.free and leader.free and not row.covariate:
            if not leader.label:
                leader.label = f".p{at + 1}."
            if not row.label:
                row.label = leader.label
