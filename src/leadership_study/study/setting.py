"""The setting of a study: each ``[[setting]]`` block computed from its tables, or read back where it is stored."""

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from leadership_study.errors import EstimationError, PlanError, Problem, ResponseError
from leadership_study.results import NotEstimated, Result
from leadership_study.study import provenance
from leadership_study.study.options import is_told, takes
from leadership_study.study.plan_setting import SettingPlan

if TYPE_CHECKING:
    from leadership_study.study.pipeline import Study


def setting_fingerprint(study: "Study", plan: SettingPlan) -> str:
    """Return what the stored result of a setting must have been made from, as one hash."""
    raw = study.project.raw(study.plan.name)
    return provenance.fingerprint(
        {
            "use": plan.use,
            "options": {name: str(value) if name in plan.tomls else value for name, value in plan.options.items()},
            "files": {file: provenance.file_sha256(raw / file) for file in plan.files},
            "seed": provenance.block_seed(study.plan.seed, plan.id) if takes(plan.module.run, "seed") else None,
            "package": provenance.package_sha256(computing=True),
            "versions": provenance.versions(computing=True),
            "lock": provenance.file_sha256(study.project.lock_file),
        }
    )


def settings_of(study: "Study") -> dict[str, Result]:
    """Return the result of every setting by its id: what is stored, where it was made from what is there today.

    Raises
    ------
    ResponseError, PlanError
        With the problems of all tables and of all options that were refused.
    """
    found: dict[str, Result] = {}
    problems: list[Problem] = []
    refused: list[Problem] = []
    for plan in study.plan.settings:
        stored = study.store.load(plan.id, setting_fingerprint(study, plan), staged=True)
        if stored is not None:
            found[plan.id] = stored
            continue
        try:
            found[plan.id] = _compute(study, plan)
        except PlanError as error:
            refused += error.problem_list
        except ResponseError as error:
            problems += error.problem_list
    problems = list(dict.fromkeys(problems))  # a table that two settings read has its problems once
    if refused:
        raise PlanError(f"{study.plan_file} has {_counted(refused)}", [*refused, *problems])
    if problems:
        raise ResponseError(f"The tables of the setting have {_counted(problems)}", problems)
    return found


def _compute(study: "Study", plan: SettingPlan) -> Result:
    raw = study.project.raw(study.plan.name)
    arguments: dict[str, Any] = dict(plan.options)
    for name, file in plan.tables.items():
        arguments[name] = study.table(file)
    for name, file in plan.tomls.items():
        arguments[name] = raw / file
    if takes(plan.module.run, "seed"):
        arguments["seed"] = provenance.block_seed(study.plan.seed, plan.id)
    shown = {name: study.project.relative(raw / file) for name, file in plan.tables.items()}
    try:
        result = plan.module.run(**arguments)
    except EstimationError as error:
        return NotEstimated.because(error.note)
    except ResponseError as error:
        raise ResponseError(error.message, _in_its_file(error.problem_list, shown)) from error
    except PlanError as error:
        raise _refused(study, plan, error.message) from error
    except (ValueError, TypeError) as error:
        if is_told(error):
            raise _refused(study, plan, str(error)) from error
        raise
    if not isinstance(result, Result):
        raise TypeError(f"The run of {plan.use} returned a {type(result).__name__}, not a Result.")
    return result


def _in_its_file(problems: tuple[Problem, ...], shown: Mapping[str, str]) -> list[Problem]:
    """Name the study's own file where a module could only name its option."""
    return [replace(problem, file=shown.get(problem.file, problem.file)) for problem in problems]


def _refused(study: "Study", plan: SettingPlan, message: str) -> PlanError:
    said = f"[[setting]] {plan.id!r}: {message.removesuffix('.')}"
    return PlanError(message, [Problem(study.plan_file, said, "correct the block or its table", "wrong_option")])


def _counted(problems: list[Problem]) -> str:
    return f"{len(problems)} problem{'' if len(problems) == 1 else 's'}"
