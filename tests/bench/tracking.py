"""Do tracks stay with their people? `make bench-tracking`.

On MOT15's public detections and truth (`../shared/data/tracking/MOT15`, or below
DONGSEON_SHARED_DATA), TrackEval's HOTA, MOTA, IDF1 and identity switches of three: ByteTrack of the
PyPI package `trackers`, our tracker, and the box, which looks at five frames a second and joins
what broke; the box once with an embedder that knows everybody who is in the middle of a crop, and
once with one that knows nobody, since the sequences come without pictures. "Filled in" is what
`dongseon edge track` does with the frames between, done to ByteTrack's tracks too.

The last table counts what that box would send (`tests.bench.mot.uploads`), of the public detections
and of those of a perfect detector; apart for cameras that stand, as a city's do, and for those that
were carried or driven (as told by Leal-Taixé et al., arXiv:1504.01942).

What was last changed in the tracker was tuned on the sequences marked `tune` alone. SEQUENCES in
the environment names those to run, separated by commas.
"""

import json
import os
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator

from rich.console import Console
from rich.table import Table

from shared.errors import DependencyMissing, DongseonError
from tests.bench.data import shared_data
from tests.bench.mot.followers import (
    BLIND,
    IDEAL,
    Follow,
    Looks,
    filled_in,
    library_bytetrack,
    our_tracker,
    watch,
)
from tests.bench.mot.scoring import Results, Scorer
from tests.bench.mot.sequences import Boxes, Sequence, read_sequences
from tests.bench.mot.uploads import Uploads, count

TUNED = frozenset({"ADL-Rundle-6", "ETH-Bahnhof", "ETH-Sunnyday", "KITTI-17", "TUD-Stadtmitte"})
FIXED = frozenset({"ADL-Rundle-6", "KITTI-17", "TUD-Campus", "TUD-Stadtmitte", "Venice-2"})
_BOX_FPS = 5.0
_RATES = (None, _BOX_FPS)
_BOXES = {"box, ideal embedder": IDEAL, "box, no embedder": BLIND}
_PERFECT = "perfect detector"
_NOBODY = Uploads(0, 0, 0, 0, 0)

Row = dict[str, str | float]

Measured = dict[str, dict[str, list[Results]]]
"""Who followed, at what rate: by sequence what was counted."""


def main() -> None:
    """Measure and print."""
    folder = shared_data() / "tracking/MOT15"
    named = os.environ.get("SEQUENCES")
    sequences = [
        one for one in read_sequences(folder) if named is None or one.name in named.split(",")
    ]
    scorer, console = Scorer(), Console(stderr=True, width=160)
    measured: Measured = {}
    uploads: dict[tuple[str, str], Uploads] = defaultdict(lambda: _NOBODY)
    followers = dict(_followers(sequences[0], console))
    for sequence in sequences:
        for name, (follow, fps) in followers.items():
            read = sequence.at(fps)
            found = scorer.measure(read.truth, follow(read))
            measured.setdefault(name, {})[sequence.name] = found
        for name, looks in _BOXES.items():
            found, sent = _box(sequence, looks, scorer)
            measured.setdefault(f"{name}, filled in", {})[sequence.name] = found
            _, best = _box(sequence.seen_by_perfect_detector(), looks, scorer)
            for who, found_by in ((name, sent), (f"{name}, {_PERFECT}", best)):
                for camera in ("fixed" if sequence.name in FIXED else "moving", "all"):
                    uploads[camera, who] = uploads[camera, who].added(found_by)
        console.print(f"{sequence.name} done")
    rows = list(_rows(measured, scorer))
    sent_rows: list[Row] = [
        {"cameras": camera, "who": who, **found.row()}
        for (camera, who), found in sorted(uploads.items())
    ]
    for table in (rows, sent_rows):
        console.print(_table(table))
    json.dump({"tracking": rows, "uploads": sent_rows}, sys.stdout, indent=1)


def _followers(
    sequence: Sequence, console: Console
) -> Iterator[tuple[str, tuple[Follow, float | None]]]:
    """Who follows at what rate; the library only where it is installed."""
    known: dict[str, Follow] = {"ByteTrack": library_bytetrack, "ours": our_tracker}
    try:
        library_bytetrack(Sequence(sequence.name, 1, sequence.size, [], []))
    except DependencyMissing as error:
        console.print(f"without ByteTrack: {error}", soft_wrap=True)
        del known["ByteTrack"]
    for fps in _RATES:
        rate = "native rate" if fps is None else f"{fps:g} frames/s"
        for name, follow in known.items():
            yield f"{name}, {rate}", (follow, fps)
    if "ByteTrack" in known:
        yield "ByteTrack, 5 frames/s, filled in", (_filled_bytetrack, None)


def _filled_bytetrack(sequence: Sequence) -> list[Boxes]:
    return filled_in(sequence, _BOX_FPS, library_bytetrack)


def _box(sequence: Sequence, looks: Looks, scorer: Scorer) -> tuple[list[Results], Uploads]:
    watched = watch(sequence, _BOX_FPS, looks)
    found = scorer.measure(sequence.truth, watched.tracks)
    return found, count(sequence, _BOX_FPS, watched.due)


def _rows(measured: Measured, scorer: Scorer) -> Iterator[Row]:
    """Each sequence by itself, the tuned ones, those held out, and all together."""
    names = sorted(next(iter(measured.values())))
    groups = {name: [name] for name in names}
    groups["tune"] = [name for name in names if name in TUNED]
    groups["held out"] = [name for name in names if name not in TUNED]
    groups["all"] = names
    for group, chosen in groups.items():
        for who, found in measured.items() if chosen else ():
            scores = scorer.combine({name: found[name] for name in chosen})
            yield {"sequences": group, "who": who, **scores._asdict()}


def _table(rows: Iterable[Row]) -> Table:
    listed = list(rows)
    table = Table(*listed[0])
    before = None
    for row in listed:
        group = row.get("sequences", row.get("cameras"))
        if before is not None and group != before:
            table.add_section()
        before = group
        table.add_row(*(str(value) for value in row.values()))
    return table


if __name__ == "__main__":
    try:
        main()
    except DongseonError as error:
        sys.exit(f"error: {error}")
