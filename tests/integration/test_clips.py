"""Clip and snapshot, from the question to the file: real box, broker and centre."""

import random
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event, Thread
from typing import Any

import httpx
import pytest

from deploy.local.stack import LocalStack
from edge_agent.agent import Agent
from edge_agent.config import EdgeSettings
from edge_agent.loading import BoxModels
from models.detection import Detection
from shared.clock import SystemClock
from shared.pictures import UPLOAD_CAPS, Picture, decode_picture
from tests.breaking_line import BreakingLine
from tests.central.serving import Centre, environment, running_centre
from tests.edge_agent.recording.streams import FPS, encode_numbered, numbers
from tests.ports import free_port
from tests.waiting import LONG_S, wait_until

LENGTH_S = 10
STARTS = datetime.now(UTC).replace(microsecond=0) - timedelta(seconds=60)


class Blind:
    """Sees nothing: only what is recorded matters here."""

    def detect(self, _picture: Picture) -> list[Detection]:
        return []

    def describe(self) -> str:
        return "blind@1 test/CPU/none"


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return encode_numbered(tmp_path / "filmed.mp4", LENGTH_S, noisy=True)


@pytest.fixture
def line() -> Iterator[BreakingLine]:
    with BreakingLine(free_port()) as line:
        yield line


@pytest.fixture
def centre(
    stack: LocalStack, central_database_url: str, line: BreakingLine, tmp_path: Path
) -> Iterator[Centre]:
    settings = environment(central_database_url, stack.broker, tmp_path / "centre", line._target)
    settings["DONGSEON_CENTRAL_UPLOAD_URL"] = f"http://127.0.0.1:{line.port}"
    with running_centre(settings) as running:
        yield running


@pytest.fixture
def start(stack: LocalStack, source: Path, tmp_path: Path) -> Callable[..., Any]:
    """Begin the box, as often as a test likes."""

    @contextmanager
    def begin(**more: object) -> Iterator[None]:
        settings = EdgeSettings.model_validate(
            {
                "box": {"name": "box-clips", "data_dir": tmp_path / "box"},
                "uplink": {
                    "host": stack.broker.host,
                    "port": stack.broker.port,
                    "kbit_per_s": 2_000,
                    "reconnect_max_s": 1.0,
                },
                "recording": {"segment_s": 3},
                "channels": [
                    {
                        "name": "gate",
                        "camera": "cam-1",
                        "source": str(source),
                        "starts_at": STARTS,
                    }
                ],
                **more,
            }
        )
        agent = Agent(settings, BoxModels(Blind(), {}), SystemClock(), random.Random(1))  # noqa: S311
        stop = Event()
        thread = Thread(
            target=agent.run, args=(stop,), kwargs={"when_done": False, "show": lambda _: None}
        )
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join(LONG_S)
            assert not thread.is_alive()

    return begin


def at(seconds: float) -> str:
    return (STARTS + timedelta(seconds=seconds)).isoformat()


def post(
    centre: Centre, path: str, body: Mapping[str, object], status: int = 202
) -> dict[str, Any]:
    answer = httpx.post(f"{centre.url}/api/v1{path}", json=body, timeout=LONG_S)
    assert answer.status_code == status, answer.text
    found: dict[str, Any] = answer.json()
    return found


def clip_of(centre: Centre, identifier: str) -> dict[str, Any]:
    found: dict[str, Any] = centre.get(f"/api/v1/clips/{identifier}").json()
    return found


def wait_for(centre: Centre, identifier: str, state: str) -> dict[str, Any]:
    found: dict[str, Any] = {}

    def is_there() -> bool:
        found.update(clip_of(centre, identifier))
        return found["state"] in {state, "failed"}

    wait_until(is_there)
    assert found["state"] == state, found
    return found


def wait_for_box(centre: Centre) -> None:
    def is_known() -> bool:
        boxes = centre.get("/api/v1/boxes").json()["items"]
        return any(box["box"] == "box-clips" and box["status"] == "online" for box in boxes)

    wait_until(is_known)


