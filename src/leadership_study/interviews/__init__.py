"""What was said: guide, transcripts, codebook, codings, agreement of coders, and what the codes show."""

from leadership_study.interviews.codebook import Code, Codebook, read_codebook
from leadership_study.interviews.guide import Guide, read_guide
from leadership_study.interviews.interviews import Interviews
from leadership_study.interviews.pseudonyms import Pseudonymised, leftovers, pseudonymise, restore
from leadership_study.interviews.reading import read_interviews
from leadership_study.interviews.transcripts import Transcript, read_transcript
from leadership_study.interviews.words import keyword_in_context, word_counts

__all__ = [
    "Code",
    "Codebook",
    "Guide",
    "Interviews",
    "Pseudonymised",
    "Transcript",
    "keyword_in_context",
    "leftovers",
    "pseudonymise",
    "read_codebook",
    "read_guide",
    "read_interviews",
    "read_transcript",
    "restore",
    "word_counts",
]
