"""Which encoding bytes that are not UTF-8 are likely in: how common the characters are that each gives.

GB18030 reads nearly any bytes, so that it reads them proves nothing. Text in Big5, Shift-JIS, EUC-KR or
Latin-1, Cyrillic, Greek, Hebrew, Arabic or Thai show in it as rare, private-use or mixed-up characters;
read as what they are, they are common.
Each character's chance is that of its class (common, of the standard's first level, beyond it …) over the
size of the class, in round figures; the readings are compared by the sum of their logarithms.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

CODECS = {
    "big5": "big5", "shift-jis": "cp932", "euc-kr": "cp949", "latin-1": "latin-1", "windows-1251": "cp1251",
    "koi8-r": "koi8-r", "windows-1253": "cp1253", "windows-1255": "cp1255", "windows-1256": "cp1256",
    "tis-620": "cp874",
}  # fmt: skip
ALARM = 6.0  # e⁶ = 400 times as likely
# Scripts of single bytes use few letters, and so by chance fit a rare Chinese word now and then.
ALARM_OF_SCRIPTS = 18.0
MOST_FIELDS = 3_000
SHOWN = 3
_APART = re.compile(rb"[,;\t\" \r\n]+")
_COUNTER = re.compile(rb"(?<![\x81-\xfe][0-9][\x81-\xfe])[0-9.:/-]+$")  # but no end of a four-byte character
_PLAIN, _UNREADABLE, _PRIVATE = -3.0, -12.0, -18.0
_CHINESE = frozenset(
    "的一是不了在人有我他这个们中来上大为和国地到以说时要就出会可也你对生能而子那得于着下自之年过发后作里用道行所然家种事成方多经么去法学"
    "如都同现当没动面起看定天分还进好小部其些主样理心她本前开但因只从想实日军者意无力它与长把机十民第公此已工使情明性知全三又关点正业外将"
    "两高间由问很最重并物手应战向头文体政美相见被利什二等产或新己制身果加西斯月话合回特代内信表化老给世位次度门任常先海通教儿原东声提立及"
    "比员解水名真论处走义各入几口认条平系气题活尔更别打女变四神总何电数安少报才结反受目太量再感建务做接必场件计管期市直德资命山金指克许统"
    "区保至队形社便空决治展马科司五基眼书非则听白却界达光放强即像难且权思王象完设式色路记南品住告类求据程北边死张该交规万取拉格望觉术领共"
    "确传师观清今切院让识候带导争运快慢红唇妆护肤霜乳粉鞋球衣裤裙包袋居零食码脑店铺购买卖价元单货流差评质尺坏漂亮喜欢满退换款订客户商搜索"
    "播朋友广线男岁城京深圳杭州武汉庆津苏膏彩香油面膜洗发黑蓝绿黄号双套装件盒瓶杯茶酒米肉鱼果糖饼干牛奶鸡蛋李张刘陈杨赵周吴徐孙胡朱林何郭"
)
_KOREAN = frozenset(
    "이다는에을의가고하지한를은도로기사서어자리나대시인라있그해일아으스게들여전정수보것제장과만부조상주면원동안소비구유년오마선국공신우성무러"
    "와관없적문방중분물세용연경생모니거발실않산단회했요계내당바진저할까트드미개말위화반학간형행식급히된되려린레르크프터치차피타파카코토호후영"
    "명월양법음재때또속결통합설매품립틱림션컬향색옷남배송빠느좋최료쇼핑몰입출금액점맛커텐팩밤쿠블글랑란률름른님닌던든둘등딸며몇못및밖번별복본"
    "불빛살석손술습싶씨악앞약얼업였예외욕운울웃육응임작잘절존종즈직질집찾책처천청체초추충친칠침키킨태택테특편평포표필항험현혼활황희힘김박강윤"
)


def likelier_than_gb18030(lines: Iterable[bytes]) -> list[str]:
    """Return the encodings that fit lines which are not UTF-8 clearly better than GB18030, the best first.

    >>> likelier_than_gb18030(["口紅功能很好".encode("big5")])[0]
    'big5'
    """
    fields = _fields(lines)
    if not fields:
        return []
    usual = _fit(fields, "gb18030", _gb18030)
    fits = {name: _fit(fields, codec, _CLASSES[name]) for name, codec in CODECS.items()}
    better = [name for name, fit in fits.items() if fit >= usual + _alarm(name)]
    return sorted(better, key=lambda name: -fits[name])[:SHOWN]


def _alarm(name: str) -> float:
    return ALARM_OF_SCRIPTS if name in SCRIPTS else ALARM


def _fields(lines: Iterable[bytes]) -> set[bytes]:
    """Return distinct pieces of the lines that are not plain ASCII: what is said often counts once."""
    fields: set[bytes] = set()
    for line in lines:
        fields.update(_COUNTER.sub(b"", part) for part in _APART.split(line) if not part.isascii())
        if len(fields) >= MOST_FIELDS:
            break
    return fields


def _fit(fields: set[bytes], codec: str, chance) -> float:
    return sum(_of_field(field, codec, chance) for field in fields)


def _of_field(field: bytes, codec: str, chance) -> float:
    try:
        text = field.decode(codec)
    except UnicodeDecodeError:
        return _UNREADABLE * len(field)
    total, before = 0.0, ""
    for char in text:
        total += _PLAIN if char < "\x80" else chance(char, char.encode(codec), before)
        before = char
    return total


def _gb18030(char: str, code: bytes, before: str) -> float:
    if char in _CHINESE:
        return -6.8
    if "\ue000" <= char <= "\uf8ff":
        return _PRIVATE
    if len(code) == 4:
        return -11.0  # rare, but four such bytes in a row are hardly anything else
    if code[0] <= 0xA0 or code[1] <= 0xA0:
        return -14.8
    if code[0] in (0xA1, 0xA3):
        return -7.9
    if code[0] <= 0xAF:
        return -11.7  # kana, Greek, Cyrillic
    return -9.7 if code[0] <= 0xD7 else -11.9


def _big5(char: str, code: bytes, before: str) -> float:
    if code[0] <= 0xA3:
        return -8.8
    if code[0] <= 0xAF:
        return -8.0  # few strokes: the most common
    return -10.2 if code[0] <= 0xC6 else -12.8


def _shift_jis(char: str, code: bytes, before: str) -> float:
    if "\u3041" <= char <= "\u30fe":
        return -5.8
    if len(code) == 1:
        return -8.7  # half-width kana
    if code[0] == 0x81:
        return -7.7
    return -8.9 if 0x88 <= code[0] <= 0x97 else -12.0


def _euc_kr(char: str, code: bytes, before: str) -> float:
    if char in _KOREAN:
        return -5.9
    if code[0] <= 0xA0 or code[1] <= 0xA0:
        return -13.7
    if code[0] <= 0xAF:
        return -8.0
    return -10.2 if code[0] <= 0xC8 else -13.0


def _latin_1(char: str, code: bytes, before: str) -> float:
    if before >= "\xa0":
        return -9.0  # letters with accents stand alone among plain ones
    if char < "\xa0":  # where windows-1252 has its quotes and dashes
        return -5.8 if char in "\x80\x85\x91\x92\x93\x94\x96\x97" else -9.0
    return -4.2 if char >= "\xc0" else -5.8


def _cased(first: str, last: str) -> Callable[[str, bytes, str], float]:
    """Letters of one script, which stand together, the small ones after the capitals."""

    def chance(char: str, code: bytes, before: str) -> float:
        if not first <= char <= last or _is_latin(before):
            return -9.0
        if char.isupper():
            return -10.0 if before.islower() else -4.5
        return -3.5

    return chance


def _uncased(first: str, last: str) -> Callable[[str, bytes, str], float]:
    return lambda char, code, before: -3.4 if first <= char <= last and not _is_latin(before) else -9.0


def _is_latin(char: str) -> bool:
    """No word mixes two scripts."""
    return char.isascii() and char.isalpha()


def _thai(char: str, code: bytes, before: str) -> float:
    """A consonant stands anywhere; what is written over, under or behind one stands nowhere else."""
    if "\u0e01" <= char <= "\u0e2e":
        return -3.8
    if "\u0e40" <= char <= "\u0e44":
        return -4.0 if not "\u0e40" <= before <= "\u0e44" else -14.0
    if "\u0e30" <= char <= "\u0e4e":
        return -3.5 if "\u0e01" <= before <= "\u0e3a" or "\u0e47" <= before <= "\u0e4e" else -14.0
    return -9.0


_CYRILLIC = _cased("\u0400", "\u045f")
SCRIPTS = {
    "windows-1251": _CYRILLIC,
    "koi8-r": _CYRILLIC,
    "windows-1253": _cased("\u0384", "\u03ce"),
    "windows-1255": _uncased("\u05b0", "\u05ea"),
    "windows-1256": _uncased("\u0600", "\u06ff"),
    "tis-620": _thai,
}
_CLASSES = {"big5": _big5, "shift-jis": _shift_jis, "euc-kr": _euc_kr, "latin-1": _latin_1, **SCRIPTS}
