"""A kept frame as files: its picture, and the objects cut out of it."""

from collections.abc import Iterator, Sequence

import cv2

from models.detection import Detection
from models.site.album import Pictures
from models.site.hardness import is_cut
from models.site.layout import CROPS
from models.site.record import FrameRecord
from shared.errors import PictureError
from shared.geometry import Rect
from shared.pictures import Picture

_JPEG_QUALITY = 92
_CROPS = 4
_CROP_SURE = 0.5
_CROP_HEIGHT = 48


def encoded(
    record: FrameRecord, masked: Picture, detections: Sequence[Detection], decision: float
) -> tuple[FrameRecord, Pictures]:
    """The masked picture and the crops cut out of it as JPEG, and `record` naming them.

    Raises:
        PictureError: a picture cannot be encoded.
    """
    crops = list(_crops(masked, detections, decision))
    names = tuple(
        f"{CROPS}/{kind}/{record.name}-{number}.jpg" for number, (kind, _) in enumerate(crops)
    )
    pictures = Pictures(_jpeg(masked), tuple(_jpeg(crop) for _, crop in crops))
    return record.model_copy(update={"crops": names}), pictures


def _crops(
    masked: Picture, detections: Sequence[Detection], decision: float
) -> Iterator[tuple[str, Picture]]:
    """The largest sure and whole objects, by class."""
    area = Rect(0, 0, masked.shape[1], masked.shape[0])
    good = [
        one
        for one in detections
        if one.confidence >= max(decision, _CROP_SURE)
        and one.rect.height >= _CROP_HEIGHT
        and not is_cut(one.rect, area)
    ]
    for one in sorted(good, key=lambda one: -one.rect.area)[:_CROPS]:
        left, top, right, bottom = (round(side) for side in one.rect)
        yield str(one.object_class), masked[top:bottom, left:right]


def _jpeg(picture: Picture) -> bytes:
    good, data = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY])
    if not good:
        raise PictureError(f"a picture of shape {picture.shape} cannot be written as JPEG")
    return data.tobytes()
