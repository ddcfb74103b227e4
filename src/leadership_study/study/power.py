"""How many must be asked: power and sample size by formula, and by simulation in nested designs.

By formula each function finds whichever is left out of effect, sample and power (.80 unless said), or of sample and
width of an interval. `simulate_group_difference` and `simulate_regression` draw teachers in schools in districts and
test them as the analysis will.
"""

from leadership_study.samples.power import PowerResult, SimulatedPower
from leadership_study.samples.power_formulas import design_effect
from leadership_study.study._nested_design import NestedDesign, Predictor
from leadership_study.study._power_clusters import cluster_comparison_power, cluster_design
from leadership_study.study._power_precision import alpha_precision, icc_power, icc_precision, yamane_sample
from leadership_study.study._power_simulation import simulate_group_difference, simulate_regression
from leadership_study.study._power_tests import (
    anova_power,
    correlation_power,
    regression_power,
    rmsea_power,
    t_test_power,
)

__all__ = [
    "NestedDesign",
    "PowerResult",
    "Predictor",
    "SimulatedPower",
    "alpha_precision",
    "anova_power",
    "cluster_comparison_power",
    "cluster_design",
    "correlation_power",
    "design_effect",
    "icc_power",
    "icc_precision",
    "regression_power",
    "rmsea_power",
    "simulate_group_difference",
    "simulate_regression",
    "t_test_power",
    "yamane_sample",
]
