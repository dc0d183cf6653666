"""How to read what a network puts out: one table for each task, in its catalogue entry."""

from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from shared.attributes import COLOURS, unknown_in
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


Reliability = Annotated[float, Field(ge=0.5, le=1)]


class Flag(Settings):
    """One element of an output of flags: the probability of `yes`, else it is `no`.

    `yes_right` and `no_right` are how often each answer of the network is right, from its publisher
    or a measurement: 1 takes the network at its word, 0.5 makes the answer say nothing.
    """

    index: Annotated[int, Field(ge=0, le=255)]
    attribute: Name
    yes: Name
    no: Name
    yes_right: Reliability
    no_right: Reliability


class Choice(Settings):
    """One output that is the probabilities of `values`.

    `confusion`: a row for each true value, the percentages of what the network says of it, in the
    order of `values`; from its publisher or a measurement.
    """

    output: str
    attribute: Name
    values: Annotated[tuple[Name, ...], Field(min_length=2)]
    confusion: tuple[tuple[Annotated[float, Field(ge=0, le=100)], ...], ...]

    @model_validator(mode="after")
    def _square(self) -> Self:
        sides = {len(self.confusion), *(len(row) for row in self.confusion)}
        if sides != {len(self.values)} or not all(map(any, zip(*self.confusion, strict=True))):
            raise ValueError(
                f"confusion of {self.attribute} must be {len(self.values)} x {len(self.values)}, "
                "each value said at least once"
            )
        return self


class AttributesOutput(Settings):
    """How to read attributes of `object_class` from the outputs.

    `flags_output` is (N, flags, 1, 1), a probability each. `colour_points` names, for an attribute
    that is a colour, the output (N, 2, 1, 1) that says where on the crop to look: x and y, 0 to 1.
    """

    object_class: ObjectClass
    flags_output: str | None = None
    flags: tuple[Flag, ...] = ()
    choices: tuple[Choice, ...] = ()
    colour_points: dict[Name, str] = {}

    @property
    def outputs(self) -> tuple[str, ...]:
        """The names of the outputs that are read."""
        flags = () if self.flags_output is None else (self.flags_output,)
        choices = (choice.output for choice in self.choices)
        return (*flags, *choices, *self.colour_points.values())

    @model_validator(mode="after")
    def _known(self) -> Self:
        if bool(self.flags) != (self.flags_output is not None) or not self.outputs:
            raise ValueError("name the outputs: flags_output with flags, choices, colour_points")
        said = [
            *((flag.attribute, value) for flag in self.flags for value in (flag.yes, flag.no)),
            *((choice.attribute, value) for choice in self.choices for value in choice.values),
            *((name, COLOURS[0].value) for name in self.colour_points),
        ]
        unknown = [wrong for pair in said for wrong in unknown_in(self.object_class, dict([pair]))]
        if unknown:
            raise ValueError(f"not in the label sets (shared/attributes.py): {', '.join(unknown)}")
        return self


class PlateDetectionOutput(Settings):
    """How to read plates' places from the output.

    `ssd`: (1, 1, N, 7) image, label, score, x1, y1, x2, y2 as parts of the input's sides; `label`
    is that of plates. `rows`: (1, N, 5) score, x1, y1, x2, y2, likewise, all of plates.
    """

    decode: Literal["ssd", "rows"]
    output: str
    label: Annotated[int, Field(ge=0)] = 0
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
