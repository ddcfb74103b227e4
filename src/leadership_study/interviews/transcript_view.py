"""Transcripts and disagreements as Jupyter shows them: coded stretches in colour, everything said as escaped text."""

import re
from dataclasses import dataclass
from html import escape
from itertools import pairwise
from typing import TYPE_CHECKING

import pandas as pd

from leadership_study.by_name import unknown
from leadership_study.interviews.codebook import Codebook
from leadership_study.interviews.transcripts import Transcript, Turn

if TYPE_CHECKING:
    from leadership_study.interviews.interviews import Interviews

_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
_PALETTE = ("#0072b2", "#d55e00", "#009e73", "#9a5b8f", "#56b4e9", "#b8860b", "#8c564b", "#607d8b")
_WORDS = {
    "en": {"speaker": "Speaker", "informant": "Informant", "code": "Code", "quote": "Words", "gave": "Given by",
           "did_not": "Not by", "decision": "Decision", "reason": "Reason", "keep": "kept", "drop": "dropped",
           "open": "open", "coder": "Coder", "none": "The coders agree everywhere.", "by": "by"},
    "zh": {"speaker": "发言者", "informant": "受访者", "code": "编码", "quote": "原话", "gave": "给出者",
           "did_not": "未给出者", "decision": "裁定", "reason": "理由", "keep": "保留", "drop": "去掉", "open": "待定",
           "coder": "编码者", "none": "编码者之间没有分歧。", "by": "裁定人："},
}  # fmt: skip
_BOX = "font-size:14px;line-height:1.9;color:#1f2328;background:#fff;max-width:72em"
_CELL = "vertical-align:top;text-align:left;padding:2px 10px;border-bottom:1px solid #e3e6e8;white-space:pre-wrap"
_AROUND = 24
"""Characters of the turn shown on either side of a quote about which coders disagree."""


@dataclass(frozen=True, repr=False)
class TranscriptView:
    """A transcript to look at: ``html`` for Jupyter and reports, ``text`` for a terminal."""

    html: str
    text: str

    def __repr__(self) -> str:
        return self.text

    def _repr_html_(self) -> str:
        return self.html


@dataclass(frozen=True, repr=False)
class DisagreementView(TranscriptView):
    """The list of disagreements to look at; ``table`` is the same as a frame."""

    table: pd.DataFrame


def transcript_view(
    interviews: "Interviews",
    transcript: str,
    *,
    coders: tuple[str, ...] | None = None,
    codes: tuple[str, ...] | None = None,
    language: str = "en",
) -> TranscriptView:
    """Show a transcript, one column a coder; stretches with a code have its colour and bear its name at their end.

    Parameters
    ----------
    coders
        Who is shown (default: all who worked on it). ``("final",)`` shows the codings after adjudication.
    codes
        Codes that are shown, those below them included (default: all).

    Raises
    ------
    ValueError
        Unknown transcript, coder or code.
    """
    words = _words(language)
    if transcript not in interviews.transcripts:
        raise ValueError(unknown("transcript", transcript, sorted(interviews.transcripts)))
    shown = interviews.transcripts[transcript]
    frame = interviews.codings
    if interviews.final is not None:
        frame = pd.concat([frame, interviews.final[interviews.final["coder"] == "final"]])
    frame = frame[frame["transcript"] == transcript]
    everyone = sorted(interviews.worked.get(transcript, frozenset()))
    columns = everyone if coders is None else list(coders)
    for coder in columns:
        if coder not in [*everyone, *frame["coder"]]:
            raise ValueError(unknown("coder", coder, sorted({*everyone, *frame["coder"]})))
    if codes is not None:
        frame = frame[frame["code"].isin(_below(interviews, codes))]
    frame = frame[frame["coder"].isin(columns)]
    colours, names = colours_of(interviews), _names(interviews, language)
    head = [escape(words["speaker"]), *(escape(f"{words['coder']} {coder}") for coder in columns)]
    rows, lines = [], []
    for turn in shown.turns:
        cells = [_marked(shown, turn, frame[frame["coder"] == coder], colours, names) for coder in columns or [""]]
        rows.append(
            _row(
                [f'<span style="color:#5c636a;white-space:nowrap">{turn.number} {escape(turn.speaker)}</span>', *cells]
            )
        )
        lines.append(f"{turn.number} {turn.speaker}: {shown.quote(turn.start, turn.end)}")
        own = frame[(frame["start"] < turn.end) & (frame["end"] > turn.start)]
        lines += [
            f"    [{coder}: {names.get(code, code)}] {shown.quote(start, end)}"
            for coder, code, start, end in own[["coder", "code", "start", "end"]].itertuples(index=False, name=None)
        ]
    title = f"{escape(interviews.names(language)[transcript])}"
    used = [code for code in colours if code in set(frame["code"])]
    legend = " ".join(_span([colours[code]], escape(names.get(code, code))) for code in used)
    html = _box(f"<p><b>{title}</b></p><p>{legend}</p>{_table(head, rows)}")
    return TranscriptView(html=html, text="\n".join(lines))


