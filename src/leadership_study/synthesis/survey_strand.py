"""What the survey says of each dimension: score and rank, differences between groups, what goes with it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from leadership_study.by_name import unknown
from leadership_study.errors import PlanError
from leadership_study.results import Note, NotEstimated, Result

SCORES = ["mean", "mean_ci_low", "mean_ci_high", "rank", "deviation", "ci_low", "ci_high"]
_GAPS = ["statistic", "p_value", "effect_name", "effect_size", "ci_low", "ci_high", "verdict"]
_INFLUENCES = ["estimate", "ci_low", "ci_high", "p_value", "shown"]
_COEFFICIENTS = ("fixed", "coefficients")

Blocks = Sequence[str] | Mapping[str, str]
"""Ids of blocks; or ids with the dimension that each is about, where the result does not say it itself."""


@dataclass(frozen=True, kw_only=True)
class SurveyStrand:
    """The survey's side of the joint display, one row a dimension (``scores``), and what lies behind it."""

    scores: pd.DataFrame
    gaps: pd.DataFrame
    influences: pd.DataFrame
    confidence_level: float | None = None
    notes: tuple[Note, ...] = ()


def survey_strand(
    results: Mapping[str, Result] | None,
    scores: str | None,
    gaps: Blocks,
    influences: Blocks,
    dimensions: Sequence[str] = (),
) -> SurveyStrand:
    """Gather the survey's side from the results of blocks.

    Raises
    ------
    PlanError
        For a block that is not there, or holds nothing of the kind.
    """
    found: Mapping[str, Result] = results or {}
    notes: list[Note] = []
    table, level = pd.DataFrame(columns=SCORES, dtype="float64"), None
    if scores is not None:
        if (result := _block(found, scores, "scores", notes)) is not None:
            table = _scores(result, scores, notes)
            level = result.definition.get("confidence_level")
    elif found:
        text = "No block of scores was named, so the survey says nothing of the dimensions."
        notes.append(Note("joint_no_scores", text))
    known = list(dict.fromkeys([*dimensions, *map(str, table.index)]))
    return SurveyStrand(
        scores=table.rename_axis("dimension"),
        gaps=_table(
            [row for id in gaps if (result := _block(found, id, "gaps", notes)) for row in _gaps(id, result, gaps)],
            "variable",
            _GAPS,
            known,
        ),
        influences=_table(
            [
                row
                for id in influences
                if (result := _block(found, id, "influences", notes))
                for row in _influences(id, result, influences, known, notes)
            ],
            "term",
            _INFLUENCES,
            known,
        ),
        confidence_level=None if level is None else float(level),
        notes=tuple(notes),
    )


def shown_gaps(strand: SurveyStrand, dimension: str) -> list[str]:
    """Return the variables over whose groups a dimension is shown to differ."""
    return _shown(strand.gaps, dimension, strand.gaps["verdict"].isin(["different", "negligible"]))


def shown_influences(strand: SurveyStrand, dimension: str) -> list[str]:
    """Return the variables that have a term whose interval does not include 0: ``post`` for ``post[head]``."""
    terms = _shown(strand.influences, dimension, strand.influences["shown"].astype(bool))
    return list(dict.fromkeys(term.partition("[")[0] for term in terms))


def _shown(table: pd.DataFrame, dimension: str, kept: pd.Series) -> list[str]:
    index = table.index[kept.to_numpy(dtype=bool)]
    return list(dict.fromkeys(str(key[2]) for key in index if key[0] == dimension))


def _block(results: Mapping[str, Result], id: str, key: str, notes: list[Note]) -> Result | None:
    """Return a result; None with a note when it could not be estimated."""
    if id not in results:
        raise PlanError(unknown(f"block in {key!r}", id, list(results)) if results else f"there is no block {id!r}")
    result = results[id]
    if isinstance(result, NotEstimated):
        text = "The block {block} could not be estimated, so the joint display lacks it: {reason}"
        notes.append(Note("joint_block_not_estimated", text, {"block": id, "reason": result.reason}))
        return None
    return result


