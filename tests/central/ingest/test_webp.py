"""The quick look at a picture's header takes nothing that a real reader would not."""

import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from central.ingest.webp import still_webp_size


def picture(width: int, height: int, **options: object) -> bytes:
    out = io.BytesIO()
    gradient = Image.linear_gradient("L").resize((width, height)).convert("RGB")
    gradient.save(out, "WEBP", **options)
    return out.getvalue()


SAMPLES = [picture(64, 128), picture(128, 256, quality=10), picture(17, 33)]


def read_by_pillow(data: bytes) -> tuple[int, int] | None:
    try:
        with Image.open(io.BytesIO(data), formats=("WEBP",)) as image:
            return image.size if getattr(image, "n_frames", 1) == 1 else None
    except (OSError, ValueError, SyntaxError):
        return None


@pytest.mark.parametrize("size", [(1, 1), (64, 128), (128, 256), (1023, 7)])
def test_the_size_of_a_lossy_picture_is_read(size: tuple[int, int]) -> None:
    assert still_webp_size(picture(*size)) == size


def test_other_kinds_are_left_to_a_real_reader() -> None:
    assert still_webp_size(picture(64, 128, lossless=True)) is None
    assert still_webp_size(picture(64, 128, exif=b"Exif\0\0note")) is None
    assert still_webp_size(b"") is None
    assert still_webp_size(SAMPLES[0][:-2]) is None
    assert still_webp_size(SAMPLES[0] + b"\0\0") is None


@given(
    st.sampled_from(SAMPLES),
    st.lists(st.tuples(st.integers(0, 40), st.integers(0, 255)), min_size=1, max_size=3),
)
@settings(deadline=None, max_examples=300)
def test_whatever_it_takes_pillow_takes_with_the_same_size(
    data: bytes, changes: list[tuple[int, int]]
) -> None:
    changed = bytearray(data)
    for place, value in changes:
        changed[place] = value
    found = still_webp_size(bytes(changed))
    assert found is None or found == read_by_pillow(bytes(changed))
