"""Agreement as published: Krippendorff's worked examples (2011) and those of the methods' own papers."""

import pytest

from leadership_study.interviews.agreement import (
    cohen_kappa,
    fleiss_kappa,
    gwet_ac1,
    krippendorff_alpha,
    percent_agreement,
    scott_pi,
)


def table(*coders):
    return list(zip(*coders, strict=True))


def test_krippendorff_2011_binary():
    """Two observers, ten units: .095, and Cohen's kappa of the same data .091."""
    first, second = [0, 1, 0, 0, 0, 0, 0, 0, 1, 0], [1, 1, 1, 0, 0, 1, 0, 0, 0, 0]
    found = krippendorff_alpha(table(first, second), level="nominal")
    assert found.estimate == pytest.approx(0.095, abs=5e-4)
    assert cohen_kappa(first, second).estimate == pytest.approx(0.0909, abs=5e-5)
    assert percent_agreement(table(first, second)).estimate == pytest.approx(0.6)


def test_krippendorff_2011_nominal():
    """Two observers, twelve units, five categories: .692."""
    found = krippendorff_alpha(table("aabbdccceDda".lower(), "babbbccceddd"), level="nominal")
    assert found.estimate == pytest.approx(0.692, abs=5e-4)


def test_cohen_and_scott_by_hand():
    """Chance from each coder's own shares (Cohen) and from the shares of both together (Scott)."""
    counts = [[50, 26, 24], [24, 4, 32], [6, 30, 4]]
    cells = [(i, j) for i, row in enumerate(counts) for j, n in enumerate(row) for _ in range(n)]
    a, b = [i for i, _ in cells], [j for _, j in cells]
    observed = 58 / 200
    expected = (100 * 80 + 60 * 60 + 40 * 60) / 200**2
    assert cohen_kappa(a, b).estimate == pytest.approx((observed - expected) / (1 - expected))
    pooled = [(100 + 80) / 400, (60 + 60) / 400, (40 + 60) / 400]
    chance = sum(share**2 for share in pooled)
    assert scott_pi(a, b).estimate == pytest.approx((observed - chance) / (1 - chance))


def test_artstein_and_poesio_2008_two_coders_two_categories():
    # Computational Linguistics 34(4): kappa .348, pi .341.
    a, b = [0] * 40 + [1] * 60, [0] * 20 + [1] * 20 + [0] * 10 + [1] * 50
    assert cohen_kappa(a, b).estimate == pytest.approx(0.16 / 0.46)
    assert fleiss_kappa(table(a, b)).estimate == pytest.approx(0.155 / 0.455)


def test_gwet_2008_high_agreement_of_a_rare_trait():
    # 118, 5, 2 and 0 of 125: kappa is below 0, AC1 .9408.
    a, b = [0] * 123 + [1] * 2, [0] * 118 + [1] * 5 + [0] * 2
    assert gwet_ac1(table(a, b)).estimate == pytest.approx(0.9408, abs=5e-5)
    assert cohen_kappa(a, b).estimate == pytest.approx(-0.0234, abs=5e-5)
