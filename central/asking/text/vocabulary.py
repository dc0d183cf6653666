"""The words of questions: those of the label sets, and what else people say for the same."""

import re
from typing import Final, NamedTuple

from shared.attributes import ATTRIBUTES, COLOURS, Label, LabelSet
from shared.classes import ObjectClass

UPPER, LOWER, PAINT = "upper_colour", "lower_colour", "vehicle_colour"


class Term(NamedTuple):
    """What a word says.

    `colour`: one, of something. `slot`: the attribute that a colour beside it is of. `says`:
    attribute and value. `presence`: an attribute that is there or not. `of`: what kind of object.
    `wider`: it says more than is read of a picture, so that the filter fits others besides.
    """

    colour: str | None = None
    slot: str | None = None
    says: tuple[str, str] | None = None
    presence: str | None = None
    of: ObjectClass | None = None
    wider: bool = False


# Beside the label sets: they name things, people also describe them.
_UPPER_WORDS: Final = (
    *("셔츠", "티셔츠", "티", "재킷", "자켓", "코트", "점퍼", "잠바", "패딩", "후드", "후드티"),
    *("조끼", "블라우스", "스웨터", "니트", "옷", "상의를", "t-shirt", "tshirt", "hoodie"),
    *("jumper", "sweater", "blouse", "vest", "parka", "clothes", "clothing"),
)
_LOWER_WORDS: Final = ("pants", "slacks", "스커트", "슬랙스", "레깅스", "leggings")
_MEN: Final = (
    *("남", "소년", "할아버지", "아저씨", "남학생", "남성분", "청년"),
    *("men", "boys", "gentleman", "guy", "male"),
)
_WOMEN: Final = (
    *("여", "소녀", "할머니", "아주머니", "아줌마", "여학생", "여성분", "아가씨"),
    *("women", "girls", "lady", "female"),
)
_PERSON_WORDS: Final = (
    *("사람", "보행자", "행인", "인물", "아이", "어린이", "노인", "학생"),
    *("person", "people", "pedestrian", "someone", "somebody", "child", "kid"),
)
_VEHICLE_WORDS: Final = ("차", "차량", "자동차", "vehicle", "vehicles", "automobile")
_TWO_WHEELED: Final = (
    *("오토바이", "이륜차", "스쿠터", "자전거", "킥보드"),
    *("motorcycle", "motorbike", "scooter", "bicycle", "bike", "moped"),
)
_MORE_TYPES: Final = {
    "car": ("cars", "taxi", "택시", "hatchback", "coupe", "해치백", "소형차", "경차"),
    "truck": ("trucks", "pickup", "픽업", "픽업트럭", "트레일러", "덤프트럭"),
    "van": ("vans", "스타렉스", "승합"),
    "bus": ("buses", "마을버스", "관광버스"),
}
# Half a colour, or a common word by itself.
_TOO_SHORT: Final = frozenset({"은", "금", "남", "녹", "청", "밤", "쥐", "회", "갈", "tan", "rose"})


_NARROWER: Final = frozenset(
    {
        # Shades.
        *("silver", "은색", "쥐색", "ivory", "아이보리", "crimson", "burgundy", "와인색", "gold"),
        *("금색", "khaki", "olive", "카키", "연두색", "navy", "denim", "남색", "하늘색", "자주색"),
        *("rose", "beige", "tan", "베이지", "밤색", "고동색"),
        # Kinds and makes of cars, vans, buses and trucks.
        *("suv", "sedan", "세단", "taxi", "택시", "hatchback", "coupe", "해치백", "소형차", "경차"),
        *("minivan", "봉고", "스타렉스", "coach", "마을버스", "관광버스", "pickup", "픽업"),
        *("픽업트럭", "트레일러", "덤프트럭"),
        # What has two wheels.
        *_TWO_WHEELED,
        # Ages.
        *("boy", "boys", "girl", "girls", "child", "kid", "소년", "할아버지", "아저씨", "남학생"),
        *("청년", "소녀", "할머니", "아주머니", "아줌마", "여학생", "아가씨", "아이", "어린이"),
        *("노인", "학생"),
    }
)
"""Words for some of what their filter fits: no model tells shades, kinds of cars or ages apart."""


def _is_narrower(word: str, term: Term) -> bool:
    # 남 alone is a man, not navy.
    return word in _NARROWER or (term.colour is not None and f"{word}색" in _NARROWER)


def _colour_words(label: Label) -> set[str]:
    words = {label.value, label.en, label.ko, *label.also}
    # An adjective is the noun without its ending: 빨간색, 빨간; 흰색, 흰.
    words |= {word.removesuffix("색") for word in words} - _TOO_SHORT
    return {word for word in words if word} | {f"{label.ko}색"}


def _value_words(labels: LabelSet, label: Label) -> set[str]:
    words = {label.en, label.ko, label.ko.replace(" ", ""), *label.also}
    if labels.name in {"hair_length", "lower_length"}:
        # "short" alone may be hair, trousers or a person; "trousers" are of any colour first.
        return {word for word in words if " " in word or not word.isascii()} | (words & {"shorts"})
    return words


