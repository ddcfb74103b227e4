"""What an analysis of single respondents does about the groups that they share."""

import pandas as pd

from leadership_study.results import Note
from leadership_study.scoring import ScoredResponses

ENOUGH_CLUSTERS = 30


def outer_groups(scored: ScoredResponses) -> "pd.Series[str] | None":
    """Return each respondent's outermost group, or None when respondents are not nested."""
    return scored.groups[scored.nested_in[-1]] if scored.nested_in else None


def usable_clusters(groups: "pd.Series[str] | None", n_parameters: int) -> tuple[str | None, tuple[Note, ...]]:
    """Decide whether errors can allow for nesting, and say so when they do not.

    Cluster-robust errors are taken with at least `ENOUGH_CLUSTERS` clusters and no fewer than free parameters: below
    that they are not dependable (Muthén & Satorra, 1995, https://doi.org/10.2307/271070).

    Returns
    -------
    The name of the group to take as clusters, or None; and the notes.
    """
    if groups is None:
        return None, ()
    name, count = str(groups.name), int(groups.nunique())
    if count >= max(ENOUGH_CLUSTERS, n_parameters):
        return name, ()
    return None, (unadjusted(name, count, n_parameters),)


def unadjusted(group: str, n_clusters: int, n_parameters: int) -> Note:
    """The note of errors that take nested respondents as independent."""
    text = (
        "Errors and tests take respondents as independent although they are nested ({group}): {n_clusters} clusters do "
        "not suffice for cluster-robust ones of {n_parameters} parameters. They are too favourable as far as answers "
        "from "
        "one cluster go together."
    )
    return Note("sem_nesting_unadjusted", text, {
        "group": group, "n_clusters": n_clusters, "n_parameters": n_parameters,
    })  # fmt: skip


def takes_independent(group: str) -> Note:
    """The note of an analysis that cannot allow for nesting, however many clusters there are."""
    text = (
        "Errors and tests take respondents as independent although they are nested ({group}); they are too favourable "
        "as "
        "far as answers from one cluster go together."
    )
    return Note("sem_takes_independent", text, {"group": group})
