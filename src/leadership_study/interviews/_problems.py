"""Problems of interview files, gathered before anything is refused."""

from leadership_study.errors import ImportFormatError, Problem


class Problems:
    """What is wrong with the files of a study's interviews; everything is said at once."""

    def __init__(self) -> None:
        self.errors: list[Problem] = []
        self.warnings: list[Problem] = []

    def error(self, file: str, rule: str, message: str, remedy: str, **place: object) -> None:
        """Note what stops the reading."""
        self.errors.append(Problem(file=file, rule=rule, message=message, remedy=remedy, **place))  # type: ignore[arg-type]

    def warning(self, file: str, rule: str, message: str, remedy: str, **place: object) -> None:
        """Note what a reader must see, but can live with."""
        self.warnings.append(Problem(file=file, rule=rule, message=message, remedy=remedy, **place))  # type: ignore[arg-type]

    def refuse(self, what: str) -> None:
        """Raise everything noted as errors, if anything was.

        Raises
        ------
        ImportFormatError
            ``.problems`` is the table.
        """
        if self.errors:
            count = len(self.errors)
            raise ImportFormatError(f"{what} has {count} problem{'' if count == 1 else 's'}:", self.errors)


def refused(file: str, rule: str, message: str, remedy: str) -> ImportFormatError:
    """One problem that leaves nothing to read."""
    return ImportFormatError(f"{file} cannot be read:", [Problem(file=file, rule=rule, message=message, remedy=remedy)])
