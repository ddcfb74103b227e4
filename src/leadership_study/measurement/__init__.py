"""Does the instrument hold: each public module is an analysis with ``run``."""
