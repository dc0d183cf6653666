"""What `make bench-edge` measures, one process each: `python -m tests.bench.edge_runs WHAT WISH`.

WHAT is `agent` (a whole agent on clips), `parts` (what it is made of, alone) and prints JSON; WISH
is a `Wish` as JSON. CPU is that of the process, from when models are loaded and one-time work
(tables, imports) is done.
"""

import json
import random
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from threading import Event
from typing import Any

import numpy as np

from edge_agent.agent import Agent
from edge_agent.config import EdgeSettings
from edge_agent.engine import Engine, EngineParts
from edge_agent.engine.one_by_one import as_frame_detector
from edge_agent.loading import BoxModels, load_models
from edge_agent.pipeline import ChannelParts, ChannelPipeline
from edge_agent.sampling import Sampler
from edge_agent.source import Frame, SourceOptions, open_source
from shared.classes import ObjectClass
from shared.clock import SystemClock
from shared.errors import MalformedPayload
from shared.logs import configure_logs
from shared.messages import Sighting, decode, encode, part_from_crop
from shared.topics import Lane

FPS = 5.0
_CROPS = 64
_CROP = (256, 128)
_HELD_FRAMES = 40


@dataclass(frozen=True)
class Wish:
    """What to run: `channels` times `clip`, a detector, and where the broker is."""

    clip: str
    channels: int = 1
    realtime: bool = False
    gate: bool = True
    detector: str = "starter-detector"
    warm: str = ""
    port: int = 0
    batch: int = 1
    profile: str = "normal"
    smallest: tuple[int, int] = (64, 128)

    def settings(self, folder: Path) -> EdgeSettings:
        """A box with data in `folder`."""
        width, height = self.smallest
        channel = {"source": self.clip, "fps": FPS, "realtime": self.realtime}
        names = [f"c{number}" for number in range(self.channels)]
        return EdgeSettings.model_validate(
            {
                "box": {"name": "bench", "data_dir": folder},
                "uplink": {"host": "127.0.0.1", "port": self.port or 1, "profile": self.profile},
                "models": {"detector": self.detector},
                "engine": {"batch": self.batch},
                "gate": {"on": self.gate},
                "tracklet": {"min_width": width, "min_height": height},
                "channels": [{"name": name, "camera": name, **channel} for name in names],
            }
        )


class MeasuredAgent(Agent):
    """Notes when each sighting was kept."""

    kept: list[tuple[int, bytes]]

    def _emit(self, lane: Lane, payload: bytes) -> None:
        super()._emit(lane, payload)
        if lane is Lane.SIGHTING:
            self.kept.append((self._clock.now_ms(), payload))


def run_agent(wish: Wish) -> dict[str, Any]:
    """A whole agent until its clips have ended and the centre has everything."""
    with tempfile.TemporaryDirectory() as folder:
        settings = wish.settings(Path(folder))
        models = load_models(settings)
        warm_up(settings, models, wish.warm)
        agent = MeasuredAgent(settings, models, SystemClock(), random.Random(1))  # noqa: S311
        agent.kept = []
        began_s, cpu_s = time.monotonic(), time.process_time()
        failed = agent.run(Event(), when_done=True, show=lambda _: None)
        cpu_s, wall_s = time.process_time() - cpu_s, time.monotonic() - began_s
        if failed:
            raise SystemExit(f"channels failed: {failed}")
        counters, engine = agent._counters, agent._engine.status()
        sent, seen = agent._uplink.status().bytes_published, sum(one.sightings for one in counters)
    stream_s = sum(one.position_s for one in counters) + len(counters) / FPS
    return {
        **asdict(wish),
        "stream_s": round(stream_s, 1),
        "wall_s": round(wall_s, 1),
        "cpu_s": round(cpu_s, 2),
        "cpu_per_stream_s": cpu_s / stream_s,
        "rss_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
        "decoded": sum(one.decoded for one in counters),
        "looked_at": engine.frames,
        "calls": engine.calls,
        "still": sum(one.still for one in counters),
        "replaced": engine.replaced,
        "share_each": [round(_share(one.frames, one.replaced), 3) for one in counters],
        "embedded": engine.embedded,
        "embed_calls": engine.embeddings,
        "detections": sum(one.detections for one in counters),
        "sightings": seen,
        "bytes_per_sighting": round(sent / max(1, seen)),
        "messages": len(agent.kept),
        **_of_messages(agent.kept, wish),
    }


