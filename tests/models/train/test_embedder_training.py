"""A tiny embedder is trained end to end, goes on where it was cut off, and runs everywhere."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from threading import Event

import cv2
import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch.nn import functional

from models.evaluation.reid_data import ReidSet, read_reid
from models.preparation import Size
from models.roles import Bounds
from models.runtimes.port import NetworkSpec, RuntimeOptions, make_runtime
from models.train.common.cards import read_card, read_entry
from models.train.common.loop import Recipe, Run
from models.train.common.options import TrainOptions, clock_of
from models.train.common.publishing import parameters_of
from models.train.embedder.batches import Draw
from models.train.embedder.degrade import Strength
from models.train.embedder.losses import Classes, contrast, hardest, same_relations
from models.train.embedder.mirrored import Mirrored
from models.train.embedder.network import EmbedderNetwork, Shape, gflop_of
from models.train.embedder.person import SHAPE as PERSON
from models.train.embedder.pool import Pool, Sample, make_pool
from models.train.embedder.publish import export
from models.train.embedder.running import Plan, run
from models.train.embedder.task import (
    COPY,
    EmbedderTask,
    Setting,
    Weights,
    agreement_of,
    centred,
    embedder_of,
    mean_of,
)
from models.train.embedder.vehicle import FACTS
from models.train.embedder.vehicle import SHAPE as VEHICLE
from shared.errors import ConfigError
from shared.pictures import Picture

_TINY = Shape(Size(32, 32), (4, 4, 8, 8), (1, 1, 1), 2, 16)
_PLAN = Plan(_TINY, Draw(3, 2), Strength(), Weights(), teachers=(), facts=FACTS)


@pytest.fixture(autouse=True)
def _one_thread() -> Iterator[None]:
    """Threads that wait for each other are slow where other tests run too."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


class _Teacher:
    """Tells pictures apart by their mean colour."""

    space, dimensions, bounds = "colour", 3, Bounds(alike=0.9, unlike=0.5)

    def embed(self, crops: Sequence[Picture]) -> NDArray[np.float32]:
        means = np.array([crop.mean(axis=(0, 1)) for crop in crops], dtype=np.float32)
        return np.asarray(means / np.linalg.norm(means, axis=1, keepdims=True), dtype=np.float32)

    def describe(self) -> str:
        return "colour"


def _samples(_part: int = 0) -> Iterator[Sample]:
    for who in range(6):
        rng = np.random.default_rng(who)
        colour = rng.integers(0, 256, 3)
        for _ in range(2):
            noisy = np.clip(colour + rng.normal(0, 8, (40, 40, 3)), 0, 255)
            yield Sample(noisy.astype(np.uint8), f"{who}")


@pytest.fixture
def pool() -> Pool:
    return make_pool(_samples(), [_Teacher()])


@pytest.fixture
def held_out(tmp_path: Path) -> ReidSet:
    for number, sample in enumerate(_samples()):
        name = f"car_{sample.identity:>04}_cam{number % 2}.jpg"
        cv2.imwrite(str(tmp_path / name), sample.picture)
    return read_reid(tmp_path)


def _task(pool: Pool, held_out: ReidSet | None = None) -> EmbedderTask:
    torch.manual_seed(0)
    setting = Setting(_TINY, Draw(3, 2), Strength(), Weights(), torch.device("cpu"))
    return EmbedderTask(setting, pool, held_out)


def _recipe(steps: int) -> Recipe:
    return Recipe(minutes=60, steps=steps, average=0.9)


def test_a_few_steps_lower_the_loss(pool: Pool, tmp_path: Path) -> None:
    task = _task(pool)
    batch = next(task.batches(99))
    before = sum(float(part.detach()) for part in task.losses(batch, 1.0).values())
    Run(task, _recipe(8), tmp_path, tell=lambda _line: None).train()
    task.network.train()
    after = sum(float(part.detach()) for part in task.losses(batch, 1.0).values())
    assert after < before