def _scores(result: Result, id: str, notes: list[Note]) -> pd.DataFrame:
    """Means and ranks, from ``measures`` or ``scales``; paired differences, from ``deviations`` where there are any."""
    tables = result.tables()
    means = tables.get("measures", tables.get("scales"))
    if means is None or "mean" not in means.columns:
        raise PlanError(f"The block {id!r} has no scores of dimensions; name one of the analysis 'repeated' as scores.")
    frame = pd.DataFrame({"mean": means["mean"].astype("float64")})
    frame["rank"] = frame["mean"].rank(ascending=False, method="min")
    if "ci_low" in means.columns:
        frame["mean_ci_low"], frame["mean_ci_high"] = means["ci_low"], means["ci_high"]
    away = tables.get("deviations")
    if away is not None and set(map(str, away.index)) >= set(map(str, frame.index)):
        frame = frame.loc[[name for name in away.index if name in frame.index]]
        frame["deviation"] = away["estimate"]
        frame["ci_low"], frame["ci_high"] = away["ci_low"], away["ci_high"]
    else:
        text = "{block} has means without paired differences, so the survey calls no dimension weak or strong: "
        text += "name a block of the analysis 'repeated' as scores."
        notes.append(Note("joint_no_paired_differences", text, {"block": id}))
    return frame.reindex(columns=SCORES).astype("float64")


def _gaps(id: str, result: Result, about: Blocks) -> list[tuple[tuple[str, str, str], dict[str, object]]]:
    tests = result.tables().get("tests")
    if tests is not None and list(tests.index.names) == ["outcome", "variable"]:
        keys = [tuple(map(str, key)) for key in tests.index]
        return [((key[0], id, key[1]), _gap(tests.iloc[at])) for at, key in enumerate(keys)]
    if hasattr(result, "test") and hasattr(result, "verdict"):
        own = result.test[result.test["decides"].astype(bool)]
        effect = "hedges_g" if result.n_groups == 2 else "omega_squared"  # type: ignore[attr-defined]
        row: dict[str, object] = {
            "statistic": own["statistic"].iloc[0] if len(own) else np.nan,
            "p_value": own["p_value"].iloc[0] if len(own) else np.nan,
            "verdict": result.verdict,
            "effect_name": effect,
        }
        sizes = result.tables()["effect_size"]
        if effect in sizes.index:
            ends = {end: sizes[end][effect] for end in ("ci_low", "ci_high")}
            row |= {"effect_size": sizes["estimate"][effect], **ends}
        dimension = about[id] if isinstance(about, Mapping) else str(result.outcome)  # type: ignore[attr-defined]
        return [((dimension, id, str(result.group)), _gap(row))]  # type: ignore[attr-defined]
    raise PlanError(f"The block {id!r} compares no groups; name one of the analysis 'differences' or 'groups' as gaps.")


def _gap(row: Mapping[str, object] | pd.Series) -> dict[str, object]:
    given = dict(row)
    given["p_value"] = given.get("adjusted_p_value", given.get("p_value", np.nan))
    return {name: given.get(name, np.nan) for name in _GAPS}


def _influences(
    id: str, result: Result, about: Blocks, dimensions: Sequence[str], notes: list[Note]
) -> list[tuple[tuple[str, str, str], dict[str, object]]]:
    tables = result.tables()
    name = next((one for one in _COEFFICIENTS if one in tables), None)
    if name is None:
        raise PlanError(f"The block {id!r} has no coefficients; name a regression or a multilevel model as influences.")
    said = about[id] if isinstance(about, Mapping) else result.definition.get("outcome")
    if said is None:
        raise PlanError(f"The block {id!r} does not say its outcome; give influences as {{block: dimension}}.")
    if said not in dimensions:
        text = "The outcome of {block} is {outcome}, which is no dimension of the joint display: it is left out."
        notes.append(Note("joint_outcome_elsewhere", text, {"block": id, "outcome": str(said)}))
        return []
    rows: list[tuple[tuple[str, str, str], dict[str, object]]] = []
    for term, row in tables[name].iterrows():
        if str(term).lower() in ("intercept", "(intercept)"):
            continue
        low, high = (float(row.get(end, np.nan)) for end in ("ci_low", "ci_high"))
        values = {one: float(row.get(one, np.nan)) for one in ("estimate", "ci_low", "ci_high", "p_value")}
        rows.append(((str(said), id, str(term)), {**values, "shown": bool(low > 0 or high < 0)}))
    return rows


def _table(
    rows: Sequence[tuple[tuple[str, str, str], dict[str, object]]],
    last: str,
    columns: list[str],
    dimensions: Sequence[str],
) -> pd.DataFrame:
    kept = [row for row in rows if row[0][0] in dimensions] if dimensions else list(rows)
    names = ["dimension", "found_in", last]
    order = {dimension: at for at, dimension in enumerate(dimensions)}
    kept.sort(key=lambda row: order.get(row[0][0], len(order)))
    index = pd.MultiIndex.from_tuples([key for key, _ in kept], names=names)
    frame = pd.DataFrame([row for _, row in kept], columns=columns, index=index)
    words = {"effect_name": "object", "verdict": "object", "shown": "bool"}
    return frame.astype({name: words.get(name, "float64") for name in columns})
