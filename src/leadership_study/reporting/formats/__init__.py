"""Report formats: one module each, with ``render(document) -> bytes``."""
