"""Models with a method factor beside the traits: unmeasured, or measured by marker items."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from leadership_study.errors import InsufficientDataError
from leadership_study.measurement._sem_result import SemFit
from leadership_study.measurement.cfa import cfa
from leadership_study.results import Note
from leadership_study.sem.syntax import parse
from leadership_study.sem.variables import variables_of

MARKER_MODELS = ("marker_cfa", "marker_baseline", "marker_equal", "marker_free", "marker_restricted")


@dataclass(frozen=True, kw_only=True)
class Traits:
    """What a trait model is made of: its text, its factors, the items that load on them, and a free name."""

    text: str
    factors: tuple[str, ...]
    items: tuple[str, ...]
    method: str


def traits_of(model: str, marker: Sequence[str]) -> Traits:
    """Read a trait model.

    Raises
    ------
    InsufficientDataError
        When it has no factor with items.
    """
    variables = variables_of(parse(model).terms)
    items = tuple(name for name in variables.indicators if name not in variables.latent)
    if not items:
        text = "The model has no factor with items, so there is nothing to judge."
        raise InsufficientDataError(Note("no_measured_factor", text))
    name = "method"
    while name in (*variables.latent, *variables.observed, *marker):
        name += "_factor"
    return Traits(text=model, factors=variables.latent, items=items, method=name)


def one_factor_model(traits: Traits) -> str:
    """All items on one factor."""
    return f"{traits.method} =~ {' + '.join(traits.items)}"


def method_model(traits: Traits, *, equal: bool) -> str:
    """The traits, and a factor of all items that is uncorrelated with them, its loadings free or equal."""
    label = f"{traits.method}_loading*" if equal else ""
    loads = " + ".join(f"{label}{item}" for item in traits.items)
    return "\n".join([traits.text, f"{traits.method} =~ {loads}", _uncorrelated(traits)])


def _uncorrelated(traits: Traits) -> str:
    return f"{traits.method} ~~ {' + '.join(f'0*{factor}' for factor in traits.factors)}"


def marker_fits(traits: Traits, data: pd.DataFrame, marker: Sequence[str], **options: object) -> dict[str, SemFit]:
    """Fit the five models of the CFA marker technique (Williams, Hartman & Cavazotte, 2010).

    ``marker_cfa``: traits and marker, all correlated. ``marker_baseline``: the marker uncorrelated with the traits, its
    own loadings and residuals fixed at those of the first model. ``marker_equal`` and ``marker_free`` (Method-C and
    -U): it loads on all items of the traits too, equally or freely. ``marker_restricted`` (Method-R): the latter with
    the traits' correlations fixed at those of the baseline.
    """
    name, fits = traits.method, {}

    def fitted(text: str) -> SemFit:
        return cfa(text, data, std_lv=True, **options)  # type: ignore[arg-type]

    fits["marker_cfa"] = first = fitted(f"{traits.text}\n{name} =~ {' + '.join(marker)}")
    own = " + ".join(f"{_value(first, f'{name} =~ {item}')}*{item}" for item in marker)
    residuals = [f"{item} ~~ {_value(first, f'{item} ~~ {item}')}*{item}" for item in marker]
    fixed = [f"{name} =~ {own}", *residuals, _uncorrelated(traits)]
    fits["marker_baseline"] = base = fitted("\n".join([traits.text, *fixed]))
    equal = f"{name} =~ " + " + ".join(f"{name}_loading*{item}" for item in traits.items)
    free = f"{name} =~ " + " + ".join(traits.items)
    fits["marker_equal"] = fitted("\n".join([traits.text, *fixed, equal]))
    fits["marker_free"] = fitted("\n".join([traits.text, *fixed, free]))
    among = base.estimates[base.estimates["op"] == "~~"]
    held = [
        f"{lhs} ~~ {_number(value)}*{rhs}"
        for lhs, rhs, value in zip(among["lhs"], among["rhs"], among["estimate"].to_numpy(dtype=float), strict=True)
        if lhs != rhs and {lhs, rhs} <= set(traits.factors)
    ]
    if held:
        fits["marker_restricted"] = fitted("\n".join([traits.text, *fixed, free, *held]))
    return fits


def _value(fit: SemFit, term: str) -> str:
    return _number(float(fit.estimates["estimate"].to_numpy(dtype=float)[list(fit.estimates.index).index(term)]))


def _number(value: float) -> str:
    return np.format_float_positional(value, unique=True, trim="0")
