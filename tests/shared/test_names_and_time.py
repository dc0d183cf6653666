from datetime import datetime
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.clock import ManualClock, to_datetime, to_ms
from shared.errors import ConfigError, MalformedPayload
from shared.geometry import Rect
from shared.ids import uuid7, uuid7_ms
from shared.outbox_id import OutboxId
from shared.settings import Settings, load_toml
from shared.topics import Lane, Topic, every_box, parse_topic

EPOCH = UUID("0d5a7c3e-1111-4222-8333-444455556666")


@given(st.integers(min_value=0, max_value=(1 << 48) - 1))
def test_a_uuid7_tells_its_instant(ms: int) -> None:
    identifier = uuid7(ms)

    assert identifier.version == 7
    assert uuid7_ms(identifier) == ms


@pytest.mark.parametrize("ms", [-1, 1 << 48])
def test_an_instant_out_of_range_has_no_uuid7(ms: int) -> None:
    with pytest.raises(ValueError, match="outside"):
        uuid7(ms)


def test_a_random_uuid_tells_no_instant() -> None:
    with pytest.raises(ValueError, match="version 7"):
        uuid7_ms(uuid4())


@given(st.uuids(), st.integers(min_value=1, max_value=(1 << 53) - 1))
def test_an_outbox_row_name_survives_the_wire(epoch: UUID, seq: int) -> None:
    row = OutboxId(epoch, seq)

    assert OutboxId.parse(str(row)) == row


@pytest.mark.parametrize(
    "text",
    ["", ":", "x:1", f"{EPOCH.hex}:0", f"{EPOCH.hex}:-1", f"{EPOCH.hex}:1.5", f"{EPOCH}:1"],
)
def test_what_names_no_outbox_row_is_refused(text: str) -> None:
    with pytest.raises(MalformedPayload):
        OutboxId.parse(text)


def test_topics_name_a_box_and_a_lane() -> None:
    topic = Topic("box-1", Lane.SIGHTING)

    assert str(topic) == "dongseon/1/box-1/sighting"
    assert parse_topic(str(topic)) == topic
    assert every_box(Lane.STATE) == "dongseon/1/+/state"


@pytest.mark.parametrize(
    "topic",
    [
        "dongseon/2/box-1/sighting",
        "dongseon/1/box-1/nonsense",
        "dongseon/1//sighting",
        "dongseon/1/../sighting",
        "dongseon/1/a/b/sighting",
        "sighting",
        "",
    ],
)
def test_foreign_topics_are_refused(topic: str) -> None:
    with pytest.raises(MalformedPayload):
        parse_topic(topic)


def test_times_survive_the_way_there_and_back() -> None:
    assert to_ms(to_datetime(1_760_000_000_123)) == 1_760_000_000_123


def test_a_time_without_zone_names_no_instant() -> None:
    with pytest.raises(ValueError, match="time zone"):
        to_ms(datetime(2026, 1, 1))  # noqa: DTZ001 - the missing zone is the case


def test_stepping_the_wall_clock_leaves_the_stopwatch_alone() -> None:
    clock = ManualClock(1_000)
    clock.advance(2.5)
    clock.set_wall(0)

    assert (clock.now_ms(), clock.monotonic()) == (0, 2.5)


def test_rectangles_overlap_by_their_shared_area() -> None:
    a, b = Rect(0, 0, 10, 10), Rect(5, 0, 15, 10)

    assert a.iou(b) == pytest.approx(1 / 3)
    assert a.iou(Rect(20, 20, 30, 30)) == 0
    assert Rect(-5, -5, 50, 5).clipped(20, 20) == Rect(0, 0, 20, 5)


class Sample(Settings):
    port: int


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("port = 'x'", r"\[port\] Input should be a valid integer"),
        ("prot = 1", r"\[prot\] Extra inputs are not permitted"),
        ("port =", "not TOML"),
        ("", r"\[port\] Field required"),
    ],
)
def test_a_wrong_setting_is_named_with_its_file(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "box.toml"
    path.write_text(text)

    with pytest.raises(ConfigError, match=said) as caught:
        load_toml(Sample, path)
    assert str(path) in str(caught.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        load_toml(Sample, tmp_path / "none.toml")
