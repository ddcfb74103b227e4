"""Time the package beside its peers in one run and write docs/benchmarks.md: medians, ratios, memory and parity.

Needs R with lavaan, lme4, psych and jsonlite (Debian: r-base-core, r-cran-lavaan, r-cran-lme4, r-cran-psych,
r-cran-jsonlite, libopenblas0-pthread). ``python benchmarks/compare.py [work …]``.
"""

import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from works import DATA, ROOT

HERE = Path(__file__).parent
REPEATS = 7
THREADS = "2"
SLOW = {"cfa_bootstrap": 3, "cfa_fiml": 3}
"""Works whose peer takes many seconds are repeated fewer times."""

WANTED = {
    "polychoric_bfi": ("Polychoric correlations, 25 items × 2,436", 20, 1e-4),
    "polychoric_wide": ("Polychoric correlations, 50 items × 10,000 (simulated)", 30, 1e-4),
    "parallel_bfi": ("Parallel analysis, 100 samples, components and factors", 20, 1e-8),
    "alpha_bootstrap": ("Alpha with 1,000 bootstrap samples, 5 items", 25, 1e-8),
    "alpha_long": ("Alpha, 25 items × 100,000 (simulated)", None, 1e-8),
    "omega_hierarchical": ("Omega hierarchical", 4, 1e-4),
    "efa_oblimin": ("EFA, minres and oblimin", 4, 1e-4),
    "cfa_ml": ("CFA, 5 factors, 25 items: ML", 5, 1e-4),
    "cfa_mlr": ("CFA: MLR", 10, 1e-4),
    "cfa_wlsmv": ("CFA: WLSMV", 15, 1e-4),
    "cfa_fiml": ("CFA: FIML", 20, 1e-4),
    "cfa_bootstrap": ("CFA with 500 bootstrap samples", 15, 1e-4),
    "invariance": ("Invariance ladder, four levels", 10, 1e-4),
    "modification_indices": ("Modification indices", 10, 1e-3),
    "mixed_intercept": ("Mixed model, 7,382 rows in 99 units: random intercept", 1, 1e-4),
    "mixed_slope": ("Mixed model: random slope", 1, 1e-4),
}


def main(chosen: list[str]) -> int:
    """Compare the ``chosen`` works, or all of them, and write the page when all were."""
    if shutil.which("Rscript") is None:
        print("The peers need R: install it with the packages lavaan, psych and jsonlite, then try again.")
        return 1
    environment = os.environ | {"OPENBLAS_NUM_THREADS": THREADS, "OMP_NUM_THREADS": THREADS}
    rows, versions = [], {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for work in chosen or list(WANTED):
            title, ratio, tolerance = WANTED[work]
            DATA[work]().to_csv(folder / f"{work}.csv", index=False)
            repeats = str(SLOW.get(work, REPEATS))
            for command in (
                [sys.executable, str(HERE / "works.py"), work, name, str(REPEATS)],
                ["Rscript", str(HERE / "peers.R"), work, name, repeats],
            ):
                subprocess.run(command, check=True, env=environment, cwd=ROOT)
            ours = json.loads((folder / f"{work}.ours.json").read_text("utf-8"))
            theirs = json.loads((folder / f"{work}.json").read_text("utf-8"))
            versions = theirs["versions"]
            rows.append(_row(title, ratio, tolerance, ours, theirs))
            print(rows[-1], flush=True)
    page = _page(rows, versions)
    if not chosen:
        (ROOT / "docs" / "benchmarks.md").write_text(page, encoding="utf-8")
        print("written: docs/benchmarks.md")
    return 0


def _row(title: str, ratio: float | None, tolerance: float, ours: dict, theirs: dict) -> str:
    mine, peer = statistics.median(ours["seconds"]), statistics.median(theirs["seconds"])
    pairs = zip(ours["values"], theirs["values"], strict=False)
    error = max(abs(a - b) / max(abs(b), 1) for a, b in pairs)
    same = "yes" if error <= tolerance else "NO"
    target = f"{ratio}×" if ratio else f"1.5 × covariance ({mine / ours['covariance_alone']:.2f})"
    return (
        f"| {title} | {mine:.4f} | {peer:.3f} | {peer / mine:.1f}× | {target} | {ours['megabytes']:.0f} | "
        f"{theirs['megabytes']:.0f} | {error:.1e} | {same} |"
    )


def _page(rows: list[str], versions: dict[str, str]) -> str:
    peers = ", ".join(f"{name} {version}" for name, version in versions.items())
    return f"""# Beside the peers

Made by `make bench` on {os.cpu_count()} cores ({platform.machine()}), {THREADS} threads, against {peers}. Seconds are medians
of {REPEATS} calls from a DataFrame to a result with its main tables read; imports do not count. Megabytes are the peak of
what the call allocates. Parity is the largest difference of the values that both compute, relative to the peer's
(absolute below 1); a speed that costs a digit does not count.

| work | seconds | peer | ratio | wanted | MB | peer's MB | parity | within tolerance |
|---|---:|---:|---:|---:|---:|---:|---:|---|
{chr(10).join(rows)}
"""


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
