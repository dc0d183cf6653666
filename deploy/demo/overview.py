"""`sightings.png`: everything the boxes sent, camera by camera in time order.

Somebody who stands there twice, or two people in one picture, is found at a glance.
"""

from collections.abc import Sequence

from PIL import Image, ImageDraw, ImageFont

from deploy.demo.centre import Sighting
from deploy.demo.contact_sheet import FAINT, INK, MARGIN, PAPER, WIDTH, Crop, open_crop
from deploy.demo.summary import Outcome

_TILE = (68, 136)
_STEP = (76, 166)
_HEAD = 40
_COLUMNS = (WIDTH - 2 * MARGIN) // _STEP[0]


def draw_overview(outcome: Outcome, crop: Crop) -> Image.Image:
    """The page, 1600 pixels wide; below each picture the seconds of the clip it was seen in."""
    cameras = [camera.properties for camera in outcome.show.scene.features]
    seen = {camera.id: _in_order(outcome, camera.id) for camera in cameras}
    heights = [_HEAD + _rows(seen[camera.id]) * _STEP[1] for camera in cameras]
    page = Image.new("RGB", (WIDTH, 2 * MARGIN + sum(heights)), PAPER)
    pen, top = ImageDraw.Draw(page), MARGIN
    for camera, height in zip(cameras, heights, strict=True):
        title = f"{camera.name}: {len(seen[camera.id])} sightings"
        pen.text((MARGIN, top), title, INK, ImageFont.load_default(20))
        for i, sighting in enumerate(seen[camera.id]):
            row, column = divmod(i, _COLUMNS)
            at = (MARGIN + column * _STEP[0], top + _HEAD + row * _STEP[1])
            page.paste(open_crop(crop(sighting), _TILE), at)
            span = f"{outcome.seconds(sighting.first_seen):.1f}-"
            span += f"{outcome.seconds(sighting.last_seen):.1f}"
            pen.text((at[0], at[1] + _TILE[1] + 3), span, FAINT, ImageFont.load_default(12))
        top += height
    return page


def _in_order(outcome: Outcome, camera: str) -> Sequence[Sighting]:
    own = (sighting for sighting in outcome.sightings if sighting.camera == camera)
    return sorted(own, key=lambda sighting: sighting.first_seen)


def _rows(sightings: Sequence[Sighting]) -> int:
    return -(-len(sightings) // _COLUMNS)
