"""The independence model: every variable with its variance (and mean or thresholds), nothing in common."""

from itertools import combinations

from leadership_study.sem.parameter_table import Defaults, ParameterTable, Row
from leadership_study.sem.variables import Variables


def independence_table(table: ParameterTable) -> ParameterTable:
    """Return the independence model of the same variables; covariates keep their moments."""
    variables, given = table.variables, table.defaults
    own = Variables(variables.observed, (), (), (), variables.covariates, ())
    rows: list[Row] = []
    for group in range(given.n_groups):
        for name in variables.observed:
            if name in variables.covariates:
                continue
            if name in given.thresholds:
                rows += [Row(name, "|", f"t{k + 1}", group) for k in range(given.thresholds[name])]
                rows.append(Row(name, "~~", name, group, free=False, value=1.0))
                continue
            rows.append(Row(name, "~~", name, group))
            if given.meanstructure:
                rows.append(Row(name, "~1", "", group))
        rows += [Row(a, "~~", b, group) for a, b in combinations(variables.free_covariates, 2)]
        for at, name in enumerate(variables.covariates):
            rows += [Row(name, "~~", x, group, free=False, covariate=True) for x in variables.covariates[at:]]
            if given.meanstructure:
                rows.append(Row(name, "~1", "", group, free=False, covariate=True))
    defaults = Defaults(meanstructure=given.meanstructure, thresholds=given.thresholds, n_groups=given.n_groups)
    return ParameterTable(tuple(rows), own, defaults)
