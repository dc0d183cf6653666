"""What is written beside each kept frame, and what an album says of itself."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Literal, Self

from pydantic import Field, ValidationError, field_validator

from models.detection import Detection
from models.site.fingerprint import Fingerprint
from models.site.hardness import Reason
from models.site.settings import MaskKind
from shared.classes import ObjectClass
from shared.errors import ConfigError
from shared.geometry import Rect
from shared.ids import PLAIN_NAME, ChannelName
from shared.settings import Settings, explain

Share = Annotated[float, Field(ge=0, le=1)]
CropName = Annotated[str, Field(pattern=r"^crops/[a-z_]{1,32}/[A-Za-z0-9][A-Za-z0-9._-]{0,160}$")]
Milliseconds = Annotated[int, Field(ge=0)]


class KeptBox(Settings):
    """A detection: x1 y1 x2 y2 in pixels of the picture, as the box's detector gave it."""

    box: tuple[float, float, float, float]
    object_class: ObjectClass
    confidence: Share

    def detection(self) -> Detection:
        """Itself as a detector gives it."""
        return Detection(Rect(*self.box), self.object_class, self.confidence)


class FrameRecord(Settings):
    """The side file of a picture.

    `captured_ms` is of the frame, `kept_ms` of the moment it was kept (retention counts from
    there: a clip may be old); both UTC milliseconds. `score` is by what it stays when others
    leave, `reasons` what it was kept for. `crops` are files below the album.
    """

    version: Literal[1] = 1
    name: Annotated[str, Field(pattern=PLAIN_NAME.replace("63", "127"))]
    channel: ChannelName
    captured_ms: Milliseconds
    kept_ms: Milliseconds
    score: Share
    reasons: dict[Reason, float]
    mask: MaskKind
    masked: Annotated[int, Field(ge=0)]
    width: Annotated[int, Field(gt=0)]
    height: Annotated[int, Field(gt=0)]
    detector: str
    detections: tuple[KeptBox, ...]
    fingerprint: str
    crops: tuple[CropName, ...] = ()

    @field_validator("fingerprint")
    @classmethod
    def _is_fingerprint(cls, text: str) -> str:
        Fingerprint.of_text(text)
        return text

    @classmethod
    def read(cls, text: str, where: str) -> Self:
        """The record in `text`, JSON.

        Raises:
            ConfigError: it is none; the message names `where`.
        """
        try:
            return cls.model_validate_json(text)
        except ValidationError as error:
            raise ConfigError(f"{where}: {explain(error)}") from error

    @property
    def random(self) -> bool:
        """Whether chance chose it, not hardness: only such frames show how a site usually is."""
        return "random" in self.reasons


class Manifest(Settings):
    """What an album holds, for people and for whoever must know what is stored about them.

    `oldest_ms` and `newest_ms` are of the moments of keeping.
    """

    version: Literal[1] = 1
    written_ms: Milliseconds
    quota_bytes: int
    keep_days: int
    frames: int
    crops: int
    bytes: int
    oldest_ms: Milliseconds | None
    newest_ms: Milliseconds | None
    masks: Mapping[str, int]
    channels: Mapping[str, int]
    reasons: Mapping[str, int]
    detectors: Mapping[str, int]


def kept_boxes(detections: Sequence[Detection]) -> tuple[KeptBox, ...]:
    """`detections` for a side file."""
    return tuple(
        KeptBox(
            box=tuple(round(side, 1) for side in rect),
            object_class=object_class,
            confidence=round(min(1.0, confidence), 4),
        )
        for rect, object_class, confidence in detections
    )
