"""From a data frame to the numbers of a regression: complete rows, dummies, clusters, names of terms."""

import io
import re
import tokenize
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from leadership_study.by_name import unknown
from leadership_study.errors import InsufficientDataError
from leadership_study.influences._columns import check_kind, for_patsy, is_number, levels_of, numbers_of
from leadership_study.influences._groups import Clusters, cluster_codes
from leadership_study.results import Note

INTERCEPT = "intercept"


@dataclass(frozen=True, kw_only=True, eq=False)
class Design:
    """The rows that a regression uses.

    Attributes
    ----------
    matrix : array, n × p
        Columns of the design; ``terms`` are their names and ``parts`` the variable or model term each belongs to.
    outcome : array of n numbers
    codes : array of n whole numbers, or None
        Cluster of each row, 0 … g − 1.
    constant : int or None
        Position of the column of ones.
    rows : Index
        Labels of the rows used; ``positions`` are their places among the rows handed in, for labels may repeat.
    received : int
        Rows handed in.
    notes : tuple of Note
        Rows left out, reference levels.
    """

    matrix: NDArray[np.float64]
    terms: tuple[str, ...]
    constant: int | None
    parts: tuple[str, ...]
    outcome: NDArray[np.float64]
    outcome_name: str
    codes: NDArray[np.int64] | None
    rows: pd.Index
    positions: NDArray[np.int64]
    received: int
    notes: tuple[Note, ...]

    def columns_of(self, parts: Sequence[str]) -> list[int]:
        """Positions of the columns that belong to ``parts``."""
        return [at for at, part in enumerate(self.parts) if part in parts]


def from_columns(
    outcome: str, predictors: Sequence[str], data: pd.DataFrame, clusters: Clusters | None, function: str
) -> Design:
    """Take ``predictors`` as they are (numbers) or as dummies (text, categories), after a constant."""
    repeated = [name for name in predictors if list(predictors).count(name) > 1 or name == outcome]
    if repeated:
        raise ValueError(f"The variable {repeated[0]!r} stands in {function} more than once; name it once.")
    used, positions, codes, notes = _complete(data, [outcome, *predictors], clusters, function)
    _refuse_constants_name(predictors)
    y = numbers_of(used[outcome], outcome)
    columns: list[NDArray[np.float64]] = [np.ones(len(used))]
    terms, parts = [INTERCEPT], [INTERCEPT]
    for name in predictors:
        column = used[name]
        if is_number(column):
            columns.append(column.to_numpy(dtype=float))
            terms.append(name)
            parts.append(name)
            continue
        levels = levels_of(column)
        notes.append(_reference_note(name, levels[0]))
        for level in levels[1:]:
            columns.append(np.asarray(column == level, dtype=np.float64))
            terms.append(f"{name}[{level}]")
            parts.append(name)
        if len(levels) == 1:
            raise InsufficientDataError(
                Note("one_level", "{term} has a single level in the rows used; leave it out.", {"term": name})
            )
    return Design(
        matrix=np.column_stack(columns),
        terms=tuple(terms),
        constant=0,
        parts=tuple(parts),
        outcome=y,
        outcome_name=outcome,
        codes=codes,
        rows=used.index,
        positions=positions,
        received=len(data),
        notes=tuple(notes),
    )