def _share(worked: int, replaced: int) -> float:
    return worked / max(1, worked + replaced)


def _of_messages(kept: list[tuple[int, bytes]], wish: Wish) -> dict[str, Any]:
    if not kept:
        return {"median_sighting_bytes": None}
    read = [(at, payload, _sighting(payload)) for at, payload in kept]
    found = {
        "median_sighting_bytes": median(
            len(encode(part_from_crop(one)[0]) if wish.profile == "vectors-first" else payload)
            for _, payload, one in read
        )
    }
    first = [(at, one) for at, _, one in read if one.revision == 0 and not one.ended]
    late_ms = [at - one.last_seen_ms for at, one in first]
    if wish.realtime and late_ms:
        p50, p95 = np.percentile(late_ms, (50, 95))
        found.update({"latency_p50_ms": round(float(p50)), "latency_p95_ms": round(float(p95))})
    return found


def _sighting(payload: bytes) -> Sighting:
    try:
        return decode(Sighting, payload)
    except MalformedPayload as error:
        raise SystemExit(f"the agent sent what is no sighting: {error}") from error


def warm_up(settings: EdgeSettings, models: BoxModels, clip: str) -> None:
    """Do once what is done once: tables, imports, compiled networks."""
    if not clip:
        return
    channel = settings.channels[0].model_copy(update={"source": clip, "realtime": False})
    clock = SystemClock()
    parts = ChannelParts(
        settings=channel,
        tracklet=settings.tracklet,
        detector=models.detector,
        embedders=models.embedders,
        readers=models.readers,
        emit=lambda _lane, _payload: None,
        clock=clock,
    )
    with Engine(EngineParts(models.detector, models.embedders, clock)) as engine:
        ChannelPipeline(parts, engine).run(Event())


def run_parts(wish: Wish) -> dict[str, float]:
    """CPU milliseconds of each part alone: a second of decoding, a detection, an embedding."""
    with tempfile.TemporaryDirectory() as folder:
        models = load_models(wish.settings(Path(folder)))
    frames: list[Frame] = []
    last: Frame | None = None

    def decode_all() -> int:
        nonlocal last
        for number, last in enumerate(_frames(wish)):
            if number % 5 == 0 and len(frames) < _HELD_FRAMES:
                frames.append(last)
        return 1

    decoding_ms = _cpu_ms(decode_all)
    seconds = (last.position_s if last else 0.0) + 1 / FPS
    found = [models.detector.detect(frame.picture) for frame in frames[:1]]
    held = iter(frames)
    embedder = models.embedders[ObjectClass.PERSON]
    noise = np.random.default_rng(1).integers(0, 255, (8, *_CROP, 3), dtype=np.uint8)
    embedder.embed(list(noise))
    return {
        "decode_ms_per_s": decoding_ms / seconds,
        "detect_ms": _cpu_ms(lambda: _detect(models, held)) / len(frames) if found else 0.0,
        "embed_ms": _cpu_ms(lambda: [embedder.embed(list(noise)) for _ in range(8)]) / _CROPS,
        "embed_alone_ms": _cpu_ms(
            lambda: [embedder.embed([crop]) for crop in noise for _ in range(8)]
        )
        / _CROPS,
    }


def _detect(models: BoxModels, frames: Iterator[Frame]) -> None:
    detector = as_frame_detector(models.detector)
    for frame in frames:
        detector.detect_all([frame.image])


def _frames(wish: Wish) -> Iterator[Frame]:
    options = SourceOptions("bench", SystemClock(), Sampler(FPS), starts_at_ms=0, fps=FPS)
    return open_source(wish.clip, options).frames(Event())


def _cpu_ms(work: Callable[[], object]) -> float:
    began = time.process_time()
    work()
    return 1000 * (time.process_time() - began)


def main() -> None:
    """Run what is asked for."""
    configure_logs(json=True, level="warning")
    what, wish = sys.argv[1], Wish(**json.loads(sys.argv[2]))
    runs: dict[str, Callable[[Wish], dict[str, Any]]] = {"agent": run_agent, "parts": run_parts}
    json.dump(runs[what](wish), sys.stdout)


if __name__ == "__main__":
    main()
