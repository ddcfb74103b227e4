"""Results that bring their own words: what a standard or a table calls its parts, in the languages it is written in."""

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from leadership_study.results import Result


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Labelled(Result):
    """A result with ``words``: index ``id``, one column a language, empty where a text is not translated."""

    words: pd.DataFrame

    def labels(self, language: str) -> dict[str, str]:
        """Return the wording of each id in ``language``, else in any other."""
        columns = [str(name) for name in self.words]
        columns = [*(name for name in columns if name == language), *(name for name in columns if name != language)]
        texts = {name: self.words[name].tolist() for name in columns}
        return {
            str(id): next((str(texts[name][at]) for name in columns if texts[name][at]), str(id))
            for at, id in enumerate(self.words.index)
        }


def words_frame(texts: Mapping[str, Mapping[str, str]]) -> pd.DataFrame:
    """Return texts by id and language as the table ``words``."""
    languages = list(dict.fromkeys(language for text in texts.values() for language in text)) or ["en"]
    rows = {id: {language: text.get(language, "") for language in languages} for id, text in texts.items()}
    frame = pd.DataFrame.from_dict(rows, orient="index", columns=languages, dtype="str")
    return frame.rename_axis("id")
