"""Numbers and addresses that belong to one person: phone, e-mail, ID card, passport, account, IP, coordinates.

A form is taken for personal only where little else is written so: eleven digits that no mobile number begins with stay,
and so do years, counts, decimals, numbers of respondents and marks given one after another.
"""

import ipaddress
import re
from collections.abc import Callable, Iterator
from datetime import date

Span = tuple[int, int, str]
"""Start, end and kind of what was found."""

_PROVINCES = frozenset(
    [*range(11, 16), *range(21, 24), *range(31, 38), *range(41, 47), *range(50, 55), *range(61, 66), 71, 81, 82, 83, 91]
)
"""First two digits of GB/T 2260 codes."""
_MOBILE_GROUPS = frozenset(
    [(11,), (3, 4, 4), (3, 8), (7, 4), (3, 3, 5), (3, 5, 3), (3, 2, 2, 2, 2), (3, 4, 2, 2), (3, 3, 3, 2), (6, 5),
     (5, 6), (4, 4, 3), (4, 3, 4), (4, 7), (8, 3)]
)  # fmt: skip
"""How people divide a mobile number; marks with a space after each are none."""
_CHINESE_DIGITS = str.maketrans("〇零一幺二两三四五六七八九", "0011223456789")

_EMAIL = re.compile(
    r"(?:[A-Za-z0-9\u00c0-\u024f][A-Za-z0-9\u00c0-\u024f._%+-]*|[\u4e00-\u9fff]{2,4})"
    r"(?:\s?@\s?|\s?[\[({]\s?(?:at|AT|@)\s?[\])}]\s?)"
    r"[A-Za-z0-9\u00c0-\u024f\u4e00-\u9fff-]+"
    r"(?:\n?(?:\.|\s?[\[({]\s?(?:dot|DOT)\s?[\])}]\s?)\n?[A-Za-z0-9-]*[A-Za-z0-9])+"
)
_MOBILE = re.compile(
    r"(?<![0-9])(?<![0-9][A-Za-z.])(?:(?P<code>(?:\+|00)\s?86|(?<![0-9])86|\(\+?86\))[\s-]*)?"
    r"(?P<number>1(?:[\s.·_/-]{0,2}[0-9]){10})(?![0-9]|[A-Za-z][0-9])(?!\.0*[1-9])"
)
_SPOKEN = re.compile("[〇零一幺二两三四五六七八九]{11}")
_LANDLINE = re.compile(
    r"(?<![0-9.+-])(?:\(0[1-9][0-9]{1,3}\)\s?-?\s?[0-9]{3,4}[\s-]?[0-9]{4}"
    r"|0[1-9][0-9]{1,3}\s?[-–/ ]\s?[1-9][0-9]{2,3}[\s-]?[0-9]{4}"
    r"|(?:010|02[0-9])[2-8][0-9]{7}|0[3-9][0-9]{2}[2-8][0-9]{6,7}"
    r"|0[1-9](?:[ .][0-9]{2}){4}|0[1-9][0-9]{2,3}[ ][0-9]{3}[ ]?[0-9]{3,4})"
    r"(?:\s?(?:-|转|ext\.?|x)\s?[0-9]{1,6})?(?![0-9.])"
)
_INTERNATIONAL = re.compile(r"(?<![0-9A-Za-z])(?:\+|00[\s-])\s?[1-9](?:[\s().-]{0,2}[0-9]){7,14}(?![0-9])")
_AMERICAN = re.compile(
    r"(?<![0-9.-])(?![48]00[\s.-])(?:1[\s.-])?(?:\([2-9][0-9]{2}\)\s?|[2-9][0-9]{2}[.\s-])[2-9][0-9]{2}[.\s-][0-9]{4}(?![0-9.-])"
)
_NAMED_PHONE = re.compile(
    r"(?:电话|座机|手机|固话|传真|联系方式|热线|分机|拨打|(?i:\b(?:phone|telephone|tel|mobile|cell|fax|call(?:\s+me)?(?:\s+(?:at|on))?)\b))"
    r"(?:号码?|\s?(?i:number|no\.?))?\s*(?:是|为|(?i:is))?[\s:.(]*(?P<number>\+?[0-9][0-9\s()-]{5,18}[0-9])(?![0-9])"
)
_CARD = re.compile(r"(?<![0-9])[1-9](?:[\s-]?[0-9]){14,16}(?:[\s-]?[0-9Xx])?(?![0-9])")
_BANK = re.compile(
    r"(?<![0-9])(?:(?:62|4[0-9]|5[1-5])[0-9]{14}|62[0-9]{17}"
    r"|(?:62|4[0-9]|5[1-5])[0-9]{2}(?:[ -][0-9]{4}){3}(?:[ -][0-9]{3})?)(?![0-9])"
)
_NAMED_NUMBER = re.compile(
    r"(?:工号|学号|教师编号|职工号|银行卡号?|(?<!贺)卡号|资格证号?|(?i:\b(?:staff|employee|student|teacher)\s(?:id|no\.?|number)))"
    r"(?:码|是|为|(?i:\s?is))?\s*[:#]?\s*(?P<number>[A-Za-z]{0,3}[0-9](?:[\s-]?[0-9]){3,22})"
)
_PAGE = re.compile(
    r"(?i:\b(?:weibo|facebook|twitter|linkedin|instagram|zhihu|douyin|tiktok)\.com/(?:u/|in/|people/|profile/|user/)?"
    r"(?!v/)(?P<number>[A-Za-z0-9@._%-]{4,}))"
)
_WXID = re.compile(r"(?<![A-Za-z0-9])(?i:wxid|wx)_[A-Za-z0-9_-]{5,}")
_NAMED_CARD = re.compile(
    r"(?:身份证|(?i:\bid\s?card|identity\s?card))[^0-9\n]{0,12}(?P<number>[0-9](?:[\s-]?[0-9]){13,16}[0-9Xx]?)"
)
_PASSPORT = re.compile(
    r"(?:护照|通行证|(?i:passport))[^0-9A-Za-z\n]{0,8}(?:(?i:number|no\.?|is)[\s:]*){0,2}(?P<number>[A-Za-z]{0,2}[0-9]{6,9})"
)
_ACCOUNT = re.compile(
    r"(?:微信|威信|V信|(?<![A-Za-z])(?i:wechat|weixin|wxid|wx|vx|qq|whatsapp|line\s?id|skype|telegram)|扣扣|钉钉|抖音)"
    r"\s?(?:账?号码?|帐号|(?i:id|number|no\.?))?\s*(?:是|为|(?i:is))?\s*[:=]?\s*@?"
    r"(?P<number>[A-Za-z][A-Za-z0-9_-]*[0-9_-][A-Za-z0-9_-]*|[0-9]{5,12})(?![0-9A-Za-z])"
)
_IPV4 = re.compile(r"(?<![0-9.])(?:[0-9]{1,3}\.){3}[0-9]{1,3}(?![0-9]|\.[0-9])")
_IPV6 = re.compile(r"(?<![0-9A-Za-z:])[0-9A-Fa-f]{0,4}(?::[0-9A-Fa-f]{0,4}){2,7}(?![0-9A-Za-z:])")
_HARDWARE = re.compile(r"(?<![0-9A-Za-z])[0-9A-Fa-f]{2}(?:([:-])[0-9A-Fa-f]{2})(?:\1[0-9A-Fa-f]{2}){4}(?![0-9A-Za-z])")
_PAIR = re.compile(
    r"(?<![0-9.])(?P<a>-?[0-9]{1,3}\.[0-9]{4,})\s*(?:[,;/、]\s*|\s)(?P<b>-?[0-9]{1,3}\.[0-9]{4,})(?![0-9])"
)
_NAMED_PAIR = re.compile(
    r"(?:[北南]纬\s*)?[0-9]{1,2}\.[0-9]{3,}\s?°?\s?[NSns]?\s?[,;、/]?\s*(?:[东西]经\s*)[0-9]{1,3}\.[0-9]{3,}\s?°?"
    r"|[0-9]{1,3}\.[0-9]{2,}\s?°\s?[NSEWnsew]?\s?[,;、/]?\s*[0-9]{1,3}\.[0-9]{2,}\s?°\s?[NSEWnsew]?"
)
_HOME = re.compile(
    r"(?:[\u4e00-\u9fff]{1,8}[市县区镇])?[\u4e00-\u9fff]{1,6}(?:路|街|大道|巷|弄|胡同|小区|花园|新村|家属院)[0-9]{1,5}(?:-[0-9]+)?(?:号|弄|栋|幢)"
    r"(?:[0-9A-Za-z-]{1,6}(?:号楼|单元|栋|幢|层|楼|室|户|号))*[0-9]{0,5}"
)
_DEGREES = re.compile(
    r"[0-9]{1,3}\s?[°度]\s?[0-9]{1,2}(?:\.[0-9]+)?\s?['′分](?:\s?[0-9.]+\s?[\"″秒])?\s?[NSEW北南东西]?"
)


