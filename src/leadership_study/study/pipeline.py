"""The pipeline of one study, from the answers as received to stored results; a notebook makes the same calls."""

import traceback
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from pathlib import Path

from leadership_study.errors import (
    EstimationError,
    ImportFormatError,
    LeadershipStudyError,
    PlanError,
    Problem,
    ResponseError,
)
from leadership_study.importing import RawResponses, read_responses
from leadership_study.results import NotEstimated, Result
from leadership_study.scoring import ScoredResponses, score
from leadership_study.study import provenance
from leadership_study.study.context import read_context
from leadership_study.study.lock import locked
from leadership_study.study.options import analysis, takes_seed
from leadership_study.study.plan import BlockPlan, load_plan
from leadership_study.study.project import Project, find_study
from leadership_study.study.scored_hash import scored_sha256
from leadership_study.study.store import Store
from leadership_study.study.study_results import StudyResults
from leadership_study.validation import ValidatedResponses, cell_problems, validate

__all__ = ["Progress", "Study", "StudyResults", "open_study"]

Progress = Callable[[str, str], None]
"""Called with what is being done and with what: ``("computed", "reliability")``."""


def open_study(path: str | Path) -> "Study":
    """Open a study by the path of its plan, ``studies/<name>.toml``, or by its name from inside its project.

    The plan is checked from end to end; no data are read yet.

    Parameters
    ----------
    path
        ``"studies/lq2002.toml"`` or ``"lq2002"``.

    Returns
    -------
    Study

    Raises
    ------
    PlanError, InstrumentError
        With all problems of the plan and of its questionnaire.
    ProjectError
        When there is no such study.
    """
    return Study(*find_study(path))


