"""What people look at: tables, figures, and the report with every number bound to its result."""
