"""Agreement about codes: for each code, each dimension and all codes together, with the unit said."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from leadership_study.errors import InsufficientDataError
from leadership_study.interviews._options import check_numbers
from leadership_study.interviews.codebook import Codebook
from leadership_study.interviews.units import Units
from leadership_study.results import Note, Result
from leadership_study.samples.agreement_estimate import Estimate, interval
from leadership_study.samples.agreement_krippendorff import krippendorff
from leadership_study.samples.agreement_many import holsti_of_code, many_coders
from leadership_study.samples.agreement_pair import cohen_pairs
from leadership_study.samples.agreement_patterns import Patterns, merged

COEFFICIENTS: dict[str, Callable[[Patterns], Estimate]] = {
    "percent": lambda patterns: many_coders(patterns, "none"),
    "holsti": lambda patterns: holsti_of_code(patterns, 1),
    "cohen_kappa": lambda patterns: cohen_pairs(patterns, np.eye(2)),
    "fleiss_kappa": lambda patterns: many_coders(patterns, "fleiss"),
    "krippendorff_alpha": lambda patterns: krippendorff(patterns, "nominal"),
    "gwet_ac1": lambda patterns: many_coders(patterns, "gwet"),
    "brennan_prediger": lambda patterns: many_coders(patterns, "brennan_prediger"),
}
"""Scott's pi is Fleiss' kappa of two coders. Cohen's is the mean over pairs of coders."""

_COLUMNS = ["estimate", "std_error", "ci_low", "ci_high", "observed", "expected", "n", "reason"]


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class CodeAgreement(Result):
    """Agreement of coders.

    Attributes
    ----------
    unit : str
        segment, sentence or character: a coefficient means nothing without it.
    n_units, n_coders, n_transcripts : int
        Units compared (characters counted one by one), coders, transcripts that two of them worked on.
    codes : DataFrame, index ``code`` and ``coefficient``
        estimate, std_error, ci_low, ci_high, observed, expected, n, and why it is undefined where it is (``reason``).
    dimensions : DataFrame, index ``dimension`` and ``coefficient``
        The same over all decisions about the codes of a dimension.
    pooled : DataFrame, index ``coefficient``
        The same over all codes.
    by_code, by_dimension : DataFrame, index ``code`` or ``dimension``
        The same with one column a coefficient, and the interval of Krippendorff's alpha; ``given`` counts the units
        that any coder gave the code.
    """

    unit: str
    n_units: int
    n_coders: int
    n_transcripts: int
    codes: pd.DataFrame
    dimensions: pd.DataFrame
    pooled: pd.DataFrame
    by_code: pd.DataFrame
    by_dimension: pd.DataFrame

    main: ClassVar[str] = "pooled"


