"""Validation: answers held against their questionnaire (`validate`); every problem is reported at once."""

from leadership_study.validation._validate import validate
from leadership_study.validation._validated import ValidatedResponses

__all__ = ["ValidatedResponses", "validate"]
