"""What the motion gate saves, and what it misses: `make bench-gate`.

Real clips, re-encoded as a camera sends them (H.264, a key frame every 2 s), are read twice, with
every sampled frame looked at and through the gate; both runs share one detector's answers. A
tracklet of the first run counts as found if one of the second lies at the same place at the same
time. JSON goes to standard output, tables to standard error.
"""

import json
import os
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from threading import Event
from typing import Literal

import av
from rich.console import Console
from rich.table import Table

from edge_agent.gate import GatePolicy, MotionGate
from edge_agent.sampling import Sampler
from edge_agent.source import Frame, FrameImage, SourceOptions, open_source
from edge_agent.tracker import Tracker, TrackerSettings
from models.detection import Detection
from models.preparation import Size
from models.roles import Detector, LoadOptions, load_detector
from models.sources import find_mirror
from models.store import ModelStore
from shared.clock import SystemClock
from shared.geometry import Rect
from tests.bench.clips import Coding, encoded, quiet, real_clips
from tests.bench.weather import EFFECTS

DETECTOR = "person-vehicle-bike-detection-2004"
FPS = 5.0
GOAL = 0.99
# The clips are small: people of 20 x 48 are what a street of 1080p shows at 64 x 128.
POLICY = GatePolicy(object_width=10, object_height=24)
_LEAST = Size(20, 48)
_SECONDS = 30.0
_SAME_PLACE = 0.3
_SAME_TIME_S = 0.5
_CLOCK = SystemClock()
_BUSY = "intel_person-bicycle-car.mp4"
_WEATHERED = "cctv_shop_door_640x360.mp4"
_STREAMS = {"1080p25": (1920, 1080, 25), "360p15": (640, 360, 15)}
_COST_SECONDS = 10.0
_SETTLED_S = 20.0
_WATCHED_S = 20.0

Track = dict[float, Rect]
"""Where a tracklet was, by its time in seconds."""


Use = Callable[[FrameImage], object]
"""What is asked of every decoded frame."""

_DETECTOR_SIZE = Size(672, 384)
_WAYS: dict[str, tuple[Literal["DEFAULT", "NONREF", "NONKEY"], Use | None]] = {
    "decoded": ("DEFAULT", None),
    "+ luma of the gate": ("DEFAULT", lambda image: image.luma(Size(180, 101))),
    "+ BGR of the detector's size": ("DEFAULT", lambda image: image.scaled(_DETECTOR_SIZE)),
    "+ a crop of 128 x 256": ("DEFAULT", lambda image: image.cut(Rect(100, 50, 228, 306))),
    "+ all of it in BGR": ("DEFAULT", lambda image: image.picture),
    "without frames that no other needs": ("NONREF", None),
    "key frames only": ("NONKEY", None),
}


@dataclass
class Answers:
    """A detector's answers, asked for once a frame."""

    detector: Detector
    known: dict[tuple[Path, float], list[Detection]] = field(default_factory=dict)

    def of(self, clip: Path, frame: Frame) -> list[Detection]:
        """What the frame of `clip` shows."""
        key = (clip, round(frame.position_s, 2))
        if key not in self.known:
            self.known[key] = self.detector.detect(frame.picture)
        return self.known[key]


@dataclass(frozen=True)
class Row:
    """What one clip showed."""

    clip: str
    seconds: float
    tracklets: int
    found: int
    frames: int
    looks: int
    decoded: int
    reasons: dict[str, int]

    @property
    def shown(self) -> list[str]:
        """The cells of its line."""
        why = ", ".join(f"{name} {count}" for name, count in sorted(self.reasons.items()))
        share = f"{self.looks / self.frames:.0%}"
        return [self.clip, f"{self.found}/{self.tracklets}", share, str(self.decoded), why]


def main() -> None:
    """Measure and print."""
    answers = Answers(_detector())
    rows = [_measured(clip, name, answers) for name, clip in _prepared()]
    _print(["clip", "found", "looked at", "decoded", "why"], [row.shown for row in rows])
    costs = decode_costs()
    _print(
        ["stream", "what", "ms a frame"], [[stream, what, str(ms)] for stream, what, ms in costs]
    )
    found, wanted = sum(row.found for row in rows), sum(row.tracklets for row in rows)
    figures = {
        "gate_recall": round(found / wanted, 4),
        "tracklets": wanted,
        "watching_cpu_s_per_s": quiet_to_busy(answers),
        "clips": [asdict(row) for row in rows],
        "decode_ms": {f"{stream}: {what}": ms for stream, what, ms in costs},
    }
    json.dump(figures, sys.stdout, indent=1)


def _detector() -> Detector:
    store = ModelStore()
    store.pull(DETECTOR, find_mirror(None, os.environ))
    return load_detector(DETECTOR, LoadOptions(store=store, score=TrackerSettings().low))


def _prepared() -> Iterator[tuple[str, Path]]:
    """Every clip as a camera sends it, and some in bad weather."""
    for clip in real_clips():
        yield clip.stem, encoded(clip, _like(clip))
    clip = _clip(_WEATHERED)
    for name, effect in EFFECTS.items():
        yield f"{clip.stem}, {name}", encoded(clip, _like(clip), effect, name)


def _like(clip: Path) -> Coding:
    """A camera with the clip's own size and rate."""
    with av.open(str(clip)) as container:
        stream = container.streams.video[0]
        fps = float(stream.average_rate or 25)
        seconds = min(_SECONDS, stream.frames / fps)
        return Coding(stream.width, stream.height, round(fps), round(2 * fps), seconds)


