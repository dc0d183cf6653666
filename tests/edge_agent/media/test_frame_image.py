from itertools import product
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from edge_agent.source import FrameImage
from models.preparation import Size
from shared.geometry import Rect
from shared.pictures import Picture

# Colour tags as in H.273: BT.709, unspecified, BT.470BG, SMPTE 170M; limited and full range.
MATRICES = (1, 2, 5, 6)
RANGES = (1, 2)
PLANAR = ("yuv420p", "yuvj420p", "yuv422p", "yuvj422p", "nv12")
OTHERS = ("yuv444p", "rgb24", "gray", "yuv420p10le", "yuyv422")


def real(name: str = "yuv420p") -> av.VideoFrame:
    """A picture with slopes and colours everywhere."""
    rng = np.random.default_rng(5)
    noise = rng.integers(0, 255, (5, 8, 3), dtype=np.uint8)
    picture = cv2.resize(noise, (384, 216), interpolation=cv2.INTER_CUBIC)
    frame = av.VideoFrame.from_ndarray(np.asarray(picture, dtype=np.uint8), format="bgr24")
    return frame.reformat(format=name)


def flat(matrix: int, value_range: int) -> av.VideoFrame:
    frame = av.VideoFrame(64, 64, "yuv420p")
    for plane, value in zip(frame.planes, (120, 90, 180), strict=True):
        np.frombuffer(memoryview(plane), np.uint8)[:] = value
    frame.colorspace, frame.color_range = matrix, value_range
    return frame


def whole(frame: av.VideoFrame) -> Picture:
    return np.asarray(frame.to_ndarray(format="bgr24"), dtype=np.uint8)


def off(one: Picture, other: Picture) -> int:
    assert one.shape == other.shape
    return int(np.abs(one.astype(int) - other).max())


def formula(matrix: int, value_range: int) -> tuple[float, float, float]:
    """BGR of `flat`, from the two recommendations."""
    red, blue = (0.2126, 0.0722) if matrix == 1 else (0.299, 0.114)
    y, u, v = 120.0, 90.0 - 128, 180.0 - 128
    if value_range == 1:
        y, u, v = (y - 16) * 255 / 219, u * 255 / 224, v * 255 / 224
    r, b = y + 2 * (1 - red) * v, y + 2 * (1 - blue) * u
    return b, (y - red * r - blue * b) / (1 - red - blue), r


@pytest.mark.parametrize(("matrix", "value_range"), list(product(MATRICES, RANGES)))
def test_every_way_keeps_to_the_frames_matrix_and_range(matrix: int, value_range: int) -> None:
    frame = flat(matrix, value_range)
    image = FrameImage(frame)
    for picture in (
        image.picture,
        image.scaled(Size(16, 16)),
        image.cut(Rect(3, 3, 20, 9)),
        FrameImage(frame, Rect(7, 9, 40, 41)).scaled(Size(11, 11)),
    ):
        assert picture[2, 2] == pytest.approx(formula(matrix, value_range), abs=3)


@pytest.mark.parametrize("name", [*PLANAR, *OTHERS])
@pytest.mark.parametrize(
    "rect",
    [
        Rect(10, 20, 74, 148),
        Rect(11, 21, 75, 148),
        Rect(100, 21, 103, 24),
        Rect(350, 190, 384, 216),
    ],
    ids=["even", "odd", "tiny", "corner"],
)
def test_a_cut_is_the_same_part_of_the_whole_picture(name: str, rect: Rect) -> None:
    frame = real(name)
    left, top, right, bottom = (int(side) for side in rect)
    # swscale converts NV12 of different widths by different code.
    few = 4 if name == "nv12" else 0
    assert off(FrameImage(frame).cut(rect), whole(frame)[top:bottom, left:right]) <= few


@pytest.mark.parametrize("name", [*PLANAR, *OTHERS])
def test_the_brightness_of_a_part_is_that_of_its_cut(name: str) -> None:
    image, rect = FrameImage(real(name), Rect(11, 7, 331, 201)), Rect(20.4, 31.2, 84.6, 148.9)
    luma, grey = image.brightness(rect), cv2.cvtColor(image.cut(rect), cv2.COLOR_BGR2GRAY)
    assert luma.shape == grey.shape
    assert np.corrcoef(luma.ravel(), grey.ravel())[0, 1] > 0.99


