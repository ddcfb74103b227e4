"""``docs/recovery.md``: bias and coverage as tables, and whether what lies outside the limits is chance."""

import numpy as np
import pandas as pd
from scipy import stats

LOW, HIGH = 0.92, 0.98
LEVEL = 0.95


def summary(table: pd.DataFrame) -> pd.DataFrame:
    """Return one row a statistic: how many values, largest bias, coverage of all, lowest and highest of one."""
    groups = table.groupby(level="statistic", sort=False)
    return pd.DataFrame(
        {
            "values": groups.size(),
            "largest_bias": groups["bias"].agg(_largest),
            "coverage": groups["coverage"].mean(),
            "lowest": groups["coverage"].min(),
            "highest": groups["coverage"].max(),
        }
    )


def outside(table: pd.DataFrame) -> pd.DataFrame:
    """Return the values whose coverage is not between 92 and 98 %, with the exact p of 95 % and Holm's over all.

    The two-sided exact binomial test of each value, adjusted over every value of ``table`` that has an interval: valid
    however the values of one study go together.
    """
    judged = table[table["coverage"].notna()]
    hits = (judged["coverage"] * judged["studies"]).round().astype(int)
    p = np.array([stats.binomtest(k, n, LEVEL).pvalue for k, n in zip(hits, judged["studies"], strict=True)])
    judged = judged.assign(p_value=p, p_holm=_holm(p))
    return judged[(judged["coverage"] < LOW) | (judged["coverage"] > HIGH)]


def joint(found: pd.DataFrame) -> pd.DataFrame:
    """Test the coverage of all values of a statistic at once against 95 %.

    The values of one study go together, studies do not: a study's share of intervals that hold is one observation, and
    the mean over studies is tested by t.

    Parameters
    ----------
    found
        One row an interval: ``statistic``, ``study``, ``covered`` (missing without an interval).

    Returns
    -------
    DataFrame
        Index ``statistic``; columns coverage, ci_low, ci_high, p_value, p_holm (over the statistics).
    """
    rows = {}
    for name, part in found.dropna(subset="covered").groupby("statistic", sort=False):
        shares = part.groupby("study")["covered"].mean().to_numpy(dtype=float)
        n, mean, error = len(shares), float(shares.mean()), float(shares.std(ddof=1) / np.sqrt(len(shares)))
        half = float(stats.t.isf(0.025, n - 1)) * error
        p = 2 * float(stats.t.sf(abs(mean - LEVEL) / error, n - 1)) if error > 0 else float("nan")
        rows[str(name)] = {"coverage": mean, "ci_low": mean - half, "ci_high": mean + half, "p_value": p}
    table = pd.DataFrame.from_dict(rows, orient="index").rename_axis("statistic")
    tested = table["p_value"].notna()
    table["p_holm"] = np.nan
    table.loc[tested, "p_holm"] = _holm(table.loc[tested, "p_value"].to_numpy(dtype=float))
    return table


def doubtful(found: pd.DataFrame, table: pd.DataFrame) -> list[tuple[str, str]]:
    """Return the values to look at again: those `outside`, and all of a statistic whose joint test rejects 95 %."""
    tests = joint(found)
    rejected = list(tests.index[tests["p_holm"] < 1 - LEVEL])
    judged = table[table["coverage"].notna()]
    values = [*outside(table).index, *(at for at in judged.index if at[0] in rejected)]
    return [(str(statistic), str(of)) for statistic, of in dict.fromkeys(values)]


def chance_outside(studies: int) -> float:
    """Probability that a coverage of exactly 95 % shows as one outside the limits in so many studies."""
    fewest, most = int(np.ceil(LOW * studies - 1e-9)), int(np.floor(HIGH * studies + 1e-9))
    return float(stats.binom.cdf(fewest - 1, studies, LEVEL) + stats.binom.sf(most, studies, LEVEL))


def overview(table: pd.DataFrame, planned: dict[str, str]) -> list[str]:
    """Return the table of the statistics, each with its design (``planned``)."""
    lines = [
        "| statistic | values | largest bias | coverage | lowest | highest | design and interval |",
        "|---|---|---|---|---|---|---|",
    ]
    for name, row in summary(table).iterrows():
        cells = [f"{int(row['values'])}", f"{row['largest_bias']:+.4f}"]
        cells += [f"{row[column]:.1%}" for column in ("coverage", "lowest", "highest")]
        lines.append(f"| {name} | {' | '.join(cells)} | {planned[str(name)]} |")
    return lines


