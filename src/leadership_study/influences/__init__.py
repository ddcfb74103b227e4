"""What goes with leadership: each public module is one analysis with ``run(scored, …) -> Result``."""
