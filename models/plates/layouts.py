"""What a Korean number plate may say, and the one way it is written here.

After the notice on number plates of the Ministry of Land, Infrastructure and Transport (자동차
등록번호판 등의 기준에 관한 고시, article 5: letters by use), as amended in 2013 and, for three
leading digits, 2019. Left out: diplomatic, military, construction, temporary and motorcycle plates.
"""

import re
import unicodedata
from enum import StrEnum
from typing import NamedTuple

REGIONS = (
    *("서울", "부산", "대구", "인천", "광주", "대전", "울산", "세종", "경기"),
    *("강원", "충북", "충남", "전북", "전남", "경북", "경남", "제주"),
)
PRIVATE = "가나다라마거너더러머버서어저고노도로모보소오조구누두루무부수우주"
COMMERCIAL = "아바사자"
RENTAL = "하허호"
DELIVERY = "배"
LETTERS = PRIVATE + COMMERCIAL + RENTAL + DELIVERY

UNREGIONAL = PRIVATE + RENTAL
"""Letters of plates without a region. Those with one may have any: commercial and delivery ones
by today's rules, the others by those until 2004."""

_SHAPE = re.compile(
    rf"(?:({'|'.join(REGIONS)})([0-9]{{2}})([{LETTERS}])|([0-9]{{2,3}})([{UNREGIONAL}]))([0-9]{{4}})"
)
_IGNORED = re.compile(r"[\s.\-_·]+")
_DIGITS_FOR = str.maketrans("OoQDIlizZsSB", "000011122558")
"""Latin letters that people type, or other readers give, for digits; no plate has any of them."""


class Layout(StrEnum):
    """What a plate says, which is not how it looks: each is on one line or two."""

    CURRENT = "current"  # 123가4567
    OLDER = "older"  # 12가3456
    REGIONAL = "regional"  # 서울33바1234


class PlateNumber(NamedTuple):
    """A legal number by its parts; `region` is empty where there is none."""

    region: str
    kind: str
    letter: str
    serial: str

    @property
    def text(self) -> str:
        """As it is written here: `123가4567`, `12가3456`, `서울33바1234`."""
        return self.region + self.kind + self.letter + self.serial

    @property
    def layout(self) -> Layout:
        """Which of the three it is."""
        if self.region:
            return Layout.REGIONAL
        return Layout.CURRENT if len(self.kind) == 3 else Layout.OLDER  # noqa: PLR2004 - digits


def parse(text: str) -> PlateNumber | None:
    """The number that `text` is, spaces and line breaks aside; None where no plate says that.

    Decomposed Hangul, full-width digits and Latin letters that look like digits are understood.
    """
    plain = _IGNORED.sub("", unicodedata.normalize("NFKC", text)).translate(_DIGITS_FOR)
    found = _SHAPE.fullmatch(plain)
    if found is None:
        return None
    region, regional_kind, regional_letter, kind, letter, serial = found.groups(default="")
    return PlateNumber(region, regional_kind or kind, regional_letter or letter, serial)


def canonical(text: str) -> str | None:
    """`text` the one way it is written here; None where no plate says that."""
    number = parse(text)
    return number.text if number else None
