"""Sentences in Korean and English, and the filters they become; no database."""

import tomllib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from central.asking.parsed import MAX_QUESTION
from central.asking.text.parse import parse
from central.asking.text.places import Place
from central.asking.text.vocabulary import TERMS
from central.values import LonLat
from shared.attributes import ATTRIBUTES

SEOUL = ZoneInfo("Asia/Seoul")
NOW = datetime(2026, 7, 22, 14, 30, tzinfo=SEOUL)
HERE = LonLat(lon=127.0276, lat=37.4979)
PLACES = {
    "강남역": Place(None, ("gangnam-1", "gangnam-2"), HERE),
    "city hall": Place(None, ("hall-1",), HERE),
    "학교 앞": Place("학교 앞", ("school-1",), HERE),
}
QUESTIONS: list[dict[str, Any]] = tomllib.loads(
    (Path(__file__).parent / "questions.toml").read_text(encoding="utf-8")
)["question"]


def known(names: Sequence[str]) -> Mapping[str, Place]:
    return {name: PLACES[name] for name in names if name in PLACES}


def local(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text).replace(tzinfo=SEOUL)


@pytest.mark.parametrize("expected", QUESTIONS, ids=[each["text"] for each in QUESTIONS])
def test_a_question_becomes_filters(expected: dict[str, Any]) -> None:
    parsed = parse(expected["text"], NOW, "Asia/Seoul", known)
    request = parsed.request
    assert parsed.not_understood == expected.get("left", [])
    assert request.object_class == expected.get("class")
    assert request.attributes == expected.get("attributes", {})
    assert request.plate == expected.get("plate")
    assert (request.from_, request.to) == (local(expected.get("from")), local(expected.get("to")))
    hours = None if request.hours is None else request.hours.model_dump(mode="json")
    wanted = expected.get("hours")
    assert hours == (wanted and {"days": None, **wanted, "zone": "Asia/Seoul"})
    where = request.cameras
    assert (where.radius.metres if where and where.radius else None) == expected.get("radius")
    assert (where.ids if where else None) == expected.get("cameras")
    assert (where.groups if where else None) == (
        [expected["group"]] if "group" in expected else None
    )


def test_there_are_questions_enough_in_both_languages() -> None:
    korean = [each for each in QUESTIONS if any("가" <= c <= "힣" for c in each["text"])]
    assert len(QUESTIONS) >= 60
    assert min(len(korean), len(QUESTIONS) - len(korean)) >= 20


def test_every_piece_says_what_it_became() -> None:
    parsed = parse("빨간 상의 여자 어제 강남역 500m", NOW, "Asia/Seoul", known)
    assert [(piece.text, piece.means) for piece in parsed.understood] == [
        ("빨간", "upper_colour=red"),
        ("여자", "gender=female"),
        ("어제", "day=2026-07-21"),
        ("강남역", "cameras=2"),
        ("500m", "metres=500"),
    ]


@pytest.mark.parametrize(
    ("sentence", "wider"),
    [
        ("red SUV near city hall", [("SUV", "vehicle_type=car")]),
        ("흰색 픽업트럭", [("픽업트럭", "vehicle_type=truck")]),
        ("남색 상의 할머니", [("남색", "upper_colour=blue"), ("할머니", "gender=female")]),
        ("하늘색 자전거", [("자전거", "object_class=two_wheeler")]),
        ("하늘 상의 남", [("하늘", "upper_colour=blue")]),
        ("빨간 승용차", []),
        ("white truck, man in a blue jacket", []),
    ],
)
def test_it_is_told_where_a_filter_fits_more_than_the_word(
    sentence: str, wider: list[tuple[str, str]]
) -> None:
    parsed = parse(sentence, NOW, "Asia/Seoul", known)
    assert [(each.text, each.means) for each in parsed.understood if each.wider] == wider


def test_days_and_hours_are_by_the_clock_of_the_zone() -> None:
    late = datetime(2026, 7, 22, 16, 0, tzinfo=UTC)  # the 23rd in Seoul, the 22nd in New York
    for zone, day in (("Asia/Seoul", 23), ("America/New_York", 22)):
        asked = parse("today 3pm", late, zone, known).request
        assert asked.from_ == datetime(2026, 7, day, 14, 30, tzinfo=ZoneInfo(zone))


def test_every_word_of_the_label_sets_is_known() -> None:
    for labels in ATTRIBUTES.values():
        for label in labels.labels:
            if labels.values != ("yes", "no") and labels.name != "lower_length":
                assert label.ko.lower() in TERMS, label
                assert label.en.lower() in TERMS, label


@settings(max_examples=400, deadline=None, derandomize=True)
@given(
    st.lists(
        st.sampled_from([*TERMS, "12가3456", "어제", "3시", "~", "500m", "?"]), max_size=12
    ).map(" ".join)
    | st.text(max_size=60)
)
@example("9" * MAX_QUESTION)
@example("가" * MAX_QUESTION)
@example("1 " * (MAX_QUESTION // 2))
@example("9999-99-99 99시~99시 0일 전 999개월 최근 999개월 0000년 2월 30일 부터 부터")
@example("번호 " * 100 + "?" * 40)
@example("plate 1*2*3*4*5*6*7")
@example(f"plate {'1' * 60}")
@example("0001-01-01")
@example("1850-01-01 9999-12-31")
def test_no_sentence_breaks_it(text: str) -> None:
    parsed = parse(text[:MAX_QUESTION], NOW, "Asia/Seoul", known)
    assert parsed.request.model_dump_json()
