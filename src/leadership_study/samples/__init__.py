"""Numbers from arrays and frames: nothing here knows a questionnaire."""
