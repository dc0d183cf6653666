"""Re-identification sets: crops whose names say whom they show and which camera took them.

Two kinds of name, in one folder or in a folder for each identity:

    0002_c1s1_000451_03.jpg     Market-1501: identity, camera, the rest
    bus_0001_cam2.jpg           identity (with its kind), camera

In Market-1501's own files identity -1 is rubbish and is left out, and 0000 are distractors: they
answer, but nobody asks for them.
"""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NamedTuple

from models.evaluation.pictures import find_pictures
from shared.errors import ConfigError

_NAMES = (
    re.compile(r"(?P<identity>-1|\d+)_c(?P<camera>\d+)s\d+_.+"),
    re.compile(r"(?P<identity>[A-Za-z]+_\d+)_cam(?P<camera>\d+)"),
)
_RUBBISH = "-1"
_DISTRACTOR = "0000"
_SLICE = re.compile(r"(\d*):(\d*)")

Queries = Literal["all", "one-per-camera"]


class ReidCrop(NamedTuple):
    """One crop: its file, whom it shows and the camera that took it."""

    path: Path
    identity: str
    camera: str


@dataclass(frozen=True)
class ReidSet:
    """Crops, and which of them ask and answer, as places in `crops`.

    A crop that asks may answer others too: its own camera's crops of its own identity never count.
    """

    crops: tuple[ReidCrop, ...]
    queries: tuple[int, ...]
    gallery: tuple[int, ...]

    @property
    def identities(self) -> list[str]:
        """Those in the set, in order."""
        return sorted({crop.identity for crop in self.crops})


def read_reid(folder: Path, identities: str | None = None, queries: Queries = "all") -> ReidSet:
    """The set in `folder`, or a part of it.

    Args:
        folder: searched with all that lies below it.
        identities: `A:B`, places in the sorted list of identities as Python's slices take them,
            or a file with an identity or the name of a crop on each line.
        queries: with `all` every crop asks and answers. With `one-per-camera` the first of each
            identity and camera asks and the others answer, as in Market-1501; where a camera has
            only one, it does both.

    Raises:
        ConfigError: no such folder or part, a name of neither kind, or crops of one camera only.
    """
    crops = [_crop(path) for path in find_pictures(folder)]
    crops = [crop for crop in crops if crop.identity != _RUBBISH]
    if identities is not None:
        wanted = choose_identities({crop.identity for crop in crops}, identities)
        crops = [crop for crop in crops if crop.identity in wanted]
    if len({crop.camera for crop in crops}) < 2:  # noqa: PLR2004 - from one to another
        raise ConfigError(
            f"{folder}: {len(crops)} crops of fewer than two cameras; "
            "finding someone again needs another camera"
        )
    return _asking(crops, queries)


def choose_identities(known: Collection[str], wanted: str) -> set[str]:
    """Those of `known` that `wanted` names, as the argument of `read_reid`.

    Raises:
        ConfigError: it names none, or one that is not known.
    """
    ordered = sorted(known)
    if match := _SLICE.fullmatch(wanted):
        first, last = (int(number) if number else None for number in match.groups())
        chosen = set(ordered[first:last])
    else:
        chosen = _listed(Path(wanted))
    if unknown := sorted(chosen - set(ordered)):
        raise ConfigError(
            f"{wanted}: {len(unknown)} of its identities are not in the data, first {unknown[0]!r}"
        )
    if not chosen:
        raise ConfigError(f"--identities {wanted} names none of the {len(ordered)} in the data")
    return chosen


def _listed(path: Path) -> set[str]:
    try:
        lines = [line.strip() for line in path.read_text(encoding="utf-8").splitlines()]
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(
            f"--identities {path}: neither A:B nor a file that can be read: {error}"
        ) from error
    return {_identity(line) for line in lines if line}


def _identity(line: str) -> str:
    match = _match(Path(line).stem)
    return match["identity"] if match else line


def _crop(path: Path) -> ReidCrop:
    match = _match(path.stem)
    if match is None:
        raise ConfigError(
            f"{path}: the name says no identity and camera; "
            "expected like 0002_c1s1_000451_03.jpg or bus_0001_cam2.jpg"
        )
    return ReidCrop(path, match["identity"], match["camera"])


def _match(stem: str) -> re.Match[str] | None:
    return next(filter(None, (kind.fullmatch(stem) for kind in _NAMES)), None)


def _asking(crops: Sequence[ReidCrop], queries: Queries) -> ReidSet:
    everyone = range(len(crops))
    asking = [place for place in everyone if crops[place].identity != _DISTRACTOR]
    if queries == "all":
        return ReidSet(tuple(crops), tuple(asking), tuple(everyone))
    by_camera: dict[tuple[str, str], list[int]] = {}
    for place in asking:
        by_camera.setdefault((crops[place].identity, crops[place].camera), []).append(place)
    only_asking = {places[0] for places in by_camera.values() if len(places) > 1}
    return ReidSet(
        tuple(crops),
        tuple(places[0] for places in by_camera.values()),
        tuple(place for place in everyone if place not in only_asking),
    )
