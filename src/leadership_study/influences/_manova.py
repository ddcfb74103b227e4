"""One-way multivariate analysis of variance: whether groups differ in several outcomes at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd

from leadership_study.errors import InsufficientDataError
from leadership_study.influences._columns import check_kind, is_number
from leadership_study.influences._group_rows import ordered
from leadership_study.influences._groups import column_of
from leadership_study.results import Note, Result
from leadership_study.samples.multivariate_groups import multivariate_groups


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Manova(Result):
    """Groups compared in several outcomes at once.

    Attributes
    ----------
    tests : DataFrame, index ``test``
        value, statistic (approximate F), df1, df2, p_value of pillai, wilks, hotelling_lawley and roy (an upper bound
        of F).
    n, n_groups : int
    partial_eta_squared : float
        Pillai's trace over the number of roots: the mean share of variance of the discriminating combinations.
    box_chi_square, box_df, box_p_value : float
        Box's test of equal covariances; NaN when a group is too small.
    """

    tests: pd.DataFrame
    n: int
    n_groups: int
    partial_eta_squared: float
    box_chi_square: float
    box_df: float
    box_p_value: float

    main: ClassVar[str] = "tests"


def manova(data: pd.DataFrame, outcomes: Sequence[str], group: str) -> Manova:
    """Compare the groups of ``data`` in all ``outcomes`` together.

    Parameters
    ----------
    data : DataFrame
        One row a respondent; rows without an outcome or a group, and groups of one, are left out and counted.
    outcomes : sequence of str
        Two columns of numbers or more.
    group : str
        Column of text, numbers or categories.

    Raises
    ------
    ValueError, TypeError
        For unknown columns, fewer than two outcomes, outcomes that are no numbers.
    InsufficientDataError
        With fewer than two groups, too few rows, outcomes of which one follows from the others.

    Notes
    -----
    Pillai's trace is the most robust of the four. Answers count as independent: with nested answers compare the
    outcomes one by one with `compare_groups`. R twin: ``summary(manova(cbind(…) ~ group))``.

    References
    ----------
    Olson, C. L. (1976). https://doi.org/10.1037/0033-2909.83.4.579
    """
    if isinstance(outcomes, str) or len(set(outcomes)) < 2 or len(set(outcomes)) < len(outcomes) or group in outcomes:
        raise ValueError(
            "The 'outcomes' parameter of manova must name two columns or more, each once and none of them the groups. "
            f"Got {outcomes!r} instead."
        )
    parts = {}
    for name in outcomes:
        column = column_of(data, name, "outcome")
        check_kind(column, name)
        if not is_number(column):
            raise TypeError(f"The outcome {name!r} holds {column.dtype}, not numbers; recode it as numbers first.")
        parts[name] = column.to_numpy(dtype=float, na_value=np.nan)
    values = np.column_stack(list(parts.values()))
    labels = column_of(data, group, "grouping column")
    kept = ~np.isnan(values).any(axis=1) & labels.notna().to_numpy()
    codes, _ = ordered(labels[kept], "manova")
    values = values[kept]
    stay = np.bincount(codes, minlength=1)[codes] > 1 if len(codes) else np.zeros(0, dtype=bool)
    codes, values = np.unique(codes[stay], return_inverse=True)[1], values[stay]
    if len(codes) == 0 or codes.max() < 1:
        text = "{group} has fewer than two groups with two answers or more, so nothing can be compared."
        raise InsufficientDataError(Note("nothing_to_compare", text, {"group": group}))
    notes: tuple[Note, ...] = ()
    if left := len(data) - len(values):
        text = "{count} of {received} respondents lack an outcome or a group, or are alone in theirs, and are left out."
        notes = (Note("manova_incomplete", text, {"count": left, "received": len(data)}),)
    found = multivariate_groups(values, codes)
    tests = {
        name: (value, test.statistic, test.df1, test.df2, test.p_value) for name, (value, test) in found.tests().items()
    }
    columns = ["value", "statistic", "df1", "df2", "p_value"]
    box = found.box()
    return Manova(
        tests=pd.DataFrame.from_dict(tests, orient="index", columns=columns).astype(float).rename_axis("test"),
        n=found.n,
        n_groups=found.k,
        partial_eta_squared=tests["pillai"][0] / found.s,
        box_chi_square=box[0],
        box_df=box[1],
        box_p_value=box[2],
        definition={"formula": "manova", "missing": "listwise", "n": found.n, "source": "Olson (1976)"},
        notes=notes,
    )
