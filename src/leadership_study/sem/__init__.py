"""The model engine: confirmatory factor analysis and structural equations; it knows no questionnaire."""