class Study:
    """One study: its plan, its questionnaire, and each stage as a call. A stage is worked out once and kept.

    Attributes
    ----------
    project
        Where things lie.
    plan
        The study file, checked.
    instrument
        The questionnaire.
    store
        The generated files.
    """

    def __init__(self, project: Project, name: str) -> None:
        self.project = project
        self.plan, self.instrument = load_plan(project, name)
        self.store = Store(project, name)

    def __repr__(self) -> str:
        blocks = ", ".join(block.id for block in self.plan.analyses)
        return f"Study {self.plan.name}: {blocks}"

    def raw(self) -> dict[str, list[RawResponses]]:
        """Return the answers as received, all text: one entry a file, by the id of their ``[[responses]]`` block.

        Raises
        ------
        ImportFormatError
            With the problems of all files, those of the cells that could be made out among them.
        """
        return self._raw

    def validated(self) -> ValidatedResponses:
        """Return the answers held against the questionnaire, without those left out by declared rules.

        Raises
        ------
        ResponseError
            With every problem of every answer.
        """
        return self._validated

    def scored(self) -> ScoredResponses:
        """Return keyed items, scale scores, groups, weights and context."""
        return self._scored

    def run(self, progress: Progress | None = None) -> StudyResults:
        """Return the result of every ``[[analysis]]`` block, read back from the store.

        A block is computed when what is stored was not made from the same options, data, seed, package and versions.
        What cannot be estimated is a `NotEstimated` that says why.

        Raises
        ------
        PlanError
            With the options of all blocks that their analyses refused. What was stored is then left as it was; what
            the other blocks computed is put aside for the next run.
        """
        tell = progress or _silent
        fingerprints = self.fingerprints()
        found = {block.id: self.store.load(block.id, fingerprints[block.id]) for block in self.plan.analyses}
        lacking = [block_id for block_id, result in found.items() if result is None]
        if lacking:
            with locked(self.store.data, self.project.relative(self.store.data)):
                self._stage(lacking, fingerprints, tell)
                for block_id in lacking:
                    self.store.adopt(block_id)
                    found[block_id] = self.store.load(block_id, fingerprints[block_id])
                self.store.drop_staged()
        else:
            for block_id in found:
                tell("reused", block_id)
        return self._results({block_id: result for block_id, result in found.items() if result is not None})

    def stored(self) -> StudyResults:
        """Return the stored results.

        Raises
        ------
        LeadershipStudyError
            When a block is not stored, or was made from something else than what is there today.
        """
        fingerprints, found, lacking = self.fingerprints(), {}, []
        for block in self.plan.analyses:
            result = self.store.load(block.id, fingerprints[block.id])
            if result is None:
                lacking.append(block.id)
            else:
                found[block.id] = result
        if lacking:
            name = self.plan.name
            raise LeadershipStudyError(
                f"The stored results of {name} are missing or out of date ({', '.join(lacking)}): "
                f"run 'leadership-study run {name}' first"
            )
        return self._results(found)

    def report(self, results: StudyResults | None = None, progress: Progress | None = None) -> list[str]:
        """Write the report in every language and format of the plan, with its figures and tables.

        Parameters
        ----------
        results
            From `run` (the default) or `stored`.
        progress
            Called with each file's kind.

        Returns
        -------
        list of str
            The reports, as paths from the project's root.
        """
        from leadership_study.study.report_files import write_report

        results = self.run(progress) if results is None else results
        with locked(self.store.data, self.project.relative(self.store.data)):
            return write_report(self, results, progress or _silent)

    def fingerprints(self) -> dict[str, str]:
        """Return what each block's stored result must have been made from, as one hash a block."""
        data: dict[tuple[str, ...], str] = {}
        marks = {}
        for block in self.plan.analyses:
            if block.of not in data:
                data[block.of] = scored_sha256(self.scored().of(block.of))
            marks[block.id] = provenance.fingerprint(
                {
                    "use": block.use,
                    "options": block.options,
                    "data": data[block.of],
                    "questionnaire": provenance.file_sha256(self.questionnaire_file),
                    "nested_in": self.plan.nested_in,
                    "seed": provenance.block_seed(self.plan.seed, block.id),
                    "package": provenance.package_sha256(computing=True),
                    "versions": provenance.versions(computing=True),
                    "lock": provenance.file_sha256(self.project.lock_file),
                }
            )
        return marks

    @property
    def questionnaire_file(self) -> Path:
        """The file of the questionnaire."""
        return self.project.questionnaire_file(self.plan.questionnaire)

    def input_files(self) -> list[Path]:
        """Every file that the study is made from: plan, questionnaire, answers, context, notebooks."""
        raw = self.project.raw(self.plan.name)
        answers = [raw / file for block in self.plan.responses for file in block.files]
        context = [raw / table.file for table in self.plan.context]
        notebooks = [self.project.notebooks / f"{name}.ipynb" for name in self.plan.report.notebooks]
        return [self.project.study_file(self.plan.name), self.questionnaire_file, *answers, *context, *notebooks]

    @cached_property
    def _raw(self) -> dict[str, list[RawResponses]]:
        folder = self.project.raw(self.plan.name)
        blocks: dict[str, list[RawResponses]] = {}
        problems: list[Problem] = []
        cells: list[Problem] = []
        for block in self.plan.responses:
            blocks[block.id] = []
            for file in block.files:
                try:
                    blocks[block.id].append(
                        read_responses(
                            folder / file,
                            self.instrument,
                            format=block.format,
                            columns=block.columns,
                            respondent_id=block.respondent_id,
                            weights=block.weights,
                            missing_codes=block.missing_codes,
                            form=block.form,
                            values=block.values,
                            option_order=block.option_order,
                        )
                    )
                except ImportFormatError as error:
                    problems += error.problem_list
                    if error.readable is not None:
                        cells += cell_problems(error.readable, self.instrument)
        if problems:
            for raw in (raw for parts in blocks.values() for raw in parts):
                cells += cell_problems(raw, self.instrument)
            problems += cells
            count = f"{len(problems)} problem{'' if len(problems) == 1 else 's'}"
            raise ImportFormatError(f"The files in {self.project.relative(folder)} have {count}", problems)
        return blocks

    @cached_property
    def _validated(self) -> ValidatedResponses:
        validated = validate(self.raw(), self.instrument, exclusions=self.plan.exclusions)
        left = set(validated.block)
        if empty := [block.id for block in self.plan.responses if block.id not in left]:
            raise ResponseError(
                f"No respondent of {', '.join(empty)} is left to analyse: they answered no item, or the plan's "
                "[exclusions] leave them out; check the answers and these rules"
            )
        return validated

    @cached_property
    def _scored(self) -> ScoredResponses:
        scoring = self.plan.scoring
        return score(
            self.validated(),
            method=scoring.method,
            min_answered=scoring.min_answered,
            context=read_context(self.project, self.plan.name, self.plan.context),
            nested_in=self.plan.nested_in,
        )

    def _results(self, found: Mapping[str, Result]) -> StudyResults:
        return StudyResults(found, uses={block.id: block.use for block in self.plan.analyses})

    def _stage(self, lacking: Sequence[str], fingerprints: Mapping[str, str], tell: Progress) -> None:
        """Put the result of every block in ``lacking`` aside; raise for all blocks that were refused, once."""
        problems: list[Problem] = []
        for block in self.plan.analyses:
            if block.id not in lacking or self.store.is_staged(block.id, fingerprints[block.id]):
                tell("reused", block.id)
                continue
            tell("computing", block.id)
            try:
                self.store.stage(block.id, fingerprints[block.id], self._compute(block))
            except PlanError as error:
                problems += error.problem_list
                continue
            tell("computed", block.id)
        if problems:
            count = f"{len(problems)} problem{'' if len(problems) == 1 else 's'}"
            raise PlanError(f"{self._plan_file} has {count}; nothing that was stored has been changed", problems)

    @property
    def _plan_file(self) -> str:
        return self.project.relative(self.project.study_file(self.plan.name))

    def _refused(self, block: BlockPlan, message: str) -> PlanError:
        place = f"[[analysis]] {block.id!r}"
        said = f"{place}: {message.removesuffix('.')}"
        return PlanError(message, [Problem(self._plan_file, said, "correct the block", "wrong_option")])

    def _compute(self, block: BlockPlan) -> Result:
        run = analysis(block.use).run
        seed = {"seed": provenance.block_seed(self.plan.seed, block.id)} if takes_seed(run) else {}
        try:
            result = run(self.scored().of(block.of), **block.options, **seed)
        except EstimationError as error:
            return NotEstimated.because(error.note)
        except PlanError as error:
            raise self._refused(block, error.message) from error
        except (ValueError, TypeError) as error:
            if _is_told(error):
                raise self._refused(block, str(error)) from error
            raise
        if not isinstance(result, Result):
            raise TypeError(f"The run of {block.use} returned a {type(result).__name__}, not a Result.")
        return result


def _is_told(error: Exception) -> bool:
    """Say whether the package itself refused an option, in a sentence; all else is a defect, not a wrong plan."""
    *_, (frame, _) = traceback.walk_tb(error.__traceback__)
    own = frame.f_globals.get("__name__", "").startswith("leadership_study.")
    return own and str(error).endswith(".")  # Python's own messages are no sentences


def _silent(stage: str, what: str) -> None:
    del stage, what
