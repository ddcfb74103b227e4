"""Importing: files of answers as received (`read_responses`, `read_files`); one module here is one format of files."""

from leadership_study.importing._option_order import contradictions
from leadership_study.importing._personal_data import Pseudonyms
from leadership_study.importing._raw import Match, RawResponses, Source
from leadership_study.importing._read import read_files, read_responses

__all__ = ["Match", "Pseudonyms", "RawResponses", "Source", "contradictions", "read_files", "read_responses"]
