import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from shared.errors import PictureError
from shared.pictures import UPLOAD_CAPS, PictureCaps, decode_picture, encode_webp


def png_that_claims(width: int, height: int) -> bytes:
    """A few bytes that announce a picture of any size."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        check = zlib.crc32(kind + data)
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", check)

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = zlib.compress(b"\0" * 1000)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", body) + chunk(b"IEND", b"")
    )


def as_bytes(picture: np.ndarray, kind: str, exif: bytes = b"") -> bytes:
    out = io.BytesIO()
    Image.fromarray(picture[:, :, ::-1]).save(out, kind, exif=exif)
    return out.getvalue()


def test_webp_keeps_size_and_colour_order() -> None:
    picture = np.zeros((64, 32, 3), np.uint8)
    picture[:, :, 2] = 255

    back = decode_picture(encode_webp(picture), UPLOAD_CAPS)

    assert back.shape == (64, 32, 3)
    assert back[32, 16, 2] > 200
    assert back[32, 16, 0] < 60


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_the_usual_formats_are_read(kind: str) -> None:
    picture = np.full((20, 30, 3), 128, np.uint8)

    assert decode_picture(as_bytes(picture, kind), UPLOAD_CAPS).shape == (20, 30, 3)


def test_a_phone_picture_is_turned_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was held upright, the sensor was not

    data = as_bytes(np.zeros((20, 30, 3), np.uint8), "JPEG", exif.tobytes())

    assert decode_picture(data, UPLOAD_CAPS).shape == (30, 20, 3)


@pytest.mark.parametrize("size", [(12_000, 10_000), (20_000, 20_000), (2_000_000, 2_000_000)])
def test_an_image_bomb_is_refused_by_its_header(size: tuple[int, int]) -> None:
    with pytest.raises(PictureError):
        decode_picture(png_that_claims(*size), UPLOAD_CAPS)


def test_too_many_bytes_are_refused_unread() -> None:
    with pytest.raises(PictureError, match="cap is 10"):
        decode_picture(bytes(11), PictureCaps(max_bytes=10, max_pixels=100))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"GIF89a" + bytes(50),
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"RIFF\x00\x00\x00\x00WEBPVP8 ",
        encode_webp(np.zeros((64, 32, 3), np.uint8))[:40],
        png_that_claims(100, 100),
    ],
    ids=["empty", "gif", "svg", "webp header alone", "cut webp", "png with too few rows"],
)
def test_what_is_not_a_whole_picture_is_refused(data: bytes) -> None:
    with pytest.raises(PictureError):
        decode_picture(data, UPLOAD_CAPS)


def test_an_empty_crop_cannot_be_encoded() -> None:
    with pytest.raises(PictureError, match="nothing to encode"):
        encode_webp(np.zeros((0, 5, 3), np.uint8))
