"""Scoring: keyed items and scale scores from checked answers (`score`), and the names of variables (`variables`)."""

from leadership_study.scoring._scales import ScoringRule
from leadership_study.scoring._score import score
from leadership_study.scoring._scored import ScoredResponses
from leadership_study.scoring.variables import Variable, Variables

__all__ = ["ScoredResponses", "ScoringRule", "Variable", "Variables", "score"]
