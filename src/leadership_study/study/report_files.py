"""The files people look at: a report for each language and format, its figures and its tables."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from leadership_study.by_name import find
from leadership_study.districts._labelled import Labelled
from leadership_study.influences._multiverse import Multiverse
from leadership_study.reporting.document import Block, Picture, build_document
from leadership_study.reporting.figures import kinds, plot, save
from leadership_study.reporting.languages import load_language
from leadership_study.reporting.naming import names_of
from leadership_study.reporting.table_files import table_files
from leadership_study.results import Result
from leadership_study.study import provenance
from leadership_study.study.evidence_report import evidence_blocks
from leadership_study.study.plan import BlockPlan
from leadership_study.study.plan_interviews import InterviewBlock
from leadership_study.study.plan_setting import SettingPlan

if TYPE_CHECKING:
    from leadership_study.importing import Source
    from leadership_study.study.pipeline import Study, StudyResults


def write_report(study: "Study", results: "StudyResults", progress: Callable[[str, str], None]) -> list[str]:
    """Write report, figures and tables of ``results``; return the reports as paths from the project's root."""
    plan, store = study.plan, study.store
    evidence = study.evidence(results)
    written = []
    for language in plan.report.languages:
        labels = _labels(study, language)
        about_self = {**labels, **_self_wording(study, language)}
        names = names_of(study.instrument, labels, language)
        own_names = names_of(study.instrument, about_self, language)
        said = study.interviews().labels(language) if plan.interviews else {}
        progress("drawing", language)
        blocks = [
            Block(
                id=block.id,
                use=block.use,
                result=results[block.id],
                title=block.title or {},
                options=block.options,
                pictures=_pictures(
                    study,
                    block.id,
                    results[block.id],
                    language,
                    {**names.in_rows, **said}
                    if isinstance(block, InterviewBlock)
                    else (own_names if _is_self(study, block) else names).in_rows,
                ),
                of=block.of,
                labels=_own_labels(results[block.id], labels, language)
                or ({**labels, **said} if isinstance(block, InterviewBlock) else None)
                or (about_self if _is_self(study, block) else None),
                compared=results[f"{block.id}-compared"] if block.headline else None,
                of_nobody=isinstance(block, SettingPlan | InterviewBlock),
            )
            for block in plan.blocks
        ]
        blocks += evidence_blocks(
            study,
            evidence,
            results,
            language=language,
            labels={**labels, **said},
            names=names,
            draw=_pictures,
        )
        progress("writing", language)
        document = build_document(
            study=plan.name,
            title=plan.title,
            language=language,
            simulated=plan.simulated,
            instrument=study.instrument,
            labels=labels,
            flow=study.validated().flow if plan.has_survey else None,
            blocks=blocks,
            sources=_sources(study),
            notes=[*study.validated().notes, *study.scored().notes] if plan.has_survey else [],
            provenance=_facts(study),
            groups={block.id: text for block in plan.responses if (text := block.title.get(language))},
            warnings=study.warnings(),
        )
        for name, content in table_files(document).items():
            store.put(store.reports / "tables" / language / name, content)
        for name in plan.report.formats:
            path = store.reports / f"report.{language}.{name}"
            store.put(path, find("leadership_study.reporting.formats", name).render(document))
            written.append(study.project.relative(path))
    return written


def _labels(study: "Study", language: str) -> dict[str, str]:
    """Return what ids are called; facts about groups, which no questionnaire words, as the report calls them."""
    if not study.plan.has_survey:
        return {}
    scored, words = study.scored(), load_language(language)
    labels = dict(scored.labels(language))
    facts = [] if scored.context is None else [str(name) for name in scored.context.columns]
    return labels | {name: words.term(name) for name in facts if labels.get(name, name) == name}


def _own_labels(result: Result, labels: Mapping[str, str], language: str) -> dict[str, str] | None:
    """Return the labels of a result that brings its own words, beside the study's."""
    return {**labels, **result.labels(language)} if isinstance(result, Labelled | Multiverse) else None


def _sources(study: "Study") -> list["Source"]:
    if not study.plan.has_survey:
        return []
    return [source for sources in study.validated().sources.values() for source in sources]


def _is_self(study: "Study", block: BlockPlan | SettingPlan | InterviewBlock) -> bool:
    """Say whether everybody whose answers a block uses answered about themselves."""
    forms = {responses.id: responses.form for responses in study.plan.responses}
    return bool(block.of) and all(forms[one] == "self" for one in block.of)


def _self_wording(study: "Study", language: str) -> dict[str, str]:
    return {item.id: text for item in study.instrument.items if (text := item.self_text.get(language))}


def _pictures(
    study: "Study", block: str, result: Result, language: str, labels: Mapping[str, str]
) -> tuple[Picture, ...]:
    pictures = []
    notice = load_language(language).word("simulated") if study.plan.simulated else ""
    for kind in kinds(result):
        svg, png = save(plot(result, kind, language=language, labels=labels), notice=notice)
        stem = study.store.reports / "figures" / language / f"{block}.{kind}"
        study.store.put(stem.with_name(stem.name + ".svg"), svg)
        study.store.put(stem.with_name(stem.name + ".png"), png)
        pictures.append(Picture(kind=kind, png=png, svg=svg.decode()))
    return tuple(pictures)


def _facts(study: "Study") -> dict[str, str]:
    versions = provenance.versions(computing=False)
    raw = study.project.raw(study.plan.name)
    facts = {
        "package": versions["leadership-study"],
        "python": versions["python"],
        "seed": str(study.plan.seed),
        "plan": provenance.file_sha256(study.project.study_file(study.plan.name)),
        "questionnaire": provenance.file_sha256(study.questionnaire_file) if study.plan.has_survey else None,
        "lock": provenance.file_sha256(study.project.lock_file),
        **{file: provenance.file_sha256(raw / file) for setting in study.plan.settings for file in setting.files},
    }
    return {name: value for name, value in facts.items() if value is not None}
