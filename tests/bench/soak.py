"""Whether an agent's memory grows: `make soak HOURS=24`.

One agent, a process of its own, records and watches four looped clips as fast as it can, and sends
what passes to a broker and a centre that acknowledges it. `HOURS` are simulated: four channels of
200 objects an hour, so 24 hours are 19,200 sightings. The networks are replaced by something quick
that sees coloured blocks; `MODELS=starter` runs `dongseon edge run` with the ones that come along.

Resident memory, open files and threads are read each half second. The slope is that of ordinary
least squares over the means of twenty batches, after a quarter of the run has passed, with its
95 % confidence interval (batch means, as in Law: Simulation Modeling and Analysis, section 9.5:
single readings follow each other too closely to be independent). JSON goes to standard output.
"""

import argparse
import json
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import paho.mqtt.client as mqtt
from scipy import stats

from deploy.local.stack import LocalStack
from edge_agent.agent import Agent
from edge_agent.config import load_config
from edge_agent.loading import BoxModels
from models.detection import Detection
from shared.classes import ObjectClass
from shared.clock import SystemClock
from shared.geometry import Rect
from shared.logs import configure_logs
from shared.pictures import Picture
from shared.topics import Lane, Topic
from shared.vectors import Vector
from tests.edge_agent.link.centre import TinyCentre, _row_of
from tests.edge_agent.media.clips import Actor, ColourDetector, ColourEmbedder, encode_clip, scene

CHANNELS = 4
PER_HOUR = 200
EVERY_S = 0.5
BATCHES = 20
WARM_UP = 0.25
SCALE = 4
SIZE = (240, 180)
FPS = 5
COLOURS = ((20, 20, 230), (20, 230, 20), (230, 20, 20), (20, 230, 230))
CONFIG = """
[box]
name = "box-soak"
data_dir = "{home}/box"
[uplink]
host = "{host}"
port = {port}
[recording]
quota_gb = 0.005
segment_s = 5
"""
CHANNEL = """
[[channels]]
name = "channel-{number}"
camera = "cam-{number}"
source = "{home}/{number}.mp4"
fps = 5
loop = true
"""


class Reading(NamedTuple):
    """The agent at one moment. `rss` is in bytes."""

    sightings: int
    rss: int
    files: int
    threads: int


class Slope(NamedTuple):
    """Bytes a simulated hour, and the ends of its 95 % confidence interval."""

    slope: float
    low: float
    high: float


class QuickDetector(ColourDetector):
    """Sees the blocks in a sixteenth of the pixels."""

    def detect(self, picture: Picture) -> list[Detection]:
        """See `ColourDetector`."""
        found = super().detect(np.ascontiguousarray(picture[::SCALE, ::SCALE]))
        return [each._replace(rect=Rect(*(side * SCALE for side in each.rect))) for each in found]


class ForgetfulEmbedder(ColourEmbedder):
    """Does not keep the crops it is shown, as the one for tests does."""

    def embed(self, crops: Sequence[Picture]) -> Vector:
        """See `ColourEmbedder`."""
        vectors = super().embed(crops)
        self.crops.clear()
        return vectors


class ForgetfulCentre(TinyCentre):
    """Acknowledges rows and keeps none of them."""

    def _take(self, topic: Topic, message: mqtt.MQTTMessage) -> None:
        row = _row_of(message)
        if row is not None and topic.lane in {Lane.SIGHTING, Lane.ALERT, Lane.TELEMETRY}:
            self.ack(topic.box, row)


def box(config: Path) -> None:
    """The agent's process, with the quick networks."""
    configure_logs(json=True, level="warning")
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    models = BoxModels(QuickDetector(COLOURS), {ObjectClass.PERSON: ForgetfulEmbedder()})
    agent = Agent(load_config(config), models, SystemClock(), random.Random(1))  # noqa: S311
    agent.run(stop, when_done=False, show=lambda _: None)


def film(home: Path) -> None:
    """Four clips, each of the four blocks coming through one after the other."""
    times = [index / FPS for index in range(round(9 * FPS))]
    for number in range(CHANNELS):
        actors = [
            Actor(colour, Rect(0, 20, 70, 160), (80.0, 0.0), place * 2.0, place * 2.0 + 2.0)
            for place, colour in enumerate((*COLOURS[number:], *COLOURS[:number]))
        ]
        pictures = (scene(actors, time, SIZE) for time in times)
        encode_clip(home / f"{number}.mp4", pictures, times)


def configure(home: Path, stack: LocalStack) -> Path:
    """The agent's configuration."""
    config = home / "box.toml"
    broker = stack.broker
    text = CONFIG.format(home=home, host=broker.host, port=broker.port)
    channels = (CHANNEL.format(home=home, number=number) for number in range(CHANNELS))
    config.write_text(text + "".join(channels))
    return config