def test_a_cut_is_clipped_to_the_area_and_has_a_pixel_at_least() -> None:
    frame = real()
    image = FrameImage(frame, Rect(101, 51, 301, 151))
    assert off(image.cut(Rect(-9, -9, 40, 30)), whole(frame)[51:81, 101:141]) == 0
    assert off(image.cut(Rect(300, 300, 400, 400)), whole(frame)[150:151, 300:301]) == 0
    assert image.cut(Rect(5.2, 5.2, 5.3, 5.3)).shape == (1, 1, 3)


@pytest.mark.parametrize("name", [*PLANAR, *OTHERS])
def test_a_small_picture_is_the_mean_of_the_large_one(name: str) -> None:
    frame = real(name)
    expected = cv2.resize(whole(frame), (96, 54), interpolation=cv2.INTER_AREA)
    scaled = FrameImage(frame).scaled(Size(96, 54))
    # Two pixels share a colour, and colours change by 20 levels from pixel to pixel here.
    assert np.abs(scaled.astype(int) - expected).mean() < 5
    assert np.abs((scaled.astype(int) - expected).mean(axis=(0, 1))).max() < 1


def test_an_area_is_scaled_without_what_is_around_it() -> None:
    frame = av.VideoFrame.from_ndarray(np.zeros((100, 200, 3), np.uint8), format="bgr24")
    frame = frame.reformat(format="yuv420p")
    np.frombuffer(memoryview(frame.planes[0]), np.uint8).reshape(100, -1)[21:61, 41:101] = 235
    image = FrameImage(frame, Rect(41, 21, 101, 61))
    assert image.size == Size(60, 40)
    assert image.scaled(Size(30, 20)).min() > 250
    assert image.luma(Size(15, 10)).min() > 200
    assert image.picture.shape == (40, 60, 3)


def test_a_size_asked_for_twice_is_made_once() -> None:
    image = FrameImage(real())
    assert image.scaled(Size(96, 54)) is image.scaled(Size(96, 54))
    assert image.picture is image.picture


def test_a_picture_enlarged_stays_smooth() -> None:
    enlarged = FrameImage(real()).scaled(Size(768, 432)).astype(int)
    assert np.abs(np.diff(enlarged, axis=1)).max() < 40


def test_a_picture_has_the_same_interface_and_is_handed_back_as_it_is() -> None:
    picture = whole(real())
    image = FrameImage.of(picture)
    assert image.picture is picture
    assert off(image.cut(Rect(11, 21, 50, 60)), picture[21:60, 11:50]) == 0
    assert image.scaled(Size(96, 54)).shape == (54, 96, 3)
    assert image.luma(Size(96, 54)).shape == (54, 96)
    assert off(FrameImage.of(picture[:, 3:50]).cut(Rect(0, 0, 9, 9)), picture[:9, 3:12]) == 0


def test_luma_follows_brightness_only() -> None:
    frame = flat(6, 1)
    np.frombuffer(memoryview(frame.planes[0]), np.uint8).reshape(64, -1)[:, 32:64] = 200
    luma = FrameImage(frame).luma(Size(4, 4))
    assert luma.shape == (4, 4)
    assert luma[:, 3].min() - luma[:, 0].max() > 60


def test_a_real_clip_looks_as_before(shared_data: Path) -> None:
    path = str(shared_data / "video/intel_person-bicycle-car.mp4")
    with av.open(path) as container:
        frame = next(container.decode(video=0))
    image, before = FrameImage(frame), whole(frame)
    assert off(image.picture, before) == 0
    assert off(image.cut(Rect(301, 111, 365, 239)), before[111:239, 301:365]) == 0
    expected = cv2.resize(before, (384, 216), interpolation=cv2.INTER_AREA).astype(int)
    assert np.percentile(np.abs(image.scaled(Size(384, 216)) - expected), 99) <= 4
