"""What can be said of an object beside its picture: every attribute and its values, defined once.

The wire carries names (`upper_colour`) and values (`red`); models may give no others, search and
the page show them in the reader's language. A box may be newer than the centre: what is not known
here is kept all the same, and `unknown_in` says so.

The colours are the eleven basic terms of English, which Korean has too (Berlin and Kay, Basic
Color Terms, 1969); also the terms of van de Weijer et al., Learning Color Names for Real-World
Applications, IEEE TIP 18(7), 2009.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

from shared.classes import ObjectClass


class Label(NamedTuple):
    """One value: as the wire writes it, as people read it, and other words people use for it."""

    value: str
    en: str
    ko: str
    also: tuple[str, ...] = ()


class LabelSet(NamedTuple):
    """One attribute of one class of object, and every value it may have."""

    name: str
    object_class: ObjectClass
    en: str
    ko: str
    labels: tuple[Label, ...]
    also: tuple[str, ...] = ()

    @property
    def values(self) -> tuple[str, ...]:
        """The values as the wire writes them."""
        return tuple(label.value for label in self.labels)


class AttributeValue(NamedTuple):
    """One attribute of one object: the value, and how likely it is to be right, 0 to 1."""

    value: str
    confidence: float


COLOURS: Final = (
    Label("black", "black", "검정", ("검은색", "까만색", "블랙")),
    Label("white", "white", "흰색", ("하얀색", "화이트", "ivory", "아이보리")),
    Label("grey", "grey", "회색", ("gray", "silver", "은색", "쥐색", "그레이")),
    Label("red", "red", "빨강", ("빨간색", "붉은색", "crimson", "burgundy", "와인색", "레드")),
    Label("orange", "orange", "주황", ("주황색", "오렌지")),
    Label("yellow", "yellow", "노랑", ("노란색", "gold", "금색", "옐로")),
    Label("green", "green", "초록", ("초록색", "녹색", "khaki", "olive", "카키", "연두색", "그린")),
    Label("blue", "blue", "파랑", ("파란색", "navy", "denim", "남색", "하늘색", "청색", "블루")),
    Label("purple", "purple", "보라", ("보라색", "violet", "자주색", "퍼플")),
    Label("pink", "pink", "분홍", ("분홍색", "rose", "핑크")),
    Label("brown", "brown", "갈색", ("beige", "tan", "베이지", "밤색", "고동색", "브라운")),
)

_YES: Final = Label("yes", "yes", "있음", ("with", "착용"))
_NO: Final = Label("no", "no", "없음", ("without", "미착용"))
_PERSON: Final = ObjectClass.PERSON
_VEHICLE: Final = ObjectClass.VEHICLE

_SETS: Final = (
    LabelSet(
        "gender",
        _PERSON,
        "gender",
        "성별",
        (
            Label("male", "male", "남성", ("man", "boy", "남자")),
            Label("female", "female", "여성", ("woman", "girl", "여자")),
        ),
        ("sex",),
    ),
    LabelSet(
        "hair_length",
        _PERSON,
        "hair",
        "머리",
        (
            Label("short", "short hair", "짧은 머리", ("short", "단발", "숏컷")),
            Label("long", "long hair", "긴 머리", ("long", "장발", "긴머리")),
        ),
        ("hair length", "머리카락", "머리 길이"),
    ),
    LabelSet("hat", _PERSON, "hat", "모자", (_YES, _NO), ("cap", "캡")),
    LabelSet("backpack", _PERSON, "backpack", "배낭", (_YES, _NO), ("rucksack", "백팩", "책가방")),
    LabelSet("bag", _PERSON, "bag", "가방", (_YES, _NO), ("handbag", "shoulder bag", "손가방")),
    LabelSet(
        "upper_colour",
        _PERSON,
        "upper clothing",
        "상의 색",
        COLOURS,
        ("upper colour", "top", "shirt", "jacket", "coat", "상의", "윗옷", "외투"),
    ),
    LabelSet(
        "lower_colour",
        _PERSON,
        "lower clothing",
        "하의 색",
        COLOURS,
        ("lower colour", "trousers", "skirt", "jeans", "하의", "아래옷", "바지", "치마"),
    ),
    LabelSet(
        "lower_length",
        _PERSON,
        "lower clothing's length",
        "하의 길이",
        (
            Label("long", "long trousers", "긴 하의", ("trousers", "긴바지")),
            Label("short", "shorts or skirt", "짧은 하의", ("shorts", "반바지", "짧은 치마")),
        ),
    ),
    LabelSet(
        "vehicle_type",
        _VEHICLE,
        "vehicle type",
        "차종",
        (
            Label("car", "car", "승용차", ("sedan", "suv", "세단")),
            Label("van", "van", "승합차", ("minivan", "봉고", "밴")),
            Label("bus", "bus", "버스", ("coach",)),
            Label("truck", "truck", "트럭", ("lorry", "화물차")),
        ),
        ("body", "kind of vehicle", "차량 종류"),
    ),
    LabelSet(
        "vehicle_colour",
        _VEHICLE,
        "vehicle colour",
        "차량 색",
        COLOURS,
        ("paint", "car colour", "차색"),
    ),
)

ATTRIBUTES: Final[Mapping[str, LabelSet]] = MappingProxyType({each.name: each for each in _SETS})
"""Every attribute by its name, in the order people read them."""


def attributes_of(object_class: ObjectClass) -> tuple[LabelSet, ...]:
    """The attributes that objects of `object_class` may have."""
    return tuple(each for each in _SETS if each.object_class == object_class)


def unknown_in(object_class: ObjectClass, values: Mapping[str, str]) -> list[str]:
    """What in `values`, attribute to value, is not in the label sets of `object_class`.

    Each as `name` where the class has no such attribute, or `name=value` where the attribute has
    no such value; empty: all is known.
    """
    found = []
    for name, value in values.items():
        known = ATTRIBUTES.get(name)
        if known is None or known.object_class != object_class:
            found.append(name)
        elif value not in known.values:
            found.append(f"{name}={value}")
    return found
