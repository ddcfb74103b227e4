"""SRT and WebVTT as plain transcripts: the words, without numbers, times and styling."""

import html
import re

from leadership_study.interviews._problems import refused

_TIME = re.compile(r"^\s*(?:\d+:)?\d{1,2}:\d{2}[.,]\d{1,3}\s*-->\s*(?:\d+:)?\d{1,2}:\d{2}[.,]\d{1,3}.*$")
_VOICE = re.compile(r"<v(?:\.[^ >]*)?\s+([^>]+)>")
_TAG = re.compile(r"</?(?:b|i|u|c|v|ruby|rt|lang|font)(?:[.\s][^>]*)?>|<\d+:[\d:.]+>|\{\\an?\d\}", re.IGNORECASE)


def from_subtitles(text: str, file: str) -> str:
    """Join the cues of ``text`` (normalised): one line a cue; lines of the same voice run on.

    Raises
    ------
    ImportFormatError
        There is no cue in it.
    """
    spoken: list[tuple[str, str]] = []
    found = False
    for block in re.split(r"\n[ \t]*\n", text):
        lines = block.split("\n")
        at = next((number for number, line in enumerate(lines) if _TIME.match(line)), None)
        if at is None:
            continue
        found = True
        said = " ".join(line.strip() for line in lines[at + 1 :] if line.strip())
        voice = _VOICE.search(said)
        # A tag that subtitles don't have is text: it stays, and is escaped wherever it is shown.
        words = html.unescape(_TAG.sub("", _VOICE.sub("", said))).strip()
        if words:
            spoken.append((voice[1].strip() if voice else "", words))
    if not found:
        raise refused(file, "no_cues", "there is no cue with a time in it", "export the subtitles again")
    lines = []
    before = None
    for speaker, words in spoken:
        lines.append(words if speaker == before or not speaker else f"{speaker}: {words}")
        before = speaker
    return "\n".join(lines) + "\n"