def test_what_is_held_out_is_judged(pool: Pool, held_out: ReidSet, tmp_path: Path) -> None:
    run_ = Run(_task(pool, held_out), _recipe(3), tmp_path, tell=lambda _line: None)
    _, figures = run_.train()
    assert set(figures) == {"rank1", "mAP"}
    assert all(0 <= value <= 100 for value in figures.values())


def test_a_run_goes_on_where_it_was_cut_off(pool: Pool, tmp_path: Path) -> None:
    Run(_task(pool), _recipe(3), tmp_path, tell=lambda _line: None).train()
    cut_off = Run(_task(pool), _recipe(5), tmp_path, tell=lambda _line: None)
    assert cut_off.resume()
    cut_off.train()
    kept = torch.load(tmp_path / "checkpoint.pt", weights_only=True)
    assert kept["state"]["step"] == 5


def test_a_network_that_copies_comes_nearer_to_its_teacher(pool: Pool, tmp_path: Path) -> None:
    torch.manual_seed(0)
    shape = replace(_TINY, dimensions=3)
    light = Strength(shift=0, light=0, cast=0, blur=0, noise=0, compress=0, erase=0)
    setting = Setting(shape, Draw(6, 2), light, COPY, torch.device("cpu"), coarse=0)
    task = EmbedderTask(setting, pool, None, unseen=pool)
    before = task.judge(task.network.eval())
    hasty = replace(_recipe(60), rate=0.1)  # of which the warm-up leaves a fiftieth
    _, after = Run(task, hasty, tmp_path, tell=lambda _line: None).train()
    assert after["agreement"] > before["agreement"] + 10


def test_a_teacher_of_other_dimensions_cannot_be_copied(pool: Pool) -> None:
    setting = Setting(_TINY, Draw(3, 2), Strength(), COPY, torch.device("cpu"))
    with pytest.raises(ConfigError, match=r"vectors of 16 numbers cannot be those of teachers"):
        EmbedderTask(setting, pool, None)


def test_the_same_vectors_agree_in_all() -> None:
    vectors = functional.normalize(torch.randn(6, 4)).numpy()
    assert agreement_of(vectors, vectors) == pytest.approx({"agreement": 100, "relations": 100})


def test_minutes_of_the_processor_do_not_pass_while_it_waits() -> None:
    options = TrainOptions(data=Path(), out=Path(), minutes=1, processor_time=True)
    clock, wall = clock_of(options), clock_of(replace(options, processor_time=False))
    before, begin = clock(), wall()
    Event().wait(0.05)
    assert wall() - begin > clock() - before


