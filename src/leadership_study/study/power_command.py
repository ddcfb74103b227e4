"""``leadership-study power``: its arguments, and what is printed and written. Heavy imports wait until it runs."""

import argparse
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from leadership_study.errors import LeadershipStudyError
from leadership_study.study import _power_calls as calls

if TYPE_CHECKING:
    from leadership_study.samples.power import PowerResult

_TOLD = "how many must be asked: sample, power or precision, by formula or by simulation"
_EPILOG = """\
Leave out what is to be found: --n (power is .80 unless said), --power, or the effect itself.

examples:
  leadership-study power t-test --d 0.5
  leadership-study power rmsea --df 24 --null 0.05 --alternative 0.08
  leadership-study power alpha --alpha 0.85 --items 6 --width 0.1
  leadership-study power cluster --n 128 --icc 0.1 --cluster-size 15 --size-cv 0.4
  leadership-study power group-difference --districts 12 --schools 5 --teachers 15 --icc-district 0.05 \\
      --icc-school 0.05 --means 0 0.4 --level district --seed 1 --figure curve.svg
"""
_FORMATS = (".svg", ".png")
_INTERRUPTED = 130

Commands = Any  # argparse's own type of a set of subcommands is private


def add_parser(commands: Commands) -> None:
    """Add ``power`` with its kinds to the program's commands."""
    parser = commands.add_parser(
        "power", help=_TOLD, description=f"Find {_TOLD}.", epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    kinds = parser.add_subparsers(title="kinds", metavar="KIND", required=True)

    kind = _kind(kinds, "t-test", "two independent groups", calls.t_test)
    _number(kind, "--d", "Cohen's d")
    _number(kind, "--ratio", "size of the second group over the first", default=1.0)
    _sample(kind)
    _one_sided(kind)
    kind = _kind(kinds, "anova", "one-way analysis of variance of equal groups", calls.anova)
    _number(kind, "--f", "Cohen's f")
    kind.add_argument("--groups", type=int, required=True, help="number of groups")
    _sample(kind)
    kind = _kind(kinds, "correlation", "a correlation against 0", calls.correlation)
    _number(kind, "--r", "correlation")
    _sample(kind)
    _one_sided(kind)
    kind = _kind(kinds, "regression", "R² of a regression, or of predictors added to others", calls.regression)
    _number(kind, "--f2", "Cohen's f² = ΔR²/(1 − R²)")
    _number(kind, "--r-squared", "R² of the whole model, in place of --f2")
    _number(kind, "--r-squared-others", "R² without the tested predictors", default=0.0)
    kind.add_argument("--tested", type=int, required=True, help="number of predictors tested together")
    kind.add_argument("--others", type=int, default=0, help="number of other predictors (default 0)")
    _sample(kind)
    kind = _kind(kinds, "rmsea", "a model's fit: close, not-close or exact", calls.rmsea)
    kind.add_argument("--df", type=int, required=True, help="degrees of freedom of the model")
    _number(kind, "--null", "RMSEA under the hypothesis", default=0.05)
    _number(kind, "--alternative", "RMSEA in truth", default=0.08)
    kind.add_argument("--groups", type=int, default=1, help="groups of respondents in the model (default 1)")
    _sample(kind)
    kind = _kind(kinds, "alpha", "precision of Cronbach's alpha", calls.alpha)
    _number(kind, "--alpha", "alpha planned with", required=True)
    kind.add_argument("--items", type=int, required=True, help="number of items")
    _precision(kind, "--n", "respondents")
    kind.add_argument("--interval", choices=("feldt", "bonett"), default="feldt", help="default: feldt")
    kind = _kind(kinds, "icc", "ICC(1): a test, or with --width its precision", calls.icc)
    _number(kind, "--icc", "ICC(1) planned with")
    kind.add_argument("--raters", type=int, required=True, help="raters in each group")
    _number(kind, "--null", "ICC(1) under the hypothesis", default=0.0)
    _precision(kind, "--groups", "groups")
    _level(kind)
    kind = _kind(kinds, "cluster", "independent respondents turned into clusters by the design effect", calls.cluster)
    kind.add_argument("--n", type=int, required=True, help="respondents needed if they were independent")
    _clusters(kind)
    _number(kind, "--predictor-icc", "ICC of the predictor: 1 when it does not vary in a cluster", default=1.0)
    kind = _kind(kinds, "cluster-comparison", "two groups of whole clusters, by formula", calls.cluster_comparison)
    _number(kind, "--d", "Cohen's d")
    _clusters(kind)
    kind.add_argument("--clusters", type=int, help="clusters in both groups together")
    _level(kind)
    _one_sided(kind)
    kind = _kind(kinds, "yamane", "Yamane's n = N/(1 + N e²), a legacy formula", calls.yamane)
    kind.add_argument("--population", type=int, required=True, help="size of the population")
    _number(kind, "--error", "margin of error", default=0.05)

    kind = _kind(kinds, "group-difference", "groups in a nested design, by simulation", calls.group_difference)
    kind.add_argument("--means", type=float, nargs="+", required=True, help="mean of each group in SDs, as in: 0 0.4")
    kind.add_argument("--shares", type=float, nargs="+", help="share of each group (default: equal)")
    kind.add_argument("--level", choices=("teacher", "school", "district"), required=True, help="what is grouped")
    kind.add_argument("--test", choices=("CR2", "cluster_means", "nonrobust"), default="CR2", help="default: CR2")
    _simulation(kind)
    kind = _kind(kinds, "nested-regression", "a regression in a nested design, by simulation", calls.nested_regression)
    kind.add_argument(
        "--predictor", action="append", required=True, metavar="NAME:SLOPE[:LEVEL]",
        help="standardised slope, and level (teacher, school or district; default teacher); once for each predictor",
    )  # fmt: skip
    kind.add_argument("--tested", nargs="+", help="names of those tested together (default: all)")
    _number(kind, "--correlation", "between predictors of the same level", default=0.0)
    kind.add_argument("--test", choices=("CR2", "nonrobust"), default="CR2", help="default: CR2")
    _simulation(kind)


def main(options: argparse.Namespace) -> int:
    """Compute, print, write; return the exit code."""
    figure: Path | None = options.figure
    if figure is not None and figure.suffix.lower() not in _FORMATS:
        options.parser.error(f"--figure must end in {' or '.join(_FORMATS)}; got {figure}")
    try:
        result: PowerResult = options.compute(options)
    except ValueError as error:
        options.parser.error(str(error))
    from leadership_study.reporting.forms.power_text import as_text
    from leadership_study.samples.power import SimulatedPower

    # A formula's curve is for the figure and the file; on the screen it would bury the answer.
    shown = result if isinstance(result, SimulatedPower) else replace(result, curve=None)
    print(as_text(shown, language=options.language), flush=True)  # noqa: T201
    if options.csv is not None and result.curve is not None:
        options.csv.write_text(result.curve.to_csv(lineterminator="\n"), encoding="utf-8", newline="\n")
    if figure is not None:
        _draw(result, figure, options.language)
    interrupted = isinstance(result, SimulatedPower) and not result.complete
    return _INTERRUPTED if interrupted else 0


def _draw(result: "PowerResult", path: Path, language: str) -> None:
    from leadership_study.reporting.figures import plot, save

    if result.curve is None:
        raise LeadershipStudyError("This formula gives a single sample size: there is no curve to draw.")
    svg, png = save(plot(result, language=language))
    path.write_bytes(svg if path.suffix.lower() == ".svg" else png)


def _kind(kinds: Commands, name: str, told: str, compute: Callable[[argparse.Namespace], Any]) -> Any:
    kind = kinds.add_parser(name, help=told, description=told[0].upper() + told[1:] + ".")
    kind.add_argument("--figure", type=Path, metavar="FILE", help="write the curve as .svg or .png")
    kind.add_argument("--csv", type=Path, metavar="FILE", help="write the curve as CSV")
    kind.add_argument("--language", choices=("en", "zh"), default="en", help="of answer and figure (default en)")
    kind.set_defaults(do=main, compute=compute, parser=kind)
    return kind


def _number(kind: Any, name: str, told: str, **more: Any) -> None:
    shown = f"{told} (default {more['default']:g})" if "default" in more else told
    kind.add_argument(name, type=float, metavar="X", help=shown, **more)


def _level(kind: Any) -> None:
    _number(kind, "--power", "power wanted (0.8 unless it is what is sought)")
    _number(kind, "--significance-level", "of the test", default=0.05)


def _sample(kind: Any) -> None:
    kind.add_argument("--n", type=int, help="respondents in all")
    _level(kind)


def _one_sided(kind: Any) -> None:
    kind.add_argument("--one-sided", action="store_true", help="one-sided test (default: two-sided)")


def _precision(kind: Any, size: str, told: str) -> None:
    kind.add_argument(size, type=int, help=f"{told} (or leave it out to find it)")
    _number(kind, "--width", "width of the interval that is wanted")
    _number(kind, "--confidence-level", "of the interval", default=0.95)


def _clusters(kind: Any) -> None:
    _number(kind, "--icc", "ICC(1) of the outcome", required=True)
    _number(kind, "--cluster-size", "mean number of respondents a cluster", required=True)
    _number(kind, "--size-cv", "SD over mean of these numbers", default=0.0)


def _simulation(kind: Any) -> None:
    for name, told in (
        ("districts", "districts"), ("schools", "schools in each district"), ("teachers", "teachers in each school"),
    ):  # fmt: skip
        kind.add_argument(f"--{name}", type=int, required=True, help=told)
    _number(kind, "--icc-district", "share of the variance between districts", required=True)
    _number(kind, "--icc-school", "share between the schools of a district", required=True)
    _number(kind, "--size-cv", "SD over mean of the teachers a school", default=0.0)
    kind.add_argument("--clusters", choices=("district", "school"), default="district", help="clusters of CR2")
    kind.add_argument("--vary", choices=("districts", "schools", "teachers"), default="districts", help="of the curve")
    kind.add_argument("--values", type=int, nargs="+", help="its values (default: half to twice the planned one)")
    _number(kind, "--target-power", "line in the figure", default=0.8)
    _number(kind, "--significance-level", "of the test", default=0.05)
    kind.add_argument("--replicates", type=int, default=1000, help="simulated studies a design (default 1000)")
    kind.add_argument("--seed", type=int, required=True, help="whole number; equal seeds give equal results")
