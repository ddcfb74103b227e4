"""Mediation of answers that are nested: what happens among a head's teachers, and what happens between heads.

Predictor and mediator are split into deviations from the group's mean and the means of groups. The indirect effect
within groups and that between groups are different things and may have different signs. A predictor that is the same
for all of a group (a fact about the head) has the one between groups only.
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from leadership_study.errors import InsufficientDataError
from leadership_study.influences._design import from_columns
from leadership_study.influences._path_design import as_names, refuse_constant, refuse_text
from leadership_study.influences._scored import chosen_group
from leadership_study.influences._slope_covariance import SlopeCovariance, group_slopes, slope_covariance
from leadership_study.influences.multilevel import MixedModel, mixed_model
from leadership_study.results import Note, Result
from leadership_study.samples.resampling import block_generator
from leadership_study.scoring import ScoredResponses, Variable, Variables
from leadership_study.scoring.dimensions import unweighted

WITHIN, BETWEEN = "within", "between"
WITHIN_GROUPS, BETWEEN_GROUPS, DIFFERENCE = "within_groups", "between_groups", "between_less_within"

_FEW_GROUPS = 20
_X, _M, _Y, _G = "x_", "m_", "y_", "g_"  # columns of the frames that are fitted
_SHOWN = ["estimate", "std_error", "statistic", "df", "p_value", "ci_low", "ci_high"]


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class MultilevelMediation(Result):
    """A multilevel mediation.

    Attributes
    ----------
    paths : DataFrame, index ``path``
        a, b, c_prime (direct) and c (total), each ``_within`` and ``_between``: predictor, outcome, estimate,
        std_error, statistic, df, p_value, ci_low, ci_high.
    indirect : DataFrame, index ``path_effect``
        ``within_groups`` = a·b (plus the covariance of the groups' a and b when slopes vary), ``between_groups`` = a·b
        of the groups' means, ``between_less_within``: estimate, std_error, ci_low, ci_high by the Monte Carlo method,
        and share_of_total of that level.
    slopes : DataFrame, index ``path_effect``
        With random slopes: sd of a and of b between groups, and their covariance with its error. Empty otherwise.
    levels : DataFrame, index ``variable``
        icc: the share of the variance of x, m and y that lies between groups.
    """

    paths: pd.DataFrame
    indirect: pd.DataFrame
    slopes: pd.DataFrame
    levels: pd.DataFrame

    main: ClassVar[str] = "indirect"


def multilevel_mediation(
    data: pd.DataFrame,
    x: str,
    m: str,
    y: str,
    group: Hashable,
    *,
    random_slopes: bool = False,
    covariates: str | Sequence[str] = (),
    draws: int = 20_000,
    seed: int,
    confidence_level: float = 0.95,
) -> MultilevelMediation:
    """Estimate the indirect effect of ``x`` on ``y`` through ``m`` within and between groups.

    Parameters
    ----------
    data : DataFrame
        One row a respondent. Rows that lack a variable or the group are left out, and counted.
    x, m, y : str
        Columns of numbers. ``x`` may be constant in every group (2-1-1): there is then no effect within.
    group : column label
    random_slopes : bool
        Let the paths within groups differ between groups: the mean indirect effect within is then a·b + σ_ab.
    covariates : str or sequence of str
        Columns of numbers, taken as they are in every regression.
    draws : int
        Samples of the Monte Carlo interval, 1,000 or more.
    seed : int
    confidence_level : float

    Raises
    ------
    ValueError, TypeError
        For unknown variables and text.
    InsufficientDataError, ConvergenceError
        As `mixed_model`; when a mediator or outcome does not vary within groups, or nothing varies between them.

    Notes
    -----
    Two mixed models by REML with random intercepts: m on the parts of x, and y on the parts of x and m. The errors of
    their coefficients are independent, since the second has m as a predictor. The covariance of a and b over groups is
    the maximum-likelihood one of the groups' least-squares slopes with their known sampling variances: given x and m
    these have independent errors, so that it estimates σ_ab (Kenny, Korchmaros & Bolger, 2003). The means of groups
    are those observed: with few respondents a group they hold sampling error, which draws the between effect towards
    the within effect. R twins: ``lme4::lmer``, ``nlme::lme`` on stacked data.

    References
    ----------
    Kenny, D. A., Korchmaros, J. D., & Bolger, N. (2003). Psychological Methods, 8, 115–128.
    https://doi.org/10.1037/1082-989X.8.2.115. Bauer, D. J., Preacher, K. J., & Gil, K. M. (2006). Psychological
    Methods, 11, 142–163. https://doi.org/10.1037/1082-989X.11.2.142. Zhang, Z., Zyphur, M. J., & Preacher, K. J.
    (2009). Organizational Research Methods, 12, 695–719. https://doi.org/10.1177/1094428108327450
    """
    _check(draws, seed, confidence_level)
    controls = as_names(covariates, "covariates", "multilevel_mediation") if len(covariates) else ()
    refuse_text(data, [x, m, y, *controls], "multilevel_mediation")
    design = from_columns(y, [x, m, *controls], data, group, "multilevel_mediation")
    refuse_constant(design, [1, 2])
    frame, names = _frame(design.matrix, design.outcome, design.codes, (x, m, y))
    others = [f"v{at}_" for at in range(len(controls))]
    frame = frame.assign(**dict(zip(others, design.matrix[:, 3:].T, strict=True)))

    parts = [f"{_X}{level}" for level in (WITHIN, BETWEEN) if f"{_X}{level}" in frame]
    both = [*parts, f"{_M}{WITHIN}", f"{_M}{BETWEEN}"]
    varies = random_slopes and f"{_X}{WITHIN}" in parts
    first = _model(frame, _M, [*parts, *others], [f"{_X}{WITHIN}"] if varies else [], confidence_level)
    vary_second = ([f"{_X}{WITHIN}"] if varies else []) + ([f"{_M}{WITHIN}"] if random_slopes else [])
    second = _model(frame, _Y, [*both, *others], vary_second, confidence_level)
    total = _model(frame, _Y, [*parts, *others], [f"{_X}{WITHIN}"] if varies else [], confidence_level)
    covariance = _covariance(frame, first, second) if varies else None

    paths = _paths(first, second, total, (x, m, y))
    indirect = _indirect(paths, covariance, draws, seed, confidence_level)
    n_groups = int(frame[_G].nunique())
    return MultilevelMediation(
        paths=paths,
        indirect=indirect,
        slopes=_slopes(covariance),
        levels=_levels(frame, names, confidence_level),
        definition={
            "formula": "multilevel_mediation",
            "predictor": x,
            "mediators": m,
            "outcome": y,
            "covariates": ", ".join(controls) or "none",
            "random_effects": "slopes_vary" if random_slopes else "intercepts_vary",
            "missing": "listwise",
            "n": len(frame),
            "n_groups": n_groups,
            "interval": "monte_carlo",
            "draws": draws,
            "confidence_level": confidence_level,
            "source": "Kenny, Korchmaros & Bolger (2003); Zhang, Zyphur & Preacher (2009)",
        },
        notes=(*design.notes, *_notes(n_groups, parts, x, [first, second])),
    )


def run(
    scored: ScoredResponses,
    *,
    x: Variable,
    m: Variable,
    y: Variable,
    group: Variable | None = None,
    random_slopes: bool = False,
    covariates: Variables = (),
    draws: int = 20_000,
    seed: int,
    confidence_level: float = 0.95,
) -> MultilevelMediation:
    """Multilevel mediation of scale scores in the outermost groups, or in ``group``."""
    group = chosen_group(scored, group)
    if group is None:
        raise InsufficientDataError(
            Note("no_groups_for_levels", "The answers are not nested in groups, so there are no levels to model.")
        )
    controls = scored.expand(covariates)
    data = scored.frame([x, m, y, *controls]).assign(**{group: scored.groups[group]})
    result = multilevel_mediation(
        data, x, m, y, group, random_slopes=random_slopes, covariates=controls, draws=draws, seed=seed,
        confidence_level=confidence_level,
    )  # fmt: skip
    definition = {**result.definition, "group": group}
    return replace(result, definition=definition, notes=(*result.notes, *unweighted(scored)))


def _check(draws: int, seed: int, confidence_level: float) -> None:
    for name, value, least in (("draws", draws, 1000), ("seed", seed, 0)):
        if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < least:
            raise ValueError(
                f"The {name!r} parameter of multilevel_mediation must be a whole number from {least}. "
                f"Got {value!r} instead."
            )
    if not 0 < confidence_level < 1:
        raise ValueError(
            "The 'confidence_level' parameter of multilevel_mediation must be between 0 and 1. "
            f"Got {confidence_level!r} instead."
        )


def _frame(
    matrix: NDArray[np.float64],
    outcome: NDArray[np.float64],
    codes: NDArray[np.int64] | None,
    names: tuple[str, str, str],
) -> tuple[pd.DataFrame, dict[str, str]]:
    """Variables and their parts; a part that does not vary is not there."""
    if codes is None:
        raise ValueError("Groups are needed for a multilevel mediation.")
    frame = pd.DataFrame({_X: matrix[:, 1], _M: matrix[:, 2], _Y: outcome, _G: codes.astype(str)})
    for name, label in zip((_X, _M, _Y), names, strict=True):
        values = frame[name]
        means = values.groupby(frame[_G]).transform("mean")
        size = max(1.0, float(values.abs().max()))
        inside, across = values - means, means - values.mean()
        if name != _X and float(inside.abs().max()) <= 1e-10 * size:
            text = "{term} has the same value for all respondents of a group, so there is nothing to explain within."
            raise InsufficientDataError(Note("constant_within_groups", text, {"term": label}))
        if name != _Y:
            if float(across.abs().max()) <= 1e-10 * size:
                text = "{term} has the same mean in all groups, so there is no effect between them."
                raise InsufficientDataError(Note("constant_between_groups", text, {"term": label}))
            if float(inside.abs().max()) > 1e-10 * size:
                frame[f"{name}{WITHIN}"] = inside
            frame[f"{name}{BETWEEN}"] = across
    return frame, dict(zip((_X, _M, _Y), names, strict=True))


def _model(
    frame: pd.DataFrame, outcome: str, predictors: Sequence[str], slopes: Sequence[str], level: float
) -> MixedModel:
    return mixed_model(
        f"{outcome} ~ {' + '.join(predictors)}", frame, _G, random=" + ".join(["1", *slopes]), confidence_level=level
    )


def _covariance(frame: pd.DataFrame, first: MixedModel, second: MixedModel) -> SlopeCovariance:
    x, m = f"{_X}{WITHIN}", f"{_M}{WITHIN}"
    tau_a, tau_b = (float(model.random["variance"].to_dict()[(_G, name)]) for model, name in ((first, x), (second, m)))
    slopes = group_slopes(
        frame[x].to_numpy(), frame[m].to_numpy(), frame[_Y].to_numpy(), frame[_G].to_numpy(),
        float(first.fit["sigma"]), float(second.fit["sigma"]),
    )  # fmt: skip
    return slope_covariance(slopes, tau_a, tau_b)


def _paths(first: MixedModel, second: MixedModel, total: MixedModel, names: tuple[str, str, str]) -> pd.DataFrame:
    x, m, y = names
    rows: dict[str, dict[str, Any]] = {}
    for letter, model, column, predictor, outcome in (
        ("a", first, _X, x, m), ("b", second, _M, m, y), ("c_prime", second, _X, x, y), ("c", total, _X, x, y),
    ):  # fmt: skip
        for level in (WITHIN, BETWEEN):
            if f"{column}{level}" in model.fixed.index:
                one = model.fixed.loc[f"{column}{level}", _SHOWN]
                rows[f"{letter}_{level}"] = {"predictor": predictor, "outcome": outcome, **one}
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("path")


def _indirect(
    paths: pd.DataFrame, covariance: SlopeCovariance | None, draws: int, seed: int, level: float
) -> pd.DataFrame:
    """Products of normal draws about the estimates (Preacher & Selig, 2012)."""
    random = block_generator(seed, 0)
    tail = (1 - level) / 2
    estimates: dict[str, float] = {}
    samples: dict[str, NDArray[np.float64]] = {}
    shares: dict[str, float] = {}
    for part, name in ((WITHIN, WITHIN_GROUPS), (BETWEEN, BETWEEN_GROUPS)):
        if f"a_{part}" not in paths.index:
            continue
        (a, b), (error_a, error_b) = (
            paths.loc[[f"a_{part}", f"b_{part}"], column].to_numpy(dtype=float) for column in ("estimate", "std_error")
        )
        normal = random.standard_normal((3, draws))
        samples[name] = (a + error_a * normal[0]) * (b + error_b * normal[1])
        estimates[name] = float(a * b)
        if part == WITHIN and covariance is not None:
            estimates[name] += covariance.estimate
            samples[name] += covariance.estimate + covariance.std_error * normal[2]
        direct = paths.loc[[f"c_prime_{part}"], "estimate"].to_numpy(dtype=float)[0]
        shares[name] = estimates[name] / (direct + estimates[name])
    if len(estimates) == 2:
        estimates[DIFFERENCE] = estimates[BETWEEN_GROUPS] - estimates[WITHIN_GROUPS]
        samples[DIFFERENCE] = samples[BETWEEN_GROUPS] - samples[WITHIN_GROUPS]
    rows = {}
    for name, estimate in estimates.items():
        low, high = np.quantile(samples[name], [tail, 1 - tail])
        rows[name] = {
            "estimate": estimate,
            "std_error": float(samples[name].std(ddof=1)),
            "ci_low": float(low),
            "ci_high": float(high),
            "share_of_total": shares.get(name, np.nan),
        }
    return pd.DataFrame.from_dict(rows, orient="index").astype(float).rename_axis("path_effect")


def _slopes(covariance: SlopeCovariance | None) -> pd.DataFrame:
    columns = ["estimate", "std_error", "correlation", "n_groups"]
    if covariance is None:
        return pd.DataFrame(columns=columns, index=pd.Index([], name="path_effect", dtype=object), dtype=float)
    sd_a, sd_b = covariance.variance_a**0.5, covariance.variance_b**0.5
    rows = {
        "sd_of_a": (sd_a, np.nan, np.nan),
        "sd_of_b": (sd_b, np.nan, np.nan),
        "covariance_of_a_and_b": (
            covariance.estimate,
            covariance.std_error,
            covariance.estimate / (sd_a * sd_b) if sd_a * sd_b > 0 else np.nan,
        ),
    }
    table = pd.DataFrame.from_dict(rows, orient="index", columns=columns[:3])
    return table.assign(n_groups=float(covariance.n_groups)).rename_axis("path_effect")


def _levels(frame: pd.DataFrame, names: dict[str, str], level: float) -> pd.DataFrame:
    """Share of the variance between groups, by REML; 1 for what is the same in all of a group."""
    rows = {}
    for name, label in names.items():
        if name == _X and f"{_X}{WITHIN}" not in frame:
            rows[label] = 1.0
            continue
        model = mixed_model(f"{name} ~ 1", frame, _G, confidence_level=level)
        between = float(model.random["variance"].iloc[0])
        rows[label] = between / (between + float(model.fit["sigma"]) ** 2)
    return pd.DataFrame({"icc": pd.Series(rows)}).rename_axis("variable")


def _notes(n_groups: int, parts: Sequence[str], x: str, models: Sequence[MixedModel]) -> list[Note]:
    notes = []
    if f"{_X}{WITHIN}" not in parts:
        text = "{term} is the same for all respondents of a group, so there is no indirect effect within groups."
        notes.append(Note("no_effect_within", text, {"term": x}))
    if n_groups < _FEW_GROUPS:
        text = "What goes on between groups rests on {groups} groups only, and its limits are uncertain."
        notes.append(Note("few_groups_between", text, {"groups": n_groups}))
    if any(note.id.startswith("singular") for model in models for note in model.notes):
        text = (
            "A variance between groups is estimated as nothing, or varying effects follow from one another: the data "
            "cannot tell them apart."
        )
        notes.append(Note("mediation_singular", text))
    return notes
