"""The trained reader as others find it: ONNX file, catalogue entry, card."""

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from torch import nn

from models.catalogue_outputs import PlateReadingOutput
from models.evaluation.plates import band
from models.plates.layouts import PlateNumber
from models.plates.slots import OUTPUTS
from models.train.common.agreement import check_agreement
from models.train.common.cards import Figure, Source, write_card, write_entry
from models.train.common.export import Interface, export_onnx
from models.train.common.options import TrainOptions
from models.train.common.publishing import FOLDER, Measured, Words, card_of, entry_of
from models.train.plates.batches import INPUT, collate
from models.train.plates.calibration import confidences, fit_temperature
from models.train.plates.network import count_gflop
from models.train.plates.scenes import Scene
from models.train.plates.sets import Kind, plates_of, studio_of
from models.train.plates.sheet import NAME, SHEET, sheet_scenes
from models.train.plates.task import logits_of

LEAST_CONFIDENCE = 0.6
"""Of a reading that is told: a wrong plate on a sighting costs more than none."""

_COMPARED, _FITTED, _JUDGED = 8, 1000, 1000
_FIT_SEED = 71_001
_JUDGED_SEEDS: dict[Kind, int] = {"like-training": 72_001, "unseen": 73_001}
_SURE = 0.9
_WIDE = 180
_TOLERATED = 0.03
"""How far logits of plates may be from the trained network's: letters differ by far more."""

SOURCES = (
    Source(
        name="qjadud1994/Korean-license-plate-Generator",
        licence="MIT",
        for_what="glyphs close to those of plates since 2006",
    ),
    Source(
        name="Nanum, Noto Sans CJK, Baekmuk and Un fonts, as Debian packages them",
        licence="OFL-1.1; Baekmuk's own; GPL-2 with font exception",
        for_what="other faces",
    ),
    Source(
        name="Khoa-Nguyen-Truong/Vehicle-Re-ID-Dataset",
        licence="Apache-2.0",
        for_what="surroundings of plates",
    ),
)
_ABOUT = (
    "Reads Korean number plates: current 123가4567, older 12가3456, and those with a region, "
    "서울33바1234, on one line or two, white, green, yellow, light blue or light green. It takes a "
    "grey cut of a plate and gives logits for nine places: region, seven digits, letter."
)
_RECIPE = (
    "`dongseon models train plate-reader`. Plates of eight official forms are drawn, bent, soiled, "
    "lit, blurred, made smaller and compressed as training goes, their strokes made rounder, moved "
    "and slanted; of those that nobody can read few are kept. Where each character is, is known, "
    "so that each slot is taught where to look, and where to cut out the patch it reads. "
    "Cross-entropies, AdamW, cosine schedule, averaged weights. One temperature is fitted on "
    "plates of its own, half of them with distortions that training never had. The first look "
    "began with the weights of an earlier reader (10,000 steps of 32 plates) and stayed as it was "
    "while the rest was learnt, in 8,400 steps on part of a busy core."
)
_LIMITS = (
    "No real picture was at hand, neither to train on nor to judge: expect less on real cameras, "
    "and measure on some of your own before you rely on it. Legibility, 0 to 1, is what is left "
    "of a plate's worst character, found from its drawing alone. Not known to it: diplomatic, "
    "military, construction, temporary and motorcycle plates, and those of before 1996. Below "
    "about 8 pixels a character it guesses, and its confidence says so."
)

_WORDS = Words(
    name=NAME,
    shows="Korean number plates",
    about=_ABOUT,
    recipe=_RECIPE,
    limits=_LIMITS,
    sources=SOURCES,
)


def publish(trained: nn.Module, options: TrainOptions) -> Path:
    """Write file, entry and card of `trained` below `options.out`; the folder they are in.

    Raises:
        ModelError: a runtime reads the file as another network.
        StorageError: they cannot be written.
    """
    folder = options.out / FOLDER
    path = folder / f"{NAME}.onnx"
    network = trained.cpu().eval()
    # Of noise it would look anywhere.
    sample = collate(plates_of(studio_of("unseen", options.data), _FIT_SEED, _COMPARED)).pictures
    interface = Interface(sample, INPUT.name, OUTPUTS, {0: "batch"})
    export_onnx(network, interface, path)
    check_agreement(network, interface, path, _TOLERATED)
    fitted = [
        scene
        for kind in _JUDGED_SEEDS
        for scene in plates_of(studio_of(kind, options.data), _FIT_SEED, _FITTED // 2)
    ]
    temperature = fit_temperature(logits_of(network, fitted), _numbers(fitted))
    figures = [
        figure
        for kind in _JUDGED_SEEDS
        for figure in _figures(kind, network, options.data, temperature)
    ]
    figures.append(_sheet_figure(network))
    now = datetime.now(tz=UTC)
    output = PlateReadingOutput(
        decode="slots", temperature=round(temperature, 3), confidence=LEAST_CONFIDENCE
    )
    measured = Measured(round(count_gflop(network), 3), tuple(figures))
    write_entry(entry_of(_WORDS, path, INPUT, output, now), folder)
    write_card(card_of(_WORDS, network, measured, options, now), folder)
    return folder


def _numbers(scenes: list[Scene]) -> list[PlateNumber]:
    return [scene.number for scene in scenes if scene.number is not None]


def _figures(kind: Kind, network: nn.Module, data: Path, temperature: float) -> list[Figure]:
    seed = _JUDGED_SEEDS[kind]
    scenes = plates_of(studio_of(kind, data), seed, _JUDGED)
    sure, right = confidences(logits_of(network, scenes), _numbers(scenes), temperature)
    told = sure >= _SURE
    wide = np.array([scene.picture.shape[1] >= _WIDE for scene in scenes])
    found = {
        "exact": float(right.mean()),
        f"share with confidence >= {_SURE:g}": float(told.mean()),
        "exact among those": float(right[told].mean()) if told.any() else 0.0,
        "mean confidence": float(sure.mean()),
        f"exact, cuts {_WIDE} pixels wide and more": float(right[wide].mean()),
    }
    drawing = f"dongseon models synth plates --kind {kind} --seed {seed} --count {_JUDGED} --out D"

    def figure(metric: str, value: float, tolerance: float) -> Figure:
        return Figure(
            data=f"{_JUDGED} drawn plates, {kind}",
            metric=metric,
            value=round(value, 4),
            tolerance=tolerance,
            command=f"{drawing}; dongseon models evaluate plates --model {NAME} --data D",
        )

    whole = [figure(metric, value, 0.02) for metric, value in found.items()]
    legible = np.array([band(scene.legibility) for scene in scenes])
    return whole + [
        figure(f"exact, legibility {name} ({sum(legible == name)} plates)", share, 0.05)
        for name, share in (
            (one, float(right[legible == one].mean())) for one in sorted({*legible})
        )
    ]


def _sheet_figure(network: nn.Module) -> Figure:
    scenes = sheet_scenes()
    _, right = confidences(logits_of(network, scenes), _numbers(scenes), 1.0)
    return Figure(
        data=SHEET,
        metric="exact",
        value=round(float(right.mean()), 4),
        tolerance=0.04,  # the sheet is compressed once more
        command="dongseon models synth sheet --out tests/models/plates/sheet.webp; make test",
    )
