from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.embedders.embedder import Bounds, Vectors
from models.evaluation.reid import evaluate_reid, score_vectors
from models.evaluation.reid_data import ReidCrop, ReidSet, choose_identities, read_reid
from shared.errors import ConfigError
from shared.pictures import Picture, encode_webp


def reid_set(*crops: str) -> ReidSet:
    """Crops like `a1`: identity a, camera 1. Everyone asks and answers."""
    everyone = tuple(range(len(crops)))
    return ReidSet(
        tuple(ReidCrop(Path(f"{place}.jpg"), crop[0], crop[1]) for place, crop in enumerate(crops)),
        everyone,
        everyone,
    )


def at_degrees(*degrees: float) -> Vectors:
    """Unit vectors: the nearer the angles, the more alike."""
    angles = np.radians(degrees)
    return np.stack((np.cos(angles), np.sin(angles)), axis=1).astype(np.float32)


def test_the_figures_are_those_computed_by_hand() -> None:
    crops = reid_set("a1", "a2", "b1", "b2")
    # a1 at 0 sees b1 (10), a2 (20), b2 (50); a2 sees b1, a1, b2; b1 sees a1 or a2 (10 away: the
    # first of two alike), a2, b2; b2 sees a2 (30), b1 (40), a1 (50).
    figures = score_vectors(at_degrees(0, 20, 10, 50), crops)
    assert (figures.rank1, figures.rank5, figures.rank10) == (0, 100, 100)
    assert figures.mean_ap == pytest.approx(100 * (1 / 2 + 1 / 2 + 1 / 3 + 1 / 2) / 4)
    assert (figures.queries, figures.gallery, figures.identities) == (4, 4, 2)


def test_several_right_answers_count_by_the_precision_at_each() -> None:
    crops = ReidSet(reid_set("a1", "a2", "b2", "a3").crops, (0,), (1, 2, 3))
    figures = score_vectors(at_degrees(0, 10, 20, 30), crops)
    assert figures.rank1 == 100
    assert figures.mean_ap == pytest.approx(100 * (1 / 1 + 2 / 3) / 2)


def test_the_same_identity_through_the_same_camera_does_not_count() -> None:
    crops = ReidSet(reid_set("a1", "a1", "b2", "a2").crops, (0,), (1, 2, 3))
    figures = score_vectors(at_degrees(0, 0, 10, 20), crops)
    assert figures.rank1 == 0
    assert figures.mean_ap == pytest.approx(50)


def test_a_query_no_other_camera_has_seen_is_not_counted() -> None:
    figures = score_vectors(at_degrees(0, 1, 90), reid_set("a1", "a2", "b1"))
    assert (figures.queries, figures.rank1) == (2, 100)


def test_nobody_seen_twice_is_refused() -> None:
    with pytest.raises(ConfigError, match="nobody in the set is seen by two cameras"):
        score_vectors(at_degrees(0, 1, 90), reid_set("a1", "b2", "c1"))


@given(st.integers(2, 12), st.integers(2, 4), st.integers(0, 2**32 - 1))
def test_perfect_vectors_score_100(identities: int, cameras: int, seed: int) -> None:
    names = [f"{chr(97 + one)}{camera}" for one in range(identities) for camera in range(cameras)]
    order = np.random.default_rng(seed).permutation(len(names))
    vectors = np.repeat(np.eye(identities, dtype=np.float32), cameras, axis=0)
    figures = score_vectors(vectors[order], reid_set(*(names[place] for place in order)))
    assert figures.rank1 == 100
    assert figures.mean_ap == pytest.approx(100)


def test_random_vectors_score_what_chance_gives() -> None:
    names = [f"{chr(97 + one)}{camera}" for one in range(20) for camera in (1, 2)]
    generator = np.random.default_rng(7)
    drawn = [generator.normal(size=(40, 16)).astype(np.float32) for _ in range(50)]
    rank1 = np.mean([score_vectors(rows, reid_set(*names)).rank1 for rows in drawn])
    # One of the 39 others is right: 2.6 percent of 2,000 queries, give or take 0.36.
    assert rank1 == pytest.approx(100 / 39, abs=1.1)


class Brightness:
    """An embedder that sees how bright a crop is."""

    space = "brightness"
    dimensions = 2
    bounds = Bounds(0.9, 0.1)

    def describe(self) -> str:
        return "brightness@1"

    def embed(self, crops: Sequence[Picture]) -> Vectors:
        return at_degrees(*(float(crop.mean()) / 255 * 90 for crop in crops))


