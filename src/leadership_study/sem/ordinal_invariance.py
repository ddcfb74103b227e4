"""Models for invariance over groups of ordered items, identified after Wu and Estabrook (2016).

https://doi.org/10.1007/s11336-016-9506-0. What is made equal first are the thresholds: they define the scale of y*, so
intercepts and scales (or residual variances) of the later groups become free with them, and are taken back step by
step.
"""

from collections.abc import Mapping, Sequence
from typing import Literal

from leadership_study.sem.syntax import parse
from leadership_study.sem.variables import variables_of

Level = Literal["configural", "thresholds", "loadings", "intercepts", "residuals"]
LEVELS: tuple[Level, ...] = ("configural", "thresholds", "loadings", "intercepts", "residuals")


def ordinal_level(
    model: str, thresholds: Mapping[str, int], n_groups: int, level: Level, *, partial: Sequence[str] = ()
) -> str:
    """Return the model of one level as text, for ``cfa(..., ordered=True, group=…, std_lv=False)``.

    Parameters
    ----------
    model : str
        The measurement model; factors get variance 1 and mean 0 in the first group.
    thresholds : mapping
        Thresholds of each item (categories less one).
    level : {"configural", "thresholds", "loadings", "intercepts", "residuals"}
        Each holds what those before it hold equal. Fit "residuals" with ``parameterization="theta"``, the others with
        "delta".
    partial : sequence of str
        Parameters left free over groups: ``"f =~ x2"``, ``"x3 | t1"``, ``"x3 ~1"``, ``"x3 ~~ x3"``.

    R twin: ``semTools::measEq.syntax(ID.fac = "std.lv", ID.cat = "Wu.Estabrook.2016")``.
    """
    if level not in LEVELS:
        raise ValueError(f"The 'level' parameter must be one of {', '.join(LEVELS)}. Got {level!r} instead.")
    reached = LEVELS.index(level)
    released = {"".join(name.split()) for name in partial}
    terms = parse(model).terms
    variables = variables_of(terms)
    lines = [model]

    def each(first: str, later: str) -> str:
        return f"c({', '.join([first] + [later] * (n_groups - 1))})"

    def same(label: str) -> str:
        return f"c({', '.join([label] * n_groups)})"

    for at, term in enumerate(term for term in terms if term.op == "=~"):
        lines.append(f"{term.lhs} =~ {each('NA', 'NA')}*{term.rhs}" if not term.fixed else "")
        if reached >= 2 and f"{term.lhs}=~{term.rhs}" not in released and not term.labels:
            lines.append(f"{term.lhs} =~ {same(f'loading_{at + 1}')}*{term.rhs}")
    for item, count in thresholds.items():
        free_cut = [k for k in range(1, count + 1) if f"{item}|t{k}" in released]
        for k in range(1, count + 1):
            label = f"{same(f'{item}.cut{k}')}*" if reached >= 1 and k not in free_cut else ""
            lines.append(f"{item} | {label}t{k}")
        free_intercept = 1 <= reached < 3 or (reached >= 3 and f"{item}~1" in released)
        lines.append(f"{item} ~ {each('0', 'NA' if free_intercept else '0')}*1")
        free_scale = 1 <= reached < 4 or (reached >= 4 and f"{item}~~{item}" in released)
        if level == "residuals":
            lines.append(f"{item} ~~ {each('1', 'NA' if free_scale else '1')}*{item}")
        else:
            lines.append(f"{item} ~*~ {each('1', 'NA' if free_scale else '1')}*{item}")
    for factor in variables.latent:
        lines.append(f"{factor} ~~ {each('1', 'NA' if reached >= 2 else '1')}*{factor}")
        lines.append(f"{factor} ~ {each('0', 'NA' if reached >= 3 else '0')}*1")
    return "\n".join(line for line in lines if line)
