import itertools
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from models.catalogue import RuntimeName
from models.detectors.decoding import decode_boxes_labels, decode_yolox
from models.detectors.views import Grid, Tiles
from models.errors import ModelError
from models.preparation import ShownPicture, Size
from models.roles import Detection, Detector, FrameDetector, LoadOptions, load_detector
from models.store import ModelStore
from shared.classes import ObjectClass
from shared.errors import PictureError
from shared.geometry import Rect
from shared.pictures import Picture

OMZ = "person-vehicle-bike-detection-2004"
FAR = "person-vehicle-bike-detection-2003"
YOLOX = "yolox-nano-416"

# The people in frame 300 of vtest.avi, marked by eye; there are no others.
PEOPLE = (
    Rect(241, 156, 265, 221),
    Rect(584, 158, 611, 236),
    Rect(188, 159, 217, 235),
    Rect(298, 158, 325, 231),
    Rect(314, 210, 346, 294),
    Rect(617, 163, 644, 231),
)
SURE = 0.35


@pytest.fixture(scope="module")
def campus(vtest_avi: Path) -> Picture:
    with av.open(str(vtest_avi)) as clip:
        frame = next(itertools.islice(clip.decode(video=0), 300, None))
        return np.asarray(frame.to_ndarray(format="bgr24"), dtype=np.uint8)


def options(
    store: ModelStore, runtime: RuntimeName | None = None, tiles: Tiles = "auto"
) -> LoadOptions:
    return LoadOptions(store=store, runtime=runtime, tiles=tiles, score=SURE)


@pytest.fixture(scope="module")
def omz(weights: ModelStore) -> FrameDetector:
    """The detector a box uses unless told otherwise; one for all tests, it takes 2 s to compile."""
    return load_detector(OMZ, options(weights))


def people_in(found: list[Detection]) -> list[Rect]:
    return [one.rect for one in found if one.object_class is ObjectClass.PERSON]


def found_of(people: tuple[Rect, ...], boxes: list[Rect]) -> list[int]:
    """How many of `boxes` show each of `people`."""
    return [sum(person.iou(box) > 0.5 for box in boxes) for person in people]


@pytest.mark.parametrize("name", [OMZ, FAR, YOLOX])
def test_every_detector_finds_the_people_of_a_real_frame_once_each(
    weights: ModelStore, campus: Picture, name: str
) -> None:
    found = load_detector(name, options(weights)).detect(campus)
    counts = found_of(PEOPLE, people_in(found))
    assert max(counts) == 1
    assert sum(counts) >= 5
    assert len(people_in(found)) - sum(counts) <= 1
    confidences = [one.confidence for one in found]
    assert confidences == sorted(confidences, reverse=True)


@pytest.mark.parametrize(("left", "there"), [(0, (0, 2)), (256, (3, 4)), (512, (1, 5))])
def test_the_people_in_a_third_of_the_picture_are_found_in_its_own_pixels(
    omz: Detector, campus: Picture, left: int, there: tuple[int, ...]
) -> None:
    third = np.ascontiguousarray(campus[:, left : left + 256])
    boxes = people_in(omz.detect(third))
    people = tuple(PEOPLE[number].shifted(-left, 0) for number in there)
    assert found_of(people, boxes) == [1] * len(people)


def test_tiles_find_a_person_at_a_seam_once(weights: ModelStore, campus: Picture) -> None:
    found = load_detector(OMZ, options(weights, tiles=Grid(columns=3, rows=2))).detect(campus)
    assert found_of(PEOPLE, people_in(found)) == [1] * len(PEOPLE)


def test_the_cars_are_vehicles(weights: ModelStore, campus: Picture) -> None:
    found = load_detector(YOLOX, options(weights)).detect(campus)
    vehicles = [one.rect for one in found if one.object_class is ObjectClass.VEHICLE]
    assert found_of((Rect(651, 43, 724, 99), Rect(733, 50, 768, 94)), vehicles) == [1, 1]


def test_both_runtimes_see_the_same(weights: ModelStore, campus: Picture) -> None:
    one = load_detector(YOLOX, options(weights, "onnxruntime")).detect(campus)
    other = load_detector(YOLOX, options(weights, "openvino")).detect(campus)
    assert [found.object_class for found in one] == [found.object_class for found in other]
    for left, right in zip(one, other, strict=True):
        assert left.rect == pytest.approx(right.rect, abs=0.5)
        assert left.confidence == pytest.approx(right.confidence, abs=0.01)


@pytest.mark.parametrize("name", [OMZ, YOLOX])
def test_threads_do_not_disturb_each_other(
    detectors: dict[str, Detector], campus: Picture, name: str
) -> None:
    detector = detectors[name]
    pictures = [np.ascontiguousarray(campus[:, left : left + 256]) for left in (0, 256, 512)] * 4
    alone = [detector.detect(picture) for picture in pictures]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(detector.detect, pictures)) == alone


