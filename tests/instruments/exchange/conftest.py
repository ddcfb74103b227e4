"""A questionnaire that has everything a questionnaire can have."""

import io
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from leadership_study.instruments import (
    AttentionCheck,
    BackgroundQuestion,
    Composite,
    Dimension,
    Instrument,
    Item,
    Level,
    OpenQuestion,
    ResponseScale,
    load_instrument,
)
from leadership_study.instruments.model import Form

PROJECT = Path(__file__).parents[3]


def text(en: str, zh: str) -> dict[str, str]:
    return {"en": en, "zh": zh}


def everything() -> Instrument:
    """Odd signs, two scales in one dimension, fractions, several answers, rules, checks of both kinds, both forms."""
    scales = {
        "agree": ResponseScale(
            id="agree", values=(1, 2, 3), labels={"en": ("no", "so & so", "<yes>"), "zh": ("否", "中", "是")}
        ),
        "half": ResponseScale(
            id="half", values=(-0.5, 0, 0.5), labels={"en": ("less", "same", "more"), "zh": ("少", "同", "多")}
        ),
        "unused": ResponseScale(id="unused", values=(0, 1), labels={"en": ("0", "1"), "zh": ("零", "一")}),
    }
    first = Dimension(
        id="order",
        response_scale="agree",
        label=text("Order", "秩序"),
        definition=text('Keeping "order" & peace', "维护“秩序”"),
        items=(
            Item(id="o_1", dimension="order", response_scale="agree", text=text("=1+1 is {two}", "学区长规划\n第二行")),
            Item(id="o_2", dimension="order", response_scale="half", text=text("It's <b>", "错"), reverse_keyed=True),
            Item(
                id="o_3",
                dimension="order",
                response_scale="agree",
                text=text("The head errs", "学区长失误"),
                self_text=text("I err", "我失误"),
            ),
        ),
    )
    second = Dimension(
        id="peace",
        response_scale="unused",
        label=text("Peace", "和平"),
        items=(Item(id="p_1", dimension="peace", response_scale="half", text=text("Peace", "和平")),),
    )
    background = (
        BackgroundQuestion(
            id="post",
            kind="nominal",
            label=text("Post", "职务"),
            levels=(
                Level(value="teacher", text=text("Teacher", "教师")),
                Level(value="middle leader", text=text("Middle leader", "中层")),
                Level(value="it's", text=text("Other", "其他")),
            ),
        ),
        BackgroundQuestion(
            id="subjects",
            kind="multiple",
            label=text("Subjects", "学科"),
            levels=(
                Level(value="first language", text=text("First language", "语文")),
                Level(value="数学", text=text("Mathematics", "数学")),
            ),
            relevant={"post": ("teacher", "middle leader")},
        ),
        BackgroundQuestion(
            id="years",
            kind="ordinal",
            label=text("Years", "教龄"),
            levels=(
                Level(value="0-5", text=text("Up to 5", "5年及以下")),
                Level(value="6+", text=text("6+", "6年以上")),
            ),
            relevant={"post": ("it's",), "subjects": ("first language", "数学")},
        ),
        BackgroundQuestion(id="age", kind="number", label=text("Age", "年龄")),
        BackgroundQuestion(id="since", kind="date", label=text("Since", "任职日期")),
        BackgroundQuestion(id="place", kind="text", label=text("Place", "地点")),
        BackgroundQuestion(id="school", kind="group", label=text("School", "学校")),
    )
    return Instrument(
        id="everything",
        version="0.9",
        title=text("Everything", "全部"),
        source="Written for a test; nobody's items",
        response_scales=scales,
        dimensions=(first, second),
        composites=(
            Composite(id="quiet", of=("peace",), label=text("Both", "两者")),
            Composite(id="calm", of=("peace",), label=text("Calm", "平静")),
        ),
        forms=(
            Form(id="importance", of="dimensions", response_scale="half", label=text("Importance", "重要性")),
            Form(id="wish", of="items", response_scale="agree"),
        ),
        background=background,
        attention_checks=(
            AttentionCheck(id="late", expected=2, text=text("Choose same", "请选同")),
            AttentionCheck(id="early", expected=0.5, after="o_2", text=text("Choose more", "请选多")),
            AttentionCheck(id="word", expected="blue", after="o_1", text=text("Write blue", "请写blue")),
        ),
        open_questions=(OpenQuestion(id="open_1", text=text("Anything?", "其他？")),),
    )


NAMES = ("everything", "lq2002", "school_district_head_leadership")


def named(name: str) -> Instrument:
    return everything() if name == "everything" else load_instrument(PROJECT / "questionnaires" / f"{name}.toml")


@pytest.fixture(params=NAMES)
def instrument(request: pytest.FixtureRequest) -> Instrument:
    return named(request.param)


@pytest.fixture
def whole() -> Instrument:
    return everything()


@pytest.fixture
def workbook():
    """Make the bytes of a workbook by hand, as another program would: sheets of rows; ``("=1+1",)`` is a formula."""
    from openpyxl import Workbook

    def make(**sheets: Sequence[Sequence[object]]) -> bytes:
        book = Workbook()
        book.remove(book.active)
        for name, rows in sheets.items():
            sheet = book.create_sheet(name)
            for at, row in enumerate(rows, 1):
                for column, value in enumerate(row, 1):
                    cell = sheet.cell(at, column, value[0] if isinstance(value, tuple) else value)
                    if isinstance(value, str):
                        cell.data_type = "s"
        buffer = io.BytesIO()
        book.save(buffer)
        return buffer.getvalue()

    return make


@pytest.fixture
def xlsform(workbook):
    """Make an XLSForm in two languages from rows ``(type, name, en, zh, further cells)`` and lists of codes."""

    def make(
        rows: Sequence[Sequence[object]], lists: Mapping[str, Sequence[object]] = {}, extra: Sequence[str] = ()
    ) -> bytes:
        survey = [["type", "name", "label::English (en)", "label::中文 (zh)", *extra], *rows]
        choices = [["list_name", "name", "label::English (en)", "label::中文 (zh)"]]
        choices += [[name, code, f"{code} en", f"{code} zh"] for name, codes in lists.items() for code in codes]
        return workbook(survey=survey, choices=choices)

    return make
