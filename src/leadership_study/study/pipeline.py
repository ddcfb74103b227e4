"""The pipeline of one study, from the answers as received to stored results; a notebook makes the same calls."""

from collections.abc import Callable, Mapping
from functools import cached_property
from pathlib import Path

import pandas as pd

from leadership_study.errors import ImportFormatError, LeadershipStudyError, Problem
from leadership_study.importing import Pseudonyms, RawResponses, contradictions, read_responses
from leadership_study.interviews import Guide, Interviews
from leadership_study.measurement._returns import Returns
from leadership_study.results import Note, Result
from leadership_study.scoring import ScoredResponses
from leadership_study.study.answers import score_study, validate_study
from leadership_study.study.computing import stage
from leadership_study.study.evidence import Evidence, absent, evidence_of
from leadership_study.study.interview_results import (
    interview_files,
    planned,
    read_study_interviews,
)
from leadership_study.study.keying import keying_warnings
from leadership_study.study.lock import locked
from leadership_study.study.made_from import fingerprints_of, input_files_of
from leadership_study.study.plan import load_plan
from leadership_study.study.plan_interviews import read_guide_of
from leadership_study.study.project import Project, find_study
from leadership_study.study.returns import returns_of
from leadership_study.study.setting import settings_of
from leadership_study.study.store import Store
from leadership_study.study.study_results import StudyResults
from leadership_study.study.tables import read_table
from leadership_study.study.variations import Step, steps_of
from leadership_study.validation import ValidatedResponses, cell_problems

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
        LeadershipStudyError
            When the study has no survey.
        """
        return self._validated

    def setting(self) -> StudyResults:
        """Return the result of every ``[[setting]]`` block: what is stored and up to date, else computed now.

        Raises
        ------
        ResponseError, PlanError
            With every problem of every table of the setting.
        """
        return StudyResults(self._settings, uses={one.id: one.use for one in self.plan.settings})

    def interviews(self) -> Interviews:
        """Return the interviews with pseudonyms in place of what identifies people.

        Raises
        ------
        LeadershipStudyError
            When the plan has no ``[interviews]``.
        ImportFormatError
            With every problem of every transcript, coding, translation and decision.
        """
        return self._interviews[0]

    def guide(self) -> Guide:
        """Return the interview guide.

        Raises
        ------
        LeadershipStudyError
            When the plan has no ``[interviews]``.
        """
        return read_guide_of(self.project, planned(self))

    def interview_files(self) -> list[Path]:
        """Every file that the interviews are made from; none without ``[interviews]``."""
        return interview_files(self)

    @property
    def interviews_key(self) -> "pd.DataFrame | None":
        """The key of pseudonyms, which **identifies people**; None when the plan has none made."""
        return self._interviews[1]

    def scored(self) -> ScoredResponses:
        """Return keyed items, scale scores, groups, weights and context."""
        return self._scored

    def warnings(self) -> tuple[Note, ...]:
        """Return what casts doubt on every analysis: items that seem keyed the wrong way, a scale upside down."""
        return self._warnings

    def returns(self) -> Returns:
        """Return who came back and how many questionnaires were distributed, as far as the plan says it."""
        return self._returns

    def table(self, file: str) -> pd.DataFrame:
        """Return a CSV file of the study's folder as text.

        Raises
        ------
        ResponseError
            When it cannot be read.
        """
        path = self._raw_file(file)
        return read_table(path, self.project.relative(path))

    def run(self, progress: Progress | None = None) -> StudyResults:
        """Return the results of every ``[[setting]]``, ``[[analysis]]`` and of ``[interviews]``, read from the store.

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
        found = {step.id: self.store.load(step.id, fingerprints[step.id]) for step in self.steps()}
        lacking = [block_id for block_id, result in found.items() if result is None]
        if lacking:
            with locked(self.store.data, self.project.relative(self.store.data)):
                stage(self, lacking, fingerprints, tell)
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
        for step in self.steps():
            result = self.store.load(step.id, fingerprints[step.id])
            if result is None:
                lacking.append(step.id)
            else:
                found[step.id] = result
        if lacking:
            name = self.plan.name
            raise LeadershipStudyError(
                f"The stored results of {name} are missing or out of date ({', '.join(lacking)}): "
                f"run 'leadership-study run {name}' first"
            )
        return self._results(found)

    def evidence(self, results: StudyResults | None = None, progress: Progress | None = None) -> Evidence:
        """Return joint display, argument and checklists, as ``[synthesis]`` asks for them; they are stored like blocks.

        Without ``[synthesis]`` each is a `NotEstimated` that says so.

        Parameters
        ----------
        results
            From `run` (the default) or `stored`.
        progress
            Called with each part.

        Raises
        ------
        PlanError
            With everything that is wrong with ``studies/<name>.argument.toml``: unknown results, codes and segments
            among it.
        """
        if self.plan.synthesis is None:
            return absent()
        results = self.run(progress) if results is None else results
        return evidence_of(self, results, progress or _silent)

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

    def steps(self) -> list[Step]:
        """Return what is computed and stored, block after block: each block, and the variants of a headline."""
        return [step for block in self.plan.blocks for step in steps_of(block)]

    def fingerprints(self) -> dict[str, str]:
        """Return what each stored result must have been made from, as one hash a step."""
        return fingerprints_of(self)

    @property
    def plan_file(self) -> str:
        """The study file as messages name it, from the project's root."""
        return self.project.relative(self.project.study_file(self.plan.name))

    @property
    def questionnaire_file(self) -> Path:
        """The file of the questionnaire."""
        return self.project.questionnaire_file(self.plan.questionnaire)

    def input_files(self) -> list[Path]:
        """Every file that the study is made from: plan, questionnaire, answers, setting, context, notebooks."""
        return input_files_of(self)

    @cached_property
    def _raw(self) -> dict[str, list[RawResponses]]:
        folder = self.project.raw(self.plan.name)
        blocks: dict[str, list[RawResponses]] = {}
        problems: list[Problem] = []
        cells: list[Problem] = []
        pseudonyms = Pseudonyms()  # the same for every file: a group has one name in all of them
        for block in self.plan.responses:
            blocks[block.id] = []
            for file in block.files:
                try:
                    how = {**block.reading(), "pseudonyms": pseudonyms}
                    blocks[block.id].append(read_responses(folder / file, self.instrument, **how))
                except ImportFormatError as error:
                    problems += error.problem_list
                    if error.readable is not None:
                        cells += cell_problems(error.readable, self.instrument, block.repairs)
            if len(blocks[block.id]) > 1:
                problems += contradictions(blocks[block.id], self.instrument)
        if problems:
            for block in self.plan.responses:
                for raw in blocks[block.id]:
                    cells += cell_problems(raw, self.instrument, block.repairs)
            problems += cells
            count = f"{len(problems)} problem{'' if len(problems) == 1 else 's'}"
            raise ImportFormatError(f"The files in {self.project.relative(folder)} have {count}", problems)
        return blocks

    @cached_property
    def _interviews(self) -> "tuple[Interviews, pd.DataFrame | None]":
        return read_study_interviews(self)

    @cached_property
    def _settings(self) -> dict[str, Result]:
        return settings_of(self)

    @cached_property
    def _validated(self) -> ValidatedResponses:
        if not self.plan.has_survey:
            raise LeadershipStudyError(
                f"{self.plan_file} has no questionnaire, so there are no answers: study.setting() has what it computes"
            )
        return validate_study(self, self.plan.exclusions)

    @cached_property
    def _scored(self) -> ScoredResponses:
        return score_study(self, self.validated(), self.plan.scoring)

    @cached_property
    def _warnings(self) -> tuple[Note, ...]:
        return keying_warnings(self.validated()) if self.plan.has_survey else ()

    @cached_property
    def _returns(self) -> Returns:
        return returns_of(self.project, self.plan, self.validated())

    def _raw_file(self, file: str) -> Path:
        return self.project.raw(self.plan.name) / file

    def _results(self, found: Mapping[str, Result]) -> StudyResults:
        return StudyResults(found, uses={one.id: one.use for one in self.plan.blocks})


def _silent(stage: str, what: str) -> None:
    del stage, what
