"""Chooses frames that a detector has something to learn from, and keeps them masked.

    frame + detections → hardness → is it new? → masked → encoded → album

Judging a frame costs microseconds; only what is kept is masked and encoded. A `ChannelCollector`
belongs to one thread, the `Collector` behind it to all.
"""

import threading
from collections import deque
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from models.detection import Detection
from models.site.album import Album
from models.site.encoding import encoded
from models.site.fingerprint import OTHER_LIGHT, Fingerprint, fingerprint
from models.site.hardness import Reason, count_flickers, hardness, together
from models.site.layout import Limits, frame_name
from models.site.masking import Masker
from models.site.record import FrameRecord, kept_boxes
from models.site.settings import CollectSettings
from shared.clock import Clock
from shared.errors import StorageError
from shared.geometry import Rect
from shared.pictures import Picture

_LEAST = 0.2
"""Hardness below which a frame is easy: one box with its score well away from the decision."""

_MOST = 0.9
_COPY = 0.25
"""Newness below which a frame is a copy of a kept one: three quarters of the cells with objects
are the same, under the same light."""

_LIGHT = 0.4
"""What a light that was not seen before adds to hardness."""

_HOUSEKEEPING_MS = 3_600_000


class _Seen(NamedTuple):
    """A frame that waits for the next one, before which nobody knows whether a box flickers."""

    picture: Picture
    detections: Sequence[Detection]
    captured_ms: int

    @property
    def area(self) -> Rect:
        """The picture, in its own pixels."""
        return Rect(0, 0, self.picture.shape[1], self.picture.shape[0])


class Collector:
    """Collects from all channels of a box into one album, until `close`.

    Args:
        settings: what to keep, where, for how long.
        detector: the detector's `describe()`, written beside each frame.
        decision: the score from which its detections count.
        masker: of the kind in `settings`.
        clock: when frames are kept.
        generator: which frames chance chooses.

    Raises:
        StorageError: the folder cannot be used, or another process collects into it.
    """

    def __init__(
        self,
        settings: CollectSettings,
        detector: str,
        decision: float,
        masker: Masker,
        clock: Clock,
        generator: np.random.Generator,
    ) -> None:
        self.settings = settings
        self.decision = decision
        self._detector = detector
        self._masker = masker
        self._clock = clock
        self._generator = generator
        self._lock = threading.Lock()
        limits = Limits(
            settings.quota_bytes, settings.keep_days, settings.min_free_bytes, settings.random
        )
        self.album = Album(settings.out, limits, clock, generator)
        self._tidy_at_ms = 0

    def close(self) -> None:
        """Write the manifest and let others have the folder.

        Raises:
            StorageError: the manifest cannot be written.
        """
        self.album.close()

    def channel(self, name: str) -> "ChannelCollector":
        """What collects from the channel called `name`."""
        return ChannelCollector(self, name)

    def wait_for_chance(self) -> float:
        """Seconds until chance chooses a frame of a channel again.

        Exponential: every moment is as likely as any other.
        """
        if self.settings.random == 0:
            return float("inf")
        with self._lock:
            return float(self._generator.exponential(self.settings.every_s / self.settings.random))

    def tidy(self) -> None:
        """Once an hour: delete what is too old, and write the manifest.

        Raises:
            StorageError: the disk refuses.
        """
        now = self._clock.now_ms()
        with self._lock:
            if 0 <= self._tidy_at_ms - now <= _HOUSEKEEPING_MS:
                return
            self._tidy_at_ms = now + _HOUSEKEEPING_MS
        self.album.purge()
        self.album.write_manifest()

    def keep(self, channel: str, seen: _Seen, reasons: dict[Reason, float]) -> bool:
        """Keep a frame if it is new and worth the room; whether it was.

        Raises:
            StorageError: the disk refuses.
            PictureError: it cannot be encoded.
            ModelError: the face detector gave what no network may give.
        """
        random = "random" in reasons
        found = fingerprint(seen.picture, seen.detections)
        nearest = self.album.nearest(channel, found)
        newness = 1.0 if nearest is None else nearest.newness
        if nearest is not None and nearest.light >= OTHER_LIGHT:
            reasons = {**reasons, "light": _LIGHT}
        score = round(together(reasons) * (0.5 + 0.5 * newness), 2)
        copy = nearest if not random and newness < _COPY else None
        if (copy and copy.score >= score) or not self.album.would_keep(score, random=random):
            return False
        masked, count = self._masker.mask(seen.picture, seen.detections)
        record = self._record(channel, seen, reasons, found).model_copy(
            update={"score": score, "masked": count}
        )
        record, pictures = encoded(record, masked, seen.detections, self.decision)
        return self.album.add(record, pictures, instead_of=copy.name if copy else None)

    def _record(
        self, channel: str, seen: _Seen, reasons: dict[Reason, float], found: Fingerprint
    ) -> FrameRecord:
        height, width = seen.picture.shape[:2]
        return FrameRecord(
            name=frame_name(seen.captured_ms, channel),
            channel=channel,
            captured_ms=seen.captured_ms,
            kept_ms=self._clock.now_ms(),
            score=0.0,
            reasons={reason: round(weight, 3) for reason, weight in reasons.items()},
            mask=self._masker.kind,
            masked=0,
            width=width,
            height=height,
            detector=self._detector,
            detections=kept_boxes(seen.detections),
            fingerprint=found.text(),
        )


