"""Alpha and omega of ordinal items."""

import numpy as np
import pandas as pd
import pytest

from leadership_study.errors import InsufficientDataError
from leadership_study.measurement.polychoric import polychoric
from leadership_study.measurement.reliability import cronbach_alpha, mcdonald_omega, run
from leadership_study.samples.moments import moments

SEARCHED = 1e-4  # polychorics of different searches differ by 2e-5 (the references' README)
BFI = {scale: [f"{scale}{at}" for at in range(1, 6)] for scale in "ACENO"}
LQ2002 = {
    "LEAD": [f"LEAD{at:02d}" for at in range(1, 12)],
    "TSIG": [f"TSIG{at:02d}" for at in range(1, 4)],
    "HOSTILE": [f"HOSTIL{at:02d}" for at in range(1, 6)],
}


def answers(data_set, scale, lq2002, bfi_reversed):
    return bfi_reversed[BFI[scale]] if data_set == "bfi" else lq2002[LQ2002[scale]]


@pytest.fixture(scope="module")
def bfi_reversed():
    frame = pd.read_csv("data/raw/bfi/bfi.csv")
    turned = ["A1", "C4", "C5", "E1", "E2", "O2", "O5"]
    frame[turned] = 7 - frame[turned]
    return frame


@pytest.mark.parametrize(
    ("data_set", "scale"), [*(("bfi", scale) for scale in BFI), *(("lq2002", scale) for scale in LQ2002)]
)
def test_ordinal_alpha_and_omega_are_psychs(reference, lq2002, bfi_reversed, data_set, scale):
    expected = reference(data_set)(f"ordinal_alpha.{scale}")
    assert set(expected) == {"rho", "alpha", "omega_1f"}
    items = answers(data_set, scale, lq2002, bfi_reversed)
    alpha = cronbach_alpha(items, ordinal=True)
    assert alpha.alpha == pytest.approx(expected["alpha"], abs=SEARCHED)
    rho = pd.DataFrame(expected["rho"]["data"], index=expected["rho"]["rows"], columns=expected["rho"]["cols"])
    found = polychoric(items).correlations
    pd.testing.assert_frame_equal(found, rho, check_names=False, rtol=0, atol=SEARCHED)
    assert alpha.average_r == found.to_numpy()[np.tril_indices(len(rho), -1)].mean()
    assert mcdonald_omega(items, ordinal=True).omega == pytest.approx(expected["omega_1f"], abs=SEARCHED)


def test_ordinal_alpha_says_what_it_is_and_has_no_interval(lq2002):
    found = cronbach_alpha(lq2002[LQ2002["TSIG"]], ordinal=True)
    assert found.definition["matrix"] == "polychoric_correlation"
    assert np.isnan([found.ci_low, found.ci_high, found.std_error, found.std_error_of_measurement]).all()
    assert "ordinal_alpha" in {note.id for note in found.notes}


def test_green_yang_is_the_correlation_of_parallel_sums():
    """Its meaning: two sums of answers that share nothing but the factor correlate by it."""
    random = np.random.default_rng(7)
    loadings = np.array([0.5, 0.6, 0.7, 0.8])
    cuts = [[-1.5, -0.5, 0.6], [0.8, 1.6], [-0.2], [-1, 0, 1, 2]]
    factor = random.normal(size=(200_000, 1))

    def form():
        latent = factor * loadings + random.normal(size=(len(factor), 4)) * np.sqrt(1 - loadings**2)
        return np.column_stack([np.searchsorted(cut, latent[:, at]) for at, cut in enumerate(cuts)]).astype(float)

    first, second = form(), form()
    expected = np.corrcoef(first.sum(axis=1), second.sum(axis=1))[0, 1]
    items = pd.DataFrame(first, columns=list("abcd"))
    assert mcdonald_omega(items, ordinal="green-yang").omega == pytest.approx(expected, abs=0.004)
    assert mcdonald_omega(items, ordinal=True).omega > expected + 0.05  # that of the underlying responses is not it


def test_moments_cannot_give_polychorics():
    matrix = pd.DataFrame(np.full((3, 3), 0.5) + np.eye(3) * 0.5, index=list("abc"), columns=list("abc"))
    given = moments(matrix, 100)
    for call in (lambda: cronbach_alpha(given, ordinal=True), lambda: mcdonald_omega(given, ordinal=True)):
        with pytest.raises(InsufficientDataError, match="answers themselves"):
            call()


def test_options_that_do_not_go_together_are_refused(lq2002):
    items = lq2002[LQ2002["TSIG"]]
    with pytest.raises(ValueError, match="bootstrap"):
        cronbach_alpha(items, ordinal=True, interval="bootstrap", bootstrap=200, seed=1)
    with pytest.raises(ValueError, match="green-yang"):
        mcdonald_omega(items, ordinal="yes")


def test_a_study_gets_them_beside_the_others(scored_lq2002):
    assert run(scored_lq2002).ordinal.empty
    found = run(scored_lq2002, ordinal=True)
    assert list(found.ordinal.columns) == ["ordinal_alpha", "ordinal_omega", "categorical_omega"]
    assert (found.ordinal["ordinal_alpha"] > found.table["alpha"]).all()


@pytest.mark.parametrize(
    ("data_set", "scale", "value"),
    [
        ("bfi", "A", 0.7290024037),
        ("bfi", "E", 0.7783615024),
        ("bfi", "N", 0.8387852778),
        ("lq2002", "HOSTILE", 0.924733619),
    ],
)
def test_categorical_omega_is_semtools(lq2002, bfi_reversed, data_set, scale, value):
    """compRelSEM of a one-factor WLSMV fit; minres loadings give .820 for N, where one factor does not fit."""
    items = answers(data_set, scale, lq2002, bfi_reversed)
    found = mcdonald_omega(items, ordinal="green-yang")
    assert found.omega == pytest.approx(value, abs=1e-6)
    assert found.definition["estimator"] == "dwls"
    by_minres = mcdonald_omega(items, ordinal="green-yang", ordinal_loadings_by="minres")
    assert by_minres.omega < value - 0.005
    assert mcdonald_omega(items, ordinal=True).definition["estimator"] == "minres"


def test_a_pair_in_perfect_order_has_no_weight(lq2002):
    items = lq2002[LQ2002["HOSTILE"]].assign(HOSTIL02=lq2002["HOSTIL01"])
    with pytest.raises(InsufficientDataError, match="take minres"):
        mcdonald_omega(items, ordinal="green-yang")
    assert mcdonald_omega(items, ordinal="green-yang", ordinal_loadings_by="minres").omega < 1