def spans(text: str) -> Iterator[Span]:
    """Yield every place of personal numbers and addresses; they may overlap."""
    for pattern, kind, check in _PATTERNS:
        for match in pattern.finditer(text):
            if check is None or check(match):
                group = "number" if "number" in pattern.groupindex and kind != "phone" else 0
                if pattern is _NAMED_PHONE:
                    group = "number"
                yield match.start(group), match.end(group), kind


def _digits(text: str) -> str:
    return re.sub(r"[^0-9Xx]", "", text)


def _is_mobile(match: re.Match[str]) -> bool:
    number = match["number"]
    groups = tuple(len(part) for part in re.findall("[0-9]+", number))
    whole = _digits(number)
    if not "3" <= whole[1] <= "9":
        return False
    if len(groups) == 2 and re.search(r"[\r\n]", number):
        return True  # cut by the end of a line, wherever that was
    if groups not in _MOBILE_GROUPS:
        return False
    if re.search(r"[0-9]\.[0-9]", number) and groups != (3, 4, 4):
        return False  # a decimal
    return not (groups[0] == 4 and whole.startswith("19"))  # 1985-2024 123


def _is_spoken(match: re.Match[str]) -> bool:
    number = match[0].translate(_CHINESE_DIGITS)
    return number[0] == "1" and "3" <= number[1] <= "9"


