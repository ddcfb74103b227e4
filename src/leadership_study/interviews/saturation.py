"""When interviews stopped bringing new codes."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd

from leadership_study.errors import InsufficientDataError
from leadership_study.results import Note, Result


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Saturation(Result):
    """When interviews stopped bringing new codes.

    Attributes
    ----------
    base, run, threshold
        Guest's three numbers.
    saturated : bool
        Whether it was reached.
    reached : int or None
        Interviews (the run included) after which the share of new codes was at most the threshold; None: never.
    base_codes, codes : int
        Codes in the base, and in all interviews.
    table : DataFrame, index ``informant``
        In the order of the interviews: interview (its number), new codes, cumulative codes, run_new (new codes in the
        run that ends here) and new_information = run_new/base_codes (missing until the first run is complete).
    """

    base: int
    run: int
    threshold: float
    saturated: bool
    reached: int | None
    base_codes: int
    codes: int
    table: pd.DataFrame

    main: ClassVar[str] = "table"


def saturation(
    codings: pd.DataFrame, order: Sequence[str], *, base: int = 4, run: int = 2, threshold: float = 0.05
) -> Saturation:
    """Thematic saturation after Guest, Namey and Chen (2020).

    Parameters
    ----------
    order
        Transcripts in the order of the interviews: the result depends on it.
    base, run
        Interviews whose codes are the base, and interviews of each run after it.
    threshold
        Largest share of new codes in a run, of the codes in the base, that counts as saturated.

    Raises
    ------
    InsufficientDataError
        Fewer interviews than base and run together, or a base without a code.

    References
    ----------
    https://doi.org/10.1371/journal.pone.0232076
    """
    if base < 1 or run < 1 or not 0 <= threshold < 1:
        raise ValueError(
            "saturation needs 'base' and 'run' of at least 1 and a 'threshold' from 0 to below 1. "
            f"Got base={base!r}, run={run!r}, threshold={threshold!r} instead."
        )
    if len(order) < base + run:
        text = "Saturation needs base and run, {needed} interviews; there are {interviews}."
        raise InsufficientDataError(Note("saturation_too_few", text, {"needed": base + run, "interviews": len(order)}))
    sets = {str(name): set(own["code"]) for name, own in codings.groupby("transcript")}
    seen: set[str] = set()
    new = []
    for name in order:
        fresh = sets.get(name, set()) - seen
        new.append(len(fresh))
        seen |= fresh
    first = sum(new[:base])
    if first == 0:
        text = "Saturation is undefined: the first {base} interviews have no code."
        raise InsufficientDataError(Note("saturation_empty_base", text, {"base": base}))
    runs = [sum(new[at - run + 1 : at + 1]) if at >= base + run - 1 else np.nan for at in range(len(order))]
    share = np.array(runs, dtype=float) / first
    hits = np.flatnonzero(share <= threshold)
    table = pd.DataFrame(
        {
            "interview": range(1, len(order) + 1),
            "new": new,
            "cumulative": np.cumsum(new),
            "run_new": pd.array([None if np.isnan(one) else int(one) for one in runs], dtype="Int64"),
            "new_information": share,
        },
        index=pd.Index([str(name) for name in order], name="informant"),
    )
    return Saturation(
        base=base,
        run=run,
        threshold=threshold,
        saturated=bool(len(hits)),
        reached=int(hits[0]) + 1 if len(hits) else None,
        base_codes=first,
        codes=len(seen),
        table=table,
        definition={"formula": "guest_2020", "n": len(order)},
    )
