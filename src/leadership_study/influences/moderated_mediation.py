"""Moderated mediation: indirect effects that differ with the values of another variable.

The moderator may bend the first path (x to mediator), the second (mediator to outcome), or both; with ``direct`` also
the direct one. The index of moderated mediation is the change of the indirect effect per unit of the moderator
(Hayes, 2015): one number, with one interval, for whether there is any moderation of the mediation.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar, Literal, get_args

import numpy as np
import pandas as pd

from leadership_study.influences._design import from_columns
from leadership_study.influences._effect_intervals import IntervalMethod, check_interval, effects_of
from leadership_study.influences._groups import Clusters
from leadership_study.influences._path_design import DIRECT, PathDesign, as_names, refuse_constant, refuse_text
from leadership_study.influences._path_tables import fitted, models_table, paths_table
from leadership_study.influences._product_design import values_of
from leadership_study.influences._regression_parts import check
from leadership_study.influences._regression_tables import Covariance
from leadership_study.influences._scored import chosen_group, with_levels
from leadership_study.results import Result
from leadership_study.samples.path_effects import Effect, Equation, PathModel
from leadership_study.samples.path_effects import Term as Product
from leadership_study.scoring import ScoredResponses, Variable, Variables
from leadership_study.scoring.dimensions import unweighted

Stage = Literal["first", "second", "both"]

_SOURCE = "Hayes (2015); Preacher, Rucker & Hayes (2007)"


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class ModeratedMediation(Result):
    """A moderated mediation.

    Attributes
    ----------
    paths : DataFrame, index ``path``
        ``a``, ``b``, ``c_prime`` (numbered when there are several mediators) and their products with the moderator
        ``a_w``, ``b_w``, ``c_prime_w``; other predictors as "w → trust". Columns as in `Mediation`.
    index : DataFrame, index ``path_effect``
        Index of moderated mediation of each mediator: the change of its indirect effect per unit of the moderator
        (between its two categories): estimate, std_error, ci_low, ci_high, statistic, p_value, standardised. Empty
        when both paths are moderated, for the effect is then no straight line.
    conditional : DataFrame, index ``path_effect``, ``at``
        Indirect effect of each mediator at values of the moderator, with the same columns.
    differences : DataFrame, index ``path_effect``
        Indirect effect at the highest of these values less that at the lowest.
    direct : DataFrame, index ``at``
        Direct effect, at values of the moderator when it is moderated.
    intervals : DataFrame, index ``path_effect``, ``method``
        Every interval by every method.
    models : DataFrame, index ``model``
        n, r_squared, adj_r_squared, residual_sd of each regression.
    """

    paths: pd.DataFrame
    index: pd.DataFrame
    conditional: pd.DataFrame
    differences: pd.DataFrame
    direct: pd.DataFrame
    intervals: pd.DataFrame
    models: pd.DataFrame

    main: ClassVar[str] = "conditional"


def moderated_mediation(
    data: pd.DataFrame,
    x: str,
    m: str | Sequence[str],
    y: str,
    w: str,
    *,
    stage: Stage = "first",
    direct: bool = False,
    covariates: str | Sequence[str] = (),
    interval: IntervalMethod = "percentile",
    bootstrap: int = 5000,
    clusters: Clusters | None = None,
    seed: int,
    covariance: Covariance | None = None,
    confidence_level: float = 0.95,
) -> ModeratedMediation:
    """Estimate the indirect effects of ``x`` on ``y`` through ``m`` at values of the moderator ``w``.

    Parameters
    ----------
    data : DataFrame
        One row a respondent. Rows with a missing value in any variable are left out, and counted.
    x, y : str
        Columns of numbers.
    m : str or sequence of str
        Columns of numbers, beside one another.
    w : str
        Column of numbers (effects at its mean and one standard deviation on either side), or of two values or
        categories (effects at both).
    stage : {"first", "second", "both"}
        Which path the moderator bends. It enters the regressions of these paths with its product.
    direct : bool
        Whether the direct path is bent too.
    covariates, interval, bootstrap, clusters, seed, covariance, confidence_level
        As in `mediate`.

    Raises
    ------
    ValueError, TypeError, InsufficientDataError
        As `mediate`; for a moderator of three or more categories.

    Notes
    -----
    x, the moderator and the mediators in products have the mean of the rows used taken off, once: bootstrap samples
    use the same. With ``stage="first"`` the indirect effect at w is (a + a_w·w)b and the index a_w·b; with "second"
    a(b + b_w·w) and a·b_w. These are models 7, 14 and 58 of PROCESS; with ``direct`` 8, 15 and 59. R twin:
    ``lavaan::sem`` with ``:=``.

    References
    ----------
    Hayes, A. F. (2015). An index and test of linear moderated mediation. Multivariate Behavioral Research, 50, 1–22.
    https://doi.org/10.1080/00273171.2014.962683
    """
    if stage not in get_args(Stage):
        raise ValueError(
            f"The 'stage' parameter of moderated_mediation must be 'first', 'second' or 'both'. Got {stage!r} instead."
        )
    errors: Covariance = covariance or ("nonrobust" if clusters is None else "CR2")
    check_interval("moderated_mediation", interval, bootstrap, seed, confidence_level)
    check("moderated_mediation", errors, clusters if errors.startswith("CR") else None, None, confidence_level)
    mediators = as_names(m, "m", "moderated_mediation")
    controls = as_names(covariates, "covariates", "moderated_mediation") if len(covariates) else ()
    made = _design(data, x, mediators, y, w, controls, clusters, stage, direct)
    path = made.path
    fits = [fitted(path, equation, errors) for equation in path.model.equations]

    conditional = {(name, at): made.indirect(column, moved, f"{name} – {at}") for name, column in made.named()
                   for at, _, moved in made.levels}  # fmt: skip
    lowest, highest = made.levels[0][0], made.levels[-1][0]
    differences = [
        conditional[name, highest].minus(conditional[name, lowest], f"{name} – {highest} – {lowest}")
        for name in mediators
    ]
    index = [made.index_effect(column, f"{name} – {w}") for name, column in made.named()] if stage != "both" else []
    directs = [made.direct_effect(moved, f"{DIRECT} – {at}" if direct else DIRECT)
               for at, _, moved in (made.levels if direct else made.levels[:1])]  # fmt: skip
    found = effects_of(
        path, fits, [*conditional.values(), *index, *differences, *directs], interval=interval, bootstrap=bootstrap,
        seed=seed, confidence_level=confidence_level,
    )  # fmt: skip
    rows = found.table.loc[[effect.name for effect in conditional.values()]]
    rows.insert(0, "moderator", [value for _ in mediators for _, value, _ in made.levels])
    return ModeratedMediation(
        paths=paths_table(path, list(zip(path.model.equations, fits, strict=True)), made.letters(), confidence_level),
        index=_renamed(found.table, index, list(mediators)),
        conditional=rows.set_axis(pd.MultiIndex.from_tuples(list(conditional), names=["path_effect", "at"]), axis=0),
        differences=_renamed(found.table, differences, list(mediators)),
        direct=_renamed(found.table, directs, [at for at, _, _ in made.levels] if direct else [DIRECT], "at"),
        intervals=found.intervals,
        models=models_table([*mediators, y], fits),
        definition={
            "formula": "moderated_mediation",
            "predictor": x,
            "mediators": ", ".join(mediators),
            "outcome": y,
            "moderator": w,
            "moderated_path": f"{stage}_path" if stage != "both" else "both_paths",
            "direct_moderated": direct,
            "covariates": ", ".join(controls) or "none",
            "centring": "grand_mean",
            "missing": "listwise",
            "n": len(path.design.outcome),
            "covariance": errors,
            "interval": interval,
            "bootstrap": bootstrap,
            "resampled": "single_rows" if path.design.codes is None else "whole_clusters",
            "n_clusters": 0 if path.design.codes is None else int(path.design.codes.max()) + 1,
            "confidence_level": confidence_level,
            "source": _SOURCE,
        },
        notes=(*path.design.notes, *found.notes),
    )


def run(
    scored: ScoredResponses,
    *,
    x: Variable,
    m: Variables,
    y: Variable,
    w: Variable,
    stage: Stage = "first",
    direct: bool = False,
    covariates: Variables = (),
    interval: IntervalMethod = "percentile",
    bootstrap: int = 5000,
    group: Variable | None = None,
    seed: int,
    confidence_level: float = 0.95,
) -> ModeratedMediation:
    """Moderated mediation of scale scores; bootstrap samples draw whole outermost groups where answers are nested."""
    group = chosen_group(scored, group)
    mediators, controls = scored.expand(m), scored.expand(covariates)
    data = scored.frame([x, *mediators, w, y, *controls])
    for name in data.columns:
        data[name] = with_levels(scored, name, data[name])
    result = moderated_mediation(
        data, x, mediators, y, w, stage=stage, direct=direct, covariates=controls, interval=interval,
        bootstrap=bootstrap, clusters=scored.groups[group] if group is not None else None, seed=seed,
        confidence_level=confidence_level,
    )  # fmt: skip
    return replace(result, notes=(*result.notes, *unweighted(scored)))


@dataclass(frozen=True, kw_only=True, eq=False)
class _Moderated:
    """A path design with products: ``x_by_w`` and ``m_by_w`` are their columns."""

    path: PathDesign
    w: int
    x_by_w: int
    m_by_w: dict[int, int]
    levels: list[tuple[str, float, float]]
    stage: Stage
    direct: bool

    def named(self) -> list[tuple[str, int]]:
        return [(self.path.name(column), column) for column in self.path.mediators]

    def _first(self, mediator: int, moved: float) -> list[tuple[float, int]]:
        place = self.path.model.position
        bent = [(moved, place(mediator, self.x_by_w))] if self.stage in ("first", "both") else []
        return [(1.0, place(mediator, self.path.x)), *bent]

    def _second(self, mediator: int, moved: float) -> list[tuple[float, int]]:
        place, y = self.path.model.position, self.path.y
        bent = [(moved, place(y, self.m_by_w[mediator]))] if self.stage in ("second", "both") else []
        return [(1.0, place(y, mediator)), *bent]

    def indirect(self, mediator: int, moved: float, name: str) -> Effect:
        """(a + a_w·w)(b + b_w·w), multiplied out."""
        first, second = self._first(mediator, moved), self._second(mediator, moved)
        return Effect(name, tuple(Product(v * u, (a, b)) for v, a in first for u, b in second))

    def index_effect(self, mediator: int, name: str) -> Effect:
        """The coefficient of w in the indirect effect, when that is a straight line."""
        a, b = self._first(mediator, 1.0)[-1][1], self._second(mediator, 1.0)[-1][1]
        return Effect(name, (Product(1.0, (a, b)),))

    def direct_effect(self, moved: float, name: str) -> Effect:
        place, y = self.path.model.position, self.path.y
        bent = (Product(moved, (place(y, self.x_by_w),)),) if self.direct else ()
        return Effect(name, (Product(1.0, (place(y, self.path.x),)), *bent))

    def letters(self) -> dict[tuple[Equation, int], str]:
        path = self.path
        letters: dict[tuple[Equation, int], str] = {}
        several = len(path.mediators) > 1
        number = {column: str(at + 1) if several else "" for at, column in enumerate(path.mediators)}
        for equation in path.model.equations:
            into = number.get(equation.outcome)
            letter = "c_prime" if into is None else f"a{into}"
            letters |= {(equation, path.x): letter, (equation, self.x_by_w): f"{letter}_w"}
            for column in path.mediators:
                letters |= {(equation, column): f"b{number[column]}"}
                letters |= {(equation, self.m_by_w[column]): f"b{number[column]}_w"}
        return letters


def _design(
    data: pd.DataFrame,
    x: str,
    m: tuple[str, ...],
    y: str,
    w: str,
    covariates: tuple[str, ...],
    clusters: Clusters | None,
    stage: Stage,
    direct: bool,
) -> _Moderated:
    refuse_text(data, [x, *m, y], "moderated_mediation")
    plain = from_columns(y, [x, *m, w, *covariates], data, clusters, "moderated_mediation")
    own = plain.columns_of([w])
    if len(own) != 1:
        raise ValueError(
            f"The moderator {w!r} of moderated_mediation has {len(own) + 1} categories; give a number or two "
            "categories."
        )
    at_x, at_w = plain.columns_of([x])[0], own[0]
    mediators = tuple(plain.columns_of([name])[0] for name in m)
    controls = tuple(plain.columns_of(covariates))
    refuse_constant(plain, [at_x, *mediators, at_w])
    centred = plain.matrix - plain.matrix.mean(axis=0)
    raw = plain.matrix[:, at_w]
    sources = [at_x, *mediators]
    products = centred[:, sources] * centred[:, [at_w]]
    matrix = np.column_stack([plain.matrix, products])
    first_product = plain.matrix.shape[1]
    x_by_w = first_product
    m_by_w = {column: first_product + 1 + k for k, column in enumerate(mediators)}
    matrix[:, [at_x, at_w, *mediators]] = centred[:, [at_x, at_w, *mediators]]
    names = tuple(f"{plain.terms[column]} × {plain.terms[at_w]}" for column in sources)
    design = replace(plain, matrix=matrix, terms=(*plain.terms, *names), parts=(*plain.parts, *names))

    bent_first, bent_second = stage in ("first", "both"), stage in ("second", "both")
    into_m = (at_x, *((at_w, x_by_w) if bent_first else ()), *controls)
    into_y = (
        at_x,
        *mediators,
        *((at_w,) if bent_second or direct else ()),
        *(m_by_w.values() if bent_second else ()),
        *((x_by_w,) if direct else ()),
        *controls,
    )
    equations = (*(Equation(one, into_m) for one in mediators), Equation(matrix.shape[1], into_y))
    used = {column for equation in equations for column in equation.predictors}
    levels = [(name, value, value - float(raw.mean())) for name, value in values_of(raw)]
    if plain.terms[at_w] != w:  # a dummy: its reference and itself
        reference = next(str(note.values["level"]) for note in plain.notes if note.values.get("variable") == w)
        named = (f"{w}[{reference}]", plain.terms[at_w])
        levels = [(name, value, moved) for name, (_, value, moved) in zip(named, levels, strict=True)]
    path = PathDesign(
        design=design, x=at_x, mediators=mediators, covariates=controls, model=PathModel(equations),
        total=Equation(matrix.shape[1], tuple(sorted(used - set(mediators) - set(m_by_w.values())))),
    )  # fmt: skip
    return _Moderated(path=path, w=at_w, x_by_w=x_by_w, m_by_w=m_by_w, levels=levels, stage=stage, direct=direct)


def _renamed(
    table: pd.DataFrame, effects: Sequence[Effect], names: Sequence[str], index: str = "path_effect"
) -> pd.DataFrame:
    """Rows of the effects, under shorter names."""
    found = table.loc[[effect.name for effect in effects]]
    return found.set_axis(pd.Index(list(names)[: len(effects)], name=index, dtype=object), axis=0)
