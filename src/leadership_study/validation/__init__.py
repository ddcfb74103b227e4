"""Validation: answers held against their questionnaire (`validate`); every problem is reported at once."""

from leadership_study.validation._validate import cell_problems, validate
from leadership_study.validation._validated import ValidatedResponses

__all__ = ["ValidatedResponses", "cell_problems", "validate"]
