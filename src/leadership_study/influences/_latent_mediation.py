"""Mediation between latent variables: the measurement errors of the scales are part of the model.

Scale scores hold measurement error, which makes the b path too small and the direct effect too large or too small. In a
structural equation model with the items as indicators they are free of it, as far as the measurement model holds.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise
from typing import Any

import numpy as np
import pandas as pd

from leadership_study.influences._path_design import DIRECT, TOTAL, TOTAL_INDIRECT
from leadership_study.measurement.cfa import SemFit, sem

_SHARE = "proportion_mediated"
_SHOWN = ["estimate", "std_error", "statistic", "p_value", "ci_low", "ci_high"]


@dataclass(frozen=True, kw_only=True, eq=False)
class LatentTables:
    """Tables of a latent mediation, under the names of `Mediation`."""

    paths: pd.DataFrame
    indirect: pd.DataFrame
    effects: pd.DataFrame
    contrasts: pd.DataFrame
    intervals: pd.DataFrame
    models: pd.DataFrame
    fit: SemFit


@dataclass(frozen=True, kw_only=True)
class _Syntax:
    """The model in lavaan's syntax, and what each of its labels stands for."""

    text: str
    paths: Mapping[str, tuple[str, str]]
    effects: Mapping[str, str]
    contrasts: Sequence[str]


def latent_tables(
    data: pd.DataFrame,
    scales: Mapping[str, Sequence[str]],
    x: str,
    m: Sequence[str],
    y: str,
    covariates: Sequence[str],
    *,
    serial: bool,
    options: Mapping[str, Any],
) -> LatentTables:
    """Fit the model by `sem` with ``options`` and arrange what it estimates.

    ``scales`` names the items of each of x, m and y that is latent; the others are columns of ``data``.
    """
    syntax = _syntax(scales, x, m, y, covariates, serial=serial)
    fit = sem(syntax.text, data, **options)
    rows = fit.estimates.set_index("label")
    labelled = rows[rows.index.isin([*syntax.paths, *syntax.effects])]
    labelled = labelled[~labelled.index.duplicated()]
    paths = labelled.loc[list(syntax.paths), _SHOWN]
    paths.insert(0, "predictor", [predictor for predictor, _ in syntax.paths.values()])
    paths.insert(1, "outcome", [outcome for _, outcome in syntax.paths.values()])
    paths["df"] = np.inf
    paths["beta"] = labelled.loc[list(syntax.paths), "std_all"]
    paths = paths[["predictor", "outcome", *_SHOWN[:3], "df", *_SHOWN[3:], "beta"]]
    table = labelled.loc[list(syntax.effects), [*_SHOWN, "std_all"]].rename(columns={"std_all": "standardised"})
    table = table.set_axis(pd.Index(list(syntax.effects.values()), name="path_effect"), axis=0)
    table.loc[_SHARE, "standardised"] = np.nan
    table = table.assign(standardised_ci_low=np.nan, standardised_ci_high=np.nan)
    table = table[["estimate", "std_error", "ci_low", "ci_high", "statistic", "p_value", "standardised",
                   "standardised_ci_low", "standardised_ci_high"]]  # fmt: skip
    specific = [name for name in table.index if name not in (TOTAL, DIRECT, TOTAL_INDIRECT, _SHARE, *syntax.contrasts)]
    indirect = table.loc[[*specific, *([TOTAL_INDIRECT] if len(specific) > 1 else [])]]
    method = "bootstrap" if options.get("bootstrap") else "delta"
    intervals = table[_SHOWN].set_axis(
        pd.MultiIndex.from_product([table.index, [method]], names=["path_effect", "method"]), axis=0
    )
    explained = fit.r_squared["r_squared"] if "r_squared" in fit.r_squared else fit.r_squared.iloc[:, 0]
    models = pd.DataFrame(
        {"n": fit.n, "r_squared": [float(explained[name]) for name in (*m, y)]}, index=pd.Index([*m, y], name="model")
    )
    return LatentTables(
        paths=paths.rename_axis("path"),
        indirect=indirect.assign(share_of_total=indirect["estimate"] / table["estimate"][TOTAL]),
        effects=table.loc[[TOTAL, DIRECT, TOTAL_INDIRECT, _SHARE]],
        contrasts=table.loc[list(syntax.contrasts)],
        intervals=intervals,
        models=models,
        fit=fit,
    )


def _syntax(
    scales: Mapping[str, Sequence[str]],
    x: str,
    m: Sequence[str],
    y: str,
    covariates: Sequence[str],
    *,
    serial: bool,
) -> _Syntax:
    lines = [f"{name} =~ {' + '.join(items)}" for name, items in scales.items()]
    number = {name: str(at + 1) if len(m) > 1 else "" for at, name in enumerate(m)}
    paths: dict[str, tuple[str, str]] = {}

    def regression(outcome: str, labelled: Mapping[str, str]) -> str:
        paths.update({label: (predictor, outcome) for label, predictor in labelled.items()})
        terms = [f"{label}*{predictor}" for label, predictor in labelled.items()]
        return f"{outcome} ~ {' + '.join([*terms, *covariates])}"

    for at, name in enumerate(m):
        earlier = {f"d{number[name]}{number[one]}": one for one in m[:at]} if serial else {}
        lines.append(regression(name, {f"a{number[name]}": x, **earlier}))
    lines.append(regression(y, {"c_prime": x, **{f"b{number[name]}": name for name in m}}))
    if not serial:  # what mediators share beside x is not explained by it
        lines += [f"{one} ~~ {two}" for one, two in combinations(m, 2)]

    longest = len(m) if serial else 1
    effects: dict[str, str] = {}
    for at, chain in enumerate((chain for size in range(1, longest + 1) for chain in combinations(m, size)), start=1):
        links = [f"d{number[two]}{number[one]}" for one, two in pairwise(chain)]
        product = "*".join([f"a{number[chain[0]]}", *links, f"b{number[chain[-1]]}"])
        lines.append(f"indirect_{at} := {product}")
        effects[f"indirect_{at}"] = " → ".join(chain)
    specific = list(effects)
    lines.append(f"total_indirect := {' + '.join(specific)}")
    lines += [f"{DIRECT} := c_prime", f"{TOTAL} := c_prime + {' + '.join(specific)}"]
    lines.append(f"proportion_mediated := ({' + '.join(specific)})/(c_prime + {' + '.join(specific)})")
    contrasts = []
    for one, two in combinations(specific, 2):
        label = f"difference_{one.removeprefix('indirect_')}_{two.removeprefix('indirect_')}"
        lines.append(f"{label} := {one} - {two}")
        contrasts.append(f"{effects[one]} – {effects[two]}")
        effects[label] = contrasts[-1]
    effects |= {name: name for name in (TOTAL_INDIRECT, DIRECT, TOTAL, _SHARE)}
    return _Syntax(text="\n".join(lines), paths=paths, effects=effects, contrasts=contrasts)
