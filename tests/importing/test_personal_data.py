"""Personal data are found in whatever form they are written, and what only looks like them stays."""

import pandas as pd
import pytest

from leadership_study.importing._personal_data import (
    WORDS,
    Pseudonyms,
    find_personal,
    mask,
    mask_text,
    names_in,
    personal_notes,
)
from leadership_study.importing._personal_patterns import is_card

CARD = "11010519491231002X"  # the example of GB 11643-1999


def texts(*values):
    return pd.Series(list(values), dtype="str")


PERSONAL = [
    ("13812345678", "phone"),
    ("+86 138-1234-5678", "phone"),
    ("0086 13812345678", "phone"),
    ("138 1234 5678", "phone"),
    ("13812345678.0", "phone"),
    ("R13812345678", "phone"),
    ("１３８１２３４５６７８", "phone"),
    ("138\u200b1234\u200b5678", "phone"),
    ("1\ufeff3812345678", "phone"),
    ("1381234\n5678", "phone"),
    ("13812\r\n345678", "phone"),
    ("138.1234.5678", "phone"),
    ("我的手机13812345678,谢谢", "phone"),
    ("一三八一二三四五六七八", "phone"),
    ("电话：010-62781234", "phone"),
    ("(010)62781234", "phone"),
    ("0755-2678 1234 转 801", "phone"),
    ("call me at 62781234", "phone"),
    ("+44 20 7946 0958", "phone"),
    ("+1 (415) 555-2671", "phone"),
    ("415-555-2671", "phone"),
    (CARD, "id_card"),
    (CARD.lower(), "id_card"),
    ("ID" + CARD, "id_card"),
    ("110105 19491231 002X", "id_card"),
    ("1101051949\n1231002X", "id_card"),
    ("110105491231002", "id_card"),
    ("身份证：110105194912310021", "id_card"),  # a wrong check digit, and said to be one
    ("zhang.san@qq.com", "email"),
    ("张三＠qq.com", "email"),
    ("邮箱zhang@163.com谢谢", "email"),
    ("zhang [at] qq.com", "email"),
    ("zhang@\nqq.com", "email"),
    ("192.168.1.20", "ip"),
    ("2001:db8::ff00:42:8329", "ip"),
    ("微信号：wxid_abc123", "account"),
    ("加QQ 12345678", "account"),
    ("护照E12345678", "passport"),
    ("39.9042, 116.4074", "coordinates"),
    ("AA:BB:CC:DD:EE:FF", "device"),
    ("36.0671° N, 120.3826° E", "coordinates"),
    ("北纬36.0671，东经120.3826", "coordinates"),
    ("加我微信 wxid_ab12cd34", "account"),
    ("wx_zhang88", "account"),
    ("Telegram @zhangwei88", "account"),
    ("https://www.facebook.com/zhang.wei.88", "account"),
    ("银行卡6222020200112233445", "account"),
    ("工号 20190034", "account"),
    ("住在青岛市李沧区九水路12号3单元402", "address"),
    ("37020219800101123X", "id_card"),
    ("—— 刘德华", "name"),
    ("ZHANG WEI", "name"),
    ("Smith, John", "name"),
    ("Regards, Susan", "name"),
    ("我叫王小明", "name"),
    ("我叫王明是一名教师", "name"),
    ("我叫阿依古丽。", "name"),
    ("我是李建国老师", "name"),
    ("王老师很好", "name"),
    ("找高老师谈过", "name"),
    ("李校长经常来", "name"),
    ("感谢欧阳校长", "name"),
    ("感谢王老师", "name"),
    ("张副校长不好", "name"),
    ("校长王小明，很好", "name"),
    ("联系人：王小明", "name"),
    ("王小明", "name"),
    ("感谢王小明的帮助", "name"),
    ("听李建国说过", "name"),
    ("张三帮助了我", "name"),
    ("阿不都·热西提", "name"),
    ("Mr Smith is nice", "name"),
    ("ask Dr. Wang", "name"),
    ("my name is john smith", "name"),
    ("I am Zhang Wei", "name"),
    ("Wang Xiaoming", "name"),
    ("John Smith helped me", "name"),
]


