"""Weights of factor scores and rotation to a target against psych and GPArotation, and what defines each."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from leadership_study.errors import InsufficientDataError
from leadership_study.samples.factor_scores import score_weights
from leadership_study.samples.rotation import rotate

TESTS = Path(__file__).parents[1]
R = {
    name: np.array(value) if isinstance(value, list) else value
    for name, value in json.loads((TESTS / "reference" / "factor_scores.json").read_text("utf-8"))["holzinger"][
        "value"
    ].items()
}
CORRELATION = pd.read_csv(TESTS / "data" / "holzinger.csv")[[f"x{i}" for i in range(1, 10)]].corr().to_numpy()


@pytest.mark.parametrize("method", ["regression", "bartlett", "tenBerge"])
def test_weights_are_psychs(method):
    found = score_weights(CORRELATION, R["loadings"], R["phi"], method)
    np.testing.assert_allclose(found, R[method], rtol=0, atol=1e-8)


def test_what_defines_each_kind():
    loadings, phi = R["loadings"], R["phi"]
    weights = {m: score_weights(CORRELATION, loadings, phi, m) for m in ("regression", "bartlett", "tenBerge")}
    covariances = {m: w.T @ CORRELATION @ w for m, w in weights.items()}
    np.testing.assert_allclose(covariances["tenBerge"], phi, atol=1e-10)  # correlate as the factors do
    np.testing.assert_allclose(weights["bartlett"].T @ loadings, np.eye(3), atol=1e-10)  # unbiased
    structure = loadings @ phi
    np.testing.assert_allclose(covariances["regression"], weights["regression"].T @ structure, atol=1e-10)
    precision = {m: np.diag(w.T @ structure) / np.sqrt(np.diag(covariances[m])) for m, w in weights.items()}
    assert (precision["regression"] >= precision["bartlett"] - 1e-12).all()


def test_scores_that_do_not_exist_are_refused():
    singular = np.ones((3, 3))
    with pytest.raises(InsufficientDataError, match="not positive definite"):
        score_weights(singular, np.full((3, 1), 0.9), np.eye(1), "regression")
    with pytest.raises(InsufficientDataError, match="uniquenesses"):
        score_weights(np.array([[1, 0.5], [0.5, 1]]), np.array([[1.0], [0.5]]), np.eye(1), "bartlett")


def test_target_rotation_is_gparotations():
    target = np.where(np.kron(np.eye(3), np.ones((3, 1))) == 1, np.nan, 0.0)
    found = rotate(R["unrotated"], "target", target=target)
    assert found.converged
    sign = np.sign(np.sum(found.loadings * R["target_loadings"], axis=0))
    np.testing.assert_allclose(found.loadings * sign, R["target_loadings"], rtol=0, atol=1e-5)
    np.testing.assert_allclose(found.factor_correlations * np.outer(sign, sign), R["target_phi"], rtol=0, atol=1e-5)
    np.testing.assert_allclose(
        found.loadings @ found.factor_correlations @ found.loadings.T, R["unrotated"] @ R["unrotated"].T, atol=1e-10
    )


def test_a_target_that_can_be_reached_is_reached_in_its_own_order():
    truth = np.kron(np.eye(3), np.array([[0.8], [0.6], [0.5], [0.7]]))[:, [2, 0, 1]] * [1, -1, 1]
    turn = np.linalg.qr(np.random.default_rng(1).normal(size=(3, 3)))[0]
    found = rotate(truth @ turn, "target", target=truth, n_starts=5)
    np.testing.assert_allclose(found.loadings, truth, atol=1e-5)


@pytest.mark.parametrize(
    ("target", "message"),
    [(None, "needs the 'target'"), (np.zeros((4, 3)), "must be 9 items"), (np.full((9, 3), np.nan), "at least one")],
)
def test_wrong_targets_are_refused(target, message):
    with pytest.raises(ValueError, match=message):
        rotate(R["unrotated"], "target", target=target)


def test_oblimin_with_negative_gamma_is_gparotations():
    """A published Python package computes another criterion for gamma other than 0."""
    found = rotate(R["unrotated"], "oblimin", gamma=-0.5)
    theirs, phi = (np.array(R["oblimin_minus_half"][name]) for name in ("loadings", "Phi"))
    agreement = np.abs(theirs.T @ found.loadings)
    order = agreement.argmax(axis=1)
    sign = np.sign(np.sum(theirs * found.loadings[:, order], axis=0))
    np.testing.assert_allclose(found.loadings[:, order] * sign, theirs, rtol=0, atol=1e-5)
    ours = found.factor_correlations[np.ix_(order, order)] * np.outer(sign, sign)
    np.testing.assert_allclose(ours, phi, rtol=0, atol=1e-5)
