from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch

from models.plates.layouts import PlateNumber
from models.plates.slots import OUTPUTS, SLOTS
from models.train.cli import trainer_of
from models.train.common.export import Interface, export_onnx
from models.train.common.loop import Recipe, Run
from models.train.plates.batches import PlateBatch, collate
from models.train.plates.calibration import confidences, fit_temperature
from models.train.plates.network import COLUMNS, HEIGHT, ROWS, WIDTH, PlateNet, count_gflop
from models.train.plates.scenes import View
from models.train.plates.sets import plates_of
from models.train.plates.task import PlateTask, exact
from models.train.plates.trainer import train
from tests.models.plates.fakes import logits_of
from tests.models.train.plate_faces import studio

EASY = View(narrowest=120, negatives=0.1, on_plate=(), weather=(), optics=(), sensor=())


@pytest.fixture(autouse=True)
def _one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    torch.manual_seed(0)
    yield
    torch.set_num_threads(before)


def test_the_network_keeps_its_budget() -> None:
    network = PlateNet()
    assert sum(one.numel() for one in network.parameters()) <= 1_000_000
    assert count_gflop(network.eval()) <= 0.2


def test_training_is_asked_for_by_its_name() -> None:
    assert trainer_of("plate-reader") is train


def test_each_slot_is_told_to_look_where_its_character_is() -> None:
    scenes = plates_of(studio(EASY), 1, 4)
    batch = collate(scenes)
    assert batch.pictures.shape == (4, 1, HEIGHT, WIDTH)
    looks = batch.looks.reshape(4, SLOTS, ROWS, COLUMNS)
    for scene, grid in zip(scenes, looks, strict=True):
        for centre, where in zip(scene.frames[:, 0], grid, strict=True):
            if np.isnan(centre).any():
                assert not where.any()
            else:
                row, column = divmod(int(where.argmax()), COLUMNS)
                assert abs(row + 0.5 - centre[1] * ROWS) <= 0.51
                assert abs(column + 0.5 - centre[0] * COLUMNS) <= 0.51


def test_a_few_steps_learn_something_and_go_on_after_a_break(tmp_path: Path) -> None:
    lines: list[str] = []
    held_out = {"easy": plates_of(studio(EASY), 9, 4)}

    def run(steps: int) -> Run[PlateBatch]:
        task = PlateTask(PlateNet(width=16, key=16, hidden=16), studio(EASY), held_out)
        return Run(task, Recipe(minutes=5, steps=steps, rate=3e-3), tmp_path, tell=lines.append)

    first = run(2)
    _, figures = first.train()
    assert set(figures) == {"easy"}
    second = run(4)
    assert second.resume()
    network, _ = second.train()
    assert any("step 4" in line for line in lines)
    assert exact(network, held_out["easy"]) >= 0


def test_where_characters_are_is_learnt_first() -> None:
    task = PlateTask(PlateNet(width=16, key=16, hidden=16), studio(EASY), {})
    optimiser = torch.optim.AdamW(task.network.parameters(), lr=5e-3)
    batch = next(task.batches(3))
    found: list[dict[str, float]] = []
    for _ in range(12):
        losses = task.losses(batch, 0.0)
        optimiser.zero_grad()
        torch.stack(list(losses.values())).sum().backward()  # type: ignore[no-untyped-call]
        optimiser.step()
        found.append({name: float(loss.detach()) for name, loss in losses.items()})
    assert found[-1]["looks"] < 0.8 * found[0]["looks"]
    assert found[-1]["frames"] < found[0]["frames"]
    assert found[-1]["read"] < found[0]["read"]


def test_what_is_exported_reads_any_number_of_cuts(tmp_path: Path) -> None:
    onnxruntime = pytest.importorskip("onnxruntime")
    sample = torch.rand(2, 1, HEIGHT, WIDTH) * 255
    path = tmp_path / "tiny.onnx"
    network = PlateNet(width=16, key=16, hidden=16).eval()
    export_onnx(network, Interface(sample, "image", OUTPUTS, {0: "batch"}), path)
    session = onnxruntime.InferenceSession(str(path))
    five = np.random.default_rng(0).random((5, 1, HEIGHT, WIDTH), dtype=np.float32) * 255
    regions, digits, letters = session.run(list(OUTPUTS), {"image": five})
    assert (regions.shape, digits.shape, letters.shape) == ((5, 18), (5, 7, 11), (5, 40))


def test_confidence_is_fitted_to_how_often_readings_are_right() -> None:
    random = np.random.default_rng(0)
    truth = PlateNumber("", "12", "가", "3456")
    wrong = PlateNumber("", "12", "가", "3457")
    read = [truth if right else wrong for right in random.random(150) < 0.7]
    # Sure of everything, and right in seven of ten.
    outputs = logits_of(read, [14.0] * len(read))
    before, right = confidences(outputs, [truth] * len(read), 1.0)
    assert before.mean() > 0.95 > right.mean() + 0.2
    temperature = fit_temperature(outputs, [truth] * len(read))
    after, _ = confidences(outputs, [truth] * len(read), temperature)
    assert after.mean() == pytest.approx(right.mean(), abs=0.06)