@pytest.mark.parametrize("name", [OMZ, YOLOX])
@pytest.mark.parametrize("shape", [(1, 1), (2, 900), (900, 3), (33, 17)])
def test_pictures_of_odd_sizes_are_taken_and_boxes_stay_inside(
    detectors: dict[str, Detector], name: str, shape: tuple[int, int]
) -> None:
    noise = np.random.default_rng(1).integers(0, 256, (*shape, 3), dtype=np.uint8)
    for rect in (one.rect for one in detectors[name].detect(noise)):
        assert rect == rect.clipped(shape[1], shape[0])
        assert rect.area > 0


@pytest.fixture(scope="module")
def detectors(weights: ModelStore) -> dict[str, Detector]:
    return {
        name: load_detector(name, LoadOptions(store=weights, score=0.01)) for name in (OMZ, YOLOX)
    }


@pytest.mark.parametrize(
    "picture",
    [
        np.empty((0, 5, 3), dtype=np.uint8),
        np.zeros((5, 5), dtype=np.uint8),
        np.zeros((5, 5, 4), dtype=np.uint8),
        np.zeros((5, 5, 3), dtype=np.float32),
    ],
)
def test_what_is_no_picture_is_refused(detectors: dict[str, Detector], picture: Picture) -> None:
    with pytest.raises(PictureError, match="a picture of"):
        detectors[OMZ].detect(picture)


def test_an_embedder_is_not_taken_for_a_detector(weights: ModelStore) -> None:
    with pytest.raises(ModelError, match="is for embedding; a detector is needed"):
        load_detector("osnet-x0-25", LoadOptions(store=weights))


def test_outputs_that_no_network_may_give_are_refused() -> None:
    with pytest.raises(ModelError, match="boxes of shape"):
        decode_boxes_labels({"boxes": np.zeros((3, 4)), "labels": np.zeros(3)}, Size(1, 1))
    with pytest.raises(ModelError, match="not finite"):
        decode_boxes_labels({"boxes": np.full((1, 5), np.nan), "labels": np.zeros(1)}, Size(1, 1))
    with pytest.raises(ModelError, match=r"expected \(1, 21, 6\+\)"):
        decode_yolox({"output": np.zeros((1, 20, 85))}, Size(32, 32))


def test_a_yolox_cell_is_read_as_the_paper_says() -> None:
    output = np.full((1, 21, 7), 0.0, dtype=np.float32)
    # Cell 5 of the finest of three grids (4 x 4 cells of 8 pixels): column 1, row 1.
    output[0, 5] = [0.5, 0.25, np.log(2), np.log(3), 0.8, 0.1, 0.5]
    boxes = decode_yolox({"output": output}, Size(32, 32))
    best = int(boxes.scores.argmax())
    assert boxes.scores[best] == pytest.approx(0.4)
    assert boxes.labels[best] == 1
    assert boxes.corners[best] == pytest.approx([12 - 8, 10 - 12, 12 + 8, 10 + 12])


def test_pictures_looked_at_together_show_what_each_shows_alone(campus: Picture) -> None:
    starter = load_detector("starter-detector", LoadOptions(batch=4, score=SURE))
    assert starter.batch == 4
    parts = [campus, campus[:, ::-1], campus[:300], campus[200:]]
    pictures = [np.asarray(cv2.resize(one, (768, 432)), dtype=np.uint8) for one in parts] * 2
    alone = [starter.detect(picture) for picture in pictures]
    for count in (1, 2, 3, 7, 8):
        together = starter.detect_all([ShownPicture(picture) for picture in pictures[:count]])
        for found, expected in zip(together, alone[:count], strict=True):
            assert [one.object_class for one in found] == [one.object_class for one in expected]
            for one, other in zip(found, expected, strict=True):
                assert one.rect == pytest.approx(other.rect, abs=0.5)
    assert starter.detect_all([]) == []


def test_a_network_that_mixes_pictures_up_is_never_given_several(omz: FrameDetector) -> None:
    assert omz.batch == 1


def test_pictures_of_different_sizes_share_a_call_where_they_are_looked_at_alike(
    campus: Picture,
) -> None:
    starter = load_detector("starter-detector", LoadOptions(batch=2, score=SURE))
    small = np.asarray(cv2.resize(campus, (640, 360)), dtype=np.uint8)
    large = np.asarray(cv2.resize(campus, (1920, 1080)), dtype=np.uint8)
    assert starter.view(Size(640, 360)).input == starter.view(Size(1920, 1080)).input
    one, other = starter.detect_all([ShownPicture(small), ShownPicture(large)])
    assert max(found.rect.right for found in one) <= 640
    assert max(found.rect.right for found in other) > 640