def from_formula(formula: str, data: pd.DataFrame, clusters: Clusters | None, function: str) -> Design:
    """Read a formula such as ``y ~ x + C(school) + x:z`` with patsy.

    Columns of the data win over nothing else: a column called ``C`` or ``Q`` stays usable beside the functions
    ``C(…)`` and ``Q("…")``, and names outside the data (``np`` aside) are unknown.
    """
    import patsy  # type: ignore[import-untyped]

    _refuse_other_data(data, function)
    safe, names, left_side, right_side = _renamed(formula, [str(column) for column in data.columns])
    variables = list(dict.fromkeys([*left_side, *right_side]))
    used, positions, codes, notes = _complete(data, variables, clusters, function)
    _refuse_constants_name(right_side)
    frame = pd.DataFrame({names.get(name, name): for_patsy(used[name]) for name in variables}, index=used.index)
    try:
        left, right = patsy.dmatrices(
            safe, frame, patsy.EvalEnvironment([{"np": np}]), NA_action="raise", return_type="dataframe"
        )
    except patsy.PatsyError as error:
        message = str(error).partition("\n")[0]
        raise ValueError(f"The formula {formula!r} cannot be used: {message}; correct it.") from None
    _refuse_own_outcome(formula, left_side, right_side)
    if left.shape[1] != 1:
        raise TypeError(f"The outcome of {formula!r} must be one column of numbers; text cannot be an outcome.")
    information = right.design_info
    back = {safe_name: name for name, safe_name in names.items()}
    terms: list[str] = []
    parts: list[str] = []
    columns: list[int] = []
    constant = None
    # Patsy moves categories to the front; here terms stand as written, interactions last, as in R.
    written = patsy.ModelDesc.from_formula(safe).rhs_termlist
    for term in sorted(written, key=lambda entry: len(entry.factors)):
        place = information.term_slices[term]
        if not term.factors:
            constant = len(columns)
            columns, terms, parts = [*columns, place.start], [*terms, INTERCEPT], [*parts, INTERCEPT]
            continue
        if place.stop == place.start:  # patsy lets a variable of one level vanish
            name = _term(term.name(), back)
            raise InsufficientDataError(
                Note("one_level", "{term} has a single level in the rows used; leave it out.", {"term": name})
            )
        columns += list(range(len(information.column_names)))[place]
        terms += [_term(name, back) for name in information.column_names[place]]
        parts += [_term(term.name(), back)] * (place.stop - place.start)
    matrix = right.to_numpy(dtype=float)[:, columns]
    if not (np.isfinite(matrix).all() and np.isfinite(left.to_numpy(dtype=float)).all()):
        raise ValueError(f"The formula {formula!r} makes numbers that are not finite; check its functions.")
    for factor, info in information.factor_infos.items():
        if info.type == "categorical":
            notes.append(_reference_note(_term(factor.name(), back), info.categories[0]))
    return Design(
        matrix=matrix,
        terms=tuple(terms),
        constant=constant,
        parts=tuple(parts),
        outcome=left.to_numpy(dtype=float)[:, 0],
        outcome_name=_term(left.columns[0], back),
        codes=codes,
        rows=used.index,
        positions=positions,
        received=len(data),
        notes=tuple(notes),
    )


def _complete(
    data: pd.DataFrame, names: Sequence[str], clusters: Clusters | None, function: str
) -> tuple[pd.DataFrame, NDArray[np.int64], NDArray[np.int64] | None, list[Note]]:
    """Rows with every variable and a cluster, and their places; listwise deletion is noted."""
    _refuse_other_data(data, function)
    known = [str(column) for column in data.columns]
    for name in names:
        if name not in known:
            raise ValueError(unknown("variable", name, known))
        if known.count(name) > 1:
            raise ValueError(f"The column {name!r} occurs more than once; give each variable its own name.")
    used = data.set_axis(known, axis=1)[list(dict.fromkeys(names))]
    for name in used.columns:
        check_kind(used[name], name)
    answered = used.notna().all(axis=1).to_numpy()
    if not answered.any():
        fewest = str(used.notna().sum().idxmin())
        raise InsufficientDataError(
            Note("no_complete_row", "No row has all variables; {term} has the fewest answers.", {"term": fewest})
        )
    keep, codes, notes = answered, None, []
    if not answered.all():
        text = "{left_out} of {received} rows were left out because an answer was missing."
        values = {"left_out": int((~answered).sum()), "received": len(data)}
        notes.append(Note("rows_left_out", text, values))
    if clusters is not None:
        raw = cluster_codes(data, clusters, function)
        keep = answered & (raw >= 0)
        if not keep.any():
            text = "No row that has all variables has a group, so cluster-robust errors do not exist."
            raise InsufficientDataError(Note("no_row_in_a_group", text))
        if (without := int((answered & (raw < 0)).sum())) > 0:
            text = "{left_out} of {received} rows have all answers and were left out because their group was missing."
            notes.append(Note("rows_without_group", text, {"left_out": without, "received": len(data)}))
        codes = np.unique(raw[keep], return_inverse=True)[1].astype(np.int64)
        if codes.max() == 0:
            raise InsufficientDataError(
                Note("one_cluster", "All rows used are in one cluster, so cluster-robust errors do not exist.")
            )
    return used[keep], np.flatnonzero(keep), codes, notes