@pytest.mark.parametrize(("text", "kind"), PERSONAL)
def test_every_form_is_masked(text, kind):
    masked, counts = mask(texts(text))
    assert counts == {kind: 1}
    assert any(f"[{word}]" in masked[0] for word in WORDS[kind])
    assert mask_text(text) == masked[0]
    assert mask(masked)[1] == {}, "masks stay"


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("我叫王明是一名教师", "我叫[姓名]是一名教师"),
        ("我的手机138-1234-5678,谢谢", "我的手机[电话],谢谢"),
        (f"身份证{CARD}。", "身份证[身份证]。"),
        ("write to a.b@c.org. Thanks", "write to [e-mail]. Thanks"),
        ("My name is Wang and I teach", "My name is [name] and I teach"),
        ("１３８１２３４５６７８号", "[电话]号"),
        ("王小明 13812345678 zhang@qq.com", "[姓名] [电话] [邮箱]"),
    ],
)
def test_only_the_personal_part_goes(text, masked):
    assert mask_text(text) == masked


ORDINARY = """R2031|00000000012|20240506123|12345678901|98765432101|1 3 5 4 3 5 4 3 2 1 5|1985-2024 123人
3.14159265358|113.81234567|13.812345678|139.12345678|高中老师|任课老师|任何老师都好|语文老师
体育老师|历史老师|感谢老师|谢谢老师|许多老师|关心老师|安排老师|班主任|年级主任|高年级主任
每周老师都来|其余老师|业余老师|健康老师|照顾老师|师范老师|全体老师|和老师们|江苏老师|提高老师的水平
高级教师|王家庄小学|张家口|李村中学|郑州市第一中学|严格|温和|高素质|钱不够|公平公正|有爱心
Primary School|Lincoln High School|New York|Good Job|Thank You|I am happy|I am English|school_1|t101
str_01|人数 1200|2023年9月|见4.1.2.3节|0.1234, 0.5678|12:30:45|2024-05-06 12:30:45|2024/5/6|没有|无
校长高度重视|老师高兴|学区长经常给我打电话|Yang Guang Primary School|3 4 5 2 1|1,200|2019-2023
学生1350人，教师86人|He said good|The head sets clear goals for our work.|Principal leadership
Teacher Training|校长和老师|小学|一级教师|任教10年|陈旧|王牌|400-800-1234|1000000|110199194912990021
E12345678|领导力强|白天老师|1350.5|-2|-3|5┋3┋1|A→B|〖其他〗|mean 3.456789, sd 1.234567|v1.2.3.4
https://www.wjx.cn/vm/abc.aspx|微信群里常通知|QQ群|手机使用多|电话打不通|我是老师|我是一名教师
我叫不出名字|德育·智育·体育|白玉兰小学|杨梅小学|国王强调|夸张三分|江海波涛|a named option|宋体
王国文化|王营小学|李沧区|Dr|Dr.|杨浦区|4 5 3 2 4 5 3 3 4 2 1 5 4 3 2 1
王府井小学|双减政策|Gao Kao|Su Zhou|Lin Yi city|Jia You
五四路小学|Chang Jiang School|香港中路小学|STRONGLY AGREE|TOP FIVE|LI
4 4 4 4 3 3 3 3 5 5 5 5 4 4 4 4|1111111111111111"""


@pytest.mark.parametrize("text", ORDINARY.replace("\n", "|").split("|"))
def test_ordinary_answers_stay(text):
    assert mask_text(text) == text


def test_flagship_wordings_and_open_answers_stay(project_texts):
    changed = {text: mask_text(text) for text in project_texts if mask_text(text) != text}
    assert changed == {}


@pytest.fixture
def project_texts():
    from pathlib import Path

    from leadership_study.instruments import load_instrument

    root = Path(__file__).parents[2]
    instrument = load_instrument(root / "questionnaires" / "school_district_head_leadership.toml")
    found = [
        text for item in instrument.items for texts in (item.text, item.self_text or {}) for text in texts.values()
    ]
    found += [text for q in instrument.background for level in q.levels for text in level.text.values()]
    table = pd.read_csv(root / "data/raw/school_district_heads/teachers.csv", dtype="str", encoding="utf-8-sig")
    for column in table.columns:
        if find_personal(column, table[column]) is None:
            found += [column, *table[column].dropna().unique()]
    return found


def test_masks_of_keys_keep_people_apart_in_every_file():
    numbers = Pseudonyms()
    first, _ = mask(texts("13812345678", "13912345678", "R1", "138 1234 5678"), pseudonyms=numbers)
    assert list(first) == ["[phone 1]", "[phone 2]", "R1", "[phone 1]"]
    second, _ = mask(texts("13912345678", "+86 139-1234-5678"), pseudonyms=numbers)
    assert second[0] == "[phone 2]"
    groups, _ = mask(texts("王小明学区", "李晓红学区"), names_in(texts("王小明", "李晓红")), pseudonyms=numbers)
    assert list(groups) == ["[姓名 1]学区", "[姓名 2]学区"]


