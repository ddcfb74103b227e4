"""Which part each variable plays in a model."""

from collections.abc import Iterable
from dataclasses import dataclass

from leadership_study.sem.syntax import Term


@dataclass(frozen=True)
class Variables:
    """Names by their part, each in order of appearance.

    Attributes
    ----------
    observed, latent
        Columns of the data, indicators first; and factors.
    indicators
        Whatever stands on the right of ``=~``, observed or latent.
    exogenous_latent
        Factors that neither depend on anything nor load on another factor.
    covariates
        Observed variables that only predict: their moments are taken as they are in the data (``fixed_x``).
    dependent
        Variables that depend on others and predict nothing; their residuals covary by default.
    free_covariates
        Covariates whose moments are parameters; they covary in the independence model too.
    """

    observed: tuple[str, ...]
    latent: tuple[str, ...]
    indicators: tuple[str, ...]
    exogenous_latent: tuple[str, ...]
    covariates: tuple[str, ...]
    dependent: tuple[str, ...]
    free_covariates: tuple[str, ...] = ()


def variables_of(terms: Iterable[Term]) -> Variables:
    """Sort the variables of a model by the part they play."""
    terms = tuple(terms)
    latent = _unique(term.lhs for term in terms if term.op == "=~")
    indicators = _unique(term.rhs for term in terms if term.op == "=~")
    outcomes = _unique(term.lhs for term in terms if term.op == "~")
    predictors = _unique(term.rhs for term in terms if term.op == "~")
    named = _unique(
        name
        for term in terms
        if term.op in ("~~", "~1", "|", "~*~")
        for name in (term.lhs, term.rhs if term.op == "~~" else "")
    )  # fmt: skip
    everything = _unique((*indicators, *outcomes, *predictors, *named))
    observed = tuple(name for name in everything if name and name not in latent)
    described = {name for term in terms if term.op in ("~~", "~1") for name in (term.lhs, term.rhs)}
    return Variables(
        observed=observed,
        latent=latent,
        indicators=indicators,
        exogenous_latent=tuple(name for name in latent if name not in indicators and name not in outcomes),
        covariates=tuple(
            name for name in predictors
            if name in observed and name not in outcomes and name not in indicators and name not in described
        ),
        dependent=tuple(
            name for name in (*(n for n in latent if n in outcomes), *(n for n in outcomes if n not in latent))
            if name not in predictors and name not in indicators
        ),
    )  # fmt: skip


def _unique(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))
