"""What a reader of a shared study must know, in both languages."""

import math
from collections.abc import Iterable, Mapping, Sequence

import pandas as pd

from leadership_study.study._share_answers import SharedAnswers
from leadership_study.study._twin import Twin
from leadership_study.study.pipeline import Study
from leadership_study.validation.privacy import k_anonymity

_DATA = """\
# {title}

These answers were made coarser so that they can be passed on. 为便于共享，以下答案已作粗化处理。

- `leadership-study run {name}` (or `make analysis`) analyses them. Results differ from those of the original answers
  where background questions were made coarser; everything that rests on the items alone is the same.
  运行 `leadership-study run {name}`（或 `make analysis`）即可分析；仅涉及题项的结果与原始数据相同。
- Only respondents that the study analyses are here; its exclusions have been applied. 仅含纳入分析的受访者。
- Respondents have new ids in an order that says nothing; times, addresses and devices stayed behind.
  受访者编号与顺序均为随机；时间、地址与设备信息未包含。
- {groups}
- {texts}
- Nobody may try to find out who a respondent is, or link these answers with other data to that end.
  不得试图识别受访者身份，也不得为此将其与其他数据关联。

## Who is left 样本

{flow}

## k-anonymity k-匿名

Every combination of answers to {known} is that of at least k respondents of its block.
上述各题答案的每一组合在各自数据块中至少有k人。

{reached}

`suppressed` are respondents whose background answers were all taken away, because too few others gave the same.
`suppressed`为因组合过于少见而清空全部背景信息的人数。

`k_within_groups` counts those of one group only (of all groups that the answers name), and `alone` how many respondents
have a combination there that nobody shares: who finds the own answers, or knows a group by its size or its facts, can
find these. `without_group` are respondents whose group is not told, because it has too few.
`k_within_groups`为同一群组内的最小人数，`alone`为群组内背景组合独一无二的人数：能认出自己的作答或辨认群组者可据此找到他们。
`without_group`为所属群组因人数过少而未注明的人数。
{warning}
## What was changed 改动

{steps}

`lost` is the share of a question's information (entropy) that is gone. `lost`为该题信息量（熵）的损失比例。
"""
_REACHED = ["block", "n", "k", "k_within_groups", "alone", "without_group", "suppressed"]
_RISK = """
**Not for the public: respondents can be found here by who knows their group and their background.**
**不可公开：了解所属群组与背景者可据此找到受访者。**
"""
_TWIN = """\
# {title}

**Simulated: these answers are nobody's.** They were drawn to look like the answers of the study, so that a reader can
run its analyses without them. Nothing here is a finding.
**本数据为模拟数据，不属于任何人，仅供重现分析流程，不可作为研究结论。**

`leadership-study run {name}` (or `make analysis`) analyses them. 运行其中任一命令即可重现分析。

How they were drawn: each answer is cut from a normal variable with a part for each level of groups and one for the
respondent; thresholds, correlations, intra-class correlations, sizes of groups and gaps are those of the answers (with
background made coarser first). Texts are empty. What is not in pairs of questions (interactions, curved relations) is
not in the twin.
各题由含群组成分的正态变量切分而得；阈值、相关、组内相关、群组规模与缺失均与原数据一致；交互作用等高阶关系未保留。

{blocks}
"""

_FEW = (
    " With so few respondents correlations are drawn towards none, and groups of one have no intra-class correlation. "
    "受访者过少，相关已向零收缩。"
)


def data_readme(study: Study, answers: SharedAnswers, *, k: int, open_texts: bool, keep_groups: bool) -> str:
    """Return the README of the shared answers."""
    named = "Groups keep their names. 群组保留原名。"
    numbered = "Groups have numbers instead of names. 群组以编号代替名称。"
    without = "Texts and dates are empty. 文本与日期均已清空。"
    masked = "Texts were masked where personal data were recognised; dates are empty. 文本已遮盖个人信息；日期已清空。"
    steps = pd.concat([change.steps.assign(block=block) for block, change in answers.coarsened.items()])
    steps = steps[["block", "variable", "done", "before", "after", "lost"]]
    rows = []
    for block, change in answers.coarsened.items():
        within, alone = found_within(study, answers, block)
        unnamed = max(answers.unnamed[block].values(), default=0)
        rows.append((block, len(answers.frames[block]), change.k, within, alone, unnamed, change.suppressed))
    reached = pd.DataFrame(rows, columns=_REACHED)
    risky = bool((reached["alone"] > 0).any())
    known = next(iter(answers.coarsened.values())).frame.columns
    return _DATA.format(
        title=_title(study),
        name=study.plan.name,
        groups=named if keep_groups else numbered,
        texts=masked if open_texts else without,
        flow=_table(study.validated().flow.reset_index()),
        known=", ".join(known) or "–",
        warning=_RISK if risky else "",
        reached=_table(reached) + f"\n\nk = {k} was asked for. 要求k = {k}。",
        steps=_table(steps) if len(steps) else "Nothing. 无。",
    )


def found_within(study: Study, answers: SharedAnswers, block: str) -> tuple[int, int]:
    """Return the size of the smallest cell within groups, and how many respondents are alone in theirs."""
    frame, ids = answers.frames[block], study.instrument.group_ids
    names = [*answers.coarsened[block].frame.columns, *(id for id in ids if frame[id].notna().any())]
    if not names:
        return len(frame), 0
    cells = k_anonymity(frame, names, k=2)
    return cells.k, cells.below


def twin_readme(study: Study, twins: Mapping[str, Twin]) -> str:
    """Return the README of the synthetic twin: how close it is, item by item."""
    parts = []
    for block, entry in twins.items():
        largest, mean = entry.correlations
        parts += [
            f"## {block}",
            f"Correlations of the items differ by {largest:.3f} at most, {mean:.3f} on average. "
            f"题项间相关最大差{largest:.3f}，平均差{mean:.3f}。"
            + ("" if len(entry.frame) > 2 * len(entry.items) else _FEW),
            _table(entry.items.reset_index()),
        ]
    return _TWIN.format(title=_title(study), name=study.plan.name, blocks="\n\n".join(parts))


def _title(study: Study) -> str:
    return " · ".join(dict.fromkeys(study.plan.title.values()))


def _table(table: pd.DataFrame) -> str:
    rows = [[_cell(value) for value in row] for row in table.itertuples(index=False)]
    return "\n".join([_row(str(name) for name in table), _row("---" for _ in table), *(_row(row) for row in rows)])


def _row(cells: Iterable[str] | Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _cell(value: object) -> str:
    if isinstance(value, float):
        return "–" if math.isnan(value) else f"{value:.3f}"
    return str(value).replace("|", "\\|")