def _terms() -> dict[str, Term]:
    terms: dict[str, Term] = {}
    for labels in ATTRIBUTES.values():
        terms |= _terms_of(labels)
    return terms | _more_terms()


def _terms_of(labels: LabelSet) -> dict[str, Term]:
    kind = labels.object_class
    if labels.values == ("yes", "no"):
        there = Term(presence=labels.name, of=kind)
        return dict.fromkeys((labels.en, labels.ko, *labels.also), there)
    if labels.labels is COLOURS:
        of = Term(slot=labels.name, of=kind)
        return dict.fromkeys((labels.en, *labels.also), of)
    return {
        word: _value(labels, label.value)
        for label in labels.labels
        for word in _value_words(labels, label)
    }


def _value(labels: LabelSet, value: str) -> Term:
    slot = {"vehicle_type": PAINT, "lower_length": LOWER}.get(labels.name)
    return Term(says=(labels.name, value), slot=slot, of=labels.object_class)


def _more_terms() -> dict[str, Term]:
    person, vehicle = ObjectClass.PERSON, ObjectClass.VEHICLE
    terms: dict[str, Term] = {}
    terms |= dict.fromkeys(_UPPER_WORDS, Term(slot=UPPER, of=person))
    terms |= dict.fromkeys(_LOWER_WORDS, Term(slot=LOWER, of=person))
    terms |= dict.fromkeys(_MEN, Term(says=("gender", "male"), of=person))
    terms |= dict.fromkeys(_WOMEN, Term(says=("gender", "female"), of=person))
    terms |= dict.fromkeys(_PERSON_WORDS, Term(of=person))
    terms |= dict.fromkeys(_VEHICLE_WORDS, Term(slot=PAINT, of=vehicle))
    terms |= dict.fromkeys(_TWO_WHEELED, Term(of=ObjectClass.TWO_WHEELER))
    terms["청바지"] = Term(says=(LOWER, "blue"), of=person)
    for value, words in _MORE_TYPES.items():
        terms |= dict.fromkeys(words, Term(says=("vehicle_type", value), slot=PAINT, of=vehicle))
    return terms


TERMS: Final = {
    word.lower(): term._replace(wider=True) if _is_narrower(word.lower(), term) else term
    for word, term in {
        **{word: Term(colour=label.value) for label in COLOURS for word in _colour_words(label)},
        **_terms(),
    }.items()
}

PARTICLES: Final = (
    *("에서는", "에서", "에게", "으로", "까지", "부터", "하고", "이랑", "이나", "처럼", "입니다"),
    *("이고", "이며", "색깔", "을", "를", "이", "가", "은", "는", "의", "에", "와", "과", "도"),
    *("만", "로", "랑", "나", "색", "인", "s"),
)
"""Endings that say how a word stands in the sentence, and 색 (colour)."""

STOPWORDS: Final = frozenset(
    {
        *("a", "an", "the", "in", "on", "at", "of", "with", "and", "or", "who", "that", "was"),
        *("is", "were", "to", "from", "wearing", "wears", "wore", "carrying", "has", "had"),
        *("having", "find", "show", "me", "search", "for", "look", "looking", "please", "all"),
        *("dressed", "by", "around", "about", "his", "her", "it", "where", "any", "seen"),
        *("driving", "near", "between", "plate", "number", "during", "colored", "coloured"),
        *("colour", "color", "against"),
        *(
            "입은",
            "입고",
            "입었던",
            "있는",
            "멘",
            "메고",
            "맨",
            "쓴",
            "쓰고",
            "든",
            "들고",
            "착용한",
        ),
        *(
            "착용",
            "신은",
            "찾아줘",
            "찾아",
            "찾기",
            "찾는",
            "주세요",
            "보여줘",
            "보여",
            "및",
            "그리고",
        ),
        *(
            "또는",
            "혹은",
            "사이",
            "동안",
            "정도",
            "쯤",
            "경",
            "에",
            "에서",
            "의",
            "을",
            "를",
            "번호",
        ),
        *(
            "번호판",
            "색",
            "색깔",
            "하고",
            "이",
            "가",
            "은",
            "는",
            "와",
            "과",
            "한",
            "명",
            "대",
            "탄",
        ),
        *("지나간", "다니는", "중", "좀", "줘", "했던", "있었던", "모두", "전부", "달린"),
    }
)
"""Words that ask for nothing by themselves."""

_ENDING = "|".join(sorted(PARTICLES, key=len, reverse=True))


def _pattern() -> re.Pattern[str]:
    """Any term: at the start of a word, and to its end but for a particle or another term."""
    words = sorted(TERMS, key=len, reverse=True)
    # A syllable may be the beginning of anything; two are enough to start a compound.
    whole = "|".join(re.escape(word) for word in words)
    parts = "|".join(re.escape(word) for word in words if len(word) > 1 and not word.isascii())
    end = rf"(?:{_ENDING})?(?![0-9a-z가-힣])"
    return re.compile(rf"(?<![0-9a-z가-힣])(?:(?P<whole>{whole}){end}|(?P<part>{parts}))")


PATTERN: Final = _pattern()
