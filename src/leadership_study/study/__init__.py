"""One study from its plan to its report: plan, pipeline, store, provenance."""
