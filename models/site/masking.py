"""What nobody needs to learn from is made unrecognisable, before anything is written.

A region is replaced by what the means of a few cells give, drawn smooth so that a detector does not
learn to know people by mosaics: what was in it cannot be computed back. What is not found is not
masked: see docs/site-learning.md.
"""

from collections.abc import Iterator, Sequence

import cv2
import numpy as np

from models.detection import Detection
from models.site.faces import RegionFinder
from models.site.settings import MaskKind
from shared.classes import ObjectClass
from shared.geometry import Rect
from shared.pictures import Picture

_HEAD = 0.25
"""The part of a standing person's box, from the top, in which the head lies; a person is 7 to 8
heads high, and boxes stand a little off."""

_ABOVE = 0.03
"""How far the masked part goes above the box, in box heights: boxes are not exact."""

_PLATE = Rect(0.15, 0.55, 0.85, 0.95)
"""Where on a vehicle's box, in its sides, a plate may be: low, not at the corners."""

_PLATE_SURE = 0.3
_PLATE_WIDE = 64
"""Least confidence and width in pixels of a vehicle whose plate is masked: on one that is narrower
a plate is at most 14 pixels wide and nobody reads it."""

_MARGIN = 0.25
"""How much found faces and plates are grown on each side."""

_CELLS = 3
"""Cells across a masked region's longer side: as coarse as can be and still like a head.

Networks have told people apart in finer mosaics (McPherson et al., arXiv 1609.00408).
"""


class Masker:
    """Masks pictures.

    Args:
        kind: `faces`: heads of people, faces found anywhere, and plates; `people`: all of each
            person besides; `none`: nothing.
        faces: finds faces; heads of detected people are masked with and without it.
        plates: finds plates; where it finds none on a vehicle, and without it, the part where
            plates are is masked.
    """

    def __init__(
        self,
        kind: MaskKind,
        faces: RegionFinder | None = None,
        plates: RegionFinder | None = None,
    ) -> None:
        self.kind: MaskKind = kind
        self._faces = faces
        self._plates = plates

    def mask(self, picture: Picture, detections: Sequence[Detection]) -> tuple[Picture, int]:
        """A copy of `picture` with its regions masked, and how many they are.

        `detections` should come with the weak ones: masking too much costs little.
        """
        masked = picture.copy()
        if self.kind == "none":
            return masked, 0
        height, width = picture.shape[:2]
        regions = [region.clipped(width, height) for region in self._regions(picture, detections)]
        regions = [region for region in regions if region.area > 0]
        for region in regions:
            obscure(masked, region)
        return masked, len(regions)

    def _regions(self, picture: Picture, detections: Sequence[Detection]) -> Iterator[Rect]:
        for detection in detections:
            if detection.object_class is ObjectClass.VEHICLE:
                if detection.confidence < _PLATE_SURE or detection.rect.width < _PLATE_WIDE:
                    continue
                yield from self._plates_of(picture, detection.rect)
            else:
                # Who rides a two-wheeler may be in its box and in none of their own.
                yield detection.rect if self.kind == "people" else head_of(detection.rect)
        if self._faces is not None:
            yield from (_grown(face) for face in self._faces.find(picture))

    def _plates_of(self, picture: Picture, vehicle: Rect) -> list[Rect]:
        left, top, right, bottom = (round(side) for side in vehicle)
        crop = picture[max(0, top) : bottom, max(0, left) : right]
        if self._plates is not None and crop.size:
            found = self._plates.find(crop)
            if found:
                return [_grown(plate.shifted(max(0, left), max(0, top))) for plate in found]
        return [_part(vehicle, _PLATE)]


def head_of(person: Rect) -> Rect:
    """The part of a person's box with the head, and a little more."""
    top = person.top - _ABOVE * person.height
    return Rect(person.left, top, person.right, person.top + _HEAD * person.height)


def obscure(picture: Picture, region: Rect) -> None:
    """Replace `region` of `picture`, in place, by what at most 3 x 3 of its means give."""
    left, top = int(np.floor(region.left)), int(np.floor(region.top))
    right, bottom = int(np.ceil(region.right)), int(np.ceil(region.bottom))
    part = picture[top:bottom, left:right]
    height, width = part.shape[:2]
    cell = max(1, -(-max(height, width) // _CELLS))
    few = (max(1, round(width / cell)), max(1, round(height / cell)))
    small = cv2.resize(part, few, interpolation=cv2.INTER_AREA)
    picture[top:bottom, left:right] = cv2.resize(
        small, (width, height), interpolation=cv2.INTER_LINEAR
    )


def _grown(region: Rect) -> Rect:
    across, down = _MARGIN * region.width, _MARGIN * region.height
    return Rect(
        region.left - across, region.top - down, region.right + across, region.bottom + down
    )


def _part(whole: Rect, share: Rect) -> Rect:
    return Rect(
        whole.left + share.left * whole.width,
        whole.top + share.top * whole.height,
        whole.left + share.right * whole.width,
        whole.top + share.bottom * whole.height,
    )
