"""A line on the earth, cut so short that a plane will do, and measured along."""

import struct

import numpy as np
from numpy.typing import NDArray

from central.cameras.views.plane import half_turns_off, metres_per_degree

Floats = NDArray[np.float64]

# At 60 degrees of latitude the middle of a kilometre is off a straight line on the map by 3 cm.
_PIECE_M = 1_000.0
_LINESTRING_M = 2002


def measured(line: Floats) -> Floats:
    """`line` (N, 2) as (M, 3): longitude, latitude, metres from its start; M at least N.

    Its edges, the shortest ways over the earth, are cut into pieces of a kilometre at most. So
    that nothing jumps at the date line, longitudes go on beyond 180 degrees there.

    Raises:
        ValueError: `line` has another shape, or fewer than two places.
    """
    if line.ndim != 2 or line.shape[0] < 2 or line.shape[1] != 2:  # noqa: PLR2004 - as said
        raise ValueError(f"a line has the shape (N, 2), N at least 2, not {line.shape}")
    plain = _unrolled(np.asarray(line, dtype=np.float64))
    lengths = _lengths(plain)
    if (lengths > _PIECE_M).any():
        plain = _unrolled(_cut(plain, np.ceil(lengths / _PIECE_M).astype(int)))
        lengths = _lengths(plain)
    return np.column_stack([plain, np.concatenate([[0.0], np.cumsum(lengths)])])


def written(line: Floats) -> bytes:
    """A measured line as well-known binary, a LINESTRING M (ISO 13249-3)."""
    head = struct.pack("<BII", 1, _LINESTRING_M, len(line))
    return head + np.ascontiguousarray(line, dtype="<f8").tobytes()


def _unrolled(line: Floats) -> Floats:
    steps = half_turns_off(np.diff(line[:, 0]))
    return np.column_stack([line[0, 0] + np.concatenate([[0.0], np.cumsum(steps)]), line[:, 1]])


def _lengths(line: Floats) -> Floats:
    """Metres of each edge; of a kilometre it is right to a millimetre."""
    east, north = metres_per_degree((line[1:, 1] + line[:-1, 1]) / 2)
    return np.hypot(np.diff(line[:, 0]) * east, np.diff(line[:, 1]) * north)


def _cut(line: Floats, pieces: NDArray[np.int_]) -> Floats:
    """`line` with edge n cut into `pieces[n]` along the great circle."""
    lon, lat = np.radians(line).T
    points = np.column_stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)])
    parts = [line[:1]]
    for start, end, count, last in zip(points, points[1:], pieces, line[1:], strict=False):
        share = np.arange(1, max(count, 1))[:, None] / max(count, 1)
        # Between two points on a sphere (spherical linear interpolation, Shoemake 1985).
        angle = np.arctan2(np.linalg.norm(np.cross(start, end)), start @ end)
        between = np.sin((1 - share) * angle) * start + np.sin(share * angle) * end
        place = np.arctan2(between[:, 2], np.hypot(between[:, 0], between[:, 1]))
        turn = np.arctan2(between[:, 1], between[:, 0])
        parts += [np.degrees(np.column_stack([turn, place])), last[None]]
    return np.concatenate(parts)