def test_whole_columns_that_are_needed_are_masked_as_a_whole():
    masked, counts = mask(texts("zhangsan", None, "lisi", " "), whole="account", pseudonyms=Pseudonyms())
    assert [masked.iloc[at] for at in (0, 2, 3)] == ["[account 1]", "[account 2]", " "]
    assert pd.isna(masked.iloc[1])
    assert counts == {"account": 2}


def test_names_of_a_column_are_masked_in_other_texts():
    names = names_in(texts("慧敏 吴", "李四", "Mary O'Neill", "匿名", "will", None))
    masked, counts = mask(
        texts("李 四帮助了我", "mary o'neill helped", "匿名", "it will help", "Will helped", "慧敏吴"), names
    )
    assert list(masked) == ["[姓名]帮助了我", "[name] helped", "匿名", "it will help", "[name] helped", "[姓名]"]
    assert counts == {"name": 4}


@pytest.mark.parametrize(
    ("header", "kind"),
    [
        *[(name, "name") for name in (
            "姓名", "您的姓名", "1、您的姓名：", "2. 姓名（必填）", "教师姓名", "name", "First Name",
            "RecipientLastName", "Please enter your name", "请留下您的姓名", "校长姓名")],
        *[(name, "phone") for name in ("手机号", "联系电话", "Q5_手机号码", "Phone number", "您的联系方式", "Mobile")],
        *[(name, "email") for name in ("RecipientEmail", "Email Address", "电子邮箱", "E-mail")],
        *[(name, "ip") for name in ("来自IP", "IPAddress", "ipaddr", "IP地址", "IP Address")],
        *[(name, "account") for name in ("昵称", "openid", "_submitted_by", "微信号", "QQ", "Username", "用户名")],
        *[(name, "coordinates") for name in ("经纬度", "LocationLatitude", "_geolocation", "_gps_longitude", "纬度")],
        *[(name, "device") for name in ("deviceid", "subscriberid")],
        *[(name, "id_card") for name in ("身份证号", "ID card", "身份证号码")],
        *[(name, "address") for name in ("家庭住址", "address")],
        *[(name, None) for name in (
            "学校名称", "您学校的名字", "学区", "contact", "学区长经常给我打电话", "email_use", "school name", "str_01",
            "How often do you use the phone?", "respondent_id", "序号", "来源", "所用时间", "location", "district",
            "Start Date", "_id", "_uuid", "progress", "职务", "住校")],
    ],
)  # fmt: skip
def test_headers(header, kind):
    assert find_personal(header, texts("a", "b")) == kind


def test_columns_filled_with_personal_data_are_known_by_what_they_hold():
    assert find_personal("x", texts("13812345678", "139 1234 5678", "无")) == "phone"
    assert find_personal("x", texts("1.2.3.44(北京-北京)", "100.2.3.4(上海-上海)")) == "ip"
    assert find_personal("x", texts("39.9042 116.4074 0 0", "[31.2304, 121.4737]")) == "coordinates"
    assert find_personal("请问怎么称呼您", texts("王小明", "李建国")) == "name"
    assert find_personal("opinion", texts("13812345678", "good", "bad", "so so")) is None
    assert find_personal("id", texts("10000000001", "10000000002")) is None
    assert find_personal("x", texts(None)) is None


def test_cards_are_known_by_province_and_date_of_birth():
    assert is_card(CARD)
    assert is_card("110105194912310021"), "one wrong digit hides nobody"
    assert not any(map(is_card, ("110105194913310021", "990105194912310021", "11010519491231002", "1234")))


def test_nothing_to_mask_costs_nothing_and_changes_nothing():
    given = texts("R1", None, "很好")
    assert mask(given)[0] is given
    many = pd.Series([f"R{number:07d}" for number in range(300_000)], dtype="str")
    assert mask(many)[0] is many


def test_the_notes_name_columns_and_kinds_and_no_value():
    left, masked = personal_notes("a.csv", {"手机": "phone"}, {"open_1": {"phone": 2}, "group": {}})
    assert str(left) == "Personal data in a.csv were not carried on: 手机 (电话/phone)."
    assert str(masked) == "Personal data in texts of a.csv were masked: open_1 (电话/phone 2)."
    assert personal_notes("a.csv", {}, {"group": {}}) == ()
