"""What the columns of a file of answers look like: items of a scale, background questions, texts."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import pandas as pd

from leadership_study.importing._headings import parts, plain, wordings
from leadership_study.importing._personal_data import find_personal, mask_text
from leadership_study.importing._raw import Table
from leadership_study.instruments.model import RESERVED_IDS
from leadership_study.study.checked import ID

KINDS = "nominal, ordinal, number, multiple, text, date or group"
_MOST_ANSWERS = 11
_MOST_LEVELS = 12
_FEWEST_ITEMS = 3
_GROUPS = re.compile(r"学校|学区|单位|班级|年级组|school|district|class|department|company|team", re.IGNORECASE)
_ABOUT_PEOPLE = re.compile(
    r"性别|年龄|学历|学位|职称|职务|岗位|民族|婚姻|教龄|工龄|任教|年级|gender|\bsex\b|\bage\b|education|degree|\bpost\b|\brole\b|grade"
    r"|marital|years? of",
    re.IGNORECASE,
)
_LONGEST_NAME = 24  # a longer header is a statement that may well speak of such things
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
_CHINESE = re.compile(r"[\u4e00-\u9fff]")


@dataclass(frozen=True)
class Column:
    """One column: where it stands, its id, wording, the answers in it, and the question it is a row of."""

    header: str
    id: str
    wording: str
    stem: str
    answers: tuple[str, ...]
    scale: str = ""


@dataclass(frozen=True)
class Scale:
    """Answers that several columns share: labels in the order of their first use, or numbers as text."""

    id: str
    labels: tuple[str, ...]
    values: tuple[str, ...]


@dataclass(frozen=True)
class Background:
    """A question about the respondent."""

    header: str
    id: str
    wording: str
    kind: str
    levels: tuple[tuple[str, str], ...] = ()


@dataclass
class Columns:
    """What was found in a file."""

    language: str
    respondent_id: str | None
    unsure_numbers: bool
    scales: list[Scale] = field(default_factory=list)
    items: list[Column] = field(default_factory=list)
    background: list[Background] = field(default_factory=list)
    open_questions: list[Column] = field(default_factory=list)
    withheld: dict[str, str] = field(default_factory=dict)

    def dimensions(self) -> list[tuple[Scale, list[Column]]]:
        """Items with the same scale under the same question; a question alone joins those of its scale."""
        found = []
        for scale in self.scales:
            items = [item for item in self.items if item.scale == scale.id]
            stems = Counter(item.stem for item in items)
            shared = {stem for stem, count in stems.items() if stem and count >= _FEWEST_ITEMS}
            for stem in [*dict.fromkeys(item.stem for item in items if item.stem in shared), None]:
                rows = [item for item in items if (item.stem if item.stem in shared else None) == stem]
                if rows:
                    found.append((scale, rows))
        return found

    def renamed(self) -> dict[str, str]:
        """Header → id, where they differ."""
        everything: list[Column | Background] = [*self.items, *self.background, *self.open_questions]
        return {column.header: column.id for column in everything if column.header != column.id}


def look_at(table: Table) -> Columns:
    """Sort the columns of a table; none of the platform's own, of personal data or of ids is among them."""
    cells = table.cells
    if cells is None:
        raise ValueError("A table without records has no columns to look at.")
    own_id = table.respondent_id if table.respondent_id in table.header else None
    own_id = own_id or ("respondent_id" if "respondent_id" in table.header else None)
    language = "zh" if any(_CHINESE.search(name) for name in table.header) else "en"
    found = Columns(language, None if own_id == "respondent_id" else own_id, False)
    missing = {code.casefold() for code in table.missing_codes}
    left: list[tuple[Column, pd.Series]] = []
    used: set[str] = set(RESERVED_IDS)
    counts = Counter(table.header)
    for at, header in enumerate(table.header):
        if not header or header == own_id or header in table.system_headers or counts[header] > 1:
            continue
        if kind := table.withheld.get(header) or find_personal(header, cells[at]):
            found.withheld[header] = kind
            continue
        texts = cells[at].dropna().str.strip()
        texts = texts[~texts.str.casefold().isin(missing) & (texts != "")]
        stem, wording = _stem_and_row(table, at)
        answers = tuple(texts.unique()[: _MOST_ANSWERS * 10])
        left.append((Column(header, _id(header, at, used), wording, stem, answers), texts))
    left = _take_items(found, left)
    if table.unsure_numbers and any(scale.values for scale in found.scales):
        found.unsure_numbers = True
    for column, texts in left:
        _place(found, column, texts)
    return found