def watch(process: subprocess.Popen[bytes], home: Path, target: int) -> list[Reading]:
    """Readings until `target` sightings were made."""
    readings: list[Reading] = []
    while not readings or readings[-1].sightings < target:
        time.sleep(EVERY_S)
        if process.poll() is not None:
            raise SystemExit(f"the agent has ended with code {process.returncode}")
        try:
            status = json.loads((home / "box/status.json").read_text())
        except FileNotFoundError:
            continue  # it has only begun
        made = sum(channel["sightings"] for channel in status["channels"])
        readings.append(look(process.pid, made))
        if len(readings) % 60 == 0:
            show(readings[-1], target)
    return readings


def look(pid: int, sightings: int) -> Reading:
    """The process as the kernel sees it."""
    lines = Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines()
    fields = dict(line.split(":", 1) for line in lines)
    return Reading(
        sightings,
        int(fields["VmRSS"].split()[0]) * 1024,
        sum(1 for _ in Path(f"/proc/{pid}/fd").iterdir()),
        int(fields["Threads"]),
    )


def slope_of(readings: list[Reading], per_hour: int) -> Slope:
    """How memory grows with simulated time."""
    hours = np.array([reading.sightings / per_hour for reading in readings])
    rss = np.array([reading.rss for reading in readings], dtype=float)
    edges = np.linspace(0, len(readings), BATCHES + 1).astype(int)
    batches = [slice(start, end) for start, end in pairwise(edges)]
    means = [(hours[batch].mean(), rss[batch].mean()) for batch in batches]
    fit = stats.linregress(*zip(*means, strict=True))
    reach = float(stats.t.ppf(0.975, BATCHES - 2) * fit.stderr)
    return Slope(float(fit.slope), float(fit.slope) - reach, float(fit.slope) + reach)


def figures(readings: list[Reading], wall_s: float) -> dict[str, Any]:
    """What is printed."""
    per_hour = CHANNELS * PER_HOUR
    settled = readings[round(len(readings) * WARM_UP) :]
    slope = slope_of(settled, per_hour)
    first, last = settled[0], settled[-1]
    return {
        "hours": round(last.sightings / per_hour, 1),
        "channels": CHANNELS,
        "sightings": last.sightings,
        "wall_s": round(wall_s),
        "readings": len(readings),
        "rss_first_mib": round(readings[0].rss / 2**20, 1),
        "rss_settled_mib": round(first.rss / 2**20, 1),
        "rss_last_mib": round(last.rss / 2**20, 1),
        "rss_peak_mib": round(max(reading.rss for reading in readings) / 2**20, 1),
        "slope_kib_per_hour": round(slope.slope / 1024, 2),
        "slope_low_kib_per_hour": round(slope.low / 1024, 2),
        "slope_high_kib_per_hour": round(slope.high / 1024, 2),
        "within_noise": slope.low <= 0 <= slope.high,
        "files_settled": first.files,
        "files_last": last.files,
        "files_peak": max(reading.files for reading in settled),
        "threads_settled": first.threads,
        "threads_last": last.threads,
        "threads_peak": max(reading.threads for reading in settled),
    }


def show(reading: Reading, target: int) -> None:
    """A line for whoever waits."""
    print(  # noqa: T201 - the benchmark's own progress
        f"{reading.sightings:>7} of {target} sightings   RSS {reading.rss / 2**20:6.1f} MiB   "
        f"{reading.files} files   {reading.threads} threads",
        file=sys.stderr,
    )


def soak(home: Path, hours: float, command: Callable[[Path], list[str]]) -> dict[str, Any]:
    """Run the agent through `hours` simulated hours."""
    target = round(hours * CHANNELS * PER_HOUR)
    film(home)
    with LocalStack(home / "stack") as stack:
        config = configure(home, stack)
        with ForgetfulCentre(stack.broker.host, stack.broker.port):
            began = time.monotonic()
            with subprocess.Popen(command(config)) as process:
                try:
                    readings = watch(process, home, target)
                finally:
                    process.terminate()
    return figures(readings, time.monotonic() - began)


def main() -> None:
    """Measure and print; with `--box`, be the agent."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--hours", type=float, default=24.0)
    parser.add_argument("--models", choices=("quick", "starter"), default="quick")
    parser.add_argument("--box", type=Path)
    chosen = parser.parse_args()
    if chosen.box is not None:
        box(chosen.box)
        return

    def command(config: Path) -> list[str]:
        if chosen.models == "starter":
            return [sys.executable, "-m", "deploy", "edge", "run", "--config", str(config)]
        return [sys.executable, "-m", "tests.bench.soak", "--box", str(config)]

    home = Path(tempfile.mkdtemp())
    # The servers run as other users, who must be able to enter.
    home.chmod(0o755)
    try:
        found = soak(home, chosen.hours, command)
    finally:
        shutil.rmtree(home)
    for name, value in found.items():
        print(f"{name:<26}{value}", file=sys.stderr)  # noqa: T201 - the benchmark's own table
    json.dump(found, sys.stdout, indent=2)


if __name__ == "__main__":
    main()