class ChannelCollector:
    """Offers one channel's frames, in the order of time, from one thread.

    After a frame was kept there is a pause; then only a very hard one is, and the bar falls until
    any frame that is not easy will do. So the hardest of a stretch of time is likely to be chosen
    with no more than one frame held in memory.
    """

    def __init__(self, collector: Collector, name: str) -> None:
        self._collector = collector
        self._name = name
        self._recent: deque[Sequence[Detection]] = deque(maxlen=2)
        self._waiting: _Seen | None = None
        self._kept_ms: int | None = None
        self._chance_from_ms: int | None = None
        self._chance_wait_s = float("inf")

    def offer(
        self,
        picture: Picture,
        detections: Sequence[Detection],
        captured_ms: int,
        *,
        cut: bool = False,
    ) -> bool:
        """Look at the next frame; whether the one before it was kept.

        Args:
            picture: H x W x 3, BGR, uint8; not changed, and held until the next call.
            detections: in it, with those somewhat below the decision.
            captured_ms: UTC milliseconds of the frame.
            cut: it does not continue the one before.

        Raises:
            StorageError: the disk refuses.
            PictureError: the picture cannot be encoded.
            ModelError: the face detector gave what no network may give.
        """
        kept = self.flush() if cut else False
        now = _Seen(picture, detections, captured_ms)
        waiting, self._waiting = self._waiting, now
        self._collector.tidy()
        if waiting is not None:
            kept = self._judge(waiting, detections)
            self._recent.append(waiting.detections)
        return kept

    def flush(self) -> bool:
        """There is no next frame: judge the last one without; whether it was kept.

        Errors as `offer`.
        """
        waiting, self._waiting = self._waiting, None
        kept = waiting is not None and self._judge(waiting, None)
        self._recent.clear()
        return kept

    def _judge(self, seen: _Seen, after: Sequence[Detection] | None) -> bool:
        if self._by_chance(seen.captured_ms):
            reasons: dict[Reason, float] = {"random": 0.0, **self._reasons(seen, after)}
        elif self._bar(seen.captured_ms) > 1:
            return False
        else:
            reasons = self._reasons(seen, after)
            if together(reasons) < self._bar(seen.captured_ms):
                return False
        try:
            kept = self._collector.keep(self._name, seen, reasons)
        except StorageError:
            # Not again with the next frame: masking and encoding it would be for nothing too.
            self._kept_ms = seen.captured_ms
            raise
        if kept and "random" not in reasons:
            self._kept_ms = seen.captured_ms
        return kept

    def _reasons(self, seen: _Seen, after: Sequence[Detection] | None) -> dict[Reason, float]:
        decision = self._collector.decision
        flickers = 0
        if self._recent and after is not None:
            flickers = count_flickers((self._recent[-1], seen.detections, after), decision)
        return hardness(seen.detections, seen.area, decision, flickers)

    def _by_chance(self, captured_ms: int) -> bool:
        """Whether chance chooses this moment; the first frame starts the wait."""
        since = captured_ms if self._chance_from_ms is None else self._chance_from_ms
        due = abs(captured_ms - since) >= 1000 * self._chance_wait_s
        if due or self._chance_from_ms is None:
            self._chance_from_ms = captured_ms
            self._chance_wait_s = self._collector.wait_for_chance()
        return due

    def _bar(self, captured_ms: int) -> float:
        """The hardness that is asked for now; above 1 in the pause."""
        if self._kept_ms is None:
            return _LEAST
        every_ms = 1000 * self._collector.settings.every_s
        passed = abs(captured_ms - self._kept_ms) / every_ms
        if passed < 1:
            return 2.0
        return max(_LEAST, _MOST - (_MOST - _LEAST) * (passed - 1))
