"""Headers under which people write who they are, and what platforms note about them."""

import re

from leadership_study.importing._personal_plain import plain

_NUMBER = re.compile(r"^(?:[(\[]?[a-z]{0,2}\d+(?:[._]\d+)*\s*[)\]、.．::_-]|第\s*\d+\s*题[、.::]?)\s*")
_POLITE = re.compile(
    r"""^(?: 请?(?:在此)?(?:留下|填写|输入|提供|告诉我们)?(?:一下)?
             (?:您|你|本人|受访者|被调查者|填写人|填表人|教师|老师|家长|学生|作答者|答题者|校长|学区长|联系人|负责人)?
             的?
           | (?:please\s+)?(?:enter|provide|give|state|write|leave|what\s+is|what's)?\s*(?:us\s+)?
             (?:your|respondent's|participant|the|teacher's|recipient)?\s*)""",
    re.VERBOSE,
)
_TAIL = re.compile(
    r"(?:\s*[(\[](?:必填|选填|可选|选答|required|optional)[)\]]|\s*[*??::.。]|\s*是(?:什么|多少)?|\s*为)+$"
)

_HEADED = {
    "name": r"""真?实?姓名 | 名字 | 称呼 | 姓 | 名 | 全名 | name | sur\s?name
        | (?:first|last|full|given|family|middle|participant|respondent|recipient(?:first|last)?|teacher|head|principal)
          [_\s]?name | enumerator | enumerator_name | interviewer""",
    "phone": r"""(?:手机|电话|联系|移动|固定|办公|家庭)*(?:电话|手机|座机|固话)(?:号码?)? | 联系(?:方式|号码) | 传真
        | fax | cell
        | (?:mobile|cell|tele|contact)?[\s_]?(?:phone|telephone|tel)(?:[_\s]?(?:number|no\.?|num))?
        | mobile(?:[_\s]?(?:number|no\.?))? | whats\s?app | contact\s(?:number|details|info|information)""",
    "email": r"""(?:电子)?(?:邮箱|邮件)(?:地址|账号)? | mail
        | (?:recipient|contact)?[\s_]?e-?mail(?:[_\s]?(?:address|addr))?""",
    "id_card": r"""(?:居民)?身份证(?:件)?(?:号码?)? | 证件号码? | id[\s_]?card(?:[_\s]?(?:number|no\.?))? | ssn
        | identity\s?(?:card)?\s?(?:number|no\.?)? | national[_\s]id(?:\s?number)?
        | social\s?security(?:\s?number)?""",
    "passport": r"""护照(?:号码?)? | passport(?:[_\s]?(?:number|no\.?))?""",
    "ip": r"""(?:来自|来源|答题|提交)?ip(?:v[46])?(?:地址)? | ip[\s_]?addr(?:ess)? | remote_addr""",
    "account": r"""(?:微信|wechat|weixin|wx|qq|扣扣|钉钉|dingtalk)
          (?:[\s_]?(?:号码?|账号|帐号|昵称|id|number|name|account|nickname|openid))?
        | (?:用户)?昵称 | nick[\s_]?name | user[\s_]?name | 用户名 | 用户id | 账号 | 帐号 | 登录名 | open[\s_]?id
        | union[\s_]?id | _submitted_by | skype | telegram | line\s?id""",
    "device": r"""device[\s_]?id | 设备(?:号|id|标识) | imei | imsi | mac(?:[\s_]?address)? | subscriber[\s_]?id
        | sim[\s_]?serial | simid | user\s?agent""",
    "coordinates": r"""经纬度 | 经度 | 纬度 | 坐标 | 定位 | 地理位置 | gps | lat | lon | lng | coordinates? | geopoint
        | geo[\s_]?location | _geolocation | (?:location)?[\s_]?(?:latitude|longitude)
        | _?\w*_(?:latitude|longitude|altitude|precision)""",
    "address": r"""(?:家庭|通讯|通信|联系|详细|居住|邮寄)?(?:住址|地址)
        | (?:(?:home|street|postal|mailing)\s)?address | address\s?(?:line)?\s?\d?""",
}
_WHOLE = {kind: re.compile(pattern, re.VERBOSE) for kind, pattern in _HEADED.items()}

_ASKED: dict[str, str] = {
    "name": r"姓名|名字|怎么称呼|如何称呼|full\s?name|your\s?name",
    "phone": r"电话|手机|联系方式|phone|mobile",
    "email": r"邮箱|电子邮件|e-?mail",
    "id_card": r"身份证|id\s?card|identity\s?(?:card|number)",
    "account": r"微信号?|qq|wechat",
    "address": r"住址|家庭地址|home\s?address",
}
_MENTIONED = {kind: re.compile(pattern) for kind, pattern in _ASKED.items()}
_ASKS = re.compile(r"您|你|请|留下|填写|your|please|leave|contact")
_OTHERS = re.compile(
    r"学校|单位|机构|班级|学区|幼儿园|公司|地区|经常|是否|如何看|"
    r"school|organi[sz]ation|institution|company|district|class|file|variable|how often|do you"
)


def headed(header: str) -> str | None:
    """Return the kind of personal data that a header is the usual name of, or None."""
    text = _TAIL.sub("", plain(header).text.strip().casefold())
    for form in dict.fromkeys((text, text.rpartition("/")[2], text.rpartition("—")[2])):
        bare = _NUMBER.sub("", form.strip())
        for name in dict.fromkeys((bare, _POLITE.sub("", bare).strip())):
            for kind, pattern in _WHOLE.items():
                if pattern.fullmatch(name):
                    return kind
    return None


def asked_for(header: str) -> tuple[str, ...]:
    """Return the kinds that a question may ask for: it mentions them, and does not only speak of them."""
    text = plain(header).text.strip().casefold()
    if len(text) > 80 or not _ASKS.search(text) or _OTHERS.search(text):
        return ()
    return tuple(kind for kind, pattern in _MENTIONED.items() if pattern.search(text))
