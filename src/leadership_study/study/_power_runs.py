"""Runs simulated studies block by block, counts what the tests find, and makes the result."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import pandas as pd

from leadership_study.results import Note
from leadership_study.samples.power import SimulatedPower
from leadership_study.samples.power_formulas import wilson
from leadership_study.samples.resampling import BLOCK, block_generator, block_sizes
from leadership_study.study import _power_checks as checks
from leadership_study.study._nested_design import NestedDesign
from leadership_study.study._power_studies import Compared, Outcome, Regressed, Way

Progress = Callable[[int, int], None]
Vary = Literal["districts", "schools_per_district", "teachers_per_school"]
VARIED = ("districts", "schools_per_district", "teachers_per_school")

_STEPS = (0.5, 0.75, 1.0, 1.5, 2.0)


@dataclass(frozen=True, kw_only=True)
class Count:
    """What one design of the curve has given so far."""

    done: int = 0
    found: int = 0
    false: int = 0
    untestable: int = 0
    terms: tuple[int, ...] = ()
    estimates: tuple[float, ...] = ()

    def plus(self, outcomes: Sequence[Outcome]) -> "Count":
        """Return the count with the outcomes of one more block."""
        hits = zip(*(outcome.terms for outcome in outcomes), strict=True)
        sums = zip(*(outcome.estimates for outcome in outcomes), strict=True)
        terms = tuple(sum(own) for own in hits)
        estimates = tuple(sum(own) for own in sums)
        return Count(
            done=self.done + len(outcomes),
            found=self.found + sum(outcome.found for outcome in outcomes),
            false=self.false + sum(outcome.false_positive for outcome in outcomes),
            untestable=self.untestable + sum(outcome.untestable for outcome in outcomes),
            terms=tuple(map(sum, zip(self.terms or (0,) * len(terms), terms, strict=True))),
            estimates=tuple(map(sum, zip(self.estimates or (0.0,) * len(terms), estimates, strict=True))),
        )


def simulate(
    name: str,
    study: Compared | Regressed,
    design: NestedDesign,
    definition: Mapping[str, Any],
    effect: float | None,
    vary: str,
    values: Sequence[int] | None,
    target_power: float,
    replicates: int,
    seed: int,
    progress: Progress | None,
) -> SimulatedPower:
    checks.choice(name, "vary", vary, VARIED)
    checks.whole(name, "replicates", replicates, 1)
    checks.whole(name, "seed", seed, 0)
    checks.number(name, "target_power", target_power, study.way.significance_level, 1)
    planned: int = getattr(design, vary)
    points = _points(name, study, design, vary, planned, values)
    counts = dict.fromkeys(points, Count())
    complete = True
    try:
        for block, size in enumerate(block_sizes(replicates)):
            outcomes = {}
            for at, one in points.items():
                random = block_generator(seed, block)
                outcomes[at] = [study.replicate(one, random) for _ in range(size)]
            # Assigned at once: an interruption finds every design with the same blocks.
            counts = {at: counts[at].plus(outcomes[at]) for at in points}
            if progress is not None:
                progress(counts[planned].done, replicates)
    except KeyboardInterrupt:
        if not counts[planned].done:
            raise
        complete = counts[planned].done == replicates
    curve = _curve(points, counts)
    here = {str(name): float(value) for name, value in curve.loc[[str(planned)]].iloc[0].items()}
    own = counts[planned]
    return SimulatedPower(
        n=design.n,
        effect=effect,
        power=here["power"],
        target_power=target_power,
        ci_low=here["ci_low"],
        ci_high=here["ci_high"],
        false_positive_rate=here["false_positive_rate"],
        false_positive_ci_low=here["false_positive_ci_low"],
        false_positive_ci_high=here["false_positive_ci_high"],
        replicates=own.done,
        replicates_planned=replicates,
        complete=complete,
        sufficient=next((int(str(at)) for at, reached in curve["power"].items() if reached >= target_power), None),
        not_testable=own.untestable,
        curve=curve,
        terms=_terms(study, own),
        definition={
            "formula": "simulation", **definition, "test": study.way.test, "clusters": study.way.clusters,
            "icc_district": design.icc_district, "icc_school": design.icc_school, "size_cv": design.size_cv,
            "vary": vary, "significance_level": study.way.significance_level, "replicates": own.done, "seed": seed,
            "block": BLOCK, "interval": "wilson", "confidence_level": 0.95,
        },
        notes=_notes(study.way, own, here, replicates, complete),
    )  # fmt: skip


def _points(
    name: str, study: Compared | Regressed, design: NestedDesign, vary: str, planned: int, values: Sequence[int] | None
) -> dict[int, NestedDesign]:
    """Return the designs of the curve in order; one that was asked for and cannot be tested is refused."""
    if values is None:
        smallest = 2 if vary == "districts" else 1
        wanted = {max(round(step * planned), smallest) for step in _STEPS}
        designs = {at: replace(design, **{vary: at}) for at in wanted}
        designs = {at: one for at, one in designs.items() if at == planned or not study.too_small(one)}
    else:
        for at in values:
            checks.whole(name, "values", at, 1)
        designs = {at: replace(design, **{vary: at}) for at in {*values, planned}}
    for one in designs.values():
        if told := study.too_small(one):
            raise ValueError(f"{name}: {told}")
    return dict(sorted(designs.items()))


def _curve(points: Mapping[int, NestedDesign], counts: Mapping[int, Count]) -> pd.DataFrame:
    rows = {}
    for at, design in points.items():
        count = counts[at]
        low, high = wilson(count.found, count.done)
        false_low, false_high = wilson(count.false, count.done)
        rows[str(at)] = {
            "districts": design.districts,
            "schools_per_district": design.schools_per_district,
            "teachers_per_school": design.teachers_per_school,
            "n": design.n,
            "power": count.found / count.done,
            "ci_low": low,
            "ci_high": high,
            "false_positive_rate": count.false / count.done,
            "false_positive_ci_low": false_low,
            "false_positive_ci_high": false_high,
        }
    frame = pd.DataFrame.from_dict(rows, orient="index").rename_axis("sample")
    return frame.astype(dict.fromkeys((*VARIED, "n"), "int64"))


def _terms(study: Compared | Regressed, count: Count) -> pd.DataFrame:
    rows = {}
    for term, true, hits, total in zip(study.terms, study.true_values, count.terms, count.estimates, strict=True):
        low, high = wilson(hits, count.done)
        rows[term] = {"true_value": true, "mean_estimate": total / count.done, "power": hits / count.done,
                      "ci_low": low, "ci_high": high}  # fmt: skip
    return pd.DataFrame.from_dict(rows, orient="index", dtype="float64").rename_axis("term")


def _notes(way: Way, count: Count, here: Mapping[str, float], replicates: int, complete: bool) -> tuple[Note, ...]:
    text = "Power is simulated from normal scores; its interval covers the finite number of replicates only."
    notes = [Note("power_simulated", text)]
    if not complete:
        text = "Interrupted: {done} of {replicates} replicates are counted."
        notes.append(Note("power_interrupted", text, {"done": count.done, "replicates": replicates}))
    if here["false_positive_ci_low"] > way.significance_level:
        text = (
            "Without any effect this test finds one in {rate} of the studies instead of {level}: its power cannot be "
            "trusted."
        )
        values = {"rate": here["false_positive_rate"], "level": way.significance_level}
        notes.append(Note("level_not_kept", text, values))
    if count.untestable:
        text = "In {count} of {done} replicates there were too few clusters to test; they count as not significant."
        notes.append(Note("replicates_not_testable", text, {"count": count.untestable, "done": count.done}))
    return tuple(notes)
