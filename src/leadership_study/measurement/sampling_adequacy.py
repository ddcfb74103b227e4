"""Can these items be factored at all: Kaiser–Meyer–Olkin and Bartlett's test of sphericity."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np
import pandas as pd
from scipy import stats

from leadership_study.errors import InsufficientDataError
from leadership_study.measurement._checks import one_of
from leadership_study.measurement._item_correlations import item_correlations
from leadership_study.results import Note, Result
from leadership_study.samples.factoring import squared_multiple_correlations
from leadership_study.samples.moments import Missing, Moments
from leadership_study.scoring import ScoredResponses
from leadership_study.scoring.variables import Variables
from leadership_study.sem.threads import one_thread

Wording = Literal["kaiser", "spssau"]


@dataclass(frozen=True, kw_only=True)
class Words:
    """Words for a KMO value: that of the first lower limit that it reaches, else ``below``."""

    source: str
    reached: tuple[tuple[float, str], ...]
    below: str


WORDS: Mapping[str, Words] = {
    "kaiser": Words(
        source="kaiser_1974",
        reached=(
            (0.9, "marvellous"),
            (0.8, "meritorious"),
            (0.7, "middling"),
            (0.6, "mediocre"),
            (0.5, "miserable"),
        ),
        below="unacceptable",
    ),
    "spssau": Words(source="spssau", reached=((0.7, "suitable"),), below="unsuitable"),
}
"""Named sets of words.

``kaiser``: Kaiser (1974, https://doi.org/10.1007/BF02291575). ``spssau``: the one limit of the texts that the program
SPSSAU writes, customary in Chinese theses.
"""

LOWEST = 0.5
"""Below this an item shares too little to be factored with the others (Kaiser, 1974)."""


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class SamplingAdequacy(Result):
    """Sampling adequacy of a set of items.

    Attributes
    ----------
    kmo : float
        Kaiser–Meyer–Olkin measure, with a word of `WORDS` for it in ``verdict``.
    bartlett_chi_square, bartlett_df, bartlett_p_value
        Test that the items are uncorrelated in the population.
    log_determinant : float
        Natural logarithm of the determinant of the correlation matrix; ``determinant`` gives the determinant itself.
    n : int
        Respondents that the test counts.
    items : DataFrame
        ``kmo`` of each item, its ``verdict``, and ``smc``, the squared multiple correlation with the other items.
    """

    kmo: float
    verdict: str
    bartlett_chi_square: float
    bartlett_df: int
    bartlett_p_value: float
    log_determinant: float
    n: int
    items: pd.DataFrame

    main: ClassVar[str] = "summary"

    @property
    def kmo_items(self) -> pd.Series:
        """KMO of each item."""
        return self.items["kmo"]

    @property
    def determinant(self) -> float:
        """Determinant of the correlation matrix."""
        return float(np.exp(self.log_determinant))


def word(kmo: float, words: Wording = "kaiser") -> str:
    """Return the word of one of `WORDS` for a KMO value."""
    chosen = WORDS[words]
    return next((each for limit, each in chosen.reached if kmo >= limit), chosen.below)


@one_thread()
def sampling_adequacy(
    items: pd.DataFrame | Moments, *, missing: Missing = "pairwise", words: Wording = "kaiser"
) -> SamplingAdequacy:
    """Compute the Kaiser–Meyer–Olkin measure and Bartlett's test of sphericity.

    Parameters
    ----------
    items : DataFrame or Moments
        One column an item, NaN where missing; or the moments of at least two items.
    missing : {"pairwise", "listwise"}
        Each correlation over the rows that have both items (the matrix that `efa` takes), or over the complete rows.
    words : {"kaiser", "spssau"}
        The words of ``verdict``, one of `WORDS`.

    Raises
    ------
    InsufficientDataError
        Fewer than two items, an item without answers or variance, or a correlation matrix that is not positive
        definite, whose inverse and log determinant do not exist.
    TypeError, ValueError
        Columns that are not finite numbers, or an unknown option.

    Notes
    -----
    KMO = Σr²/(Σr² + Σq²) over all pairs, of an item over its own pairs, with r the correlations and q the partial
    correlations given all other items (Kaiser & Rice, 1974, https://doi.org/10.1177/001316447403400115).
    χ² = −(n − 1 − (2p + 5)/6) ln|R| with p(p − 1)/2 degrees of freedom (Bartlett, 1951,
    https://doi.org/10.1093/biomet/38.3-4.337). R twins: ``psych::KMO``, ``psych::cortest.bartlett``.
    """
    one_of(words, list(WORDS), name="words", function="sampling_adequacy")
    found = item_correlations(items, missing=missing, at_least=2)
    if not found.positive_definite:
        text = (
            "The correlation matrix of the items is not positive definite (items that repeat each other, fewer "
            "respondents than items, or pairwise deletion), so the Kaiser-Meyer-Olkin measure and Bartlett's test do "
            "not exist; leave out the redundant items."
        )
        raise InsufficientDataError(Note("sampling_adequacy_not_positive_definite", text))
    matrix, p = found.matrix, len(found.items)
    inverse = np.linalg.inv(matrix)
    scale = np.sqrt(np.diag(inverse))
    squares, partial = matrix**2, (inverse / np.outer(scale, scale)) ** 2
    np.fill_diagonal(squares, 0.0)
    np.fill_diagonal(partial, 0.0)
    with np.errstate(invalid="ignore"):  # items that correlate with nothing at all: 0/0, shown as missing
        kmo = float(squares.sum() / (squares.sum() + partial.sum()))
        kmo_items = squares.sum(axis=0) / (squares.sum(axis=0) + partial.sum(axis=0))
    log_determinant = float(np.linalg.slogdet(matrix)[1])
    chi_square = -(found.n - 1 - (2 * p + 5) / 6) * log_determinant
    df = p * (p - 1) // 2
    index = pd.Index(found.items, name="item", dtype="str")
    return SamplingAdequacy(
        kmo=kmo,
        verdict=word(kmo, words),
        bartlett_chi_square=chi_square,
        bartlett_df=df,
        bartlett_p_value=float(stats.chi2.sf(chi_square, df)),
        log_determinant=log_determinant,
        n=found.n,
        items=pd.DataFrame(
            {
                "kmo": kmo_items,
                "verdict": pd.Series([word(float(each), words) for each in kmo_items], index=index, dtype="str"),
                "smc": squared_multiple_correlations(matrix),
            },
            index=index,
        ),
        definition={
            "matrix": "pearson_correlation",
            "missing": found.missing,
            "n": found.n,
            "verdicts": WORDS[words].source,
        },
        notes=(*found.notes, *_notes(found.items, kmo_items)),
    )


def _notes(items: list[str], kmo_items: np.ndarray) -> list[Note]:
    notes = []
    if low := [item for item, kmo in zip(items, kmo_items, strict=True) if not kmo >= LOWEST]:
        text = "These items share too little with the others to be factored with them (KMO below .50): {items}."
        notes.append(Note("kmo_low_items", text, {"items": ", ".join(low)}))
    text = (
        "The Kaiser-Meyer-Olkin measure and Bartlett's test only say whether the items share enough variance to be "
        "factored; they say nothing about validity."
    )
    return [*notes, Note("sampling_adequacy_is_not_validity", text)]


def run(
    scored: ScoredResponses,
    *,
    items: Variables = ("items",),
    missing: Missing = "pairwise",
    words: Wording = "kaiser",
) -> SamplingAdequacy:
    """Sampling adequacy of the keyed items."""
    return sampling_adequacy(scored.frame(items), missing=missing, words=words)
