"""The results of a study, by block and by reference."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from leadership_study.by_name import unknown
from leadership_study.errors import LeadershipStudyError
from leadership_study.reporting.lookup import Values, resolve
from leadership_study.results import NotEstimated, Result


class StudyResults(Mapping[str, Result]):
    """The results of a study by block id, in the order of the plan: each a `Result`, or a `NotEstimated`.

    ``uses`` says which analysis each block uses.
    """

    def __init__(self, results: Mapping[str, Result], *, uses: Mapping[str, str] | None = None) -> None:
        self._results = dict(results)
        self.uses = dict(uses or {})

    def __getitem__(self, block: str) -> Result:
        if block not in self._results:
            raise KeyError(unknown("block", block, list(self._results)))
        return self._results[block]

    def __iter__(self) -> Iterator[str]:
        return iter(self._results)

    def __len__(self) -> int:
        return len(self._results)

    def __repr__(self) -> str:
        width = max((len(name) for name in self._results), default=0)
        return "\n".join(f"{name:<{width}}  {_shape(result)}" for name, result in self._results.items())

    def of_kind(self, use: str, *, tell: Callable[[str], object] = print) -> dict[str, Result]:
        """Return the estimated results of one analysis by block id, in the order of the plan.

        Parameters
        ----------
        use
            The analysis, as in ``use = "reliability"``.
        tell
            Called with a sentence when the study has no such block, and for each that could not be estimated.
        """
        found = {block: result for block, result in self._results.items() if self.uses.get(block) == use}
        if not found:
            tell(f"This study has no block of the analysis '{use}'.")
        for block, result in found.items():
            if isinstance(result, NotEstimated):
                tell(f"{block}: {result}")
        return {block: result for block, result in found.items() if not isinstance(result, NotEstimated)}

    def reference(self, reference: str) -> Any:
        """Return the stored value behind ``<block>.<table>.<row>.<column>``, unrounded.

        Raises
        ------
        LeadershipStudyError
            When there is no such block, table, row or column, naming the nearest; or the block was not estimated.
        """
        result = self._results.get(reference.partition(".")[0])
        if isinstance(result, NotEstimated):
            raise LeadershipStudyError(f"{reference} has no value: {result}")
        return resolve({name: Values.of(name, entry) for name, entry in self._results.items()}, reference).value


def _shape(result: Result) -> str:
    return str(result) if isinstance(result, NotEstimated) else f"{type(result).__name__}: {', '.join(result.tables())}"