def disagreement_view(interviews: "Interviews", *, language: str = "en") -> DisagreementView:
    """Show every disagreement with the words around it, and what was decided about it."""
    words, names = _words(language), _names(interviews, language)
    table = interviews.adjudication if interviews.adjudication is not None else interviews.disagreements()
    called, colours = interviews.names(language), colours_of(interviews)
    decided = "decision" in table.columns
    columns = ["informant", "code", "quote", "gave", "did_not", *(["decision", "reason"] if decided else [])]
    rows, lines = [], []
    for row in table.to_dict("records"):
        transcript = interviews.transcripts[row["transcript"]]
        start, end = int(row["start"]), int(row["end"])
        before = transcript.text[max(0, start - _AROUND) : start].rpartition("\n")[2]
        after = transcript.text[end : end + _AROUND].partition("\n")[0]
        said = _span([colours.get(row["code"], _PALETTE[0])], escape(transcript.quote(start, end)))
        quote = f"{escape(before)}{said}{escape(after)}"
        cells = [
            escape(called[row["transcript"]]), escape(names.get(row["code"], row["code"])), quote, escape(row["gave"]),
            escape(row["did_not"]),
        ]  # fmt: skip
        if decided:
            outcome = row["decision"] or "open"
            by = f" ({words['by']} {row['decided_by']})" if row["decision"] else ""
            cells += [escape(words[outcome] + by), escape(row["reason"] or "")]
        rows.append(_row(cells))
        lines.append(
            f"{called[row['transcript']]} [{names.get(row['code'], row['code'])}] {row['gave']} | {row['did_not']}: "
            f"{transcript.quote(start, end)}"
        )
    body = _table([escape(words[name]) for name in columns], rows) if rows else escape(words["none"])
    return DisagreementView(html=_box(body), text="\n".join(lines) or words["none"], table=table)


def colours_of(interviews: "Interviews") -> dict[str, str]:
    """The colour of every code: its own in the codebook, that of the code above, or one of the palette."""
    book = interviews.codebook or Codebook(())
    found: dict[str, str] = {}
    for at, code in enumerate([entry.code for entry in book] or sorted(interviews.codings["code"].unique())):
        steps = book.path(code) if code in book else (code,)
        own = next((c for step in reversed(steps) if step in book and (c := book[step].colour)), None)
        # A colour of another program's file goes into a style: nothing but #rrggbb does.
        found[code] = own if own is not None and _COLOUR.fullmatch(own) else _PALETTE[at % len(_PALETTE)]
    for at, code in enumerate(sorted(set(interviews.codings["code"]) - found.keys())):
        found[code] = _PALETTE[at % len(_PALETTE)]
    return found


def _marked(
    transcript: Transcript, turn: Turn, frame: pd.DataFrame, colours: dict[str, str], names: dict[str, str]
) -> str:
    """The words of a turn: cut at every limit of a coding, each piece in the colours of the codes that cover it."""
    own = frame[(frame["start"] < turn.end) & (frame["end"] > turn.start)]
    spans = list(zip(own["start"], own["end"], own["code"], own["memo"], strict=True))
    limits = {turn.start, turn.end, *(min(max(int(at), turn.start), turn.end) for s in spans for at in s[:2])}
    parts = []
    for start, end in pairwise(sorted(limits)):
        over = [span for span in spans if span[0] <= start and span[1] >= end]
        piece = escape(transcript.quote(start, end))
        if over:
            told = "; ".join(names.get(code, code) + (f" – {memo}" if memo else "") for _, _, code, memo in over)
            piece = _span([colours[code] for _, _, code, _ in over], piece, told)
        ended = [names.get(code, code) for _, last, code, _ in over if min(last, turn.end) == end]
        parts.append(piece + "".join(f'<sub style="color:#5c636a">[{escape(name)}]</sub>' for name in ended))
    return "".join(parts)


def _span(colours: list[str], said: str, told: str = "") -> str:
    """Words in colour: one code fills its stretch, further ones underline it."""
    lines = "".join(f",inset 0 -{2 * at}px 0 {colour}" for at, colour in enumerate(dict.fromkeys(colours[1:]), 1))
    shadow = f";box-shadow:{lines[1:]}" if lines else ""
    style = f"background:{colours[0]}38;border-bottom:2px solid {colours[0]};padding:1px 0{shadow}"
    title = f' title="{escape(told, quote=True)}"' if told else ""
    return f'<span style="{style}"{title}>{said}</span>'


def _row(cells: list[str]) -> str:
    return "<tr>" + "".join(f'<td style="{_CELL}">{cell}</td>' for cell in cells) + "</tr>"


def _table(head: list[str], rows: list[str]) -> str:
    heads = "".join(f'<th style="{_CELL}">{cell}</th>' for cell in head)
    return f'<table style="border-collapse:collapse"><tr>{heads}</tr>{"".join(rows)}</table>'


def _box(inside: str) -> str:
    return f'<div style="{_BOX}">{inside}</div>'


def _names(interviews: "Interviews", language: str) -> dict[str, str]:
    return {} if interviews.codebook is None else {code.code: code.label(language) for code in interviews.codebook}


def _below(interviews: "Interviews", codes: tuple[str, ...]) -> set[str]:
    book = interviews.codebook
    known = sorted({*interviews.codings["code"], *((code.code for code in book) if book is not None else ())})
    for code in codes:
        if code not in known:
            raise ValueError(unknown("code", code, known))
    return {one for code in codes for one in (book.below(code) if book is not None and code in book else (code,))}


def _words(language: str) -> dict[str, str]:
    if language not in _WORDS:
        raise ValueError(f"The 'language' parameter must be one of {', '.join(_WORDS)}. Got {language!r} instead.")
    return _WORDS[language]