def _measured(clip: Path, name: str, answers: Answers) -> Row:
    everything = _tracklets(clip, answers, None)
    gate = MotionGate(POLICY)
    counts: Counter[str] = Counter()
    gated = _tracklets(clip, answers, gate, counts)
    found = sum(any(_meet(one, other) for other in gated.paths) for one in everything.paths)
    looks = sum(counts.values()) - counts["still"]
    return Row(
        name,
        everything.seconds,
        len(everything.paths),
        found,
        everything.frames,
        looks,
        gated.decoded,
        dict(counts),
    )


@dataclass
class Seen:
    """What a run over a clip gave."""

    paths: list[Track]
    frames: int
    decoded: int
    seconds: float


def _tracklets(
    clip: Path, answers: Answers, gate: MotionGate | None, counts: Counter[str] | None = None
) -> Seen:
    """The confirmed tracks of `clip` that meet the size rule."""
    tracker, tracks, sent = Tracker(), defaultdict[int, Track](dict), set[int]()
    options = SourceOptions(clip.stem, _CLOCK, Sampler(FPS))
    source = open_source(str(clip), options if gate is None else replace(options, watcher=gate))
    frames, last_s = 0, 0.0
    for frame in source.frames(Event()):
        frames, last_s = frames + 1, frame.position_s
        detections = _detections(clip, frame, answers, gate, counts)
        for point in tracker.update(detections, frame.position_s, frame.area).seen:
            rect = point.detection.rect
            tracks[point.track][frame.position_s] = rect
            if point.confirmed and point.sure and _large(rect):
                sent.add(point.track)
    return Seen([tracks[one] for one in sorted(sent)], frames, source.stats.decoded, last_s)


def _detections(
    clip: Path,
    frame: Frame,
    answers: Answers,
    gate: MotionGate | None,
    counts: Counter[str] | None,
) -> list[Detection]:
    if gate is None:
        return answers.of(clip, frame)
    verdict = gate.judge(frame)
    if counts is not None:
        counts[verdict.reason.value] += 1
    if not verdict.look:
        return gate.held()
    found = answers.of(clip, frame)
    gate.saw(found, frame.position_s)
    return found


def _large(rect: Rect) -> bool:
    return rect.width >= _LEAST.width and rect.height >= _LEAST.height


def _meet(one: Track, other: Track) -> bool:
    return any(
        abs(at_s - other_s) <= _SAME_TIME_S and rect.iou(place) >= _SAME_PLACE
        for at_s, rect in one.items()
        for other_s, place in other.items()
    )


def quiet_to_busy(answers: Answers) -> dict[str, dict[str, float]]:
    """Seconds of processor a second of stream for decoding and gate, quiet and busy, by stream."""
    clip = _clip(_BUSY)
    figures = {}
    for name, (width, height, fps) in _STREAMS.items():
        coding = Coding(width, height, fps, 2 * fps, _SETTLED_S + _WATCHED_S)
        made = {"quiet": quiet(clip, coding), "busy": encoded(clip, coding)}
        costs = {state: _watching(path, answers) for state, path in made.items()}
        figures[name] = {**costs, "ratio": round(costs["quiet"] / costs["busy"], 3)}
    return figures


def _watching(clip: Path, answers: Answers) -> float:
    """What decoding and the gate cost, after it has settled. The detector's time is left out."""
    gate = MotionGate(GatePolicy())
    options = SourceOptions(clip.stem, _CLOCK, Sampler(FPS), watcher=gate)
    spent, began, last_s = 0.0, time.thread_time(), 0.0
    for frame in open_source(str(clip), options).frames(Event()):
        look = gate.judge(frame).look
        now = time.thread_time()
        if frame.position_s > _SETTLED_S:
            spent, last_s = spent + now - began, frame.position_s
        if look:
            gate.saw(answers.of(clip, frame), frame.position_s)
        began = time.thread_time()
    return round(spent / (last_s - _SETTLED_S), 4)


def decode_costs() -> list[tuple[str, str, float]]:
    """Milliseconds of one thread for each frame of a stream, by what is asked of it."""
    rows = []
    for name, (width, height, fps) in _STREAMS.items():
        for b_frames in (0, 2):
            coding = Coding(width, height, fps, 2 * fps, _COST_SECONDS, b_frames)
            clip = encoded(_clip(_BUSY), coding)
            shown = f"{name}, {b_frames} B-frames"
            rows += [(shown, way, _cost(clip, *how)) for way, how in _WAYS.items()]
    return rows


def _clip(name: str) -> Path:
    return next(clip for clip in real_clips() if clip.name == name)


def _cost(clip: Path, skip: Literal["DEFAULT", "NONREF", "NONKEY"], use: Use | None) -> float:
    began, frames = time.thread_time(), 0
    with av.open(str(clip)) as container:
        stream = container.streams.video[0]
        stream.codec_context.thread_count = 1
        stream.codec_context.skip_frame = skip
        for packet in container.demux(stream):
            frames += packet.size > 0
            for decoded in packet.decode():
                if use is not None:
                    use(FrameImage(decoded))
    return round(1000 * (time.thread_time() - began) / frames, 2)


def _print(head: list[str], lines: list[list[str]]) -> None:
    table = Table(*head)
    for line in lines:
        table.add_row(*line)
    Console(stderr=True, width=160).print(table)


if __name__ == "__main__":
    main()
