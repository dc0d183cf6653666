"""How to read what a network puts out: one table for each task, in its catalogue entry."""

from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from shared.classes import ObjectClass
from shared.ids import PLAIN_NAME
from shared.settings import Settings
from shared.vectors import MAX_DIMENSIONS

Name = Annotated[str, StringConstraints(pattern=PLAIN_NAME)]
Cosine = Annotated[float, Field(ge=-1, le=1)]
Task = Literal[
    "detection", "embedding", "attributes", "plate_detection", "plate_reading", "face_detection"
]


class DetectionOutput(Settings):
    """How to read detections from the output, and which class numbers are ours.

    `boxes-labels`: `boxes` (N, 5) x1 y1 x2 y2 score in input pixels, `labels` (N,).
    `yolox`: (1, cells, 5 + classes), undecoded, strides 8, 16 and 32.
    """

    decode: Literal["boxes-labels", "yolox"]
    classes: Annotated[dict[int, ObjectClass], Field(min_length=1)]
    score: Annotated[float, Field(gt=0, lt=1)]


class EmbeddingOutput(Settings):
    """The vector: its output name, its space and the number of its dimensions.

    Cosines mean something else in each space: from `alike` on two crops of one view show one
    object, below `unlike` two (`make bench-likeness` measures both).
    """

    output: str
    space: Name
    dimensions: Annotated[int, Field(ge=1, le=MAX_DIMENSIONS)]
    alike: Cosine = 0.55
    unlike: Cosine = 0.3

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.unlike > self.alike:
            raise ValueError(f"unlike {self.unlike} must not be above alike {self.alike}")
        return self


class AttributesOutput(Settings):
    """How to read attributes from the outputs."""


class PlateDetectionOutput(Settings):
    """How to read plates' places from the output.

    `ssd`: (1, 1, N, 7) image, label, score, x1, y1, x2, y2 as parts of the input's sides; `label`
    is that of plates.
    """

    decode: Literal["ssd"]
    output: str
    label: Annotated[int, Field(ge=0)]
    score: Annotated[float, Field(gt=0, lt=1)]


class PlateReadingOutput(Settings):
    """How to read a plate's characters from the output.

    `slots`: logits `regions` (N, 18), `digits` (N, 7, 11), `letters` (N, 40): see
    `models.plates.slots`. They are divided by `temperature`, and then the confidence of the
    likeliest number is the chance that it is right; readings below `confidence` are not told.
    """

    decode: Literal["slots"]
    temperature: Annotated[float, Field(gt=0, le=100)]
    confidence: Annotated[float, Field(ge=0, lt=1)]


class FaceDetectionOutput(Settings):
    """Faces as YuNet gives them: `cls_S`, `obj_S`, `bbox_S` for the strides S of 8, 16 and 32."""

    score: Annotated[float, Field(gt=0, lt=1)]
