"""What a study is made from: every input file, and the fingerprint that each stored result must have."""

from pathlib import Path
from typing import TYPE_CHECKING

from leadership_study.study import provenance
from leadership_study.study.evidence import argument_path
from leadership_study.study.interview_results import interview_files, interviews_fingerprint
from leadership_study.study.multiverse import multiverse_fingerprint
from leadership_study.study.options import analysis, file_options, takes
from leadership_study.study.plan_interviews import InterviewBlock
from leadership_study.study.plan_multiverse import MultiversePlan
from leadership_study.study.plan_setting import SettingPlan
from leadership_study.study.scored_hash import returns_sha256, scored_sha256
from leadership_study.study.setting import setting_fingerprint

if TYPE_CHECKING:
    from leadership_study.study.pipeline import Study


def fingerprints_of(study: "Study") -> dict[str, str]:
    """Return what each stored result must have been made from, as one hash a step."""
    raw = study.project.raw(study.plan.name)
    data: dict[tuple[str, ...], str] = {}
    marks = {}
    for step in study.steps():
        block = step.block
        if isinstance(block, SettingPlan):
            marks[step.id] = setting_fingerprint(study, block)
            continue
        if isinstance(block, InterviewBlock):
            marks[step.id] = interviews_fingerprint(study, block)
            continue
        if block.of not in data:
            data[block.of] = scored_sha256(study.scored().of(block.of))
        if isinstance(block, MultiversePlan):
            marks[step.id] = multiverse_fingerprint(study, block, data[block.of])
            continue
        run = analysis(block.use).run
        files = file_options(run, block.options).values()
        marks[step.id] = provenance.fingerprint(
            {
                "use": block.use,
                "options": block.options,
                "variant": step.variant,
                "imputations": block.imputations,
                "min_flags": study.plan.min_flags if block.headline else None,
                "files": {file: provenance.file_sha256(raw / file) for file in files},
                "waves": study.plan.waves if takes(run, "waves") else None,
                "returns": returns_sha256(study.returns()) if takes(run, "returns") else None,
                "data": data[block.of],
                "questionnaire": provenance.file_sha256(study.questionnaire_file),
                "nested_in": study.plan.nested_in,
                "seed": provenance.block_seed(study.plan.seed, block.id),
                "package": provenance.package_sha256(computing=True),
                "versions": provenance.versions(computing=True),
                "lock": provenance.file_sha256(study.project.lock_file),
            }
        )
    return marks


def input_files_of(study: "Study") -> list[Path]:
    """Return every file of a study: plan, questionnaire, answers, setting, context, interviews, notebooks."""
    raw = study.project.raw(study.plan.name)
    answers = [raw / file for block in study.plan.responses for file in block.files]
    context = [raw / table.file for table in study.plan.context if table.file]
    context += [raw / file for setting in study.plan.settings for file in setting.files]
    context += [raw / sent.file for block in study.plan.responses if (sent := block.distributed) and sent.file]
    context += [raw / study.plan.weights.population] if study.plan.weights else []
    for block in study.plan.analyses:
        context += [raw / file for file in file_options(analysis(block.use).run, block.options).values()]
    context += [argument_path(study)] if study.plan.synthesis else []
    context += interview_files(study)
    notebooks = [study.project.notebooks / f"{name}.ipynb" for name in study.plan.report.notebooks]
    asked = [study.questionnaire_file] if study.plan.has_survey else []
    return [study.project.study_file(study.plan.name), *asked, *answers, *context, *notebooks]
