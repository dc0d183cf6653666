"""What the edge costs, beside the sum of its parts and the obvious script: `make bench-edge`.

Each run is a process of its own on one real clip, encoded anew as a camera sends it: the campus
clip (15 objects in a frame) and the same place with nobody there. `ratio_to_floor` compares a whole
agent (decoding to acknowledged sightings, real Mosquitto) with decoding, detections and embeddings
alone, as many as the agent needed, in this same run; `ratio_to_obvious_script` with
`obvious_script.py`; each is the median over rounds that alternate. Frame to sighting is the time
from when a frame is due until revision 0 is durably in the outbox.

    python -m tests.bench.edge [--quick] [--rounds 3] [--channels 1,4] [--seconds 30]

The obvious script needs PyPI's `trackers`, which asks for another build of OpenCV than the
project's and is therefore not among its dependencies; without it that part is left out:

    pip install --no-deps --target FOLDER trackers supervision pydeprecate defusedxml matplotlib \
        tqdm requests
    PYTHONPATH=FOLDER make bench-edge
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import asdict
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from typing import Any

from rich.console import Console
from rich.table import Table

from deploy.clips import find_vtest
from deploy.local.stack import LocalStack
from models.sources import find_mirror
from models.store import ModelStore
from shared.errors import DongseonError
from tests.bench.clips import Coding, encoded, quiet
from tests.bench.edge_runs import Wish
from tests.bench.repeating import repeated
from tests.edge_agent.link.centre import TinyCentre

DETECTORS = (
    "starter-detector",
    "yolox-nano-416",
    "person-vehicle-bike-detection-2004",
    "person-vehicle-bike-detection-2003",
)
SHAPES = {"1080p25": (1920, 1080, 25), "360p15": (640, 360, 15)}
# The size rule of the large stream, and as much of the place in the small one.
SMALLEST = {"1080p25": (64, 128), "360p15": (21, 43)}
SUBSTREAM = "360p15"
OWN = "ratio_to_obvious_script"
SCRIPTS = {OWN: "starter-detector", f"{OWN}_public": "yolox-nano-416"}
"""The obvious script with the agent's own weights in fp32, and with those one finds on the web."""

ROUNDS = 5
_QUIET_TIMES = 3.0
_QUIET_S = 6.0
_WARM_S = 8.0
_KEYS_EVERY_S = 2
_SHOWN = (
    "what",
    "channels",
    "cpu_per_stream_s",
    "wall_s",
    "looked_at",
    "replaced",
    "embedded",
    "sightings",
    "latency_p50_ms",
    "latency_p95_ms",
    "rss_mb",
)

Row = dict[str, Any]


class Bench:
    """Runs, a process each, and keeps what they printed."""

    def __init__(self, port: int, seconds: float) -> None:
        self._port = port
        self._seconds = seconds
        self._vtest = find_vtest()
        self.rows: list[Row] = []

    def clip(self, shape: str, scene: str, seconds: float | None = None) -> str:
        """The path of the busy or quiet clip of that shape."""
        width, height, fps = SHAPES[shape]
        length_s = seconds or self._seconds
        gop = fps * _KEYS_EVERY_S
        if scene == "busy":
            return str(encoded(self._vtest, Coding(width, height, fps, gop, length_s)))
        # Long, for a channel is watched closely for a while before it is taken to be quiet.
        empty = quiet(self._vtest, Coding(width, height, fps, gop, _QUIET_S))
        return str(repeated(empty, round(length_s * _QUIET_TIMES / _QUIET_S)))

    def agent(self, shape: str, scene: str, channels: int = 1, **more: Any) -> Row:  # noqa: ANN401
        """A whole agent on so many channels."""
        wish = Wish(
            clip=self.clip(shape, scene),
            channels=channels,
            warm=self.clip(shape, "busy", _WARM_S),
            port=self._port,
            smallest=SMALLEST[shape],
            **more,
        )
        pace = "real time" if wish.realtime else "as fast as it goes"
        return self._keep(f"{shape} {scene}, {pace}, {wish.detector}", _run("agent", wish))

    def parts(self, shape: str) -> Row:
        """The parts of an agent alone, on the busy clip."""
        return _run("parts", Wish(clip=self.clip(shape, "busy"), smallest=SMALLEST[shape]))

    def script(self, shape: str, detector: str, scene: str = "busy") -> Row:
        """The obvious script on a clip, with that detector in fp32."""
        store, weights = ModelStore(), []
        for name in (detector, "starter-person-embedder"):
            entry = store.catalogue.entry(name)
            path = store.require(entry, "FP32")
            weights.append(f"{path}:{entry.input.width}x{entry.input.height}")
        words = [self.clip(shape, scene), *weights, str(self._port)]
        what = f"{shape} {scene}, obvious script, {detector}"
        return self._keep(what, _python("obvious_script", *words))

    def _keep(self, what: str, row: Row) -> Row:
        self.rows.append({"what": what, "channels": 1, **row})
        sys.stderr.write(f"{what}: {row['cpu_per_stream_s']:.3f} CPU s a stream s\n")
        return row


def _run(what: str, wish: Wish) -> Row:
    return _python("edge_runs", what, json.dumps(asdict(wish)))


def _python(module: str, *words: str) -> Row:
    done = subprocess.run(
        [sys.executable, "-m", f"tests.bench.{module}", *words],
        capture_output=True,
        check=False,
        text=True,
    )
    if done.returncode:
        raise SystemExit(f"{module} {words} failed:\n{done.stderr[-2000:]}")
    row: Row = json.loads(done.stdout)
    return row


