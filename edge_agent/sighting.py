"""A due revision of a tracklet as the message that is published."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from edge_agent.reading import Words
from edge_agent.tracklet import Revision
from edge_agent.tracklet.shots import shrunk
from shared.classes import ObjectClass
from shared.geometry import Rect
from shared.messages import Attribute, ClockOffset, Crop, Embedding, Sighting
from shared.messages.sighting import MAX_CROP_SIDE, MAX_LABEL
from shared.pictures import CROP_QUALITY, Picture, encode_webp
from shared.vectors import quantise

# With 256 bytes of embedding and some 450 of the rest a sighting stays within 3 KB.
_CROP_BYTES = 2_300
_LEAST_QUALITY = 50
_QUALITY_STEP = 10


@dataclass(frozen=True, slots=True)
class SightingContext:
    """What a sighting says that the tracklet does not know.

    Args:
        channel: its name.
        camera: the registered camera's id.
        spaces: the embedding space of each object class.
        models: role to `name@version …`, for each object class.
        clock_offset: the box's clock offset as last measured, None before the first ack.
        webp_quality: 0 to 100; detailed crops get less, down to 50.
        max_crop_height: pixels; taller pictures are made smaller.
    """

    channel: str
    camera: str
    spaces: Mapping[ObjectClass, str]
    models: Mapping[ObjectClass, dict[str, str]] = field(default_factory=dict)
    clock_offset: Callable[[], ClockOffset | None] = lambda: None
    webp_quality: int = CROP_QUALITY
    max_crop_height: int = MAX_CROP_SIDE


def build_sighting(revision: Revision, words: Words, context: SightingContext) -> Sighting:
    """The sighting for `revision` and what it says; rectangles lie inside the source picture."""
    tracklet, shot = revision.tracklet, revision.shot
    quantised = quantise(revision.vector)
    picture = shrunk(shot.picture, (MAX_CROP_SIDE, context.max_crop_height))
    height, width = picture.shape[:2]
    size = tracklet.frame_size
    return Sighting(
        id=tracklet.identity,
        revision=revision.number,
        ended=revision.ended,
        channel=context.channel,
        camera=context.camera,
        object_class=tracklet.object_class,
        first_seen_ms=tracklet.first.at_ms,
        last_seen_ms=tracklet.last.at_ms,
        shot_ms=shot.at_ms,
        frame_width=size[0],
        frame_height=size[1],
        box=_inside(shot.rect, size),
        first_box=_inside(tracklet.first.rect, size),
        last_box=_inside(tracklet.last.rect, size),
        confidence=shot.confidence,
        quality=shot.quality,
        detections=tracklet.detections,
        crops_used=revision.crops_used,
        embedding=Embedding(
            space=context.spaces[tracklet.object_class],
            scale=quantised.scale,
            values=quantised.values,
        ),
        crop=Crop(width=width, height=height, data=_webp(picture, context.webp_quality)),
        attributes={
            name: Attribute(value=found.value, confidence=found.confidence)
            for name, found in words.attributes.items()
        },
        plate=words.plate,
        models={
            role: label[:MAX_LABEL]
            for role, label in (
                *context.models.get(tracklet.object_class, {}).items(),
                *words.models.items(),
            )
        },
        clock=context.clock_offset(),
    )


def _webp(picture: Picture, quality: int) -> bytes:
    """`picture` as WebP, a detailed one at lower quality so that it stays within the budget."""
    data = encode_webp(picture, quality)
    while len(data) > _CROP_BYTES and quality > _LEAST_QUALITY:
        quality -= _QUALITY_STEP
        data = encode_webp(picture, quality)
    return data


def _inside(rect: Rect, size: tuple[int, int]) -> Rect:
    """`rect` in tenths of a pixel inside the picture, never empty."""
    left, top, right, bottom = (round(side, 1) for side in rect.clipped(*size))
    left, top = min(left, size[0] - 1.0), min(top, size[1] - 1.0)
    return Rect(left, top, max(right, left + 1.0), max(bottom, top + 1.0))
