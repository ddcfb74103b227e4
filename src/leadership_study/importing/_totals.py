"""Rows of totals or means below a table, which somebody put there by hand: they are no respondents."""

from leadership_study.errors import Problem
from leadership_study.importing._raw import Table
from leadership_study.importing._wording import normal

_WORDS = {
    normal(word)
    for word in (
        "合计", "总计", "小计", "总和", "总分", "平均", "平均分", "平均值", "均值", "均分", "标准差", "最大值",
        "最小值", "合計", "總計", "平均數", "標準差", "total", "totals", "grand total", "sum", "mean", "average",
        "avg", "sd", "standard deviation", "minimum", "maximum",
    )
}  # fmt: skip
_LAST = 10


def totals(table: Table, respondent_id: int | None, file: str) -> list[Problem]:
    """Return a problem for each of the last records whose first cell, or whose id, is a word for a total or a mean."""
    cells = table.cells
    if cells is None or not len(cells.columns):
        return []
    problems = []
    places = dict.fromkeys([0, *([] if respondent_id is None else [respondent_id])])
    for at in range(max(0, len(cells) - _LAST), len(cells)):
        record, row = cells.iloc[at], int(cells.index[at])
        texts = [str(record[place]) for place in places if isinstance(record[place], str)]
        word = next((text for text in texts if normal(text) in _WORDS), None)
        if word is not None:
            problems.append(
                Problem(
                    file=file,
                    row=row,
                    line=None if table.lines is None else int(table.lines.iloc[at]),
                    column=table.header[0],
                    value=word,
                    rule="totals_row",
                    message="this row looks like totals or means and not like a respondent",
                    remedy="remove it from the table",
                )
            )
    return problems
