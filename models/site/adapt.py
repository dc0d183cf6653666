"""`dongseon models adapt`: a strong teacher's knowledge of a site, put into the small detector.

frames → split by time → teacher's labels → training → before and after → deployed, or refused
"""

import dataclasses
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import torch

from models.catalogue import Entry
from models.errors import ModelError
from models.evaluation.detection import SCORE, DetectionFigures, Judged, score_detections
from models.evaluation.detection_data import read_numbering
from models.roles import Detector, LoadOptions, load_detector
from models.site.deploy import Origin, card_of, check_name, deploy, export_adapted
from models.site.frames import SiteFrame, read_frames, split
from models.site.holdout import HoldOut, labelled_hold_out, taught_hold_out, without_copies
from models.site.teaching import LabelFile, Teachers, scenes_of, teach
from models.site.verdict import Verdict, check_enough, compare
from models.site.weights import load_network
from models.store import LOCAL, ModelStore
from models.train.common.cards import write_entry
from models.train.common.device import device_called, seed_everything
from models.train.common.loop import Clock, Recipe, Run
from models.train.common.progress import Tell
from models.train.detector.network import DetectorNetwork
from models.train.detector.pack import Scene, read_pack
from models.train.detector.trainer import DetectorTask
from shared.errors import StorageError

REPORT = "report.json"
_RUN = "run"
RATE = 5e-4
"""A quarter of the rate from scratch: the network has no normalisation left to forgive more."""


@dataclass(frozen=True)
class Wish:
    """What is asked for.

    Attributes:
        frames: an album, or any folder of pictures.
        out: where the run keeps labels, checkpoint and report; a run that was cut off goes on
            from there with `resume`.
        base: the detector to go on from, a starter detector or one made from it.
        name: of the new model.
        minutes: of training, by the clock.
        rate: the highest learning rate.
        held_out: a labelled set in YOLO's layout; without it `share` of the frames' time is held
            out and labelled by the teachers.
        share: see `held_out`.
        classes: how a labelled set numbers its classes, as for `models evaluate detection`.
        replay: a pack of the trainer's, mixed in so that what was known is not forgotten.
        seed: of split, batches and resampling.
        device: `cpu` or `cuda`.
        threads: cores to use.
        resume: go on from the checkpoint in `out`.
    """

    frames: Path
    out: Path
    base: str
    name: str
    minutes: float
    rate: float = RATE
    held_out: Path | None = None
    share: float = 0.25
    classes: str = "dongseon"
    replay: Path | None = None
    seed: int = 0
    device: str = "cpu"
    threads: int = 1
    resume: bool = False


@dataclass(frozen=True)
class Outcome:
    """What came of it: `deployed` is the new model's folder, None where it was refused."""

    verdict: Verdict
    before: DetectionFigures
    after: DetectionFigures
    hold_out: str
    trained_on: int
    damaged: tuple[str, ...]
    deployed: Path | None = None


def adapt(
    wish: Wish,
    store: ModelStore,
    teachers: Teachers,
    tell: Tell,
    clock: Clock = time.monotonic,
) -> Outcome:
    """Train on a site's frames; deploy what came of it if it is better, and only then.

    `clock`, in seconds, is what the minutes are measured by.

    Raises:
        ConfigError: no or too few frames, a damaged set, or a name that is taken.
        ModelError: the base is no starter detector, or training went wrong.
        DependencyMissing: weights are not here.
        StorageError: `out` or the store cannot be written.
    """
    torch.set_num_threads(wish.threads)
    check_name(store, wish.name)
    base, precision = _base(store, wish.base)
    network = load_network(store.require(base, precision))
    known = LabelFile(wish.out, teachers)
    scenes, hold_out, damaged = _data(wish, known, teachers, tell)
    tell(f"{len(scenes)} frames to train on, {len(hold_out.held)} to judge by ({hold_out.by})")
    before = hold_out.judged(_detector(store, base.name, precision, wish))
    trained = _trained(wish, _task(wish, network, scenes), tell, clock)
    # As the store will have it, so that it is judged as a box runs it.
    folder = wish.out / LOCAL / wish.name
    entry = export_adapted(trained, base, wish.name, folder)
    write_entry(entry, folder)
    after = hold_out.judged(_detector(ModelStore(wish.out), wish.name, entry.precision, wish))
    verdict = compare(before, after, hold_out.units, np.random.default_rng(wish.seed))
    outcome = _outcome(verdict, before, after, hold_out, len(scenes), damaged)
    if verdict.better:
        made = datetime.now(tz=UTC).date()
        origin = Origin(base, teachers.names, len(scenes), wish.minutes, wish.seed, made)
        card = card_of(trained, entry, origin, verdict)
        outcome = dataclasses.replace(outcome, deployed=deploy(folder, entry, card, store))
    _write_report(wish.out / REPORT, outcome)
    return outcome


