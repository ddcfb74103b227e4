"""``leadership-study simulate``: answers to a questionnaire from a population file; heavy imports wait."""

import argparse
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from leadership_study.errors import LeadershipStudyError

if TYPE_CHECKING:
    from leadership_study.instruments import Instrument
    from leadership_study.study.simulate import SimulatedBlock

VALUES = "population_values.json"
_TOLD = "answers to a questionnaire, drawn from a population that a file describes"
_EPILOG = """\
Written are one file a block of answers, one table a group that has facts (schools.csv), and population_values.json:
what is true in the population (item means, alpha, omega, ICCs, correlations, effects), to be found again by analyses.

The smallest population file (docs/simulation.md shows all that it may say: loadings, nesting, effects, gaps):
  questionnaire = "school_district_head_leadership"
  [[responses]]
  id = "teachers"
  n = 300

example:
  leadership-study simulate school_district_head_leadership --population population.toml --out simulated --seed 7
"""

Commands = Any  # argparse's own type of a set of subcommands is private


def add_parser(commands: Commands) -> None:
    """Add ``simulate`` to the program's commands."""
    parser = commands.add_parser(
        "simulate", help=_TOLD, description=f"Simulate {_TOLD}.", epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    parser.add_argument(
        "instrument", metavar="INSTRUMENT", help="a questionnaire in questionnaires/, or the path of its file"
    )
    parser.add_argument("--population", type=Path, required=True, metavar="FILE", help="the population file (TOML)")
    parser.add_argument("--out", type=Path, required=True, metavar="FOLDER", help="where the files are written")
    parser.add_argument("--seed", type=int, help="whole number (default: the population's); equal seeds, equal answers")
    parser.add_argument(
        "--format", choices=("csv", "wenjuanxing"), default="csv", help="of the answers (default csv: ids and codes)"
    )
    parser.add_argument("--replace", action="store_true", help="write over files that are there")
    parser.set_defaults(do=main)


def main(options: argparse.Namespace) -> int:
    """Draw, write, and say what was written; return the exit code."""
    from leadership_study.instruments import load_instrument
    from leadership_study.study.simulate import load_population, simulate

    if options.seed is not None and options.seed < 0:
        raise LeadershipStudyError(f"--seed must be a whole number of at least 0. Got {options.seed} instead.")
    instrument = load_instrument(options.instrument)
    population = load_population(options.population, instrument)
    simulated = simulate(instrument, population, seed=options.seed)
    contents: dict[str, Iterator[bytes]] = {
        f"{id}.csv": written(block, instrument, options.format, population.language)
        for id, block in simulated.blocks.items()
    }
    for id, table in simulated.facts.items():
        contents[f"{id}s.csv"] = iter([table.to_csv(index=False, lineterminator="\n").encode()])
    contents[VALUES] = iter([simulated.values_json().encode()])
    paths = _put(options.out, contents, replace=options.replace)
    _say(f"{instrument.id}: simulated with seed {simulated.seed}; these answers are nobody's")
    _say(*(f"  {path}" for path in paths))
    return 0


def written(block: "SimulatedBlock", instrument: "Instrument", format: str, language: str) -> Iterator[bytes]:
    """Yield the file of a block in pieces."""
    from leadership_study.importing import csv_text, wenjuanxing

    def table(rows: slice) -> bytes:
        raw = block.raw(rows)
        if format == "csv":
            return csv_text.write(raw)
        form = raw.source.form
        not_asked = block.answers.block.not_asked
        leading = block.leading(rows)
        return wenjuanxing.write(raw, instrument, form=form, language=language, leading=leading, not_asked=not_asked)

    header = table(slice(0, 0))
    yield header
    for rows in block.pieces():
        yield table(rows)[len(header) :]


def _put(folder: Path, contents: dict[str, Iterator[bytes]], *, replace: bool) -> list[Path]:
    """Write every file beside its place and rename them at the end; refuse to write over others unless told."""
    if folder.exists() and not folder.is_dir():
        raise LeadershipStudyError(f"{folder} is a file: give the name of a folder")
    paths = [folder / name for name in contents]
    if not replace and (there := [str(path) for path in paths if path.exists()]):
        text = f"{', '.join(there)} is there already: choose another folder, or write over it with --replace"
        raise LeadershipStudyError(text)
    folder.mkdir(parents=True, exist_ok=True)
    beside = [path.with_name(f"{path.name}.part") for path in paths]
    try:
        for part, pieces in zip(beside, contents.values(), strict=True):
            with part.open("wb") as file:
                file.writelines(pieces)
    except BaseException:
        for part in beside:
            part.unlink(missing_ok=True)
        raise
    for part, path in zip(beside, paths, strict=True):
        os.replace(part, path)
    return paths


def _say(*lines: str) -> None:
    for line in lines:
        print(line, flush=True)  # noqa: T201
