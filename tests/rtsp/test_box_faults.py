"""A whole box whose cameras fail: it says why, since when, and never a password."""

import json
import random
from pathlib import Path
from threading import Event, Thread

from structlog.testing import capture_logs

from deploy.local.stack import LocalStack
from edge_agent.agent import Agent
from edge_agent.config import ChannelSettings
from edge_agent.counters import ChannelCounters
from edge_agent.status import AgentStatus, ChannelStatus
from shared.clock import SystemClock
from shared.messages import MAX_WHY
from tests.edge_agent.link.test_agent import MODELS, settings_of
from tests.rtsp.camera import Cameras
from tests.rtsp.clips import encode_units, street, write_units
from tests.waiting import LONG_S, wait_until


def test_a_channel_is_down_since_its_first_failure_in_a_row() -> None:
    counters = ChannelCounters("gate")
    counters.fail("no answer", 1000)
    counters.status = "starting"
    counters.fail("refused", 5000)
    status = ChannelStatus.of(counters)
    assert (status.why, status.down_since_ms) == ("refused", 1000)
    counters.frames, counters.status = 1, "running"
    assert (ChannelStatus.of(counters).why, ChannelStatus.of(counters).down_since_ms) == ("", None)
    counters.fail("silent", 9000)
    assert ChannelStatus.of(counters).down_since_ms == 9000


def test_a_long_reason_is_cut_for_the_wire() -> None:
    counters = ChannelCounters("gate")
    counters.fail("x" * 10_000, 1000)
    assert ChannelStatus.of(counters).telemetry().why == "x" * MAX_WHY


def both_are_told(status: AgentStatus) -> bool:
    """Whether the first channel works and the second has failed."""
    well, ill = status.channels
    return well.frames >= 10 and ill.status == "failed"


def test_a_box_says_why_a_channel_is_down_while_the_others_work(
    stack: LocalStack, cameras: Cameras, tmp_path: Path
) -> None:
    clip = write_units(tmp_path / "street.units", encode_units(street(4)))
    gate = cameras.camera(clip)
    door = cameras.camera(clip, user="admin", password="s3cret", scheme="digest")  # noqa: S106
    gate.plug()
    door.plug()
    settings = settings_of(stack, tmp_path, source=gate.url())
    ill = ChannelSettings(name="door", camera="cam-2", source=door.url(login="admin:wr0ng"))
    settings = settings.model_copy(update={"channels": (*settings.channels, ill)})
    seen, stop, began_ms = list[AgentStatus](), Event(), SystemClock().now_ms()
    with capture_logs() as logs:
        agent = Agent(settings, MODELS, SystemClock(), random.Random(1))  # noqa: S311
        run = Thread(
            target=agent.run, args=(stop,), kwargs={"when_done": False, "show": seen.append}
        )
        run.start()
        wait_until(lambda: any(map(both_are_told, seen)))
        told_ms = SystemClock().now_ms()
        stop.set()
        run.join(LONG_S)
    well, down = next(filter(both_are_told, seen)).channels
    assert (well.status, well.why) == ("running", "")
    assert (down.status, down.frames) == ("failed", 0)
    assert "refuses the user or the password" in down.why
    assert down.down_since_ms is not None
    assert began_ms <= down.down_since_ms <= told_ms
    assert "wr0ng" not in json.dumps(logs, default=str) + seen[-1].model_dump_json()
