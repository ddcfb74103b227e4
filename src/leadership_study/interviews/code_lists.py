"""Code lists of other programs: Taguette's ``codebook.csv`` and QualCoder's plain list."""

import csv
import io

from leadership_study.interviews._problems import Problems, refused
from leadership_study.interviews.codebook import Code, Codebook, checked


def parse_code_list(text: str, file: str) -> Codebook:
    """Recognise a list of codes by its first line.

    Taguette writes a table with ``tag``, ``description`` and in newer versions ``parent``; dots in a tag are its
    hierarchy. QualCoder's list has one code a line, ``category>>category>>code``, then a tab and a memo.

    Raises
    ------
    ImportFormatError
        Nothing in it, the same code twice, or a circle.
    """
    problems = Problems()
    first = text.partition("\n")[0]
    codes = _taguette(text) if first.lower().startswith(("tag,", '"tag",')) else _plain(text)
    if not codes:
        raise refused(file, "no_codes", "there is no code in it", "export the codebook again")
    found = checked(codes, file, problems)
    problems.refuse(f"The codebook {file}")
    return found


def _taguette(text: str) -> list[Code]:
    rows = list(csv.DictReader(io.StringIO(text)))
    tags = [(row.get("tag") or "").strip() for row in rows]
    codes = []
    for tag, row in zip(tags, rows, strict=True):
        if not tag:
            continue
        parent = (row.get("parent") or "").strip() or None
        if parent is None and "." in tag:
            above = [tag[:at] for at, sign in enumerate(tag) if sign == "." and tag[:at] in tags]
            parent = above[-1] if above else None
        description = (row.get("description") or "").strip()
        codes.append(Code(tag, parent=parent, name={"": tag}, definition={"": description} if description else {}))
    return codes


def _plain(text: str) -> list[Code]:
    codes: dict[str, Code] = {}
    for line in text.split("\n"):
        steps, _, memo = line.partition("\t")
        names = [name.strip() for name in steps.split(">>") if name.strip()]
        parent = None
        for at, name in enumerate(names):
            last = at == len(names) - 1
            definition = {"": memo.strip()} if last and memo.strip() else {}
            if name not in codes:
                codes[name] = Code(name, parent=parent, name={"": name}, definition=definition, codable=last)
            parent = name
    return list(codes.values())