def judgement(found: pd.DataFrame, table: pd.DataFrame, later: pd.DataFrame, new: pd.DataFrame) -> list[str]:
    """Return what lies outside the limits, whether chance explains it, and what new studies say.

    ``found`` and ``later`` have one row an interval, of the studies and of the new ones; ``table`` and ``new`` one row
    a value.
    """
    studies = int(found["study"].nunique())
    again = dict(new.iterrows())
    strange, values = outside(table), int(table["coverage"].notna().sum())
    chance = chance_outside(studies)
    lines = [
        "## Values outside 92 to 98 %",
        "",
        f"Were every true coverage exactly 95 %, chance alone would put {chance:.1%} of the values outside with",
        f"{studies} studies: about {chance * values:.0f} of {values}. There are {len(strange)}.",
    ]
    if not strange.empty:
        lines += [
            "",
            "| statistic | of | coverage | p | p (Holm) | new studies | coverage | 95 % interval |",
            "|---|---|---|---|---|---|---|---|",
            *(_looked_at_again(at, row, again[at]) for at, row in strange.iterrows()),
            "",
            "p is the exact binomial test of 95 %, Holm's over all values: valid however the values of one study go",
            "together. Each of these values was looked at again in new studies of the same design, by which it had not",
            "been picked out; that coverage is the one to go by. Its interval is Clopper and Pearson's.",
        ]
    lines += [
        "",
        "All values of a statistic at once, each study's share of intervals that hold being one observation; where",
        "Holm's p is below .05, all its values were looked at again in the new studies:",
        "",
        "| statistic | coverage | 95 % interval | p of 95 % | p (Holm) | in new studies | 95 % interval |",
        "|---|---|---|---|---|---|---|",
    ]
    first = joint(found)
    rejected = list(first.index[first["p_holm"] < 1 - LEVEL])
    second = joint(later[later["statistic"].isin(rejected)]) if rejected else first.iloc[:0]
    seen = dict(second.iterrows())
    for name, row in first.iterrows():
        cells = [_percent(row["coverage"]), _range(row), _p(row["p_value"]), _p(row["p_holm"])]
        cells += [_percent(seen[name]["coverage"]), _range(seen[name])] if name in seen else ["", ""]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return lines


def _looked_at_again(at: object, row: pd.Series, new: pd.Series) -> str:
    statistic, of = at if isinstance(at, tuple) else (at, "")
    n = int(new["studies"])
    interval = stats.binomtest(round(new["coverage"] * n), n, LEVEL).proportion_ci(method="exact")
    return (
        f"| {statistic} | {of} | {row['coverage']:.1%} | {_p(row['p_value'])} | {_p(row['p_holm'])} | {n} | "
        f"{new['coverage']:.1%} | {interval.low:.1%} to {interval.high:.1%} |"
    )


def _range(row: pd.Series) -> str:
    return f"{row['ci_low']:.1%} to {row['ci_high']:.1%}"


def every_value(table: pd.DataFrame) -> list[str]:
    """Return the table of every value."""
    lines = ["## Every value", "", "| statistic | of | true | bias | coverage |", "|---|---|---|---|---|"]
    for at, row in table.iterrows():
        statistic, of = at if isinstance(at, tuple) else (at, "")
        lines.append(f"| {statistic} | {of} | {row['true']:.4f} | {row['bias']:+.4f} | {_percent(row['coverage'])} |")
    return lines


def _largest(bias: pd.Series) -> float:
    return float(bias.to_numpy()[np.abs(bias.to_numpy()).argmax()])


def _holm(p: np.ndarray) -> np.ndarray:
    order = np.argsort(p)
    adjusted = np.maximum.accumulate(p[order] * (len(p) - np.arange(len(p))))
    found: np.ndarray = np.empty_like(p)
    found[order] = np.minimum(adjusted, 1.0)
    return found


def _p(p: float) -> str:
    return "–" if np.isnan(p) else "< .001" if p < 0.001 else f"{p:.3f}".replace("0.", ".", 1)


def _percent(share: float) -> str:
    return "–" if np.isnan(share) else f"{share:.1%}"
