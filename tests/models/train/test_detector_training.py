from collections.abc import Iterator
from itertools import count, repeat
from pathlib import Path

import numpy as np
import pytest
import torch
from typer.testing import CliRunner

from models.cli import app
from models.detection import Detection
from models.detectors.decoding import decode_yolox
from models.errors import ModelError
from models.preparation import Size
from models.train.cli import trainer_of
from models.train.common.cards import read_card, read_entry
from models.train.common.loop import Recipe, Run, averaged_network
from models.train.common.options import TrainOptions
from models.train.common.publishing import FOLDER
from models.train.detector.judge import judge, thirds
from models.train.detector.labels import CLASSES, Label
from models.train.detector.loss import (
    Targets,
    assign,
    boxes_of,
    detection_losses,
    generalised_iou,
    grid_of,
)
from models.train.detector.network import DetectorNetwork, Widths, count_gflop
from models.train.detector.pack import Scene, write_pack
from models.train.detector.trainer import PACK, DetectorTask, Sizes, train
from shared.errors import ConfigError, DependencyMissing
from shared.geometry import Rect
from shared.pictures import Picture
from tests.models.train.detector_scenes import handful

TINY = Widths(trunk=(8, 8, 8, 16, 16), pyramid=8, narrow=8)
SMALL = (Sizes(64, 96, 2), Sizes(96, 128, 1))
CPU = torch.device("cpu")


@pytest.fixture(autouse=True)
def _one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def targets(*boxes: tuple[float, float, float, float]) -> Targets:
    """One picture with people at `boxes`."""
    return Targets(
        torch.tensor([boxes]), torch.zeros(1, len(boxes), dtype=torch.int64), torch.zeros(1, 1, 4)
    )


def tiny_task() -> DetectorTask:
    torch.manual_seed(0)
    return DetectorTask(DetectorNetwork(3, TINY), handful(), CPU, SMALL)


def test_the_full_network_keeps_its_budget() -> None:
    network = DetectorNetwork()
    assert sum(one.numel() for one in network.parameters()) <= 900_000
    assert count_gflop(network, 256, 448) <= 1.5


def test_what_it_gives_is_read_at_run_time_as_in_training() -> None:
    torch.manual_seed(0)
    network = DetectorNetwork(3, TINY).eval()
    with torch.no_grad():
        rows = network(torch.rand(1, 3, 96, 160) * 255)
    decoded = decode_yolox({"output": rows.numpy()}, Size(160, 96))
    assert np.allclose(decoded.corners, boxes_of(rows, grid_of(96, 160))[0].numpy(), atol=1e-3)


def test_an_object_is_looked_for_at_its_centre() -> None:
    grid = grid_of(96, 160)
    logits = torch.zeros(1, len(grid.corners), 8)
    there = targets((60.0, 30.0, 90.0, 80.0))
    given = assign(logits, boxes_of(logits, grid), there, grid)
    assert given.chosen.any()
    away = (grid.centres[given.chosen[0]] - torch.tensor([75.0, 55.0])).abs()
    assert bool((away <= 1.5 * grid.strides[given.chosen[0]]).all())


def test_a_picture_without_objects_asks_for_nothing() -> None:
    grid = grid_of(64, 64)
    logits = torch.zeros(1, len(grid.corners), 8, requires_grad=True)
    nobody = Targets(torch.zeros(1, 1, 4), torch.full((1, 1), -1), torch.zeros(1, 1, 4))
    losses = detection_losses(logits, nobody, grid)
    assert float(losses["box"].detach()) == float(losses["class"].detach()) == 0
    assert float(losses["object"].detach()) > 0


def test_what_is_ignored_costs_nothing() -> None:
    grid = grid_of(64, 64)
    logits = torch.zeros(1, len(grid.corners), 8)
    nobody = Targets(
        torch.zeros(1, 1, 4), torch.full((1, 1), -1), torch.tensor([[[-1.0, -1.0, 65.0, 65.0]]])
    )
    assert float(detection_losses(logits, nobody, grid)["object"]) == 0


def test_an_object_so_small_that_it_is_between_cells_is_still_asked_for() -> None:
    grid = grid_of(64, 64)
    logits = torch.zeros(1, len(grid.corners), 8)
    there = targets((15.0, 15.0, 17.0, 17.0))
    assert assign(logits, boxes_of(logits, grid), there, grid).chosen.any()


def test_generalised_overlap_is_1_of_the_same_and_below_0_of_distant_boxes() -> None:
    box = torch.tensor([[0.0, 0.0, 10.0, 10.0]])
    assert float(generalised_iou(box, box)) == pytest.approx(1, abs=1e-5)
    assert float(generalised_iou(box, box + 50)) < 0


