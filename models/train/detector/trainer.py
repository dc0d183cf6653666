"""`dongseon models train detector`: from clips, crops and photos to weights with their card."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
import torch
from torch import Tensor, nn

from models.store import ModelStore
from models.train.common.device import device_called, seed_everything
from models.train.common.loop import Recipe, Run
from models.train.common.options import TrainOptions, clock_of
from models.train.common.progress import Tell
from models.train.detector.judge import detector_of, judge, judge_all
from models.train.detector.labels import CLASSES
from models.train.detector.loss import Grid, Targets, detection_losses, grid_of
from models.train.detector.material import Material
from models.train.detector.network import DetectorNetwork
from models.train.detector.pack import Scene, read_pack, write_pack
from models.train.detector.prepare import load_teachers, prepare
from models.train.detector.publish import CHECKED, HELD_OUT, HELD_OUT_CHECKED, publish
from models.train.detector.scenes import Drawn, SceneMaker, mirrored
from models.train.detector.sources import load_sources
from shared.classes import ObjectClass
from shared.errors import StorageError
from shared.pictures import Picture

PACK = "pack.zip"

_JUDGED = 12.0
"""Minutes between two looks at what is held out, which take half a minute."""

_KEPT = 96
"""Pictures of each size that wait to be shown again."""

_AGAIN = 0.5

_FEW = 10
"""Objects of a class: of fewer, one more or less found would be most of a figure."""

_SHEET = (6, 4)
_COLOURS = ((60, 220, 60), (60, 120, 255), (255, 120, 40))


class Sizes(NamedTuple):
    """Of a batch: pixels, multiples of 32, and pictures."""

    height: int
    width: int
    batch: int


SIZES = (
    *(Sizes(224, 384, 8),) * 4,
    *(Sizes(512, 224, 6),) * 3,
    Sizes(256, 448, 6),
    Sizes(288, 384, 6),
    Sizes(320, 320, 6),
)
"""Kinds of batches, each as often as the others: the shapes at which a camera's picture or a third
of it is seen, and a few others."""


class Batch(NamedTuple):
    """B pictures (B, 3, H, W), BGR 0..255, and what is on them."""

    pictures: Tensor
    targets: Targets


class _Kind:
    """Batches of one size. Making a picture takes time, so that each is shown twice."""

    def __init__(self, maker: SceneMaker, batch: int) -> None:
        self._maker, self._batch = maker, batch
        self._shown: list[Drawn] = []

    def drawn(self, rng: np.random.Generator) -> list[Drawn]:
        """New pictures, or older ones the other way round."""
        if len(self._shown) >= _KEPT and rng.random() < _AGAIN:
            rng.shuffle(self._shown)
            return [mirrored(self._shown.pop()) for _ in range(self._batch)]
        made = [self._maker.make(rng) for _ in range(self._batch)]
        if len(self._shown) < _KEPT:
            self._shown += made
        return made


class DetectorTask:
    """Training the detector on what a pack has."""

    def __init__(
        self,
        network: nn.Module,
        scenes: Sequence[Scene],
        device: torch.device,
        sizes: Sequence[Sizes] = SIZES,
    ) -> None:
        self.network = network.to(device).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        material = Material(scenes)
        self._kinds = [_Kind(SceneMaker(material, *size[:2]), size.batch) for size in sizes]
        self._held_out = [scene for scene in scenes if scene.use == "held_out"]
        self._device = device

    def batches(self, seed: int) -> Iterator[Batch]:
        """Made-up pictures without end."""
        rng = np.random.default_rng(seed)
        while True:
            kind = self._kinds[int(rng.integers(len(self._kinds)))]
            yield batch_of(kind.drawn(rng), self._device)

    def losses(self, batch: Batch, _done: float) -> Mapping[str, Tensor]:
        """See `detection_losses`."""
        height, width = batch.pictures.shape[2:]
        grid = Grid(*(part.to(self._device) for part in grid_of(height, width)))
        return detection_losses(self.network(batch.pictures), batch.targets, grid)

    def judge(self, network: nn.Module) -> Mapping[str, float]:
        """On the held-out scenes, whole and by thirds."""
        return judge_all(network, self._held_out)


def train(options: TrainOptions) -> None:
    """Prepare what is not prepared yet, train, and write weights, entry and card into `out`.

    Raises:
        ConfigError: `data` has nothing of the sources, or there is no such device.
        DependencyMissing: the teachers' weights are not here.
        ModelError: the pack or the checkpoint is damaged, or training went wrong.
        StorageError: `out` cannot be written.
    """
    torch.set_num_threads(options.threads)
    rng = seed_everything(options.seed)
    scenes = _scenes(options, tell=_say)
    if options.preview is not None:
        write_sheet(SceneMaker(Material(scenes), *SIZES[0][:2]), options.preview, rng)
        return
    network = DetectorNetwork(len(CLASSES))
    task = DetectorTask(network, scenes, device_called(options.device))
    recipe = Recipe(minutes=options.minutes, seed=options.seed, judge_minutes=_JUDGED)
    run = Run(task, recipe, options.out, tell=_say, clock=clock_of(options))
    if options.resume and run.resume():
        _say("going on from the checkpoint")
    trained, figures = run.train()
    quarter = [scene for scene in scenes if scene.use == "held_out"][::CHECKED]
    judged = judge(detector_of(trained), quarter) if quarter else {}
    few = {f"AP50 {kind}" for kind in CLASSES if _count(quarter, kind) < _FEW}
    checked = {
        name: value for name, value in judged.items() if name.startswith("AP50") and name not in few
    }
    publish(trained, {HELD_OUT: figures, HELD_OUT_CHECKED: checked}, options)


def _count(scenes: Sequence[Scene], kind: ObjectClass) -> int:
    labels = (label for scene in scenes for label in scene.labels)
    return sum(label.sure and label.object_class is kind for label in labels)


def batch_of(drawn: Sequence[Drawn], device: torch.device) -> Batch:
    """Pictures as tensors; labels filled up to one number."""
    pictures = torch.from_numpy(np.stack([one.picture for one in drawn])).permute(0, 3, 1, 2)
    sure = [[label for label in one.labels if label.sure] for one in drawn]
    others = [[label for label in one.labels if not label.sure] for one in drawn]
    boxes = _filled([[label.rect for label in labels] for labels in sure])
    classes = torch.full(boxes.shape[:2], -1)
    for row, labels in enumerate(sure):
        for column, label in enumerate(labels):
            classes[row, column] = CLASSES.index(label.object_class)
    ignored = _filled([[label.rect for label in labels] for labels in others])
    targets = Targets(boxes.to(device), classes.to(device), ignored.to(device))
    shown = pictures.to(device).float().contiguous(memory_format=torch.channels_last)
    return Batch(shown, targets)


def write_sheet(maker: SceneMaker, path: Path, rng: np.random.Generator) -> None:
    """Some training pictures with their labels on them, for a person to look at.

    Raises:
        StorageError: the file cannot be written.
    """
    columns, rows = _SHEET
    cells = [_outlined(maker.make(rng)) for _ in range(columns * rows)]
    sheet = np.vstack(
        [np.hstack(cells[row * columns : (row + 1) * columns]) for row in range(rows)]
    )
    if not cv2.imwrite(str(path), sheet):
        raise StorageError(f"{path}: cannot be written")


def _outlined(drawn: Drawn) -> Picture:
    picture = drawn.picture.copy()
    for rect, kind, sure in drawn.labels:
        corners = [round(side) for side in rect]
        colour = _COLOURS[CLASSES.index(kind)] if sure else (128, 128, 128)
        cv2.rectangle(picture, corners[:2], corners[2:], colour, 1)
    return picture


def _filled(boxes: Sequence[Sequence[tuple[float, float, float, float]]]) -> Tensor:
    filled = torch.zeros(len(boxes), max(1, *(len(row) for row in boxes)), 4)
    for number, row in enumerate(boxes):
        if row:
            filled[number, : len(row)] = torch.tensor([tuple(box) for box in row])
    return filled


def _scenes(options: TrainOptions, tell: Tell) -> list[Scene]:
    pack = options.out / PACK
    if not pack.is_file():
        tell(f"preparing {pack}")
        families = load_teachers(ModelStore(), options.threads)
        write_pack(prepare(load_sources(), options.data, families, tell), pack)
    return read_pack(pack)


def _say(line: str) -> None:
    print(line, flush=True)  # noqa: T201 - the run's log