def _take_items(found: Columns, left: list[tuple[Column, pd.Series]]) -> list[tuple[Column, pd.Series]]:
    """Columns whose answers are few and shared by at least three are the items of a scale."""
    groups: list[tuple[set[str], list[Column]]] = []
    for column, _ in left:
        answers = set(column.answers)
        if len(column.wording) <= _LONGEST_NAME and _ABOUT_PEOPLE.search(column.wording):
            continue
        if not 2 <= len(answers) <= _MOST_ANSWERS or any(len(answer) > 40 or "┋" in answer for answer in answers):
            continue
        numeric = all(_NUMBER.fullmatch(answer) for answer in answers)
        for shared, members in groups:
            both_numeric = numeric and all(_NUMBER.fullmatch(answer) for answer in shared)
            if both_numeric and members[-1].stem == column.stem and _near(shared | answers):
                fits = True
            else:
                fits = not numeric and len(shared & answers) >= 2 and len(shared | answers) <= _MOST_ANSWERS
            if fits:
                shared |= answers
                members.append(column)
                break
        else:
            groups.append((answers, [column]))
    taken: set[str] = set()
    for shared, members in groups:
        numeric = all(_NUMBER.fullmatch(answer) for answer in shared)
        members = [member for member in members if not numeric or len(shared) < 4 or not _too_few(member, left)]
        if len(members) < _FEWEST_ITEMS or (numeric and len(shared) < 3):
            continue
        id = f"scale_{len(found.scales) + 1}"
        if numeric:
            members = _with_constant(members, left, shared)
        ordered = tuple(dict.fromkeys(answer for member in members for answer in member.answers))
        if numeric:
            low, high = (int(float(edge)) for edge in (min(shared, key=float), max(shared, key=float)))
            found.scales.append(Scale(id, (), tuple(str(value) for value in range(low, high + 1))))
        else:
            found.scales.append(Scale(id, ordered, ()))
        for member in members:
            found.items.append(Column(member.header, member.id, member.wording, member.stem, member.answers, id))
            taken.add(member.header)
    return [(column, texts) for column, texts in left if column.header not in taken]


def _too_few(member: Column, left: list[tuple[Column, pd.Series]]) -> bool:
    """Two answers of many respondents where others gave four and more: a question with two options."""
    texts = next(texts for column, texts in left if column.header == member.header)
    return len(member.answers) == 2 and len(texts) >= 20


def _with_constant(members: list[Column], left: list[tuple[Column, pd.Series]], shared: set[str]) -> list[Column]:
    """Add the columns between items that everybody answered alike, with one of their answers; in the file's order."""
    place = {column.header: at for at, (column, _) in enumerate(left)}
    first, last = place[members[0].header], place[members[-1].header]
    headers = {member.header for member in members}
    stems = {member.stem for member in members}
    for column, _ in left[first : last + 1]:
        if len(column.answers) == 1 and set(column.answers) <= shared and column.stem in stems:
            headers.add(column.header)
    return [column for column, _ in left if column.header in headers]


def _near(answers: Iterable[str]) -> bool:
    values = [float(answer) for answer in answers]
    return (
        all(value == int(value) for value in values) and max(values) - min(values) < _MOST_ANSWERS and min(values) >= 0
    )


def _place(found: Columns, column: Column, texts: pd.Series) -> None:
    """A column that is no item is a background question, or an open one."""
    answers = list(column.answers)
    several = any("┋" in answer or "→" in answer for answer in answers)
    short = bool(answers) and all(len(answer) <= 40 for answer in answers)
    if any(mask_text(answer) != answer for answer in answers) and not (_GROUPS.search(column.header) and short):
        # Levels are written into the questionnaire; a phone number or a name must not be one.
        found.open_questions.append(column)
    elif several:
        pieces = dict.fromkeys(
            piece.strip() for answer in answers for piece in re.split("[┋→]", answer) if piece.strip()
        )
        found.background.append(_background(column, "multiple", list(pieces)))
    elif _GROUPS.search(column.header) and short:
        found.background.append(_background(column, "group", []))
    elif short and 2 <= len(answers) <= _MOST_LEVELS and len(answers) < len(texts):
        found.background.append(_background(column, "nominal", sorted(answers, key=_in_order)))
    elif answers and all(_NUMBER.fullmatch(answer) for answer in answers):
        found.background.append(_background(column, "number", []))
    elif short and answers and len(texts) >= 3 * texts.nunique():
        found.background.append(_background(column, "group", []))
    else:
        found.open_questions.append(column)


def _background(column: Column, kind: str, answers: Sequence[str]) -> Background:
    used: set[str] = set()
    levels = []
    for at, answer in enumerate(answers, 1):
        text = re.sub("〖[^〗]*〗", "", answer).strip()
        value = text if re.fullmatch(r"[A-Za-z0-9_-]{1,20}", text) else f"level_{at}"
        if text not in used:
            used.add(text)
            levels.append((value, text))
    return Background(column.header, column.id, column.wording, kind, tuple(levels))


def _in_order(answer: str) -> tuple[float, str]:
    first = re.search(r"\d+(?:\.\d+)?", answer)
    return (float(first.group()) if first else float("inf"), answer)


def _id(header: str, at: int, used: set[str]) -> str:
    """The header where it can be an id, else ``q`` with its place in the file."""
    id = header if ID.fullmatch(header) and header not in used else f"q{at + 1:02d}"
    while id in used:
        id += "_"
    used.add(id)
    return id


def _stem_and_row(table: Table, at: int) -> tuple[str, str]:
    """The question that a column is a row of, and the row's wording; the question is empty where it stands alone."""
    header = table.header[at]
    known: Mapping[int, tuple[str, ...]] = dict(enumerate(table.wordings))
    texts = known.get(at) or wordings(header)
    whole = next((text for text in reversed(texts[:3]) if text), plain(header))
    if ID.fullmatch(header) and len(texts) > 1:
        whole = max(texts, key=len)
    for stem, row in table.parts[at] if table.parts else parts(header):
        others = sum(
            any(other == stem for other, _ in (table.parts[place] if table.parts else parts(name)))
            for place, name in enumerate(table.header)
        )
        if others >= _FEWEST_ITEMS and not stem.startswith("#") and len(stem) > 3:
            return plain(stem), plain(row)
    return "", plain(whole)
