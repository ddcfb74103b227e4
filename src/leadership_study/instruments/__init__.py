"""What was asked: the questionnaire as data (`model`) and as a file (`toml_file`)."""

from leadership_study.instruments.model import (
    AttentionCheck,
    BackgroundQuestion,
    Composite,
    Dimension,
    Form,
    Instrument,
    Item,
    Level,
    OpenQuestion,
    ResponseScale,
    Text,
)
from leadership_study.instruments.toml_file import load_instrument

__all__ = [
    "AttentionCheck",
    "BackgroundQuestion",
    "Composite",
    "Dimension",
    "Form",
    "Instrument",
    "Item",
    "Level",
    "OpenQuestion",
    "ResponseScale",
    "Text",
    "load_instrument",
]