def test_a_few_steps_on_the_same_pictures_lower_the_loss(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    task = tiny_task()
    batch = next(task.batches(0))
    monkeypatch.setattr(task, "batches", lambda _seed: repeat(batch))
    before = sum(float(one.detach()) for one in task.losses(batch, 0.0).values())
    ticks = count(step=2.0)
    recipe = Recipe(minutes=1, rate=1e-2)
    Run(task, recipe, tmp_path, tell=lambda _line: None, clock=lambda: next(ticks)).train()
    after = sum(float(one.detach()) for one in task.losses(batch, 1.0).values())
    assert after < 0.9 * before


def test_pictures_come_again_the_other_way_round() -> None:
    made = [Sizes(64, 96, 48)]
    batches = DetectorTask(DetectorNetwork(3, TINY), handful(), CPU, made).batches(0)
    seen = [one for _ in range(12) for one in next(batches).pictures]
    turned = [one.flip(-1) for one in seen]
    assert any(torch.equal(a, b) for at, a in enumerate(turned) for b in seen[at + 1 :])


def test_a_run_that_was_cut_off_goes_on(tmp_path: Path) -> None:
    told: list[str] = []
    Run(tiny_task(), Recipe(minutes=5, steps=2), tmp_path, tell=told.append).train()
    task = tiny_task()
    run = Run(task, Recipe(minutes=5, steps=3), tmp_path, tell=told.append)
    assert run.resume()
    kept = averaged_network(DetectorNetwork(3, TINY), tmp_path).state_dict()
    run.train()
    assert told[-1].startswith("held out, step 3")
    after = averaged_network(DetectorNetwork(3, TINY), tmp_path).state_dict()
    assert any(not torch.equal(kept[name], after[name]) for name in kept)


def test_there_is_nothing_to_go_on_from_in_an_empty_folder(tmp_path: Path) -> None:
    assert not Run(tiny_task(), Recipe(minutes=1), tmp_path).resume()
    with pytest.raises(ModelError, match="has no checkpoint"):
        averaged_network(DetectorNetwork(3, TINY), tmp_path)


def test_another_network_s_checkpoint_is_refused(tmp_path: Path) -> None:
    Run(tiny_task(), Recipe(minutes=5, steps=0), tmp_path, tell=lambda _line: None).train()
    other = DetectorTask(DetectorNetwork(3), handful(), CPU, SMALL)
    with pytest.raises(ModelError, match="another network"):
        Run(other, Recipe(minutes=5), tmp_path).resume()


def test_a_damaged_checkpoint_is_refused(tmp_path: Path) -> None:
    (tmp_path / "checkpoint.pt").write_bytes(b"torn")
    with pytest.raises(ModelError, match="not a checkpoint"):
        Run(tiny_task(), Recipe(minutes=5), tmp_path).resume()


def test_a_run_ends_when_its_minutes_are_over(tmp_path: Path) -> None:
    ticks = count(step=30.0)
    told: list[str] = []
    run = Run(tiny_task(), Recipe(minutes=2), tmp_path, tell=told.append, clock=lambda: next(ticks))
    run.train()
    assert told[-1].startswith("held out, step 4")


def test_a_loss_that_is_not_finite_ends_the_run(tmp_path: Path) -> None:
    task = tiny_task()
    with torch.no_grad():
        next(task.network.parameters()).fill_(float("nan"))
    with pytest.raises(ModelError, match="the loss is nan"):
        Run(task, Recipe(minutes=5, steps=1), tmp_path, tell=lambda _line: None).train()


class Claims:
    """A detector that always says the same."""

    def __init__(self, *found: Detection) -> None:
        self.found = list(found)

    def detect(self, _picture: Picture) -> list[Detection]:
        return self.found


def test_precision_counts_right_boxes_and_forgives_ignored_ones() -> None:
    person = CLASSES[0]
    here, there, doubtful = Rect(0, 0, 10, 20), Rect(40, 0, 50, 20), Rect(80, 0, 90, 20)
    scene = Scene(
        np.zeros((40, 100, 3), np.uint8),
        (Label(here, person), Label(there, person), Label(doubtful, person, sure=False)),
        "drawn",
        "held_out",
    )
    right = Detection(here, person, 0.9)
    forgiven = Detection(doubtful, person, 0.95)
    wrong = Detection(Rect(20, 0, 30, 20), person, 0.99)
    assert judge(Claims(right, forgiven), [scene])["AP50 person"] == pytest.approx(0.5)
    assert judge(Claims(right, wrong), [scene])["AP50 person"] == pytest.approx(0.25)
    assert judge(Claims(), [scene])["AP50 person"] == 0


def test_false_people_lower_precision_and_missed_ones_recall() -> None:
    person = CLASSES[0]
    here, there = Rect(0, 0, 10, 20), Rect(40, 0, 50, 20)
    picture = np.zeros((40, 100, 3), np.uint8)
    scene = Scene(picture, (Label(here, person), Label(there, person)), "drawn", "held_out")
    false = Detection(Rect(20, 0, 30, 20), person, 0.4)
    figures = judge(Claims(Detection(here, person, 0.9), false), [scene])
    assert figures["precision person at 0.3"] == pytest.approx(0.5)
    assert figures["precision person at 0.5"] == pytest.approx(1)
    assert figures["recall person at 0.5"] == pytest.approx(0.5)


def test_a_third_ignores_who_is_cut_off() -> None:
    person = CLASSES[0]
    labels = (Label(Rect(5, 0, 15, 20), person), Label(Rect(25, 0, 35, 20), person))
    scene = Scene(np.zeros((40, 90, 3), np.uint8), labels, "drawn", "held_out")
    left, middle, right = thirds(scene)
    assert left.picture.shape == (40, 30, 3)
    assert [(label.rect, label.sure) for label in left.labels if label.rect.area] == [
        (Rect(5, 0, 15, 20), True),
        (Rect(25, 0, 30, 20), False),
    ]
    assert [label.sure for label in middle.labels if label.rect.area] == [False]
    assert not any(label.rect.area for label in right.labels)


def test_how_well_its_box_fits_is_what_a_cell_is_to_say() -> None:
    grid = grid_of(64, 64)
    there = targets((16.0, 16.0, 48.0, 48.0))
    logits = torch.zeros(1, len(grid.corners), 8)
    logits[..., 2:4] = (torch.tensor(32.0) / grid.strides).log()
    chosen = assign(logits, boxes_of(logits, grid), there, grid)
    fit = chosen.overlap * chosen.chosen
    honest = logits.clone()
    honest[..., 4] = torch.logit(fit.clamp(1e-4, 1 - 1e-4))
    certain = logits.clone()
    certain[..., 4] = torch.where(chosen.chosen, 9.0, -9.0)
    losses = [detection_losses(one, there, grid)["object"] for one in (honest, certain)]
    assert float(losses[0]) < float(losses[1])


def test_training_leaves_weights_that_both_runtimes_read_an_entry_and_a_card(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_pack(handful(), tmp_path / PACK)
    train(TrainOptions(data=tmp_path, out=tmp_path, minutes=0.0))
    folder = tmp_path / FOLDER
    entry, card = read_entry(folder), read_card(folder)
    assert entry.name == card.name == "starter-detector"
    assert entry.files[0].bytes < 2_000_000
    metrics = {figure.metric for figure in card.figures}
    assert {"AP50", "AP50 person", "precision person at 0.5", "AP50, thirds"} <= metrics
    assert "# starter-detector" in (folder / "CARD.md").read_text()
    assert "held out" in capsys.readouterr().out


def test_a_sheet_of_training_pictures_can_be_looked_at(tmp_path: Path) -> None:
    write_pack(handful(), tmp_path / PACK)
    sheet = tmp_path / "sheet.png"
    train(TrainOptions(data=tmp_path, out=tmp_path, minutes=1, preview=sheet))
    assert sheet.stat().st_size > 10_000


def test_an_unknown_role_is_refused() -> None:
    with pytest.raises(ConfigError, match="no trainer for 'walker'"):
        trainer_of("walker")


def test_the_command_says_what_to_install_where_a_library_is_missing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def missing(name: str) -> None:
        raise ModuleNotFoundError(name, name="torch")

    monkeypatch.setattr("importlib.import_module", missing)
    with pytest.raises(DependencyMissing, match=r"pip install dongseon\[train\]"):
        trainer_of("detector")


def test_the_command_hands_its_options_to_the_trainer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[TrainOptions] = []
    monkeypatch.setattr("models.train.cli.trainer_of", lambda _role: given.append)
    words = ["train", "detector", "--data", "d", "--out", str(tmp_path), "--minutes", "3"]
    assert CliRunner().invoke(app, [*words, "--resume", "--seed", "4"]).exit_code == 0
    assert given == [TrainOptions(Path("d"), tmp_path, 3.0, resume=True, seed=4)]
