"""Nested models beside each other: the difference test, scaled where due, and how much the indices change."""

import math
from typing import Any

from leadership_study.errors import InsufficientDataError
from leadership_study.measurement._sem_result import SemFit
from leadership_study.results import Note
from leadership_study.sem.difference import difference_test

TEST_COLUMNS = ("difference", "difference_df", "difference_p_value", "difference_test")


def tested(nested: SemFit, wider: SemFit, name: str) -> tuple[dict[str, Any], tuple[Note, ...]]:
    """Return the difference test of two fits by the names of `TEST_COLUMNS`, and a note when there is none.

    ``name`` is the nested model's, for the note. Plain for ML, Satorra and Bentler's (2001) for MLM and MLR, Satorra's
    (2000) for WLSMV.
    """
    df = int(nested.fit["df"]) - int(wider.fit["df"])
    row = {"difference": math.nan, "difference_df": df, "difference_p_value": math.nan, "difference_test": "none"}
    if df <= 0:
        return row, ()
    try:
        found = difference_test(nested.solution, wider.solution)
    except InsufficientDataError as trouble:
        text = "No difference test for {model}: {reason}"
        return row, (Note("no_difference_test", text, {"model": name, "reason": trouble.note}),)
    return {
        "difference": found.chi_square,
        "difference_df": found.df,
        "difference_p_value": found.p_value,
        "difference_test": found.method,
    }, ()