def check_clip(centre: Centre, clip: dict[str, Any], out: Path) -> None:
    """Whether the file holds every picture from before 4 s to after 9 s, each at its time."""
    out.write_bytes(centre.get(clip["file_url"]).content)
    starts, ends = (datetime.fromisoformat(clip[name]) for name in ("starts", "ends"))
    assert starts <= STARTS + timedelta(seconds=4)
    assert ends >= STARTS + timedelta(seconds=9)
    shown = numbers(out)
    first = round((starts - STARTS).total_seconds() * FPS)
    assert list(shown.values()) == list(range(first, first + len(shown)))
    assert len(shown) == pytest.approx((ends - starts).total_seconds() * FPS, abs=1)
    for time_ms, number in shown.items():
        assert time_ms == pytest.approx((number - first) * 1000 / FPS, abs=2)


def test_a_clip_whose_upload_breaks_off_goes_on_where_it_was(
    centre: Centre, line: BreakingLine, start: Callable[..., Any], tmp_path: Path
) -> None:
    with start():
        wait_for_box(centre)
        line.cut_after(400_000)
        wanted = {"camera": "cam-1", "from": at(4), "to": at(9), "purpose": "a test"}
        clip = post(centre, "/clips", wanted)
        assert clip["state"] == "asked"
        line.wait_cut()
        wait_until(lambda: bool(clip_of(centre, clip["id"])["progress"]))
        broken = wait_for(centre, clip["id"], "uploading")
        assert 0 < broken["progress"] < 1
        assert centre.get(f"/api/v1/clips/{clip['id']}/file").status_code == 409
        line.mend()
        ready = wait_for(centre, clip["id"], "ready")
        assert line.sent < ready["size"] * 1.3  # it did not begin anew
        check_clip(centre, ready, tmp_path / "clip.mp4")
        assert post(centre, "/clips", wanted)["id"] == clip["id"]

    some = {"range": "bytes=1000-1999"}
    part = httpx.get(centre.url + ready["file_url"], headers=some, timeout=LONG_S)
    assert part.status_code == 206
    assert part.content == (tmp_path / "clip.mp4").read_bytes()[1000:2000]


def test_a_box_that_restarts_in_the_middle_goes_on_uploading(
    centre: Centre, line: BreakingLine, start: Callable[..., Any], tmp_path: Path
) -> None:
    with start():
        wait_for_box(centre)
        line.cut_after(400_000)
        clip = post(centre, "/clips", {"camera": "cam-1", "from": at(4), "to": at(9)})
        line.wait_cut()
    line.mend()
    with start():
        check_clip(centre, wait_for(centre, clip["id"], "ready"), tmp_path / "clip.mp4")


def test_what_cannot_be_had_is_said_and_a_snapshot_needs_no_recording(
    centre: Centre, start: Callable[..., Any]
) -> None:
    with start():
        wait_for_box(centre)
        wait_until(lambda: centre.get("/health/ready").json()["parts"]["clips"]["ready"])
        later = post(centre, "/clips", {"camera": "cam-1", "from": at(3600), "to": at(3610)})
        wait_until(lambda: clip_of(centre, later["id"])["state"] == "failed")
        reason = clip_of(centre, later["id"])["reason"]
        assert "channel gate has no recording from" in reason
        assert f"it is recorded from {STARTS:%Y-%m-%d %H:%M:%S}" in reason
    with start(recording=None):
        none = post(centre, "/clips", {"camera": "cam-1", "from": at(4), "to": at(9)})
        wait_until(lambda: clip_of(centre, none["id"])["state"] == "failed")
        assert "records nothing" in clip_of(centre, none["id"])["reason"]
        snapshot = post(centre, "/snapshots", {"camera": "cam-1", "purpose": "a test"})
        ready = wait_for(centre, snapshot["id"], "ready")
        assert ready["starts"] == ready["ends"]
        file = centre.get(ready["file_url"])
        assert file.headers["content-type"] == "image/jpeg"
        assert decode_picture(file.content, UPLOAD_CAPS).shape == (128, 640, 3)
    post(centre, "/snapshots", {"camera": "nobodys"}, 404)
