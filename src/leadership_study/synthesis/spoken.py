"""What ids of the interviews are called in each language: codes, informants, quotes with their source."""

from collections.abc import Iterable, Mapping

from leadership_study.interviews import Interviews
from leadership_study.synthesis.segments import Segment

LANGUAGES = ("en", "zh")
_QUOTED = {"en": "“{text}” ({informant})", "zh": "“{text}”（{informant}）"}

Texts = dict[str, dict[str, str]]


def spoken(
    interviews: Interviews | None,
    segments: Mapping[str, Segment],
    *,
    ids: Iterable[str] = (),
    codes: Iterable[str] = (),
    said: Mapping[str, Mapping[str, str]] | None = None,
) -> Texts:
    """Return texts by id and language.

    Parameters
    ----------
    interviews
        Their codebook names the codes, their translations and role and number are used for quotes.
    segments, ids
        All segments, and which of them are quoted. A quote is there under its id with its source, and under its own
        text without.
    codes
        Codes that are shown.
    said
        Wording of quotes by segment and language that a person gave; it goes before translations.
    """
    texts: Texts = {}
    if interviews is None:
        return texts
    called = {language: interviews.names(language) for language in LANGUAGES}
    for transcript in interviews.transcripts:
        texts[transcript] = {language: names[transcript] for language, names in called.items()}
    for code in codes:
        if interviews.codebook is not None and code in interviews.codebook:
            texts[code] = {language: interviews.codebook[code].label(language) for language in LANGUAGES}
    for id in ids:
        segment = segments[id]
        own, quoted = {}, {}
        for language in LANGUAGES:
            text = (said or {}).get(id, {}).get(language)
            if text is None and language != _language(interviews, segment.transcript):
                text = interviews.translation(segment.transcript, segment.start, segment.end, language)
            own[language] = " ".join((text or segment.quote).split())
            informant = called[language][segment.transcript]
            quoted[language] = _QUOTED[language].format(text=own[language], informant=informant)
        texts[id] = quoted
        texts[segment.quote] = own
    return texts


def _language(interviews: Interviews, transcript: str) -> str:
    return interviews.transcripts[transcript].facts.get("language", "")
