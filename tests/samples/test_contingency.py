"""Cross-tables against counting one by one."""

import numpy as np
import pandas as pd
import pytest

from leadership_study.samples import contingency
from leadership_study.samples.contingency import categories, pair_tables


def answers(missing: float, n: int = 300) -> np.ndarray:
    random = np.random.default_rng(3)
    found = np.column_stack([random.integers(1, c + 1, n) for c in (2, 5, 3, 10)]).astype(float)
    found[:, 1] = np.where(found[:, 1] == 3, 7.5, found[:, 1])  # not whole, not the next
    found[random.random(found.shape) < missing] = np.nan
    return found


@pytest.mark.parametrize("missing", [0.0, 0.2])
@pytest.mark.parametrize("block", [1 << 22, 700])
def test_tables_equal_counting(missing: float, block: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contingency, "_BLOCK", block)
    data = answers(missing)
    items = categories(data)
    counts = pair_tables(items)
    assert items.complete == (missing == 0)
    assert list(zip(counts.first, counts.second, strict=True)) == [(1, 0), (2, 0), (3, 0), (2, 1), (3, 1), (3, 2)]
    for table, first, second in zip(counts.tables, counts.first, counts.second, strict=True):
        both = pd.DataFrame({"a": data[:, first], "b": data[:, second]}).dropna()
        expected = pd.crosstab(both["a"], both["b"]).reindex(
            index=items.values[first], columns=items.values[second], fill_value=0
        )
        rows, columns = counts.sizes[first], counts.sizes[second]
        np.testing.assert_array_equal(table[:rows, :columns], expected)
        assert table.sum() == len(both)
    for item in range(4):
        own = data[~np.isnan(data[:, item]), item]
        np.testing.assert_array_equal(counts.margins[item, : counts.sizes[item]], np.unique(own, return_counts=True)[1])


def test_categories_that_do_not_occur_are_left_out() -> None:
    items = categories(np.array([[1.0, 0.0], [4.0, 2.0], [np.nan, 2.0], [9.0, np.nan]]))
    np.testing.assert_array_equal(items.codes, [[0, 1, -1, 2], [0, 1, 1, -1]])
    np.testing.assert_array_equal(items.values[0], [1, 4, 9])
    np.testing.assert_array_equal(items.of_rows(np.array([True, False, True, True])).values[0], [1, 9])


def test_more_values_than_an_item_can_have_are_refused_by_name() -> None:
    with pytest.raises(ValueError, match="'weight' has 200 different values"):
        categories(np.column_stack([np.arange(200) / 7]), ["weight"])
