"""What all tests share: the values from R and the data that they were computed from."""

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

PROJECT = Path(__file__).parents[1]


@cache
def _sections(data_set: str) -> dict[str, Any]:
    return json.loads((PROJECT / "tests" / "reference" / f"{data_set}.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def reference() -> Callable[[str], Callable[[str], Any]]:
    """``reference("lq2002")("alpha.LEAD.pairwise")`` is the value of that section; KeyError when it is absent."""

    def of(data_set: str) -> Callable[[str], Any]:
        return lambda section: _sections(data_set)[section]["value"]

    return of


@pytest.fixture(scope="session")
def _lq2002() -> pd.DataFrame:
    return pd.read_csv(PROJECT / "data" / "raw" / "lq2002" / "lq2002.csv")


@pytest.fixture
def lq2002(_lq2002: pd.DataFrame) -> pd.DataFrame:
    """The 2042 soldiers of lq2002, a copy for each test."""
    return _lq2002.copy()
