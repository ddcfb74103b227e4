"""Importing: a file of answers as received (`read_responses`); one module here is one format of files."""

from leadership_study.importing._raw import RawResponses, Source
from leadership_study.importing._read import read_responses

__all__ = ["RawResponses", "Source", "read_responses"]