def write_crop(path: Path, level: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(encode_webp(np.full((16, 8, 3), level, dtype=np.uint8)))


def test_a_damaged_crop_is_named_and_the_rest_counted(tmp_path: Path) -> None:
    for name, level in {"car_1_cam1": 10, "car_1_cam2": 20, "bus_1_cam1": 200}.items():
        write_crop(tmp_path / f"{name}.jpg", level)
    (tmp_path / "bus_1_cam2.jpg").write_bytes(b"\xff\xd8 not a picture")
    done: list[int] = []
    figures = evaluate_reid(Brightness(), read_reid(tmp_path), done.append)
    assert (figures.queries, figures.rank1, figures.gallery) == (2, 100, 3)
    assert len(figures.damaged) == 1
    assert "bus_1_cam2.jpg" in figures.damaged[0]
    assert sum(done) == 3


@pytest.mark.parametrize(
    ("names", "found"),
    [
        (["0002_c1s1_000451_03", "0007_c3s2_01_00"], {("0002", "1"), ("0007", "3")}),
        (["0002/0002_c1s1_000451_03", "0007/0007_c3s2_01_00"], {("0002", "1"), ("0007", "3")}),
        (["bus_0001_cam1", "car_0001_cam2"], {("bus_0001", "1"), ("car_0001", "2")}),
        (["-1_c1s1_1_1", "0003_c1s1_1_1", "0003_c2s1_1_1"], {("0003", "1"), ("0003", "2")}),
    ],
    ids=["flat", "a folder an identity", "type_id_cam", "Market-1501's rubbish left out"],
)
def test_each_layout_is_read(tmp_path: Path, names: list[str], found: set[tuple[str, str]]) -> None:
    for name in names:
        write_crop(tmp_path / f"{name}.jpg", 1)
    crops = read_reid(tmp_path)
    assert {(crop.identity, crop.camera) for crop in crops.crops} == found


def test_distractors_answer_but_do_not_ask(tmp_path: Path) -> None:
    for name in ("0000_c1s1_1_1", "0002_c1s1_1_1", "0002_c2s1_1_1"):
        write_crop(tmp_path / f"{name}.jpg", 1)
    crops = read_reid(tmp_path)
    assert (len(crops.queries), len(crops.gallery)) == (2, 3)


def test_one_query_a_camera_leaves_the_gallery_unless_it_is_the_only_one(tmp_path: Path) -> None:
    for name in ("0002_c1s1_1_1", "0002_c1s1_2_1", "0002_c2s1_1_1"):
        write_crop(tmp_path / f"{name}.jpg", 1)
    crops = read_reid(tmp_path, queries="one-per-camera")
    assert [crops.crops[place].path.stem for place in crops.queries] == [
        "0002_c1s1_1_1",
        "0002_c2s1_1_1",
    ]
    assert [crops.crops[place].path.stem for place in crops.gallery] == [
        "0002_c1s1_2_1",
        "0002_c2s1_1_1",
    ]


def test_identities_are_chosen_by_place_or_by_a_list(tmp_path: Path) -> None:
    known = ["0002", "0007", "0010", "bus_0001"]
    assert choose_identities(known, "1:3") == {"0007", "0010"}
    assert choose_identities(known, "2:") == {"0010", "bus_0001"}
    listed = tmp_path / "test.txt"
    listed.write_text("bus_0001_cam2.jpg\n0002\n\n")
    assert choose_identities(known, str(listed)) == {"0002", "bus_0001"}


@pytest.mark.parametrize(
    ("wanted", "complaint"),
    [("9:", "names none of the 2"), ("5", "neither A:B nor a file"), ("LIST", "first 'x9'")],
)
def test_a_choice_that_cannot_be_is_refused(tmp_path: Path, wanted: str, complaint: str) -> None:
    listed = tmp_path / "list.txt"
    listed.write_text("x9\n")
    with pytest.raises(ConfigError, match=complaint):
        choose_identities(["0002", "0007"], wanted.replace("LIST", str(listed)))


@pytest.mark.parametrize(
    ("names", "complaint"),
    [
        ([], "has no picture"),
        (["holiday"], "the name says no identity"),
        (["0002_c1s1_1_1", "0007_c1s1_1_1"], "fewer than two cameras"),
    ],
    ids=["empty", "another name", "one camera"],
)
def test_a_folder_that_is_no_set_is_refused(
    tmp_path: Path, names: list[str], complaint: str
) -> None:
    for name in names:
        write_crop(tmp_path / f"{name}.jpg", 1)
    with pytest.raises(ConfigError, match=complaint):
        read_reid(tmp_path)


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="is not a folder"):
        read_reid(tmp_path / "nowhere")
