"""Codes by informant: informants are counted, not references."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal

import pandas as pd

from leadership_study.interviews._options import one_of
from leadership_study.interviews.code_frequencies import codes_of
from leadership_study.interviews.codebook import Codebook
from leadership_study.interviews.transcripts import Transcript
from leadership_study.interviews.units import merged_spans
from leadership_study.results import Note, Result


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class InformantCodes(Result):
    """Codes by informant, and informants with a code by group.

    Attributes
    ----------
    table : DataFrame, codes × informants
        References.
    groups : DataFrame, index ``code`` and the group
        informants (with the code), n (informants in the group), share. References are never counted here.
    themes : DataFrame, index ``informant``, columns the themes (dimensions) of the codebook
        References; cases and who spoke of what, side by side. None when codes have no dimension.
    by_group : DataFrame, used codes × groups
        Informants with the code, and of all groups together (``everybody``).
    """

    table: pd.DataFrame
    groups: pd.DataFrame
    by_group: pd.DataFrame
    themes: pd.DataFrame | None = None

    main: ClassVar[str] = "groups"
    shown_as: ClassVar[dict[str, str]] = {"table": "count", "by_group": "count", "themes": "count"}


def informant_codes(
    codings: pd.DataFrame,
    transcripts: Mapping[str, Transcript],
    codebook: Codebook | None,
    *,
    by: Literal["role", "district"] = "role",
) -> InformantCodes:
    """Codes × informants, and how many informants of each group have a code.

    A transcript is an informant. The table is descriptive; with fewer than five informants in a group that is noted.
    """
    one_of("by", "informant_codes", by, ("role", "district"))
    codes, informants = codes_of(codings, codebook), sorted(transcripts)
    counts = pd.DataFrame(0, index=pd.Index(codes, name="code"), columns=informants)
    for (code, name), part in codings.groupby(["code", "transcript"]):
        spans = list(zip(part["start"].tolist(), part["end"].tolist(), strict=True))
        counts.loc[str(code), str(name)] = len(merged_spans(spans))
    groups = {name: getattr(transcripts[name], by) or "–" for name in informants}
    rows, keys = [], []
    sizes = pd.Series(groups).value_counts()
    for code in codes:
        for group in sorted(sizes.index):
            own = [name for name in informants if groups[name] == group]
            having = int(counts.loc[[code], own].to_numpy().astype(bool).sum())
            rows.append((having, len(own), having / len(own)))
            keys.append((code, group))
    table = pd.DataFrame(
        rows, columns=["informants", "n", "share"], index=pd.MultiIndex.from_tuples(keys, names=["code", by])
    )
    notes: tuple[Note, ...] = ()
    if small := [str(group) for group in sorted(sizes.index) if sizes[group] < 5]:
        text = "Groups of fewer than five informants are described, not compared: {groups}."
        notes = (Note("few_informants", text, {"groups": ", ".join(small)}),)
    wide = table["informants"].unstack(by).reindex(codes).astype("int64")
    wide.columns.name = None
    wide = wide.assign(everybody=counts.astype(bool).sum(axis="columns"))
    return InformantCodes(
        by_group=wide[wide["everybody"] > 0],
        table=counts.astype("int64"),
        groups=table,
        themes=_by_theme(counts, codebook),
        definition={"unit": "informant"},
        notes=notes,
    )


def _by_theme(counts: pd.DataFrame, codebook: Codebook | None) -> pd.DataFrame | None:
    """References of each informant by the dimension of the codes; codes without one are left out."""
    if codebook is None:
        return None
    themes = [None if code not in codebook else codebook.dimension(str(code)) for code in counts.index]
    found = list(dict.fromkeys(theme for theme in themes if theme))
    if not found:
        return None
    summed = counts.groupby(pd.Series(themes, index=counts.index, dtype=object)).sum().reindex(found)
    return summed.T.rename_axis("informant").rename_axis(None, axis="columns").astype("int64")
