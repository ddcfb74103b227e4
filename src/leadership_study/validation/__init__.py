"""Validation: answers held against their questionnaire (`validate`); every problem is reported at once."""

from leadership_study.validation._exclusions import check_rules
from leadership_study.validation._repairs import check_repairs
from leadership_study.validation._validate import cell_problems, validate
from leadership_study.validation._validated import ValidatedResponses
from leadership_study.validation.careless import CarelessResult, careless, flagged

__all__ = [
    "CarelessResult",
    "ValidatedResponses",
    "careless",
    "cell_problems",
    "check_repairs",
    "check_rules",
    "flagged",
    "validate",
]
