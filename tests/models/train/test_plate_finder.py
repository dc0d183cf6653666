from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch

from models.train.cli import trainer_of
from models.train.common.cards import read_card, read_entry
from models.train.common.loop import Recipe, Run
from models.train.common.options import TrainOptions
from models.train.plates.finder_network import COLUMNS, STRIDE, FinderNet
from models.train.plates.finder_publish import NAME, publish
from models.train.plates.finder_task import FinderTask, collate, found
from models.train.plates.finder_trainer import train, vehicles_of
from shared.geometry import Rect
from tests.models.train.plate_faces import vehicle_studio


@pytest.fixture(autouse=True)
def _one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    torch.manual_seed(0)
    yield
    torch.set_num_threads(before)


def test_the_plate_is_where_the_scene_says() -> None:
    for scene in vehicles_of(vehicle_studio(), 1, 20):
        if scene.plate is None:
            continue
        height, width = scene.picture.shape[:2]
        assert scene.plate.clipped(width, height) == scene.plate
        left, top, right, bottom = (int(side) for side in scene.plate)
        inside = scene.picture[top:bottom, left:right]
        assert inside.std() > 8


def test_its_middle_is_where_it_must_be_found() -> None:
    scenes = vehicles_of(vehicle_studio(), 2, 12)
    batch = collate(scenes)
    for scene, box, cells in zip(scenes, batch.boxes, batch.cells, strict=True):
        assert bool(cells.any()) == (scene.plate is not None)
        for cell in torch.nonzero(cells)[:, 0].tolist():
            row, column = divmod(cell, COLUMNS)
            assert box[0] - STRIDE <= (column + 0.5) * STRIDE <= box[2] + STRIDE
            assert box[1] - STRIDE <= (row + 0.5) * STRIDE <= box[3] + STRIDE


def test_training_is_asked_for_by_its_name() -> None:
    assert trainer_of("plate-finder") is train


def test_a_few_steps_learn_something_and_the_result_runs(tmp_path: Path) -> None:
    held_out = vehicles_of(vehicle_studio(), 3, 6)
    lines: list[str] = []
    task = FinderTask(FinderNet(width=8), vehicle_studio(), held_out)
    run = Run(task, Recipe(minutes=5, steps=3), tmp_path, tell=lines.append)
    network, figures = run.train()
    assert figures["found"] == found(network, held_out)
    folder = publish(network, figures, TrainOptions(tmp_path, tmp_path, minutes=5))
    assert read_entry(folder).name == read_card(folder).name == NAME


def test_scores_and_boxes_are_shares() -> None:
    with torch.no_grad():
        rows = FinderNet(width=8).eval()(torch.rand(2, 1, 128, 160) * 255).numpy()
    assert rows.shape == (2, 320, 5)
    assert ((rows[..., 0] > 0) & (rows[..., 0] < 1)).all()
    boxes = [Rect(*row.tolist()) for row in rows[0, :, 1:]]
    assert all(box.area > 0 for box in boxes)
    assert np.abs(rows[..., 1:]).max() < 3
