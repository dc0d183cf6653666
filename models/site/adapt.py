"""`dongseon models adapt`: a strong teacher's knowledge of a site, put into the small detector.

frames → split by time → teacher's labels → training → before and after → deployed, or refused
"""

import copy
import dataclasses
import json
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import torch

from models.catalogue import Entry
from models.errors import ModelError
from models.evaluation.detection import SCORE, DetectionFigures, score_detections
from models.roles import Detector, LoadOptions, load_detector
from models.site.deploy import Origin, card_of, check_name, deploy, export_adapted
from models.site.material import Material, gather
from models.site.teaching import Teachers
from models.site.verdict import Verdict, compare
from models.site.weights import load_network, mixed
from models.site.wish import Wish
from models.store import LOCAL, ModelStore
from models.train.common.cards import write_entry
from models.train.common.device import device_called, seed_everything
from models.train.common.loop import Clock, Recipe, Run
from models.train.common.progress import Tell
from models.train.detector.network import DetectorNetwork
from models.train.detector.trainer import DetectorTask
from shared.errors import StorageError

REPORT = "report.json"
_RUN = "run"


@dataclass(frozen=True)
class Outcome:
    """What came of it: `deployed` is the new model's folder, None where it was refused.

    `verdict` is on the site's hold-out, `guard` on what a pack shows and the site does not.
    """

    verdict: Verdict
    guard: Verdict | None
    before: DetectionFigures
    after: DetectionFigures
    hold_out: str
    trained_on: int
    damaged: tuple[str, ...]
    deployed: Path | None = None

    @property
    def better(self) -> bool:
        """Better at the site, and nothing forgotten."""
        return self.verdict.better and not (self.guard and self.guard.worse)

    def reason(self) -> str:
        """Why it is or is not better, in words."""
        if self.guard and self.guard.worse:
            forgotten = ", ".join(self.guard.worse)
            return f"{self.verdict.reason()}; it forgot {forgotten} of the pack's hold-out"
        return self.verdict.reason()


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
        ConfigError: no or too few frames, a damaged set, a class that nothing shows, or a name
            that is taken.
        ModelError: the base is no starter detector, or training went wrong.
        DependencyMissing: weights are not here.
        StorageError: `out` or the store cannot be written.
    """
    torch.set_num_threads(wish.threads)
    check_name(store, wish.name)
    base, precision = _base(store, wish.base)
    old = load_network(store.require(base, precision))
    material = gather(wish, teachers, tell)
    new = mixed(old, _trained(wish, copy.deepcopy(old), material, tell, clock), wish.keep)
    # As the store will have it, so that it is judged as a box runs it.
    folder = wish.out / LOCAL / wish.name
    entry = export_adapted(new, base, wish.name, folder, wish.needed)
    write_entry(entry, folder)
    before = _detector(store, base.name, precision, wish)
    after = _detector(ModelStore(wish.out), wish.name, entry.precision, wish)
    outcome = _judged(wish, material, before, after)
    if outcome.better:
        made = datetime.now(tz=UTC).date()
        frames = material.site_frames
        origin = Origin(base, teachers.names, frames, wish.minutes, wish.seed, made)
        card = card_of(new, entry, origin, outcome.verdict)
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


def _trained(
    wish: Wish, network: DetectorNetwork, material: Material, tell: Tell, clock: Clock
) -> DetectorNetwork:
    seed_everything(wish.seed)
    task = DetectorTask(network, material.scenes, device_called(wish.device))
    recipe = Recipe(minutes=wish.minutes, rate=wish.rate, seed=wish.seed, average=0.998)
    run = Run(task, recipe, wish.out / _RUN, tell=tell, clock=clock)
    if wish.resume and run.resume():
        tell("going on from the checkpoint")
    trained, _ = run.train()
    assert isinstance(trained, DetectorNetwork)  # noqa: S101 - an average of one
    return trained.cpu()


def _detector(store: ModelStore, name: str, precision: str, wish: Wish) -> Detector:
    options = LoadOptions(store, precision=precision, score=SCORE, threads=wish.threads)
    return load_detector(name, options)


def _judged(wish: Wish, material: Material, before: Detector, after: Detector) -> Outcome:
    rng = np.random.default_rng(wish.seed)
    hold_out, guard = material.hold_out, material.guard
    old, new = hold_out.judged(before), hold_out.judged(after)
    guarded = None
    if guard is not None and material.guarded:
        seen = guard.judged(before), guard.judged(after)
        guarded = compare(seen, guard.units, material.guarded, rng)
    return Outcome(
        compare((old, new), hold_out.units, material.kinds, rng),
        guarded,
        score_detections(old),
        score_detections(new),
        hold_out.by,
        material.site_frames,
        material.damaged,
    )


def _write_report(path: Path, outcome: Outcome) -> None:
    values = dataclasses.asdict(outcome) | {"better": outcome.better, "reason": outcome.reason()}
    try:
        path.write_text(json.dumps(values, indent=1, default=str), encoding="utf-8")
    except OSError as error:
        raise StorageError(f"{path}: cannot be written: {error}") from error
