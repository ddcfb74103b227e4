"""Time the package beside its peers in one run and write docs/benchmarks.md: medians, ratios, memory and parity.

Needs R with lavaan, lme4, psych and jsonlite (Debian: r-base-core, r-cran-lavaan, r-cran-lme4, r-cran-psych,
r-cran-jsonlite, libopenblas0-pthread). ``python benchmarks/compare.py [--repeats N] [work …]``.
"""

import argparse
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from works import DATA, ROOT

HERE = Path(__file__).parent
REPEATS = 7
FEWER = 3
"""Calls of a peer that takes many seconds."""
THREADS = "2"


@dataclass(frozen=True)
class Work:
    """What is wanted of one work.

    ``tolerance`` is that of the values; ``ratio`` how many times as fast as the peer; ``seconds`` at most; ``floor``
    how many times the time of numpy's covariance alone at most. ``peer`` is the program that runs it.
    """

    title: str
    tolerance: float
    ratio: float | None = None
    seconds: float | None = None
    floor: float | None = None
    peer: str = "R"
    slow: bool = False


WORKS = {
    "polychoric_bfi": Work("Polychoric correlations, 25 items × 2,436", 1e-4, ratio=20),
    "polychoric_wide": Work("Polychoric correlations, 50 items × 10,000 (simulated)", 1e-4, ratio=30),
    "parallel_bfi": Work("Parallel analysis, 100 samples, components and factors", 1e-8, ratio=20),
    "alpha_bootstrap": Work("Alpha with 1,000 bootstrap samples, 5 items", 1e-8, ratio=25),
    "alpha_long": Work("Alpha, 25 items × 100,000 (simulated)", 1e-8, floor=1.5),
    "omega_hierarchical": Work("Omega hierarchical", 1e-4, ratio=4),
    "efa_oblimin": Work("EFA, minres and oblimin", 1e-4, ratio=4),
    "cfa_ml": Work("CFA, 5 factors, 25 items: ML", 1e-4, ratio=5),
    "cfa_mlr": Work("CFA: MLR", 1e-4, ratio=10),
    "cfa_wlsmv": Work("CFA: WLSMV", 1e-4, ratio=15),
    "cfa_fiml": Work("CFA: FIML", 1e-4, ratio=20, slow=True),
    "cfa_bootstrap": Work("CFA with 500 bootstrap samples", 1e-4, ratio=15, slow=True),
    "invariance": Work("Invariance ladder, four levels", 1e-4, ratio=10),
    "modification_indices": Work("Modification indices", 1e-3, ratio=10),
    "mixed_intercept": Work("Mixed model, 7,382 rows in 99 units: random intercept", 1e-4, ratio=1),
    "mixed_slope": Work("Mixed model: random slope", 1e-4, ratio=1),
    "icc": Work("Intraclass correlations, 2,800 × 5 (simulated)", 1e-8, seconds=0.0104, peer="pingouin"),
    "mediation": Work(
        "Simple mediation, 2,042 rows, 5,000 draws: percentile and BCa", 1e-8, seconds=0.15, peer="pingouin", slow=True
    ),
}


def main(arguments: list[str]) -> int:
    """Compare the works that are named, or all of them, and write the page when all were, as often as the page says."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("works", nargs="*", metavar="work", help=f"of {', '.join(WORKS)}")
    parser.add_argument("--repeats", type=int, help=f"calls of each (default: {REPEATS})")
    asked = parser.parse_args(arguments)
    if wrong := [work for work in asked.works if work not in WORKS]:
        parser.error(f"there is no work {wrong[0]!r}; there are {', '.join(WORKS)}")
    if shutil.which("Rscript") is None:
        print("The peers need R: install it with the packages lavaan, lme4, psych and jsonlite, then try again.")
        return 1
    rows, versions = [], {}
    with tempfile.TemporaryDirectory() as name:
        for work in asked.works or list(WORKS):
            ours, theirs = _timed(work, Path(name), asked.repeats)
            versions |= theirs["versions"]
            rows.append(_row(WORKS[work], ours, theirs))
            print(rows[-1], flush=True)
    if not asked.works and asked.repeats is None:
        (ROOT / "docs" / "benchmarks.md").write_text(_page(rows, versions), encoding="utf-8")
        print("written: docs/benchmarks.md")
    return 0


def _timed(name: str, folder: Path, repeats: int | None) -> tuple[dict, dict]:
    work = WORKS[name]
    DATA[name]().to_csv(folder / f"{name}.csv", index=False)
    peer = ["Rscript", str(HERE / "peers.R")] if work.peer == "R" else [sys.executable, str(HERE / "peers.py")]
    environment = os.environ | {"OPENBLAS_NUM_THREADS": THREADS, "OMP_NUM_THREADS": THREADS}
    for program, calls in (
        ([sys.executable, str(HERE / "works.py")], REPEATS),
        (peer, FEWER if work.slow else REPEATS),
    ):
        command = [*program, name, str(folder), str(repeats or calls)]
        subprocess.run(command, check=True, env=environment, cwd=ROOT)
    return tuple(json.loads((folder / f"{name}.{side}.json").read_text("utf-8")) for side in ("ours", "peer"))


def _row(work: Work, ours: dict, theirs: dict) -> str:
    mine, peer = statistics.median(ours["seconds"]), statistics.median(theirs["seconds"])
    pairs = list(zip(ours["values"], theirs["values"], strict=True))
    error = max(abs(a - b) / max(abs(b), 1) for a, b in pairs)
    if work.ratio is not None:
        wanted, reached = f"{work.ratio}×", peer / mine >= work.ratio
    elif work.seconds is not None:
        wanted, reached = f"{work.seconds} s", mine <= work.seconds
    else:
        share = mine / ours["covariance_alone"]
        wanted, reached = f"{work.floor} × numpy's covariance ({share:.2f})", share <= (work.floor or 0)
    same = "yes" if error <= work.tolerance else "NO"
    return (
        f"| {work.title} | {mine:.4f} | {peer:.3f} | {peer / mine:.1f}× | {wanted} | {'yes' if reached else 'NO'} | "
        f"{ours['megabytes']:.0f} | {theirs['megabytes']:.0f} | {error:.1e} | {same} |"
    )


def _page(rows: list[str], versions: dict[str, str]) -> str:
    peers = ", ".join(f"{name} {version}" for name, version in versions.items())
    return f"""# Beside the peers

Made by `make bench` on {os.cpu_count()} cores ({platform.machine()}), {THREADS} threads, against {peers}. Seconds are medians
of {REPEATS} calls ({FEWER} of a peer that takes many seconds) from a DataFrame to a result with its main tables read;
imports do not count. Megabytes are the peak of what the call allocates. Parity is the largest difference of the values
that both compute, relative to the peer's (absolute below 1); a speed that costs a digit does not count. The peer of
intraclass correlations and mediation is pingouin, of all else R. Releases of pingouin up to 0.5.5 need more than 5 s for
these intraclass correlations; what is wanted is a five-hundredth of 5.2 s, whatever the present release takes.

| work | seconds | peer | ratio | wanted | reached | MB | peer's MB | parity | within tolerance |
|---|---:|---:|---:|---:|---|---:|---:|---:|---|
{chr(10).join(rows)}
"""


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
