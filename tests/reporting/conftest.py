"""A real study's results, computed once, and a small invented one."""

import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import pandas as pd
import pytest

from leadership_study.by_name import find, names
from leadership_study.importing import read_responses
from leadership_study.instruments import Instrument, load_instrument
from leadership_study.reporting.document import Block, Document, Picture, build_document
from leadership_study.results import Note, NotEstimated, Result
from leadership_study.scoring import score
from leadership_study.validation import ValidatedResponses, validate

ROOT = Path(__file__).parents[2]


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


PNG = b"".join(
    [
        b"\x89PNG\r\n\x1a\n",
        _chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)),
        _chunk(b"IDAT", zlib.compress(b"\x00\x00")),
        _chunk(b"IEND", b""),
    ]
)
SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"/>'


@dataclass(frozen=True, kw_only=True)
class Study:
    """What a report is made of."""

    instrument: Instrument
    flow: pd.DataFrame
    blocks: tuple[Block, ...]
    labels: dict[str, dict[str, str]]
    sources: tuple[Any, ...]
    notes: tuple[Note, ...]
    validated: ValidatedResponses

    def document(self, language: str, **changes: Any) -> Document:
        options: dict[str, Any] = {
            "study": "lq2002",
            "title": {"en": "Climate & hostility", "zh": "氛围与敌意"},
            "language": language,
            "simulated": False,
            "instrument": self.instrument,
            "labels": self.labels.get(language, {}),
            "flow": self.flow,
            "blocks": self.blocks,
            "sources": self.sources,
            "notes": self.notes,
            "provenance": {"package": "0.1.0", "seed": "2002", "plan": "ab" * 32},
        }
        return build_document(**options | changes)


@pytest.fixture(scope="session")
def study() -> Study:
    """All nine analyses of the first study, each read back from its JSON."""
    instrument = load_instrument(ROOT / "questionnaires" / "lq2002.toml")
    raw = read_responses(ROOT / "data" / "raw" / "lq2002" / "lq2002.csv", instrument, columns={"COMPID": "company"})
    validated = validate(raw, instrument)
    scored = score(validated, nested_in=("company",))
    options: dict[str, dict[str, Any]] = {
        "descriptives": {},
        "rater_agreement": {},
        "item_analysis": {},
        "reliability": {},
        "sampling_adequacy": {},
        "retention": {"replicates": 10, "seed": 1},
        "efa": {},
        "correlations": {},
        "regression": {"outcome": "hostility", "blocks": (("task_significance",), ("leadership_climate",))},
    }
    blocks = []
    for use, own in options.items():
        home = "measurement" if use in names("leadership_study.measurement") else "influences"
        result: Result = find(f"leadership_study.{home}", use).run(scored, **own)
        pictures = (Picture(kind="anything", png=PNG, svg=SVG),)
        name = "hostility" if use == "regression" else use
        blocks.append(
            Block(id=name, use=use, result=Result.from_json(result.to_json()), options=own, pictures=pictures)
        )
    return Study(
        instrument=instrument,
        flow=validated.flow,
        blocks=tuple(blocks),
        labels={code: scored.labels(code) for code in ("en", "zh")},
        sources=(raw.source,),
        notes=(*validated.notes, *scored.notes),
        validated=validated,
    )


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Trial(Result):
    """An invented result of an analysis that the reports do not know."""

    scales: pd.DataFrame
    loadings: pd.DataFrame
    n: int = 120
    p_value: float = 0.00001
    size: str = "large"

    main: ClassVar[str] = "scales"
    shown_as: ClassVar[dict[str, str]] = {"loadings": "loading"}


@pytest.fixture
def trial() -> Trial:
    return Trial(
        scales=pd.DataFrame(
            {
                "n": [120, 118],
                "mean": [3.456, 2.0],
                "df": [40.0, 40.5],
                "ci_low": [3.1, float("nan")],
                "ci_high": [3.9, float("nan")],
                "p_value": [0.0001, 0.04],
                "keep": [True, False],
                "empty": [float("nan")] * 2,
            },
            index=pd.Index(["trust", "v1.2"], name="dimension"),
        ),
        loadings=pd.DataFrame(
            {"F1": [0.8, 0.1], "F2": [-0.2, -0.7]},
            index=pd.MultiIndex.from_tuples([("trust", "a"), ("trust", "b")], names=["dimension", "item"]),
        ),
        definition={"confidence_level": 0.9, "missing": "listwise", "n": 120},
        notes=(Note("brand_new", "Something about {dimension}.", {"dimension": "trust"}),),
    )


@pytest.fixture
def report_of(study: Study) -> Callable[..., Document]:
    """A report of given results under an analysis without sentences of its own."""

    def build(*results: Result, language: str = "en", use: str = "brand_new", **changes: Any) -> Document:
        labels = {"trust": "Trust <in> the head", "a": "Item A"}
        blocks = [Block(id=f"b{at}", use=use, result=result) for at, result in enumerate(results)]
        return study.document(language, labels=labels, blocks=blocks, **changes)

    return build


@pytest.fixture
def not_estimated() -> NotEstimated:
    return NotEstimated.because(
        Note("constant_outcome", "The outcome has the same value in all {n} rows used.", {"n": 9})
    )
