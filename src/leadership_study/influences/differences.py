"""All dimensions by all background questions at once: one table of tests, corrected over the whole family."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from leadership_study.errors import EstimationError, InsufficientDataError, PlanError
from leadership_study.influences._comparison_tables import Variances
from leadership_study.influences._scored import with_levels
from leadership_study.influences.groups import By, GroupComparison, compare_groups
from leadership_study.results import Note, Result
from leadership_study.samples.multiplicity import Adjust, adjusted
from leadership_study.scoring import ScoredResponses, Variables
from leadership_study.scoring.dimensions import unweighted

_COMPARABLE = ("nominal", "ordinal", "group")
_TEST = ("n", "n_groups", "test", "statistic", "df1", "df2", "p_value", "adjusted_p_value")
_EFFECT = (
    "effect_name",
    "effect_size",
    "ci_low",
    "ci_high",
    "mixed_model_p_value",
    "equivalence_p_value",
    "adjusted_equivalence_p_value",
    "verdict",
)


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Differences(Result):
    """Every outcome compared over every grouping.

    Attributes
    ----------
    n_undecided : int
        Comparisons that neither show a difference nor its absence.
    tests : DataFrame, index ``outcome``, ``variable``
        n, n_groups, test (the one that decides), statistic, df1 (NaN for t), df2, p_value, adjusted_p_value (over the
        whole table), effect_name (hedges_g or omega_squared; by ranks rank_biserial or rank_epsilon_squared),
        effect_size, ci_low, ci_high, mixed_model_p_value (nested answers), equivalence_p_value (the largest of all
        pairs), adjusted_equivalence_p_value (over the whole table too), verdict by the adjusted p values: "different",
        "negligible" (different, and equivalent), "equivalent", "undecided", "not_tested".
    means : DataFrame, index ``outcome``, ``variable``, ``level``
        n, mean, sd, ci_low, ci_high.
    pairs : DataFrame, index ``outcome``, ``variable``, ``pair``
        difference (second group less first), ci_low, ci_high, p_value, adjusted_p_value (within the comparison),
        cohen_d; of the comparisons of three groups or more that are significant after correction.
    """

    n_undecided: int
    tests: pd.DataFrame
    means: pd.DataFrame
    pairs: pd.DataFrame

    main: ClassVar[str] = "tests"


def run(
    scored: ScoredResponses,
    *,
    outcomes: Variables = ("dimensions",),
    variables: Variables = ("background",),
    variances: Variances = "unequal",
    by: By = "means",
    adjust: Adjust = "holm",
    equivalence_bound: float = 0.2,
    confidence_level: float = 0.95,
) -> Differences:
    """Compare every one of ``outcomes`` over the groups of every one of ``variables``.

    P values are adjusted over all comparisons together. Nested answers are allowed for by cluster-robust tests.
    Questions without levels (numbers, text, dates, multiple answers) form no groups and are named in a note.
    """
    instrument = scored.instrument
    kinds = {question.id: question.kind for question in instrument.background}
    wanted = scored.expand(variables)
    names = [name for name in wanted if kinds.get(name) in _COMPARABLE or name in scored.groups.columns]
    measured = scored.expand(outcomes)
    frame = scored.frame([*measured, *names])
    if words := [name for name in measured if not pd.api.types.is_numeric_dtype(frame[name].dtype)]:
        raise PlanError(f"The answers to {words[0]!r} are words and have no means; leave it out of 'outcomes'.")
    notes: list[Note] = []
    if others := [name for name in wanted if name not in names]:
        text = "These form no groups and are not compared; correlations may take those that are numbers: {variables}."
        notes.append(Note("differences_no_groups", text, {"variables": ", ".join(others)}))
    for name in names:
        frame[name] = with_levels(scored, name, frame[name], "a group").astype("category")
    found: dict[tuple[str, str], GroupComparison] = {}
    told: dict[tuple[str, str], set[str]] = {}
    for name in names:
        levels = [level for level in scored.nested_in if level != name] if by == "means" else []
        for outcome in measured:
            try:
                result = compare_groups(
                    frame,
                    outcome,
                    name,
                    variances=variances,
                    by=by,
                    adjust=adjust,
                    nested_in=[scored.groups[level] for level in levels] or None,
                    equivalence_bound=equivalence_bound,
                    confidence_level=confidence_level,
                )
            except EstimationError as problem:
                text = "{outcome} is not compared by {variable}: {reason}"
                values = {"outcome": outcome, "variable": name, "reason": problem.note}
                if problem.note.id == "nothing_to_compare" and len(measured) > 1:
                    text = "{variable} is not compared: {reason}"
                    values.pop("outcome")
                    told_once = Note("variable_not_compared", text, values)
                    notes += [told_once] if str(told_once) not in {str(one) for one in notes} else []
                else:
                    notes.append(Note("difference_not_estimated", text, values))
                continue
            found[outcome, name] = result
            for note in result.notes:
                if note.id not in ("shapiro_not_made", "few_clusters_to_compare"):
                    told.setdefault((name, str(note)), set()).add(outcome)
                    if len(told[name, str(note)]) == 1:
                        text = "{variable}: {reason}"
                        notes.append(Note("difference_note", text, {"variable": name, "reason": note}))
                elif note.id not in {one.id for one in notes}:
                    notes.append(note)
    if not found:
        failed = ("difference_not_estimated", "variable_not_compared")
        reason = next((note for note in notes if note.id in failed), None)
        text = "No background question forms groups, so there is nothing to compare."
        raise InsufficientDataError(reason or Note("differences_nothing", text))
    ordered = {key: found[key] for outcome in measured for name in names if (key := (outcome, name)) in found}
    tests = _tests(ordered, by, adjust, 1 - confidence_level)
    if by == "ranks" and scored.nested_in:
        text = "Tests of ranks take respondents as independent although they are nested in {groups}."
        notes.append(Note("ranks_ignore_nesting", text, {"groups": ", ".join(scored.nested_in)}))
    return Differences(
        n_undecided=int((tests["verdict"] == "undecided").sum()),
        tests=tests,
        means=_means(ordered),
        pairs=_pairs(ordered, tests, 1 - confidence_level),
        definition={
            "variances": variances,
            "adjust": adjust,
            "family": len(tests),
            "nested_in": ", ".join(scored.nested_in) if by == "means" and scored.nested_in else "none",
            "equivalence_bound": equivalence_bound,
            "missing": "available",
            "confidence_level": confidence_level,
        },
        notes=(*notes, *unweighted(scored)),
    )


def _tests(
    found: Mapping[tuple[str, str], GroupComparison], by: By, adjust: Adjust, significance: float
) -> pd.DataFrame:
    rows = []
    for result in found.values():
        test = result.test.iloc[0]
        effect = ("rank_biserial" if result.n_groups == 2 else "rank_epsilon_squared") if by == "ranks" else (
            "hedges_g" if result.n_groups == 2 else "omega_squared"
        )  # fmt: skip
        size = result.effect_size.loc[effect]
        decided = bool(test["decides"])
        df2 = test["df2"] if np.isnan(test["df"]) else test["df"]
        mixed = result.test["p_value"].get("mixed_model_f", np.nan)
        rows.append(
            {
                "n": result.n,
                "n_groups": result.n_groups,
                "test": str(result.test.index[0]) if decided else "none",
                "statistic": test["statistic"] if decided else np.nan,
                "df1": test["df1"] if decided else np.nan,
                "df2": df2 if decided else np.nan,
                "p_value": test["p_value"] if decided else np.nan,
                "adjusted_p_value": np.nan,
                "effect_name": effect,
                "effect_size": size["estimate"],
                "ci_low": size["ci_low"],
                "ci_high": size["ci_high"],
                "mixed_model_p_value": mixed,
                "equivalence_p_value": float(result.equivalence["p_value"].max(skipna=False)),
                "adjusted_equivalence_p_value": np.nan,
                "verdict": "not_tested",
            }
        )
    index = pd.MultiIndex.from_tuples(list(found), names=["outcome", "variable"])
    table = pd.DataFrame(rows, index=index, columns=[*_TEST, *_EFFECT])
    table["adjusted_p_value"] = adjusted(table["p_value"].to_numpy(dtype=float), adjust)
    shown = adjusted(table["equivalence_p_value"].to_numpy(dtype=float), adjust)
    table["adjusted_equivalence_p_value"] = shown
    equivalent = shown < significance
    different = table["adjusted_p_value"] < significance
    table["verdict"] = np.select(
        [table["adjusted_p_value"].isna(), different & equivalent, different, equivalent],
        ["not_tested", "negligible", "different", "equivalent"],
        "undecided",
    ).astype(object)
    return table.astype({"test": "object", "effect_name": "object", "verdict": "object"})


def _means(found: Mapping[tuple[str, str], GroupComparison]) -> pd.DataFrame:
    parts = {key: result.groups[["n", "mean", "sd", "ci_low", "ci_high"]] for key, result in found.items()}
    means: pd.DataFrame = pd.concat(parts, names=["outcome", "variable", "level"])
    return means


def _pairs(found: Mapping[tuple[str, str], GroupComparison], tests: pd.DataFrame, significance: float) -> pd.DataFrame:
    columns = ["difference", "ci_low", "ci_high", "p_value", "adjusted_p_value", "cohen_d"]
    names = ["outcome", "variable", "pair"]
    significant = set(tests.index[tests["adjusted_p_value"] < significance])
    kept: dict[Any, pd.DataFrame] = {
        key: result.post_hoc[columns] for key, result in found.items() if result.n_groups > 2 and key in significant
    }
    if not kept:
        index = pd.MultiIndex.from_tuples([], names=names)
        return pd.DataFrame({column: pd.Series(dtype="float64") for column in columns}).set_axis(index)
    found_pairs: pd.DataFrame = pd.concat(kept, names=names)
    return found_pairs