def floor_of(parts: Row, agent: Row) -> float:
    """CPU seconds a stream second of what `agent` did, each part alone."""
    looks, crops = agent["looked_at"] / agent["stream_s"], agent["embedded"] / agent["stream_s"]
    return float(
        (parts["decode_ms_per_s"] + looks * parts["detect_ms"] + crops * parts["embed_ms"]) / 1000
    )


def ratios(bench: Bench, shape: str, rounds: int) -> Row:
    """What the goals are about: medians over rounds that alternate."""
    found: dict[str, list[float]] = {}
    parts_of = []
    scripts = _scripts()
    for _ in range(rounds):
        parts, busy = bench.parts(shape), bench.agent(shape, "busy")
        quiet_s = bench.agent(shape, "quiet")["cpu_per_stream_s"]
        cost = busy["cpu_per_stream_s"]
        parts_of.append(parts)
        ratio = {"ratio_to_floor": cost / floor_of(parts, busy), "quiet_to_busy": quiet_s / cost}
        for name, detector in scripts.items():
            ratio[name] = cost / bench.script(shape, detector)["cpu_per_stream_s"]
        if OWN in scripts:
            ratio[f"{OWN}_quiet"] = (
                quiet_s / (bench.script(shape, scripts[OWN], "quiet")["cpu_per_stream_s"])
            )
            # A camera with a smaller stream beside the large one, which is all the script knows.
            small = bench.agent(SUBSTREAM, "busy")["cpu_per_stream_s"]
            ratio[f"{OWN}_substream"] = small / (cost / ratio[OWN])
        for name, value in ratio.items():
            found.setdefault(name, []).append(value)
    return {
        "parts": {name: round(median(row[name] for row in parts_of), 2) for name in parts_of[0]},
        **dict.fromkeys(SCRIPTS),
        **{name: round(median(values), 3) for name, values in found.items()},
    }


def _scripts() -> dict[str, str]:
    """The detector of each obvious script that can be run here."""
    if find_spec("trackers") is None:
        sys.stderr.write("left out: the obvious script: no package `trackers`, see above\n")
        return {}
    here = _installed(tuple(SCRIPTS.values()))
    return {name: detector for name, detector in SCRIPTS.items() if detector in here}


def _installed(wanted: tuple[str, ...]) -> list[str]:
    """Those of the detectors whose weights are here, or in the mirror."""
    store, found = ModelStore(), []
    for name in wanted:
        try:
            if not store.catalogue.entry(name).shipped:
                store.pull(name, find_mirror(None, os.environ))
        except DongseonError as error:
            sys.stderr.write(f"left out: {name}: {error}\n")
            continue
        found.append(name)
    return found


def measure(bench: Bench, options: argparse.Namespace) -> Row:
    """All runs."""
    figures = ratios(bench, "1080p25", options.rounds or (1 if options.quick else ROUNDS))
    shapes = ("1080p25",) if options.quick else tuple(SHAPES)
    for shape in shapes:
        for channels in options.channels:
            for scene in ("busy", "quiet"):
                bench.agent(shape, scene, channels)
            bench.agent(shape, "busy", channels, realtime=True)
    batches = {
        count: bench.agent("1080p25", "busy", 4, batch=count)["cpu_per_stream_s"]
        for count in ((1, 2) if options.quick else (1, 2, 4))
    }
    profiles = {
        name: bench.agent("1080p25", "busy", profile=name)
        for name in ("normal", "thrifty", "vectors-first")
    }
    costs = {
        name: bench.agent("1080p25", "busy", detector=name)["cpu_per_stream_s"]
        for name in _installed(DETECTORS[:1] if options.quick else DETECTORS)
    }
    sizes = [
        row.get("median_sighting_bytes")
        for row in bench.rows
        if row.get("profile", "normal") == "normal"
    ]
    return {
        **figures,
        "gate_recall": None if options.quick else _python("gate")["gate_recall"],
        "median_sighting_bytes": median(size for size in sizes if size),
        "profiles": {
            name: {what: row[what] for what in ("median_sighting_bytes", "bytes_per_sighting")}
            for name, row in profiles.items()
        },
        "channels_per_core": {name: round(1 / cost, 2) for name, cost in costs.items()},
        "batch_to_single": {count: round(cost / batches[1], 3) for count, cost in batches.items()},
        "runs": bench.rows,
    }


def _show(figures: Row, console: Console) -> None:
    table = Table(*(_SHOWN), title="CPU seconds a stream second, one process a run")
    for row in figures["runs"]:
        cells = (row.get(name, "") for name in _SHOWN)
        table.add_row(*(f"{cell:.3f}" if isinstance(cell, float) else str(cell) for cell in cells))
    console.print(table)
    for name, value in figures.items():
        if name != "runs":
            console.print(f"{name}: {value}")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true", help="one round, 1080p25, two counts")
    parser.add_argument("--rounds", type=int, help="how often the ratios are measured")
    parser.add_argument("--channels", help="how many at a time, e.g. 1,4,8,16")
    parser.add_argument("--seconds", type=float, help="length of the clips")
    options = parser.parse_args()
    counts = options.channels or ("1,4" if options.quick else "1,4,8,16")
    options.channels = [int(count) for count in counts.split(",")]
    seconds = options.seconds or (20.0 if options.quick else 30.0)
    home = tempfile.mkdtemp()
    # The servers run as other users, who must be able to enter.
    Path(home).chmod(0o755)
    with LocalStack(Path(home) / "stack") as stack:
        broker = stack.broker
        with TinyCentre(broker.host, broker.port):
            figures = measure(Bench(broker.port, seconds), options)
    shutil.rmtree(home)
    _show(figures, Console(stderr=True, width=160))
    json.dump(figures, sys.stdout, indent=1)


if __name__ == "__main__":
    main()
