"""How many questionnaires went out, came back and could be used."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from leadership_study.results import Note

_ALL, _NOT_KNOWN = "all", "not_known"


@dataclass(frozen=True, kw_only=True, eq=False)
class Returns:
    """What the answers alone cannot tell an analysis.

    Attributes
    ----------
    received : DataFrame
        One row a respondent who answered, those left out included: block, valid (bool: analysed), then text columns
        such as channel, file and groups.
    distributed : DataFrame, index ``block``, ``by``, ``level``
        n: questionnaires that went out; ``by`` and ``level`` are "all" for a whole block.
    """

    received: pd.DataFrame
    distributed: pd.DataFrame


def return_table(returns: Returns, blocks: Sequence[str], by: Sequence[str]) -> tuple[pd.DataFrame, list[Note]]:
    """Return rates of the blocks as a whole, and by level of each variable in ``by``.

    Returns
    -------
    DataFrame, index ``block``, ``by``, ``level``
        distributed (missing where unknown), returned, return_rate = returned / distributed, valid, valid_rate =
        valid / returned, usable_rate = valid / distributed.
    list of Note
    """
    received, distributed = returns.received, returns.distributed["n"]
    rows: dict[tuple[str, str, str], tuple[float, int, int]] = {}
    for block in blocks:
        own = received[received["block"] == block]
        sent = _sent(distributed, block)
        rows[block, _ALL, _ALL] = (sent.get((_ALL, _ALL), math.nan), len(own), int(own["valid"].sum()))
        for name in by:
            levels = own[name].astype("str").fillna(_NOT_KNOWN)
            asked = [level for variable, level in sent if variable == name]
            found = sorted(set(levels) - {_NOT_KNOWN, *asked}, key=lambda level: (_whole(level), level))
            last = [_NOT_KNOWN] if (levels == _NOT_KNOWN).any() else []
            if len([*asked, *found, *last]) < 2 and not asked:
                continue  # the same as the whole block
            for level in [*asked, *found, *last]:
                here = own[levels == level]
                rows[block, name, level] = (sent.get((name, level), math.nan), len(here), int(here["valid"].sum()))
    table = pd.DataFrame.from_dict(rows, orient="index", columns=["distributed", "returned", "valid"])
    table.index = pd.MultiIndex.from_tuples(list(rows), names=["block", "by", "level"])
    over = table["returned"] > table["distributed"]
    notes = [_too_many(key, table.loc[key]) for key in table.index[over]]
    sent_out = table["distributed"].mask(over)
    return pd.DataFrame(
        {
            "distributed": table["distributed"].astype("Int64"),
            "returned": table["returned"].astype("int64"),
            "return_rate": table["returned"] / sent_out,
            "valid": table["valid"].astype("int64"),
            "valid_rate": table["valid"] / table["returned"].where(table["returned"] > 0),
            "usable_rate": table["valid"] / sent_out,
        }
    ), notes


def _whole(level: str) -> float:
    """Return the number that a level is, so that 2 comes before 10; all else comes last."""
    return float(level) if level.isascii() and level.isdigit() else math.inf


def _sent(distributed: pd.Series, block: str) -> dict[tuple[str, str], float]:
    own: dict[tuple[str, str], float] = {}
    for key, n in distributed.items():
        of, by, level = [str(part) for part in key] if isinstance(key, tuple) else ["", "", str(key)]
        if of == block:
            own[by, level] = float(n)
    parts = {by for by, _ in own if by != _ALL}
    if (_ALL, _ALL) not in own and len(parts) == 1:  # the numbers of all channels make that of the block
        own[_ALL, _ALL] = sum(own.values())
    return own


def _too_many(key: tuple[str, str, str], row: pd.Series) -> Note:
    text = (
        "More questionnaires came back than went out ({block}, {by}, {level}: {returned} of {distributed}), so no "
        "return rate is given there."
    )
    block, by, level = key
    numbers = {"returned": int(row["returned"]), "distributed": int(row["distributed"])}
    return Note("more_returned_than_distributed", text, {"block": block, "by": by, "level": level, **numbers})
