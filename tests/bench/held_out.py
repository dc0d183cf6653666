"""The scenes held out of the starter detector's training, as a set that any detector is judged on.

    python -m tests.bench.held_out OUT/pack.zip bench-out/held-out
    dongseon models evaluate detection --model NAME --data bench-out/held-out --classes dongseon

The pack is what `dongseon models train detector` keeps in its folder. The labels are the teachers':
the public detectors are judged by what they said themselves, the starter is not.
"""

import sys
from collections.abc import Iterable
from pathlib import Path

import cv2

from models.train.detector.labels import CLASSES, Label
from models.train.detector.pack import Scene, read_pack
from shared.errors import DongseonError


def main(pack: Path, folder: Path) -> None:
    """Write the held-out scenes of `pack` in YOLO's layout below `folder`."""
    scenes = [scene for scene in read_pack(pack) if scene.use == "held_out"]
    for name in ("images", "labels", "ignored"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    for number, scene in enumerate(scenes):
        name = f"{number:05}"
        cv2.imwrite(str(folder / "images" / f"{name}.png"), scene.picture)
        for place, sure in (("labels", True), ("ignored", False)):
            rows = _rows(scene, (label for label in scene.labels if label.sure is sure))
            (folder / place / f"{name}.txt").write_text("".join(rows), encoding="utf-8")


def _rows(scene: Scene, labels: Iterable[Label]) -> Iterable[str]:
    height, width = scene.picture.shape[:2]
    for label in labels:
        left, top, right, bottom = label.rect.clipped(width, height)
        centre = ((left + right) / 2 / width, (top + bottom) / 2 / height)
        sides = ((right - left) / width, (bottom - top) / height)
        number = CLASSES.index(label.object_class)
        yield " ".join([str(number), *(f"{share:.6f}" for share in (*centre, *sides))]) + "\n"


if __name__ == "__main__":
    try:
        main(Path(sys.argv[1]), Path(sys.argv[2]))
    except DongseonError as error:
        sys.exit(f"error: {error}")
