"""What the embedders learn from: nobody leaks, nothing is empty, bad files are named."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from models.errors import ModelError
from models.evaluation.reid_data import read_reid
from models.preparation import Size
from models.train.embedder.batches import Draw, batches, drawn_places, places_of
from models.train.embedder.clothes import draw_outfit
from models.train.embedder.degrade import Strength, degrade
from models.train.embedder.drawn import draw_person
from models.train.embedder.identities import kind_of, split_by_identity
from models.train.embedder.looks import draw_look, wearing
from models.train.embedder.parts import part_at, together
from models.train.embedder.people import CROP, SEEN, Real, person_samples, placed
from models.train.embedder.person import cut_out, read_whole
from models.train.embedder.pool import Pool, Sample, make_pool, read_pool, write_pool
from models.train.embedder.recolour import blended, draw_dye, dyed, middle
from models.train.embedder.vehicle import COLOURS, vehicle_samples
from shared.errors import ConfigError, PictureError
from shared.pictures import Picture

MakeVehicles = Callable[..., Path]


def _picture(seed: int, height: int = 60, width: int = 40) -> Picture:
    rng = np.random.default_rng(seed)
    small = rng.integers(0, 256, (6, 4, 3), dtype=np.uint8)
    return np.asarray(cv2.resize(small, (width, height)), dtype=np.uint8)


@pytest.fixture
def make_vehicles(tmp_path: Path) -> MakeVehicles:
    """A folder of vehicles, each seen by two cameras."""

    def make(**kinds: int) -> Path:
        for kind, count in kinds.items():
            for number in range(count):
                for camera in (1, 2):
                    picture = _picture(100 * number + camera)
                    cv2.imwrite(str(tmp_path / f"{kind}_{number:04}_cam{camera}.jpg"), picture)
        return tmp_path

    return make


def _pool(sizes: list[int]) -> Pool:
    samples = (
        Sample(_picture(10 * who + which), f"{who:03}")
        for who, size in enumerate(sizes)
        for which in range(size)
    )
    return make_pool(samples, [], lambda _line: None)


def test_nobody_is_both_trained_on_and_held_out(make_vehicles: MakeVehicles) -> None:
    crops = read_reid(make_vehicles(car=6, bus=3))
    split = split_by_identity(crops, {"car": 2, "bus": 1})
    train, held_out = set(split.train.identities), set(split.held_out.identities)
    assert not train & held_out
    assert train | held_out == set(crops.identities)
    assert sorted(kind_of(one) for one in held_out) == ["bus", "car", "car"]


def test_pictures_of_the_held_out_are_not_among_the_samples(make_vehicles: MakeVehicles) -> None:
    split = split_by_identity(read_reid(make_vehicles(car=4)), {"car": 2})
    names = {sample.identity.split(" dyed")[0] for sample in vehicle_samples(split.train, 0)}
    assert names == set(split.train.identities)


def test_who_is_held_out_does_not_depend_on_who_else_is_there(
    make_vehicles: MakeVehicles,
) -> None:
    few = split_by_identity(read_reid(make_vehicles(car=5)), {"car": 5, "": 0} | {"car": 1})
    many = split_by_identity(read_reid(make_vehicles(car=5, truck=4)), {"car": 1, "truck": 1})
    assert set(few.held_out.identities) < set(many.held_out.identities)


def test_more_held_out_than_there_are_is_refused(make_vehicles: MakeVehicles) -> None:
    crops = read_reid(make_vehicles(car=2))
    with pytest.raises(
        ConfigError, match="3 identities of kind 'car' to hold out, and there are 2"
    ):
        split_by_identity(crops, {"car": 3})


def test_holding_everyone_out_is_refused(make_vehicles: MakeVehicles) -> None:
    with pytest.raises(ConfigError, match="nobody is left"):
        split_by_identity(read_reid(make_vehicles(car=2)), {"car": 2})


def test_an_identity_that_is_a_number_has_no_kind() -> None:
    assert (kind_of("0012"), kind_of("bus_0001")) == ("", "bus")


def test_a_vehicle_comes_in_its_own_colours_and_in_others(make_vehicles: MakeVehicles) -> None:
    samples = list(vehicle_samples(read_reid(make_vehicles(car=1)), 0))
    assert len(samples) == 2 * (1 + COLOURS)
    assert len({sample.identity for sample in samples}) == 1 + COLOURS


def test_a_corrupt_picture_is_left_out_of_training(make_vehicles: MakeVehicles) -> None:
    folder = make_vehicles(car=2)
    (folder / "car_0001_cam2.jpg").write_bytes(b"no picture")
    samples = list(vehicle_samples(read_reid(folder), 0))
    assert len(samples) == 3 * (1 + COLOURS)


def test_each_batch_has_so_many_of_so_many() -> None:
    pool = _pool([3, 1, 4, 2, 2])
    drawn = drawn_places(pool, Draw(2, 3), np.random.default_rng(0))
    for _ in range(20):
        labels = pool.labels[next(drawn)]
        assert np.unique(labels, return_counts=True)[1].tolist() == [3, 3]


def test_no_crop_is_drawn_twice_while_there_are_others() -> None:
    pool = _pool([4, 4])
    places = next(drawn_places(pool, Draw(2, 3), np.random.default_rng(0)))
    assert len(set(places.tolist())) == 6


def test_everyone_comes_before_anyone_comes_again() -> None:
    pool = _pool([2] * 6)
    drawn = drawn_places(pool, Draw(2, 2), np.random.default_rng(0))
    labels = np.concatenate([pool.labels[next(drawn)] for _ in range(3)])
    assert set(labels.tolist()) == set(range(6))


def test_the_places_of_a_label_are_its_own() -> None:
    pool = _pool([2, 3])
    assert [len(places) for places in places_of(pool)] == [2, 3]
    assert all(len(set(pool.labels[places])) == 1 for places in places_of(pool))


def test_a_batch_larger_than_the_pool_is_refused() -> None:
    with pytest.raises(ConfigError, match="2 identities are fewer than the 3 of a batch"):
        next(drawn_places(_pool([2, 2]), Draw(3, 2), np.random.default_rng(0)))


def test_the_same_seed_draws_the_same_batches() -> None:
    pool, size = _pool([2, 2]), Size(32, 48)
    one, two = (
        next(batches(pool, Draw(2, 2), size, Strength(), np.random.default_rng(7)))
        for _ in range(2)
    )
    assert (one[0] == two[0]).all()
    assert (one[1] == two[1]).all()


def test_an_empty_pool_is_refused() -> None:
    with pytest.raises(ConfigError, match="0 crops of 0 identities"):
        make_pool([], [])


def test_a_crop_of_no_area_is_refused() -> None:
    with pytest.raises(PictureError, match="above zero"):
        make_pool([Sample(np.zeros((0, 8, 3), dtype=np.uint8), "a")], [])


def test_a_pool_of_one_person_is_refused() -> None:
    with pytest.raises(ConfigError, match="nothing to tell apart"):
        make_pool([Sample(_picture(0), "a"), Sample(_picture(1), "a")], [])


def test_a_pool_comes_back_as_it_was(tmp_path: Path) -> None:
    pool = _pool([2, 1])
    write_pool(pool, tmp_path / "pool.npz")
    back = read_pool(tmp_path / "pool.npz")
    assert back.crops == pool.crops
    assert back.labels.tolist() == pool.labels.tolist()
    assert (back.picture(2) == pool.picture(2)).all()


def test_a_damaged_pool_is_named(tmp_path: Path) -> None:
    (tmp_path / "pool.npz").write_bytes(b"PK damaged")
    with pytest.raises(ModelError, match=r"pool\.npz: not a pool"):
        read_pool(tmp_path / "pool.npz")


@pytest.mark.parametrize("seed", range(20))
def test_a_degraded_crop_has_the_networks_size(seed: int) -> None:
    rng = np.random.default_rng(seed)
    seen = degrade(_picture(seed), Size(64, 128), Strength(), rng)
    assert seen.shape == (128, 64, 3)
    assert seen.dtype == np.uint8


def test_a_crop_of_one_pixel_can_be_degraded() -> None:
    seen = degrade(_picture(0, 1, 1), Size(16, 32), Strength(), np.random.default_rng(0))
    assert seen.shape == (32, 16, 3)


def test_people_of_black_crops_alone_are_left_out(tmp_path: Path) -> None:
    for camera in (1, 2):
        cv2.imwrite(str(tmp_path / f"0001_c{camera}s1_000001.jpg"), np.zeros((128, 64, 3)))
        cv2.imwrite(str(tmp_path / f"0002_c{camera}s1_000001.jpg"), _picture(camera, 128, 64))
    people = read_whole(read_reid(tmp_path))
    assert [len(person) for person in people] == [2]
    assert people[0][0].shape == (128, 64, 3)


def test_drawn_people_are_seen_whole_and_alike_in_their_clothes() -> None:
    rng = np.random.default_rng(0)
    for _ in range(5):
        outfit = draw_outfit(rng)
        drawing = draw_person(outfit, rng)
        assert 0.05 < drawing.mask.mean() < 0.6
        assert drawing.mask[0].max() == 0
        assert placed(drawing, [_picture(3, 90, 160)], rng).shape == (160, 80, 3)


def _real() -> Real:
    person = [_picture(seed, CROP.height, CROP.width) for seed in (1, 2)]
    outfit = draw_outfit(np.random.default_rng(0))
    cutouts = [draw_person(outfit, np.random.default_rng(0))]
    return Real([person], [person], [cutouts], [_picture(3, 90, 160)], person)


def test_samples_of_people_are_of_every_making() -> None:
    samples = list(person_samples(_real(), 120, [0, 0]))
    kinds = {sample.identity.split()[0] for sample in samples}
    assert kinds == {"own", "worn", "mixed", "cut", "drawn", "thing"}
    assert {sample.picture.shape for sample in samples} == {(SEEN.height, SEEN.width, 3)}


def test_where_nobody_is_real_all_are_drawn() -> None:
    samples = person_samples(Real([], [], [], [_picture(3, 90, 160)]), 3, [0, 0])
    assert {sample.identity.split()[0] for sample in samples} == {"drawn"}


def test_a_look_is_worn_by_the_person_alone() -> None:
    picture = _picture(5, 80, 60)
    for seed in range(10):
        rng = np.random.default_rng(seed)
        worn = wearing(picture, replace(draw_look(rng), bag=None), middle(picture), rng)
        assert worn.shape == picture.shape
        assert (worn[0, 0] == picture[0, 0]).all()


def test_of_a_plain_crop_nobody_is_cut_out() -> None:
    assert cut_out(np.zeros((128, 64, 3), dtype=np.uint8)) is None


def test_a_part_is_made_once(tmp_path: Path) -> None:
    made: list[int] = []

    def samples(number: int) -> list[Sample]:
        made.append(number)
        return [Sample(_picture(seed), f"{seed}") for seed in (0, 1)]

    pools = [part_at(tmp_path, number, samples, list, lambda _line: None) for number in (0, 1, 0)]
    assert made == [0, 1]
    assert pools[0].crops == pools[2].crops


def test_nobody_of_one_part_is_somebody_of_another() -> None:
    whole = together([_pool([2, 1]), _pool([1, 1])])
    assert whole.labels.tolist() == [0, 0, 1, 2, 3]
    assert len(whole.crops) == 5


def test_dye_changes_colours_and_not_what_is_behind() -> None:
    picture = _picture(5, 80, 60)
    changed = blended(picture, dyed(picture, draw_dye(np.random.default_rng(1))), middle(picture))
    assert (changed[0, 0] == picture[0, 0]).all()
    assert np.abs(changed[40, 30].astype(int) - picture[40, 30]).max() > 0