def _refuse_other_data(data: pd.DataFrame, function: str) -> None:
    if not isinstance(data, pd.DataFrame):
        raise TypeError(f"The data of {function} must be a DataFrame. Got {type(data).__name__} instead.")


def _refuse_constants_name(predictors: Sequence[str]) -> None:
    if INTERCEPT in predictors:
        raise ValueError(f"A predictor is called {INTERCEPT!r} as the constant's row is; rename the column.")


def _refuse_own_outcome(formula: str, left: list[str], right: list[str]) -> None:
    """Refuse ``y ~ y``; the outcome made of several columns, ``I(after - before) ~ before``, may share one."""
    plain = formula.partition("~")[0].strip()
    quoted = re.fullmatch(r"""Q\(["'](.*)["']\)""", plain)
    if (own := quoted[1] if quoted else plain) in left and own in right:
        raise ValueError(f"The outcome of {formula!r} is also a predictor; take it out on the right.")


def _reference_note(variable: str, level: object) -> Note:
    text = "The levels of {variable} are compared with {level}."
    return Note("reference_level", text, {"variable": variable, "level": str(level)})


def _renamed(formula: str, columns: list[str]) -> tuple[str, dict[str, str], list[str], list[str]]:
    """Formula with columns that share a name with a function renamed, the renaming, and the columns of each side."""
    if not isinstance(formula, str) or formula.count("~") != 1:
        raise ValueError(f"The formula must have the form 'outcome ~ predictors'. Got {formula!r} instead.")
    try:
        tokens = list(tokenize.generate_tokens(io.StringIO(formula).readline))
    except (tokenize.TokenError, SyntaxError, IndentationError):
        raise ValueError(f"The formula {formula!r} cannot be read; check its brackets and quotes.") from None
    clash = {
        "Intercept",
        "C",
        "Q",
        "I",
        "Treatment",
        "Sum",
        "Poly",
        "center",
        "scale",
        "standardize",
        "bs",
        "cr",
        "cc",
        "te",
        "np",
    }
    names: dict[str, str] = {}
    sides: tuple[list[str], list[str]] = ([], [])
    used = sides[0]
    pieces = []
    at = 0
    for place, token in enumerate(tokens[:-1]):
        following = tokens[place + 1].string
        text = token.string
        is_column = token.type == tokenize.NAME and following != "(" and (place == 0 or tokens[place - 1].string != ".")
        if text == "~":
            used = sides[1]
        if is_column and text in columns and not (text == "np" and following == "."):
            used.append(text)
            if text in clash:
                text = names.setdefault(text, f"_column_{text}_")
        elif token.type == tokenize.STRING and place > 1 and tokens[place - 2].string == "Q":
            used.append(text[1:-1])
        pieces.append(formula[at : token.start[1]] + text)
        at = token.end[1]
    return "".join(pieces) + formula[at:], names, *sides


def _term(name: str, back: dict[str, str]) -> str:
    """Patsy's name of a column as we write it: ``C(x)[T.a]`` becomes ``x[a]``."""
    for safe, original in back.items():
        name = name.replace(safe, original)
    name = re.sub(r"\bC\(([^(),]+)\)", r"\1", name)
    name = re.sub(r"""\bQ\(["']([^"']*)["']\)""", r"\1", name)
    return name.replace("[T.", "[")
