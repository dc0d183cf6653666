"""Damaged H.264, and what the source makes of it. Run as a program, so that a crash is told.

`python -m tests.rtsp.mangled FIRST COUNT FOLDER` reads clips FIRST to FIRST + COUNT - 1, each
damaged by its own seed, and prints two JSON lines a clip: its number before it is read, and what
came of it after.
"""

import json
import random
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from threading import Event
from typing import NamedTuple

import av

from edge_agent.sampling import Sampler
from edge_agent.source import SourceError, SourceOptions, open_source
from shared.clock import SystemClock
from shared.pictures import Picture
from tests.rtsp.clips import AccessUnit, encode_units, street
from tests.rtsp.watching import nearest

SIZE = (160, 120)
SECONDS = 1.6
GOP = 8
# Mean difference from the nearest sound picture; of a sound one it is 0.
SMEARED = 3.0


class Mangled(NamedTuple):
    """What became of a clip: frames shown, smeared ones among them, damage counted, the error."""

    clip: int
    shown: int
    smeared: int
    damaged: int
    error: str


def main() -> None:
    """Read the clips that the command line names."""
    first, count, folder = int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3])
    clips = [encode_units(street(SECONDS, SIZE), gop=GOP, b_frames=b) for b in (0, 2)]
    sound = [list(_pictures(folder / "sound.h264", units)[0]) for units in clips]
    for number in range(first, first + count):
        _say({"clip": number})
        units, truths = clips[number % 2], sound[number % 2]
        _say(_read(number, units, truths, folder)._asdict())


def _say(line: object) -> None:
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


def _read(number: int, units: Sequence[AccessUnit], truths: list[Picture], folder: Path) -> Mangled:
    chance = random.Random(number)  # noqa: S311 - damage is no secret
    damaged = mangle(units, chance)
    shown, counted, error = _pictures(folder / f"clip.{chance.choice(['h264', 'mp4'])}", damaged)
    smeared = sum(nearest(picture, truths) > SMEARED for picture in shown)
    return Mangled(number, len(shown), smeared, counted, error)


def _pictures(path: Path, units: Sequence[AccessUnit]) -> tuple[list[Picture], int, str]:
    """The frames shown of a clip of `units`, how much was counted as damage, and the error."""
    _write(path, units)
    source = open_source(str(path), SourceOptions("door", SystemClock(), Sampler(None)))
    shown: list[Picture] = []
    try:
        shown += (frame.picture for frame in source.frames(Event()))
    except SourceError as error:
        return shown, source.stats.damaged, str(error)
    return shown, source.stats.damaged, ""


def _write(path: Path, units: Sequence[AccessUnit]) -> None:
    if path.suffix == ".h264":
        path.write_bytes(b"".join(unit.data for unit in units))
        return
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=10)
        stream.width, stream.height = SIZE
        stream.pix_fmt = "yuv420p"
        for number, unit in enumerate(unit for unit in units if unit.data):
            packet = av.Packet(unit.data)
            packet.stream, packet.is_keyframe = stream, unit.key
            packet.dts, packet.pts = number, number
            container.mux(packet)


def mangle(units: Sequence[AccessUnit], chance: random.Random) -> list[AccessUnit]:
    """A copy of `units` with one to four of them damaged."""
    damaged = list(units)
    for _ in range(chance.randint(1, 4)):
        chance.choice(_DAMAGES)(damaged, chance)
    return damaged


Damage = Callable[[list[AccessUnit], random.Random], None]


def _changed(units: list[AccessUnit], chance: random.Random) -> tuple[int, bytearray]:
    at = chance.randrange(len(units))
    return at, bytearray(units[at].data)


def _flip(units: list[AccessUnit], chance: random.Random) -> None:
    at, data = _changed(units, chance)
    for _ in range(chance.randint(1, 20)):
        if data:
            data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    units[at] = units[at]._replace(data=bytes(data))


def _flip_headers(units: list[AccessUnit], chance: random.Random) -> None:
    """Sizes, profiles, kinds of units: what decides how much memory is used and how."""
    at, data = _changed(units, chance)
    for _ in range(chance.randint(1, 6)):
        if data:
            data[chance.randrange(min(48, len(data)))] = chance.randrange(256)
    units[at] = units[at]._replace(data=bytes(data))


def _truncate(units: list[AccessUnit], chance: random.Random) -> None:
    at, data = _changed(units, chance)
    units[at] = units[at]._replace(data=bytes(data[: chance.randint(0, len(data))]))


def _blot(units: list[AccessUnit], chance: random.Random) -> None:
    at, data = _changed(units, chance)
    start = chance.randint(0, len(data))
    blot = chance.randbytes(min(chance.randint(1, 400), len(data) - start))
    data[start : start + len(blot)] = blot
    units[at] = units[at]._replace(data=bytes(data))


def _lose(units: list[AccessUnit], chance: random.Random) -> None:
    at, _ = _changed(units, chance)
    units[at] = units[at]._replace(data=b"")


def _swap(units: list[AccessUnit], chance: random.Random) -> None:
    one, other = chance.randrange(len(units)), chance.randrange(len(units))
    units[one], units[other] = units[other], units[one]


_DAMAGES: tuple[Damage, ...] = (_flip, _flip_headers, _truncate, _blot, _lose, _swap)

if __name__ == "__main__":
    main()
