"""Conditional modes of random effects (best linear unbiased predictions) and how far they may be off."""

from dataclasses import dataclass

import numpy as np

from leadership_study.samples.mixed_model import MixedFit
from leadership_study.samples.mixed_model_elimination import factors_of
from leadership_study.samples.mixed_model_search import Parts
from leadership_study.samples.mixed_model_structure import Floats, Segment


@dataclass(frozen=True, kw_only=True, eq=False)
class Modes:
    """Random effects of one grouping factor: J levels, q effects, p coefficients.

    Attributes
    ----------
    values : array, J × q
    covariance : array, J × q × q
        Of b − b̂ given the answers: with β̂ taken as known (lme4's ``condVar``) or with its uncertainty, as asked for.
    with_coefficients : array, J × q × p
        Covariance of b − b̂ with β − β̂; 0 when β̂ is taken as known.
    """

    name: str
    labels: tuple[str, ...]
    columns: tuple[str, ...]
    values: Floats
    covariance: Floats
    with_coefficients: Floats

    @property
    def std_errors(self) -> Floats:
        """Square roots of the variances, J × q."""
        return np.sqrt(np.maximum(np.diagonal(self.covariance, axis1=1, axis2=2), 0.0))


def modes_of(fit: MixedFit, *, coefficients_known: bool = True) -> dict[str, Modes]:
    """Random effects of every term, by the name of its grouping factor.

    The outermost effects come first, from what the elimination left for each unit; each inner unit then takes the
    effects above it as given, and its uncertainty adds theirs.

    References
    ----------
    Robinson, G. K. (1991). Statistical Science, 6, 15–32. https://doi.org/10.1214/ss/1177011926
    """
    structure, found = fit.structure, fit.eliminated
    parts = Parts(found, fit.reml)
    scaled = factors_of(fit.theta, fit.deviance_of.directions, fit.terms)
    p = structure.p
    above = np.append(-parts.coefficients, 1.0)[None]  # what the weights of a unit multiply: −(effects above, γ), 1
    spread = np.zeros((1, p + 1, p + 1))
    if not coefficients_known:
        spread[0, :p, :p] = fit.sigma**2 * parts.inverse
    modes: dict[str, Modes] = {}
    for step, kept in zip(reversed(structure.steps), reversed(found.kept), strict=True):
        units = len(kept.inverse)
        parent = np.searchsorted(step.first, np.arange(units), side="right") - 1
        turn = np.zeros((step.size, step.size))
        for segment in step.segments:
            block = np.kron(np.eye(segment.levels), scaled[segment.factor])
            turn[segment.start : segment.stop, segment.start : segment.stop] = block
        spherical = np.matmul(kept.weights, above[parent][:, :, None])[:, :, 0]
        effects = spherical @ turn.T
        across = -np.matmul(turn, np.matmul(kept.weights, spread[parent]))
        own = fit.sigma**2 * kept.inverse
        own = np.matmul(turn, np.matmul(own, turn.T)) - np.matmul(across, np.matmul(turn, kept.weights).swapaxes(1, 2))
        for segment in step.segments:
            modes |= _of_segment(fit, segment, effects, own, across[:, :, -p - 1 : -1])
        if step is not structure.steps[0]:
            above = np.concatenate([-effects, above[parent]], axis=1)
            size, width = step.size, step.size + spread.shape[1]
            joint = np.empty((units, width, width))
            joint[:, :size, :size], joint[:, size:, size:] = own, spread[parent]
            joint[:, :size, size:], joint[:, size:, :size] = across, across.swapaxes(1, 2)
            spread = joint
    return {term.name: modes[term.name] for term in fit.terms}


def _of_segment(fit: MixedFit, segment: Segment, effects: Floats, own: Floats, across: Floats) -> dict[str, Modes]:
    """Cut the effects of one factor out of a step and put them on the scale of the data."""
    term, scale = fit.terms[segment.factor], fit.structure.scales[segment.factor]
    place = slice(segment.start, segment.stop)
    shape = (term.n_levels, term.n_columns)
    covariance = own
    if segment.levels > 1:  # one unit holds all levels
        at = segment.start + np.arange(segment.levels * segment.size).reshape(shape)
        covariance = own[0][at[:, :, None], at[:, None, :]]
    with_coefficients = across[:, place].reshape(*shape, -1) @ fit.ols.inverse_root.T
    modes = Modes(
        name=term.name,
        labels=term.labels,
        columns=term.columns,
        values=effects[:, place].reshape(shape) / scale,
        covariance=covariance / scale[:, None] / scale,
        with_coefficients=with_coefficients / scale[:, None],
    )
    return {term.name: modes}