def code_agreement(
    units: Units,
    codebook: Codebook | None,
    codes: list[str],
    *,
    unit: str,
    confidence_level: float = 0.95,
    bootstrap: int = 1000,
    seed: int = 0,
) -> CodeAgreement:
    """All coefficients for codes that each unit was given or not.

    A unit is a decision about each code: given or not. Pooled and by dimension these decisions are counted together,
    not averaged. Intervals are percentile bootstraps that draw whole transcripts, the same draws for every code.

    Raises
    ------
    InsufficientDataError
        No transcript was worked on by two coders.
    """
    check_numbers("code_agreement", confidence_level=confidence_level, bootstrap=bootstrap)
    if not len(units.frame):
        text = "Agreement needs transcripts that two coders worked on; there is none."
        raise InsufficientDataError(Note("agreement_no_shared_transcripts", text))
    by_code = {code: units.patterns(code) for code in codes}
    options = {"confidence_level": confidence_level, "bootstrap": bootstrap, "seed": seed}
    notes: dict[tuple[Any, ...], Note] = {}
    rows: dict[tuple[str, str], list[Any]] = {}
    for code, patterns in by_code.items():
        _fill(rows, code, patterns, options, notes)
    of: dict[str, list[Patterns]] = {}
    for code, patterns in by_code.items():
        dimension = None if codebook is None or code not in codebook else codebook.dimension(code)
        if dimension is not None:
            of.setdefault(dimension, []).append(patterns)
    grouped: dict[tuple[str, str], list[Any]] = {}
    for dimension, parts in of.items():
        _fill(grouped, dimension, _together(parts), options, notes)
    whole: dict[tuple[str, str], list[Any]] = {}
    _fill(whole, "all", _together(list(by_code.values())), options, notes)
    notes.pop(("agreement_flat",), None)
    of_codes, of_dimensions = _table(rows, "code"), _table(grouped, "dimension")
    used = {code: _given(patterns) for code, patterns in by_code.items()}
    in_dimension = {dimension: sum(_given(part) for part in parts) for dimension, parts in of.items()}
    return CodeAgreement(
        unit=unit,
        n_units=int(units.frame["size"].sum()),
        n_coders=len(units.coders),
        n_transcripts=int(units.frame["transcript"].nunique()),
        codes=of_codes,
        dimensions=of_dimensions,
        pooled=_table(whole, "scope").droplevel("scope"),
        by_code=_wide(of_codes, used),
        by_dimension=_wide(of_dimensions, in_dimension),
        definition={
            "unit": unit, "missing": "pairwise", "interval": "bootstrap_clusters", "confidence_level": confidence_level,
            "bootstrap": bootstrap, "seed": seed,
        },
        notes=tuple(notes.values()),
    )  # fmt: skip


def _given(patterns: Patterns) -> int:
    return round(float(patterns.weights[(patterns.rows == 1).any(axis=1)].sum()))


def _wide(table: pd.DataFrame, given: dict[str, int]) -> pd.DataFrame:
    """One row a code, one column a coefficient."""
    index = pd.Index(list(given), name=str(table.index.names[0]), dtype=object)
    wide = pd.DataFrame({"given": list(given.values())}, index=index, dtype="int64")
    for coefficient in COEFFICIENTS:
        own = table[table.index.get_level_values("coefficient") == coefficient].droplevel("coefficient")
        wide[coefficient] = own["estimate"]
        if coefficient == "krippendorff_alpha":
            wide[[f"{coefficient}_ci_low", f"{coefficient}_ci_high"]] = own[["ci_low", "ci_high"]]
            reason = own["reason"]
    return wide.assign(reason=reason)


def _together(parts: list[Patterns]) -> Patterns:
    clusters = np.concatenate([part.clusters for part in parts if part.clusters is not None], axis=1)
    weights = np.concatenate([part.weights for part in parts])
    return merged(np.concatenate([part.rows for part in parts]), weights, parts[0].values, clusters)


def _fill(
    rows: dict[tuple[str, str], list[Any]],
    name: str,
    patterns: Patterns,
    options: dict[str, Any],
    notes: dict[Any, Note],
) -> None:
    for coefficient, compute in COEFFICIENTS.items():
        found = compute(patterns)
        limits = interval(found, **options)
        for note in limits.notes:
            if note.id != "agreement_undefined_replicates":
                notes[(note.id,)] = note
        rows[(name, coefficient)] = [
            found.estimate, limits.std_error, limits.ci_low, limits.ci_high, found.observed, found.expected,
            round(found.n),
            None if found.reason is None else found.reason.id.removeprefix("agreement_"),
        ]  # fmt: skip


def _table(rows: dict[tuple[str, str], list[Any]], name: str) -> pd.DataFrame:
    index = pd.MultiIndex.from_tuples(list(rows), names=[name, "coefficient"])
    frame = pd.DataFrame(list(rows.values()), index=index, columns=_COLUMNS)
    types = {column: "float64" for column in _COLUMNS[:6]} | {"n": "int64", "reason": "object"}
    return frame.astype(types)
