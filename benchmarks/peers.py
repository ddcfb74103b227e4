"""The side of the peers that are in Python: ``python peers.py <work> <folder> <repeats>``, as peers.R.

Reads <folder>/<work>.csv, times the call, and writes <folder>/<work>.peer.json.
"""

import json
import sys
import time
import tracemalloc
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import pandas as pd
import pingouin


def icc(data: pd.DataFrame) -> list[float]:
    """Intraclass correlations, their F tests and p values."""
    long = data.rename_axis("target").reset_index().melt(id_vars="target", var_name="rater", value_name="rating")
    found = pingouin.intraclass_corr(long, targets="target", raters="rater", ratings="rating")
    return [*found["ICC"], *found["F"], *found["df1"], *found["df2"]]


def mediation(data: pd.DataFrame) -> list[float]:
    """The indirect effect."""
    found = pingouin.mediation_analysis(data, x="x", m="m", y="y", n_boot=5000, seed=1).set_index("path")
    return [float(found.loc["Indirect", "coef"])]


CALLS: dict[str, Callable[[pd.DataFrame], list[float]]] = {
    "icc": icc,
    "mediation": mediation,
}


def main(work: str, folder: Path, repeats: int) -> None:
    """Write <folder>/<work>.peer.json."""
    data = pd.read_csv(folder / f"{work}.csv")
    call = CALLS[work]
    tracemalloc.start()
    values = call(data)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    seconds = []
    for _ in range(repeats):
        start = time.perf_counter()
        call(data)
        seconds.append(time.perf_counter() - start)
    found = {
        "seconds": seconds,
        "megabytes": peak / 1e6,
        "values": [float(value) for value in values],
        "versions": {"pingouin": version("pingouin")},
    }
    (folder / f"{work}.peer.json").write_text(json.dumps(found), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]))
