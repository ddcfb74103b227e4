"""Problems as a file to work through: a page or a table."""

from pathlib import Path

from leadership_study.errors import LeadershipStudyError, ProjectError
from leadership_study.study.store import as_csv, write_file


def write_problems(path: Path, error: LeadershipStudyError) -> None:
    """Write the problems of an error to ``path``: a page (.html) or a table (.csv).

    Raises
    ------
    ProjectError
        For any other ending.
    """
    if path.suffix not in (".html", ".csv"):
        raise ProjectError(f"{path} must end in .html or .csv: problems are written as a page or as a table.")
    to_frame, to_html = getattr(error, "to_frame", None), getattr(error, "to_html", None)
    if to_frame is None or to_html is None:  # an error without a list of problems has said it all
        return
    if path.suffix == ".csv":
        write_file(path, as_csv(to_frame().set_index("file")))
        return
    page = f'<!doctype html>\n<html lang="en">\n<meta charset="utf-8">\n<title>Problems</title>\n{to_html()}\n</html>\n'
    write_file(path, page.encode())
