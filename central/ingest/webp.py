"""The size of the one kind of WebP picture that boxes send, told from its first 30 bytes.

RFC 9649, section 2.4 (RIFF header), 2.5 (simple file format, lossy); RFC 6386, section 9.1 (frame
header). 1 us, where asking Pillow, which takes every kind apart, costs 17.
"""

import struct

_HEADER = struct.Struct("<4sI4s4sI")
_FRAME = struct.Struct("<3s3sHH")
_HEADERS_SIZE = _HEADER.size + _FRAME.size
_START_CODE = b"\x9d\x01\x2a"
_MAX_PROFILE = 3


def still_webp_size(data: bytes) -> tuple[int, int] | None:
    """Width and height of `data` if it is one lossy WebP picture and nothing else; None if unsure.

    Every length in it must agree with `data`, so what this takes, libwebp's own look at the
    headers takes too; whatever is odd is for a real reader to judge.
    """
    if len(data) < _HEADERS_SIZE:
        return None
    riff, riff_size, webp, kind, size = _HEADER.unpack_from(data)
    if (riff, webp, kind) != (b"RIFF", b"WEBP", b"VP8 "):
        return None
    if riff_size != len(data) - 8 or size + (size & 1) != len(data) - _HEADER.size:
        return None
    tag, start, width, height = _FRAME.unpack_from(data, _HEADER.size)
    bits = int.from_bytes(tag, "little")
    inter, profile, shown, first_part = bits & 1, bits >> 1 & 7, bits >> 4 & 1, bits >> 5
    if inter or profile > _MAX_PROFILE or not shown or start != _START_CODE or first_part >= size:
        return None
    # The two bits above a side ask for scaling.
    if width >> 14 or height >> 14 or not width or not height:
        return None
    return width, height
