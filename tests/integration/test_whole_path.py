"""A real box and a real centre, while everything between them is killed."""

import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import av
import pytest
from sqlalchemy import create_engine, text

from deploy.demo.cast import CASTS, CastName
from deploy.local.stack import LocalStack
from edge_agent.outbox.file import FILE_NAME
from tests.central.serving import Centre, environment, running_centre
from tests.waiting import LONG_S, wait_until

pytestmark = [pytest.mark.stack, pytest.mark.models, pytest.mark.slow]

PUBLIC = CASTS[CastName.PUBLIC]

CLIP_S = 30.0
# Half of each picture, half of the frames: many people, and quick enough to be killed in the midst.
BOX = """
[box]
name = "box-a"
data_dir = "{data}"
[uplink]
host = "{host}"
port = {port}
[models]
detector = "{detector}"
person_embedder = "{embedder}"
[tracklet]
min_width = 16
min_height = 40
[[channels]]
name = "east"
camera = "cam-east"
source = "{clip}"
fps = 5
crop = {{ left = 384, top = 0, right = 768, bottom = 576 }}
"""


class Box:
    """An agent's configuration and data, and its runs."""

    def __init__(self, home: Path, stack: LocalStack, clip: Path) -> None:
        self.data = home / "box-a"
        self.config = home / "box.toml"
        broker = stack.broker
        self.config.write_text(
            BOX.format(
                data=self.data,
                host=broker.host,
                port=broker.port,
                clip=clip,
                detector=PUBLIC.detector,
                embedder=PUBLIC.person_embedder,
            )
        )

    @contextmanager
    def running(self) -> Iterator[subprocess.Popen[bytes]]:
        command = [sys.executable, "-m", "deploy", "edge", "run", "--exit-when-done"]
        process = subprocess.Popen(
            [*command, "--config", str(self.config)], env=os.environ | {"OMP_NUM_THREADS": "1"}
        )
        try:
            yield process
        finally:
            process.kill()
            process.wait()

    def status(self) -> dict[str, int]:
        """What the run so far has seen and sent."""
        try:
            written = json.loads((self.data / "status.json").read_text())
        except FileNotFoundError:
            return {"sightings": 0, "acked": 0}
        sightings = sum(channel["sightings"] for channel in written["channels"])
        return {"sightings": sightings, "acked": written["uplink"]["acked"]}

    def highest_row(self) -> int:
        """The last sequence number the outbox ever gave."""
        with closing(sqlite3.connect(self.data / FILE_NAME)) as outbox:
            found = outbox.execute("SELECT seq FROM sqlite_sequence").fetchone()
        return int(found[0])


@pytest.fixture
def centre(stack: LocalStack, central_database_url: str, tmp_path: Path) -> Iterator[Centre]:
    with running_centre(
        environment(central_database_url, stack.broker, tmp_path / "centre")
    ) as running:
        yield running


def beginning_of(clip: Path, out: Path) -> Path:
    """The first `CLIP_S` seconds of `clip` as they are."""
    with av.open(str(clip)) as whole, av.open(str(out), "w") as cut:
        (stream,) = whole.streams.video
        written = cut.add_stream_from_template(stream)
        for packet in whole.demux(stream):
            if packet.pts is None or packet.pts * packet.time_base > CLIP_S:
                break
            packet.stream = written
            cut.mux(packet)
    return out


def test_nothing_is_lost_or_doubled_while_agent_and_broker_are_killed(
    stack: LocalStack,
    central_database_url: str,
    centre: Centre,
    model_mirror: Path,
    vtest_avi: Path,
    tmp_path: Path,
) -> None:
    pull = ["models", "pull", "--mirror", str(model_mirror), *PUBLIC.names]
    subprocess.run([sys.executable, "-m", "deploy", *pull], check=True)
    box = Box(tmp_path, stack, beginning_of(vtest_avi, tmp_path / "beginning.avi"))

    with box.running():
        wait_until(lambda: box.status()["acked"] >= 1)  # kill -9 while rows are on their way
    (box.data / "status.json").unlink()
    with box.running():
        wait_until(lambda: box.status()["sightings"] >= 3)
        stack.broker.kill()  # after its PUBACKs, before or after the centre has seen the rows
        stack.broker.start()
        wait_until(lambda: box.status()["acked"] >= 3)
    with box.running() as last:
        assert last.wait(5 * LONG_S) == 0

    rows = box.highest_row()
    assert received(central_database_url) == [(1, rows)]
    status = centre.get("/api/v1/status").json()
    assert status["quarantined"] == 0
    assert 0 < status["sightings"] <= rows


def received(database_url: str) -> list[tuple[int, int]]:
    """The ranges of row numbers, first and last, that the centre has committed."""
    engine = create_engine(database_url)
    with engine.connect() as connection:
        ranges = connection.execute(
            text("SELECT lower(r), upper(r) - 1 FROM outbox_ledger, unnest(received) AS r")
        )
        found = [(int(low), int(high)) for low, high in ranges]
    engine.dispose()
    return found