def test_a_mirrored_teacher_says_the_same_of_a_crop_and_its_mirror_image() -> None:
    class Left(_Teacher):
        """Sees the left half only."""

        def embed(self, crops: Sequence[Picture]) -> NDArray[np.float32]:
            return super().embed([crop[:, : crop.shape[1] // 2] for crop in crops])

    rng = np.random.default_rng(0)
    crop = np.repeat(rng.integers(0, 256, (1, 2, 3), dtype=np.uint8), 8, axis=1)
    teacher = Mirrored(Left())
    one, other = teacher.embed([crop, crop[:, ::-1]])
    assert one == pytest.approx(other)
    assert np.linalg.norm(one) == pytest.approx(1)
    assert (teacher.space, teacher.dimensions, teacher.bounds.unlike) == ("colour", 3, 0.5)
    assert teacher.describe() == "colour, mirrored too"


def test_a_corrupt_held_out_picture_is_named(pool: Pool, held_out: ReidSet) -> None:
    held_out.crops[3].path.write_bytes(b"no picture")
    with pytest.raises(ConfigError, match=held_out.crops[3].path.name):
        _task(pool, held_out)


def test_from_data_to_a_file_that_both_runtimes_read(held_out: ReidSet, tmp_path: Path) -> None:
    run(_PLAN, TrainOptions(data=tmp_path, out=tmp_path, minutes=0.01), _samples, held_out)
    folder = tmp_path / "weights"
    pictures = np.zeros((3, 3, 32, 32), dtype=np.float32)
    for name in ("onnxruntime", "openvino"):
        spec = NetworkSpec(
            path=folder / "starter-vehicle-embedder.onnx",
            input="image",
            outputs=("embedding",),
            shape=(1, 3, 32, 32),
            run_at=(-1, 3, 32, 32),
        )
        network = make_runtime(name, RuntimeOptions(device="CPU", threads=1)).load(spec)
        assert network.infer({"image": pictures})["embedding"].shape == (3, 16)
    entry, card = read_entry(folder), read_card(folder)
    assert (entry.name, entry.input.width) == (card.name, 32)
    assert {figure.metric for figure in card.figures} == {"rank1", "mAP"}


def test_a_preview_is_a_picture_and_trains_nothing(tmp_path: Path) -> None:
    sheet = tmp_path / "sheet.png"
    options = TrainOptions(data=tmp_path, out=tmp_path, minutes=1, preview=sheet)
    run(_PLAN, options, _samples, None)
    drawn = cv2.imread(str(sheet))
    assert drawn is not None
    assert drawn.shape == (8 * 32, 6 * 32, 3)
    assert not (tmp_path / "checkpoint.pt").exists()


def test_the_shipped_shapes_are_small() -> None:
    assert parameters_of(EmbedderNetwork(PERSON)) <= 900_000
    assert parameters_of(EmbedderNetwork(VEHICLE)) <= 700_000
    assert max(gflop_of(PERSON), gflop_of(VEHICLE)) <= 1.0


def test_the_network_takes_other_sizes_while_it_learns() -> None:
    network = EmbedderNetwork(_TINY).eval()
    assert network(torch.zeros(2, 3, 24, 24)).shape == (2, 16)


def test_contrast_is_least_where_those_of_one_are_together() -> None:
    labels = torch.tensor([0, 0, 1, 1])
    together = torch.tensor([[1.0, 0], [1, 0], [0, 1], [0, 1]])
    assert contrast(together, labels) < contrast(together[[0, 2, 1, 3]], labels)


def test_contrast_of_those_who_are_all_alone_is_nothing() -> None:
    vectors = functional.normalize(torch.randn(3, 4))
    assert float(contrast(vectors, torch.arange(3))) == 0.0


def test_triplets_are_least_where_those_of_one_are_together() -> None:
    labels = torch.tensor([0, 0, 1, 1])
    together = torch.tensor([[1.0, 0], [1, 0], [0, 1], [0, 1]])
    assert hardest(together, labels) < hardest(together[[0, 2, 1, 3]], labels)


def test_relations_like_the_teachers_cost_nothing() -> None:
    vectors = functional.normalize(torch.randn(5, 4))
    turned = torch.linalg.qr(torch.randn(4, 4))[0]
    assert float(same_relations(vectors, vectors @ turned)) < 1e-10


def test_the_right_class_costs_less() -> None:
    classes = Classes(4, 3)
    centres = functional.normalize(classes.centres.detach())
    right, wrong = (classes(centres, torch.tensor(order)) for order in ([0, 1, 2], [1, 2, 0]))
    assert right < wrong


def test_what_all_vectors_share_is_taken_away() -> None:
    rows = (np.eye(3) * 0.1 + 1).astype(np.float16)
    apart = centred(rows, mean_of(rows))
    cosines = apart @ apart.T
    assert cosines[0, 1] < 0
    assert cosines[0, 0] == pytest.approx(1)


def test_an_exported_average_needs_no_classifier(pool: Pool, tmp_path: Path) -> None:
    network, _ = Run(_task(pool), _recipe(2), tmp_path, tell=lambda _line: None).train()
    export(embedder_of(network), tmp_path / "one.onnx")
    assert (tmp_path / "one.onnx").stat().st_size < 40_000
