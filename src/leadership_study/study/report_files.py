"""The files people look at: a report for each language and format, its figures and its tables."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from leadership_study.by_name import find
from leadership_study.reporting.document import Block, Picture, build_document
from leadership_study.reporting.figures import kinds, plot, save
from leadership_study.reporting.languages import load_language
from leadership_study.reporting.naming import names_of
from leadership_study.reporting.table_files import table_files
from leadership_study.results import Result
from leadership_study.study import provenance
from leadership_study.study.plan import BlockPlan

if TYPE_CHECKING:
    from leadership_study.study.pipeline import Study, StudyResults


def write_report(study: "Study", results: "StudyResults", progress: Callable[[str, str], None]) -> list[str]:
    """Write report, figures and tables of ``results``; return the reports as paths from the project's root."""
    plan, store = study.plan, study.store
    scored = study.scored()
    written = []
    for language in plan.report.languages:
        labels = scored.labels(language)
        about_self = {**labels, **_self_wording(study, language)}
        names = names_of(study.instrument, labels, language)
        own_names = names_of(study.instrument, about_self, language)
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
                    (own_names if _is_self(study, block) else names).in_rows,
                ),
                of=block.of,
                labels=about_self if _is_self(study, block) else None,
                compared=results[f"{block.id}-compared"] if block.headline else None,
            )
            for block in plan.analyses
        ]
        progress("writing", language)
        document = build_document(
            study=plan.name,
            title=plan.title,
            language=language,
            simulated=plan.simulated,
            instrument=study.instrument,
            labels=labels,
            flow=study.validated().flow,
            blocks=blocks,
            sources=[source for sources in study.validated().sources.values() for source in sources],
            notes=[*study.validated().notes, *scored.notes],
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


def _is_self(study: "Study", block: BlockPlan) -> bool:
    """Say whether everybody whose answers a block uses answered about themselves."""
    forms = {responses.id: responses.form for responses in study.plan.responses}
    return all(forms[one] == "self" for one in block.of)


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
    facts = {
        "package": versions["leadership-study"],
        "python": versions["python"],
        "seed": str(study.plan.seed),
        "plan": provenance.file_sha256(study.project.study_file(study.plan.name)),
        "questionnaire": provenance.file_sha256(study.questionnaire_file),
        "lock": provenance.file_sha256(study.project.lock_file),
    }
    return {name: value for name, value in facts.items() if value is not None}