def _base(store: ModelStore, name: str) -> tuple[Entry, str]:
    """The entry, and the precision at which it is an ONNX file that can be trained on."""
    entry = store.catalogue.entry(name)
    for precision, variant in entry.variants.items():
        if "INT8" not in precision and variant.files[0].path.endswith(".onnx"):
            return entry, precision
    raise ModelError(
        f"{name} has no ONNX file of full precision, and training cannot go on from it; "
        "name another with --base"
    )


def _data(
    wish: Wish, known: LabelFile, teachers: Teachers, tell: Tell
) -> tuple[list[Scene], HoldOut, list[str]]:
    """Scenes to train on, the hold-out, and what was wrong with frames that cannot be read."""
    frames: Sequence[SiteFrame] = read_frames(wish.frames)
    rng = np.random.default_rng(wish.seed)
    if wish.held_out is not None:
        hold_out = labelled_hold_out(wish.held_out, read_numbering(wish.classes))
        parts = [without_copies(frames, wish.held_out)]
    else:
        apart = split(frames, wish.share, rng)
        parts = [list(apart.train), list(apart.held_out)]
    tell(f"labelling {sum(len(part) for part in parts)} frames by {', '.join(teachers.names)}")
    taught = [teach(part, known, tell) for part in parts]
    if wish.held_out is None:
        hold_out = taught_hold_out(taught[1][0], ", ".join(teachers.names))
    check_enough([one.truth for one in hold_out.held], hold_out.units)
    damaged = [line for _, lines in taught for line in lines]
    for line in damaged:
        tell(f"left out: {line}")
    return scenes_of(taught[0][0], rng), hold_out, damaged


def _task(wish: Wish, network: DetectorNetwork, scenes: Sequence[Scene]) -> DetectorTask:
    """Training on the site's scenes, and on those to be replayed."""
    replay = [] if wish.replay is None else read_pack(wish.replay)
    used = [*scenes, *(scene for scene in replay if scene.use != "held_out")]
    return DetectorTask(network, used, device_called(wish.device))


def _trained(wish: Wish, task: DetectorTask, tell: Tell, clock: Clock) -> DetectorNetwork:
    seed_everything(wish.seed)
    recipe = Recipe(minutes=wish.minutes, rate=wish.rate, seed=wish.seed, average=0.998)
    run = Run(task, recipe, wish.out / _RUN, tell=tell, clock=clock)
    if wish.resume and run.resume():
        tell("going on from the checkpoint")
    trained, _ = run.train()
    assert isinstance(trained, DetectorNetwork)  # noqa: S101 - an average of one
    return trained


def _detector(store: ModelStore, name: str, precision: str, wish: Wish) -> Detector:
    options = LoadOptions(store, precision=precision, score=SCORE, threads=wish.threads)
    return load_detector(name, options)


def _outcome(
    verdict: Verdict,
    before: Sequence[Judged],
    after: Sequence[Judged],
    hold_out: HoldOut,
    trained_on: int,
    damaged: Sequence[str],
) -> Outcome:
    return Outcome(
        verdict,
        score_detections(before),
        score_detections(after),
        hold_out.by,
        trained_on,
        tuple(damaged),
    )


def _write_report(path: Path, outcome: Outcome) -> None:
    values = dataclasses.asdict(outcome) | {
        "better": outcome.verdict.better,
        "reason": outcome.verdict.reason(),
    }
    try:
        path.write_text(json.dumps(values, indent=1, default=str), encoding="utf-8")
    except OSError as error:
        raise StorageError(f"{path}: cannot be written: {error}") from error
