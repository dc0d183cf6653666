"""What a fleet counts, and what it says in the end."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from deploy.sim.fleet.messages import Row

_REASONS = 5


class Progress(NamedTuple):
    """How far a fleet is, `elapsed_s` after its start; `ready` boxes are connected."""

    elapsed_s: float
    ready: int
    made: int
    acked: int


@dataclass
class Tally:
    """Of the whole fleet. `sent` counts every sending, `acked` each row once.

    `repeated_acks`: rows answered for again, because they were sent twice or the line broke.
    """

    sent: int = 0
    sent_bytes: int = 0
    acked: int = 0
    refused: int = 0
    repeated_acks: int = 0
    bad_acks: int = 0
    lost_lines: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    answer_s: list[float] = field(default_factory=list)
    """From sending a row (the last time) to its ack."""
    wait_s: list[float] = field(default_factory=list)
    """From making a row to its ack."""
    first_answer: float = float("inf")
    last_answer: float = 0.0

    @property
    def done(self) -> int:
        """Rows that are answered for."""
        return self.acked + self.refused

    def note_sent(self, payload_bytes: int) -> None:
        """A row was published."""
        self.sent += 1
        self.sent_bytes += payload_bytes

    def note_answers(self, rows: Sequence[tuple[Row, float]], now: float, named: int) -> None:
        """`rows` were answered for, by an ack that named so many."""
        self.acked += len(rows)
        self.first_answer = min(self.first_answer, now)
        self.last_answer = now
        self.repeated_acks += named - len(rows)
        self.answer_s += [now - sent for _, sent in rows]
        self.wait_s += [now - row.made for row, _ in rows]

    def note_refused(self, reason: str) -> None:
        """The centre will never take a row."""
        self.refused += 1
        self.reasons[reason] += 1

    def summary(self) -> dict[str, object]:
        """The counters, and the times in milliseconds."""
        return {
            "sent": self.sent,
            "acked": self.acked,
            "acked_per_s": round(self.acked / max(self.last_answer - self.first_answer, 1.0)),
            "refused": self.refused,
            "repeated_acks": self.repeated_acks,
            "lost_lines": self.lost_lines,
            "payload_bytes": round(self.sent_bytes / self.sent) if self.sent else 0,
            "sent_to_ack_ms": _percentiles(self.answer_s),
            "made_to_ack_ms": _percentiles(self.wait_s),
            "reasons": dict(self.reasons.most_common(_REASONS)),
        }


def _percentiles(seconds: list[float]) -> dict[str, float]:
    if not seconds:
        return {}
    found = np.percentile(seconds, (50, 95, 99)) * 1000
    return {f"p{p}": round(float(ms), 1) for p, ms in zip((50, 95, 99), found, strict=True)}