def _is_long(match: re.Match[str]) -> bool:
    return 7 <= len(_digits(match["number"])) <= 15


def is_card(number: str) -> bool:
    """Whether digits are an ID card number: province and date of birth (GB 11643-1999).

    The check digit is not asked for: a number with one wrong digit gives its owner away as well, and hardly one in a
    thousand other numbers of 18 digits has a province and a date of birth in their places.
    """
    if len(number) not in (15, 18) or int(number[:2]) not in _PROVINCES:
        return False
    born = number[6:14] if len(number) == 18 else "19" + number[6:12]
    if not born.isdigit() or not 1900 <= int(born[:4]) <= 2099:
        return False
    try:
        date(int(born[:4]), int(born[4:6]), int(born[6:]))
    except ValueError:
        return False
    return number.isdigit() or (len(number) == 18 and number[:17].isdigit())


def _is_bank(match: re.Match[str]) -> bool:
    digits = [int(digit) for digit in _digits(match[0])]
    doubled = [digit * 2 - 9 * (digit > 4) for digit in digits[-2::-2]]
    return (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0 and len(set(digits)) > 3  # Luhn (ISO/IEC 7812)


def _is_address(match: re.Match[str]) -> bool:
    octets = [int(part) for part in match[0].split(".")]
    # 4.1.2.3 is a section of a text.
    return max(octets) <= 255 and (max(octets) > 20 or octets[0] == 10)


def _is_ipv6(match: re.Match[str]) -> bool:
    if not re.search("[0-9A-Fa-f]{2}.*:.*[0-9A-Fa-f]", match[0]):
        return False
    try:
        ipaddress.IPv6Address(match[0])
    except ValueError:
        return False
    return True


def _is_place(match: re.Match[str]) -> bool:
    a, b = abs(float(match["a"])), abs(float(match["b"]))
    return min(a, b) >= 1 and max(a, b) <= 180 and min(a, b) <= 90 and max(a, b) >= 10


_PATTERNS: tuple[tuple[re.Pattern[str], str, Callable[[re.Match[str]], bool] | None], ...] = (
    (_EMAIL, "email", None),
    (_CARD, "id_card", lambda match: is_card(_digits(match[0]))),
    (_NAMED_CARD, "id_card", None),
    (_MOBILE, "phone", _is_mobile),
    (_SPOKEN, "phone", _is_spoken),
    (_INTERNATIONAL, "phone", None),
    (_LANDLINE, "phone", None),
    (_AMERICAN, "phone", None),
    (_NAMED_PHONE, "phone", _is_long),
    (_PASSPORT, "passport", None),
    (_ACCOUNT, "account", None),
    (_BANK, "account", _is_bank),
    (_NAMED_NUMBER, "account", None),
    (_PAGE, "account", None),
    (_WXID, "account", None),
    (_IPV4, "ip", _is_address),
    (_IPV6, "ip", _is_ipv6),
    (_HARDWARE, "device", None),
    (_PAIR, "coordinates", _is_place),
    (_DEGREES, "coordinates", None),
    (_NAMED_PAIR, "coordinates", None),
    (_HOME, "address", None),
)
